"""What other budgets would bring: the best plan at every one, with its bound and the return of the next unit."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mmm.arrays import FloatArray
from mmm.exceptions import InfeasibleError, SpecError
from optimizer.allocation import Allocation
from optimizer.problem import AllocationProblem
from optimizer.solvers.sweep import Point, Sweep, reach, the_budget

#: Seconds for one point, where each is a search of its own.
SLOW_LIMIT = 20.0
#: A step beyond this share of a budget is too far for the quadratic model to be right at once.
FAR = 0.09
#: Budgets this close to what the constraints allow, relative, are moved to it.
NEAR = 1e-9
#: Where less than this share of a budget is left over, it may bind.
LEFT = 1e-6


@dataclass(frozen=True, eq=False)
class FrontierPoint:
    """The best plan found at one budget.

    Attributes
    ----------
    budget, spend : float
        Money.
    value, upper_bound : float
        Of the planning draws, in the objective's unit.
    marginal : float or None
        What the next unit of budget adds: the dual (of a plan between two others, the mean of theirs), else the slope
        between the neighbouring points.
    marginal_kind : str
        ``dual`` or ``slope between neighbours``.
    plan : (U, T)
        Money per week, in the problem's rows.
    """

    budget: float
    spend: float
    value: float
    upper_bound: float
    marginal: float | None
    marginal_kind: str
    plan: FloatArray


@dataclass(frozen=True, eq=False)
class BudgetFrontier:
    """The efficient frontier over budgets.

    Attributes
    ----------
    points : tuple of FrontierPoint
        From the smallest budget.
    left_out : tuple of float
        Budgets at which no plan satisfies every constraint, money.
    reaches : tuple of float
        The least and the most that the constraints let a plan spend, money.
    reused : bool
        Whether solvers were used again from point to point.
    evaluations : int
    seconds : float
    """

    points: tuple[FrontierPoint, ...]
    left_out: tuple[float, ...]
    reaches: tuple[float, float]
    reused: bool
    evaluations: int
    seconds: float


def budget_frontier(
    problem: AllocationProblem,
    budgets: Sequence[float],
    *,
    gap: float = 1e-3,
    known: Allocation | None = None,
    time_limit: float | None = SLOW_LIMIT,
) -> BudgetFrontier:
    """Solve a problem at several budgets.

    Parameters
    ----------
    problem : AllocationProblem
        With a budget; "up to" stays "up to".
    budgets : sequence of float
        Money.
    gap : float
        Relative, at every point.
    known : Allocation, optional
        The plan at the problem's own budget: the sweep begins there.
    time_limit : float, optional
        Seconds a point, for problems that are solved anew at each (S-shaped, risk, whole numbers).

    Raises
    ------
    SpecError
        No budget, or one that is not above 0.
    InfeasibleError
        The other constraints contradict each other at every budget.
    """
    started = time.perf_counter()
    wanted = sorted({float(budget) for budget in budgets})
    if not wanted or not wanted[0] > 0:
        raise SpecError("a frontier needs budgets above 0", where="frontier.budgets", do="Correct them.")
    budget = the_budget(problem)[1]
    low, high = reach(problem, max(wanted[-1], budget.total))
    inside = [total for total in wanted if total >= low * (1 - NEAR) and (budget.up_to or total <= high * (1 + NEAR))]
    sweep = Sweep(
        problem,
        most=max(wanted[-1], budget.total),
        up_to=budget.up_to,
        gap=gap,
        time_limit=time_limit,
        between=True,
    )
    found: dict[float, Point] = {}
    below = [total for total in inside if total <= budget.total][::-1]
    for side in (below, [total for total in inside if total > budget.total]):
        if known is not None:
            price = known.shadow_prices.get(the_budget(problem)[0])
            sweep.start(known.row_spend, budget.total, None if price is None else price.value)
        for total in _outwards(budget.total, side) if sweep.reuses else side:
            try:
                found[total] = sweep.at(total)
            except InfeasibleError:
                continue
    points = [found[total] for total in sorted(found)]
    return BudgetFrontier(
        points=tuple(_with_slopes(points, up_to=budget.up_to)),
        left_out=tuple(total for total in wanted if total not in found),
        reaches=(low, high),
        reused=sweep.reuses,
        evaluations=sum(point.evaluations for point in points),
        seconds=time.perf_counter() - started,
    )


def _outwards(start: float, side: Sequence[float]) -> list[float]:
    """Order budgets outwards from one: where steps are small every second first, as those between begin beside two."""
    direct, between, here, at = list[float](), list[float](), start, 0
    while at < len(side):
        skip = at + 1 < len(side) and abs(side[at + 1] - here) <= FAR * here
        if skip:
            between.append(side[at])
        at += int(skip)
        here = side[at]
        direct.append(here)
        at += 1
    return [*direct, *between]


def _with_slopes(points: list[Point], *, up_to: bool) -> list[FrontierPoint]:
    """Give every point its marginal return: the dual, which is 0 where money is left over, else central differences."""
    spends, values = (np.array([getattr(p, name) for p in points]) for name in ("budget", "value"))
    slopes = np.gradient(values, spends) if len(points) > 1 else [None] * len(points)
    result = []
    for point, slope in zip(points, slopes, strict=True):
        left = up_to and point.spend < point.budget * (1 - LEFT)
        price = 0.0 if left else point.price
        dual = price is not None
        marginal = price if dual else None if slope is None else float(slope)
        kind = "dual" if dual else "slope between neighbours"
        result.append(
            FrontierPoint(point.budget, point.spend, point.value, point.upper_bound, marginal, kind, point.plan)
        )
    return result
