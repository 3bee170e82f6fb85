"""Departments that own channels and budgets: what their limits cost, what planning together gains, where they clash.

* *Limits*: a department's budget is the most that its channels spend in the plan.
* *Separate plans*: every department spends up to its own budget on its own channels as well as it can, under the same
  other constraints. *Joint plan*: up to the same money in all, without the departments' budgets. Separate plans are
  one possible joint plan, so the joint plan is never worse.
* *Clash*: a week in which at least two departments each spend a quarter more than their own mean week. *Quiet*: a week
  in which every department spends less than its own mean week.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mmm.arrays import FloatArray, WeekArray
from mmm.exceptions import SpecError
from mmm.reporting.numbers import count, percent
from optimizer.allocation import Allocation
from optimizer.constraints import Constraint, GroupBounds
from optimizer.inverse_words import figure
from optimizer.problem import AllocationProblem
from optimizer.solve import allocate
from optimizer.solvers.classes import plainly_concave
from optimizer.solvers.sweep import the_budget, with_budget

#: A department is heavy in a week from this multiple of its own mean week on.
HEAVY = 1.25
#: A limit binds from this share below it; its price is that of this share more, solved to this gap.
TIGHT, MORE, SHARP = 1e-4, 0.01, 1e-6
#: A gain below this share of the value is the searches' own noise.
SAME = 1e-7
#: What the channels are called that no department owns.
REST = "other channels"
#: Before a department's name in the name of its limit.
PREFIX = "department "


@dataclass(frozen=True)
class Department:
    """Who owns which channels.

    Attributes
    ----------
    name : str
    channels : tuple of str
    budget : float, optional
        Money over the horizon; None: what its channels' share of business as usual is of the money that the others
        leave.
    """

    name: str
    channels: tuple[str, ...]
    budget: float | None = None

    @property
    def limit(self) -> GroupBounds | None:
        """Its budget as a constraint; None without one."""
        if self.budget is None:
            return None
        return GroupBounds(self.name, self.channels, most=self.budget, name=f"{PREFIX}{self.name}")


@dataclass(frozen=True, eq=False)
class DepartmentResult:
    """One department in three plans.

    Attributes
    ----------
    department : Department
    budget : float
        What it spends in the separate plans, money.
    planned, joint : float
        What it spends in the plan and in the joint plan, money.
    value_separate, value_planned, value_joint : float
        What its channels bring, planning draws, mean, in the objective's unit (before risk).
    limit_price : float or None
        What one more unit of its budget brings the company, the mean over 1 % more of it; None without a limit, 0 where
        it does not bind.
    says : str
        What the limit costs, as a sentence.
    """

    department: Department
    budget: float
    planned: float
    joint: float
    value_separate: float
    value_planned: float
    value_joint: float
    limit_price: float | None
    says: str


@dataclass(frozen=True)
class Clash:
    """A week in which several departments spend heavily at once.

    Attributes
    ----------
    week : datetime64
    departments : tuple of str
    """

    week: np.datetime64
    departments: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Departments:
    """What departments cost and gain.

    Attributes
    ----------
    results : tuple of DepartmentResult
        Those named first, then the channels that none owns.
    separate, joint : Allocation
    gain : float
        Value of the joint plan less that of the separate ones, in the objective's unit.
    clashes, clashes_planned : tuple of Clash
        In the separate plans, and in the plan.
    quiet : tuple of datetime64
        Weeks of the separate plans in which every department spends less than its own mean week.
    notes : tuple of str
    says : str
    seconds : float
    """

    results: tuple[DepartmentResult, ...]
    separate: Allocation
    joint: Allocation
    gain: float
    clashes: tuple[Clash, ...]
    clashes_planned: tuple[Clash, ...]
    quiet: tuple[np.datetime64, ...]
    notes: tuple[str, ...]
    says: str
    seconds: float


def check_departments(departments: Sequence[Department], channels: tuple[str, ...]) -> None:
    """Refuse departments with unknown channels, or channels with two owners.

    Raises
    ------
    SpecError
        Says which.
    """
    owner: dict[str, str] = {}
    for one in departments:
        where = f"departments.{one.name}"
        for name in one.channels:
            if name not in channels:
                raise SpecError(
                    f"the channel '{name}' is not in the fit", where=where, do=f"Known: {', '.join(channels)}."
                )
            if name in owner:
                says = f"'{name}' belongs to both '{owner[name]}' and '{one.name}'"
                raise SpecError(says, where=where, do="Give each channel one department.")
            owner[name] = one.name


def limits_of(departments: Sequence[Department]) -> tuple[Constraint, ...]:
    """Return the departments' budgets as constraints."""
    return tuple(limit for one in departments if (limit := one.limit) is not None)


