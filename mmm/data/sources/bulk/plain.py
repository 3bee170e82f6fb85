"""What a large file's sums say of its cells: read in one way, or a reason to read it cell by cell."""

from __future__ import annotations

import re

import duckdb
import numpy as np
import pyarrow as pa

from mmm.arrays import BoolArray, IntArray, WeekArray
from mmm.data.currency_of_rows import holds_currencies
from mmm.data.dates import read_dates
from mmm.data.log import ReadingLog
from mmm.data.names import list_markup
from mmm.data.privacy import refuse_personal, safe
from mmm.data.reading import DecimalMark, name_key
from mmm.data.sources.bulk.head import Head, not_plain
from mmm.data.sources.bulk.query import SUSPECT, Shape, cell_at, decimals_of, different, suspects
from mmm.data.sources.money import Currencies
from mmm.data.table import TextTable

_CENTS = 2
_SUSPECT = re.compile(SUSPECT)


def check_rows(sums: pa.Table, head: Head) -> None:
    """Refuse a file whose lines are not its rows: cells over two lines, blank lines."""
    rows = int(np.sum(sums["rows"].to_numpy()))
    if rows + 1 != head.lines:
        says = f"{head.lines:,} lines hold {rows:,} rows: a cell runs over two lines, or a line is blank"
        raise not_plain(says, head.place.name)


def check_numbers(base: duckdb.DuckDBPyConnection, found: pa.Table, head: Head, shape: Shape) -> None:
    """Refuse cells that are no plain number, and ``1.234`` where it has two readings."""
    file, names, declared = head.place.name, head.table.header, head.layout.source.decimal
    for i in shape.figures:
        odd = min((row for row in found[f"odd{i}"].to_pylist() if row is not None), default=None)
        if odd is not None:
            cell = safe(cell_at(base, head, i, odd).strip())
            raise not_plain(f"'{cell}' is not a plain number", file, odd, safe(names[i]))
        if declared is DecimalMark.COMMA:
            raise not_plain("a decimal comma is declared", file, None, safe(names[i]))
        if declared is DecimalMark.POINT or not np.sum(found[f"three{i}"].to_numpy()):
            continue
        seen = decimals_of(base, head, i)
        if seen.either and (not seen.clear or (seen.most <= _CENTS and seen.either < seen.clear)):
            raise not_plain("a number such as 1.234 has two readings", file, seen.first, safe(names[i]))


def refuse_people(base: duckdb.DuckDBPyConnection, found: pa.Table, head: Head, shape: Shape) -> None:
    """Look at cells that may be personal, wherever they may be half of a column, or an e-mail address.

    Raises
    ------
    DataError
        Names the column, never a value.
    """
    rows = found["rows"].to_numpy()
    for i in shape.keys[1:]:
        table, which = _different(found, head, i)
        cells = [row[0].strip() for row in table.cells]
        weight = np.bincount(which, weights=rows, minlength=len(cells))
        looks = np.asarray(["@" in cell or _SUSPECT.fullmatch(cell) is not None for cell in cells], dtype=bool)
        filled = float(weight[[bool(cell) for cell in cells]].sum())
        if any("@" in cell for cell in cells) or (looks.any() and 2 * weight[looks].sum() >= filled):
            refuse_suspects([cell for cell, one in zip(cells, looks, strict=True) if one], head, i)
    for i in shape.others:
        suspect, at, n = (int(np.sum(found[f"{name}{i}"].to_numpy())) for name in ("suspect", "at", "n"))
        if at or (suspect and 2 * suspect >= n):
            refuse_suspects(suspects(base, head, i), head, i)


