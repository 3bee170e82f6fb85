"""The panel's periods: days, weeks from a weekday, months, and the weeks and months of a retail calendar."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from mmm.arrays import IntArray, WeekArray
from mmm.data.calendar import weekdays
from mmm.data.joining.spec import FiscalCalendar, PanelGrain
from mmm.data.reading import Weekday
from mmm.data.spec import PanelSpec
from mmm.exceptions import SpecError

_DAY = np.timedelta64(1, "D")
_WEEKDAYS = list(Weekday)
_WEEKS = 52


@dataclass(frozen=True)
class Periods:
    """Days → periods.

    Attributes
    ----------
    grain : PanelGrain
    first : int
        The weekday on which weeks start, Monday 0.
    fiscal : FiscalCalendar, optional
    """

    grain: PanelGrain
    first: int
    fiscal: FiscalCalendar | None = None

    @classmethod
    def of(cls, spec: PanelSpec) -> Periods:
        """Return the periods that a model file declares.

        Raises
        ------
        SpecError
            ``data.week_start`` is another day than the one that the retail calendar starts on.
        """
        declared, fiscal = spec.data.week_start, spec.join.calendar
        if fiscal is None:
            return cls(spec.join.grain, _WEEKDAYS.index(declared or Weekday.MONDAY))
        starts = _WEEKDAYS[fiscal.starts.weekday()]
        if declared is not None and declared is not starts:
            raise SpecError(
                f"the fiscal year starts on {fiscal.starts}, a {starts.title()}, and data.week_start is {declared}",
                where="join.calendar",
                do="Correct one of the two: a fiscal year is whole weeks.",
            )
        return cls(spec.join.grain, fiscal.starts.weekday(), fiscal)

    @property
    def week_start(self) -> Weekday:
        """The day on which weeks start."""
        return _WEEKDAYS[self.first]

    @property
    def noun(self) -> str:
        """What one period is called."""
        return self.grain.value

    def starts(self, days: WeekArray) -> WeekArray:
        """Return the first day of the period of each day, (N,)."""
        days = days.astype("datetime64[D]")
        if self.grain is PanelGrain.DAY:
            return days
        if self.grain is PanelGrain.WEEK:
            return np.asarray(days - ((weekdays(days) - self.first) % 7) * _DAY)
        return self.months(days)

    def ends(self, starts: WeekArray) -> WeekArray:
        """Return the last day of the period that starts on each day, (N,)."""
        if self.grain is PanelGrain.DAY:
            return starts
        if self.grain is PanelGrain.WEEK:
            return np.asarray(starts + 6 * _DAY)
        return self.month_ends(starts)

    def between(self, first: np.datetime64, last: np.datetime64) -> WeekArray:
        """Return the first days of all periods from that of one day to that of another."""
        if first > last:
            return np.zeros(0, dtype="datetime64[D]")
        return np.unique(self.starts(np.arange(first, last + _DAY)))

    def months(self, days: WeekArray) -> WeekArray:
        """Return the first day of the month of each day, (N,): of the retail calendar where there is one."""
        if self.fiscal is None or not len(days):
            return days.astype("datetime64[M]").astype("datetime64[D]")
        bounds = fiscal_months(self.fiscal, days.min(), days.max())[0]
        return bounds[np.searchsorted(bounds, days, side="right") - 1]

    def month_ends(self, starts: WeekArray) -> WeekArray:
        """Return the last day of the month that starts on each day, (N,)."""
        if self.fiscal is None or not len(starts):
            following = (starts.astype("datetime64[M]") + np.timedelta64(1, "M")).astype("datetime64[D]")
            return np.asarray(following - _DAY)
        bounds = fiscal_months(self.fiscal, starts.min(), starts.max())[0]
        return np.asarray(bounds[np.searchsorted(bounds, starts, side="right")] - _DAY)

    def month_names(self, starts: WeekArray) -> list[str]:
        """Return the name of the month that starts on each day: ``2024-03``, ``2024-P03`` of a retail calendar."""
        if self.fiscal is None or not len(starts):
            return [str(day) for day in starts.astype("datetime64[M]")]
        bounds, years, numbers = fiscal_months(self.fiscal, starts.min(), starts.max())
        at = np.searchsorted(bounds, starts, side="right") - 1
        return [f"{years[i]}-P{numbers[i]:02d}" for i in at]


def fiscal_months(
    fiscal: FiscalCalendar, first: np.datetime64, last: np.datetime64
) -> tuple[WeekArray, IntArray, IntArray]:
    """Return the months of a retail calendar that hold the days from one to another, and one month after.

    A year has four quarters of three months, with as many weeks as the pattern says; the 53rd week of a long year
    belongs to its last month (National Retail Federation's rule).

    Returns
    -------
    starts : (M,) datetime64[D]
    years : (M,) ints
        Calendar year in which the fiscal year starts.
    numbers : (M,) ints
        1 to 12.
    """
    start, year = np.datetime64(fiscal.starts), 0
    while start > first:
        year -= 1
        start -= 7 * _length(fiscal, year) * _DAY
    starts: list[np.datetime64] = []
    years: list[int] = []
    weeks = [int(part) for part in fiscal.pattern.split("-")] * 4
    while not starts or start <= last:
        firsts = [start + 7 * before * _DAY for before in [0, *accumulate(weeks[:-1])]]
        starts += firsts
        years += [int(str(start)[:4])] * 12
        start = start + 7 * _length(fiscal, year) * _DAY
        year += 1
    starts.append(start)
    years.append(int(str(start)[:4]))
    numbers = np.arange(len(starts)) % 12 + 1
    return np.asarray(starts, dtype="datetime64[D]"), np.asarray(years, dtype=np.int64), numbers


def _length(fiscal: FiscalCalendar, year: int) -> int:
    return _WEEKS + (year in fiscal.long_years)
