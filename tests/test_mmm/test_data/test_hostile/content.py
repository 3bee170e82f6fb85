"""Lines 45–53: what the figures say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.test_mmm.test_data.book import Book
from tests.test_mmm.test_data.test_hostile.case import Case, Outcome, error, one_file, repaired, warned
from tests.test_mmm.test_data.test_hostile.figures import put

TWO = {"channels": {"tv": {"spend": "tv_spend"}, "search": {"spend": "search_spend"}}}
_TESTS = "channel,start,end,spend_change,lift,standard_error"


def _zeros(*names: str) -> Any:
    def damage(book: Book) -> Book:
        for name in names:
            book.each(name, lambda _: "0")
        return book

    return damage


def _same_move(book: Book) -> Book:
    return Book(book.header, [[*r[:3], f"{3 * float(r[2]) + 1:.2f}", *r[4:]] for r in book.rows])


def _explained(book: Book) -> Book:
    """News is the sum of television and search: no pair moves together, the three do."""
    for row in book.rows:
        row[5] = f"{float(row[2]) + float(row[3]):.2f}"
    return book


def _new(book: Book) -> Book:
    for row in book.rows[:-5]:
        row[2] = "0"
    return book


def _experiment(number: int, what: str, row: str, says: str, where: str, do: str) -> Case:
    def write(folder: Path) -> None:
        one_file(lambda b: b)(folder)
        (folder / "tests.csv").write_text(f"{_TESTS}\n{row}\n", encoding="utf-8")

    return Case(
        number, Outcome.ERROR, what, write, says, where, do, model={"lift_tests": "tests.csv"}, file="tests.csv"
    )


CASES: list[Case] = [
    repaired(
        45,
        "television",
        _zeros("tv_spend"),
        "zero_channel",
        "'tv' has no spend",
        "spend of tv",
        truth=None,
        judge=lambda p: p.channels == ("search",) and p.report.ledger.excluded[0].reason == "a channel of zeros",
    ),
    error(45, "all of them", _zeros("tv_spend", "search_spend"), "no channel has any spend", "", "Check the columns"),
    warned(46, "flat", lambda b: b.each("tv_spend", lambda _: "100"), "constant_channel", "is the same in every week"),
    warned(
        46,
        "nearly flat",
        lambda b: b.each("tv_spend", lambda x: f"{1000 + float(x) / 50:.2f}"),
        "little_variation",
        "'tv' varies by",
    ),
    warned(47, "a pair", _same_move, "collinear_channels", "move together (correlation 1.00)", model=TWO),
    warned(47, "three", _explained, "collinear_channels", "variance inflation", model=TWO),
    warned(48, "one week", put(7, "clicks", "0"), "spend_without_exposure", "1 week: 2024-02-19"),
    warned(49, "one week", put(7, "search_spend", "0"), "exposure_without_spend", "1 week: 2024-02-19"),
    warned(50, "outcome", put(7, "revenue", "90000"), "outliers", "1 week: 2024-02-19"),
    warned(50, "spend", put(7, "tv_spend", "90000"), "outliers", "five times its usual maximum: 2024-02-19"),
    warned(50, "price", put(7, "price", "928"), "outliers", "'price' is over ten times its usual size"),
    error(51, "ten weeks", lambda b: Book(b.header, b.rows[:10]), "10 rows are fewer than", "", "longer history"),
    warned(51, "twenty weeks", lambda b: Book(b.header, b.rows[:20]), "data_per_parameter", "rows for each of the"),
    warned(51, "forty weeks", lambda b: Book(b.header, b.rows[:40]), "short_history", "40 weeks: less than one year"),
    warned(52, "five weeks", _new, "new_channel", "'tv' is active in 5 weeks only"),
    _experiment(
        53, "before the data", "tv,2023-03-06,2023-03-26,-100,50,10", "2023-03-06", "row 2", "cover the whole test"
    ),
    _experiment(53, "unknown channel", "radio,2024-03-04,2024-03-31,-100,50,10", "radio", "row 2, column channel", ""),
    # Beside the list: what else the figures show.
    warned(27, "by its size", lambda b: b.each("tv_spend", lambda x: f"{float(x) / 1e5:.6f}"), "scale", "'tv' has"),
    warned(23, "an outcome of zero", put(7, "revenue", "0"), "zero_outcome", "zero in 1 week: 2024-02-19"),
    warned(29, "a negative outcome", put(7, "revenue", "-5"), "negative_outcome", "negative in 1 week"),
]
