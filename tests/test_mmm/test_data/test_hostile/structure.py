"""Lines 1–16: encoding and structure."""

from __future__ import annotations

import codecs

from tests.test_mmm.test_data.book import Book
from tests.test_mmm.test_data.test_hostile.case import Case, Damage, error, repaired


def lines(book: Book) -> list[str]:
    return book.text().splitlines()


def renamed(**names: str) -> Damage:
    return lambda book: Book([names.get(name, name) for name in book.header], book.rows)


def encoded(encoding: str, word: str) -> Damage:
    """Add a column in another encoding, name and cells."""
    return lambda book: book.add(word, [word] * len(book.rows)).text().encode(encoding)


def _mixed(book: Book) -> bytes:
    rows = lines(book.add("note", ["Köln"] * len(book.rows)))
    return b"\n".join(row.encode("utf-8" if i < 9 else "cp1252") for i, row in enumerate(rows))


def _extra(book: Book) -> str:
    rows = lines(book)
    rows[7] += ",7"
    return "\n".join(rows)


def _cut(book: Book) -> str:
    return "\n".join(lines(book)[:-1]) + "\n2025-02-17,51"


def _footers(book: Book) -> str:
    total = [f"{sum(map(float, book.cells(name))):.2f}" for name in book.header[1:]]
    return book.text() + ",".join(["Total", *total]) + "\n,,,,,,\nSource: finance\n"


CASES: list[Case] = [
    repaired(1, "with a mark", lambda b: b.text().encode("utf-16"), "encoding", "UTF-16"),
    repaired(1, "without a mark", lambda b: b.text().encode("utf-16-be"), "encoding", "UTF-16 without"),
    repaired(2, "UTF-8", lambda b: codecs.BOM_UTF8 + b.text().encode(), "byte_order_mark", "removed"),
    repaired(3, "Latin-1", encoded("latin-1", "Größe"), "encoding", "cp1252, giving: Größe"),
    error(4, "two exports joined", _mixed, "mixes encodings", "row 10", "UTF-8"),
    error(
        5,
        "in a date",
        lambda b: b.text().replace("2024-02-05", "2024\x00-02-05"),
        "1 NUL byte",
        "row 7",
        "export it again",
    ),
    error(6, "no bytes", lambda b: b"", "empty", "", "Export it again"),
    error(6, "blank lines", lambda b: codecs.BOM_UTF8 + b"\n \n", "empty", "", "Export it again"),
    error(7, "one line", lambda b: lines(b)[0] + "\n", "a header and no rows", "", "a row for every week"),
    repaired(8, "semicolon", lambda b: b.text(";"), "delimiter", "semicolon"),
    repaired(8, "tab", lambda b: b.text("\t"), "delimiter", "tab"),
    repaired(8, "bar", lambda b: b.text("|"), "delimiter", "vertical bar"),
    error(9, "one row", _extra, "8 fields and the header 7", "row 8", "quotation marks"),
    error(
        10, "exact", lambda b: b.add("tv_spend", b.cells("price")), "'tv_spend' stands 2 times", "", "Rename or remove"
    ),
    error(10, "but for case", lambda b: b.add("TV_Spend ", b.cells("price")), "differ in case or spaces", "", "Rename"),
    repaired(
        11,
        "column",
        renamed(tv_spend=" TV_Spend  "),
        "column_name",
        "'TV_Spend' was taken as 'tv_spend'",
        "column TV_Spend",
    ),
    repaired(13, "total and footnote", _footers, "not_a_week", "a total row", "row 62"),
    repaired(
        14,
        "title and date",
        lambda b: "Report,Media\n\nMade,2025-02-20\n" + b.text(),
        "preamble",
        "2 lines above the header (row 4)",
    ),
    error(16, "short row", _cut, "cut off", "row 61", "make it again"),
    error(16, "open quote", lambda b: b.text() + '2025-02-24,"5100', "never closed", "row 62", "Export"),
]
