"""The outcome of future weeks: baseline, organic media, carry-in and planned media, with or without residual noise."""

from __future__ import annotations

import numpy as np

from mmm.arrays import FloatArray, WeekArray
from mmm.response.calendar import WEEK, WEEKS_A_YEAR, weeks_from
from mmm.response.draws import MediaDraws, ResponseDraws
from mmm.response.horizon import HorizonResponse
from mmm.transforms.adstock import geometric_adstock, initial_state
from mmm.transforms.saturation import saturate


def last_year(history: FloatArray, response: ResponseDraws, weeks: WeekArray) -> FloatArray:
    """Return what a series was 52 weeks before each future week (104 where that is not past yet, and so on).

    Parameters
    ----------
    history : (..., T)
        One value a fitted week.
    response : ResponseDraws
    weeks : (N,) datetime64[D]

    Returns
    -------
    (..., N)
        Where the data hold less than a year, their weeks repeat.
    """
    index = ((weeks - response.weeks[0]) / WEEK).astype(np.int64)
    year = min(WEEKS_A_YEAR, response.n_weeks)
    behind = np.maximum(index - response.n_weeks, -1) // year + 1
    return np.ascontiguousarray(history[..., index - behind * year])


def media_effect(media: MediaDraws, future: FloatArray) -> FloatArray:
    """Return the effect by future week of media that continue their history, not incremental.

    Parameters
    ----------
    media : MediaDraws
    future : (C, G, N)
        Media units in the weeks right after the fitted ones.

    Returns
    -------
    (C, G, N, S)
        Outcome units per week.
    """
    return _effect(media, np.concatenate([media.media, future], axis=-1), media.media.shape[-1])


def fitted_effect(media: MediaDraws) -> FloatArray:
    """Return the effect by fitted week, (C, G, T, S), outcome units per week."""
    return _effect(media, media.media, 0)


def _effect(media: MediaDraws, units: FloatArray, first: int) -> FloatArray:
    """Return the effect from week ``first`` on of (C, G, N) media units that start with the fitted window."""
    start = initial_state(media.media)
    effect = np.empty((*units.shape[:2], units.shape[-1] - first, media.alpha.shape[-1]))
    for c, form in enumerate(media.saturation):
        # (G, S, N): the recursion runs over the last axis.
        stock = geometric_adstock(units[c][:, None, :], media.alpha[c], start[c][:, None])[..., first:]
        shape = saturate(form, stock, media.half_saturation[c][..., None], media.slope[c][..., None])
        effect[c] = (media.beta[c][..., None] * shape).transpose(0, 2, 1)
    return effect


def baseline_outcome(response: ResponseDraws, weeks: WeekArray, *, controls: FloatArray | None = None) -> FloatArray:
    """Return the expected outcome of future weeks without paid media (base sales and organic media), national.

    Parameters
    ----------
    response : ResponseDraws
    weeks : (N,) datetime64[D]
        Future weeks, consecutive.
    controls : (K, G, N), optional
        Raw control values; default those of the same weeks last year.

    Returns
    -------
    (N, S)
        Outcome units per week.
    """
    base = response.baseline
    if controls is None:
        controls = last_year(base.controls, response, weeks)
    total = base.mean(weeks, controls).sum(axis=0)
    if response.organic.names:
        first = response.weeks[-1] + WEEK
        span = weeks_from(first, int((weeks[-1] - first) / WEEK) + 1)
        future = last_year(response.organic.media, response, span)
        total = total + media_effect(response.organic, future)[:, :, -len(weeks) :].sum(axis=(0, 1))
    return np.asarray(total, dtype=np.float64)


def residual_noise(response: ResponseDraws, n_weeks: int, rng: np.random.Generator) -> FloatArray:
    """Return residual noise by week and draw, summed over geos, (N, S), outcome units per week."""
    sigma = np.sqrt((response.baseline.sigma**2).sum(axis=0))
    return np.asarray(rng.standard_normal((n_weeks, response.n_draws)) * sigma, dtype=np.float64)


def total_outcome(
    horizon: HorizonResponse,
    spend: FloatArray,
    *,
    demand_factor: FloatArray | None = None,
    controls: FloatArray | None = None,
    rng: np.random.Generator | None = None,
) -> FloatArray:
    """Return the outcome of the horizon's weeks under a plan.

    Parameters
    ----------
    horizon : HorizonResponse
        Its ``week_value`` is not applied: the result is in outcome units.
    spend : (C, T)
    demand_factor : (T,), optional
        Factor on the baseline; default 1.
    controls : (K, G, T), optional
        Raw control values; default last year's.
    rng : Generator, optional
        Adds residual noise drawn from it; without it the result is the expected outcome by draw.

    Returns
    -------
    (T, S)
    """
    response, weeks = horizon.response, horizon.calendar.weeks
    base = baseline_outcome(response, weeks, controls=controls)
    if demand_factor is not None:
        base = base * np.asarray(demand_factor)[:, None]
    plain = HorizonResponse(
        response, horizon.calendar, cost_factor=horizon.cost_factor, effect_factor=horizon.effect_factor
    )
    media = plain.weekly_effect(np.asarray(spend, dtype=np.float64)).sum(axis=0)[: len(weeks)]
    total = base + media
    if rng is not None:
        total = total + residual_noise(response, len(weeks), rng)
    return np.asarray(total, dtype=np.float64)
