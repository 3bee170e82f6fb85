"""Channel totals under linear rows where some draw is S-shaped: branch and bound over the channels' mean curves.

Assumes the mean over draws as the objective, and no whole-number constraints.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mmm.arrays import FloatArray
from mmm.response.envelopes import supported
from mmm.response.horizon import Curvature
from optimizer.problem import AllocationProblem
from optimizer.solvers.bounds import Support
from optimizer.solvers.branching import Search, branch
from optimizer.solvers.conic import FEASIBLE, ConicSet
from optimizer.solvers.oracle import Oracle
from optimizer.solvers.separable import RowCurves
from optimizer.solvers.solution import Goal, Solution, Status
from optimizer.solvers.sqp import ascend

#: Ranges are widened by this share for the solver's tolerance; no feasible plan is ever cut off.
WIDER = 1e-9
METHOD = "branch and bound on piecewise-linear over-estimates of the mean curves, rebuilt from clipped multipliers"


def separable(problem: AllocationProblem, feasible: ConicSet) -> bool:
    """Return whether the problem is a sum of functions of one number each, under linear rows."""
    return feasible.decision.shares is not None and feasible.polyhedral and supported(problem.horizon)


def ranges(feasible: ConicSet, support: Support) -> tuple[FloatArray, FloatArray]:
    """Return the least and most of each decision variable over the feasible set, (C,), as bounds."""
    upper = feasible.upper[:, 0]
    low, high = np.zeros(len(upper)), upper.copy()
    for c in range(len(upper)):
        unit = np.zeros_like(feasible.upper)
        unit[c] = 1.0
        high[c] = min(upper[c], max(support.most(unit), 0.0) + WIDER * upper[c])
        low[c] = min(max(-support.most(-unit) - WIDER * upper[c], 0.0), high[c])
    return low, high


def maximise_totals(oracle: Oracle, feasible: ConicSet, start: FloatArray, goal: Goal, support: Support) -> Solution:
    """Return the best totals with a bound that closes to the gap asked for, time permitting."""
    exact = replace(oracle, curvature=Curvature.CLIPPED, evaluations=0)
    curves = RowCurves(oracle, *ranges(feasible, support))
    # The last share of the gap is left for the climb at the end, which makes prices exact.
    found = branch(exact, feasible, curves, (exact.value(start), start[:, 0]), goal)
    climbed = ascend(exact, feasible, found.y[:, None], replace(goal, progress=None), support=None, phase="last climb")
    y, value = (climbed.y, climbed.value) if _better(climbed, found, feasible) else (found.y[:, None], found.value)
    return _solution(exact, y, value, found, goal)


def _better(climbed: Solution, found: Search, feasible: ConicSet) -> bool:
    return climbed.value >= found.value and feasible.violation(climbed.y) <= FEASIBLE


def _solution(exact: Oracle, y: FloatArray, value: float, found: Search, goal: Goal) -> Solution:
    bound = max(found.bound, value) if found.bound >= found.value else found.bound
    gap = goal.relative(bound, value)
    certified = gap <= goal.gap
    status = Status.CERTIFIED if certified else Status.TIME_LIMIT if goal.late() else Status.STALLED
    start = "Certified: no plan" if certified else "No plan"
    says = f"{start} is better by more than {max(gap, 0.0):.1e} of {goal.base(value)}; {found.boxes} boxes were solved."
    return Solution(y, value, bound, METHOD, status, says, exact.evaluations, (goal.tell("boxes", value, bound),))
