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
