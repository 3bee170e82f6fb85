"""An xlsx workbook's sheet → a table: values of cells only; dates are dates and numbers are numbers."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from itertools import islice
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import column_index_from_string, get_column_letter

from mmm.data.delimited import Record, tabulate
from mmm.data.log import ReadingLog, counted, listed
from mmm.data.privacy import safe
from mmm.data.reading import name_key
from mmm.data.sources.number_formats import with_sign
from mmm.data.sources.workbook_guard import SheetMarks, damage_told, each, guard, marks_of, sheet_named
from mmm.data.table import Exact, TextTable
from mmm.exceptions import DataError

MAX_COLUMNS = 2_000
#: Of every spreadsheet program; rows that are not stored are made up by the library, however many there would be.
MAX_ROWS = 1_048_576
MAX_CELLS = 20_000_000
_SEARCHED = 50
_CELL = re.compile(r"([A-Z]{1,3})(\d+)")


def read_workbook(
    raw: bytes,
    file: str,
    log: ReadingLog,
    *,
    wanted: Sequence[str],
    offered: Sequence[str] = (),
    sheet: str | None = None,
) -> TextTable:
    """Read one sheet of a workbook.

    Parameters
    ----------
    raw : bytes
    file : str
    log : ReadingLog
    wanted, offered : sequence of str
        Columns that must be there, and that help to find the sheet and its header.
    sheet : str, optional
        Otherwise the only one with such columns.

    Raises
    ------
    DataError
        No such sheet, or several; merged cells in the header; a formula that was never worked out; an archive or XML
        made to do harm; damage.
    """
    parts = guard(raw, file, log)
    names = list(parts) if sheet is None else [sheet_named(parts, sheet, file)]
    keys = frozenset(map(name_key, (*wanted, *offered)))
    with damage_told(file), _unwarned():
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True, keep_links=False)
        sheets = {one.title: one for one in book.worksheets}
    with _unwarned():
        heads = {name: _header(_records(sheets[name], file), keys) for name in names if name in sheets}
    name, header = _chosen(heads, wanted, file)
    place = f"{file}, sheet {safe(name)}"
    with _unwarned():
        records = [one for one in _records(sheets[name], file) if any(one.cells)]
    marks = marks_of(raw, parts[name], file)
    _refuse_merged(marks, header, place)
    table = tabulate(_level(records, header), _trimmed(header), place, log, wanted=wanted)
    _refuse_uncounted(marks, header, [*wanted, *offered], place)
    _say_hidden(marks, [one.row for one in records if one.row > header.row], place, log)
    if sheet is None and sheets[name].sheet_state != "visible":
        log.warned(
            "hidden_sheet",
            f"The sheet '{safe(name)}' is hidden in the workbook, and was read because it has the columns.",
            where=file,
            means="It may be an old copy, or hold what was not meant.",
            do="Declare data.sheet if it is meant, or name another sheet there.",
        )
    elif sheet is None and len(parts) > 1:
        log.repaired("sheet", f"Of {len(parts)} sheets, '{safe(name)}' was read: it has the columns.", where=file)
    return replace(table, day_zero=book.epoch.date())


def _say_hidden(marks: SheetMarks, rows: Sequence[int], place: str, log: ReadingLog) -> None:
    """Warn of rows with cells that the workbook does not show."""
    found = [row for row in rows if row in marks.hidden]
    if found:
        log.warned(
            "hidden_rows",
            f"{counted(len(found), 'row')} with figures {'is' if len(found) == 1 else 'are'} hidden in the workbook, "
            f"by a filter or by hand, and read like all others: {listed(found)}.",
            where=place,
            means="Who sees the workbook sees other sums than the panel has.",
            do="Nothing if all rows are meant; otherwise delete them, or declare data.only.",
        )


@contextmanager
def _unwarned() -> Iterator[None]:
    """Keep still what openpyxl says of things that it does not keep when it writes, and of odd cells, quoting them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _text(value: Any, number_format: str) -> str:
    """Write one cell's value; numbers and dates have one reading, and numbers the sign that their format shows."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip() if value.isspace() else value
    if isinstance(value, bool):
        return Exact("1" if value else "0")
    if isinstance(value, (int, float)):
        return Exact(with_sign(repr(value), number_format))
    if isinstance(value, datetime):
        midnight = (value.hour, value.minute, value.second, value.microsecond) == (0, 0, 0, 0)
        return Exact(value.date().isoformat() if midnight else value.isoformat(sep=" ", timespec="seconds"))
    return Exact(value.isoformat() if isinstance(value, date) else str(value))


def _records(sheet: Any, file: str) -> Iterator[Record]:
    """Yield the rows of a sheet, with their numbers; its own word about its size is not believed."""
    cells = 0
    for number, row in enumerate(each(_cells(sheet), file), start=1):
        filled = len(row)
        while filled and row[filled - 1][0] is None:
            filled -= 1
        cells += filled
        if number > MAX_ROWS:
            raise DataError(
                f"a row calls itself the {MAX_ROWS + 1:,}th or later, beyond all that a sheet can have",
                where=file,
                do="Export the table that is meant as CSV.",
            )
        if filled > MAX_COLUMNS or cells > MAX_CELLS:
            raise DataError(
                f"the sheet has more than {MAX_COLUMNS if filled > MAX_COLUMNS else MAX_CELLS:,} "
                f"{'columns' if filled > MAX_COLUMNS else 'cells'}",
                where=f"{file}, row {number}",
                do="Export the table that is meant as CSV.",
            )
        yield Record(number, tuple(_text(value, form) for value, form in row[:filled]))


def _cells(sheet: Any) -> Iterator[list[tuple[Any, str]]]:
    """Yield each row's values with the formats of numbers: what openpyxl alone does, which may raise at any cell."""
    sheet.reset_dimensions()
    for row in sheet.iter_rows():
        yield [(cell.value, cell.number_format if isinstance(cell.value, int | float) else "") for cell in row]