def refuse_unread_currencies(base: duckdb.DuckDBPyConnection, head: Head, shape: Shape, currencies: Currencies) -> None:
    """Refuse a column of currency codes that is not read, if it looks like one in the head of the file.

    Raises
    ------
    DataError
        Names the column and its codes.
    """
    for i in shape.others if currencies.may_be_unread else ():
        if holds_currencies(head.table.column(i), ""):
            found = different(base, head, i)
            rows, cells = tuple(row for _, row in found), tuple((cell,) for cell, _ in found)
            currencies.refuse_unread(TextTable(head.place.name, (head.table.header[i],), rows, cells), ())


def refuse_suspects(cells: list[str], head: Head, column: int) -> None:
    """Refuse different cells of one column that are personal.

    Raises
    ------
    DataError
        Names the column, never a value.
    """
    refuse_personal(
        TextTable(head.place.name, (head.table.header[column],), tuple(range(len(cells))), tuple((x,) for x in cells))
    )


def _different(sums: pa.Table, head: Head, column: int) -> tuple[TextTable, np.typing.NDArray[np.int64]]:
    """Return the different cells of a column as a table, with the line where each stands first, and (N,) which."""
    coded = sums[f"c{column}"].combine_chunks().dictionary_encode(null_encoding="encode")
    which = np.asarray(coded.indices, dtype=np.int64)
    cells = [x or "" for x in coded.dictionary.to_pylist()]
    first = sums["first"].to_numpy()
    rows = np.full(len(cells), np.iinfo(np.int64).max)
    np.minimum.at(rows, which, first)
    table = TextTable(head.place.name, (head.table.header[column],), tuple(map(int, rows)), tuple((x,) for x in cells))
    return table, which


def days_of(sums: pa.Table, head: Head, shape: Shape, log: ReadingLog) -> WeekArray:
    """Read the dates, (N,), by the strict reader: it sees each different one once."""
    table, which = _different(sums, head, shape.keys[0])
    return np.asarray(read_dates(table, 0, head.layout.source, log)[which])


def names_of(
    sums: pa.Table, head: Head, column: str | None, one: str | None, what: str, unmeant: BoolArray, log: ReadingLog
) -> pa.Array:
    """Return geos or labels as they are written, (N,)."""
    if column is None:
        return pa.array([one] * len(sums), pa.string())
    table, which = _different(sums, head, head.columns[column])
    cells = [row[0].strip() for row in table.cells]
    for i, cell in enumerate(cells):
        if not cell and not unmeant[which == i].all():
            raise not_plain(f"the {what} is missing", head.place.name, table.rows[i], safe(column))
    list_markup(cells, f"{head.place.name}, column {safe(column)}", log)
    return pa.array([cell or None for cell in cells], pa.string()).take(pa.array(which))


def names_in(sums: pa.Table, shape: Shape) -> IntArray:
    """Return which line is of whom: a number for each geo, label and other name that is read, (N,)."""
    found = np.zeros(len(sums), dtype=np.int64)
    for i in shape.keys[1:]:
        codes = np.asarray(sums[f"c{i}"].combine_chunks().dictionary_encode(null_encoding="encode").indices)
        found = np.unique(found * (int(codes.max(initial=0)) + 1) + codes, return_inverse=True)[1].astype(np.int64)
    return found


def codes_of(sums: pa.Table, head: Head, currencies: Currencies) -> pa.Array:
    """Return the currency of every line, (N,)."""
    index = head.index(head.layout.currency)
    if index is None:
        return pa.array([currencies.home] * len(sums), pa.string())
    table, which = _different(sums, head, index)
    return pa.array(currencies.of_rows(table, 0), pa.string()).take(pa.array(which))


def unmeant(sums: pa.Table, head: Head, column: str, values: tuple[str, ...]) -> tuple[BoolArray, list[str]]:
    """Return which lines ``only`` leaves out, (N,), and the different cells of its column."""
    table, which = _different(sums, head, head.columns[column])
    keys = {name_key(value) for value in values}
    cells = [row[0].strip() for row in table.cells]
    gone = np.asarray([name_key(cell) not in keys for cell in cells], dtype=bool)
    return gone[which], cells
