"""Currency signs in cells: which currencies each may stand for."""

from __future__ import annotations

import re

_DOLLARS = frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "ARS", "CLP", "COP", "TWD", "BRL"})
_CROWNS = frozenset({"SEK", "NOK", "DKK", "ISK", "CZK"})
#: Sign or local abbreviation (case folded) → ISO codes it may mean.
SIGNS: dict[str, frozenset[str]] = {
    "$": _DOLLARS,
    "us$": frozenset({"USD"}),
    "ca$": frozenset({"CAD"}),
    "a$": frozenset({"AUD"}),
    "nz$": frozenset({"NZD"}),
    "s$": frozenset({"SGD"}),
    "hk$": frozenset({"HKD"}),
    "nt$": frozenset({"TWD"}),
    "mx$": frozenset({"MXN"}),
    "r$": frozenset({"BRL"}),
    "€": frozenset({"EUR"}),
    "£": frozenset({"GBP", "EGP"}),
    "¥": frozenset({"JPY", "CNY"}),
    "円": frozenset({"JPY"}),
    "元": frozenset({"CNY"}),
    "₹": frozenset({"INR"}),
    "rs.": frozenset({"INR", "PKR", "LKR"}),
    "rs": frozenset({"INR", "PKR", "LKR"}),
    "₩": frozenset({"KRW"}),
    "₽": frozenset({"RUB"}),
    "руб.": frozenset({"RUB"}),
    "руб": frozenset({"RUB"}),
    "₺": frozenset({"TRY"}),
    "tl": frozenset({"TRY"}),
    "₪": frozenset({"ILS"}),
    "₫": frozenset({"VND"}),
    "₴": frozenset({"UAH"}),
    "₦": frozenset({"NGN"}),
    "₱": frozenset({"PHP"}),
    "฿": frozenset({"THB"}),
    "rp": frozenset({"IDR"}),
    "rp.": frozenset({"IDR"}),
    "rm": frozenset({"MYR"}),
    "zł": frozenset({"PLN"}),
    "zl": frozenset({"PLN"}),
    "kč": frozenset({"CZK"}),
    "kc": frozenset({"CZK"}),
    "ft": frozenset({"HUF"}),
    "lei": frozenset({"RON"}),
    "лв": frozenset({"BGN"}),
    "лв.": frozenset({"BGN"}),
    "kr": _CROWNS,
    "kr.": _CROWNS,
    "sfr.": frozenset({"CHF"}),
    "fr.": frozenset({"CHF"}),
    "د.إ": frozenset({"AED"}),
    "ر.س": frozenset({"SAR"}),
    "ج.م": frozenset({"EGP"}),
}
#: ISO codes that are read in cells.
CODES = frozenset(
    re.findall(
        r"[A-Z]{3}",
        "AED ARS AUD BDT BGN BHD BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR ISK JOD JPY KES KRW "
        "KWD LKR MAD MXN MYR NGN NOK NZD OMR PEN PHP PKR PLN QAR RON RSD RUB SAR SEK SGD THB TND TRY TWD UAH USD UYU "
        "VND ZAR",
    )
)
SIGNS |= {code.casefold(): frozenset({code}) for code in CODES}
#: Currencies that are written without decimals: a point or comma before three digits parts the thousands.
NO_DECIMALS = frozenset({"IDR", "JPY", "KRW", "VND", "CLP", "ISK", "PYG", "UGX", "HUF"})
#: All codes of ISO 4217 that are money of a country.
ISO_CODES = CODES | frozenset(
    re.findall(
        r"[A-Z]{3}",
        "AFN ALL AMD ANG AOA AWG AZN BAM BBD BIF BMD BND BOB BSD BTN BWP BYN BZD CDF CRC CUP CVE DJF DOP DZD ERN ETB "
        "FJD FKP GEL GHS GIP GMD GNF GTQ GYD HNL HTG IQD IRR JMD KGS KHR KMF KPW KYD KZT LAK LBP LRD LSL LYD MDL MGA "
        "MKD MMK MNT MOP MRU MUR MVR MWK MZN NAD NIO NPR PAB PGK PYG RWF SBD SCR SDG SHP SLE SOS SRD SSP STN SYP SZL "
        "TJS TMT TOP TTD TZS UGX UZS VES VUV WST XAF XCD XOF XPF YER ZMW ZWG",
    )
)
#: Codes that are words oftener than currencies.
PLAIN_WORDS = frozenset({"ALL", "TOP", "CUP"})
#: Names of a column that holds a currency code per row, as :func:`mmm.data.reading.name_key` writes them.
COLUMN_NAMES = frozenset(
    word + code
    for word in (
        *("currency", "ccy", "währung", "waehrung", "devise", "moneda", "valuta", "valută", "waluta", "mata uang"),
        *("matauang", "mata_uang", "العملة", "عملة", "رمز العملة", "para birimi", "para_birimi", "döviz", "divisa"),
        *(
            "moeda",
            "monnaie",
            "货币",
            "币种",
            "幣別",
            "通貨",
            "통화 코드",
            "통화코드",
            "валюта",
            "měna",
            "pénznem",
            "deviza",
        ),
        *(
            "νόμισμα",
            "מטבע",
            "tiền tệ",
            "สกุลเงิน",
            "account currency",
            "account_currency",
            "kod waluty",
            "kode mata uang",
        ),
        *("währungscode", "code devise", "código de moneda", "codigo de moneda", "código da moeda", "valutacode"),
        *("código de divisa", "codice valuta", "valutakod", "valutakode", "код валюты", "通貨コード", "货币代码"),
    )
    for code in ("", " code", "_code", " (iso)")
)
_SIGN = "|".join(re.escape(sign) for sign in sorted(SIGNS, key=len, reverse=True))
_BEFORE = re.compile(rf"({_SIGN})\s*(?=[\d(.,+-]|\u2014)", re.IGNORECASE)
_AFTER = re.compile(rf"(?<=[\d).,\u2014-])\s*({_SIGN})\Z", re.IGNORECASE)


def split_sign(text: str) -> tuple[str, str | None]:
    """Take a currency sign or code off the front or the end of a number; returns (rest, sign or None)."""
    sign: str | None = None
    lead = text[0] if text[:1] in ("-", "+", "(") else ""
    before = _BEFORE.match(text, len(lead))
    if before is not None:
        sign, text = before.group(1), lead + text[before.end() :]
    else:
        close = ")" if text.endswith(")") else ""
        body = text.removesuffix(")")
        after = _AFTER.search(body)
        if after is not None:
            sign, text = after.group(1), body[: after.start()] + close
    return text.strip(), None if sign is None else sign.casefold()
