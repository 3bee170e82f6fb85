"""The best plans by the truth: by week under the task's constraints, and by channel totals spread evenly."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.decision.tasks import OBSERVED, caps
from mmm.arrays import FloatArray
from mmm.response.horizon import HorizonResponse
from optimizer.constraints import Budget, ChangeVsBaseline
from optimizer.problem import AllocationProblem
from optimizer.solve import allocate
from simulations.backtest import PlanTask
from simulations.market.market import Market
from simulations.market.oracle import true_response
from simulations.market.protocol import SimulatedMarket

#: Seconds that the search for the best weeks may take.
PATIENCE = 60.0
#: Shares of the budget that are tried, moved from one channel to another.
MOVES = (0.05, 0.02, 0.01, 0.004, 0.002)


def by_week(market: Market, task: PlanTask) -> FloatArray:
    """Return the best plan by the true response, (C, T)."""
    response = true_response(market)
    problem = AllocationProblem(
        horizon=HorizonResponse(response.planning(), task.calendar),
        held_back=HorizonResponse(response.held_back(), task.calendar),
        constraints=(Budget(task.budget), ChangeVsBaseline(None, task.change)),
        observed_max=caps(market) / OBSERVED,
    )
    return allocate(problem, time_limit=PATIENCE).spend


def by_totals(market: SimulatedMarket, task: PlanTask, starts: Sequence[FloatArray]) -> FloatArray:
    """Return the best plan found whose weeks are even, (C, T): money is moved between two channels while it helps.

    Parameters
    ----------
    starts : sequence of (C, T)
        Plans that keep the task's constraints; the search goes on from the best of them, spread evenly.
    """
    weeks = task.calendar.baseline.shape[1]
    spent = task.calendar.baseline.sum(axis=1)
    low, high = (1.0 - task.change) * spent, (1.0 + task.change) * spent

    def value(totals: FloatArray) -> float:
        return market.plan_value(task.calendar, np.repeat(totals[:, None] / weeks, weeks, axis=1))

    feasible = [start.sum(axis=1) for start in starts if keeps(start, task)]
    reached, best = max(((value(one), one) for one in feasible), key=lambda pair: pair[0])
    for share in MOVES:
        step, better = share * task.budget, True
        while better:
            reached, best, better = _one_move(value, best, reached, (low, high), step)
    return np.repeat(best[:, None] / weeks, weeks, axis=1)


def keeps(plan: FloatArray, task: PlanTask) -> bool:
    """Return whether a plan (C, T) spends the budget with every channel within its bounds."""
    totals, spent = plan.sum(axis=1), task.calendar.baseline.sum(axis=1)
    slack = 1e-6 * task.budget
    inside = np.abs(totals - spent) <= task.change * spent + slack
    return bool(inside.all()) and abs(float(totals.sum()) - task.budget) <= slack


def _one_move(
    value: Callable[[FloatArray], float],
    best: FloatArray,
    reached: float,
    bounds: tuple[FloatArray, FloatArray],
    step: float,
) -> tuple[float, FloatArray, bool]:
    """Make the best single move of at most ``step`` from one channel to another, if any helps."""
    low, high = bounds
    found, plan = reached, best
    for giver in range(len(best)):
        for taker in range(len(best)):
            money = min(step, best[giver] - low[giver], high[taker] - best[taker])
            if giver == taker or money < 1e-3 * step:
                continue
            tried = best.copy()
            tried[giver] -= money
            tried[taker] += money
            if (got := value(tried)) > found:
                found, plan = got, tried
    return found, plan, found > reached + 1e-7 * abs(reached)
