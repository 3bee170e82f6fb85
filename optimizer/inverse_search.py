"""The search for a budget: Newton steps with the shadow price, kept inside a bracket that every point narrows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mmm.exceptions import InfeasibleError
from optimizer.problem import AllocationProblem
from optimizer.solvers.classes import plainly_concave
from optimizer.solvers.sweep import Point, Sweep, reach, the_budget

#: Points are solved to this share of the gap asked for, where that is cheap.
SHARPER = 0.01
#: Budgets that one narrowing may try: cheap ones, and those that are a search of their own each.
MOST_TRIED, MOST_SLOW = 30, 10
#: Seconds for one budget where each is a search of its own; and the least tolerance then.
SLOW_LIMIT, SLOW_GAP = 10.0, 5e-3
#: A narrowing ends when the bracket is within this share of the gap; steps aim this far past the root.
DONE, PAST = 0.5, 0.2


class BudgetSearch:
    """Points of the best value against the budget; every budget is solved once.

    Parameters
    ----------
    problem : AllocationProblem
    ceiling : float
        The most that may be spent, money.
    gap : float
        Relative, of values and of the budget that is looked for.
    stop : callable, optional
        Once it says True, brackets stay as they are.

    Attributes
    ----------
    low, high : float
        The least and the most that the constraints let a plan spend, money.
    points : dict
        Budget → :class:`~optimizer.solvers.sweep.Point`.
    """

    def __init__(
        self, problem: AllocationProblem, ceiling: float, gap: float, stop: Callable[[], bool] | None = None
    ) -> None:
        self._stop = stop or (lambda: False)
        cheap = plainly_concave(problem)
        self.problem, self.gap = problem, gap if cheap else max(gap, SLOW_GAP)
        self.low, self.high = reach(problem, ceiling)
        self._most = MOST_TRIED if cheap else MOST_SLOW
        self._sweep = Sweep(
            problem,
            most=ceiling,
            up_to=True,
            gap=gap * SHARPER if cheap else gap,
            time_limit=None if cheap else SLOW_LIMIT,
        )
        self.points: dict[float, Point] = {}

    def at(self, budget: float) -> Point:
        """Solve at a budget; where no plan spends so little, its value and its bound are minus infinity.

        Raises
        ------
        InfeasibleError
            There is no plan at any budget.
        """
        if budget not in self.points:
            try:
                self.points[budget] = self._sweep.at(budget)
            except InfeasibleError:
                if budget >= self.high:
                    raise
                none = np.zeros(self.problem.row_baseline.shape)
                self.points[budget] = Point(budget, 0.0, -np.inf, -np.inf, none, None, 0)
        return self.points[budget]

    def first(self) -> float:
        """Return a budget to begin with: the problem's own, inside what can be spent."""
        return float(np.clip(the_budget(self.problem)[1].total, self.low, self.high))

    def narrow(
        self, excess: Callable[[Point], float], slope: Callable[[Point], float], inside: float, outside: float
    ) -> tuple[float, float]:
        """Move two budgets, with excess(inside) ≥ 0 > excess(outside), together.

        Parameters
        ----------
        excess : callable
            What a point has beyond the goal.
        slope : callable
            Its derivative in the budget; 0 where that is not known.
        inside, outside : float
            In either order.
        """
        for count in range(1, self._most + 1):
            if abs(inside - outside) <= DONE * self.gap * max(inside, outside):
                break
            if self._stop():
                break
            trial = 0.5 * (inside + outside)
            if count % 4:
                trial = self._guess(excess, slope, inside, outside)
            if excess(self.at(trial)) >= 0:
                inside = trial
            else:
                outside = trial
        return inside, outside

    def _guess(
        self, excess: Callable[[Point], float], slope: Callable[[Point], float], inside: float, outside: float
    ) -> float:
        """Return the budget to try next: from the nearer end, a little past the root, so that the bracket closes."""
        at_inside, at_outside = excess(self.at(inside)), excess(self.at(outside))
        low, high = min(inside, outside), max(inside, outside)
        if not np.isfinite(at_outside):
            return 0.5 * (low + high)
        near, far, value = (inside, outside, at_inside) if at_inside <= -at_outside else (outside, inside, at_outside)
        steep = slope(self.at(near))
        guess = near - value / steep if steep else np.nan
        if not low < guess < high:
            guess = inside + (outside - inside) * at_inside / (at_inside - at_outside)
        margin = PAST * self.gap * high
        return float(np.clip(guess + np.sign(far - near) * margin, low + 0.5 * margin, high - 0.5 * margin))
