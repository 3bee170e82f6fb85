"""Lines 12, 37, 40 and 44, and others again, where the data lie in several sources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.test_mmm.test_data.book import Book, weekly
from tests.test_mmm.test_data.test_hostile.attacks import contacts
from tests.test_mmm.test_data.test_hostile.case import Case, Outcome
from tests.test_mmm.test_data.test_hostile.weeks import starts

MEDIA = ("week", "tv_spend", "search_spend", "clicks", "news")
SALES = ("week", "revenue", "price")
SOURCES: Mapping[str, Any] = {
    "media": {"file": "media.csv", "date": "week"},
    "sales": {"file": "sales.csv", "date": "week"},
}


def part(book: Book, names: tuple[str, ...]) -> Book:
    """Return some columns of a book."""
    at = [book.column(name) for name in names]
    return Book(list(names), [[row[i] for i in at] for row in book.rows])


def _write(**files: Callable[[], Book | str]) -> Callable[[Path], None]:
    """Return a writer of ``media.csv`` and ``sales.csv``, or what stands in their place."""
    usual: dict[str, Callable[[], Book | str]] = {
        "media": lambda: part(weekly(), MEDIA),
        "sales": lambda: part(weekly(), SALES),
    }

    def write(folder: Path) -> None:
        for name, make in (usual | files).items():
            made = make()
            (folder / f"{name}.csv").write_text(made.text() if isinstance(made, Book) else made, encoding="utf-8")

    return write


def _half(first: bool) -> Callable[[], Book]:
    """Return one platform's part of what was spent and clicked on search."""

    def make() -> Book:
        book = part(weekly(), ("week", "search_spend", "clicks"))
        for row in book.rows:
            spend, clicks = round(float(row[1]) * 100), int(row[2])
            row[1] = f"{(spend // 3 if first else spend - spend // 3) / 100:.2f}"
            row[2] = str(clicks // 4 if first else clicks - clicks // 4)
        return book

    return make


def _daily() -> Book:
    """Return the media by day: a seventh of the week each, the rest on Sunday."""
    book = part(weekly(), MEDIA)
    days: list[list[str]] = []
    for row in book.rows:
        cents = [round(float(cell) * 100) for cell in row[1:]]
        for day in range(7):
            share = [c // 7 + (c - 7 * (c // 7)) * (day == 6) for c in cents]
            days.append([str(date.fromisoformat(row[0]) + timedelta(days=day)), *(f"{c / 100:.2f}" for c in share)])
    return Book(book.header, days)


def _moved(names: tuple[str, ...], days: int) -> Callable[[], Book]:
    def make() -> Book:
        return part(weekly(), names).each("week", lambda x: str(date.fromisoformat(x) + timedelta(days=days)))

    return make


def _later() -> Book:
    book = part(weekly(), SALES)
    return Book(book.header, book.rows[2:])


def _earlier() -> Book:
    book = part(weekly(), MEDIA)
    return Book(book.header, book.rows[:-1])


def _overlap() -> Book:
    book = weekly()
    return Book(book.header, book.rows[2:-1])


_TWO = {
    "sources": {
        "media": {"file": "media.csv", "date": "week"},
        "google": {"file": "google.csv", "date": "week"},
        "bing": {"file": "bing.csv", "date": "week"},
        "sales": {"file": "sales.csv", "date": "week"},
    }
}
_PLAIN = {"sources": SOURCES}


def _with_media(**keys: Any) -> dict[str, Any]:
    return {"sources": {**SOURCES, "media": {"file": "media.csv", "date": "week"} | keys}}


E, A, R = Outcome.ERROR, Outcome.ASKED, Outcome.REPAIRED

CASES: list[Case] = [
    Case(
        12,
        A,
        "two platforms",
        _write(media=lambda: part(weekly(), ("week", "tv_spend", "news")), google=_half(True), bing=_half(False)),
        "is reported by",
        "",
        "join.same",
        model=_TWO,
        option={"join": {"same": {"search": ["google", "bing"], "clicks": ["google", "bing"]}}},
        file="sources",
    ),
    Case(
        28,
        E,
        "a source in dollars",
        _write(),
        "money is in USD, the panel is in EUR",
        "row 2",
        "sources.media.rates",
        model=_with_media(currency="USD"),
        option={"sources": {"media": {"rates": {"USD": 1.0}}}},
        file="media.csv",
    ),
    Case(
        37,
        A,
        "a source of Sundays",
        _write(media=_moved(MEDIA, 6)),
        "Sundays, which may be the first or the last day",
        "",
        "sources.media.date_marks: last_day",
        model=_PLAIN,
        option={"sources": {"media": {"date_marks": "last_day"}}},
        file="media.csv",
    ),
    Case(
        37,
        A,
        "all sources of Sundays",
        _write(media=_moved(MEDIA, -1), sales=_moved(SALES, -1)),
        "Sundays, which may be the first or the last day",
        "",
        "sources.media.week_start: sunday",
        model=_PLAIN,
        option={"data": {"week_start": "sunday"}},
        file="media.csv",
        truth=None,
        judge=starts("2023-12-31"),
    ),
    Case(
        40,
        R,
        "media by day",
        _write(media=_daily),
        "420 days were gathered into weeks",
        finding="daily_to_weekly",
        model=_PLAIN,
        file="source media",
    ),
    Case(
        44,
        R,
        "sources",
        _write(media=_earlier, sales=_later),
        "2 rows excluded",
        "media.csv, rows 2, 3",
        finding="no_overlap",
        model=_PLAIN,
        truth=_overlap,
        file="source media",
    ),
    Case(
        63,
        E,
        "e-mail addresses",
        _write(sales=lambda: part(weekly(), SALES).add("contact", contacts("e-mail addresses"))),
        "60 of 60 cells look like e-mail addresses",
        "column contact",
        "delete this column",
        model=_PLAIN,
        file="sales.csv",
    ),
    Case(
        59,
        E,
        "a source",
        _write(),
        "leads outside the project folder",
        "",
        "inside",
        model=_with_media(file="../outside.csv"),
        file="sources.media.file",
    ),
    Case(
        59,
        E,
        "a pattern",
        _write(),
        "leads outside the project folder",
        "",
        "inside",
        model=_with_media(file="../*.csv"),
        file="sources.media.file",
    ),
]
