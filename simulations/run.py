"""Run scenarios: the same posterior draws and the same residual noise in every one, so differences are paired."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mmm.arrays import FloatArray
from mmm.exceptions import SpecError
from mmm.response.calendar import SpendCalendar
from mmm.response.draws import ResponseDraws
from mmm.response.forecast import residual_noise
from mmm.response.probability import NOISE
from mmm.response.stated import money_per_outcome
from simulations.assumptions import assumptions
from simulations.batch import Outcome, Runner
from simulations.finance import Terms, cash
from simulations.future import Future
from simulations.grids import GridResults, grid_points
from simulations.launches import aligned
from simulations.results import BeyondObserved, ScenarioDraws, ScenarioResults
from simulations.scenario import BAU, ScenarioSet
from simulations.supply import delivered
from simulations.sweeps import sweep_points
from simulations.tornado import swept

#: What changes under business as usual.
NOTHING = "Spend, prices and demand go on as they are."


@dataclass(frozen=True)
class Case:
    """A course of events before it is run: its name, what changes, and the future itself."""

    name: str
    says: str
    future: Future


def simulate(response: ResponseDraws, scenarios: ScenarioSet, *, seed: int = 0) -> ScenarioResults:
    """Run every scenario and business as usual on all draws.

    Parameters
    ----------
    response : ResponseDraws
        S draws.
    scenarios : ScenarioSet
    seed : int
        Of the residual noise in outcome levels and of a sweep's points; differences between scenarios do not depend on
        it.

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
    named = [
        Case(one.name, one.says(response.currency), scenarios.future(one, response, calendar))
        for one in scenarios.named
    ]
    crossed = grid_points(scenarios, response, calendar)
    drawn = sweep_points(scenarios, response, calendar, seed=seed)
    usual = Case(BAU, NOTHING, Future.as_usual(calendar))
    cases = [
        usual,
        *named,
        *(Case(p.name, p.says, p.future) for p in crossed),
        *(Case("", "", f) for f in drawn.futures),
    ]
    wide, long, futures = aligned(response, calendar, [case.future for case in cases])
    cases = [replace(case, future=future) for case, future in zip(cases, futures, strict=True)]
    runner = _Run(wide, long, scenarios, value, seed)
    ends = np.cumsum([1, len(named), len(crossed)])
    bau, done = runner.bau(cases[0]), tuple(runner.run(cases[1 : ends[1]]))
    least, most = wide.observed_min(), wide.observed_max()
    results = ScenarioResults(
        channels=wide.channels,
        weeks=calendar.weeks,
        outcome_name=response.outcome_name,
        currency=response.currency,
        value=value,
        margin=scenarios.margin,
        fiscal_year_start=scenarios.fiscal_year_start or 1,
        noise=runner.noise,
        bau=bau,
        scenarios=done,
        observed_min=least,
        observed_max=most,
        beyond=tuple(flag for one in (bau, *done) for flag in beyond(one, wide.channels, least, most)),
        assumptions=assumptions(response, scenarios, calendar),
        seed=seed,
        discount_rate=scenarios.discount_rate,
    )
    return replace(
        results,
        grid=GridResults.of(results, scenarios, crossed, runner.run(cases[ends[1] : ends[2]])),
        sweep=swept(results, scenarios, drawn, runner.run(cases[ends[2] :])),
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


class _Run:
    """Turns cases into draws; business as usual first, for profit is counted over it."""

    def __init__(
        self, response: ResponseDraws, calendar: SpendCalendar, scenarios: ScenarioSet, value: float | None, seed: int
    ) -> None:
        self.runner = Runner(response, calendar)
        self.noise = residual_noise(response, len(calendar.weeks), np.random.default_rng(seed))
        self.terms = Terms(value, scenarios.margin, scenarios.discount_rate)
        self._usual: FloatArray | None = None

    def bau(self, case: Case) -> ScenarioDraws:
        """Run business as usual."""
        outcome = next(self.runner.run([case.future]))
        self._usual = self._flow(case.future, outcome)
        return self._drawn(case, outcome)

    def run(self, cases: Sequence[Case]) -> Iterator[ScenarioDraws]:
        """Run cases in their order; a chunk of them is held at a time."""
        outcomes: Iterable[Outcome] = self.runner.run([case.future for case in cases])
        for case, outcome in zip(cases, outcomes, strict=True):
            yield self._drawn(case, outcome)

    def _flow(self, future: Future, outcome: Outcome) -> FloatArray | None:
        """Return profit by week through the tail, (T + A, S); what comes after the horizon is sold at today's price."""
        inside = self.terms.profit(future, outcome.expected)
        if inside is None or self.terms.value is None or self.terms.margin is None:
            return None
        return np.concatenate([inside, self.terms.margin * self.terms.value * outcome.later])

    def _drawn(self, case: Case, outcome: Outcome) -> ScenarioDraws:
        future, capped = case.future, None
        if not np.isinf(future.supply_cap).all():
            capped = delivered(outcome.wanted + self.noise, future.supply_cap, future.backlog)[0]
        flow = self._flow(future, outcome)
        return ScenarioDraws(
            name=case.name,
            says=case.says,
            future=future,
            expected=outcome.expected,
            media=outcome.media,
            after=outcome.later.sum(axis=0),
            marginal=outcome.marginal,
            capped=capped,
            cash=None
            if flow is None or self._usual is None
            else cash(_over(flow, self._usual), self.terms.discount_rate),
        )


def _over(flow: FloatArray, usual: FloatArray) -> FloatArray:
    """Return money over business as usual by week, (N, S); what is but rounding error of the largest week is none.

    Weeks of the tail are small differences of large figures, so that their own size does not say how exact they are.
    """
    difference = flow - usual
    size = np.maximum(np.abs(flow).max(axis=0), np.abs(usual).max(axis=0))
    return np.where(np.abs(difference) <= NOISE * size, 0.0, difference)


def beyond(
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
