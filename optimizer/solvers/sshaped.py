"""Problems in which some draw of some channel is S-shaped: a bound from concave envelopes, plans from local solves.

The mean of the draws' concave envelopes is concave and never below the objective, so its certified maximum bounds
every plan. Local solves climb the true objective from the envelope's plan, the baseline, an even plan and a dynamic
programme.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mmm.arrays import FloatArray
from mmm.response.horizon import Curvature
from optimizer.constraints import Budget
from optimizer.problem import AllocationProblem, Progress
from optimizer.solvers.bounds import Support
from optimizer.solvers.conic import FEASIBLE, ConicSet
from optimizer.solvers.oracle import COARSE_DRAWS, Oracle
from optimizer.solvers.solution import Goal, Solution, Status
from optimizer.solvers.sqp import ascend, maximise
from optimizer.solvers.starts import knapsack_start, reflighted

#: Variables whose boxes are tightened by a linear programme each, so that the envelopes fit closer.
MOST_TIGHTENED = 400
#: Starts that are solved on all draws, best first by their result on few.
FULL_STARTS = 3
#: Rounds of giving each channel a better flighting at its own total, and climbing again.
ROUNDS = 3
#: The envelope's own maximum is found to this gap; it is far below the envelope's distance from the curves.
ENVELOPE_GAP = 1e-4
#: What the bound is called.
OWN_ENVELOPES = "maximum of the mean of the draws' concave envelopes"


def tightened(problem: AllocationProblem, feasible: ConicSet, support: Support) -> FloatArray:
    """Return the most that each variable can be in any feasible plan, (C, K), as far as that is cheap to know."""
    budget = min((c.total for c in problem.constraints if isinstance(c, Budget)), default=np.inf)
    upper = np.minimum(feasible.upper, feasible.decision.upper(np.full(problem.row_baseline.shape, budget)))
    if not feasible.polyhedral or upper.size > MOST_TIGHTENED:
        return upper
    for index in np.ndindex(upper.shape):
        direction = np.zeros_like(upper)
        direction[index] = 1.0
        most = max(support.most(direction), 0.0) * (1 + 1e-9)
        upper[index] = min(float(upper[index]), most)
    return upper


def envelope_solution(
    problem: AllocationProblem, oracle: Oracle, feasible: ConicSet, start: FloatArray, goal: Goal, support: Support
) -> Solution:
    """Maximise the mean of the draws' concave envelopes: its bound holds for the objective too."""
    upper = oracle.decision.spend(tightened(problem, feasible, support))
    above = Oracle(oracle.response.envelope(upper), oracle.decision, oracle.objective)
    few = None
    if (rough := oracle.coarse()) is not None:
        few = Oracle(rough.response.envelope(upper), oracle.decision, oracle.objective)
    late = goal.started + 0.5 * (goal.deadline - goal.started)
    return maximise(above, few, feasible, start, replace(goal, gap=ENVELOPE_GAP, deadline=late), support)


def starting_points(
    problem: AllocationProblem, oracle: Oracle, feasible: ConicSet, support: Support, near: FloatArray, goal: Goal
) -> list[FloatArray]:
    """Return feasible starts besides the envelope's plan: baseline, even, dynamic programme."""
    decision = feasible.decision
    budget = float(decision.spend(near).sum())
    budgets = [c for c in problem.constraints if isinstance(c, Budget)]
    budget = min([c.total for c in budgets], default=budget)
    even = np.full(problem.row_baseline.shape, budget / problem.row_baseline.size)
    raw = [near, decision.variables(even)]
    picked = knapsack_start(
        problem, oracle, feasible, support, budget, goal, spend_all=any(not c.up_to for c in budgets)
    )
    if picked is not None:
        raw.append(picked)
    points = (project(feasible, y) for y in raw)
    return [y for y in points if feasible.violation(y) <= FEASIBLE]


def project(feasible: ConicSet, y: FloatArray) -> FloatArray:
    """Return the feasible point nearest to y, in scaled units."""
    return feasible.polish(feasible.project(y).y)


def climb_all(
    exact: Oracle, few: Oracle | None, feasible: ConicSet, starts: list[FloatArray], goal: Goal
) -> list[Solution]:
    """Solve locally from every start on few draws, then from the best of those on all; best first."""
    if few is not None:
        rough = [ascend(few, feasible, y, goal, support=None, phase="first draws") for y in starts]
        ranked = sorted(rough, key=lambda s: -s.value)
        starts = [s.y for s in ranked[:FULL_STARTS]]
    solutions: list[Solution] = []
    for y in starts:
        if solutions and goal.late():
            break
        solutions.append(ascend(exact, feasible, y, goal, support=None, phase="local solves"))
    return sorted(solutions, key=lambda s: -s.value)


def maximise_sshaped(
    problem: AllocationProblem, oracle: Oracle, feasible: ConicSet, start: FloatArray, goal: Goal, support: Support
) -> Solution:
    """Return the best local optimum found and the envelopes' bound, however wide the gap."""
    above = envelope_solution(problem, oracle, feasible, start, goal, support)
    exact = replace(oracle, curvature=Curvature.CLIPPED, evaluations=0)
    few = exact.coarse(COARSE_DRAWS)
    history: tuple[Progress, ...] = above.history
    starts = [above.y]
    if not goal.late():
        starts += starting_points(problem, few or exact, feasible, support, start, goal)
    best = climb_all(exact, few, feasible, starts, goal)[0]
    for _ in range(ROUNDS):
        if goal.late() or feasible.decision.shares is not None:
            break
        moved = reflighted(few or exact, feasible, best.y)
        again = ascend(exact, feasible, project(feasible, moved), goal, support=None, phase="local solves")
        if again.value <= best.value * (1 + 1e-7):
            break
        best = again
    gap = goal.relative(above.upper_bound, best.value)
    status = Status.CERTIFIED if gap <= goal.gap else Status.TIME_LIMIT if goal.late() else Status.LOCAL
    says = (
        f"The best of {len(starts)} local solves; no plan is better by more than {gap:.2%} of {goal.base(best.value)}."
    )
    history += (goal.tell("local solves", best.value, above.upper_bound),)
    return Solution(
        best.y,
        best.value,
        above.upper_bound,
        f"{OWN_ENVELOPES}: {above.bound_method}",
        status,
        says,
        above.evaluations + exact.evaluations,
        history,
    )
