"""Money as the world writes it: without cents, in a header's currency or unit, in currencies without decimals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.test_mmm.test_data.test_sources.room import named, read, refused, write

TV: dict[str, Any] = {"file": "ads.csv", "date": "date", "metrics": {"tv_spend": "Cost"}}


def cells(folder: Path, *texts: str, header: str = "Cost") -> None:
    """Write one column of money, a week a row."""
    lines = [f'2024-01-{1 + 7 * t:02d},"{text}"' for t, text in enumerate(texts)]
    write(folder, {"ads.csv": "\n".join([f'date,"{header}"', *lines]) + "\n"})


def money(folder: Path, source: dict[str, Any], **changes: Any) -> list[float]:
    facts, _ = read(folder, source, **changes)
    return [float(x) for x in facts.table["value"].to_pylist()]


class TestNoCents:
    def test_a_dash_for_the_cents(self, tmp_path: Path) -> None:
        cells(tmp_path, "Rp 1.680.000,-", "Rp 3.910.000,-", "Rp 980,-")
        facts, log = read(tmp_path, TV, currency="IDR")
        assert facts.table["value"].to_pylist() == [1_680_000.0, 3_910_000.0, 980.0]
        assert "In 3 cells, a dash in the place of the cents" in named(log, "no_cents").says

    def test_it_shows_the_decimal_mark_of_the_others(self, tmp_path: Path) -> None:
        cells(tmp_path, "1.680,-", "3.910", "320,50")
        assert money(tmp_path, TV) == [1680.0, 3910.0, 320.5]

    def test_three_decimals_beside_it_are_a_question(self, tmp_path: Path) -> None:
        cells(tmp_path, "1.680,-", "3,910", "320,-")
        assert "'3,910' can be read as 3.910 and as 3910" in refused(tmp_path, TV)

    def test_two_minus_signs(self, tmp_path: Path) -> None:
        cells(tmp_path, "5", "(-5)", "7")
        assert "row 3, column Cost: '(-5)' says twice that it is below zero" in refused(tmp_path, TV)


class TestWithoutDecimals:
    """Where a currency has no decimals, 1.250 is 1250: of whole units only, and of that currency only."""

    def test_whole_units(self, tmp_path: Path) -> None:
        cells(tmp_path, "1.250", "Rp 2.251")
        assert money(tmp_path, TV, currency="IDR") == [1250.0, 2251.0]
        assert money(tmp_path, TV | {"units": {"Cost": 1}}, currency="IDR") == [1250.0, 2251.0]

    @pytest.mark.parametrize("text", ["1,250", "1.250"])
    def test_not_in_millions(self, text: str, tmp_path: Path) -> None:
        cells(tmp_path, text, text)
        said = refused(tmp_path, TV | {"units": {"Cost": 1e6}}, currency="IDR")
        assert "can be read as 1.250 and as 1250" in said
        assert "sources.ads.decimal" in said

    @pytest.mark.parametrize("text", ["USD 1.250", "$1,250", "¥1,250"])
    def test_not_with_the_sign_of_another(self, text: str, tmp_path: Path) -> None:
        cells(tmp_path, text, text)
        assert "and as 1250" in refused(tmp_path, TV | {"rates": {"USD": 16000}}, currency="IDR")

    def test_a_row_of_yen_has_no_euro_cells(self, tmp_path: Path) -> None:
        write(tmp_path, {"ads.csv": "date,Cost,currency\n2024-01-01,€1.250,JPY\n2024-01-08,¥1.250,JPY\n"})
        assert "and as 1250" in refused(tmp_path, TV | {"rates": {"JPY": 0.006}})


class TestLongNumbers:
    """Micros of rupiah or dong have 16 digits and more."""

    def test_micros(self, tmp_path: Path) -> None:
        cells(tmp_path, "1000000168000000", "123456789012000000")
        assert money(tmp_path, TV | {"units": {"Cost": 1e-6}}, currency="IDR") == pytest.approx(
            [1000000168.0, 123456789012.0], rel=1e-15
        )

    def test_undeclared(self, tmp_path: Path) -> None:
        cells(tmp_path, "1000000168000000", "1000000391000000")
        said = refused(tmp_path, TV, currency="IDR")
        assert "identifier" in said
        assert "sources.ads.units: {Cost: 0.000001} if it holds micros" in said

    def test_more_than_any_money(self, tmp_path: Path) -> None:
        cells(tmp_path, "1" * 19, "5")
        assert "identifier" in refused(tmp_path, TV | {"units": {"Cost": 1e-6}}, currency="IDR")

    def test_a_preset_knows_its_micros(self, tmp_path: Path) -> None:
        write(
            tmp_path,
            {
                "ads.csv": "segments.date,campaign.name,metrics.cost_micros\n"
                "2024-01-01,tv,1000000168000000\n2024-01-02,tv,1000000391000000\n"
            },
        )
        source = {"preset": "google_ads", "file": "ads.csv"}
        assert money(tmp_path, source, currency="IDR") == [1000000168.0, 1000000391.0]


class TestHeader:
    """A currency in the name of a column of money."""

    @pytest.mark.parametrize("header", ["Spend (USD)", "cost_usd", "Cost [$]"])
    def test_without_a_rate(self, header: str, tmp_path: Path) -> None:
        cells(tmp_path, "168", "391", header=header)
        said = refused(tmp_path, TV | {"metrics": {"tv_spend": header}}, currency="PLN")
        assert f"ads.csv, column {header}: the column's name speaks of USD" in said
        assert "sources.ads.rates: {USD: …}" in said
        assert "sources.ads.currency: PLN" in said

    def test_with_a_rate(self, tmp_path: Path) -> None:
        cells(tmp_path, "168", "zł 391", header="Spend ($)")
        source = TV | {"metrics": {"tv_spend": "Spend ($)"}, "rates": {"USD": 4}}
        facts, log = read(tmp_path, source, currency="PLN")
        assert facts.table["currency"].to_pylist() == ["USD", "PLN"]
        assert "taken to be in USD" in named(log, "header_currency").says

    @pytest.mark.parametrize("more", [{}, {"currency": "PLN"}])
    def test_at_home_or_declared(self, more: dict[str, str], tmp_path: Path) -> None:
        header = "Spend (USD)" if more else "Spend (PLN)"
        cells(tmp_path, "168", "391", header=header)
        facts, log = read(tmp_path, TV | {"metrics": {"tv_spend": header}} | more, currency="PLN")
        assert facts.table["currency"].to_pylist() == ["PLN", "PLN"]
        assert not [one for one in log.findings if one.name == "header_currency"]

    def test_two_currencies(self, tmp_path: Path) -> None:
        cells(tmp_path, "168", "391", header="Cost EUR/USD")
        assert "two currencies" in refused(tmp_path, TV | {"metrics": {"tv_spend": "Cost EUR/USD"}})

    def test_against_the_rows(self, tmp_path: Path) -> None:
        write(tmp_path, {"ads.csv": "date,Cost USD,Currency\n2024-01-01,168,USD\n2024-01-08,391,EUR\n"})
        source = TV | {"metrics": {"tv_spend": "Cost USD"}, "rates": {"USD": 0.9}}
        assert "row 3: the row is in EUR, and the name of the column of money says USD" in refused(tmp_path, source)
        facts, _ = read(tmp_path, source | {"currency_column": "Currency"})
        assert facts.table["currency"].to_pylist() == ["USD", "EUR"]

    def test_home_against_the_rows(self, tmp_path: Path) -> None:
        write(tmp_path, {"ads.csv": "date,Cost (EUR),Account currency\n2024-01-01,168,EUR\n2024-01-08,391,USD\n"})
        source = TV | {"metrics": {"tv_spend": "Cost (EUR)"}, "rates": {"USD": 0.9}}
        assert "row 3: the row is in USD, and the name of the column of money says EUR" in refused(tmp_path, source)

    def test_a_dollar_of_the_rows(self, tmp_path: Path) -> None:
        write(tmp_path, {"ads.csv": "date,Cost $,Currency\n2024-01-01,168,CAD\n2024-01-08,391,USD\n"})
        source = TV | {"metrics": {"tv_spend": "Cost $"}, "rates": {"USD": 0.9, "CAD": 0.7}}
        assert read(tmp_path, source)[0].table["currency"].to_pylist() == ["CAD", "USD"]

    @pytest.mark.parametrize(
        ("column", "metric", "says"),
        [
            ("Value", "Cost (USD)", "column Cost (USD): the column's name speaks of USD"),
            ("Value EUR", "Cost (USD)", "'Value EUR' and 'Cost (USD)' speak of two currencies"),
            ("Value", "Cost (k€)", "column Cost (k€): the column's name speaks of thousands"),
        ],
    )
    def test_in_the_name_of_a_row(self, column: str, metric: str, says: str, tmp_path: Path) -> None:
        rows = "\n".join(f"2024-01-{day:02d},{metric},168" for day in (1, 8, 15))
        write(tmp_path, {"ads.csv": f"date,kind,{column}\n{rows}\n"})
        source = TV | {"metrics": {"tv_spend": metric}, "metric": "kind", "value": column}
        assert says in refused(tmp_path, source)

    def test_no_money(self, tmp_path: Path) -> None:
        write(tmp_path, {"ads.csv": "date,price_usd\n2024-01-01,168\n2024-01-08,391\n"})
        facts, _ = read(tmp_path, TV | {"metrics": {"price": "price_usd"}})
        assert facts.table["currency"].to_pylist() == [None, None]


class TestColumnOfCodes:
    @pytest.mark.parametrize("name", ["Waluta", "Mata uang", "العملة", "Para birimi", "Moeda", "通貨", "Currency code"])
    def test_in_other_languages(self, name: str, tmp_path: Path) -> None:
        write(tmp_path, {"ads.csv": f"date,Cost,{name}\n2024-01-01,168,EUR\n2024-01-08,391,USD\n"})
        facts, _ = read(tmp_path, TV | {"rates": {"USD": 0.9}})
        assert facts.table["currency"].to_pylist() == ["EUR", "USD"]

    def test_under_any_name(self, tmp_path: Path) -> None:
        write(tmp_path, {"ads.csv": "date,Cost,Konto\n2024-01-01,168,EUR\n2024-01-08,391,USD\n2024-01-15,5,\n"})
        said = refused(tmp_path, TV)
        assert "ads.csv, row 3, column Konto: the column is not used, holds currencies (EUR, USD)" in said
        assert "sources.ads.currency_column: Konto" in said
        assert money(tmp_path, TV | {"currency": "EUR"}) == [168.0, 391.0, 5.0]
        facts, _ = read(tmp_path, TV | {"currency_column": "Konto"})
        assert facts.table["currency"].to_pylist() == ["EUR", "USD", "EUR"]

    @pytest.mark.parametrize("texts", [("EUR", "EUR"), ("ALL", "ALL"), ("ALL", "TOP"), ("USD", "no"), ("", "")])
    def test_what_is_no_question(self, texts: tuple[str, str], tmp_path: Path) -> None:
        write(tmp_path, {"ads.csv": f"date,Cost,Konto\n2024-01-01,168,{texts[0]}\n2024-01-08,391,{texts[1]}\n"})
        assert money(tmp_path, TV) == [168.0, 391.0]

    def test_two_of_them(self, tmp_path: Path) -> None:
        write(tmp_path, {"ads.csv": "date,Cost,Currency,Waluta\n2024-01-01,168,EUR,USD\n2024-01-08,391,EUR,USD\n"})
        assert "'Currency' and 'Waluta' may both" in refused(tmp_path, TV)
        assert money(tmp_path, TV | {"currency_column": "Currency"}) == [168.0, 391.0]

    def test_a_dollar_is_the_rows_dollar(self, tmp_path: Path) -> None:
        write(tmp_path, {"ads.csv": "date,Cost,Currency\n2024-01-01,$168,CAD\n2024-01-08,$391,USD\n"})
        facts, _ = read(tmp_path, TV | {"rates": {"CAD": 0.7}}, currency="USD")
        assert facts.table["currency"].to_pylist() == ["CAD", "USD"]
