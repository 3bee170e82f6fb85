"""Weeks to months and fiscal quarters, by days: a week that spans two months is divided between them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import numpy as np

from mmm.arrays import FloatArray, WeekArray

DAYS = 7


class Period(StrEnum):
    """What a table's row covers."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


#: Said wherever months or quarters are shown.
RULE = (
    "A week that spans two months or quarters is divided between them by days: each day holds a seventh of its week. "
    "Rows therefore add up to the total exactly."
)


@dataclass(frozen=True, eq=False)
class Periods:
    """How the weeks of a horizon fall into periods.

    Attributes
    ----------
    kind : Period
    labels : tuple of str
        P of them, in time order.
    days : (P, T) int
        Days of each week that lie in each period; columns sum to 7.
    full_days : (P,) int
        Days that the whole period has, inside the horizon or not.
    """

    kind: Period
    labels: tuple[str, ...]
    days: FloatArray
    full_days: FloatArray

    @property
    def shares(self) -> FloatArray:
        """Share of each week in each period, (P, T); columns sum to 1."""
        return self.days / DAYS

    @property
    def partial(self) -> tuple[bool, ...]:
        """Whether the horizon covers only a part of each period."""
        return tuple(bool(covered < full) for covered, full in zip(self.days.sum(axis=1), self.full_days, strict=True))

    def sums(self, weekly: FloatArray) -> FloatArray:
        """Add weeks up to periods: (T, ...) → (P, ...)."""
        return np.tensordot(self.shares, weekly, axes=(1, 0))


def _quarter(day: date, fiscal_year_start: int) -> tuple[int, int]:
    """Return (fiscal year, quarter); a fiscal year bears the name of the calendar year in which it ends."""
    months = (day.month - fiscal_year_start) % 12
    starts_in = day.year if day.month >= fiscal_year_start else day.year - 1
    return starts_in + (fiscal_year_start != 1), months // 3 + 1


def _label(day: date, kind: Period, fiscal_year_start: int) -> str:
    if kind is Period.MONTH:
        return f"{day:%Y-%m}"
    year, quarter = _quarter(day, fiscal_year_start)
    return f"{year} Q{quarter}" if fiscal_year_start == 1 else f"FY{year} Q{quarter}"


def _days_in(label: str, inside: date, kind: Period, fiscal_year_start: int) -> int:
    """Count the days that bear a label, walking out from a day that does."""
    count = 0
    for step in (1, -1):
        day = inside if step == 1 else inside - timedelta(days=1)
        while _label(day, kind, fiscal_year_start) == label:
            count, day = count + 1, day + timedelta(days=step)
    return count


def divide(weeks: WeekArray, kind: Period, fiscal_year_start: int = 1) -> Periods:
    """Divide weeks over periods by days.

    Parameters
    ----------
    weeks : (T,) datetime64[D]
        First day of each week.
    kind : Period
    fiscal_year_start : int
        Month in which the fiscal year begins, 1 to 12.

    Returns
    -------
    Periods
    """
    starts: list[date] = weeks.astype("datetime64[D]").astype(object).tolist()
    if kind is Period.WEEK:
        full = np.full(len(starts), float(DAYS))
        return Periods(kind, tuple(f"{day:%Y-%m-%d}" for day in starts), DAYS * np.eye(len(starts)), full)
    rows: dict[str, int] = {}
    first: list[date] = []
    entries: list[tuple[int, int]] = []
    for t, start in enumerate(starts):
        for offset in range(DAYS):
            day = start + timedelta(days=offset)
            label = _label(day, kind, fiscal_year_start)
            if label not in rows:
                rows[label] = len(rows)
                first.append(day)
            entries.append((rows[label], t))
    days = np.zeros((len(rows), len(starts)))
    np.add.at(days, tuple(np.array(entries).T), 1.0)
    full = np.array([_days_in(label, day, kind, fiscal_year_start) for label, day in zip(rows, first, strict=True)])
    return Periods(kind, tuple(rows), days, full.astype(np.float64))
