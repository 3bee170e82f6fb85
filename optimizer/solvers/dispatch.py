"""Which algorithm for which problem: the one place where that is decided."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mmm.arrays import FloatArray
from mmm.exceptions import SpecError
from optimizer.constraints_response import ResponseConstraint
from optimizer.problem import AllocationProblem
from optimizer.risk import Coherent, MeanSd
from optimizer.solvers.bounds import Support
from optimizer.solvers.conic import ConicSet
from optimizer.solvers.general import maximise_general
from optimizer.solvers.lagrangian import maximise_discrete
from optimizer.solvers.local_risk import maximise_mean_sd, maximise_reach, mean_of
from optimizer.solvers.oracle import Oracle
from optimizer.solvers.program import discrete
from optimizer.solvers.risky import maximise_coherent
from optimizer.solvers.solution import Goal, Solution, Status
from optimizer.solvers.sqp import maximise
from optimizer.solvers.sshaped import maximise_sshaped
from optimizer.solvers.totals import maximise_totals, separable
from optimizer.solvers.weeks import clusterable, maximise_weeks

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
    if discrete(setting.problem):
        return maximise_discrete(setting, goal, solve_problem)
    if not setting.problem.horizon.separable:
        return solve_coupled(setting, goal)
    if not setting.problem.of_mean:
        return solve_risky(setting, goal)
    if not bool(setting.problem.horizon.concave.all()):
        return solve_sshaped(setting, goal)
    return solve_concave(setting, goal)


def solve_coupled(setting: Setting, goal: Goal) -> Solution:
    """Solve where channels work on each other.

    Raises
    ------
    SpecError
        Requirements on the response: no solver here sees them.
    """
    problem = setting.problem
    _refuse_limits(problem, "responses in which channels work on each other")
    if not bool(problem.horizon.concave.all()):
        return maximise_general(setting.oracle, setting.feasible, setting.start, goal)
    # A tangent bounds a measure that is concave in the draws, and no other.
    return solve_concave(setting, goal) if problem.risk.concave else solve_risky(setting, goal)


def solve_sshaped(setting: Setting, goal: Goal) -> Solution:
    """Maximise the mean of draws of which some are S-shaped."""
    problem, oracle, feasible = setting.problem, setting.oracle, setting.feasible
    if separable(problem, feasible):
        return maximise_totals(oracle, feasible, setting.start, goal, setting.support)
    if not clusterable(problem, feasible):
        return maximise_sshaped(problem, oracle, feasible, setting.start, goal, setting.support)
    return maximise_weeks(problem, oracle, feasible, setting.start, goal, setting.support)


def solve_risky(setting: Setting, goal: Goal) -> Solution:
    """Solve under a risk measure, or with requirements on the response.

    Raises
    ------
    SpecError
        Requirements on the response beside a measure that is not a least weighted mean.
    """
    problem, oracle, feasible = setting.problem, setting.oracle, setting.feasible
    if isinstance(problem.risk, Coherent):
        return maximise_coherent(problem, oracle, feasible, setting.start, goal, setting.support)
    _refuse_limits(problem, "a risk measure that is only locally solved")
    mean = solve_problem(replace(setting, problem=mean_of(problem), oracle=oracle.mean()), goal)
    if isinstance(problem.risk, MeanSd):
        return maximise_mean_sd(oracle, feasible, [setting.start], mean, goal)
    return maximise_reach(problem, oracle, feasible, setting.start, mean, goal, setting.support)


def _refuse_limits(problem: AllocationProblem, beside: str) -> None:
    if any(isinstance(one, ResponseConstraint) for one in problem.constraints):
        raise SpecError(
            f"a ROAS floor or a CPA ceiling is combined with {beside}",
            where="constraints",
            do="Remove the floor; it goes with risk: mean, cvar, mean_cvar or worst_fit and channels that add up.",
        )


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
