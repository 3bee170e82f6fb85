"""The true optimum for a task: what a planner would do who knew the market, so that regret can be scored."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import LinearConstraint, minimize

from mmm.arrays import FloatArray
from mmm.response.horizon import HorizonResponse
from optimizer.constraints import Budget, ChangeVsBaseline
from optimizer.problem import AllocationProblem
from optimizer.solve import allocate
from simulations.market.market import Market
from simulations.market.media import Medium
from simulations.market.oracle import not_a_response, true_response
from simulations.market.planning import OBSERVED, PlanTask
from simulations.market.protocol import SimulatedMarket

#: Relative step of the gradient's forward differences, in shares of a channel's mean week.
_STEP = 1e-4
#: Where the replayed value of the response's plan agrees so closely, the optimiser's bound holds for the market.
_AGREE = 1e-3
_ITERATIONS = 60


@dataclass(frozen=True, eq=False)
class TruePlan:
    """The best plan found by the truth.

    Attributes
    ----------
    spend : (C, T)
        Money a week, channels in the task's order.
    value : float
        Its true value, outcome units.
    upper_bound : float or None
        No plan is worth more; None where only a search was possible. ``value`` is a lower bound of the optimum anyway.
    method : str
        How it was found, in words.
    """

    spend: FloatArray
    value: float
    upper_bound: float | None
    method: str


def oracle(market: SimulatedMarket, task: PlanTask) -> FloatArray:
    """Return the spend of :func:`best_plan`, (C, T): an oracle for a backtest."""
    return best_plan(market, task).spend


def best_plan(market: SimulatedMarket, task: PlanTask, *, starts: int = 3, patience: float = 30.0) -> TruePlan:
    """Plan from the truth under the task's constraints: the budget, every channel's range, the largest week.

    Parameters
    ----------
    market : SimulatedMarket
        Where its truth is a set of additive, constant responses of the model's forms, the optimiser plans from them
        and gives a bound; otherwise the plan's value in the market is climbed from several starts.
    task : PlanTask
    starts : int
        Random starts of the search, beside the current plan and the same with even weeks.
    patience : float
        Seconds that the optimiser may take.
    """
    exact = _by_response(market, task, patience) if isinstance(market, Market) else None
    bound = exact.upper_bound if exact is not None else None
    if exact is not None and bound is not None and bound - exact.value <= _AGREE * abs(exact.value):
        return exact
    climb = _Climb(market, task)
    begun = [exact.spend] if exact is not None else []
    begun += climb.starts(starts)
    found = [climb.plan(start) for start in begun]
    best = found[int(np.argmax(market.plan_values(task.calendar, np.stack(found))))]
    # A search that ends beside the top goes on from there.
    best = climb.plan(best)
    says = f"the best of {len(begun)} local searches on the market itself: a lower bound of the optimum"
    value = market.plan_value(task.calendar, best)
    return TruePlan(best, value, None if bound is None else max(bound, value), says)


def _by_response(market: Market, task: PlanTask, patience: float) -> TruePlan | None:
    """Plan from the market's true response, where it has one; a drift is over when the plan begins."""
    market = replace(market, channels=tuple(_from_now_on(medium) for medium in market.channels))
    if not_a_response(market) is not None:
        return None
    response = true_response(market)
    most = task.most_a_week
    problem = AllocationProblem(
        horizon=HorizonResponse(response.planning(), task.calendar),
        held_back=HorizonResponse(response.held_back(), task.calendar),
        constraints=(Budget(task.budget), ChangeVsBaseline(None, task.change)),
        observed_max=response.observed_max() if most is None else most / OBSERVED,
    )
    allocation = allocate(problem, time_limit=patience)
    value = market.plan_value(task.calendar, allocation.spend)
    agrees = abs(value - allocation.value) <= _AGREE * abs(allocation.value)
    bound = max(allocation.upper_bound, value) if agrees else None
    return TruePlan(allocation.spend, value, bound, f"the optimiser on the true response ({allocation.bound_method})")


def _from_now_on(medium: Medium) -> Medium:
    last = float(medium.drift[-1])
    return replace(medium, beta=medium.beta * last, drift=np.ones_like(medium.drift))


