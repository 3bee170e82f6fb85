"""What a damaged table is handed over as: one CSV, one workbook, or two sources."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from enum import StrEnum
from random import Random
from typing import Any

from openpyxl import Workbook

from benchmarks.hostile import written
from benchmarks.hostile.damage import ORDERED, Damage
from benchmarks.hostile.sheet import FILE, WEEK, Sheet, money, plain

_PLAIN: Mapping[str, Any] = {
    "channels": {"tv": {"spend": "tv_spend"}, "search": {"spend": "search_spend", "exposure": "clicks"}},
    "organic": ["news"],
    "controls": ["price"],
    "currency": "EUR",
}
_SALES = ("revenue", "price")


class Kind(StrEnum):
    """Of files."""

    TEXT = "text"
    WORKBOOK = "workbook"
    SOURCES = "sources"


#: Damages that have no meaning for a kind: a workbook has no text; two files do not share their lines' fields.
_NOT: Mapping[Kind, frozenset[Damage]] = {
    Kind.TEXT: frozenset((written.formats,)),
    Kind.WORKBOOK: frozenset(
        (written.delimiter, written.newlines, written.encoding, written.blank_lines, written.extra_field,
         written.lost_field, written.open_quote, written.spaces)
    ),
    Kind.SOURCES: frozenset(
        (written.extra_field, written.lost_field, written.total_row, written.open_quote, written.formats)
    ),
}  # fmt: skip


def damages(kind: Kind) -> list[Damage]:
    """Return what can be done to a table of this kind, in order."""
    return [one for one in ORDERED if one not in _NOT[kind]]


def files(sheet: Sheet, kind: Kind, random: Random) -> dict[str, bytes]:
    """Write the files of a damaged table."""
    if kind is Kind.TEXT:
        return {FILE: sheet.render()}
    if kind is Kind.WORKBOOK:
        content = _workbook(sheet)
        for damage in sheet.bytes_:
            content = damage(content)
        return {"weekly.xlsx": content}
    whole, damaged = sheet.order, (sheet.texts, sheet.bytes_)
    sheet.order = [name for name in whole if name not in _SALES]
    media = sheet.render()
    sheet.order = [name for name in whole if name in (WEEK, *_SALES)]
    sheet.texts, sheet.bytes_ = [], []
    kept = sheet.delimiter, sheet.encoding, sheet.newline, sheet.above
    if random.random() < 0.5:
        sheet.delimiter, sheet.encoding, sheet.newline, sheet.above = ",", "utf-8", "\n", []
    sales = sheet.render()
    sheet.delimiter, sheet.encoding, sheet.newline, sheet.above = kept
    sheet.order, (sheet.texts, sheet.bytes_) = whole, damaged
    return {"media.csv": media, "sales.csv": sales}


def model(sheet: Sheet, kind: Kind) -> dict[str, Any]:
    """Return the model file."""
    data = {"outcome": "revenue", **sheet.model.get("data", {})}
    plain = {**_PLAIN, **{key: value for key, value in sheet.model.items() if key != "data"}}
    if kind is Kind.SOURCES:
        sources = {name: {"file": f"{name}.csv", "date": sheet.dated} for name in ("media", "sales")}
        return {**plain, "data": data, "sources": sources}
    file = FILE if kind is Kind.TEXT else "weekly.xlsx"
    return {**plain, "data": {"file": file, "date": sheet.dated, **data}}


def _workbook(sheet: Sheet) -> bytes:
    """Write what is still plain as numbers and dates, and all else as text."""
    book = Workbook()
    page = book.active
    if page is None:
        raise TypeError("a new workbook has a sheet")
    for text in sheet.above:
        page.append([text])
    page.append([_told(sheet.names.get(name, name)) for name in sheet.order])
    for n, line in enumerate(sheet.lines):
        page.append([_value(sheet, line.put.get(name), name, line.figures.get(name, line.day)) for name in sheet.order])
        for at, name in enumerate(sheet.order, start=1):
            if name in sheet.formats:
                page.cell(page.max_row, at).number_format = sheet.formats[name]
        page.row_dimensions[page.max_row].hidden = n in sheet.hidden
    for cells in sheet.below:
        page.append([_told(cell) for cell in cells])
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def _value(sheet: Sheet, put: str | None, name: str, value: Any) -> Any:
    write: Callable[[Any], str] = sheet.write.get(name, plain)
    if put is not None:
        return _told(put)
    if name != WEEK and not isinstance(value, float):
        return name
    return value if write in (plain, money) else _told(write(value))


def _told(text: str) -> str | None:
    """Return text as a workbook can hold it: without control characters, and nothing where there is nothing."""
    return "".join(char for char in text if char >= " " or char in "\t\n\r") or None
