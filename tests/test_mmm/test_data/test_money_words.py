"""What the name of a money column says: its currency and its unit, in many languages, and what only looks so."""

from __future__ import annotations

import pytest

from mmm.data.money_words import currency_of, unit_of


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("Spend (USD)", "USD"),
        ("Revenue EUR", "EUR"),
        ("USD spend TV", "USD"),
        ("Spend, USD", "USD"),
        ("cost_eur", "EUR"),
        ("tv_spend_usd", "USD"),
        ("spend_cad", "CAD"),
        ("spendUSD", "USD"),
        ("spendUsd", "USD"),
        ("Cost [£]", "GBP EGP"),
        ("Koszt zł", "PLN"),
        ("Koszt tys. zł", "PLN"),
        ("Umsatz k€", "EUR"),
        ("TEUR", "EUR"),
        ("Biaya (juta Rp)", "IDR"),
        ("Расходы, тыс. руб.", "RUB"),
        ("広告費（百万円）", "JPY"),
        ("广告费(万元)", "CNY"),
        ("Harcama TL", "TRY"),
        ("Spend TRY", "TRY"),
        ("Spend (DOP)", "DOP"),
        ("Sales R$", "BRL"),
        ("Spend kr", "SEK NOK DKK ISK CZK"),
        ("المبيعات ر.س", "SAR"),
    ],
)
def test_a_currency_in_a_name(name: str, codes: str) -> None:
    assert currency_of(name) == frozenset(codes.split())


@pytest.mark.parametrize("name", ["Spend USD (converted to EUR)", "Cost EUR/USD"])
def test_two_currencies_in_a_name(name: str) -> None:
    assert currency_of(name) == frozenset()


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Spend ALL",
            "Spend (ALL)",
            "SPEND TRY",
            "spend_try",
            "TOP spend",
            "Pen spend",
            "Cup final spend",
            "CAD spend",
        ),
        *("MAD Men spend", "Ron spend", "Euro 2024 spend", "spendAll", "Total Spent", "aud spend", "OOH spend", "PEN"),
        *("CRM spend", "tv_spend", "paid_search_spend", "Cost / Conv.", "Kosten", "GMV", "revenue", "Partners M"),
    ],
)
def test_no_currency_in_a_name(name: str) -> None:
    assert currency_of(name) is None


@pytest.mark.parametrize(
    ("name", "worth"),
    [
        ("cost_micros", "0.000001"),
        ("TV (k€)", "1000"),
        ("Spend (000)", "1000"),
        ("Spend (in 1.000 €)", "1000"),
        ("Koszt tys. zł", "1000"),
        ("Расходы, тыс. руб.", "1000"),
        ("Biaya (ribu Rp)", "1000"),
        ("Biaya (rb)", "1000"),
        ("Harcama (bin TL)", "1000"),
        ("Custo (R$ mil)", "1000"),
        ("Náklady tis. Kč", "1000"),
        ("Költség (eFt)", "1000"),
        ("الإنفاق (بالألف ريال)", "1000"),
        ("広告費(千円)", "1000"),
        ("kPLN", "1000"),
        ("广告费(万元)", "10000"),
        ("Spend Rs. Lakh", "100000"),
        ("Spend (₹ Cr)", "10000000"),
        ("広告費（百万円）", "1000000"),
        ("Biaya (juta Rp)", "1000000"),
        ("Biaya jt", "1000000"),
        ("Budget mln zł", "1000000"),
        ("Расходы млн руб", "1000000"),
        ("الإنفاق بالمليون", "1000000"),
        ("Umsatz Mio €", "1000000"),
        ("Spend $m", "1000000"),
        ("chi phí (triệu VND)", "1000000"),
        ("Spend bn", "1000000000"),
        ("Harcama milyar TL", "1000000000"),
        ("Koszt mld zł", "1000000000"),
    ],
)
def test_a_unit_in_a_name(name: str, worth: str) -> None:
    told = unit_of(name)
    assert told is not None
    assert told[1] == worth


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Bin spend",
            "RB Leipzig spend",
            "Spend LAC",
            "Top 1000 spend",
            "TV1000",
            "Partners M",
            "Offers m",
            "Total Spent",
        ),
        *("Cost per mille", "Amount spent (PLN)", "tv_spend", "Mila spend", "Emil", "CR7 spend", "Spend (USD)"),
    ],
)
def test_no_unit_in_a_name(name: str) -> None:
    assert unit_of(name) is None
