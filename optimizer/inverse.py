r"""The budget that a goal needs, instead of the best plan for a budget.

With :math:`V(B)` the best value within budget B, and :math:`U(B) \ge V(B)` its bound:

* least budget for an outcome t: the smallest B found with a plan whose value is at least t. Every B with
  :math:`U(B) < t` is too small, and so is every smaller one, because V never falls as the budget grows;
* spend until mROAS falls to r: one solve of :math:`\max_x F(x) - r \sum x`;
* best budget under a target ROAS ρ: the largest B found with :math:`V(B) \ge \rho B`. Where the bound on
  :math:`\max_x F(x) - \rho \sum x` over plans that spend B or more is below 0, B and all above it are too large.

Values are those of the planning draws, under the problem's own measure of risk.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from mmm.arrays import FloatArray
from mmm.exceptions import SpecError
from optimizer import inverse_words as words
from optimizer.allocation import Allocation
from optimizer.constraints import GroupBounds
from optimizer.goals import Aim, LeastBudget, MroasFloor, Reached, RoasTarget
from optimizer.inverse_search import BudgetSearch
from optimizer.objectives import Objective, Outcome
from optimizer.problem import AllocationProblem, ProgressCall
from optimizer.solve import allocate
from optimizer.solvers.oracle import value_of
from optimizer.solvers.sweep import Point, the_budget, with_budget

#: Times a budget is raised because smoothing, rounding or a local answer took its plan below the target.
MOST_RAISED = 8
#: Where the proof that a ROAS cannot be kept is tried, in shares above the budget found.
ABOVE = (0.01, 0.05, 0.2)
#: Shares of the most that can be spent at which a ROAS is looked for.
SHRUNK = 0.5 ** np.arange(1, 13)


@dataclass(frozen=True)
class NetOfSpend(Objective):
    """Outcome less what every unit of spend must bring.

    Attributes
    ----------
    need : float
        Outcome for a unit of money.
    """

    need: float

    @property
    def response_weight(self) -> float:
        """Weight of the response: one."""
        return 1.0

    @property
    def spend_weight(self) -> FloatArray:
        """Weight of spend: what it must bring."""
        return np.full(1, self.need)

    def says(self) -> str:
        """Say the objective."""
        return f"Maximise the expected incremental outcome less {self.need:g} for a unit of spend."


@dataclass(frozen=True)
class _Final:
    """How plans are solved in the end."""

    gap: float
    time_limit: float | None
    progress: ProgressCall | None
    stop: Callable[[], bool] | None = None

    def at(self, problem: AllocationProblem, total: float, *, up_to: bool = False) -> Allocation:
        """Return the best plan at a budget."""
        there = with_budget(problem, total, up_to=up_to)
        return allocate(there, gap=self.gap, time_limit=self.time_limit, progress=self.progress, stop=self.stop)


def reach_goal(
    problem: AllocationProblem,
    aim: Aim,
    *,
    most: float | None = None,
    gap: float = 1e-3,
    time_limit: float | None = None,
    progress: ProgressCall | None = None,
    stop: Callable[[], bool] | None = None,
) -> Reached:
    """Find the budget that a goal needs, and the best plan at it.

    Parameters
    ----------
    problem : AllocationProblem
        Maximises the outcome; its budget's total is where the search begins.
    aim : LeastBudget, MroasFloor or RoasTarget
    most : float, optional
        The most that may be spent, money; None: what the caps on the weeks allow.
    gap : float
        Relative gap of the plan; and of the budget, where the bound allows it.
    time_limit, progress, stop
        Of the final solve, see :func:`~optimizer.solve.allocate`.

    Raises
    ------
    InfeasibleError
        No plan reaches the goal; says the most that is possible.
    SpecError
        The objective is not the outcome, or the problem has no budget to vary.
    """
    if not isinstance(problem.objective, Outcome) or not problem.risk.of_uplift:
        raise SpecError(
            "a goal is about the outcome, and something else is maximised",
            where="goal",
            do="Write objective: {maximise: outcome}, or leave the goal out.",
        )
    ceiling = min(float(problem.upper.sum()), np.inf if most is None else most)
    final = _Final(gap, time_limit, progress, stop)
    if isinstance(aim, MroasFloor):
        return _mroas(problem, aim, ceiling, final)
    search = BudgetSearch(problem, ceiling, gap, stop)
    return _least(search, aim, final) if isinstance(aim, LeastBudget) else _roas(search, aim, final)


def _price(point: Point) -> float:
    return point.price or 0.0


def _least(search: BudgetSearch, aim: LeastBudget, final: _Final) -> Reached:
    problem = search.problem
    target = aim.outcome or 0.0
    if aim.vs_baseline is not None:
        target = aim.vs_baseline * value_of(problem.horizon, problem.objective, problem.row_baseline)

    def beyond(point: Point) -> float:
        return point.value - target

    found = search.first()
    if beyond(search.at(found)) < 0:
        found = search.high
        if beyond(search.at(found)) < 0:
            raise words.unreachable(problem, search.at(found), target)
    below = [budget for budget in search.points if beyond(search.points[budget]) < 0]
    lowest = search.low if search.low > 0 else 1e-4 * found
    if below or beyond(search.at(lowest)) < 0:
        found, _ = search.narrow(beyond, _price, found, max(below, default=lowest))
    else:
        found = lowest
    edge = _too_small(search, target, found, lowest)
    allocation = _reaching(problem, search.at(found).spend, target, search.high, final)
    budget = float(allocation.spend.sum())
    says = words.least(problem, aim, target, allocation.value, budget, edge, search.low)
    return Reached(aim, allocation, budget, target, allocation.value, edge, len(search.points), says)


def _too_small(search: BudgetSearch, target: float, found: float, lowest: float) -> float | None:
    """Return the largest budget tried that is proven too small, after narrowing towards the one found."""

    def room(point: Point) -> float:
        return point.upper_bound - target

    if found <= lowest or room(search.at(lowest)) >= 0:
        return search.low or None
    known = [budget for budget, point in search.points.items() if room(point) < 0]
    _, edge = search.narrow(room, _price, found, max(known))
    return edge


def _reaching(problem: AllocationProblem, budget: float, target: float, high: float, final: _Final) -> Allocation:
    """Return the plan at a budget, raised a little where smoothing, rounding or a local answer costs the target."""
    multiple, raised = problem.round_to, 0.0
    for _ in range(MOST_RAISED):
        total = budget + raised
        if multiple is not None:
            total = float(np.ceil(total / multiple - 1e-9) * multiple)
        total = min(total, high)
        allocation = final.at(problem, total)
        lacking = target - allocation.value
        if lacking <= 0 or total >= high:
            break
        known = allocation.shadow_prices.get(the_budget(problem)[0])
        price = known.value if known is not None and known.value > 0 else target / budget
        raised += max(1.5 * lacking / price, multiple or 0.0, 1e-9 * budget)
    return allocation


def _mroas(problem: AllocationProblem, aim: MroasFloor, ceiling: float, final: _Final) -> Reached:
    net = NetOfSpend(aim.floor / problem.money_per_outcome)
    cut = final.at(replace(problem, objective=net, round_to=None, smooth=None), ceiling, up_to=True)
    total = float(cut.spend.sum())
    if problem.round_to is not None:
        total = float(np.floor(total / problem.round_to + 1e-9)) * problem.round_to
    if not total > 1e-6 * ceiling:
        raise words.nothing_returns(problem, aim)
    allocation = final.at(problem, total)
    price = allocation.shadow_prices[the_budget(problem)[0]].value * problem.money_per_outcome
    says = words.floor(problem, aim, total, price, ceiling)
    return Reached(aim, allocation, total, aim.floor, price, None, 1, says)


def _roas(search: BudgetSearch, aim: RoasTarget, final: _Final) -> Reached:
    problem, worth = search.problem, search.problem.money_per_outcome
    need = aim.roas / worth

    def spare(point: Point) -> float:
        return point.value - need * point.spend

    def slope(point: Point) -> float:
        return _price(point) - need if point.price is not None else 0.0

    found, all_of_it = search.high, spare(search.at(search.high)) >= 0
    if not all_of_it:
        start = _keeping(search, spare, aim)
        broken = [budget for budget, point in search.points.items() if budget > start and spare(point) < 0]
        found, _ = search.narrow(spare, slope, start, min(broken))
    edge = None if all_of_it else _too_large(problem, need, found, search.high, final)
    allocation = _returning(problem, search.at(found).spend, need, search.low, final)
    budget = float(allocation.spend.sum())
    reached = worth * allocation.value / budget
    says = words.roas(problem, aim, reached, budget, edge, all_of_it=all_of_it)
    return Reached(aim, allocation, budget, aim.roas, reached, edge, len(search.points), says)


def _returning(problem: AllocationProblem, total: float, need: float, low: float, final: _Final) -> Allocation:
    """Return the plan at a budget, lowered a little where smoothing, rounding or a local answer costs the target."""
    multiple, lowered = problem.round_to, 0.0
    for _ in range(MOST_RAISED):
        budget = max(total - lowered, low)
        if multiple is not None:
            budget = max(float(np.floor(budget / multiple + 1e-9)) * multiple, multiple)
        allocation = final.at(problem, budget)
        lacking = need * budget - allocation.value
        if lacking <= 1e-9 * need * budget or budget <= max(low, multiple or 0.0):
            break
        # A unit of budget less frees what is needed for it, and costs what it brings at the margin: half of that, say.
        lowered += max(2.0 * lacking / need, multiple or 0.0)
    return allocation


def _keeping(search: BudgetSearch, spare: Callable[[Point], float], aim: RoasTarget) -> float:
    """Return a budget whose plan keeps the target: the problem's own, or a smaller one."""
    least = max(search.low, float(SHRUNK[-1]) * search.high)
    start = max(search.first(), least)
    for budget in (start, *(float(b) for b in start * SHRUNK if b > least), least):
        if spare(search.at(budget)) >= 0:
            return budget
    spending = [point for point in search.points.values() if point.spend > 0]
    best = max(spending, key=lambda point: point.value / point.spend)
    raise words.never_returns(search.problem, aim, best, search.problem.money_per_outcome)


def _too_large(problem: AllocationProblem, need: float, found: float, high: float, final: _Final) -> float | None:
    """Return a budget from which on the bound proves that the ROAS cannot be kept; None where none is proven."""
    net = replace(problem, objective=NetOfSpend(need), round_to=None, smooth=None)
    for share in (2.0 * final.gap, *ABOVE):
        least = found * (1.0 + share)
        if least >= high:
            break
        floor = GroupBounds("all channels", problem.channels, least=least, name="this budget or more")
        above = final.at(replace(net, constraints=(*net.constraints, floor)), high, up_to=True)
        if above.upper_bound < 0:
            return least
    return None
