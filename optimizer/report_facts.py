"""What the plan's page and workbook show beyond the allocation itself, computed once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mmm.arrays import FloatArray, WeekArray
from mmm.reporting.palette import channel_colours
from mmm.response.draws import ResponseDraws
from mmm.response.metrics import response_curve
from mmm.response.probability import paired, standard_error
from optimizer.allocation import Allocation, ChannelPlan, Interval
from optimizer.problem import AllocationProblem

#: Draws behind the weekly picture, which needs every week of every draw.
_WEEKLY_DRAWS = 200
_CURVE_POINTS = 60


@dataclass(frozen=True, eq=False)
class Curve:
    """Steady weekly spend against weekly outcome, with its 90 % interval, each (N,)."""

    spend: FloatArray
    mean: FloatArray
    low: FloatArray
    high: FloatArray

    def at(self, spend: float) -> float:
        """Return the mean curve at a weekly spend."""
        return float(np.interp(spend, self.spend, self.mean))


@dataclass(frozen=True, eq=False)
class ChannelFacts:
    """One channel, business as usual against the plan.

    Attributes
    ----------
    name, colour : str
    plan : ChannelPlan
    observed_min : float
        Smallest week of spend in the data, money, at the planned prices.
    uplift : Interval
        Incremental outcome of the plan less that of the baseline, paired held-back draws, in the responses' unit.
    curve : Curve
        At the planned prices.
    """

    name: str
    colour: str
    plan: ChannelPlan
    observed_min: float
    uplift: Interval
    curve: Curve

    @property
    def change(self) -> float:
        """Relative change of spend; NaN from nothing."""
        return self.plan.spend / self.plan.baseline_spend - 1.0 if self.plan.baseline_spend > 0 else float("nan")

    @property
    def beyond(self) -> bool:
        """Whether a planned week is above every observed one."""
        return self.plan.max_week > self.plan.observed_max * (1.0 + 1e-9)


@dataclass(frozen=True, eq=False)
class Weekly:
    """Incremental outcome by week of horizon and tail, plan and baseline: (N,) weeks, and (3, N) mean, 5 %, 95 %."""

    weeks: WeekArray
    planned: FloatArray
    baseline: FloatArray


@dataclass(frozen=True)
class Parts:
    """An incremental outcome inside the horizon, after it, and in all."""

    inside: Interval
    after: Interval
    both: Interval


@dataclass(frozen=True, eq=False)
class PlanFacts:
    """A plan with the draws of the fit that it was made from."""

    allocation: Allocation
    response: ResponseDraws

    @property
    def problem(self) -> AllocationProblem:
        """What was asked."""
        return self.allocation.problem

    @property
    def currency(self) -> str:
        """ISO code of money."""
        return self.problem.currency

    @property
    def budget(self) -> float:
        """Planned money over the horizon."""
        return float(self.allocation.spend.sum())

    @property
    def baseline_spend(self) -> float:
        """Money that business as usual spends over the horizon."""
        return float(self.problem.baseline.sum())

    @property
    def moved(self) -> float:
        """Money that stands in another channel than business as usual's shares would put it."""
        planned, before = self.allocation.spend.sum(axis=1), self.problem.baseline.sum(axis=1)
        before = before * (planned.sum() / before.sum()) if before.sum() > 0 else before
        return float(np.abs(planned - before).sum() / 2.0)

    @property
    def _rows(self) -> tuple[FloatArray, FloatArray]:
        """Plan and business as usual as they were decided, (U, T) each."""
        return self.allocation.row_spend, self.problem.row_baseline

    @cached_property
    def channels(self) -> tuple[ChannelFacts, ...]:
        """One entry a channel, in the fit's order."""
        held = self.problem.held_back
        rows, before = self._rows
        uplift = held.per_channel(rows) - held.per_channel(before)
        smallest = self.response.observed_min()
        colours = channel_colours(self.problem.channels)
        facts = []
        for c, (name, plan) in enumerate(self.allocation.channels.items()):
            top = 1.1 * max(plan.observed_max, plan.max_week, float(self.problem.baseline[c].max()))
            price = float(self.problem.prices[c])
            curve, least = self._curve(name, top, price), price * float(smallest[c])
            facts.append(ChannelFacts(name, colours[name], plan, least, Interval.of(uplift[c]), curve))
        return tuple(facts)

    def _curve(self, channel: str, top: float, price: float) -> Curve:
        spend = np.linspace(0.0, max(top, 1e-9), _CURVE_POINTS)
        draws = response_curve(self.response, channel, spend / price).values
        low, high = np.quantile(draws, [0.05, 0.95], axis=1)
        return Curve(spend, draws.mean(axis=1), low, high)

    @cached_property
    def uplift_draws(self) -> FloatArray:
        """Objective of the plan less that of business as usual, held-back draws, paired, (S,)."""
        held, objective = self.problem.held_back, self.problem.objective
        plan, before = self._rows

        def value(spend: FloatArray) -> FloatArray:
            return objective.draws(held.evaluate(spend).per_draw, spend)

        return paired(value(plan), value(before))

    @property
    def uplift_error(self) -> float:
        """Standard error of the mean uplift from the number of held-back draws, by batch means within chains."""
        return standard_error(self.uplift_draws, self.problem.held_back.response.chain)

    @cached_property
    def parts(self) -> dict[str, Parts]:
        """Incremental outcome of ``plan``, ``baseline`` and their ``difference``, held-back draws."""
        held = self.problem.held_back
        plan, before = (held.within_and_after(spend) for spend in self._rows)
        pairs = {"plan": plan, "baseline": before, "difference": (plan[0] - before[0], plan[1] - before[1])}
        return {
            name: Parts(Interval.of(inside), Interval.of(after), Interval.of(inside + after))
            for name, (inside, after) in pairs.items()
        }

    @cached_property
    def weekly(self) -> Weekly:
        """Incremental outcome by week, until 99 % of it has arrived under both plans."""
        held = self.problem.held_back
        few = held.select(np.linspace(0, held.n_draws - 1, min(_WEEKLY_DRAWS, held.n_draws)).astype(np.int64))
        plans = [few.weekly(spend).sum(axis=0) for spend in self._rows]
        last = max(self._arrived(draws.mean(axis=1)) for draws in plans)
        calendar = self.problem.calendar
        weeks = np.concatenate([calendar.weeks, calendar.tail_weeks])[:last]
        planned, baseline = (
            np.stack([draws.mean(axis=1), *np.quantile(draws, [0.05, 0.95], axis=1)])[:, :last] for draws in plans
        )
        return Weekly(weeks, planned, baseline)

    def _arrived(self, weekly: FloatArray) -> int:
        arrived = np.cumsum(weekly) / weekly.sum() if weekly.sum() > 0 else np.ones(len(weekly))
        return max(len(self.problem.weeks), int(np.argmax(arrived >= 0.99)) + 1)
