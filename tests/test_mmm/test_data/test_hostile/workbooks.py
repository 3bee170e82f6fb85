"""Lines 15, 56–58, 65, and 66 again: workbooks, with cells of numbers and dates."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from tests.test_mmm.test_data.book import Book, weekly
from tests.test_mmm.test_data.test_hostile.case import Case, Outcome

FILE = "weekly.xlsx"
_DECLARED = {"data": {"file": FILE}}
_ENTITIES = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "canary"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def workbook(book: Book, change: Callable[[Any], None] | None = None) -> bytes:
    """Write a book as a workbook: dates as dates, numbers as numbers."""
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.append(book.header)
    for row in book.rows:
        sheet.append([date.fromisoformat(row[0]), *(_number(cell) for cell in row[1:])])
    if change is not None:
        change(sheet)
    sink = io.BytesIO()
    made.save(sink)
    return sink.getvalue()


def _number(cell: str) -> float | str:
    try:
        return float(cell)
    except ValueError:
        return cell


def parts(
    raw: bytes, change: Callable[[str, bytes], bytes] = lambda _, x: x, more: dict[str, bytes] | None = None
) -> bytes:
    """Rewrite the parts of a workbook, and add some."""
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, content in (more or {}).items():
            new.writestr(name, content)
    return sink.getvalue()


def bomb() -> bytes:
    """A sheet of 40 MB of blanks in an archive of 40 kB."""
    return parts(
        workbook(weekly()),
        lambda name, x: x.replace(b"<sheetData>", b"<sheetData>" + b" " * 40_000_000) if "sheet1" in name else x,
    )


def entities(part: str = "xl/worksheets/sheet1.xml") -> bytes:
    """A sheet whose XML defines entities in terms of one another."""

    def change(name: str, content: bytes) -> bytes:
        return _ENTITIES + content.split(b"?>", 1)[-1].replace(b"week", b"&b;") if name == part else content

    return parts(workbook(weekly()), change)


def macros() -> bytes:
    """A workbook with a project of macros, a link to another workbook, and a connection."""
    return parts(
        workbook(weekly()),
        more={
            "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0",
            "xl/externalLinks/externalLink1.xml": b"<externalLink/>",
            "xl/connections.xml": b"<connections/>",
        },
    )


def _case(number: int, outcome: Outcome, what: str, content: Callable[[], bytes], *words: str, **more: Any) -> Case:
    name = more.get("model", _DECLARED)["data"]["file"]

    def write(folder: Path) -> None:
        (folder / name).write_bytes(content())

    return Case(number, outcome, what, write, *words, **({"model": _DECLARED, "file": name} | more))


E, R = Outcome.ERROR, Outcome.REPAIRED
CASES: list[Case] = [
    _case(
        15,
        E,
        "two columns",
        lambda: workbook(weekly(), lambda sheet: sheet.merge_cells("C1:D1")),
        "the header cells C1:D1 are merged",
        "row 1",
        "Unmerge",
    ),
    _case(
        56,
        E,
        "a sum",
        lambda: workbook(weekly(), lambda sheet: sheet.__setitem__("C10", "=SUM(C2:C9)")),
        "the cell C10 holds a formula that was never worked out",
        "row 10, column tv_spend",
        "let it calculate",
    ),
    _case(57, E, "one sheet", bomb, "would unpack to 40,", "", "Do not open it"),
    _case(58, E, "in the sheet", entities, "defines entities", "", "Do not trust this file"),
    _case(58, E, "in the styles", lambda: entities("xl/styles.xml"), "defines entities", "", "Do not trust this file"),
    _case(65, R, "all three", macros, "macros and links to other files and data", finding="workbook_ignored"),
    _case(
        66,
        R,
        "a workbook called CSV",
        lambda: workbook(weekly()),
        "workbook",
        finding="file_extension",
        model={"data": {"file": "weekly.csv"}},
    ),
    _case(66, E, "an old workbook", lambda: b"\xd0\xcf\x11\xe0" + bytes(600), "old Excel workbook", "", "CSV"),
    _case(16, E, "a workbook", lambda: workbook(weekly())[:-300], "damaged", "", "Save it again"),
]
