"""Hostile inputs that get one clear error: file, place, what was found, remedy; exit code 2; no value of a person."""

from __future__ import annotations

import codecs
import pickle
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from mmm.exceptions import DataError
from tests.test_mmm.test_data.book import TODAY, Book, read, spec, weekly

Damage = Callable[[Book], Book | str | bytes]


@dataclass(frozen=True)
class Refused:
    """One row of the list: the damage, and what the sentence must hold."""

    row: int
    damage: Damage
    says: str
    where: str
    do: str
    data: dict[str, Any] = field(default_factory=dict)
    spec: dict[str, Any] = field(default_factory=dict)


def _lines(book: Book) -> list[str]:
    return book.text().splitlines()


def _mixed(book: Book) -> bytes:
    lines = _lines(book.add("note", ["Köln"] * len(book.rows)))
    return b"\n".join(line.encode("utf-8" if i < 9 else "cp1252") for i, line in enumerate(lines))


def _extra(book: Book) -> str:
    lines = _lines(book)
    lines[7] += ",7"
    return "\n".join(lines)


def _twice(book: Book) -> Book:
    return book.add("tv_spend", book.cells("price"))


def _cut(book: Book) -> str:
    return "\n".join(_lines(book)[:-1]) + "\n2025-02-17,51"


def _open_quote(book: Book) -> str:
    return book.text() + '2025-02-24,"5100'


def _two_currencies(book: Book) -> Book:
    return book.each("tv_spend", lambda x: f"€{x}").put(4, "tv_spend", "$5.00")


def _currency_column(book: Book) -> Book:
    return book.add("Currency", ["EUR"] * 30 + ["USD"] * 30)


def _dates(book: Book, write: Callable[[date], str]) -> Book:
    return book.each("week", lambda x: write(date.fromisoformat(x)))


def _mixed_dates(book: Book) -> Book:
    return book.put(5, "week", "05/02/2024")


def _ambiguous_dates(book: Book) -> Book:
    book.rows = book.rows[:12]
    for i, row in enumerate(book.rows):
        row[0] = f"{i % 12 + 1:02d}/{i % 11 + 1:02d}/2024"
    return book


def _hole(book: Book) -> Book:
    del book.rows[20]
    return book


def _other_repeat(book: Book) -> Book:
    book.rows.insert(4, [*book.rows[3][:-1], "1.00"])
    return book


def _future(book: Book) -> Book:
    return _dates(book, lambda day: (day + timedelta(days=364)).isoformat())


def _short(book: Book) -> Book:
    book.rows = book.rows[:10]
    return book


def _hidden(kind: str) -> Damage:
    values = {
        "e-mail": "jane.roe{i}@example.org",
        "phone": "+49 170 12345{i:02d}",
        "IP": "192.168.7.{i}",
        "device": "6D92078A-8246-4BA4-AE5B-76104861{i:04d}",
    }
    return lambda book: book.add("contact", [values[kind].format(i=i) for i in range(len(book.rows))])