def _header(records: Iterator[Record], keys: frozenset[str]) -> tuple[Record, frozenset[str]] | None:
    """Return the row with most of the names, among the first, and the names it has."""
    best: tuple[Record, frozenset[str]] | None = None
    for record in islice(records, _SEARCHED):
        found = keys & {name_key(cell) for cell in record.cells}
        if found and (best is None or len(found) > len(best[1])):
            best = record, frozenset(found)
    return best


def _chosen(
    heads: dict[str, tuple[Record, frozenset[str]] | None], wanted: Sequence[str], file: str
) -> tuple[str, Record]:
    """Return the only sheet with the wanted columns, or the one that comes nearest."""
    needed = frozenset(map(name_key, wanted))
    known = {name: head for name, head in heads.items() if head is not None}
    if not known:
        sheets = ", ".join(repr(safe(name)) for name in list(heads)[:8])
        raise DataError(
            f"no sheet has a column of the model file; the workbook has the sheets {sheets}",
            where=file,
            do=f"The header must name {', '.join(wanted[:3])}…: correct the names in the model file.",
        )
    whole = [name for name, head in known.items() if needed <= head[1]]
    most = max(len(known[name][1]) for name in whole or known)
    likely = [name for name in whole or known if len(known[name][1]) == most]
    if len(likely) > 1 and whole:
        raise DataError(
            f"the sheets {' and '.join(repr(safe(name)) for name in likely[:4])} have the same columns",
            where=file,
            do="Declare data.sheet in the model file.",
        )
    return likely[0], known[likely[0]][0]


def _trimmed(header: Record) -> Record:
    return Record(header.row, tuple(cell.strip() for cell in header.cells))


def _level(records: Sequence[Record], header: Record) -> list[Record]:
    """Give rows that end early the header's width: a workbook does not store empty cells."""
    width = len(header.cells)
    return [Record(one.row, one.cells + ("",) * (width - len(one.cells))) for one in records]


def _refuse_merged(marks: SheetMarks, header: Record, place: str) -> None:
    for reference in marks.merged:
        ends = _CELL.findall(reference)
        if not ends:
            continue
        rows = [int(row) for _, row in ends]
        first, last = column_index_from_string(ends[0][0]), column_index_from_string(ends[-1][0])
        if min(rows) <= header.row <= max(rows) and first <= len(header.cells) and (last > first or rows[-1] > rows[0]):
            raise DataError(
                f"the header cells {safe(reference)} are merged, so columns under them have no name of their own",
                where=f"{place}, row {header.row}",
                do="Unmerge them, and give each column one name in one row.",
            )


def _refuse_uncounted(marks: SheetMarks, header: Record, used: Sequence[str], place: str) -> None:
    """Refuse formulas without a value in used columns below the header."""
    keys = frozenset(map(name_key, used))
    letters = {get_column_letter(i): cell for i, cell in enumerate(header.cells, start=1) if name_key(cell) in keys}
    bad = sorted(
        (int(row), letter)
        for letter, row in (match for cell in marks.uncounted for match in _CELL.findall(cell))
        if letter in letters and int(row) > header.row
    )
    if bad:
        row, letter = bad[0]
        more = f" ({len(bad) - 1:,} more such cells)" if len(bad) > 1 else ""
        raise DataError(
            f"the cell {letter}{row} holds a formula that was never worked out{more}",
            where=f"{place}, row {row}, column {safe(letters[letter].strip())}",
            do="Open the workbook, let it calculate, save it; or export the sheet as CSV.",
        )
