"""Days on which a daily source says nothing at all, between its first and its last: they count as nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mmm.arrays import BoolArray, IntArray, WeekArray
from mmm.data.calendar import weekdays
from mmm.data.log import ReadingLog, counted, listed
from mmm.data.reading import Weekday
from mmm.data.sources.draft import Draft
from mmm.data.sources.grain import Covered
from mmm.data.sources.spec import SourceGrain

#: Days in a row that are a hole and no pause; the share of all days that holes may be, and that may be missing.
_HOLE, _SHARE, _SPARSE = 3, 0.05, 0.4
#: Share of the days of one name that are missing where a business is closed on it, and how few of them say nothing.
_CLOSED, _FEW = 0.8, 3
_NAMES = list(Weekday)


def warn_of_silent_days(drafts: Sequence[Draft], covered: Covered, where: str, log: ReadingLog) -> None:
    """Warn of single days without any row of a long daily source, and list weekdays that a daily source never has.

    Parameters
    ----------
    drafts : sequence of Draft
        All files of the source.
    covered : Covered
    where : str
        For the finding: the file, or the source.
    log : ReadingLog
    """
    long = all(draft.label.null_count < len(draft.label) for draft in drafts)
    there = np.unique(np.concatenate([draft.days[draft.used] for draft in drafts]))
    if covered.grain is not SourceGrain.DAILY or len(there) < 2:
        return
    every = np.arange(there[0], there[-1] + np.timedelta64(1, "D"))
    missing = ~np.isin(every, there)
    closed = _closed(every, missing)
    shut = np.isin(weekdays(every), closed)
    if shut.all() or (missing & ~shut).sum() > _SPARSE * (~shut).sum():
        return  # days of their own, as of mailings
    if closed:
        names = listed((f"{_NAMES[day].title()}s" for day in closed), 7)
        log.repaired("closed_days", f"The source has no rows on {names}: they count as days of nothing.", where=where)
    holes = _short(every, missing & ~shut) if long else every[:0]  # of a wide source they are asked about
    if 0 < len(holes) <= _SHARE * (~shut).sum():
        one = len(holes) == 1
        log.warned(
            "silent_days",
            f"On {counted(len(holes), 'day')} between its first and its last the source has no row at all: "
            f"{listed(holes, 6)}. {'It counts' if one else 'They count'} as {'a day' if one else 'days'} of nothing.",
            where=where,
            means="A day that an export lacks looks like a day without spend.",
            do="Compare these days with the platform, and export them again if there was something.",
        )


def _closed(every: WeekArray, missing: BoolArray) -> list[int]:
    """Return the weekdays, Monday 0, that nearly always are missing."""
    number = weekdays(every)
    all_of, gone = np.bincount(number, minlength=7), np.bincount(number, missing, 7)
    return [day for day in range(7) if gone[day] >= _FEW and gone[day] >= _CLOSED * all_of[day]]


def _short(every: WeekArray, missing: BoolArray) -> WeekArray:
    """Return the missing days that stand in short runs."""
    at: IntArray = np.flatnonzero(missing)
    runs = np.split(at, np.flatnonzero(np.diff(at) > 1) + 1)
    return np.asarray(every[np.concatenate([run for run in runs if len(run) <= _HOLE] or [at[:0]])])
