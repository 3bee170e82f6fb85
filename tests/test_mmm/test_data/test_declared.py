"""What can be read two ways is read as the model file declares, and the report says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mmm.exceptions import DataError, SpecError
from tests.test_mmm.test_data.book import Book, named, read, spec, weekly


@dataclass(frozen=True)
class Declared:
    """A damage, the option that settles it, and the figure that stands at one place."""

    row: int
    damage: Callable[[Book], Book]
    data: dict[str, Any]
    series: str
    value: float


def _cell(column: str, text: str) -> Callable[[Book], Book]:
    return lambda book: book.put(3, column, text)


def _every(column: str, text: str) -> Callable[[Book], Book]:
    return lambda book: book.each(column, lambda _: text).put(5, column, text.replace("1", "2"))


CASES = [
    Declared(18, _every("tv_spend", "1.234"), {"decimal": "."}, "tv", 1.234),
    Declared(
        18,
        lambda b: (
            b.each("tv_spend", lambda _: "1.234")
            .each("search_spend", lambda _: "9")
            .each("price", lambda _: "9")
            .each("revenue", lambda x: x.replace(".", ","))
        ),
        {"decimal": ","},
        "tv",
        1234,
    ),
    Declared(
        21, lambda b: b.each("price", lambda _: "5%").put(9, "price", "6%"), {"percent": "fraction"}, "price", 0.05
    ),
    Declared(21, lambda b: b.each("price", lambda _: "5%").put(9, "price", "6%"), {"percent": "points"}, "price", 5.0),
    Declared(23, _cell("tv_spend", ""), {"missing": {"tv_spend": "zero"}}, "tv", 0.0),
    Declared(
        23,
        lambda b: b.put(2, "price", "4").put(4, "price", "6").put(3, "price", ""),
        {"missing": {"price": "interpolate"}},
        "price",
        5.0,
    ),
    Declared(
        23, lambda b: b.put(2, "price", "4").put(3, "price", ""), {"missing": {"price": "previous"}}, "price", 4.0
    ),
    Declared(26, _every("tv_spend", "1500000"), {"units": {"tv_spend": 0.000001}}, "tv", 1.5),
    Declared(27, _every("tv_spend", "15"), {"units": {"tv_spend": 1000}}, "tv", 15000),
    Declared(28, _cell("tv_spend", "$10.00"), {"rates": {"USD": 0.9}}, "tv", 9.0),
    Declared(30, _cell("tv_spend", "-"), {"placeholder": "zero"}, "tv", 0.0),
    Declared(30, _cell("tv_spend", "n/a"), {"placeholder": "missing", "missing": {"tv_spend": "zero"}}, "tv", 0.0),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"row{case.row}-{next(iter(case.data))}-{case.value}")
def test_read_as_declared(case: Declared, tmp_path: Path) -> None:
    panel = read(tmp_path, case.damage(weekly()), spec(data=case.data))
    series = panel.spend[0] if case.series == "tv" else panel.controls[0]
    assert series[0, 3] == pytest.approx(case.value, rel=1e-12)


def _dates(book: Book, write: Callable[[date], str]) -> Book:
    return book.each("week", lambda x: write(date.fromisoformat(x)))


@pytest.mark.parametrize(
    ("write", "data", "first"),
    [
        (lambda d: d.strftime("%d/%m/%Y"), {"date_format": "%d/%m/%Y"}, "2024-01-01"),  # 33
        (lambda d: d.strftime("%m/%d/%y"), {"date_format": "%m/%d/%y"}, "2024-01-01"),
        (lambda d: d.strftime("%G-W%V"), {"date_format": "%G-W%V"}, "2024-01-01"),  # 37
        (lambda d: (d - timedelta(days=1)).isoformat(), {"week_start": "sunday"}, "2023-12-31"),
        (lambda d: (d - timedelta(days=1)).isoformat(), {"date_marks": "last_day"}, "2023-12-25"),
        (lambda d: (d - timedelta(days=2)).isoformat(), {"week_start": "saturday"}, "2023-12-30"),  # 72
        (lambda d: d.strftime("%d %b %Y"), {}, "2024-01-01"),
        (lambda d: d.strftime("%B %-d, %Y"), {}, "2024-01-01"),
        (lambda d: d.strftime("%d.%m.%Y"), {}, "2024-01-01"),
        (lambda d: d.strftime("%Y%m%d"), {}, "2024-01-01"),
        (lambda d: d.strftime("%m/%d/%Y"), {}, "2024-01-01"),
    ],
)
def test_dates_as_declared_or_evident(
    write: Callable[[date], str], data: dict[str, Any], first: str, tmp_path: Path
) -> None:
    panel = read(tmp_path, _dates(weekly(), write), spec(data=data))
    assert panel.weeks[0] == np.datetime64(first)
    assert (np.diff(panel.weeks) == np.timedelta64(7, "D")).all()


def test_a_declared_format_that_a_cell_does_not_follow(tmp_path: Path) -> None:
    book = _dates(weekly(), lambda d: d.strftime("%d/%m/%Y")).put(4, "week", "2024-01-29")
    with pytest.raises(DataError, match=r"row 6, column week: '2024-01-29' does not follow"):
        read(tmp_path, book, spec(data={"date_format": "%d/%m/%Y"}))


def test_a_week_start_that_the_dates_contradict(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="the dates are Mondays"):
        read(tmp_path, weekly(), spec(data={"week_start": "sunday"}))


def test_gaps_are_filled_without_spend(tmp_path: Path) -> None:  # 38
    book = weekly().put(19, "revenue", "4000").put(21, "revenue", "5000")
    spent = sum(map(float, book.cells("tv_spend"))) - float(book.cells("tv_spend")[20])
    del book.rows[20]
    panel = read(tmp_path, book, spec(data={"gaps": "no_spend"}))
    assert panel.n_weeks == 60
    assert panel.outcome[0, 20] == pytest.approx(4500)
    assert panel.spend[:, 0, 20].tolist() == [0, 0]
    assert panel.spend[0].sum() == pytest.approx(spent)
    assert "2024-05-20" in named(panel, "gaps_filled").says


def test_future_dates_where_they_are_allowed(tmp_path: Path) -> None:  # 43
    assert read(tmp_path, weekly(), spec(data={"allow_future": True}), today=date(2024, 6, 1)).n_weeks == 60


def test_an_encoding_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="'klingon' is not known") as caught:
        read(tmp_path, weekly(), spec(data={"encoding": "klingon"}))
    assert caught.value.exit_code == 2


def test_a_declared_encoding_is_obeyed(tmp_path: Path) -> None:
    book = weekly()
    book.header[6] = "prix_é"
    panel = read(tmp_path, book.text().encode("cp850"), spec(data={"encoding": "cp850"}, controls=["prix_é"]))
    assert panel.control_names == ("prix_é",)


def test_the_outcome_is_filled_only_where_it_is_named(tmp_path: Path) -> None:
    book = weekly().put(8, "revenue", "")
    with pytest.raises(DataError, match="column revenue: the number is missing"):
        read(tmp_path, book, spec(data={"missing": "zero"}))


def test_a_fill_has_no_value_before_the_first(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nothing to start from"):
        read(tmp_path, weekly().put(0, "price", ""), spec(data={"missing": {"price": "previous"}}))


def test_rates_of_a_currency_column(tmp_path: Path) -> None:
    book = weekly().add("currency", ["EUR"] * 30 + ["USD"] * 30)
    panel = read(tmp_path, book, spec(data={"rates": {"USD": 0.5}}))
    assert panel.spend[0, 0, 45] == pytest.approx(0.5 * float(book.cells("tv_spend")[45]))
    assert panel.spend[0, 0, 5] == pytest.approx(float(book.cells("tv_spend")[5]))
