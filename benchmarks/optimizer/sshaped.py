"""Random S-shaped plans: the generator of the benchmarks on totals and on weeks.

As :mod:`benchmarks.instances`, but with Hill slopes around a mean of 1 to 3 (totals) or 2.8 (weeks) and spread over
draws, and caps and budgets at which a plan must choose which channels to run.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks import instances
from mmm.response.calendar import BaselineRule, business_as_usual
from mmm.response.draws import ResponseDraws
from mmm.response.horizon import HorizonResponse
from optimizer import AllocationProblem, Budget, Granularity


def response(seed: int, *, channels: int, draws: int, steepest: float, spread: float) -> ResponseDraws:
    """Return the concave posterior of the same seed with S-shaped curves of the same return at the typical week."""
    plain = instances.response(seed, channels=channels, draws=draws)
    rng = np.random.default_rng([seed, channels, draws, 1])
    paid, total = plain.paid, 2 * draws
    typical = plain.spend[:, 0].mean(axis=1)
    middle = rng.uniform(1.0, steepest, channels)
    slope = np.clip(middle[:, None] * np.exp(spread * rng.standard_normal((channels, total))), 0.5, 6.0)
    used = (typical / np.median(paid.half_saturation[:, 0], axis=1)) ** middle
    roas = np.exp(rng.normal(0.3, 0.5, channels))
    beta = (roas * typical * (1 + used) / used)[:, None] * np.exp(0.3 * rng.standard_normal((channels, total)))
    return replace(plain, paid=replace(paid, slope=slope[:, None], beta=beta[:, None]))


def problem(
    seed: int, *, channels: int, weeks: int, draws: int, budget: float, granularity: Granularity = Granularity.TOTAL
) -> AllocationProblem:
    """Return the problem of spending a share of the baseline's total, each week up to 1.5 × the most observed."""
    totals = granularity is Granularity.TOTAL
    posterior = response(
        seed, channels=channels, draws=draws, steepest=3.0 if totals else 2.8, spread=0.15 if totals else 0.2
    )
    calendar = business_as_usual(posterior, instances.START, weeks, BaselineRule.LAST_WEEKS)
    return AllocationProblem(
        horizon=HorizonResponse(posterior.planning(), calendar),
        held_back=HorizonResponse(posterior.held_back(), calendar),
        constraints=(Budget(budget * float(calendar.baseline.sum())),),
        observed_max=posterior.observed_max(),
        granularity=granularity,
    )
