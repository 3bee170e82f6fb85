"""Planning anew in the middle of the horizon: what has been spent is fixed, the rest of the money is planned."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Self

import numpy as np

from mmm.arrays import FloatArray, WeekArray
from mmm.exceptions import SpecError
from mmm.response.calendar import read_spend_csv
from optimizer.allocation import Allocation
from optimizer.constraints import Booked, Booking, Constraint
from optimizer.constraints_steps import CapFrom
from optimizer.inverse_words import figure
from optimizer.limits import Frame
from optimizer.problem import AllocationProblem
from optimizer.ranges import spoken
from optimizer.solvers.oracle import plan_value
from optimizer.solvers.sweep import the_budget

#: The name of the constraint that holds what has been spent.
NAME = "spent so far"
#: A budget is overspent from this share above it on.
OVER = 1e-9


@dataclass(frozen=True)
class Spent(Booked):
    """What has been spent in the weeks gone, every channel."""

    priced: ClassVar[bool] = False

    def sentence(self, frame: Frame) -> str:
        weeks = sorted({one.week for one in self.bookings})
        total = frame.money(sum(one.spend for one in self.bookings))
        until = " to ".join(spoken(week) for week in dict.fromkeys((weeks[0], weeks[-1])))
        return f"Spent so far: {total} in the {len(weeks)} weeks of {until}, each channel as it was."

    def loosening(self, frame: Frame) -> str:
        return f"One more {frame.currency} already spent by each channel in each week gone"

    def loosened(self, units: float) -> Self | None:
        """Return None: what has been spent cannot be changed."""


@dataclass(frozen=True, eq=False)
class Replan:
    """What a plan in mid-course fixed and what it still decides.

    Attributes
    ----------
    weeks_gone, weeks_left : int
    spent, left : float
        Money gone, and planned in the weeks left.
    budget : float
    left_by_channel : dict of str to float
        Money planned in the weeks left.
    value : float
        Of the plan, weeks gone included, planning draws, in the objective's unit.
    carry_on : float
        Of carrying on instead: the weeks left as in business as usual, scaled to the money that is left.
    says : str
    """

    weeks_gone: int
    weeks_left: int
    spent: float
    left: float
    budget: float
    left_by_channel: dict[str, float]
    value: float
    carry_on: float
    says: str


def read_spent(path: Path, channels: tuple[str, ...], weeks: WeekArray) -> FloatArray:
    """Read what has been spent: a CSV of week, channel, spend, from the horizon's first week on.

    Parameters
    ----------
    path : Path
    channels : tuple of str
        The C channels of the fit; each needs a row.
    weeks : (T,) datetime64[D]

    Returns
    -------
    (C, G)
        Money in the G weeks gone: those up to the last week in the file.

    Raises
    ------
    SpecError
        Not understood (:func:`~mmm.response.calendar.read_spend_csv`), a week outside the horizon, a week missing
        before the last, or no week left.
    """
    spend, present = read_spend_csv(path, channels, weeks), _weeks_in(path)
    known = [str(week) in present for week in weeks]
    gone = max(t for t, here in enumerate(known) if here) + 1
    missing = [weeks[t] for t in range(gone) if not known[t]]
    if missing:
        raise SpecError(
            f"the week {missing[0]} has no row, and later weeks do",
            where=path.name,
            do=f"Give every week gone; write {missing[0]},{channels[0]},0 if nothing was spent.",
        )
    if gone == len(weeks):
        do = "Plan the next horizon, or give the weeks gone only."
        raise SpecError("every week of the horizon has been spent: nothing is left to plan", where=path.name, do=do)
    return spend[:, :gone]


def _weeks_in(path: Path) -> set[str]:
    """Return the weeks that the file has rows for; the file has been understood before."""
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return {(row["week"] or "").strip()[:10] for row in csv.DictReader(handle)}


def spent_constraint(spent: FloatArray, channels: tuple[str, ...], weeks: WeekArray) -> Spent:
    """Return the constraint that fixes the weeks gone, (C, G) money."""
    cells = [
        Booking(name, weeks[t], float(spent[c, t])) for t in range(spent.shape[1]) for c, name in enumerate(channels)
    ]
    return Spent(tuple(cells), name=NAME)


def with_spent(problem: AllocationProblem, spent: FloatArray) -> AllocationProblem:
    """Return the problem with the weeks gone fixed.

    Parameters
    ----------
    problem : AllocationProblem
        Decides weeks of national spend.
    spent : (C, G)
        Money.

    Raises
    ------
    SpecError
        Totals or geos are decided, or more has been spent than the budget.
    """
    if not problem.granularity.by_week or problem.granularity.by_geo:
        raise SpecError(
            f"planning anew needs weeks to decide, and the brief decides {problem.granularity.value}",
            where="replan",
            do="Write granularity: week.",
        )
    gone, total = float(spent.sum()), the_budget(problem)[1].total
    if gone > total * (1 + OVER):
        money = problem.frame.money
        raise SpecError(
            f"{money(gone)} has been spent, more than the budget of {money(total)}",
            where="replan.spent",
            do="Raise the budget, or correct the file.",
        )
    fixed = spent_constraint(spent, problem.channels, problem.weeks)
    kept = _bookings_left(problem.constraints, problem.weeks[spent.shape[1] :])
    return _left_in_range(replace(problem, constraints=(*kept, fixed)), spent)


def _bookings_left(constraints: tuple[Constraint, ...], ahead: WeekArray) -> tuple[Constraint, ...]:
    """Drop what was booked for weeks gone: what was spent in them is known."""
    kept: list[Constraint] = []
    for one in constraints:
        left = tuple(b for b in one.bookings if b.week >= ahead[0]) if isinstance(one, Booked) else ()
        if isinstance(one, Booked) and len(left) < len(one.bookings):
            kept += [replace(one, bookings=left)] if left else []
        else:
            kept.append(one)
    return tuple(kept)


def _left_in_range(problem: AllocationProblem, spent: FloatArray) -> AllocationProblem:
    """Keep the observed range for the weeks left only, in channels that went beyond it in the weeks gone."""
    over = np.flatnonzero(spent.max(axis=1) > problem.cap)
    if not len(over):
        return problem
    names = tuple(problem.channels[c] for c in over)
    caps = tuple(float(problem.cap[c]) for c in over)
    rest = CapFrom(names, caps, spent.shape[1], name="observed range, weeks left")
    allowed = replace(problem.observed_range, allowed=(*problem.observed_range.allowed, *names))
    return replace(problem, observed_range=allowed, constraints=(*problem.constraints, rest))


def replanned(found: Allocation) -> Replan:
    """Say what a plan with weeks gone still decides, and what it gains over carrying on.

    Raises
    ------
    SpecError
        The plan's problem has no weeks gone.
    """
    problem = found.problem
    fixed = next((one for one in problem.constraints if isinstance(one, Spent)), None)
    if fixed is None:
        raise SpecError("no week of this plan has gone", where="replan", do="Give the file of what has been spent.")
    gone = len({one.week for one in fixed.bookings})
    spent = float(found.spend[:, :gone].sum())
    ahead = found.spend[:, gone:]
    left = float(ahead.sum())
    usual = problem.baseline[:, gone:]
    scale = left / float(usual.sum()) if usual.sum() > 0 else 0.0
    carry_on = plan_value(problem, np.concatenate([found.spend[:, :gone], scale * usual], axis=1))
    money, weeks = problem.frame.money, len(problem.weeks)
    budget = the_budget(problem)[1].total
    says = (
        f"{money(spent)} is spent in the first {gone} of {weeks} weeks and fixed; {money(left)} is planned for the "
        f"{weeks - gone} weeks left. That brings {figure(problem, found.value - carry_on)} more than spending the same "
        "as business as usual does in those weeks."
    )
    by_channel = dict(zip(problem.channels, ahead.sum(axis=1).tolist(), strict=True))
    return Replan(gone, weeks - gone, spent, left, budget, by_channel, found.value, carry_on, says)
