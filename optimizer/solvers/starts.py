"""Where local solves of S-shaped problems begin.

Totals come from dynamic programming over coarse channel curves, each channel with its best flighting among even, pulsed
and burst patterns.
"""

from __future__ import annotations

import numpy as np

from mmm.arrays import FloatArray, IntArray
from optimizer.problem import AllocationProblem
from optimizer.solvers.bounds import Support
from optimizer.solvers.conic import ConicSet
from optimizer.solvers.oracle import Decision, Oracle
from optimizer.solvers.solution import Goal

#: Steps into which the budget is cut: where weeks are decided, and where totals are.
LEVELS_WEEK, LEVELS_TOTAL = 20, 120
#: Shifts of a channel's own flighting that are tried.
MOST_SHIFTS = 13
#: Weeks in a pulsing cycle, and weeks on.
CYCLES = ((2, 1), (3, 1), (4, 1), (4, 2), (6, 2), (6, 3), (8, 2), (13, 4))


def patterns(weeks: int) -> FloatArray:
    """Return flightings, (N, T), each summing to 1: even, pulses in several phases, bursts early, mid and late."""
    found = [np.ones(weeks)]
    for cycle, on in CYCLES:
        if cycle <= weeks:
            found += [((np.arange(weeks) + phase) % cycle < on).astype(float) for phase in (0, cycle // 2)]
    for length in {max(weeks // 4, 1), max(weeks // 2, 1)}:
        for first in {0, (weeks - length) // 2, weeks - length}:
            burst = np.zeros(weeks)
            burst[first : first + length] = 1.0
            found.append(burst)
    rows = np.array([row for row in found if row.sum() > 0])
    return np.unique(rows / rows.sum(axis=1, keepdims=True), axis=0)


def channel_range(feasible: ConicSet, support: Support) -> tuple[FloatArray, FloatArray]:
    """Return the least and most total that each channel can have, money, (C,), by linear programming."""
    factor = feasible.decision.factor
    per_y = factor if feasible.decision.shares is None else factor.sum(axis=1, keepdims=True)
    least, most = np.zeros(len(per_y)), np.zeros(len(per_y))
    for c in range(len(per_y)):
        direction = np.zeros_like(per_y)
        direction[c] = per_y[c]
        least[c], most[c] = max(-support.most(-direction), 0.0), support.most(direction)
    return least, np.maximum(most, least)


def poured(total: float, shape: FloatArray, upper: FloatArray) -> FloatArray:
    """Spread a total in proportion to a flighting under each week's limit, (T,); the rest goes to the other weeks."""
    spend = np.zeros_like(upper)
    for weights in (shape, (shape == 0).astype(np.float64)):
        for _ in range(len(upper)):
            left = total - spend.sum()
            into = weights * (spend < upper)
            if left <= 1e-12 * total or not into.any():
                break
            spend = np.minimum(spend + left * into / into.sum(), upper)
    return spend


def _gain(oracle: Oracle, spend: FloatArray) -> FloatArray:
    """Return each row's part of the objective at a plan in money, (C,)."""
    values = oracle.response.per_unit(spend).mean(axis=1)
    paid = (oracle.objective.spend_weight * spend).sum(axis=1)
    return np.asarray(oracle.objective.response_weight * values - paid)


def _curves(
    oracle: Oracle, upper: FloatArray, totals: FloatArray, shapes: FloatArray, goal: Goal
) -> tuple[FloatArray, FloatArray]:
    """Return each channel's best value at each total, (C, M + 1), and the flighting that gives it, (C, M + 1, T).

    Totals for which there was no time have a value of minus infinity.
    """
    best = np.full((len(upper), len(totals)), -np.inf)
    plans = np.zeros((*best.shape, upper.shape[1]))
    best[:, 0] = 0.0
    for m, total in enumerate(totals[1:], start=1):
        if goal.late():
            break
        fits = upper.sum(axis=1) >= total * (1 - 1e-9)
        for shape in shapes if fits.any() else ():
            spend = np.array([poured(total, shape, limit) for limit in upper])
            values = _gain(oracle, spend)
            better = fits & (values > best[:, m])
            best[better, m], plans[better, m] = values[better], spend[better]
    return best, plans


def _own_flighting(
    oracle: Oracle, decision: Decision, upper: FloatArray, totals: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return what :func:`_curves` returns, each channel with its given flighting."""
    shape = decision.factor / decision.factor.sum(axis=1, keepdims=True)
    plans = totals[None, :, None] * shape[:, None, :]
    fits = (plans <= upper[:, None, :] * (1 + 1e-9)).all(axis=2)
    values = np.array([_gain(oracle, np.minimum(plans[:, m], upper)) for m in range(len(totals))]).T
    return np.where(fits, values, -np.inf), plans


def reflighted(oracle: Oracle, feasible: ConicSet, y: FloatArray) -> FloatArray:
    """Give each channel the best flighting at its own total among patterns, and its own plan shifted or reversed."""
    plan, upper = feasible.decision.spend(y), feasible.decision.spend(feasible.upper)
    weeks = plan.shape[1]
    step = max(weeks // MOST_SHIFTS, 1)
    candidates = [np.roll(turned, shift, axis=1) for turned in (plan, plan[:, ::-1]) for shift in range(0, weeks, step)]
    totals = plan.sum(axis=1)
    candidates += [
        np.array([poured(total, shape, limit) for total, limit in zip(totals, upper, strict=True)])
        for shape in patterns(weeks)
    ]
    values = np.array([np.where((c <= upper * (1 + 1e-9)).all(axis=1), _gain(oracle, c), -np.inf) for c in candidates])
    best = values.argmax(axis=0)
    return feasible.decision.variables(np.array([candidates[n][c] for c, n in enumerate(best)]))


def _knapsack(values: FloatArray, units: int, *, spend_all: bool) -> IntArray:
    """Return whole units for each channel, (C,), that maximise the sum of values; -inf marks what is not possible."""
    channels, levels = values.shape
    reach = np.full(units + 1, -np.inf)
    reach[0] = 0.0
    taken = np.zeros((channels, units + 1), dtype=np.int64)
    for c in range(channels):
        table = np.full((units + 1, levels), -np.inf)
        for m in range(min(levels, units + 1)):
            table[m:, m] = reach[: units + 1 - m] + values[c, m]
        taken[c], reach = table.argmax(axis=1), table.max(axis=1)
    if not np.isfinite(reach).any():
        return np.full(channels, -1, dtype=np.int64)
    left = units if spend_all and np.isfinite(reach[units]) else int(np.argmax(reach))
    picked = np.zeros(channels, dtype=np.int64)
    for c in range(channels - 1, -1, -1):
        picked[c] = taken[c, left]
        left -= picked[c]
    return picked


def knapsack_start(
    problem: AllocationProblem,
    oracle: Oracle,
    feasible: ConicSet,
    support: Support,
    budget: float,
    goal: Goal,
    *,
    spend_all: bool,
) -> FloatArray | None:
    """Return decision variables (not yet feasible) from the dynamic programme; None where its grid finds nothing."""
    decision: Decision = feasible.decision
    units = LEVELS_WEEK if decision.shares is None else LEVELS_TOTAL
    totals = budget * np.arange(units + 1) / units
    upper = np.minimum(problem.upper, decision.spend(feasible.upper))
    if decision.shares is None:
        values, plans = _curves(oracle, upper, totals, patterns(decision.weeks), goal)
    else:
        values, plans = _own_flighting(oracle, decision, upper, totals)
    least, most = channel_range(feasible, support)
    grain = 0.5 * budget / units
    possible = (totals >= least[:, None] - grain) & (totals <= most[:, None] + grain)
    picked = _knapsack(np.where(possible, values, -np.inf), units, spend_all=spend_all)
    if (picked < 0).any():
        return None
    return decision.variables(np.array([plans[c, m] for c, m in enumerate(picked)]))
