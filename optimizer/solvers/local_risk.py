r"""Risk measures that are not concave: plans from local climbs, and the bound that is valid.

Mean less standard deviations is never above the mean, so the mean's bound holds. For the share of draws that reach a
target τ, with :math:`L_s` the least uplift that any plan can have in draw s and :math:`\bar u_s` its concave envelope,

.. math:: 1\{u_s(x) \ge \tau\} \le \min\Big(1, \frac{\bar u_s(x) - L_s}{\tau - L_s}\Big),

whose mean over draws is concave: its tangents bound the share.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from mmm.arrays import FloatArray
from mmm.response.horizon import Curvature
from optimizer.problem import AllocationProblem
from optimizer.risk import CVaR, Mean, MeanSd, ReachProbability
from optimizer.several import SeveralResponses
from optimizer.solvers.bounds import Support
from optimizer.solvers.bundle import Bundle
from optimizer.solvers.conic import ConicSet
from optimizer.solvers.floors import Floors
from optimizer.solvers.oracle import Local, Oracle
from optimizer.solvers.risky import FIRST_DRAWS, envelope_oracle
from optimizer.solvers.solution import Goal, Solution, Status
from optimizer.solvers.sqp import ascend

#: Levels of tails whose best plans are starts for reaching a target.
LEVELS = (0.5, 0.2, 0.05)
#: Widths of the smoothed step, in shares of the draws' own bandwidth, one climb after the other.
WIDTHS = (1.0, 0.3, 0.1)
#: Variables whose least amount is found by a linear programme each.
MOST_LEAST = 400
#: Steps of the climb that only bounds.
BOUND_STEPS = 25


def maximise_mean_sd(
    oracle: Oracle, feasible: ConicSet, starts: list[FloatArray], mean: Solution, goal: Goal
) -> Solution:
    """Climb from several starts, the best mean first; bounded by the mean's bound.

    Parameters
    ----------
    mean : Solution
        Of the same problem under the mean.
    """
    if not isinstance(oracle.risk, MeanSd):
        raise TypeError("the measure is not a mean less standard deviations")
    exact = replace(oracle, curvature=Curvature.CLIPPED, evaluations=0)
    found = [ascend(exact, feasible, y, goal, support=None, phase="local solves") for y in (mean.y, *starts)]
    best = max(found, key=lambda one: one.value)
    method = "the best mean, of which it takes off: " + mean.bound_method
    count = mean.evaluations + exact.evaluations
    return replace(_local(best, mean.upper_bound, method, len(found), goal), evaluations=count)


def _local(best: Solution, bound: float, method: str, solves: int, goal: Goal) -> Solution:
    gap = goal.relative(bound, best.value)
    status = Status.CERTIFIED if gap <= goal.gap else Status.TIME_LIMIT if goal.late() else Status.LOCAL
    how = f"no plan is better by more than {gap:.2%} of {goal.base(best.value)}"
    if not np.isfinite(bound):
        how = "nothing bounds what another plan could reach"
    return replace(
        best,
        upper_bound=bound,
        bound_method=method,
        status=status,
        says=f"The best of {solves} local solves; {how}.",
        history=(goal.tell("local solves", best.value, bound),),
    )


@dataclass(eq=False)
class SmoothReach(Oracle):
    """The share of draws that reach the target, each step smoothed to this width."""

    width: float = field(default=1.0)

    def at(self, y: FloatArray) -> Local:
        """Evaluate the smoothed share, its gradient and the weighted bend."""
        if not isinstance(self.risk, ReachProbability):
            raise TypeError("the measure is not a share that reaches a target")
        value, weights = self.risk.smoothed(self.uplift(self.draws(y)), self.width)
        look = self.look(y, weights)
        return Local(value, look.gradient, look.hessian)


@dataclass(eq=False)
class ReachCeiling(Oracle):
    """The mean over draws of min(1, (uplift − least) / (target − least)): concave, never below the share."""

    least: FloatArray = field(default_factory=lambda: np.zeros(0))

    def at(self, y: FloatArray) -> Local:
        """Evaluate value, gradient and Hessian."""
        if not isinstance(self.risk, ReachProbability):
            raise TypeError("the measure is not a share that reaches a target")
        room = self.risk.target - self.least
        always = room <= 0
        per_unit = np.where(always, 0.0, 1.0 / np.where(always, 1.0, room))
        share = np.where(always, 1.0, (self.uplift(self.draws(y)) - self.least) * per_unit)
        look = self.look(y, np.where(share < 1.0, per_unit, 0.0) / len(share))
        return Local(float(np.minimum(share, 1.0).mean()), look.gradient, look.hessian)


def maximise_reach(
    problem: AllocationProblem,
    oracle: Oracle,
    feasible: ConicSet,
    start: FloatArray,
    mean: Solution,
    goal: Goal,
    support: Support,
) -> Solution:
    """Climb smoothed shares from several starts; report the exact share and a bound that is valid."""
    exact = replace(oracle, curvature=Curvature.CLIPPED, evaluations=0)
    found: list[Solution] = []
    for y in _starts(exact, feasible, [mean.y, start], goal):
        if found and goal.late():
            break
        found.append(_climb(exact, feasible, y, goal))
    best = max(found, key=lambda one: one.value)
    bound, method = reach_bound(problem, oracle, feasible, best.y, goal, support)
    count = mean.evaluations + sum(one.evaluations for one in found)
    return replace(_local(best, bound, method, len(found), goal), evaluations=count)


def _starts(exact: Oracle, feasible: ConicSet, given: list[FloatArray], goal: Goal) -> list[FloatArray]:
    """Return the given plans and those that are best for some tails, on few draws."""
    few = exact.coarse(FIRST_DRAWS) or exact
    starts = list(given)
    for level in LEVELS:
        if not goal.late():
            tail = replace(few, risk=CVaR(level))
            quick = replace(goal, max_steps=10, progress=None)
            starts.append(Bundle(tail, feasible, Floors.none(tail), quick, None, "starts").climb(given[0]).y)
    return starts


def _climb(exact: Oracle, feasible: ConicSet, y: FloatArray, goal: Goal) -> Solution:
    """Climb ever sharper steps; return the plan with the highest exact share met on the way."""
    if not isinstance(exact.risk, ReachProbability):
        raise TypeError("the measure is not a share that reaches a target")
    wide = exact.risk.width(exact.uplift(exact.draws(y)))
    best = Solution(y, exact.value(y), np.inf, "none", Status.LOCAL, "The start.", 0)
    steps: list[int] = []
    for share in WIDTHS:
        smooth = SmoothReach(**{**vars(exact), "width": share * wide, "evaluations": 0})
        there = ascend(smooth, feasible, y, goal, support=None, phase="local solves")
        steps.append(there.evaluations + 1)
        y, value = there.y, exact.value(there.y)
        if value >= best.value:
            best = replace(there, value=value)
    return replace(best, evaluations=sum(steps))


def reach_bound(
    problem: AllocationProblem, oracle: Oracle, feasible: ConicSet, y: FloatArray, goal: Goal, support: Support
) -> tuple[float, str]:
    """Return a bound on the share and how it was found; infinite where responses can fall with spend."""
    if not _rises(oracle) or not problem.horizon.separable:
        return float("inf"), "none"
    over = envelope_oracle(problem, oracle, feasible, support)
    least = _least_uplift(oracle, feasible, support)
    ceiling = ReachCeiling(**{**vars(over), "least": least})
    quick = replace(goal, gap=1e-3, max_steps=BOUND_STEPS)
    found = ascend(ceiling, feasible, y, quick, support=support, phase="bound")
    method = "mean over draws of the uplift's place between its least and the target, at most 1: " + support.method
    return min(found.upper_bound, 1.0), method


def _rises(oracle: Oracle) -> bool:
    """Return whether more spend never lowers a draw's response."""
    response = oracle.response
    fits = response.fits if isinstance(response, SeveralResponses) else (response,)
    return all(bool((one.response.paid.beta >= 0).all()) for one in fits)


def _least_uplift(oracle: Oracle, feasible: ConicSet, support: Support) -> FloatArray:
    """Return a figure that no plan's uplift is below, by draw, (S,): least spend of everything, most cost."""
    least = np.zeros(feasible.upper.shape)
    if feasible.polyhedral and least.size <= MOST_LEAST:
        for index in np.ndindex(least.shape):
            direction = np.zeros_like(least)
            direction[index] = -1.0
            # A little less than the linear programme says: its figure carries rounding.
            least[index] = max(-support.most(direction) * (1 - 1e-9) - 1e-9, 0.0)
    cost = oracle.objective.spend_weight * oracle.decision.factor
    if oracle.decision.shares is not None:
        cost = cost.sum(axis=1, keepdims=True)
    made = oracle.response.evaluate(oracle.decision.spend(least)).per_draw
    return oracle.uplift(oracle.objective.response_weight * made - support.most(cost))


def mean_of(problem: AllocationProblem) -> AllocationProblem:
    """Return the same problem under the mean."""
    return replace(problem, risk=Mean())
