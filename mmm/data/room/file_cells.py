"""The cells of one data file: which of its rows gave what to which week, found as the panel is made from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mmm.arrays import FloatArray, IntArray, WeekArray
from mmm.data.calendar import Grain, grain_of, week_starts
from mmm.data.columns import Columns, Role
from mmm.data.log import ReadingLog
from mmm.data.national import split_national
from mmm.data.panel import Panel
from mmm.data.room.figures import SUMMED
from mmm.data.rows import geo_codes
from mmm.data.spec import PanelSpec

if TYPE_CHECKING:
    import pyarrow as pa

_DAYS = 7


def file_cells(columns: Columns, panel: Panel, spec: PanelSpec) -> pa.Table:
    """Return the cells that the rows of one file gave.

    Parameters
    ----------
    columns : Columns
        As read.
    panel : Panel
        Made from them.
    spec : PanelSpec

    Returns
    -------
    pyarrow.Table
        As :data:`mmm.data.joining.joined.CELLS`, a line a row and column. Empty cells give no line.
    """
    import pyarrow as pa  # noqa: PLC0415

    columns = split_national(columns, spec, ReadingLog())[0]
    used = _used(columns)
    days = columns.days[used]
    grain = grain_of(np.unique(columns.days), columns.table.file)
    weeks = week_starts(days, grain, spec.data, columns.table.file, ReadingLog())
    last = days if grain is Grain.DAILY else weeks + np.timedelta64(_DAYS - 1, "D")
    outcome = next(s.values for s in columns.series if s.role is Role.OUTCOME)[used]
    code = _cell_codes(columns, used, weeks)
    rows = np.asarray(columns.table.rows, dtype=np.int64)[used]
    geos = pa.array(columns.geo).take(pa.array(used)) if len(set(columns.geo)) > 1 else None
    parts = []
    for series in columns.series:
        if series.role in (Role.POPULATION, Role.COST):
            continue
        value = series.values[used] * _weights(series.role, outcome, code, grain)
        there = np.flatnonzero(np.isfinite(value))
        count = len(there)
        parts.append(
            pa.table(
                {
                    "week": pa.array(weeks[there]),
                    "geo": pa.array([panel.geos[0]] * count) if geos is None else geos.take(pa.array(there)),
                    "series": pa.array([series.column] * count, pa.string()),
                    "source": pa.array([spec.data_name] * count, pa.string()),
                    "file": pa.array([spec.data_name] * count, pa.string()),
                    "row": pa.array(rows[there]),
                    "last_row": pa.array(rows[there]),
                    "rows": pa.array(np.ones(count, dtype=np.int64)),
                    "first_day": pa.array((days if grain is Grain.DAILY else weeks)[there]),
                    "last_day": pa.array(last[there]),
                    "label": pa.nulls(count, pa.string()),
                    "value": pa.array(value[there]),
                }
            )
        )
    return pa.concat_tables(parts)


def _used(columns: Columns) -> IntArray:
    """Return the rows that are no repeat of a row above, in the order of the file."""
    day = columns.days.astype(np.int64)
    geo = geo_codes(columns.geo)[1]
    return np.sort(np.unique(np.stack([day, geo]), axis=1, return_index=True)[1])


def _cell_codes(columns: Columns, used: IntArray, weeks: WeekArray) -> IntArray:
    """Number the week and geo of each used row."""
    geo = geo_codes(columns.geo)[1][used]
    return np.asarray(np.unique(np.stack([weeks.astype(np.int64), geo]), axis=1, return_inverse=True)[1]).ravel()


def _weights(role: Role, outcome: FloatArray, code: IntArray, grain: Grain) -> FloatArray:
    """Return what each row counts in its week: 1 where weeks are sums, else its share of the average."""
    if role in SUMMED or grain is Grain.WEEKLY:
        return np.ones(len(outcome))
    if role is Role.VALUE:
        total = np.bincount(code, weights=np.nan_to_num(outcome))[code]
        return np.where(total > 0, np.nan_to_num(outcome) / np.where(total > 0, total, 1.0), 1.0 / _DAYS)
    return np.full(len(outcome), 1.0 / _DAYS)
