"""The outcome of future weeks: baseline, organic media, carry-in and planned media, with or without residual noise."""

from __future__ import annotations

import numpy as np

from mmm.arrays import BoolArray, FloatArray, WeekArray
from mmm.response.calendar import WEEK, WEEKS_A_YEAR, weeks_from
from mmm.response.draws import MediaDraws, ResponseDraws
from mmm.response.effects import effect_by_week
from mmm.response.horizon import HorizonResponse
from mmm.response.reference import effect


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
    return effect(media, np.concatenate([media.media, future], axis=-1), media.media.shape[-1])


def fitted_effect(media: MediaDraws) -> FloatArray:
    """Return the effect by fitted week, (C, G, T, S), outcome units per week."""
    return effect(media, media.media, 0)


def baseline_outcome(response: ResponseDraws, weeks: WeekArray, *, controls: FloatArray | None = None) -> FloatArray:
    """Return the expected outcome of future weeks without paid media (base sales and organic media), national.

    Geos that have ended (no row in the last 13 weeks) are not in it.

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
    total = base.mean(weeks, controls)[response.active].sum(axis=0)
    if response.organic.names:
        first = response.weeks[-1] + WEEK
        span = weeks_from(first, int((weeks[-1] - first) / WEEK) + 1)
        units = np.concatenate([response.organic.media, last_year(response.organic.media, response, span)], axis=-1)
        weight = np.repeat(response.active[:, None].astype(np.float64), units.shape[-1], axis=1)
        total = total + effect_by_week(response.organic, weight, units=units)[:, -len(weeks) :].sum(axis=0)
    return np.asarray(total, dtype=np.float64)


def noise_of(response: ResponseDraws, present: BoolArray, rng: np.random.Generator) -> FloatArray:
    """Return residual noise by week and draw, summed over geos, (N, S), outcome units per week.

    Parameters
    ----------
    response : ResponseDraws
    present : (G, N) bool
        Which geos have an outcome in each week.
    rng : Generator

    Notes
    -----
    A sum of independent normal residuals is normal, and drawn as one. Student-t residuals are drawn geo by geo. A shock
    that all geos share adds up over them.
    """
    base = response.baseline
    shape = (present.shape[1], response.n_draws)
    if not base.freedom.size:
        variance = present.T.astype(np.float64) @ base.sigma**2
        if base.common.size:
            variance += (present.T.astype(np.float64) @ base.common) ** 2
        return np.asarray(rng.standard_normal(shape) * np.sqrt(variance), dtype=np.float64)
    total = np.zeros(shape)
    if base.common.size:
        total += (present.T.astype(np.float64) @ base.common) * rng.standard_normal(shape)
    for sigma, weeks in zip(base.sigma, present, strict=True):
        total += weeks[:, None] * sigma * rng.standard_t(np.broadcast_to(base.freedom, shape))
    return total


def residual_noise(response: ResponseDraws, n_weeks: int, rng: np.random.Generator) -> FloatArray:
    """Return residual noise of future weeks by draw, summed over active geos, (N, S), outcome units per week."""
    return noise_of(response, np.repeat(response.active[:, None], n_weeks, axis=1), rng)


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
