"""Problems with whole numbers: weeks on or off, numbers of channels, bursts, multiples.

Where they are few, all channels at once by outer approximation; where they are many, channel by channel at prices. The
plan is the best of the patterns that these and local moves propose, its amounts by the solver for problems without
whole numbers. The certificate is the least of: the relaxation's bound, the outer approximation's, the prices'.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mmm.arrays import BoolArray, FloatArray, IntArray
from mmm.exceptions import SolverError
from mmm.response.horizon import HorizonResponse
from optimizer.constraints import Budget
from optimizer.discrete import Discrete
from optimizer.problem import Progress
from optimizer.risk import Coherent, Mean, MeanSd
from optimizer.solvers.conflicts import infeasible
from optimizer.solvers.nearest import nearest, smallest_whole_conflict
from optimizer.solvers.outer import Outer
from optimizer.solvers.pattern_search import Continuous, PatternSearch
from optimizer.solvers.patterns import switches_of
from optimizer.solvers.price_search import PriceSearch, remaining
from optimizer.solvers.program import Program, discrete, members, money_per_y, program
from optimizer.solvers.solution import Goal, Solution, Status
from optimizer.solvers.tangents import Planes, Tangents

if TYPE_CHECKING:
    from optimizer.solvers.dispatch import Setting

#: Whole numbers up to which all channels are solved at once.
FEW = 40
#: Rounds of outer approximation; sweeps over the channels at prices.
ROUNDS, SWEEPS = 30, 12
#: Rounds of moves of single weeks.
MOVES = 20
#: Seconds for one programme over all channels.
JOINT_LIMIT = 15.0
#: Share of the gap that is left to the programmes' own.
PART = 0.25
#: The relaxation is solved to this gap or the one asked for.
RELAXED_GAP = 1e-3
#: Even plans at which the first planes are laid: multiples of the best plan's mean; a share of the box.
FIRST_PLANES, TOP_PLANE = (0.1, 0.3, 0.7, 1.2, 2.2), 0.7


@dataclass(eq=False)
class _State:
    """What the stages share.

    Attributes
    ----------
    bound, method : the least upper bound so far, and where it is from.
    """

    setting: Setting
    goal: Goal
    program: Program
    search: PatternSearch
    bound: float
    method: str
    history: list[Progress]

    def lower(self, bound: float, method: str) -> None:
        """Take a bound that is lower than the one so far."""
        if bound < self.bound:
            self.bound, self.method = bound, method

    @property
    def value(self) -> float:
        """The best plan's value."""
        return -np.inf if self.search.best is None else self.search.best.value

    @property
    def gap(self) -> float:
        """The relative gap so far."""
        return np.inf if self.search.best is None else self.goal.relative(self.bound, self.value)

    @property
    def done(self) -> bool:
        """Whether the gap is met or the time is up."""
        return self.gap <= self.goal.gap or self.goal.late()

    def tell(self, phase: str) -> None:
        """Report where the solve stands."""
        self.history.append(self.goal.tell(phase, self.value, self.bound))


def maximise_discrete(setting: Setting, goal: Goal, continuous: Continuous) -> Solution:
    """Return the best plan found with whole numbers, and a bound on all of them.

    Parameters
    ----------
    setting : Setting
        ``feasible`` and ``start`` are of the convex constraints alone.
    goal : Goal
    continuous : callable
        Solves a setting without whole numbers.

    Raises
    ------
    InfeasibleError
        No plan keeps every constraint in whole numbers; names a smallest conflicting set.
    SolverError
        Neither a plan nor a proof that there is none.
    """
    problem, feasible = setting.problem, setting.feasible
    decision = setting.oracle.decision
    budget = min((c.total for c in problem.constraints if isinstance(c, Budget)), default=np.inf)
    upper = np.minimum(feasible.upper, decision.upper(np.full(problem.row_baseline.shape, budget)))
    made = program(problem, feasible, upper=upper)
    first = _first_point(setting, made)
    late = goal.started + 0.3 * (goal.deadline - goal.started)
    linear = tuple(one for one in problem.constraints if not isinstance(one, Discrete))
    plain = replace(setting, problem=replace(problem, constraints=linear))
    relaxed = continuous(plain, replace(goal, gap=max(goal.gap, RELAXED_GAP), deadline=late, progress=None))
    search = PatternSearch(setting, made, goal, continuous)
    state = _State(setting, goal, made, search, np.inf, "none", [])
    state.lower(relaxed.upper_bound, f"without whole numbers: {relaxed.bound_method}")
    search.wish(switches_of(problem, made, relaxed.y))
    if search.best is None:
        search.climb(first)
    state.tell("first pattern")
    if not state.done:
        search.spread(relaxed.y, _price_of_money(state, relaxed.y))
        state.tell("even spreads")
    if not state.done:
        _improve(state, relaxed.y)
    return _finished(state, relaxed)


