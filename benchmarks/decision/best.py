"""The best channel totals by the truth where every week spends alike, and whether a plan keeps the task."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from mmm.arrays import FloatArray
from simulations.market.planning import PlanTask
from simulations.market.protocol import SimulatedMarket

#: Shares of the budget that are tried, moved from one channel to another.
MOVES = (0.05, 0.02, 0.01, 0.004, 0.002)


def by_totals(market: SimulatedMarket, task: PlanTask, starts: Sequence[FloatArray]) -> FloatArray:
    """Return the best plan found whose weeks are even, (C, T): money is moved between two channels while it helps.

    Parameters
    ----------
    starts : sequence of (C, T)
        Plans that keep the task's constraints; the search goes on from the best of them, spread evenly.
    """
    weeks = task.calendar.baseline.shape[1]
    spent = task.calendar.baseline.sum(axis=1)
    bounds = ((1.0 - task.change) * spent, (1.0 + task.change) * spent)

    def values(totals: FloatArray) -> FloatArray:
        return market.plan_values(task.calendar, np.repeat(totals[..., None] / weeks, weeks, axis=2))

    feasible = np.stack([start.sum(axis=1) for start in starts if keeps(start, task)])
    reached = values(feasible)
    best, value = feasible[int(np.argmax(reached))], float(reached.max())
    for share in MOVES:
        while len(moves := _moves(best, bounds, share * task.budget)):
            reached = values(moves)
            if reached.max() <= value + 1e-7 * abs(value):
                break
            best, value = moves[int(np.argmax(reached))], float(reached.max())
    return np.repeat(best[:, None] / weeks, weeks, axis=1)


def keeps(plan: FloatArray, task: PlanTask) -> bool:
    """Return whether a plan (C, T) spends the budget with every channel within its bounds."""
    totals, spent = plan.sum(axis=1), task.calendar.baseline.sum(axis=1)
    slack = 1e-6 * task.budget
    inside = np.abs(totals - spent) <= task.change * spent + slack
    return bool(inside.all()) and abs(float(totals.sum()) - task.budget) <= slack


def _moves(totals: FloatArray, bounds: tuple[FloatArray, FloatArray], step: float) -> FloatArray:
    """Return every plan that is one move of at most ``step`` from one channel to another away, (M, C)."""
    low, high = bounds
    found = []
    for giver, taker in itertools.permutations(range(len(totals)), 2):
        money = min(step, totals[giver] - low[giver], high[taker] - totals[taker])
        if money > 1e-3 * step:
            moved = totals.copy()
            moved[giver] -= money
            moved[taker] += money
            found.append(moved)
    return np.array(found)
