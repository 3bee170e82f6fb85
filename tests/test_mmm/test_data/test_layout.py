"""Layouts of exports that are no damage, and cells made to hang a reader."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from mmm.data.privacy import safe
from mmm.exceptions import DataError
from tests.test_mmm.test_data.book import Book, named, read, same, spec, weekly


@pytest.mark.parametrize(
    "layout",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: text.replace("\n", ",\n"),
        lambda text: "\n".join(",".join(f'"{c}"' for c in line.split(",")) for line in text.split("\n")[:-1]),
        lambda text: text.rstrip("\n"),
        lambda text: text.replace("\n", "\n\n"),
        lambda text: text.replace("2024-07-01", "Total 2024 H1,1,2,3,4,5,6\n2024-07-01"),
    ],
)
def test_layouts_that_mean_the_same(layout: Callable[[str], str], tmp_path: Path) -> None:
    assert same(read(tmp_path, layout(weekly().text())), read(tmp_path, weekly()))


def test_a_line_that_names_the_separator(tmp_path: Path) -> None:
    panel = read(tmp_path, "sep=;\n" + weekly().text(";"))
    assert "1 line above the header (row 2)" in named(panel, "preamble").says


def test_a_last_row_without_a_date_is_a_total_only_if_it_adds_up(tmp_path: Path) -> None:
    book = weekly()
    total = [f"{sum(map(float, book.cells(name))):.2f}" for name in book.header[1:]]
    panel = read(tmp_path, book.text() + "," + ",".join(total) + "\n")
    assert "a total row" in named(panel, "not_a_week").says
    with pytest.raises(DataError, match="row 62, column week: the date is missing"):
        read(tmp_path, book.text() + ",1,2,3,4,5,6\n")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda b: b.put(30, "week", "2024-07-30"), "2024-07-30 is a Tuesday and most dates are Mondays"),
        (lambda b: b.each("week", lambda x: x[:7]), "or be a month"),
        (lambda b: b.each("week", lambda x: x[2:].replace("-", ".")), "two-digit year"),
        (lambda b: b.each("week", lambda x: "1" + x), "is not a date"),
        (lambda b: b.put(4, "week", ""), "the date is missing"),
        (lambda b: b.put(0, "week", "1024-01-01"), "outside 1990–2100"),
        (lambda b: Book(b.header, b.rows[:1]), "a single date"),
        (lambda b: Book(b.header, b.rows[::4]), "the dates are months apart"),
        (lambda b: Book(b.header, [r for r in b.rows if r[0][8:] < "15"]), "missing: 2024-01-15"),
    ],
)
def test_calendars_that_are_refused(change: Callable[[Book], Book], says: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, change(weekly()))
    assert says in str(caught.value)
    assert "weekly.csv" in str(caught.value)


def test_days_that_are_missing_are_named(tmp_path: Path) -> None:
    book = weekly(100, step=1)
    del book.rows[50:52]
    with pytest.raises(DataError, match="2 days missing: 2024-02-20, 2024-02-21"):
        read(tmp_path, book)


def test_days_of_the_week_that_is_not_over(tmp_path: Path) -> None:
    panel = read(tmp_path, weekly(190, step=1, first=date(2024, 12, 16)), today=date(2025, 6, 23))
    assert str(panel.weeks[-1]) == "2025-06-16"
    assert named(panel, "week_not_over").says.startswith("1 row excluded")


@pytest.mark.parametrize(
    "cell", ["a" * 90_000, "@" * 90_000, "a@" * 45_000, "1," * 45_000, "1 111" * 18_000, ":" * 90_000]
)
def test_long_cells_take_no_time(cell: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, weekly().put(4, "price", cell))
    assert len(str(caught.value)) < 300


def test_long_names_take_no_time(tmp_path: Path) -> None:
    book = weekly()
    book.header[6] = "<" * 90_000
    with pytest.raises(DataError, match="the column 'price' is not in the file"):
        read(tmp_path, book)
    with pytest.raises(DataError, match="longer than any name or number"):
        read(tmp_path, weekly().put(4, "price", "é" * 200_000).text().encode("cp1252"))
    assert safe("b" * 10**6) == "b" * 39 + "…"


@pytest.mark.parametrize("start", [0, 1])
def test_a_column_that_numbers_the_rows(start: int, tmp_path: Path) -> None:
    lines = weekly().text().splitlines()
    numbered = "\n".join(["," + lines[0], *(f"{start + i},{line}" for i, line in enumerate(lines[1:]))])
    panel = read(tmp_path, numbered)
    assert same(panel, read(tmp_path, weekly()))
    assert "numbers the rows" in named(panel, "row_numbers").says
    with pytest.raises(DataError, match="column number 1 holds data and has no name"):
        read(tmp_path, numbered.replace(f"\n{start + 3},", "\n99,"))


def test_columns_without_name_or_content_are_left_out_and_told(tmp_path: Path) -> None:
    panel = read(tmp_path, weekly().text().replace("\n", ",,\n"))
    assert named(panel, "empty_columns").says == "2 columns without name or content left out."


def test_a_declared_delimiter(tmp_path: Path) -> None:
    text = weekly().text("^")
    with pytest.raises(DataError, match="none of the columns"):
        read(tmp_path, text)
    assert same(read(tmp_path, text, spec(data={"delimiter": "^"})), read(tmp_path, weekly()))


def test_an_open_quote_names_its_row(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"weekly\.csv, row 6: a quotation mark is opened and never closed"):
        read(tmp_path, weekly().text().replace("2024-01-29", '"2024-01-29'))
    with pytest.raises(DataError, match=r"weekly\.csv, row 6: the quoting is broken"):
        read(tmp_path, weekly().text().replace("2024-01-29", '"2024-01"-29'))
    with pytest.raises(DataError, match=r"row 6: the quoting is broken \(a tab expected after"):
        read(tmp_path, weekly().text("\t").replace("2024-01-29", '"2024-01"-29'))