def _first_point(setting: Setting, made: Program) -> FloatArray:
    found = nearest(made, switches_of(setting.problem, made, setting.start))
    if found is None:
        raise infeasible(setting.problem, smallest_whole_conflict(setting.problem))
    return found


def _improve(state: _State, near: FloatArray) -> None:
    """Close the gap with tangent planes where the response allows them; else by local moves alone."""
    setting, horizon = state.setting, state.setting.problem.horizon
    # Measures that are never above the mean are bounded by the mean's bound.
    below_mean = isinstance(setting.problem.risk, (Mean, Coherent, MeanSd))
    if not (below_mean and horizon.separable and isinstance(horizon, HorizonResponse)):
        _by_moves(state)
        return
    upper = state.program.upper[state.program.amounts]
    tangents = Tangents(setting.oracle, upper)
    plan = near if state.search.best is None else state.search.best.y
    even = np.maximum(plan.mean(axis=1, keepdims=True), 0.05) * np.ones(plan.shape)
    points = [np.minimum(level * even, upper) for level in FIRST_PLANES] + [TOP_PLANE * upper, near, plan]
    planes = [tangents.at(y) for y in points]
    # Some curves are infinitely steep at nothing: a typical slope is the unit.
    unit = float(np.median(np.abs(planes[2].slopes.sum(axis=1)))) or 1.0
    count = int(state.program.whole.sum())
    if count > FEW:
        _by_prices(state, tangents, planes, unit)
    else:
        _all_at_once(state, tangents, planes, unit)
    if not state.done:
        _by_moves(state)
    if not state.done and count > FEW and np.isfinite(state.goal.deadline):
        _all_at_once(state, tangents, planes, unit)
    state.search.oracle.evaluations += tangents.evaluations


def _price_of_money(state: _State, y: FloatArray) -> FloatArray:
    """Return what a unit of each amount costs, (U, K), if money is worth what it brings in the plan's median cell."""
    scale = money_per_y(state.setting.feasible)
    slope = state.search.oracle.at(y).gradient / scale
    inside = (y > 0) & (y < state.program.upper[state.program.amounts] * (1 - 1e-6))
    price = max(float(np.median(slope[inside])), 0.0) if inside.any() else 0.0
    return np.asarray(price * scale)


def _by_moves(state: _State) -> None:
    """Move single weeks of the best plan while that pays, at one price of money for all."""
    for _ in range(MOVES):
        best = state.search.best
        if state.done or best is None:
            break
        better = state.search.neighbours(_price_of_money(state, best.y))
        state.tell("moves of single weeks")
        if not better:
            break


def _all_at_once(state: _State, tangents: Tangents, planes: list[Planes], unit: float) -> None:
    """Outer approximation of the whole: a programme, its pattern's best plan, planes at both, and again."""
    made = state.program
    outer = Outer(made, np.arange(len(made.lower)), np.arange(len(made.low)), tangents.groups, unit)
    for one in planes:
        outer.cut(one)
    price = np.zeros(len(made.lower))
    price[made.amounts] = tangents.cost
    for _ in range(ROUNDS):
        if state.done:
            break
        accept = PART * state.goal.gap * max(abs(state.value), state.goal.floor)
        found = outer.solve(price, accept, remaining(state.goal, JOINT_LIMIT), stop=state.goal.late)
        state.lower(found.bound, "outer approximation: tangent planes by week, HiGHS's dual bound over whole numbers")
        if found.v is None:
            break
        plan = state.search.climb(found.v) if made.violation(found.v) <= 1e-6 else state.search.wish(found.v)
        state.tell("all channels at once")
        before = outer.model(found.v[made.amounts])
        here = tangents.at(found.v[made.amounts])
        outer.cut(here, before)
        if plan is not None:
            outer.cut(tangents.at(plan.y), outer.model(plan.y))
        elif (before <= here.values[outer.units] + 1e-9 * unit).all():
            break


