"""Where every cell of the joined table comes from: the rows of files, and what each gave."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from mmm.arrays import BoolArray, FloatArray, IntArray
from mmm.data.joining.joined import CELLS
from mmm.data.joining.known import Known
from mmm.data.joining.lines import NONE
from mmm.data.joining.names import SeriesNames
from mmm.data.joining.pieces import Pieces


@dataclass(frozen=True, eq=False)
class Parts:
    """What each used piece gives to which cell, Q parts; a figure that holds for every geo gives one to each.

    Attributes
    ----------
    piece, series, geo, period : (Q,) ints
        ``period`` counts on the axis.
    value : (Q,)
        Parts of a cell add up to it; NaN where the figure is missing.
    """

    piece: IntArray
    series: IntArray
    geo: IntArray
    period: IntArray
    value: FloatArray


def make_cells(
    pieces: Pieces, parts: Parts, known: Known, geos: tuple[str, ...], names: SeriesNames, keep: BoolArray
) -> pa.Table:
    """Write where every cell comes from, sorted by period, geo and series.

    Parameters
    ----------
    keep : (Q,) bool
        Parts of cells that the panel has.
    """
    lines = pieces.lines
    at = np.flatnonzero(keep & ~np.isnan(parts.value))
    at = at[np.lexsort((pieces.line[parts.piece[at]], parts.series[at], parts.geo[at], parts.period[at]))]
    line = pieces.line[parts.piece[at]]

    def words(texts: tuple[str, ...], codes: IntArray) -> pa.Array:
        index = pa.array(np.where(codes == NONE, 0, codes), mask=codes == NONE)
        return pa.DictionaryArray.from_arrays(index, pa.array([*texts] or [""], pa.string())).cast(pa.string())

    columns = {
        "week": pa.array(known.axis[parts.period[at]].astype("datetime64[D]")),
        "geo": words(geos, parts.geo[at]),
        "series": words(tuple(column for _, _, column in names.all), parts.series[at]),
        "source": words(lines.sources, lines.source[line]),
        "file": words(tuple(file.name for _, file in lines.files), lines.file[line]),
        "row": pa.array(lines.row[line]),
        "last_row": pa.array(lines.last_row[line]),
        "rows": pa.array(lines.rows[line]),
        "first_day": pa.array(lines.first[line].astype("datetime64[D]")),
        "last_day": pa.array(lines.last[line].astype("datetime64[D]")),
        "label": words(lines.label.texts, lines.label.codes[line]),
        "value": pa.array(parts.value[at]),
        "original": pa.array(lines.value[line]),
        "currency": words(lines.currency.texts, lines.currency.codes[line]),
    }
    return pa.table(columns).cast(CELLS)