def compare_departments(
    problem: AllocationProblem,
    departments: Sequence[Department],
    planned: Allocation,
    *,
    gap: float = 1e-3,
    time_limit: float | None = None,
) -> Departments:
    """Plan the departments separately and together, and compare.

    Parameters
    ----------
    problem : AllocationProblem
        With the departments' limits among its constraints.
    departments : sequence of Department
    planned : Allocation
        The plan under those limits.
    gap, time_limit
        Of each of the two further solves.

    Raises
    ------
    SpecError
        An unknown channel, or one with two owners; no budget.
    InfeasibleError
        The separate budgets contradict the other constraints.
    """
    started = time.perf_counter()
    check_departments(departments, problem.channels)
    free = replace(problem, constraints=tuple(c for c in problem.constraints if not _is_limit(c, departments)))
    everyone, notes = _everyone(free, departments)
    budgets = [one.budget or 0.0 for one in everyone]
    shared = with_budget(free, float(sum(budgets)), up_to=True)
    own = replace(shared, constraints=(*shared.constraints, *limits_of(everyone)))
    separate = allocate(own, gap=gap, time_limit=time_limit)
    joint = allocate(shared, gap=gap, time_limit=time_limit)
    if joint.value < separate.value:
        # Within both gaps; the separate plans are a joint plan too.
        joint = separate
    results = tuple(_result(problem, one, (separate, planned, joint), gap) for one in everyone)
    gain = joint.value - separate.value
    weekly = {one.name: _weekly(separate, one) for one in everyone}
    return Departments(
        results=results,
        separate=separate,
        joint=joint,
        gain=gain,
        clashes=clashes(separate.weeks, weekly),
        clashes_planned=clashes(planned.weeks, {one.name: _weekly(planned, one) for one in everyone}),
        quiet=quiet_weeks(separate.weeks, weekly),
        notes=notes,
        says=_gain_says(problem, separate, joint),
        seconds=time.perf_counter() - started,
    )


def _is_limit(constraint: Constraint, departments: Sequence[Department]) -> bool:
    return constraint in limits_of(departments)


def _everyone(
    problem: AllocationProblem, departments: Sequence[Department]
) -> tuple[tuple[Department, ...], tuple[str, ...]]:
    """Give every department a budget of its own for the separate plans, and the channels without one too."""
    owned = {name for one in departments for name in one.channels}
    rest = tuple(name for name in problem.channels if name not in owned)
    everyone = [*departments, *([Department(REST, rest)] if rest else [])]
    total, money = the_budget(problem)[1].total, problem.frame.money
    given = sum(one.budget for one in everyone if one.budget is not None)
    base = {one.name: _baseline(problem, one) for one in everyone if one.budget is None}
    wanted = total * sum(base.values()) / max(float(problem.baseline.sum()), 1e-300)
    notes: tuple[str, ...] = ()
    if given + wanted > total * (1 + 1e-9):
        share = (total - wanted) / given
        note = f"The departments ask for {money(given)} of the company's {money(total)}"
        note += f", and the other channels have {money(wanted)} by business as usual" if base else ""
        notes = (f"{note}: in the separate plans each budget is taken times {share:.3f}.",)
        everyone = [replace(one, budget=None if one.budget is None else one.budget * share) for one in everyone]
        left = wanted
    else:
        left = total - given
    whole = sum(base.values())
    parts = {name: left * (one / whole if whole > 0 else 1.0 / len(base)) for name, one in base.items()}
    if parts:
        names = ", ".join(parts)
        notes += (f"Separate budgets of {names}: {money(left)}, divided as business as usual spends.",)
    return tuple(replace(one, budget=parts.get(one.name, one.budget)) for one in everyone), notes


def _baseline(problem: AllocationProblem, one: Department) -> float:
    return float(problem.baseline[[problem.channels.index(name) for name in one.channels]].sum())


def _weekly(found: Allocation, one: Department) -> FloatArray:
    rows = [found.problem.channels.index(name) for name in one.channels]
    return np.asarray(found.spend[rows].sum(axis=0))


