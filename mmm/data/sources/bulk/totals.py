"""Totals of a date in a large file: found among its sums, or a reason to read it cell by cell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from mmm.arrays import BoolArray, IntArray, WeekArray
from mmm.data.dated_totals import find_totals
from mmm.data.dates import read_dates
from mmm.data.log import ReadingLog
from mmm.data.period_totals import last_days, stand_out
from mmm.data.privacy import safe
from mmm.data.reading import Totals
from mmm.data.sources.bulk.head import Head, not_plain
from mmm.data.sources.bulk.query import Shape
from mmm.data.sources.draft import Figures
from mmm.data.sources.totals import dated_of
from mmm.data.spec import PanelSpec
from mmm.data.table import TextTable
from mmm.data.total_names import Amount, TotalRows
from mmm.data.total_words import total_word
from mmm.exceptions import DataError, SpecError


def refuse_totals(found: pa.Table, head: Head, shape: Shape) -> None:
    """Refuse a file whose columns that are not read may tell totals from other rows: their words are not in the sums.

    Raises
    ------
    NotPlainError
        A word for total in some rows, as many blank cells as dates, or a last day far behind those of other rows.
    """
    if head.layout.source.totals is Totals.KEEP:
        return
    file, names = head.place.name, head.table.header
    rows = int(np.sum(found["rows"].to_numpy()))
    dates = len(found[f"c{shape.keys[0]}"].unique())
    for i in shape.others:
        total, filled = (int(np.sum(found[f"{name}{i}"].to_numpy())) for name in ("total", "n"))
        if 0 < total < rows or (filled and rows - filled == dates):
            raise not_plain("some rows may be totals of others", file, column=safe(names[i]))
    blanks = [rows - int(np.sum(found[f"n{i}"].to_numpy())) for i in shape.others]
    blanks += [int(np.sum(found["rows"].to_numpy()[found[f"c{i}"].is_null().to_numpy()])) for i in shape.keys[1:]]
    for i in shape.dated if any(0 < 2 * blank < rows for blank in blanks) else ():  # a summary lacks a name
        if _one_is_long(found, head, shape, i):
            raise not_plain("a row may be a total of several dates", file, column=safe(names[i]))


def _one_is_long(found: pa.Table, head: Head, shape: Shape, i: int) -> bool:
    """Say whether a row's period is far longer than those of others, by a column of last days."""
    first, lists = shape.keys[0], found[f"ends{i}"].to_pylist()
    days_written = found[f"c{first}"].to_pylist()
    pairs = tuple((day or "", end or "") for day, ends in zip(days_written, lists, strict=True) for end in ends)
    header = (head.table.header[first], head.table.header[i])
    table = TextTable(head.place.name, header, tuple(range(len(pairs))), pairs)
    try:
        days = read_dates(table, 0, head.layout.source, ReadingLog())
    except (DataError, SpecError):
        return False
    ends = last_days(table, 1, days, head.layout.source)
    return ends is not None and bool(stand_out((ends - days).astype(np.int64)).any())


def totals_among(
    found: pa.Table,
    head: Head,
    shape: Shape,
    spec: PanelSpec,
    days: WeekArray,
    figures: Sequence[Figures],
    meant: BoolArray,
    log: ReadingLog,
) -> list[TotalRows]:
    """Find the sums that repeat others of their date, by their geo or label.

    Parameters
    ----------
    found : pyarrow.Table
        The file's sums, N lines.
    head : Head
    shape : Shape
    spec : PanelSpec
    days : (N,) datetime64[D]
    figures : sequence of Figures
    meant : (N,) bool
        False for lines that ``only`` leaves out.
    log : ReadingLog
    """
    cells = {i: [(cell or "").strip() for cell in found[f"c{i}"].to_pylist()] for i in shape.keys[1:]}
    if not any(total_word(cell) for column in cells.values() for cell in set(column)):
        return []
    lines: IntArray = found["first"].to_numpy().astype(np.int64)
    header = tuple(head.table.header[i] for i in shape.keys)
    columns = [[""] * len(found), *cells.values()]
    table = TextTable(head.place.name, header, tuple(map(int, lines)), tuple(zip(*columns, strict=True)))
    places = {name: shape.keys.index(i) for name, i in head.columns.items() if i in shape.keys}
    adds = {one.name for one in head.layout.metrics if one.adds_up}
    amounts = [Amount(one.metric, one.values, one.currency is not None) for one in figures if one.metric in adds]
    return find_totals(dated_of(table, head.layout, spec, places, days, amounts, meant), log)
