"""The periods over which a constraint binds: weeks, months, quarters, fiscal quarters, the horizon.

A week belongs to the month, and so to the quarter, of its first day. A period that the horizon covers only in part
holds its share of a limit in money: two of four weeks, half of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import cvxpy as cp
import numpy as np
import scipy.sparse as sp

from mmm.arrays import FloatArray, WeekArray

#: Part periods that a sentence spells out; a horizon has two edges.
MOST_SAID = 2


class Per(StrEnum):
    """The period over which a constraint binds."""

    HORIZON = "horizon"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    FISCAL_QUARTER = "fiscal_quarter"

    @property
    def words(self) -> str:
        """``over the horizon``, ``in every week``, …"""
        return "over the horizon" if self is Per.HORIZON else f"in every {self.value.replace('_', ' ')}"

    @property
    def in_each(self) -> str:
        """What follows the subject of a price's sentence: nothing for the horizon."""
        return "" if self is Per.HORIZON else f" {self.words}"

    @property
    def whole(self) -> str:
        """``total over the horizon``, ``every week``, ``total of every month``."""
        if self in (Per.HORIZON, Per.WEEK):
            return "total over the horizon" if self is Per.HORIZON else "every week"
        return f"total of {self.words.removeprefix('in ')}"


@dataclass(frozen=True, eq=False)
class Periods:
    """How T weeks make P periods.

    Attributes
    ----------
    per : Per
    labels : tuple of str
        ``2027-01``, ``2027 Q1``, ``FY2027 Q4``; P of them.
    member : (T, P)
        1 where a week belongs to a period.
    lasts : (P,)
        Weeks that each period has, inside the horizon or not.
    """

    per: Per
    labels: tuple[str, ...]
    member: FloatArray
    lasts: FloatArray

    @property
    def inside(self) -> FloatArray:
        """Weeks of each period that lie in the horizon, (P,)."""
        return np.asarray(self.member.sum(axis=0))

    @property
    def part(self) -> FloatArray:
        """Share of each period that lies in the horizon, (P,): what part of a sum of money holds there."""
        return np.asarray(self.inside / self.lasts)

    def totals(self, weekly: FloatArray) -> FloatArray:
        """Add weeks up to periods: (…, T) → (…, P)."""
        return weekly if self.per is Per.WEEK else np.asarray(weekly @ self.member)

    def rows(self, spend: cp.Expression) -> cp.Expression:
        """Add an expression's weeks up to periods: (n, T) → (n, P)."""
        if self.per is Per.HORIZON:
            return cp.sum(spend, axis=1, keepdims=True)
        return spend if self.per is Per.WEEK else spend @ sp.csr_matrix(self.member)

    def says(self, *, prorated: bool) -> str:
        """Say when the constraint binds, how weeks are counted and what happens at the horizon's edges."""
        if self.per in (Per.HORIZON, Per.WEEK):
            return self.per.words
        month = "month" if self.per is Per.MONTH else "quarter"
        notes = [f"a week counts in the {month} of its first day"]
        cut = [p for p in range(len(self.labels)) if self.inside[p] < self.lasts[p]]
        notes += [self._cut(p, prorated=prorated) for p in cut[:MOST_SAID]]
        return f"{self.per.words} ({'; '.join(notes)})"

    def _cut(self, p: int, *, prorated: bool) -> str:
        inside, lasts = f"{self.inside[p]:.0f}", f"{self.lasts[p]:.0f}"
        text = f"of {self.labels[p]}, {inside} of {lasts} weeks lie in the horizon"
        return f"{text}, and {inside}/{lasts} of the sum holds there" if prorated else text


def periods(weeks: WeekArray, per: Per, fiscal_year_start: int = 1) -> Periods:
    """Group weeks into periods.

    Parameters
    ----------
    weeks : (T,) datetime64[D]
        First days, consecutive.
    per : Per
    fiscal_year_start : int
        Month in which the fiscal year begins, 1 to 12.
    """
    count = len(weeks)
    if per is Per.HORIZON:
        return Periods(per, ("the horizon",), np.ones((count, 1)), np.array([float(count)]))
    starts: list[date] = weeks.astype("datetime64[D]").astype(object).tolist()
    if per is Per.WEEK:
        return Periods(per, tuple(f"{day:%Y-%m-%d}" for day in starts), np.eye(count), np.ones(count))
    of_week = [_label(day, per, fiscal_year_start) for day in starts]
    labels = tuple(dict.fromkeys(of_week))
    member = np.array([[float(label == own) for label in labels] for own in of_week])
    lasts = [_lasts(starts[of_week.index(label)], per, fiscal_year_start) for label in labels]
    return Periods(per, labels, member, np.array(lasts))


def _label(day: date, per: Per, fiscal_year_start: int) -> str:
    """Name the period of a day; a fiscal year bears the name of the calendar year in which it ends."""
    if per is Per.MONTH:
        return f"{day:%Y-%m}"
    first = fiscal_year_start if per is Per.FISCAL_QUARTER else 1
    quarter = (day.month - first) % 12 // 3 + 1
    year = day.year - (day.month < first) + (first != 1)
    return f"{year} Q{quarter}" if first == 1 else f"FY{year} Q{quarter}"


def _lasts(inside: date, per: Per, fiscal_year_start: int) -> float:
    """Count the weeks of the period in which a week's first day lies, walking out from it."""
    label, count = _label(inside, per, fiscal_year_start), 0
    for step, start in ((1, inside), (-1, inside - timedelta(days=7))):
        day = start
        while _label(day, per, fiscal_year_start) == label:
            count, day = count + 1, day + timedelta(days=7 * step)
    return float(count)