def _values(found: Allocation) -> FloatArray:
    """Return what each channel brings, planning draws, mean, in the objective's unit, (C,)."""
    problem = found.problem
    brought = problem.objective.response_weight * problem.horizon.per_channel(found.row_spend).mean(axis=1)
    return np.asarray(brought - (problem.objective.spend_weight * found.spend).sum(axis=1))


def _limit_price(planned: Allocation, one: Department, gap: float) -> tuple[float | None, str]:
    """Return what one more unit of a department's limit brings the company, by a solve with 1 % more, and in words.

    Not the dual: where the departments' limits add up to the company's budget, duals are not unique.
    """
    problem, name = planned.problem, f"{PREFIX}{one.name}"
    limit = problem.named.get(name)
    if not isinstance(limit, GroupBounds) or not limit.most:
        return None, f"The plan sets no limit for {one.name}."
    spent = float(_weekly(planned, one).sum())
    if spent < limit.most * (1 - TIGHT):
        return 0.0, f"{one.name}'s limit does not bind: it costs the company nothing."
    step = MORE * limit.most
    gap = min(gap, SHARP) if plainly_concave(problem) else gap
    plain = replace(problem, round_to=None, smooth=None)
    now = allocate(plain, gap=gap)
    more = allocate(plain.replacing(name, replace(limit, most=limit.most + step)), gap=gap)
    price = max(more.value - now.value, 0.0) / step
    money = problem.frame.money(step)
    return (
        price,
        f"{money} more for {one.name} (1 % of its limit) brings the company {said_value(problem, price * step)}.",
    )


def _result(problem: AllocationProblem, one: Department, plans: Sequence[Allocation], gap: float) -> DepartmentResult:
    """Compare a department in the separate plans, the plan and the joint plan."""
    rows = [problem.channels.index(name) for name in one.channels]
    spends = [float(found.spend[rows].sum()) for found in plans]
    values = [float(_values(found)[rows].sum()) for found in plans]
    price, says = _limit_price(plans[1], one, gap)
    return DepartmentResult(
        department=one,
        budget=spends[0],
        planned=spends[1],
        joint=spends[2],
        value_separate=values[0],
        value_planned=values[1],
        value_joint=values[2],
        limit_price=price,
        says=says,
    )


def clashes(weeks: WeekArray, weekly: Mapping[str, FloatArray]) -> tuple[Clash, ...]:
    """Return the weeks in which at least two departments each spend a quarter more than their own mean week.

    Parameters
    ----------
    weeks : (T,)
    weekly : Mapping
        Department → spend by week, (T,), money.
    """
    heavy = {name: spend >= HEAVY * spend.mean() for name, spend in weekly.items() if spend.sum() > 0}
    found = []
    for t, week in enumerate(weeks):
        names = tuple(name for name, one in heavy.items() if one[t])
        if len(names) > 1:
            found.append(Clash(week, names))
    return tuple(found)


def quiet_weeks(weeks: WeekArray, weekly: Mapping[str, FloatArray]) -> tuple[np.datetime64, ...]:
    """Return the weeks in which every department spends less than its own mean week; see :func:`clashes`."""
    low = [spend < spend.mean() * (1 - 1e-9) for spend in weekly.values() if spend.sum() > 0]
    return tuple(week for t, week in enumerate(weeks) if low and all(one[t] for one in low))


def said_value(problem: AllocationProblem, value: float) -> str:
    """Say a value of the objective in whole money; else to six digits."""
    if problem.in_money and problem.risk.of_uplift and abs(value) >= 1.0:
        return f"{problem.currency}\N{NO-BREAK SPACE}{count(value)}"
    return figure(problem, value)


def _gain_says(problem: AllocationProblem, separate: Allocation, joint: Allocation) -> str:
    gain, money = joint.value - separate.value, problem.frame.money(float(joint.spend.sum()))
    if gain <= SAME * abs(separate.value):
        return (
            f"Planned together, the same {money} brings no more than the departments' separate plans: "
            f"{said_value(problem, separate.value)} either way."
        )
    share = gain / abs(separate.value) if separate.value else float("nan")
    more, most, alone = (said_value(problem, value) for value in (gain, joint.upper_bound, separate.value))
    return (
        f"Planned together, the same {money} brings {more} more than the departments' separate plans "
        f"({percent(share, 1, signed=True)}); no joint plan brings more than {most}, the separate ones bring {alone}."
    )
