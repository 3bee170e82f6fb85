"""Total rows: of a whole file, against the sum of the rows above them; of a date, among its other rows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

import numpy as np

from mmm.arrays import BoolArray, WeekArray
from mmm.data.footers import Footers
from mmm.data.log import ReadingLog
from mmm.data.number_column import NumberColumn
from mmm.data.numbers import Kind, read_cell
from mmm.data.privacy import safe
from mmm.data.reading import DecimalMark, name_key
from mmm.data.sources.layout import Layout
from mmm.data.spec import PanelSpec
from mmm.data.table import TextTable
from mmm.data.total_names import Amount, Dated

_CENT = 0.01


def _stated(text: str, decimal: DecimalMark) -> float | None:
    """Read the figure of a total row as its column was read; None where it cannot be."""
    cell = read_cell(text)
    if cell.kind is not Kind.NUMBER:
        return None
    try:
        return cell.value(decimal)
    except ValueError:
        return None


def check_totals(
    whole: TextTable, rows: TextTable, footers: Footers, index: int, numbers: NumberColumn, log: ReadingLog
) -> bool:
    """Compare total rows below the data with the sum of a column.

    Parameters
    ----------
    whole, rows : TextTable
        All rows of the file, and those with figures.
    footers : Footers
    index : int
        The column.
    numbers : NumberColumn
        Of ``rows``, as written.
    log : ReadingLog

    Returns
    -------
    bool
        True where one of them agrees; a row without a label is a total only then.
    """
    added = math.fsum(np.nan_to_num(numbers.values))
    agreed = False
    unlabelled = () if footers.unlabelled is None else (footers.unlabelled,)
    for i in (*footers.totals, *unlabelled):
        stated = _stated(whole.cells[i][index], numbers.decimal)
        if stated is None or whole.rows[i] < rows.rows[-1]:
            continue
        if abs(stated - added) <= 1e-6 * max(1.0, abs(added)) + _CENT:
            agreed = True
        elif i not in unlabelled:
            log.warned(
                "total_differs",
                f"The total row says {stated:,.2f} and the rows add up to {added:,.2f}.",
                where=whole.place(i, safe(whole.header[index])),
                means="Rows may be missing from the file.",
                do="Compare the file with the system it came from.",
            )
    return agreed


def dated_of(
    table: TextTable,
    layout: Layout,
    spec: PanelSpec,
    places: Mapping[str, int],
    days: WeekArray,
    amounts: Sequence[Amount],
    meant: BoolArray,
) -> Dated:
    """Say what is known of a file's rows, N of them, where totals of a date are looked for.

    Parameters
    ----------
    table : TextTable
    layout : Layout
    spec : PanelSpec
    places : Mapping
        Column → its index.
    days : (N,) datetime64[D]
    amounts : sequence of Amount
    meant : (N,) bool
        False for rows that ``only`` leaves out.
    """
    join = spec.join
    channels = [*spec.channels, *join.channels, *join.campaigns, *join.ignore]
    known = {layout.channel or "": channels, layout.geo or "": [*join.geos]}
    names = {places[column]: [*map(name_key, some)] for column, some in known.items() if column in places}

    def declared(i: int, cell: str) -> bool:
        # A pattern for everything declares nothing.
        return any(fnmatchcase(cell, one) for one in names.get(i, []) if one.strip("*? "))

    def at(*columns: str | None) -> list[int]:
        return [places[one] for one in columns if one is not None and one in places]

    return Dated(
        table,
        days,
        amounts,
        figures=at(layout.date, layout.value, *([] if layout.metric else [one.column for one in layout.metrics])),
        named=at(layout.geo, layout.channel, layout.currency),
        meant=meant,
        reading=layout.source,
        fixed=at(layout.metric),
        passed=at(*layout.source.only),
        declared=declared,
    )