def _by_prices(state: _State, tangents: Tangents, planes: list[Planes], unit: float) -> None:
    """Sweep over the channels at prices; every sweep gives a bound, and a pattern."""
    made = state.program
    search = PriceSearch(made, tangents, planes, unit)
    floors, shrinkable = _floors(state)
    prices: FloatArray | None = None
    for _ in range(SWEEPS):
        best = state.search.best
        if state.done or best is None:
            break
        if prices is None:
            here = state.search.oracle.at(best.y)
            prices = search.from_plan(best.y, here.gradient, floors)
            search.know(best.v, tangents.at(best.y))
        aim = max(state.goal.gap, min(0.1 * state.gap, 0.01)) * PART
        found = search.sweep(prices, aim * max(abs(state.value), state.goal.floor), state.goal, floors, shrinkable)
        state.lower(found.bound, "prices on what couples channels: tangent planes, HiGHS's dual bound by channel")
        if found.complete:
            state.search.wish(found.v)
        at = np.asarray(search.matrix.T @ prices).ravel()[made.amounts]
        if not state.goal.late():
            state.search.neighbours(at)
        state.tell("channels at prices")
        prices = None if state.search.best is not best else search.next_prices()
        if prices is None and state.search.best is best:
            break


def _floors(state: _State) -> tuple[FloatArray, BoolArray]:
    """Return the least of each cell where it is on, (U, K) in y, and the rows that may always be lowered to it."""
    problem, made = state.setting.problem, state.program
    units, periods = made.shape
    per_y = state.setting.oracle.decision.factor.sum(axis=1) if periods == 1 else state.setting.oracle.decision.scale
    floors, shrinkable = np.zeros(made.shape), np.ones(units, dtype=np.bool_)
    switches = np.zeros(len(made.lower), dtype=np.bool_)
    for rows, columns in made.switches.items():
        switches[columns] = True
        if len(rows) > 1:
            shrinkable[list(rows)] = False
    for constraint in discrete(problem).values():
        frame = problem.view(constraint).frame
        floor, rows_of = constraint.floor(frame, periods), members(problem, constraint)
        for c in constraint.picked(frame):
            for u in rows_of[c]:
                floors[u] = np.maximum(floors[u], floor[c] / per_y[u])
    linear = state.setting.feasible.zero + state.setting.feasible.nonneg
    counted = made.whole & ~switches
    for row in np.flatnonzero(made.own >= 0):
        part = slice(made.matrix.indptr[row], made.matrix.indptr[row + 1])
        columns, factors = made.matrix.indices[part].astype(np.int64), made.matrix.data[part]
        downward = np.isinf(made.low[row]) and bool((factors >= 0).all())
        if (row < linear and not downward) or (row >= linear and _counts(made, columns, counted)):
            shrinkable[np.unique(columns[columns < units * periods]) // periods] = False
    return floors, shrinkable


def _counts(made: Program, columns: IntArray, counted: BoolArray) -> bool:
    """Return whether a row ties amounts to a count: multiples."""
    return bool(counted[columns].any()) and bool((columns < made.amounts.size).any())


def _finished(state: _State, relaxed: Solution) -> Solution:
    search, goal = state.search, state.goal
    if search.best is None:
        raise SolverError("no plan with whole weeks and multiples was found in time", do="Allow more time.")
    best = search.final()
    gap = goal.relative(state.bound, best.value)
    status = Status.CERTIFIED if gap <= goal.gap else Status.TIME_LIMIT if goal.late() else Status.LOCAL
    known = f"no plan is better by more than {gap:.2%} of {goal.base(best.value)}"
    says = f"The best of {search.tried} patterns of weeks on and off; " + (
        f"{known}." if np.isfinite(gap) else "how much better another could be is not known."
    )
    state.history.append(goal.tell("plan", best.value, state.bound))
    return replace(
        best,
        upper_bound=state.bound,
        bound_method=state.method,
        status=status,
        says=says,
        evaluations=relaxed.evaluations + search.oracle.evaluations + best.evaluations,
        history=tuple(state.history),
    )
