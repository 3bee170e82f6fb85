"""Run scenarios: the same posterior draws and the same residual noise in every one, so differences are paired."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from mmm.arrays import FloatArray
from mmm.exceptions import SpecError
from mmm.response.calendar import SpendCalendar
from mmm.response.draws import ResponseDraws
from mmm.response.forecast import baseline_outcome, residual_noise
from mmm.response.horizon import HorizonResponse
from mmm.response.stated import money_per_outcome
from simulations.assumptions import assumptions
from simulations.future import Future
from simulations.results import BeyondObserved, ScenarioDraws, ScenarioResults
from simulations.scenario import BAU, ScenarioSet

#: Half-width, relative to spend, of the central difference that gives marginal returns.
STEP = 1e-4


def simulate(response: ResponseDraws, scenarios: ScenarioSet, *, seed: int = 0) -> ScenarioResults:
    """Run every scenario and business as usual on all draws.

    Parameters
    ----------
    response : ResponseDraws
        S draws.
    scenarios : ScenarioSet
    seed : int
        Of the residual noise in outcome levels; differences do not depend on it.

    Returns
    -------
    ScenarioResults

    Raises
    ------
    SpecError
        The horizon, a patch, the margin or the value of the outcome does not fit the response; names the key's place.
    """
    value = _value(response, scenarios)
    calendar = scenarios.calendar(response)
    futures = [
        (one.name, one.says(response.currency), scenarios.future(one, response, calendar)) for one in scenarios.named
    ]
    runner = _Runner(response, calendar)
    bau = runner.run(BAU, "Spend, prices and demand go on as they are.", Future.as_usual(calendar))
    done = tuple(runner.run(*one) for one in futures)
    least, most = response.observed_min(), response.observed_max()
    return ScenarioResults(
        channels=response.channels,
        weeks=calendar.weeks,
        outcome_name=response.outcome_name,
        currency=response.currency,
        value=value,
        margin=scenarios.margin,
        fiscal_year_start=scenarios.fiscal_year_start or 1,
        noise=residual_noise(response, len(calendar.weeks), np.random.default_rng(seed)),
        bau=bau,
        scenarios=done,
        observed_min=least,
        observed_max=most,
        beyond=tuple(flag for one in (bau, *done) for flag in _beyond(one, response.channels, least, most)),
        assumptions=assumptions(response, scenarios, calendar),
        seed=seed,
    )


def _value(response: ResponseDraws, scenarios: ScenarioSet) -> float | None:
    """Return money per outcome unit; refuse a margin where nobody knows it."""
    where = scenarios.where("value_per_outcome")
    value = money_per_outcome(response, scenarios.value_per_outcome, where=where)
    if value is None and scenarios.margin is not None:
        raise SpecError(
            f"the outcome '{response.outcome_name}' has no value in {response.currency}, and profit needs one",
            where=scenarios.where("margin"),
            do="Give value_per_outcome, or remove the margin.",
        )
    return value


class _Runner:
    """Evaluates futures; the response of each pair of prices and demand is built once."""

    def __init__(self, response: ResponseDraws, calendar: SpendCalendar) -> None:
        self.response, self.calendar = response, calendar
        # Weekly effects are wanted in the horizon only: this calendar has no tail.
        self.short = replace(calendar, tail_weeks=calendar.tail_weeks[:0], tail=calendar.tail[:, :0])
        self.base = baseline_outcome(response, calendar.weeks)
        self.built: dict[bytes, tuple[HorizonResponse, HorizonResponse]] = {}

    def _horizons(self, future: Future) -> tuple[HorizonResponse, HorizonResponse]:
        """Return the response with and without the tail under a future's prices and demand."""
        key = future.cost.tobytes() + future.demand.tobytes()
        if key not in self.built:
            after = np.ones(len(self.calendar.tail_weeks))
            whole = HorizonResponse(
                self.response,
                self.calendar,
                cost_factor=future.cost,
                effect_factor=np.concatenate([future.demand, after]),
            )
            short = HorizonResponse(self.response, self.short, cost_factor=future.cost, effect_factor=future.demand)
            self.built[key] = (whole, short)
        return self.built[key]

    def run(self, name: str, says: str, future: Future) -> ScenarioDraws:
        whole, short = self._horizons(future)
        spend = future.spend
        effect = short.weekly_effect(spend).sum(axis=0)
        media = whole.per_channel(spend)
        return ScenarioDraws(
            name=name,
            says=says,
            future=future,
            expected=self.base * future.demand[:, None] + effect,
            media=media,
            after=media.sum(axis=0) - short.per_channel(spend).sum(axis=0),
            marginal=(whole.per_channel(spend * (1 + STEP)) - whole.per_channel(spend * (1 - STEP))) / (2 * STEP),
        )


def _beyond(
    one: ScenarioDraws, channels: tuple[str, ...], least: FloatArray, most: FloatArray
) -> Iterator[BeyondObserved]:
    """Yield where a scenario's weekly spend, at today's cost of an exposure, leaves what the data saw."""
    worth: FloatArray = one.future.spend / one.future.cost
    for c, channel in enumerate(channels):
        above, below = worth[c] > most[c] * (1 + 1e-9), worth[c] < least[c] * (1 - 1e-9)
        if above.any():
            yield BeyondObserved(one.name, channel, int(above.sum()), float(worth[c].max()), float(most[c]), above=True)
        if below.any():
            few, floor = int(below.sum()), float(least[c])
            yield BeyondObserved(one.name, channel, few, float(worth[c].min()), floor, above=False)
