"""Total rows against the sum of the rows above them: a warning where they differ."""

from __future__ import annotations

import math

import numpy as np

from mmm.data.footers import Footers
from mmm.data.log import ReadingLog
from mmm.data.number_column import NumberColumn
from mmm.data.numbers import Kind, read_cell
from mmm.data.privacy import safe
from mmm.data.reading import DecimalMark
from mmm.data.table import TextTable

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
