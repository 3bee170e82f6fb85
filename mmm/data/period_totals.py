"""Rows whose period covers those of others, as the summary above an export of days."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from mmm.arrays import BoolArray, IntArray, WeekArray
from mmm.data.dates import read_dates
from mmm.data.log import ReadingLog
from mmm.data.privacy import safe
from mmm.data.reading import Reading, Totals
from mmm.data.table import TextTable
from mmm.data.total_names import Names, TotalRows
from mmm.exceptions import DataError, SpecError

#: Share of rows that may be summaries of a period, and by how much their span stands out.
_FEW, _LONGER, _STEADY, _MOSTLY = 0.1, 1.5, 3, 0.8
#: Cells by which a column is tried.
_TRIED = 5
_DATED = re.compile(r"(?=.*\d).*(?:\d{4}.*\d|\d[/.-]\d).*")


def summaries(names: Names) -> Iterator[TotalRows]:
    """Yield rows whose period, by a column of last days, covers those of others, and that are their sum."""
    for i in [i for i in names.cells if i not in names.dated.named and i not in names.dated.passed]:
        ends = last_days(names.table, i, names.days, names.dated.reading)
        if ends is None:
            continue
        long = np.zeros(len(names.left), dtype=bool)
        long[names.left] = stand_out((ends - names.days).astype(np.int64)[names.left])
        plain = names.left & ~long
        found = [row for row in np.flatnonzero(long) if _covers(names, int(row), ends, plain, i)]
        if found:
            names.left[found] = False
            reason = f"by the column '{safe(names.table.header[i])}' the row is a total of the days that follow"
            yield TotalRows(np.asarray(found, dtype=np.int64), reason)


def _covers(names: Names, row: int, ends: WeekArray, plain: BoolArray, column: int) -> bool:
    """Say whether a row is the sum of the rows in its period; refuse one without a name that covers them and is not."""
    within = plain & (names.days >= names.days[row]) & (ends <= ends[row])
    if len(np.unique(names.days[within])) < 2:
        return False
    bound = [d for d in names.dims if d != column and not names.free_in(d)[row]]
    some = [d for d in bound if d in names.dated.named or d in names.dated.fixed]
    for columns in (bound, some or [d for d in bound if d in names.dated.fixed]):
        rows = within.copy()
        for d in columns:
            codes = names.code(d)[0]
            rows &= codes == codes[row]
        sums = [np.asarray([math.fsum(np.nan_to_num(one.values[rows]))]) for one in names.judged]
        if (
            rows.any()
            and names.agree(
                np.asarray([row], dtype=np.int64),
                sums,
                np.asarray([rows.sum()], dtype=np.int64),
                np.flatnonzero(rows),
            )[0]
        ):
            return True
    if not _lacks_names(names, row):
        return False  # an order that is delivered late, a booking of a quarter
    if names.dated.reading.totals is Totals.LEAVE_OUT:
        return True
    raise DataError(
        f"the row covers {names.days[row]} to {ends[row]}, days of which other rows have figures of their own, and "
        "is not their sum",
        where=names.table.place(row, safe(names.table.header[column])),
        do=f"Declare {names.dated.key}: leave_out if it repeats others, or {names.dated.key}: keep if it counts "
        "beside them.",
    )


def _lacks_names(names: Names, row: int) -> bool:
    """Say whether a row has no name, or a word for total, where most others have one."""
    return any(names.free_in(d)[row] and 2 * names.free_in(d).sum() < len(names.days) for d in names.dims)


def holds_dates(table: TextTable, index: int, reading: Reading) -> bool:
    """Say whether every cell of a column is a date."""
    return _dates(table, index, reading) is not None


def _dates(table: TextTable, index: int, reading: Reading) -> WeekArray | None:
    """Read a column of dates, (N,); None where it holds something else."""
    cells = [cell.strip() for cell in table.column(index)]
    if not all(_DATED.fullmatch(cell) for cell in (*cells[:_TRIED], *set(cells))):
        return None
    order = sorted(set(cells))
    header, rows = (table.header[index],), tuple(range(len(order)))
    short = replace(table, header=header, rows=rows, cells=tuple((cell,) for cell in order))
    try:
        read = read_dates(short, 0, reading, ReadingLog())
    except (DataError, SpecError):
        return None
    place = {cell: n for n, cell in enumerate(order)}
    return np.asarray(read[[place[cell] for cell in cells]])


def last_days(table: TextTable, index: int, days: WeekArray, reading: Reading) -> WeekArray | None:
    """Read a column as the last days of rows' periods, (N,); None where it is something else.

    Parameters
    ----------
    table : TextTable
    index : int
        The column.
    days : (N,) datetime64[D]
        The rows' first days.
    reading : Reading
    """
    ends = _dates(table, index, reading)
    return ends if ends is not None and bool((ends >= days).all()) else None


def stand_out(span: IntArray) -> BoolArray:
    """Say which periods are far longer than others, (N,): none, where they are not few or the others differ too.

    Parameters
    ----------
    span : (N,) ints
        Days of each period.
    """
    usual = float(np.median(span)) if len(span) else 0.0
    long = np.asarray(span > _LONGER * usual + 1)
    few = 0 < long.sum() <= max(1, _FEW * len(span))
    if not few or (np.abs(span[~long] - usual) <= _STEADY).mean() < _MOSTLY:
        return np.zeros(len(span), dtype=bool)
    return long
