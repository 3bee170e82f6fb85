"""One problem at many budgets: the sets, their solvers and the last plan are used again from budget to budget.

On concave problems with linear rows only one right-hand side moves. The quadratic model at the last plan, maximised
under the new budget, is the new plan to second order: one evaluation over all draws then gives its value and, by the
tangent, its bound. Other problems are solved anew at every budget.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

import numpy as np

from mmm.arrays import FloatArray
from mmm.exceptions import SpecError
from mmm.response.horizon import Curvature
from optimizer.constraints import Budget
from optimizer.problem import AllocationProblem
from optimizer.solvers.bounds import LinearSupport, support
from optimizer.solvers.classes import plainly_concave
from optimizer.solvers.conflicts import feasible_point
from optimizer.solvers.conic import FEASIBLE, ConicSet
from optimizer.solvers.dispatch import Setting, solve_problem
from optimizer.solvers.oracle import Decision, Local, Oracle, decide, oracle_of, value_of
from optimizer.solvers.solution import Goal
from optimizer.solvers.sqp import ROUNDING, ascend, maximise

#: Where an outcome has no price: the least value that gaps are relative to, in shares of the most that caps allow.
LEAST_VALUE = 1e-9
#: Coefficients of the budget's row are recognised to this, relative.
SAME = 1e-9


@dataclass(frozen=True, eq=False)
class Point:
    """The best plan found at one budget.

    Attributes
    ----------
    budget, spend : float
        Money allowed and money planned.
    value, upper_bound : float
        Of the planning draws, in the objective's unit; no plan within the budget is above the bound.
    plan : (U, T)
        Money per week, in the problem's rows.
    price : float or None
        What the next unit of budget adds, by the dual of the quadratic model at the plan, or between those of the plans
        beside it; None where that is not known.
    evaluations : int
        Over all planning draws, for this point.
    """

    budget: float
    spend: float
    value: float
    upper_bound: float
    plan: FloatArray
    price: float | None
    evaluations: int


@dataclass(eq=False)
class _Remembering(Oracle):
    """An oracle that keeps the last derivatives it gave."""

    last: tuple[FloatArray, Local] | None = field(default=None)

    def at(self, y: FloatArray) -> Local:
        """Evaluate value, gradient and Hessian."""
        here = super().at(y)
        self.last = (y, here)
        return here

    def slope(self, y: FloatArray) -> tuple[float, FloatArray]:
        """Evaluate the expected objective and its gradient (C, K) alone: the Hessian costs as much again."""
        self.evaluations += 1
        spend, objective = self.decision.spend(y), self.objective
        found = self.response.evaluate(spend, 1)
        if found.gradient is None:
            raise TypeError("the response gave no gradient")
        slope = (objective.response_weight * found.gradient - objective.spend_weight) * self.decision.factor
        if self.decision.shares is not None:
            slope = slope.sum(axis=1, keepdims=True)
        return float(objective.draws(found.per_draw, spend).mean()), np.asarray(slope)


def the_budget(problem: AllocationProblem) -> tuple[str, Budget]:
    """Return the name and the statement of a problem's budget.

    Raises
    ------
    SpecError
        It has none.
    """
    for name, constraint in problem.named.items():
        if isinstance(constraint, Budget):
            return name, constraint
    raise SpecError("the problem has no budget", where="budget", do="Give the budget.")


def with_budget(problem: AllocationProblem, total: float, *, up_to: bool) -> AllocationProblem:
    """Return the problem at another budget."""
    name, budget = the_budget(problem)
    return problem.replacing(name, replace(budget, total=total, up_to=up_to, name=name))


def least_value(problem: AllocationProblem, budget: float) -> float:
    """Return the floor of relative gaps in the objective's unit: what 1 % of the budget is worth, where that is known.

    See :class:`~optimizer.allocation.Allocation`.
    """
    if problem.in_money or problem.valued:
        return (0.01 * budget or 1.0) / (1.0 if problem.in_money else problem.money_per_outcome)
    return LEAST_VALUE * abs(value_of(problem.horizon, problem.objective, problem.upper)) or 1.0


def search_oracle(problem: AllocationProblem, decision: Decision) -> Oracle:
    """Return a problem's objective with Hessians that are negative semidefinite: exact, or clipped term by term."""
    concave = problem.risk.concave and bool(problem.horizon.concave.all())
    return replace(oracle_of(problem, decision), curvature=Curvature.EXACT if concave else Curvature.CLIPPED)


