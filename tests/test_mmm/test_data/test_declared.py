"""What can be read two ways is read as the model file declares, and the report says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mmm.exceptions import DataError, SpecError
from tests.test_mmm.test_data.book import Book, read, spec, weekly

_ENDED = "The dates are the last day of their weeks (Sunday), as declared."


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
    ended = "date_marks" in data
    assert [one.says for one in panel.report.findings if one.name == "week_end"] == ended * [_ENDED]
    assert panel.weeks[0] == np.datetime64(first)
    assert (np.diff(panel.weeks) == np.timedelta64(7, "D")).all()


def test_a_declared_format_that_a_cell_does_not_follow(tmp_path: Path) -> None:
    book = _dates(weekly(), lambda d: d.strftime("%d/%m/%Y")).put(4, "week", "2024-01-29")
    with pytest.raises(DataError, match=r"row 6, column week: '2024-01-29' does not follow"):
        read(tmp_path, book, spec(data={"date_format": "%d/%m/%Y"}))


def test_a_week_start_that_the_dates_contradict(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="the dates are Mondays"):
        read(tmp_path, weekly(), spec(data={"week_start": "sunday"}))


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
