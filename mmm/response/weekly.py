"""The fitted weeks by draw, streamed: media, expected outcome and predictive; nothing of size (C, G, T, S) is made."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mmm.arrays import FloatArray
from mmm.response.draws import ResponseDraws
from mmm.response.effects import add_to, effect_by_week
from mmm.response.forecast import noise_of

#: Doubles of one (G, T, s) array of expected outcomes that are made at once: 64 MiB.
DOUBLES_AT_ONCE = 8 * 2**20


def value_weights(response: ResponseDraws) -> FloatArray:
    """Return what an outcome unit counts for in each geo-week, (G, T): its value, and 0 where there is no row."""
    return np.where(response.observed, response.value_per_outcome, 0.0)


def media_by_week(response: ResponseDraws, weight: FloatArray | None = None) -> FloatArray:
    """Return each medium's national effect by fitted week and draw, paid media first, then organic.

    Carry-in from before the window is in it; geo-weeks without a row are not.

    Parameters
    ----------
    response : ResponseDraws
    weight : (G, T), optional
        What an outcome unit of each geo-week counts for; default :func:`value_weights`.

    Returns
    -------
    (M, T, S)
        Value units per week: money where the outcome has a value, outcome units otherwise.
    """
    weight = value_weights(response) if weight is None else weight
    paid = effect_by_week(response.paid, weight)
    if response.demand is not None:
        paid *= response.demand.multiplier(response.weeks)
    return np.concatenate([paid, effect_by_week(response.organic, weight)])


def fitted_media(response: ResponseDraws, draws: slice = slice(None)) -> FloatArray:
    """Return the effect of all media, paid and organic, of some draws, (G, T, s), outcome units per week."""
    size = len(range(*draws.indices(response.n_draws)))
    total = np.zeros((len(response.geos), response.n_weeks, size))
    ones = np.ones((response.n_weeks, size))
    demand = ones if response.demand is None else response.demand.multiplier(response.weeks)[:, draws]
    add_to(total, response.paid.select(draws), demand)
    add_to(total, response.organic.select(draws), ones)
    return total


def fitted_mean(response: ResponseDraws, draws: slice = slice(None)) -> FloatArray:
    """Return the expected outcome of every geo and fitted week for some draws.

    Parameters
    ----------
    response : ResponseDraws
    draws : slice
        Of the S draws; see :func:`draw_chunks` for slices that keep memory small.

    Returns
    -------
    (G, T, s)
        Outcome units per week; also for weeks without a row, which a caller leaves out.
    """
    baseline = response.baseline.select(draws)
    return np.asarray(
        baseline.mean(response.weeks, baseline.controls) + fitted_media(response, draws), dtype=np.float64
    )


def draw_chunks(response: ResponseDraws, doubles: int = DOUBLES_AT_ONCE) -> Iterator[slice]:
    """Yield slices that cover all draws, each small enough that a (G, T, s) array holds about ``doubles`` numbers."""
    step = max(1, doubles // (len(response.geos) * response.n_weeks))
    for first in range(0, response.n_draws, step):
        yield slice(first, min(first + step, response.n_draws))


def fitted_by_week(response: ResponseDraws, *, rng: np.random.Generator | None = None) -> FloatArray:
    """Return the national outcome of every fitted week by draw, over the geos that have a row in it.

    Parameters
    ----------
    response : ResponseDraws
    rng : Generator, optional
        Adds residual noise drawn from it (the posterior predictive); without it the expected outcome.

    Returns
    -------
    (T, S)
        Outcome units per week.
    """
    total = np.empty((response.n_weeks, response.n_draws))
    for draws in draw_chunks(response):
        total[:, draws] = (fitted_mean(response, draws) * response.observed[..., None]).sum(axis=0)
    if rng is not None:
        total += noise_of(response, response.observed, rng)
    return total
