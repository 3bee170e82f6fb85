"""Which algorithm for which problem: the one place where that is decided."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mmm.arrays import FloatArray
from optimizer.problem import AllocationProblem
from optimizer.solvers.bounds import Support
from optimizer.solvers.conic import ConicSet
from optimizer.solvers.general import maximise_general
from optimizer.solvers.oracle import Oracle
from optimizer.solvers.solution import Goal, Solution, Status
from optimizer.solvers.sqp import maximise
from optimizer.solvers.sshaped import maximise_sshaped
from optimizer.solvers.totals import maximise_totals, separable

#: Concave solves go on to this share of the gap asked for: one or two steps more, and exact shadow prices.
INNER = 0.01


@dataclass(frozen=True, eq=False)
class Setting:
    """What every algorithm is given.

    Attributes
    ----------
    problem : AllocationProblem
    oracle : Oracle
        The objective over all planning draws.
    feasible : ConicSet
    start : (C, K)
        Feasible decision variables.
    support : Support
        Upper bounds on linear functions over the set.
    """

    problem: AllocationProblem
    oracle: Oracle
    feasible: ConicSet
    start: FloatArray
    support: Support


def solve_problem(setting: Setting, goal: Goal) -> Solution:
    """Solve with the algorithm for the problem's class."""
    if not setting.problem.horizon.separable and not bool(setting.problem.horizon.concave.all()):
        return maximise_general(setting.oracle, setting.feasible, setting.start, goal)
    if not bool(setting.problem.horizon.concave.all()):
        if separable(setting.problem, setting.feasible):
            return maximise_totals(setting.oracle, setting.feasible, setting.start, goal, setting.support)
        return maximise_sshaped(setting.problem, setting.oracle, setting.feasible, setting.start, goal, setting.support)
    return solve_concave(setting, goal)


def solve_concave(setting: Setting, goal: Goal) -> Solution:
    """Sequential quadratic programming with the tangent bound."""
    oracle, feasible = setting.oracle, setting.feasible
    sharper = replace(goal, gap=INNER * goal.gap)
    solution = maximise(oracle, oracle.coarse(), feasible, setting.start, sharper, setting.support)
    reached = goal.relative(solution.upper_bound, solution.value)
    if reached <= goal.gap:
        says = f"Certified: no plan is better by more than {reached:.1e} of {goal.base(solution.value)}."
        return replace(solution, status=Status.CERTIFIED, says=says)
    return solution
