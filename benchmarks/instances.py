"""Random allocation problems of a given size: concave responses with posterior spread, as response draws."""

from __future__ import annotations

import numpy as np

from mmm.arrays import FloatArray, IntArray, WeekArray
from mmm.response.calendar import BaselineRule, business_as_usual
from mmm.response.draws import BaselineDraws, MediaDraws, ResponseDraws
from mmm.response.horizon import HorizonResponse
from mmm.transforms.saturation import Saturation
from mmm.transforms.time_bases import TimeBasis
from optimizer import AllocationProblem, Budget, ChangeVsBaseline

START = np.datetime64("2026-01-05", "D")
HISTORY = 104


def response(seed: int, *, channels: int, draws: int) -> ResponseDraws:
    """Return a posterior of two chains of ``draws`` draws each: one to plan on, one held back.

    Typical weekly spend log-normal (sd 0.8), weekly retention 0.15–0.75 (sd 0.35 of its logit over draws), Hill with
    slope 0.6–0.95 (concave in every draw), half-saturation around the typical week (sd 0.3 over draws), average ROAS
    log-normal around 1.35 (sd 0.3 over draws).
    """
    rng = np.random.default_rng([seed, channels, draws])
    total = 2 * draws
    typical = 1000.0 * np.exp(rng.normal(0.0, 0.8, channels))
    spend = typical[:, None, None] * np.exp(0.3 * rng.standard_normal((channels, 1, HISTORY)))
    retention = rng.uniform(0.15, 0.75, channels)
    logit = np.log(retention / (1 - retention))[:, None] + 0.35 * rng.standard_normal((channels, total))
    half = typical[:, None] * np.exp(
        rng.normal(0.3, 0.5, channels)[:, None] + 0.3 * rng.standard_normal((channels, total))
    )
    slope = np.clip(rng.uniform(0.6, 0.95, channels)[:, None] + 0.08 * rng.standard_normal((channels, total)), 0.3, 1.0)
    used = (typical / np.median(half, axis=1)) ** np.median(slope, axis=1)
    roas = np.exp(rng.normal(0.3, 0.5, channels))
    beta = (roas * typical * (1 + used) / used)[:, None] * np.exp(0.3 * rng.standard_normal((channels, total)))
    weeks = (START - 7 * np.arange(HISTORY, 0, -1).astype("timedelta64[D]")).astype("datetime64[D]")
    return bare(
        MediaDraws(
            tuple(f"channel {c + 1}" for c in range(channels)),
            spend,
            (Saturation.HILL,) * channels,
            (1 / (1 + np.exp(-logit)))[:, None],
            half[:, None],
            slope[:, None],
            beta[:, None],
        ),
        spend,
        weeks,
        chain=np.repeat(np.arange(2), draws),
        outcome=typical.sum(),
    )


def bare(
    paid: MediaDraws, spend: FloatArray, weeks: WeekArray, *, chain: IntArray, outcome: float = 0.0
) -> ResponseDraws:
    """Return a national posterior of paid media alone, revenue in EUR; ``outcome`` a week is the level of its baseline.

    Parameters
    ----------
    spend : (C, 1, N)
    chain : (S,)
    """
    basis = TimeBasis.fit_window(weeks, fourier_order=1)
    total, history, size = len(chain), len(weeks), len(basis.names)
    none = np.zeros((0, 1, total))
    return ResponseDraws(
        weeks=weeks,
        geos=("national",),
        outcome_name="revenue",
        outcome_is_money=True,
        currency="EUR",
        outcome=np.full((1, history), outcome or 1.0),
        value_per_outcome=np.ones((1, history)),
        spend=spend,
        paid=paid,
        organic=MediaDraws((), np.zeros((0, 1, history)), (), none, none, none, none),
        baseline=BaselineDraws(
            basis,
            (),
            np.zeros((0, 1, history)),
            np.zeros((0, 1)),
            np.ones((0, 1)),
            np.full((size, 1, total), outcome / size),
            np.full((1, total), 0.05 * outcome or 1.0),
        ),
        demand=None,
        chain=chain,
    )


def problem(seed: int, *, channels: int, weeks: int, draws: int, change: float = 0.5) -> AllocationProblem:
    """Return the problem of spending the baseline's total, each channel's total within ``change`` of its baseline."""
    posterior = response(seed, channels=channels, draws=draws)
    calendar = business_as_usual(posterior, START, weeks, BaselineRule.LAST_WEEKS)
    return AllocationProblem(
        horizon=HorizonResponse(posterior.planning(), calendar),
        held_back=HorizonResponse(posterior.held_back(), calendar),
        constraints=(Budget(float(calendar.baseline.sum())), ChangeVsBaseline(None, change)),
        observed_max=posterior.observed_max(),
    )
