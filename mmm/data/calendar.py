"""Days → weeks: the grain of the data, the first day of a week, weeks that are not over, and gaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np

from mmm.arrays import IntArray, WeekArray
from mmm.data.log import ReadingLog, counted, listed
from mmm.data.privacy import safe
from mmm.data.reading import DateMarks, Reading, Weekday
from mmm.data.spec import DataSpec
from mmm.data.week_headers import first_said
from mmm.exceptions import DataError

_DAY = np.timedelta64(1, "D")
_NAMES = list(Weekday)


class Grain(StrEnum):
    """How far apart the dates are."""

    DAILY = "daily"
    WEEKLY = "weekly"

    @property
    def days(self) -> int:
        """Days from one date to the next."""
        return 1 if self is Grain.DAILY else 7


def weekdays(days: WeekArray) -> IntArray:
    """Return the day of the week of each date, Monday 0."""
    return np.asarray((days.astype("datetime64[D]").astype(np.int64) + 3) % 7, dtype=np.int64)


def grain_of(days: WeekArray, file: str) -> Grain:
    """Tell daily from weekly dates.

    Parameters
    ----------
    days : (N,) datetime64[D]
        Sorted, without repeats.
    file : str

    Raises
    ------
    DataError
        One date only, months, or dates that fall on no common day of the week.
    """
    if len(days) < 2:
        raise DataError("the file has a single date", where=file, do="Give a row for every week.")
    steps = np.diff(days).astype(np.int64)
    common = int(np.median(steps))
    if common == 1:
        return Grain.DAILY
    if common in (28, 29, 30, 31):
        raise DataError("the dates are months apart", where=file, do="Give weekly or daily rows: months are coarse.")
    counts = np.bincount(weekdays(days), minlength=7)
    usual = int(counts.argmax())
    if counts[usual] == len(days):
        return Grain.WEEKLY
    odd = days[weekdays(days) != usual]
    if common == 7:
        raise DataError(
            f"{odd[0]} is a {_NAMES[int(weekdays(odd[:1])[0])].title()} and most dates are {_NAMES[usual].title()}s",
            where=file,
            do="Correct the date: weekly rows fall on one day of the week.",
        )
    raise DataError(
        f"the dates are neither daily nor weekly: the usual step is {common} days",
        where=file,
        do="Give a row for every week, or for every day.",
    )


def week_starts(
    days: WeekArray, grain: Grain, spec: Reading, file: str, log: ReadingLog, headers: Sequence[str] = ()
) -> WeekArray:
    """Return the first day of the week of each date, (N,).

    Parameters
    ----------
    days : (N,) datetime64[D]
    grain : Grain
    spec : Reading
    file : str
    log : ReadingLog
    headers : sequence of str
        Names of the columns of dates, of several files; of one data file it is ``data.date``.

    Raises
    ------
    DataError
        Weekly dates that are not Mondays, or whose column says that they end weeks, without a declaration of what they
        mark.
    """
    if grain is Grain.DAILY:
        first = _NAMES.index(spec.week_start or Weekday.MONDAY)
        return np.asarray(days - ((weekdays(days) - first) % 7) * _DAY)
    usual = _NAMES[int(weekdays(days[:1])[0])]
    if isinstance(spec, DataSpec) and spec.date is not None:
        headers = (spec.date,)
    _compare_with_header(headers, usual, spec, file, log)
    if spec.date_marks is DateMarks.LAST_DAY:
        starts = np.asarray(days - 6 * _DAY)
        log.repaired(
            "week_end", f"The dates are the last day of their weeks ({usual.title()}), as declared.", where=file
        )
    else:
        starts = days
    found = _NAMES[int(weekdays(starts[:1])[0])]
    if spec.week_start is not None and spec.week_start is not found:
        raise DataError(
            f"weeks start on {spec.week_start.title()} as declared, but the dates are {usual.title()}s",
            where=file,
            do="Correct data.week_start, or declare data.date_marks: last_day if the dates are the last day of a week.",
        )
    if found is not Weekday.MONDAY and spec.week_start is None and spec.date_marks is None:
        raise DataError(
            f"the dates are {usual.title()}s, which may be the first or the last day of a week",
            where=file,
            do=f"Declare data.week_start: {usual.value} or data.date_marks: last_day in the model file.",
        )
    return starts


def _compare_with_header(headers: Sequence[str], usual: Weekday, spec: Reading, file: str, log: ReadingLog) -> None:
    """Refuse dates whose column says that they end weeks, undeclared; warn where it says the contrary of what is."""
    if spec.date_marks is None:
        ending = first_said(headers, DateMarks.LAST_DAY)
        if ending is not None:
            after = _NAMES[(_NAMES.index(usual) + 1) % 7]
            raise DataError(
                f"the column '{safe(ending)}' seems to hold the last day of each week, and its dates are "
                f"{usual.title()}s",
                where=file,
                do=f"Declare data.date_marks: last_day (weeks from {after.title()} to {usual.title()}) or "
                f"data.date_marks: first_day (weeks from {usual.title()}) in the model file.",
            )
        return
    other = DateMarks.FIRST_DAY if spec.date_marks is DateMarks.LAST_DAY else DateMarks.LAST_DAY
    against = first_said(headers, other)
    if against is not None:
        told = {DateMarks.FIRST_DAY: "first", DateMarks.LAST_DAY: "last"}
        log.warned(
            "week_mark",
            f"The column '{safe(against)}' seems to hold the {told[other]} day of each week; its dates "
            f"({usual.title()}s) were taken as the {told[spec.date_marks]}, as declared.",
            where=file,
            means="If the name is right, every figure stands six days off.",
            do=f"Declare data.date_marks: {other.value} if the name is right.",
        )


@dataclass(frozen=True, eq=False)
class Axis:
    """The regular time axis of the data before it is summed to weeks.

    Attributes
    ----------
    days : (D,) datetime64[D]
        Every day (daily) or the first day of every week (weekly), without gaps.
    grain : Grain
    """

    days: WeekArray
    grain: Grain

    @classmethod
    def over(cls, days: WeekArray, grain: Grain) -> Axis:
        """Return the axis from the first to the last of sorted dates."""
        return cls(np.arange(days[0], days[-1] + _DAY, grain.days * _DAY), grain)


def refuse_future(starts: WeekArray, days: WeekArray, grain: Grain, today: date, spec: DataSpec, file: str) -> None:
    """Refuse dates after today, unless the model file allows them."""
    late = days[(days if grain is Grain.DAILY else starts) > np.datetime64(today)]
    if len(late) and not spec.allow_future:
        raise DataError(
            f"{counted(len(late), 'date')} after today ({today}): {listed(late)}",
            where=file,
            do="Remove planned rows from the file, or declare data.allow_future: true if the figures are simulated.",
        )


def say_daily(n_days: int, first: Weekday, file: str, log: ReadingLog) -> None:
    """List that daily rows were summed to weeks, and by which rule."""
    log.repaired(
        "daily_to_weekly",
        f"{counted(n_days, 'day')} were gathered into weeks from {first.title()}: outcome, spend, exposure and organic "
        "activity are summed, controls and population averaged, a value per outcome weighted by the outcome.",
        where=file,
        do="Declare data.week_start if the business counts its weeks from another day.",
    )


def refuse_gaps(axis: Axis, present: np.typing.NDArray[np.bool_], who: str, file: str) -> None:
    """Refuse dates of the axis that have no row, (D,) present."""
    absent = axis.days[~present]
    if len(absent):
        noun = "day" if axis.grain is Grain.DAILY else "week"
        raise DataError(
            f"{counted(len(absent), noun)} missing{who}: {listed(absent)}",
            where=file,
            do="Add the rows, or declare data.gaps: no_spend in the model file "
            "(no spend or activity in them; outcome and controls on a straight line).",
        )
