"""Repairs that the list of hostile inputs does not name, and what a ledger says of the rows left out."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from mmm.findings import Severity
from tests.test_mmm.test_data.book import Book, named, read, spec, weekly


def test_a_total_that_differs_is_told(tmp_path: Path) -> None:
    panel = read(tmp_path, weekly().text() + "Summe,1.00,,,,,\n")
    finding = named(panel, "total_differs")
    assert finding.severity is Severity.WARNING
    assert finding.where == "weekly.csv, row 62, column revenue"


@pytest.mark.parametrize("word", ["Łącznie", "OGÓŁEM:", "Jumlah", "الإجمالي", "Общий итог", "总计", "Gesamtergebnis"])
def test_a_total_below_is_none_of_the_weeks_in_any_language(word: str, tmp_path: Path) -> None:
    panel = read(tmp_path, weekly().text() + f"{word},1.00,,,,,\n")
    assert panel.n_weeks == 60
    assert named(panel, "total_differs").severity is Severity.WARNING


def _geo_book(names: tuple[str, ...]) -> Book:
    book = weekly(30)
    rows = [[*row, name] for row in book.rows for name in names]
    return Book([*book.header, "region"], rows)


def test_a_geo_that_is_the_sum_of_the_others_is_none(tmp_path: Path) -> None:
    book = _geo_book(("north", "south"))
    once = read(tmp_path, book, spec(data={"geo": "region"}))
    figures = [i for i, name in enumerate(book.header) if name not in ("week", "price", "region")]
    for row in [row for row in book.rows if row[-1] == "north"]:
        book.rows.append(
            [*(f"{2 * float(cell):.2f}" if i in figures else cell for i, cell in enumerate(row[:-1])), "Razem"]
        )
    panel = read(tmp_path, book, spec(data={"geo": "region"}))
    assert panel.geos == ("north", "south")
    assert np.array_equal(panel.outcome, once.outcome)
    assert "30 rows excluded: 'Razem' in the column 'region'" in named(panel, "dated_totals").says
    assert not [finding for finding in panel.report.findings if finding.name == "geo_left_out"]


def test_an_unbalanced_geo_is_named(tmp_path: Path) -> None:
    book = _geo_book(("north", "south"))
    del book.rows[11]
    panel = read(tmp_path, book, spec(data={"geo": "region"}))
    assert "1 of 60 geo-weeks (1.7 %) have no row: 'south' 2024-02-05" in named(panel, "unbalanced").says


def test_the_week_that_is_not_over_is_left_out(tmp_path: Path) -> None:  # row 41
    book = weekly()
    panel = read(tmp_path, book, today=date(2025, 2, 20))
    assert panel.n_weeks == 59
    assert "not over on 2025-02-20" in named(panel, "week_not_over").says
    (item,) = panel.report.ledger.excluded
    assert (item.rows, item.spend["tv"]) == (1, float(book.cells("tv_spend")[-1]))


def test_daily_rows_are_summed_by_rule(tmp_path: Path) -> None:  # row 40, within one file
    book = weekly(70, date(2024, 1, 3), step=1)
    panel = read(tmp_path, book, spec(channels={"tv": {"spend": "tv_spend"}}, organic=[], controls=["price"]))
    assert panel.weeks[0] == np.datetime64("2024-01-08")
    assert panel.n_weeks == 9
    week = slice(5, 12)
    assert panel.spend[0, 0, 0] == pytest.approx(sum(map(float, book.cells("tv_spend")[week])))
    assert panel.controls[0, 0, 0] == pytest.approx(np.mean([float(x) for x in book.cells("price")[week]]))
    assert "summed" in named(panel, "daily_to_weekly").says
    assert sum(item.rows for item in panel.report.ledger.excluded) == 7


def test_a_value_per_outcome_keeps_the_money_of_the_days(tmp_path: Path) -> None:
    book = weekly(63, step=1)
    declared = spec(
        data={"value_per_outcome": "price"}, channels={"tv": {"spend": "tv_spend"}}, organic=[], controls=[]
    )
    panel = read(tmp_path, book, declared)
    days = sum(float(a) * float(b) for a, b in zip(book.cells("revenue"), book.cells("price"), strict=True))
    assert float((panel.outcome * panel.value_per_outcome).sum()) == pytest.approx(days, rel=1e-12)