class _Climb:
    """Sequential quadratic programming on the market's own plan values; gradients by forward differences, in one pass.

    Money is in units of each channel's mean baseline week, so that steps of all channels are alike.
    """

    def __init__(self, market: SimulatedMarket, task: PlanTask) -> None:
        self.market, self.task = market, task
        baseline = task.calendar.baseline
        self.shape = baseline.shape
        totals = baseline.sum(axis=1)
        mean = baseline.mean(axis=1)
        self.unit = np.where(mean > 0, mean, max(float(mean.max()), 1.0) * 1e-3)[:, None]
        self.totals = totals
        most = task.most_a_week if task.most_a_week is not None else np.full(len(totals), np.inf)
        self.most = np.repeat(np.where(totals > 0, most, 0.0)[:, None], self.shape[1], axis=1)
        self.scale = max(abs(market.plan_value(task.calendar, baseline)), 1e-9)

    def starts(self, count: int) -> list[FloatArray]:
        """Return the current plan, the same with even weeks, and random plans, half of them pulsed; all feasible."""
        baseline = self.task.calendar.baseline
        rng = np.random.default_rng(0)
        wanted = [baseline, np.repeat(baseline.mean(axis=1, keepdims=True), self.shape[1], axis=1)]
        for number in range(count):
            totals = self.totals * (1.0 + self.task.change * rng.uniform(-1.0, 1.0, len(self.totals)))
            weight = rng.exponential(1.0, self.shape) ** (3.0 if number % 2 == 0 else 0.5)
            wanted.append(totals[:, None] * weight / weight.sum(axis=1, keepdims=True))
        return [self._feasible(plan) for plan in wanted]

    def _feasible(self, plan: FloatArray) -> FloatArray:
        """Return the plan nearest to this one that keeps the task."""
        units = (plan / self.unit).ravel()

        def distance(x: FloatArray) -> tuple[float, FloatArray]:
            return 0.5 * float((x - units) @ (x - units)), x - units

        fitted = minimize(
            distance,
            np.clip(units, 0.0, (self.most / self.unit).ravel()),
            jac=True,
            method="SLSQP",
            bounds=self._bounds(),
            constraints=self._rows(),
            options={"maxiter": 200, "ftol": 1e-10},
        )
        return np.asarray(np.maximum(fitted.x.reshape(self.shape) * self.unit, 0.0), dtype=np.float64)

    def _bounds(self) -> list[tuple[float, float]]:
        return [(0.0, float(high)) for high in (self.most / self.unit).ravel()]

    def _rows(self) -> list[LinearConstraint]:
        """Return the budget, and the range of each channel's total, in units."""
        channels, weeks = self.shape
        money = np.repeat(self.unit, weeks, axis=1)
        budget = LinearConstraint(money.reshape(1, -1) / self.task.budget, 1.0, 1.0)
        # A channel that spends nothing today is held at nothing by its bounds.
        some = self.totals > 0
        spread = np.kron(np.eye(channels), np.ones(weeks))[some]
        units = (self.totals / self.unit[:, 0])[some]
        change = self.task.change
        return [budget, LinearConstraint(spread, (1.0 - change) * units, (1.0 + change) * units)]

    def _value_and_slope(self, x: FloatArray) -> tuple[float, FloatArray]:
        """Return minus the value and its gradient, in shares of the baseline's value."""
        size = x.size
        steps = _STEP * np.eye(size)
        plans = (np.concatenate([x[None], x[None] + steps]).reshape(size + 1, *self.shape)) * self.unit
        values = self.market.plan_values(self.task.calendar, plans) / self.scale
        return -float(values[0]), -(values[1:] - values[0]) / _STEP

    def plan(self, start: FloatArray) -> FloatArray:
        """Climb from a feasible plan, (C, T), to a local optimum."""
        found = minimize(
            self._value_and_slope,
            (start / self.unit).ravel(),
            jac=True,
            method="SLSQP",
            bounds=self._bounds(),
            constraints=self._rows(),
            options={"maxiter": _ITERATIONS, "ftol": 1e-6},
        )
        reached = np.clip(found.x.reshape(self.shape) * self.unit, 0.0, self.most)
        # A search that was broken off may stand outside; the start never does.
        best = [start, reached] if self._kept(reached) else [start]
        values = self.market.plan_values(self.task.calendar, np.stack(best))
        return best[int(np.argmax(values))]

    def _kept(self, plan: FloatArray) -> bool:
        totals, change = plan.sum(axis=1), self.task.change
        slack = 1e-6 * self.task.budget
        inside = np.abs(totals - self.totals) <= change * self.totals + slack
        return bool(inside.all()) and abs(float(totals.sum()) - self.task.budget) <= slack
