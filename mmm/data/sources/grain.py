"""How long a time each date of a source stands for, over all its files, and the days that its figures cover."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mmm.arrays import WeekArray
from mmm.data.calendar import Grain, week_starts, weekdays
from mmm.data.log import ReadingLog
from mmm.data.reading import DateMarks, Weekday
from mmm.data.sources.spec import SourceGrain, SourceSpec
from mmm.exceptions import DataError

_DAY = np.timedelta64(1, "D")
_NAMES = list(Weekday)
_MONTH_STEPS = (28, 31)
_DECLARE = "Declare data.grain: daily, weekly or monthly in the model file"


@dataclass(frozen=True)
class Covered:
    """What a source's dates mean.

    Attributes
    ----------
    grain : SourceGrain
    starts : Weekday or None
        First day of its weeks.
    date_marks : DateMarks, optional
    """

    grain: SourceGrain
    starts: Weekday | None
    date_marks: DateMarks | None

    def span(self, days: WeekArray) -> tuple[WeekArray, WeekArray]:
        """Return the first and the last day that each date stands for, both (N,)."""
        if self.grain is SourceGrain.DAILY:
            return days, days
        if self.grain is SourceGrain.WEEKLY:
            first = days - 6 * _DAY if self.date_marks is DateMarks.LAST_DAY else days
            return np.asarray(first), np.asarray(first + 6 * _DAY)
        months = days.astype("datetime64[M]")
        first = months.astype("datetime64[D]")
        return first, np.asarray((months + np.timedelta64(1, "M")).astype("datetime64[D]") - _DAY)


def cover(
    days: WeekArray,
    source: SourceSpec,
    usual: Weekday | None,
    file: str,
    log: ReadingLog,
    headers: Sequence[str] = (),
) -> Covered:
    """Tell daily, weekly and monthly dates apart.

    Parameters
    ----------
    days : (N,) datetime64[D]
        All dates of all files; sorted, without repeats.
    source : SourceSpec
    usual : Weekday or None
        First day of the panel's week, where it is declared: dates on that day need no declaration of their own.
    file : str
        For messages.
    log : ReadingLog
    headers : sequence of str
        Names of the columns of dates.

    Raises
    ------
    DataError
        Dates that show no grain, or two; weeks of which it is not known what their date marks.
    """
    grain = source.grain or _shown(days, file)
    marks = source.date_marks
    if grain is not SourceGrain.WEEKLY:
        return Covered(grain, None, marks)
    _one_weekday(days, file)
    first = days - 6 * _DAY if marks is DateMarks.LAST_DAY else days
    starts = _NAMES[int(weekdays(first[:1])[0])]
    if source.week_start is None and starts is usual:
        source = source.model_copy(update={"week_start": usual})
    week_starts(days, Grain.WEEKLY, source, file, log, headers)
    return Covered(grain, starts, marks)


def _shown(days: WeekArray, file: str) -> SourceGrain:
    if len(days) < 2:
        raise DataError(
            "the source has a single date, which may be a day, a week or a month", where=file, do=f"{_DECLARE}."
        )
    steps = np.diff(days).astype(np.int64)
    common = int(np.median(steps))
    monthly = common >= _MONTH_STEPS[0] and (_all_first(days) or _all_first(np.asarray(days + _DAY)))
    weekly = len(np.unique(weekdays(days))) == 1
    if common == 1:
        return SourceGrain.DAILY
    if monthly and not weekly:
        return SourceGrain.MONTHLY
    if weekly and not monthly:
        return SourceGrain.WEEKLY
    if weekly:
        raise DataError(f"the dates {days[0]}, {days[1]}… may be weeks or months", where=file, do=f"{_DECLARE}.")
    if common == 7:
        _one_weekday(days, file)
    raise DataError(
        f"the dates are neither daily nor weekly nor monthly: the usual step is {common} days",
        where=file,
        do=f"{_DECLARE}: daily if each date is a day of its own, as of e-mails or events.",
    )


def _all_first(days: WeekArray) -> bool:
    return bool((days == days.astype("datetime64[M]").astype("datetime64[D]")).all())


def _one_weekday(days: WeekArray, file: str) -> None:
    """Refuse weekly dates on different days of the week."""
    numbers = weekdays(days)
    usual = int(np.bincount(numbers, minlength=7).argmax())
    odd = days[numbers != usual]
    if len(odd):
        raise DataError(
            f"{odd[0]} is a {_NAMES[int(weekdays(odd[:1])[0])].title()} and most dates are {_NAMES[usual].title()}s",
            where=file,
            do="Correct the date: weekly rows fall on one day of the week. If each date is a day of its own, declare "
            "data.grain: daily.",
        )
