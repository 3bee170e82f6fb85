"""Small synthetic responses with given curves, for the optimiser's tests."""

from __future__ import annotations

import numpy as np

from mmm.arrays import FloatArray
from mmm.response.calendar import BaselineRule, business_as_usual
from mmm.response.draws import BaselineDraws, MediaDraws, ResponseDraws
from mmm.response.horizon import HorizonResponse
from mmm.response.units import decision_units
from mmm.transforms.saturation import Saturation
from mmm.transforms.time_bases import TimeBasis
from optimizer.constraints import Budget, Constraint
from optimizer.objectives import Objective, Outcome
from optimizer.problem import AllocationProblem, Granularity

START = np.datetime64("2026-01-05")


def response(
    *,
    channels: int = 3,
    draws: int = 80,
    seed: int = 0,
    s_shaped: bool = False,
    spread: float = 0.3,
    money: float = 1.0,
    n_history: int = 60,
    carry: tuple[float, float] = (0.15, 0.75),
) -> ResponseDraws:
    """Return draws of random channels; ``money`` scales every amount of money."""
    g = np.random.default_rng(seed)
    typical = np.exp(g.normal(3.0, 0.8, channels))
    spend = typical[:, None, None] * np.exp(0.3 * g.standard_normal((channels, 1, n_history)))
    start = g.uniform(*carry, channels)
    logit = np.log(start / (1 - start))[:, None] + 0.35 * spread / 0.3 * g.standard_normal((channels, draws))
    alpha = 1 / (1 + np.exp(-logit))
    noise = g.normal(0.3, 0.5, channels)[:, None] + spread * g.standard_normal((channels, draws))
    half = typical[:, None] * np.exp(noise)
    slope = np.ones((channels, draws))
    if s_shaped:
        steep = g.uniform(1.2, 2.8, channels)[:, None]
        slope = np.clip(steep * np.exp(0.2 * g.standard_normal((channels, draws))), 0.6, 5)
    level = (typical / np.median(half, 1)) ** np.median(slope, 1)
    roas = np.exp(g.normal(0.3, 0.5, channels))
    beta = (roas * typical * (1 + level) / level)[:, None] * np.exp(spread * g.standard_normal((channels, draws)))
    weeks = START - 7 * np.arange(n_history, 0, -1).astype("timedelta64[D]")
    basis = TimeBasis.fit_window(weeks.astype("datetime64[D]"), fourier_order=1)
    names = tuple(f"channel {c}" for c in range(channels))
    no_organic = MediaDraws((), np.zeros((0, 1, n_history)), (), *(np.zeros((0, 1, draws)) for _ in range(4)))
    paid = MediaDraws(
        names,
        money * spend,
        (Saturation.HILL,) * channels,
        alpha[:, None],
        money * half[:, None],
        slope[:, None],
        money * beta[:, None],
    )
    base = BaselineDraws(
        basis,
        (),
        np.zeros((0, 1, n_history)),
        np.zeros((0, 1)),
        np.ones((0, 1)),
        np.full((len(basis.names), 1, draws), 1.0),
        np.ones((1, draws)),
    )
    return ResponseDraws(
        weeks=weeks.astype("datetime64[D]"),
        geos=("national",),
        outcome_name="revenue",
        outcome_is_money=True,
        currency="EUR",
        outcome=np.full((1, n_history), 100.0),
        value_per_outcome=np.ones((1, n_history)),
        spend=money * spend,
        paid=paid,
        organic=no_organic,
        baseline=base,
        demand=None,
        chain=np.repeat(np.arange(4), draws // 4 + 1)[:draws],
    )


def problem(
    draws: ResponseDraws,
    *,
    weeks: int = 4,
    constraints: tuple[Constraint, ...] | None = None,
    objective: Objective | None = None,
    granularity: Granularity = Granularity.WEEK,
    round_to: float | None = None,
    smooth: float | None = None,
) -> AllocationProblem:
    """Return a problem; without constraints, the baseline's total must be spent."""
    calendar = business_as_usual(draws, START, weeks, BaselineRule.LAST_WEEKS)
    if constraints is None:
        constraints = (Budget(float(calendar.baseline.sum())),)
    units = decision_units(draws, by_geo=granularity.by_geo)
    rows = units.calendar(calendar, draws.geo_shares())
    return AllocationProblem(
        horizon=HorizonResponse(draws.planning(), rows, units=units),
        held_back=HorizonResponse(draws.held_back(), rows, units=units),
        constraints=constraints,
        observed_max=draws.observed_max(),
        objective=objective or Outcome(),
        granularity=granularity,
        round_to=round_to,
        smooth=smooth,
    )


def baseline_total(draws: ResponseDraws, weeks: int = 4) -> float:
    """Return what business as usual spends over the horizon."""
    return float(draws.spend.sum(axis=1)[:, -weeks:].sum())


def permuted(draws: ResponseDraws, order: FloatArray) -> ResponseDraws:
    """Return the same draws with the channels in another order."""
    from dataclasses import replace

    keep = [int(c) for c in order]
    paid = draws.paid
    moved = MediaDraws(
        tuple(paid.names[c] for c in keep),
        paid.media[keep],
        tuple(paid.saturation[c] for c in keep),
        paid.alpha[keep],
        paid.half_saturation[keep],
        paid.slope[keep],
        paid.beta[keep],
    )
    return replace(draws, paid=moved, spend=draws.spend[keep])
