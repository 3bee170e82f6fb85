"""Rows that stand twice in one file: an export's mistake, or two campaigns that look alike.

In a wide source a date and geo has one row: an identical repeat is set aside, another figure is refused. In a source
whose rows add up, two identical rows can be real, as of two advertisements of one campaign. The file itself tells:
where no two of its other rows agree in everything but their figures, rows are told apart by what is written in them,
and an identical repeat was exported twice. Where such rows exist, rows are finer than the columns show: all are kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

import numpy as np
import pyarrow as pa

from mmm.data.log import ReadingLog
from mmm.data.numbers import Kind, read_cell
from mmm.data.privacy import safe
from mmm.data.sources.draft import Draft, amounts, rows_named
from mmm.data.sources.layout import Layout
from mmm.data.sources.wording import money_told
from mmm.data.table import TextTable
from mmm.exceptions import DataError

REPEATED = "an identical row stands above, and no other two rows of the file differ in their figures only"
_ID = re.compile(r"(?:^|[\W_])id(?:$|[\W_])", re.IGNORECASE)
#: Rows by which a column that is not read is judged to hold figures.
SEEN = 300


#: Different cells of a column that names parts, as stores, and the share of the rows that it tells from all others.
_MOST_PARTS, _TELLS = 500, 0.99


class Repeated(StrEnum):
    """What identical rows are."""

    NONE = "none"
    MISTAKE = "mistake"
    REAL = "real"


def judge(rows: int, distinct: int, keys: int) -> Repeated:
    """Judge identical rows.

    Parameters
    ----------
    rows, distinct : int
        All rows, and how many different ones they are.
    keys : int
        How many different ones there are among them without their figures.
    """
    if rows == distinct:
        return Repeated.NONE
    return Repeated.MISTAKE if distinct == keys else Repeated.REAL


def set_repeats_aside(
    draft: Draft, table: TextTable, layout: Layout, places: Mapping[str, int], currency: str, log: ReadingLog
) -> None:
    """Set identical repeats aside where they are an export's mistake.

    Raises
    ------
    DataError
        Two rows of one date and geo with different figures, in a source that has one row for each.
    """
    if not layout.source.adds:
        _one_row_each(draft, table, layout, places, currency, log)
        return
    first: dict[tuple[str, ...], int] = {}
    repeat = np.asarray([first.setdefault(cells, i) != i for i, cells in enumerate(table.cells)], dtype=bool)
    if not repeat.any():
        return
    figures = figure_columns(table, layout, places)
    keep = [i for i in range(len(table.header)) if i not in figures]
    keys = {tuple(cells[i] for i in keep) for cells in first}
    tell(judge(len(table), len(first), len(keys)), draft, repeat, currency, log)


def tell(what: Repeated, draft: Draft, repeat: np.typing.NDArray[np.bool_], currency: str, log: ReadingLog) -> None:
    """Set repeats aside as a mistake, or keep them and warn; (N,) bool."""
    if what is Repeated.MISTAKE:
        do = "Nothing, if the row was exported twice by mistake."
        draft.exclude(repeat, "duplicate_rows", REPEATED, log, currency=currency, do=do)
    elif what is Repeated.REAL and (repeat & draft.used).any():
        kept = repeat & draft.used
        rows = int(draft.rows[kept].sum())
        money = amounts(money_told(draft.money(kept), currency))
        log.warned(
            "identical_rows_kept",
            f"{rows:,} row{'s are' if rows > 1 else ' is'} identical to a row above{f', with {money}' if money else ''}"
            ", and kept: other rows differ in their figures only, so rows are finer than the columns show.",
            where=f"{draft.file}, {rows_named(draft.row[kept], rows)}",
            means="If they were exported twice, their figures are counted twice.",
            do="Export a column that tells the rows apart, such as the advertisement's id.",
        )


def figure_columns(table: TextTable, layout: Layout, places: Mapping[str, int]) -> set[int]:
    """Return the columns of figures: those that are read, and all others that hold numbers only and no identifier."""
    read = {places[one.column] for one in layout.metrics} if layout.metric is None else set[int]()
    if layout.value is not None:
        read.add(places[layout.value])
    named = {i for i in places.values() if i not in read}
    for i, name in enumerate(table.header):
        if i not in named and i not in read and not _ID.search(name):
            cells = [cells[i] for cells in table.cells[:SEEN] if cells[i].strip()]
            if all(read_cell(cell).kind in (Kind.NUMBER, Kind.PLACEHOLDER) for cell in cells):
                read.add(i)
    return read


def parts_of(table: TextTable, layout: Layout, places: Mapping[str, int]) -> pa.Array | None:
    """Return which part of the whole each row of a wide source is, as a till's store, (N,); None where none tells.

    It is the column of fewest different cells that, with the date and the geo, tells every row from the others.
    """
    if layout.source.is_long or not layout.source.adds or not len(table):
        return None
    figures = figure_columns(table, layout, places)
    keys = [places[name] for name in (layout.date, layout.geo) if name is not None]
    found: tuple[int, list[str]] | None = None
    for i in range(len(table.header)):
        if i in figures or i in keys:
            continue
        cells = [" ".join(cell.split()) for cell in table.column(i)]
        many = len(set(cells))
        if not 1 < many <= min(_MOST_PARTS, len(cells) // 2) or (found is not None and many >= found[0]):
            continue
        rows = set(zip(*(table.column(key) for key in keys), cells, strict=True))
        if len(rows) >= _TELLS * len(set(table.cells)):
            found = many, cells
    return None if found is None else pa.array(found[1], pa.string())


def _one_row_each(
    draft: Draft, table: TextTable, layout: Layout, places: Mapping[str, int], currency: str, log: ReadingLog
) -> None:
    first: dict[tuple[object, ...], int] = {}
    repeat = np.zeros(len(table), dtype=bool)
    names = [[""] * len(table) if layout.metric is None else table.column(places[layout.metric])]
    geo, label = draft.geo.to_pylist(), draft.label.to_pylist()
    for i, key in enumerate(zip(draft.days.tolist(), geo, label, *names, strict=True)):
        if not draft.used[i]:
            continue
        earlier = first.setdefault(key, i)
        if earlier == i:
            continue
        if table.cells[i] != table.cells[earlier]:
            place = "" if key[1] is None else f" of the geo '{safe(str(key[1]))}'"
            raise DataError(
                f"the date {key[0]}{place} stands here and in row {table.rows[earlier]} with different figures",
                where=table.place(i, safe(layout.date)),
                do="Keep one row a date; if the rows are places, declare data.geo; if they are parts that add up, as "
                "products or sales are, declare data.repeats: add.",
            )
        repeat[i] = True
    reason, do = "an identical row stands above", "Nothing, if the row was exported twice by mistake."
    draft.exclude(repeat, "duplicate_rows", reason, log, currency=currency, do=do)
