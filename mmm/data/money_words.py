"""What the name of a money column says: in which currency it is, and whether in thousands or millions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from mmm.data.currencies import CODES, ISO_CODES, PLAIN_WORDS, SIGNS

#: Codes that are words, too: they count in brackets, or behind other words.
_WORDS = frozenset({"TRY", "MAD", "PEN", "COP", "PHP", "RON", "CAD", "SOS", "GEL", "MOP", "BAM", "BOB", "ANG", "LAK"})
#: Codes that are words in small letters, even at the end.
_SMALL = frozenset({"try", "mad", "pen", "cop"})
#: Codes that are words or their beginnings in small letters, before others.
_SMALL_LAST = _WORDS | {"AUD", "SEK", "ILS", "RUB", "NOK", "SAR", "ARS"}
_LOCAL = {
    r"zł|złotych|złote|złoty": "PLN", "Kč": "CZK", r"руб\.?|рублей|рубли": "RUB", "грн": "UAH", r"лв\.?": "BGN",
    r"Rp\.?|rupiah": "IDR", r"ر\.س": "SAR", r"د\.إ": "AED", r"ج\.م": "EGP",
}  # fmt: skip
#: Words that are something else in the middle of a name.
_LAST = {
    r"TL|lira": "TRY", "RM|ringgit": "MYR", r"[Kk]r\.?|[Kk]ronor|[Kk]roner": "SEK NOK DKK ISK CZK", "[Ll]ei": "RON",
    "Ft|forint": "HUF", r"Rs\.?|[Rr]upees": "INR PKR LKR", "zl": "PLN", "Kc": "CZK", "[Ee]uros?": "EUR",
    r"[Pp]ounds?": "GBP EGP", "[Yy]en": "JPY", "[Dd]ollars?": " ".join(SIGNS["$"]), r"SFr\.?": "CHF",
}  # fmt: skip
_LETTERED = "|".join(re.escape(sign) for sign in SIGNS if len(sign) > 1 and sign.endswith("$"))
_SYMBOL = re.compile(rf"(?<![^\W_])(?:{_LETTERED})|[€£¥₹₩₽₺₪₫₴₦₱฿$]", re.IGNORECASE)
_HAN = re.compile(r"(?:(?<=[\s(\[万億亿千百])|^)[円元](?=$|[\s)\]])")
_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_WORD = re.compile(r"[^\W_]+")
_CODE = "|".join(sorted(CODES))
_CAMEL = re.compile(rf"(?<=[a-z])({_CODE}|{'|'.join(code.title() for code in sorted(CODES - _WORDS))})(?![a-z])")
_BEFORE_CODE = re.compile(rf"[kKtTmM]({_CODE})")


def currency_of(name: str) -> frozenset[str] | None:
    """Return the ISO codes that the name of a money column may mean; None where it names no currency.

    Parameters
    ----------
    name : str
        As in ``Spend (USD)``, ``cost_eur`` or ``Koszt tys. zł``.

    Returns
    -------
    frozenset of str or None
        Several for a sign that currencies share; empty where the name speaks of two currencies.
    """
    text = unicodedata.normalize("NFKC", name)
    found = [*_codes(text), *_signs(text)]
    return frozenset.intersection(*found) if found else None


def _codes(text: str) -> Iterator[frozenset[str]]:
    """Yield what ISO codes in a name mean."""
    words = _WORD.findall(text)
    inside = {word for part in _BRACKETS.findall(text) for word in _WORD.findall(part)}
    shouted = text.upper() == text
    for i, word in enumerate(words):
        code, last = word.upper(), 0 < i == len(words) - 1
        if code in PLAIN_WORDS:
            continue
        if word in inside:
            known = word in ISO_CODES or (code in CODES and word not in _SMALL)
        elif word == code:
            known = (code in CODES and code not in _WORDS) or (last and not shouted and code in ISO_CODES)
        else:
            known = code in CODES and word.islower() and (code not in _SMALL_LAST or last) and word not in _SMALL
        if known:
            yield frozenset({code})
        elif (prefixed := _BEFORE_CODE.fullmatch(word)) is not None:
            yield frozenset({prefixed.group(1)})
    for code in _CAMEL.findall(text):
        yield frozenset({code.upper()})


def _signs(text: str) -> Iterator[frozenset[str]]:
    """Yield what signs and local abbreviations in a name mean."""
    for sign in _SYMBOL.findall(text):
        yield SIGNS[sign.casefold()]
    for sign in _HAN.findall(text):
        yield SIGNS[sign]
    for pattern, codes in _LOCAL.items():
        if re.search(rf"(?<![^\W_])(?:{pattern})(?![^\W_])", text):
            yield frozenset(codes.split())
    for pattern, codes in _LAST.items():
        if re.search(rf"(?<=[\s_(\[.])(?:{pattern})(?=[)\]]|\s*\Z)", text):
            yield frozenset(codes.split())


# ---- units ---------------------------------------------------------------------------------------------------------

#: Beside which a short word is a unit: a bracket, a sign or a code.
_MONEY = (
    rf"(?:[€£¥₹₩₽₺₪₫₴₦₱฿$]|(?<![^\W_])(?:r|us)\$|(?<![^\W_])(?:{_CODE}|rp|rs|tl|zł|zl|kč|kc|lei|ft|kr|reais|euros?)\b)"
)
_SIGN = "[€£$¥₹₺]"


def _whole(words: str, short: str = "", joined: str = "") -> re.Pattern[str]:
    """Match words that stand alone, short ones that stand beside money, and letters joined to money."""
    parts = [rf"(?<![^\W_])(?:{words})(?![^\W_])"]
    if short:
        parts += [
            rf"[(\[]\s*(?:in |em |w |dalam )?(?:{short})\.?\s*(?:{_MONEY})?\s*[)\]]",
            rf"(?<![^\W_])(?:{short})\.?\s*{_MONEY}",
            rf"{_MONEY}[.]?\s*(?:{short})(?![^\W_])",
        ]
    if joined:
        parts += [
            rf"(?<![^\W_])(?:{joined})(?:{_SIGN}|(?:{_CODE})(?![^\W_]))",
            rf"(?:{_SIGN}|(?<![^\W_])(?:{_CODE}))(?:{joined})(?![^\W_])",
        ]
    return re.compile("|".join(parts), re.IGNORECASE)


#: (what a name speaks of, its worth, how it says so); the larger first, as in "mil millones".
_UNITS: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    ("micros", "0.000001", _whole("micros?")),
    ("billions", "1000000000", _whole(
        r"billions?|milliards?|milliarden|miliard(?:y|ów|i)|miljard(?:er|en)?|milyar|miliar|mil millones"
        r"|bn|mld|mlrd|mrd|млрд|миллиард\w*|(?:بال|ال|ب)?مليار\w*|tỷ", "bln", "bn")),
    ("millions", "1000000", _whole(
        r"millions?|millionen|millones|milhões|milhoes|milioni|milion(?:y|ów)|miljoen|miljoner|milyon|millió|triệu"
        r"|juta|jt|mio|mln|mkr|млн|миллион\w*|(?:بال|ال|ب)?(?:مليون|ملايين)\w*|백만원?|ล้านบาท",
        "m|mm|mn", "m|mm|mn|mio")),
    ("crores (tens of millions)", "10000000", _whole("crores?", "crs?")),
    ("lakhs (hundreds of thousands)", "100000", _whole("lakhs?|lacs", "lac")),
    ("ten thousands", "10000", _whole("만원?")),
    ("thousands", "1000", _whole(
        r"'?0{3}s?|x\s?1[., ']?000|in 1[., ']?000|thousands?|tsd|tausend|milliers|miles|milhares|migliaia"
        r"|duizend(?:en)?|tusen|tkr|tys|тыс|тысяч\w*|хил|e\s?Ft|ribu|ribuan|(?:بال|ال|ب)?(?:ألف|آلاف|الف)|천원?|nghìn|ngàn",
        r"x?1[., ']?000|bin|mil|mila|rb|tis|mii|ezer|k|t", "k|t")),
)  # fmt: skip
_HAN_UNITS = {"百万": "1000000", "千万": "10000000", "億|亿": "100000000", "万|萬": "10000", "千": "1000"}
_K = re.compile(r"[\W_]k(?:$|[)\]])")


def unit_of(name: str) -> tuple[str, str] | None:
    """Return what the name of a money column says of its unit: (in words, the worth of 1); None for whole units."""
    text = unicodedata.normalize("NFKC", name)
    for unit, worth in _HAN_UNITS.items():
        found = re.search(rf"(?:{unit})(?=[円元])|(?<=[(\[])(?:{unit})(?=[)\]])", text)
        if found is not None:
            return f"{found.group()} ({int(worth):,})", worth
    for says, worth, pattern in _UNITS:
        if pattern.search(text):
            return says, worth
    return ("thousands", "1000") if _K.search(text.casefold()) else None


def bare(name: str) -> str:
    """Return a money column's name without its currency and unit: ``Spend TV (USD)`` is about ``Spend TV``."""

    def says_money(part: str) -> bool:
        return currency_of(f"x ({part})") is not None or unit_of(f"x ({part})") is not None

    left = _BRACKETS.sub(lambda found: " " if says_money(found.group(1)) else found.group(), name).strip()
    words = re.split(r"([\s_]+)", left)
    while len(words) > 2 and (currency_of(f"x {words[-1]}") is not None or unit_of(f"x {words[-1]}") is not None):
        words = words[:-2]
    return "".join(words)
