"""Lines 33–44: time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np

from mmm.data import Panel
from tests.test_mmm.test_data.book import Book, weekly
from tests.test_mmm.test_data.test_hostile.case import Case, asked, error, repaired


def dates(book: Book, write: Callable[[date], str]) -> Book:
    return book.each("week", lambda x: write(date.fromisoformat(x)))


def moved(days: int, step: int = 1) -> Book:
    """Return the clean file with every date moved."""
    return dates(weekly(), lambda day: (day + timedelta(days=days * step)).isoformat())


def _doubtful() -> Book:
    """The Mondays of a year whose day could be a month, two a month."""
    book = weekly()
    months = [row[0][:7] for row in book.rows if int(row[0][8:]) <= 12]
    return Book(book.header, [row for row in book.rows if int(row[0][8:]) <= 12 and months.count(row[0][:7]) == 2])


def _short(form: str) -> Callable[[Book], Book]:
    return lambda _: dates(_doubtful(), lambda day: day.strftime(form))


def _ambiguous(book: Book) -> Book:
    return dates(book, lambda day: day.strftime("%d/%m/%Y"))


def _serials(book: Book) -> Book:
    return dates(book, lambda day: str((day - date(1899, 12, 30)).days))


def _hole(book: Book) -> Book:
    del book.rows[20]
    return book


def _filled(panel: Panel) -> bool:
    """The week has no spend; the outcome stands on the line between its neighbours."""
    neighbours = panel.outcome[0, [19, 21]]
    return (
        panel.n_weeks == 60 and not panel.spend[:, 0, 20].any() and abs(panel.outcome[0, 20] - neighbours.mean()) < 1e-9
    )


def _repeat(book: Book) -> Book:
    book.rows.insert(4, list(book.rows[3]))
    return book


def _other_repeat(book: Book) -> Book:
    book.rows.insert(4, [*book.rows[3][:-1], "1.00"])
    return book


def _reversed(book: Book) -> Book:
    book.rows.reverse()
    return book


def _future() -> Book:
    return weekly(60, date(2089, 1, 3))


def _ranges(book: Book) -> Book:
    """The outcome begins two weeks late, the media end a week early."""
    for i in (0, 1):
        book.put(i, "revenue", "")
    for name in ("tv_spend", "search_spend", "clicks", "news"):
        book.put(59, name, "")
    return book


def _overlap() -> Book:
    book = weekly()
    return Book(book.header, book.rows[2:59])


def _declared(**data: Any) -> Mapping[str, Any]:
    return {"data": data}


def starts(day: str) -> Callable[[Panel], bool]:
    """Judge: the first week, and no gap after it."""
    return lambda p: str(p.weeks[0]) == day and bool((np.diff(p.weeks) == np.timedelta64(7, "D")).all())


_GAPS = {"data": {"gaps": "no_spend"}}

CASES: list[Case] = [
    asked(
        33,
        "day first",
        _short("%d/%m/%Y"),
        "day first or month first",
        "row 2, column week",
        "data.date_format",
        option=_declared(date_format="%d/%m/%Y"),
        model=_GAPS,
        truth=_doubtful,
        truth_model=_GAPS,
    ),
    asked(
        33,
        "month first",
        _short("%m/%d/%Y"),
        "day first or month first",
        "row 2, column week",
        "data.date_format",
        option=_declared(date_format="%m/%d/%Y"),
        model=_GAPS,
        truth=_doubtful,
        truth_model=_GAPS,
    ),
    asked(
        33,
        "two-digit year",
        lambda b: dates(b, lambda day: day.strftime("%d.%m.%y")),
        "two-digit year",
        "row 2, column week",
        "data.date_format",
        option=_declared(date_format="%d.%m.%y"),
    ),
    repaired(33, "evident", _ambiguous, "date_order", "read day first", "column week"),
    error(
        34,
        "one cell",
        lambda b: b.put(5, "week", "05/02/2024"),
        "another way",
        "row 7, column week",
        "one way",
    ),
    error(
        34,
        "both orders",
        lambda b: dates(b, lambda d: f"{d.day}/{d.month}/{d.year}").put(30, "week", "07/29/2024"),
        "different order",
        "row 32, column week",
        "one way",
    ),
    error(
        34, "no such day", lambda b: b.put(5, "week", "2024-02-31"), "not a day of the", "row 7, column week", "Corr"
    ),
    repaired(35, "day numbers", _serials, "excel_dates", "45292' is 2024-01-01", "column week"),
    repaired(
        36, "midnight", lambda b: b.each("week", lambda x: x + "T00:00:00+02:00"), "time_of_day", "zone", "column week"
    ),
    repaired(
        36,
        "in a declared zone",
        lambda b: dates(b, lambda d: (d - timedelta(days=1)).isoformat() + "T23:30Z"),
        "",
        "",
        model=_declared(time_zone="Europe/Berlin"),
    ),
    asked(
        36,
        "an hour before midnight",
        lambda b: dates(b, lambda d: (d - timedelta(days=1)).isoformat() + "T23:30Z"),
        "which day it means depends on the zone",
        "row 2, column week",
        "data.time_zone",
        option=_declared(time_zone="Europe/Berlin"),
    ),
    asked(
        37,
        "ISO labels",
        lambda b: dates(b, lambda d: d.strftime("%G-W%V")),
        "ISO weeks",
        "row 2, column week",
        "data.date_format",
        option=_declared(date_format="%G-W%V"),
    ),
    asked(
        37,
        "Sundays first",
        lambda b: moved(-1),
        "Sundays, which may be the first or the last day",
        "",
        "data.week_start",
        option=_declared(week_start="sunday"),
        truth=None,
        judge=starts("2023-12-31"),
    ),
    asked(
        37,
        "Sundays last",
        lambda b: moved(6),
        "Sundays, which may be the first or the last day",
        "",
        "data.date_marks: last_day",
        option=_declared(date_marks="last_day"),
    ),
    asked(
        37,
        "week ending on Mondays",
        lambda b: Book(["Week ending", *b.header[1:]], b.rows),
        "'Week ending' seems to hold the last day of each week, and its dates are Mondays",
        "",
        "data.date_marks: last_day (weeks from Tuesday to Monday)",
        model=_declared(date="Week ending"),
        option=_declared(date_marks="last_day"),
        truth=None,
        judge=starts("2023-12-26"),
    ),
    error(
        38,
        "one week",
        _hole,
        "1 week missing: 2024-05-20",
        "",
        "data.gaps",
        option=_declared(gaps="no_spend"),
        truth=None,
        judge=_filled,
    ),
    repaired(39, "identical", _repeat, "duplicate_rows", "1 row excluded: an identical row", "row 6"),
    error(39, "different", _other_repeat, "in row 5 with different figures", "row 6, column week", "Keep one row"),
    repaired(
        41,
        "not over",
        lambda b: b,
        "week_not_over",
        "not over on 2025-02-20",
        "row 61",
        today=date(2025, 2, 20),
        truth=lambda: weekly(59),
        judge=lambda panel: panel.report.ledger.excluded[0].rows == 1,
    ),
    repaired(42, "reversed", _reversed, "unsorted", "order of their dates"),
    error(
        43,
        "all of them",
        lambda b: _future(),
        "60 dates after today",
        "",
        "data.allow_future",
        option=_declared(allow_future=True),
        truth=None,
        judge=starts("2089-01-03"),
    ),
    repaired(44, "in one file", _ranges, "no_overlap", "3 rows excluded", "rows 2, 3, 61", truth=_overlap),
]
