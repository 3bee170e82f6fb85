"""Plans for whole-number problems: the best amounts of a pattern, and better patterns next to a good one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mmm.arrays import BoolArray, FloatArray
from mmm.exceptions import SolverError
from mmm.response.horizon import Curvature
from optimizer.problem import AllocationProblem
from optimizer.solvers.bounds import support
from optimizer.solvers.conic import FEASIBLE, ConicSet
from optimizer.solvers.nearest import nearest
from optimizer.solvers.oracle import Oracle
from optimizer.solvers.patterns import held
from optimizer.solvers.price_search import remaining
from optimizer.solvers.program import Program
from optimizer.solvers.solution import Goal, Solution
from optimizer.solvers.sqp import ascend, maximise

if TYPE_CHECKING:
    from optimizer.solvers.dispatch import Setting

#: The solver of problems without whole numbers.
Continuous = Callable[["Setting", Goal], Solution]
#: Amounts of a pattern are found to this gap while patterns are compared.
PATTERN_GAP = 2e-4
#: A pattern is better where its value is by this share.
BETTER = 1e-6
#: Seconds for the feasible pattern nearest to a wish.
WISH_LIMIT = 5.0
#: Weeks by which a single week is moved, at most.
FARTHEST = 13
#: Steps of one pattern's solve.
STEPS = 25


@dataclass(frozen=True, eq=False)
class PatternPlan:
    """The best plan found with one pattern.

    Attributes
    ----------
    v : (N,)
        A point of the program: amounts and whole numbers.
    y : (U, K)
    value : float
    problem : AllocationProblem
        With the pattern held.
    feasible : ConicSet
        Of that problem.
    """

    v: FloatArray
    y: FloatArray
    value: float
    problem: AllocationProblem
    feasible: ConicSet


class PatternSearch:
    """Solves patterns, remembers which were tried, and keeps the best.

    Parameters
    ----------
    setting : Setting
    program : Program
    goal : Goal
    continuous : callable
        Solves a problem without whole numbers.

    Attributes
    ----------
    best : PatternPlan or None
    tried : int
    oracle, few : Oracle
        The objective over all draws, and over few (or all, where there are not many).
    """

    def __init__(self, setting: Setting, program: Program, goal: Goal, continuous: Continuous) -> None:
        self.setting, self.program, self.goal, self.continuous = setting, program, goal, continuous
        horizon = setting.problem.horizon
        self._plain = setting.problem.of_mean and horizon.separable
        self._concave = bool(horizon.concave.all())
        curvature = Curvature.EXACT if self._concave else Curvature.CLIPPED
        self.oracle = replace(setting.oracle, curvature=curvature, evaluations=0)
        coarse = self.oracle.coarse()
        self._coarse: Oracle | None = coarse
        self.few = coarse or self.oracle
        self.best: PatternPlan | None = None
        self._seen: set[bytes] = set()

    @property
    def tried(self) -> int:
        """Number of patterns that were solved."""
        return len(self._seen)

    def climb(self, v: FloatArray) -> PatternPlan | None:
        """Solve the pattern of a feasible point; None where it was solved before or a cone's rows cut it off."""
        key = np.round(v[self.program.whole]).astype(np.int64).tobytes()
        if key in self._seen:
            return None
        self._seen.add(key)
        problem = held(self.setting.problem, self.program, v)
        feasible = ConicSet(problem, self.setting.oracle.decision)
        start = feasible.polish(v[self.program.amounts])
        if feasible.violation(start) > FEASIBLE:
            start = feasible.polish(feasible.project(start).y)
        if feasible.violation(start) > FEASIBLE:
            return None
        found = self._amounts(problem, feasible, start)
        if feasible.violation(found.y) > FEASIBLE:
            return None
        v = v.copy()
        v[self.program.amounts] = found.y
        plan = PatternPlan(v, found.y, found.value, problem, feasible)
        if self.best is None or plan.value > self.best.value + BETTER * max(abs(self.best.value), self.goal.floor):
            self.best = plan
        return plan

    def _amounts(self, problem: AllocationProblem, feasible: ConicSet, start: FloatArray) -> Solution:
        quiet = replace(self.goal, gap=PATTERN_GAP, max_steps=STEPS, progress=None)
        if not self._plain:
            setting = replace(self.setting, problem=problem, feasible=feasible, start=start, support=support(feasible))
            return self.continuous(setting, replace(quiet, gap=max(self.goal.gap, PATTERN_GAP)))
        if self._concave:
            return maximise(self.oracle, self._coarse, feasible, start, quiet, support(feasible))
        if self._coarse is not None:
            start = ascend(self._coarse, feasible, start, quiet, support=None, phase="patterns").y
        return ascend(self.oracle, feasible, start, quiet, support=None, phase="patterns")

    def wish(self, v: FloatArray) -> PatternPlan | None:
        """Solve the feasible pattern nearest to a point; None where it was solved before or none was found."""
        try:
            point = (
                v
                if self.program.violation(v) <= FEASIBLE
                else nearest(self.program, v, remaining(self.goal, WISH_LIMIT))
            )
        except SolverError:
            return None
        return None if point is None else self.climb(point)

    def spread(self, y: FloatArray, price: FloatArray) -> PatternPlan | None:
        """Give each row the best even spread of its total over some of the weeks, and solve the nearest pattern.

        Parameters
        ----------
        y, price : (U, K)
            Amounts of a relaxation, and what a unit of each costs.
        """
        periods, total = y.shape[1], y.sum(axis=1, keepdims=True)
        wish, best = y.copy(), np.full(len(y), -np.inf)
        marks = np.zeros(len(self.program.lower))
        for count in range(1, periods + 1):
            for phase in {0, periods // (2 * count)}:
                on = np.zeros(periods)
                on[(np.arange(count) * periods / count + phase).astype(np.int64) % periods] = 1.0
                trial = np.minimum(total / on.sum() * on, self._upper)
                gain = np.where(self._allowed(marks, trial), self._worth(trial, price), -np.inf)
                better = gain > best
                wish[better], best[better] = trial[better], gain[better]
            if self.goal.late():
                break
        v = np.zeros(len(self.program.lower))
        v[self.program.amounts] = wish
        for rows, columns in self.program.switches.items():
            v[columns] = (wish[list(rows)] > 0).any(axis=0)
        return self.wish(v)

    def neighbours(self, price: FloatArray) -> bool:
        """Move the best plan's weeks on: shift, drop or add one in each row where that pays at the prices (U, K).

        Returns whether a better plan was found.
        """
        if self.best is None or self.setting.oracle.decision.shares is not None:
            return False
        before = self.best
        for single in (False, True):
            moved = self._moved(before, price, single=single)
            if moved is not None and not self.goal.late():
                self.wish(moved)
        return self.best is not before

    def _moved(self, plan: PatternPlan, price: FloatArray, *, single: bool) -> FloatArray | None:
        """Return the plan with each row's best move (``single``: only the best of all); None where none pays."""
        rows = [rows for rows in self.program.switches if len(rows) == 1]
        if not rows:
            return None
        base = self._worth(plan.y, price)
        best, move = np.zeros(len(plan.y)), [plan.y[u] for u in range(len(plan.y))]
        for trial, allowed in self._moves(plan):
            gain = np.where(allowed, self._worth(trial, price) - base, 0.0)
            for u in np.flatnonzero(gain > np.maximum(best, BETTER * abs(plan.value))):
                best[u], move[u] = gain[u], trial[u]
            if self.goal.late():
                break
        picked = np.argsort(-best)[:1] if single else np.flatnonzero(best > 0)
        if not (best[picked] > 0).any():
            return None
        v = plan.v.copy()
        for u in picked:
            v[self.program.amounts[u]] = move[u]
            if (int(u),) in self.program.switches:
                v[self.program.switches[int(u),]] = move[u] > 0
        return v

    def _moves(self, plan: PatternPlan) -> Iterator[tuple[FloatArray, BoolArray]]:
        """Give trials, (U, K), with the rows in which each is a move that its own rows allow."""
        y, periods = plan.y, plan.y.shape[1]
        on = y > 0
        mean = y.sum(axis=1) / np.maximum(on.sum(axis=1), 1)
        for i in range(periods):
            for j in range(max(i - FARTHEST, 0), min(i + FARTHEST + 1, periods)):
                trial = y.copy()
                if i == j:
                    # Off where it is on; on, at the mean of the weeks on, where it is off.
                    trial[:, i] = np.where(on[:, i], 0.0, np.minimum(mean, self._upper[:, i]))
                    changed = np.ones(len(y), dtype=np.bool_)
                else:
                    trial[:, j], trial[:, i] = np.minimum(y[:, i], self._upper[:, j]), 0.0
                    changed = on[:, i] & ~on[:, j]
                if changed.any():
                    allowed = changed & self._allowed(plan.v, trial)
                    if allowed.any():
                        yield trial, allowed

    @property
    def _upper(self) -> FloatArray:
        """The box above amounts, (U, K)."""
        return self.program.upper[self.program.amounts]

    def _allowed(self, v: FloatArray, trial: FloatArray) -> BoolArray:
        """Return the rows of the plan whose own rows a trial keeps, switches following the amounts."""
        moved = v.copy()
        moved[self.program.amounts] = trial
        for rows, columns in self.program.switches.items():
            if len(rows) == 1:
                moved[columns] = trial[rows[0]] > 0
        made = self.program.matrix @ moved
        broken = np.maximum(self.program.low - made, made - self.program.high) > FEASIBLE
        # A whole number of spots is found again by whoever solves the pattern.
        own = self.program.own[broken]
        single = np.array([(u,) in self.program.switches for u in range(len(trial))])
        return single & ~np.isin(self.program.block[self.program.amounts[:, 0]], own[own >= 0])

    def _worth(self, y: FloatArray, price: FloatArray) -> FloatArray:
        """Return each row's value less prices over few draws, (U,)."""
        oracle = self.few
        oracle.evaluations += 1
        spend = oracle.decision.spend(y)
        values = oracle.objective.response_weight * oracle.response.per_unit(spend).mean(axis=1)
        return np.asarray(values - (oracle.objective.spend_weight * spend).sum(axis=1) - (price * y).sum(axis=1))

    def final(self) -> Solution:
        """Return the best pattern's plan, its amounts found to the goal's own gap."""
        if self.best is None:
            raise SolverError("no plan was found, and none was ruled out", do="Loosen a constraint a little.")
        best = self.best
        setting = replace(
            self.setting, problem=best.problem, feasible=best.feasible, start=best.y, support=support(best.feasible)
        )
        found = self.continuous(setting, replace(self.goal, progress=None))
        if found.value < best.value or best.feasible.violation(found.y) > FEASIBLE:
            return replace(found, y=best.y, value=best.value, feasible=best.feasible, held=best.problem)
        return replace(found, feasible=best.feasible, held=best.problem)
