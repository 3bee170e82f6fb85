"""A regular grid of days or weeks → whole weeks."""

from __future__ import annotations

from datetime import date

import numpy as np

from mmm.arrays import FloatArray, WeekArray
from mmm.data.calendar import Grain, week_starts
from mmm.data.columns import Role
from mmm.data.grid import Grid
from mmm.data.log import ReadingLog
from mmm.data.rows import RowAccount
from mmm.data.spec import DataSpec
from mmm.exceptions import DataError

_SUMMED = (Role.OUTCOME, Role.SPEND, Role.EXPOSURE, Role.ORGANIC)


def whole_weeks(grid: Grid, spec: DataSpec, today: date, account: RowAccount) -> Grid:
    """Leave out the days of weeks that are not whole, and the week that is not over; both are listed.

    Raises
    ------
    DataError
        No whole week is left.
    """
    file = account.columns.table.file
    starts = week_starts(grid.axis.days, grid.axis.grain, spec, file, ReadingLog())
    over = np.ones(len(starts), dtype=bool)
    if not spec.allow_future:
        over = starts + np.timedelta64(6, "D") < np.datetime64(today)
    stop = int(over.sum())
    account.exclude(
        grid.outside(0, stop),
        "week_not_over",
        f"the week is not over on {today}",
        "Nothing: the next export will hold the whole week.",
    )
    first = 0
    if grid.axis.grain is Grain.DAILY:
        first = int(np.flatnonzero(starts == grid.axis.days)[0]) if (starts == grid.axis.days).any() else stop
        stop -= (stop - first) % 7 if stop > first else 0
        account.exclude(
            grid.outside(first, stop),
            "partial_week",
            "the file holds a part of this week only",
            "Nothing, or export whole weeks.",
        )
    if stop <= first:
        raise DataError("no whole week is left", where=file, do="Give a file that covers more weeks.")
    return grid.cut(first, stop)


def starts_of(grid: Grid, spec: DataSpec, file: str, log: ReadingLog) -> WeekArray:
    """Return the first day of every week of a grid of whole weeks, (T,)."""
    starts = week_starts(grid.axis.days, grid.axis.grain, spec, file, log)
    return starts[::7] if grid.axis.grain is Grain.DAILY else starts


def to_weeks(values: FloatArray, role: Role, outcome: FloatArray, grain: Grain) -> FloatArray:
    """Bring one series from the grid to weeks, (G, D) → (G, T).

    Outcome, spend, exposure and organic activity are summed, controls and population averaged; a value per outcome is
    weighted by the outcome, so that the week's money stays the days' money.
    """
    if grain is Grain.WEEKLY:
        return values
    days = values.reshape(len(values), -1, 7)
    if role in _SUMMED:
        return np.asarray(days.sum(axis=2))
    if role is Role.VALUE:
        weights = outcome.reshape(days.shape)
        total = weights.sum(axis=2)
        plain = days.mean(axis=2)
        return np.where(total > 0, (days * weights).sum(axis=2) / np.where(total > 0, total, 1.0), plain)
    return np.asarray(days.mean(axis=2))
