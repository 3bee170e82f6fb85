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

#: Steps into which the budget is cut: where weeks are decided, and where totals are.
LEVELS_WEEK, LEVELS_TOTAL = 20, 120
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


def _curves(oracle: Oracle, upper: FloatArray, totals: FloatArray, shapes: FloatArray) -> tuple[FloatArray, IntArray]:
    """Return each channel's best value at each total and the flighting that gives it, (C, M + 1) each."""
    channels = len(upper)
    best = np.full((channels, len(totals)), -np.inf)
    which = np.zeros((channels, len(totals)), dtype=np.int64)
    best[:, 0] = 0.0
    for m, total in enumerate(totals):
        for n, shape in enumerate(shapes):
            spend = np.broadcast_to(total * shape, upper.shape)
            fits = (spend <= upper * (1 + 1e-9)).all(axis=1)
            if m == 0 or not fits.any():
                continue
            values = oracle.response.per_channel(np.minimum(spend, upper)).mean(axis=1)
            values = oracle.objective.response_weight * values - oracle.objective.spend_weight * total
            better = fits & (values > best[:, m])
            best[better, m], which[better, m] = values[better], n
    return best, which


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
    problem: AllocationProblem, oracle: Oracle, feasible: ConicSet, support: Support, budget: float, *, spend_all: bool
) -> FloatArray | None:
    """Return decision variables (not yet feasible) from the dynamic programme; None where its grid finds nothing."""
    decision: Decision = feasible.decision
    total_only = decision.shares is not None
    units = LEVELS_TOTAL if total_only else LEVELS_WEEK
    totals = budget * np.arange(units + 1) / units
    upper = np.minimum(problem.upper, decision.spend(feasible.upper))
    if decision.shares is None:
        values, which = _curves(oracle, upper, totals, patterns(decision.weeks))
    else:
        values, which = _own_flighting(oracle, decision, upper, totals)
    shapes = patterns(decision.weeks) if decision.shares is None else decision.factor
    least, most = channel_range(feasible, support)
    grain = 0.5 * budget / units
    possible = (totals >= least[:, None] - grain) & (totals <= most[:, None] + grain)
    picked = _knapsack(np.where(possible, values, -np.inf), units, spend_all=spend_all)
    if (picked < 0).any():
        return None
    spend = np.empty_like(upper)
    for c, m in enumerate(picked):
        shape = shapes[c] / shapes[c].sum() if total_only else shapes[which[c, m]]
        spend[c] = totals[m] * shape
    return decision.variables(spend)


def _own_flighting(
    oracle: Oracle, decision: Decision, upper: FloatArray, totals: FloatArray
) -> tuple[FloatArray, IntArray]:
    shape = decision.factor / decision.factor.sum(axis=1, keepdims=True)
    best = np.full((len(upper), len(totals)), -np.inf)
    for m, total in enumerate(totals):
        spend = total * shape
        fits = (spend <= upper * (1 + 1e-9)).all(axis=1)
        values = oracle.response.per_channel(np.minimum(spend, upper)).mean(axis=1)
        values = oracle.objective.response_weight * values - oracle.objective.spend_weight * total
        best[fits, m] = values[fits]
    return best, np.zeros(best.shape, dtype=np.int64)