class Sweep:
    """A problem that is solved at many budgets.

    Parameters
    ----------
    problem : AllocationProblem
        With a :class:`~optimizer.constraints.Budget`.
    most : float
        The largest budget that will be asked for, money.
    up_to : bool
        Whether less than the budget may be spent.
    gap : float
        Relative gap of every point.
    time_limit : float, optional
        Seconds a point, for problems that are solved anew.
    between : bool
        Try the mean of the plans at the budgets beside a new one before any step: for budgets close to each other.
    """

    def __init__(
        self,
        problem: AllocationProblem,
        *,
        most: float,
        up_to: bool,
        gap: float,
        time_limit: float | None = None,
        between: bool = False,
    ) -> None:
        self.problem = with_budget(problem, most, up_to=up_to)
        self.up_to, self._gap, self._most, self._time_limit = up_to, gap, most, time_limit
        self._decision = decide(self.problem)
        self._feasible = ConicSet(self.problem, self._decision)
        self._oracle = _Remembering(self.problem.horizon, self._decision, self.problem.objective)
        bound = support(self._feasible)
        self._bound = bound if isinstance(bound, LinearSupport) and self._feasible.plain else None
        self._row = self._budget_row() if self._bound is not None and plainly_concave(problem) else None
        self._y: FloatArray | None = None
        self._between, self._solved = between, dict[float, tuple[FloatArray, float | None]]()

    @property
    def reuses(self) -> bool:
        """Whether sets and solvers are used again."""
        return self._row is not None

    def start(self, plan: FloatArray, budget: float, price: float | None = None) -> None:
        """Take a known plan (U, T), money, of a budget as the one to begin from."""
        self._y = self._decision.variables(plan)
        self._solved[budget] = (self._y, price)
        self._oracle.last = None

    def at(self, budget: float) -> Point:
        """Solve at one budget.

        Raises
        ------
        InfeasibleError
            No plan satisfies every constraint at that budget.
        SolverError
            No usable answer.
        """
        before = self._oracle.evaluations
        point = self._moved(budget) if self._row is not None else self._anew(budget)
        return replace(point, evaluations=self._oracle.evaluations - before)

    def _budget_row(self) -> tuple[int, float] | None:
        """Return the row of the budget and its sign; None where it cannot be told from another."""
        columns = self._feasible.columns.ravel()
        factor = self._decision.factor
        per_y = factor if self._decision.shares is None else factor.sum(axis=1, keepdims=True)
        expected = per_y.ravel() / self._most
        matrix, rhs = self._feasible.matrix, self._feasible.rhs
        full = np.flatnonzero((np.diff(matrix.indptr) == len(columns)) & (np.abs(np.abs(rhs) - 1.0) <= SAME))
        kind = full >= self._feasible.zero if self.up_to else full < self._feasible.zero
        found = []
        for row in full[kind]:
            sign = float(np.sign(rhs[row]))
            if np.allclose(sign * matrix[[row]].toarray()[0, columns], expected, rtol=SAME, atol=0.0):
                found.append((int(row), sign))
        return found[0] if len(found) == 1 else None

    def _goal(self, budget: float) -> Goal:
        now = time.perf_counter()
        deadline = np.inf if self._time_limit is None else now + self._time_limit
        return Goal(self._gap, least_value(self.problem, budget), deadline, started=now)

    def _moved(self, budget: float) -> Point:
        """Move the budget's row, step from the last plan and climb the rest of the way."""
        if self._row is None or self._bound is None:
            raise TypeError("this problem is solved anew at every budget")
        (row, sign), feasible, goal = self._row, self._feasible, self._goal(budget)
        feasible.move_row(row, sign * budget / self._most)
        self._bound.move_row(row)
        beside = self._interpolated(budget, goal, self._bound)
        if beside is not None:
            return beside
        y = self._predicted()
        if y is None:
            # A step of another budget says nothing of this one's price.
            feasible.latest = None
            problem = with_budget(self.problem, budget, up_to=self.up_to)
            near = self._y if self._y is not None else self._decision.variables(problem.row_baseline)
            start = feasible_point(problem, feasible, near)
            rough = self._oracle.coarse() if self._y is None else None
            found = maximise(self._oracle, rough, feasible, start, goal, self._bound)
        else:
            found = ascend(self._oracle, feasible, y, goal, support=self._bound, phase="budgets")
        self._y = found.y
        plan = self._decision.spend(found.y)
        step = feasible.latest
        if step is None:
            here = self._oracle.at(found.y)
            step = feasible.step(found.y, here.gradient, here.hessian)
        price = None
        if step is not None and step.usable:
            # Inequalities have a price that is not negative; the solver's trace of one is cleared.
            price = sign * float(step.raw.z[row]) * step.scale / self._most
            price = max(price, 0.0) if self.up_to else price
        self._solved[budget] = (found.y, price)
        return Point(budget, float(plan.sum()), found.value, found.upper_bound, plan, price, 0)

    def _interpolated(self, budget: float, goal: Goal, bound: LinearSupport) -> Point | None:
        """Return the mean of the plans at the budgets beside this one, where its own tangent certifies it."""
        below = [known for known in self._solved if known < budget]
        above = [known for known in self._solved if known > budget]
        if not (self._between and below and above):
            return None
        low, high = max(below), min(above)
        weight = (budget - low) / (high - low)
        (first, at_low), (last, at_high) = self._solved[low], self._solved[high]
        y = (1.0 - weight) * first + weight * last
        value, slope = self._oracle.slope(y)
        reached = float((slope * y).sum())
        upper = value + bound.most(slope) - reached + ROUNDING * (abs(value) + abs(reached))
        if goal.relative(upper, value) > goal.gap or self._feasible.violation(y) > FEASIBLE:
            return None
        price = None if at_low is None or at_high is None else (1.0 - weight) * at_low + weight * at_high
        plan = self._decision.spend(y)
        return Point(budget, float(plan.sum()), value, upper, plan, price, 0)

    def _predicted(self) -> FloatArray | None:
        """Return the last plan moved along the quadratic model to the new budget; None where there is none yet."""
        if self._oracle.last is None:
            return None
        y, here = self._oracle.last
        step = self._feasible.step(y, here.gradient, here.hessian)
        moved = self._feasible.polish(step.y)
        return moved if step.usable and self._feasible.violation(moved) <= FEASIBLE else None

    def _anew(self, budget: float) -> Point:
        problem = with_budget(self.problem, budget, up_to=self.up_to)
        decision = decide(problem)
        feasible = ConicSet(problem, decision)
        near = decision.variables(problem.row_baseline)
        if self._y is not None:
            near = self._y * budget / max(float(decision.spend(self._y).sum()), 1e-12 * budget)
        start = feasible_point(problem, feasible, near)
        oracle = oracle_of(problem, decision)
        found = solve_problem(Setting(problem, oracle, feasible, start, support(feasible)), self._goal(budget))
        self._oracle.evaluations += found.evaluations
        self._y = found.y
        plan = decision.spend(found.y)
        return Point(budget, float(plan.sum()), found.value, found.upper_bound, plan, None, 0)


def reach(problem: AllocationProblem, most: float) -> tuple[float, float]:
    """Return the least and the most that any plan can spend under the other constraints, at most ``most``; money.

    Notes
    -----
    Both are rigorous from outside: by linear programming, rebuilt from clipped duals.
    """
    loose = with_budget(problem, most, up_to=True)
    decision = decide(loose)
    feasible = ConicSet(loose, decision)
    feasible_point(loose, feasible, decision.variables(loose.row_baseline))
    factor = decision.factor
    per_y = factor if decision.shares is None else factor.sum(axis=1, keepdims=True)
    edge = support(feasible)
    return max(-edge.most(-per_y), 0.0), min(edge.most(per_y), most)
