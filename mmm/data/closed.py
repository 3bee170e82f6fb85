"""Days of the week on which a business is closed: daily figures that never have a row on them have nothing there."""

from __future__ import annotations

import numpy as np

from mmm.arrays import BoolArray, WeekArray

_DAY = np.timedelta64(1, "D")
#: How often a day of the week must be missing to be told from chance, and how many of them a week may lack.
_TIMES, _MOST = 3, 3


def closed_weekdays(days: WeekArray) -> BoolArray:
    """Say which days of the week never have a row, (7,), Thursday (the first of 1970) first; none, if they are many.

    Parameters
    ----------
    days : (N,) datetime64[D]
        That have rows, in any order.
    """
    first, last = days.min(), days.max()
    every = np.arange(first, last + _DAY)
    often = np.bincount(every.astype(np.int64) % 7, minlength=7)
    there = np.bincount(np.unique(days).astype(np.int64) % 7, minlength=7)
    closed = np.asarray((there == 0) & (often >= _TIMES))
    return closed if closed.sum() <= _MOST else np.zeros(7, dtype=bool)


def is_closed(days: WeekArray, closed: BoolArray) -> BoolArray:
    """Say which days are of such a day of the week, (N,)."""
    return np.asarray(closed[days.astype(np.int64) % 7])


def with_closed_ends(days: WeekArray) -> WeekArray:
    """Return sorted days with the closed ones around them: a week may end on a closed Sunday."""
    closed = closed_weekdays(days)
    first, last = days[0], days[-1]
    while closed[(first - _DAY).astype(np.int64) % 7]:
        first -= _DAY
    while closed[(last + _DAY).astype(np.int64) % 7]:
        last += _DAY
    before, after = np.arange(first, days[0]), np.arange(days[-1] + _DAY, last + _DAY)
    return np.concatenate([before, days, after])