CASES = [
    Refused(4, _mixed, "mixes encodings", "weekly.csv, row 10", "UTF-8"),
    Refused(5, lambda b: b.text().replace("2024-02-05", "2024\x00-02-05"), "NUL byte", "weekly.csv, row 7", "export"),
    Refused(6, lambda b: b"", "empty", "weekly.csv", "Export it again"),
    Refused(6, lambda b: codecs.BOM_UTF8 + b"\n \n", "empty", "weekly.csv", "Export it again"),
    Refused(7, lambda b: _lines(b)[0] + "\n", "a header and no rows", "weekly.csv", "a row for every week"),
    Refused(9, _extra, "8 fields and the header 7", "weekly.csv, row 8", "quotation marks"),
    Refused(10, _twice, "'tv_spend' stands 2 times", "weekly.csv", "Rename or remove"),
    Refused(10, lambda b: b.add("TV_Spend ", b.cells("price")), "differ in case or spaces", "weekly.csv", "Rename"),
    Refused(16, _cut, "cut off", "weekly.csv, row 61", "make it again"),
    Refused(16, _open_quote, "never closed", "weekly.csv, row 62", "Export"),
    Refused(
        17,
        lambda b: b.each("tv_spend", lambda x: "1,234"),
        "can be read as 1.234 and as 1234",
        "column tv_spend",
        "data.decimal",
    ),
    Refused(17, lambda b: b.put(3, "price", "9,5"), "different decimal marks", "row 5, column price", "one way"),
    Refused(
        18,
        lambda b: b.each("tv_spend", lambda x: "1.234"),
        "can be read as 1.234 and as 1234",
        "column tv_spend",
        "data.decimal",
    ),
    Refused(
        18,
        lambda b: b.put(7, "tv_spend", "1.234"),
        "the others have two decimals at most",
        "row 9, column tv_spend",
        "data.decimal",
    ),
    Refused(
        28, lambda b: b.put(7, "price", "$9.50"), "not the currency of the other", "row 9, column price", "one currency"
    ),
    Refused(21, lambda b: b.each("price", lambda x: x + "%"), "0.05 or 5", "row 2, column price", "data.percent"),
    Refused(21, lambda b: b.put(8, "price", "9%"), "percent sign", "column price", "data.percent"),
    Refused(22, lambda b: b.put(8, "tv_spend", "lots"), "'lots' is not a number", "row 10, column tv_spend", "Correct"),
    Refused(22, lambda b: b.put(8, "revenue", "#REF!"), "is not a number", "row 10, column revenue", "Correct"),
    Refused(23, lambda b: b.put(8, "tv_spend", ""), "is missing", "row 10, column tv_spend", "data.missing"),
    Refused(23, lambda b: b.put(8, "price", "NaN"), "is missing", "row 10, column price", "data.missing"),
    Refused(24, lambda b: b.put(8, "revenue", "inf"), "not a finite number", "row 10, column revenue", "Correct"),
    Refused(24, lambda b: b.put(8, "revenue", "1e999"), "not a finite number", "row 10, column revenue", "Correct"),
    Refused(25, lambda b: b.put(8, "clicks", "9" * 24), "an identifier", "row 10, column clicks", "Correct"),
    Refused(
        26,
        lambda b: Book([c.replace("tv_spend", "cost_micros") for c in b.header], b.rows),
        "micros",
        "column cost_micros",
        "data.units",
        spec={"channels": {"tv": {"spend": "cost_micros"}}},
    ),
    Refused(
        26,
        lambda b: b.each("tv_spend", lambda x: str(int(float(x) * 1e6))),
        "may be in micros",
        "column tv_spend",
        "data.units",
    ),
    Refused(
        27,
        lambda b: Book([c.replace("tv_spend", "TV (k€)") for c in b.header], b.rows),
        "thousands",
        "column TV (k€)",
        "data.units",
        spec={"channels": {"tv": {"spend": "TV (k€)"}}},
    ),
    Refused(28, _two_currencies, "'$' is not EUR", "row 6, column tv_spend", "data.rates"),
    Refused(28, _currency_column, "'USD' is not EUR", "row 32, column Currency", "data.rates"),
    Refused(30, lambda b: b.put(8, "tv_spend", "-"), "zero or unknown", "row 10, column tv_spend", "data.placeholder"),
    Refused(30, lambda b: b.put(8, "news", "n/a"), "zero or unknown", "row 10, column news", "data.placeholder"),
    Refused(33, _ambiguous_dates, "day first or month first", "row 2, column week", "data.date_format"),
    Refused(34, _mixed_dates, "another way", "row 7, column week", "one way"),
    Refused(
        34,
        lambda b: _dates(b, lambda d: f"{d.day}/{d.month}/{d.year}").put(30, "week", "07/29/2024"),
        "different order",
        "column week",
        "one way",
    ),
    Refused(34, lambda b: b.put(5, "week", "2024-02-31"), "not a day of the calendar", "row 7, column week", "Correct"),
    Refused(36, lambda b: b.each("week", lambda x: x + "T23:00:00Z"), "zone", "row 2, column week", "data.time_zone"),
    Refused(
        37, lambda b: _dates(b, lambda d: d.strftime("%G-W%V")), "ISO weeks", "row 2, column week", "data.date_format"
    ),
    Refused(
        37,
        lambda b: _dates(b, lambda d: (d - timedelta(days=1)).isoformat()),
        "Sundays",
        "weekly.csv",
        "data.week_start",
    ),
    Refused(38, _hole, "1 week missing: 2024-05-20", "weekly.csv", "data.gaps"),
    Refused(39, _other_repeat, "in row 5 with different figures", "row 6, column week", "Keep one row"),
    Refused(43, _future, "after today", "weekly.csv", "data.allow_future"),
    Refused(
        45,
        lambda b: b.each("tv_spend", lambda x: "0").each("search_spend", lambda x: "0"),
        "no channel has any spend",
        "weekly.csv",
        "Check the columns",
    ),
    Refused(51, _short, "10 rows are fewer than", "weekly.csv", "longer history"),
    Refused(55, lambda b: b.put(8, "revenue", "=1+2"), "is not a number", "row 10, column revenue", "Correct"),
    Refused(63, _hidden("e-mail"), "60 of 60 cells look like e-mail addresses", "column contact", "delete this column"),
    Refused(63, _hidden("phone"), "look like phone numbers", "column contact", "delete this column"),
    Refused(63, _hidden("IP"), "look like IP addresses", "column contact", "delete this column"),
    Refused(63, _hidden("device"), "look like device identifiers", "column contact", "delete this column"),
    Refused(64, lambda b: pickle.dumps(b.rows), "a pickle or joblib file", "weekly.csv", "can run code"),
    Refused(64, lambda b: zlib.compress(pickle.dumps(b.rows)), "a pickle or joblib file", "weekly.csv", "can run code"),
    Refused(66, lambda b: b"<!DOCTYPE html><html><body>Sign in</body></html>", "web page", "weekly.csv", "login"),
    Refused(66, lambda b: b"PK\x03\x04" + bytes(80), "a workbook", "weekly.csv", "CSV"),
    Refused(66, lambda b: b'{"rows": [1, 2]}', "JSON", "weekly.csv", "CSV"),
    Refused(
        72,
        lambda b: _dates(b, lambda d: (d - timedelta(days=2)).isoformat()),
        "Saturdays",
        "weekly.csv",
        "data.week_start",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"row{case.row}-{case.says[:24]}")
def test_refused_with_place_and_remedy(case: Refused, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, case.damage(weekly()), spec(data=case.data, **case.spec))
    error = caught.value
    assert error.exit_code == 2
    assert case.says in error.says
    assert error.where is not None
    assert case.where in error.where
    assert "weekly.csv" in error.where
    assert error.do is not None
    assert case.do in error.do
    assert str(tmp_path) not in str(error)


@pytest.mark.parametrize("kind", ["e-mail", "phone", "IP", "device"])
def test_personal_values_are_never_echoed(kind: str, tmp_path: Path) -> None:
    book = _hidden(kind)(weekly())
    assert isinstance(book, Book)
    with pytest.raises(DataError) as caught:
        read(tmp_path, book)
    assert not any(cell in str(caught.value) for cell in book.cells("contact"))


def test_a_person_in_a_number_cell_is_not_echoed(tmp_path: Path) -> None:
    rows = weekly().put(8, "tv_spend", "call jane@example.org")
    with pytest.raises(DataError) as caught:
        read(tmp_path, rows)
    assert "jane" not in str(caught.value)


def test_control_characters_of_a_cell_do_not_reach_the_terminal(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, weekly().put(8, "tv_spend", "\x1b[31mred"))
    assert "\x1b" not in str(caught.value)


def test_a_missing_column_offers_a_close_name(tmp_path: Path) -> None:
    book = weekly()
    book.header[2] = "tv_spent"
    with pytest.raises(DataError, match="Did you mean 'tv_spent'"):
        read(tmp_path, book)


@pytest.mark.parametrize("name", ["../weekly.csv", "/etc/passwd", "link.csv"])
def test_paths_out_of_the_folder(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    (tmp_path / "weekly.csv").write_text(weekly().text())
    (folder / "link.csv").symlink_to(tmp_path / "weekly.csv")
    from mmm.data import read_panel

    with pytest.raises(DataError, match="leads outside") as caught:
        read_panel(spec(data={"file": name}), folder, today=TODAY)
    assert caught.value.exit_code == 2
    assert caught.value.where == "the model file, data.file"
