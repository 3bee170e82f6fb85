"""Pick the algorithm for a problem, make the plan bookable, and return it with its certificate."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from mmm.arrays import FloatArray
from mmm.exceptions import SolverError
from mmm.findings import Finding, Severity
from mmm.response.horizon import Curvature
from optimizer.allocation import Allocation
from optimizer.assemble import Found, assemble
from optimizer.constraints import Budget
from optimizer.problem import AllocationProblem, ProgressCall
from optimizer.solvers.bounds import support
from optimizer.solvers.conflicts import feasible_point
from optimizer.solvers.conic import FEASIBLE, ConicSet
from optimizer.solvers.dispatch import Setting, solve_problem
from optimizer.solvers.oracle import Local, Oracle, decide, oracle_of, value_of
from optimizer.solvers.patterns import cleaned, discrete_violation, unpriced, whole_binding
from optimizer.solvers.prices import Price, binding, dual_prices, resolved_prices
from optimizer.solvers.rounding import round_plan
from optimizer.solvers.smoothing import smoothest
from optimizer.solvers.solution import Goal, Solution, Status

#: Where an outcome has no price: the least value that gaps are relative to, in shares of the most that caps allow.
LEAST_VALUE = 1e-9
#: The same of a share of draws.
LEAST_SHARE = 0.01


def allocate(
    problem: AllocationProblem,
    *,
    gap: float = 1e-3,
    time_limit: float | None = None,
    progress: ProgressCall | None = None,
    stop: Callable[[], bool] | None = None,
) -> Allocation:
    """Find the best plan, and a bound on how much better any plan could be.

    Parameters
    ----------
    problem : AllocationProblem
    gap : float
        Relative gap to certify, e.g. 1e-3.
    time_limit : float, optional
        Seconds; the best plan so far and its gap come back when they are over.
    progress : callable, optional
        Called with a :class:`~optimizer.problem.Progress` at every step.
    stop : callable, optional
        Asked at every step; once it says True the best plan so far and its gap come back.

    Returns
    -------
    Allocation

    Raises
    ------
    InfeasibleError
        No plan satisfies every constraint; ``conflict`` holds a smallest contradicting set, in words.
    SpecError
        A constraint names an unknown channel or week, or nothing limits spend.
    SolverError
        No usable answer, or a bound that is wrong.

    Notes
    -----
    :mod:`optimizer.solvers.dispatch` picks the algorithm and the bound for the problem's class. Concave responses:
    sequential quadratic programming with the exact Hessian over all draws; every iterate's tangent, maximised over the
    feasible set, is a bound. S-shaped: :mod:`~optimizer.solvers.weeks` where weeks are decided,
    :mod:`~optimizer.solvers.totals` where totals are. Risk measures: :mod:`~optimizer.solvers.risky`. Whole numbers:
    :mod:`~optimizer.solvers.lagrangian`. Channels that work on each other: :mod:`~optimizer.solvers.general`, without a
    bound where none is valid.
    """
    goal = replace(_goal(problem, gap, time_limit, progress), stop=stop)
    decision = decide(problem)
    feasible = ConicSet(problem, decision)
    oracle = oracle_of(problem, decision)
    concave = problem.risk.concave and bool(problem.horizon.concave.all())
    start = feasible_point(problem, feasible, decision.variables(problem.row_baseline))
    solution = solve_problem(Setting(problem, oracle, feasible, start, support(feasible)), goal)
    # With whole numbers: the pattern is held from here on, in prices, smoothing and rounding.
    feasible, held = solution.feasible or feasible, solution.held or problem
    best = feasible.polish(solution.y)
    if feasible.violation(best) > FEASIBLE:
        raise SolverError("the solver's plan breaks a constraint by more than 1e-6", do="Loosen a constraint a little.")
    binds = tuple(dict.fromkeys((*binding(problem, feasible, best), *whole_binding(problem, decision.spend(best)))))
    curvature = Curvature.EXACT if concave else Curvature.CLIPPED
    here = replace(oracle, curvature=curvature, weights=solution.weights).at(best)
    state = _State(held, feasible, oracle, best, here)
    y, notes, findings = _bookable(state)
    says = solution.says
    if not np.array_equal(y, best):
        says += " That is said of the plan before smoothing and rounding."
    solution = replace(solution, evaluations=solution.evaluations + 1, says=says)
    return assemble(
        problem,
        Found(
            solution=solution,
            solver_spend=decision.spend(best),
            spend=_whole(problem, _exact(problem, decision.spend(y))),
            prices=_prices(state, binds, goal, concave=concave, whole=solution.held is not None),
            binding=binds,
            notes=notes,
            findings=(*findings, *_time_finding(solution, goal), *_trouble(solution)),
        ),
        goal,
    )


def _goal(problem: AllocationProblem, gap: float, time_limit: float | None, progress: ProgressCall | None) -> Goal:
    started = time.perf_counter()
    if not (np.isfinite(gap) and gap > 0):
        raise ValueError(f"gap is {gap}, not a positive number")
    budget = min((c.total for c in problem.constraints if isinstance(c, Budget)), default=float(problem.baseline.sum()))
    deadline = np.inf if time_limit is None else started + time_limit
    floor, says = _floor(problem, budget)
    return Goal(gap, floor, deadline, says, started=started, progress=progress)


def _floor(problem: AllocationProblem, budget: float) -> tuple[float, str]:
    """Return the least that a gap is relative to, in the objective's unit, and what that is."""
    if not problem.risk.of_uplift:
        return LEAST_SHARE, "one draw in a hundred"
    share = 0.01 * budget or 1.0
    if problem.in_money:
        return share, "1% of the budget"
    if problem.valued:
        return share / problem.money_per_outcome, f"what 1% of the budget is worth in {problem.outcome_name}"
    # Money says nothing of a unit without a price: only a value of practically nothing is not divided by.
    most = abs(value_of(problem.horizon, problem.objective, problem.upper))
    return LEAST_VALUE * most or 1.0, f"{LEAST_VALUE:g} of what the observed range could bring"


@dataclass(frozen=True, eq=False)
class _State:
    """The solver's plan and the objective around it."""

    problem: AllocationProblem
    feasible: ConicSet
    oracle: Oracle
    best: FloatArray
    here: Local


def _bookable(state: _State) -> tuple[FloatArray, tuple[str, ...], tuple[Finding, ...]]:
    """Smooth and round the plan as asked; return it with notes and findings."""
    problem, y, here = state.problem, state.best, state.here
    notes: list[str] = []
    findings: list[Finding] = []
    if problem.smooth and problem.granularity.by_week and y.shape[1] > 1:
        loss = problem.smooth * abs(here.value)
        y = state.feasible.polish(smoothest(state.oracle, state.feasible, y, here, loss))
        notes.append(f"Smoothed: the smoothest plan found within {problem.smooth:.2%} of the best value.")
    elif problem.smooth:
        notes.append(f"Not smoothed: the weeks follow {problem.weeks_follow}.")
    if problem.round_to is not None:
        rounded = round_plan(problem, state.feasible, y, here)
        notes.append(rounded.says)
        if rounded.y is None:
            do = "Round to a smaller multiple, or loosen the constraints a little."
            findings.append(Finding("not_rounded", Severity.WARNING, rounded.says, do))
        else:
            y = rounded.y
    return y, tuple(notes), tuple(findings)


def _prices(state: _State, binds: tuple[str, ...], goal: Goal, *, concave: bool, whole: bool) -> dict[str, Price]:
    if not state.problem.risk.of_uplift:
        # A share of draws moves in steps: it has no slope.
        return {}
    kind = "local dual" if whole or not concave else "dual"
    prices = dual_prices(state.problem, state.feasible, state.best, state.here, kind=kind)
    prices = {name: price for name, price in prices.items() if name not in unpriced(state.problem)}
    # What does not bind has no price: its dual is the solver's rounding error.
    prices = {name: price if name in binds else Price(0.0, price.kind, {}) for name, price in prices.items()}
    if concave or not state.problem.of_mean:
        # Re-solves climb the mean alone.
        return prices
    return prices | resolved_prices(state.problem, state.oracle, state.best, binds, goal)


def _exact(problem: AllocationProblem, spend: FloatArray) -> FloatArray:
    """Clear the noise of scaling: multiples and bookings are given to the last bit."""
    spend = spend.copy()
    if problem.granularity.by_week:
        for (c, t), money in problem.booked.items():
            spend[c, t] = money
        if problem.round_to is not None:
            whole = np.round(spend / problem.round_to) * problem.round_to
            spend = np.where(np.abs(whole - spend) <= 1e-9 * np.maximum(spend, 1.0), whole, spend)
    return spend


def _whole(problem: AllocationProblem, spend: FloatArray) -> FloatArray:
    """Check the constraints with whole numbers by their own meaning, outside any solver.

    Raises
    ------
    SolverError
        The plan breaks one.
    """
    spend = cleaned(problem, spend)
    if discrete_violation(problem, spend) > FEASIBLE:
        raise SolverError("the solver's plan breaks a constraint with whole numbers", do="Loosen it a little.")
    return spend


def _time_finding(solution: Solution, goal: Goal) -> tuple[Finding, ...]:
    if solution.status is not Status.TIME_LIMIT:
        return ()
    gap = goal.relative(solution.upper_bound, solution.value)
    known = f"has a gap of {gap:.2%} of {goal.base(solution.value)}" if np.isfinite(gap) else "has no bound yet"
    first = "Stopped before the gap was reached" if goal.stopped() else "The time limit came first"
    return (
        Finding(
            "stopped" if goal.stopped() else "time_limit",
            Severity.WARNING,
            f"{first}: the best plan so far {known}.",
            "Allow more time, or ask for a wider gap.",
        ),
    )


def _trouble(solution: Solution) -> tuple[Finding, ...]:
    """Say where the solver had to make do with less."""
    if not solution.fallbacks:
        return ()
    return (
        Finding(
            "numerical_trouble",
            Severity.NOTE,
            f"{solution.fallbacks} steps of the search were made by a simpler model, because the exact one could not "
            "be solved to its tolerance.",
            "Nothing, if the gap is small enough: it was worked out anew outside the solver.",
            means="Amounts of very different size in one brief do this.",
        ),
    )
