"""The fitted window with and without a channel's spend: what all returns are made of, compiled."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from mmm.arrays import FloatArray
from mmm.response.calendar import tail_length, weeks_from
from mmm.response.draws import RECENT_WEEKS, ResponseDraws
from mmm.response.effects import forms
from mmm.transforms import window_kernels
from mmm.transforms.adstock import initial_state


@dataclass(frozen=True, eq=False)
class WindowSums:
    """Sums over the fitted window and its tail.

    Attributes
    ----------
    made : (C, G, S)
        What each channel's spend made in each geo, in value units.
    scaled : (C, G, S)
        Its derivative when the spend is scaled in proportion.
    """

    made: FloatArray
    scaled: FloatArray


def recent_value(response: ResponseDraws) -> FloatArray:
    """Return the mean value of an outcome unit in the last 13 weeks, by geo, (G,); 0 where a geo has ended."""
    seen = response.observed[:, -RECENT_WEEKS:]
    total = np.where(seen, response.value_per_outcome[:, -RECENT_WEEKS:], 0.0).sum(axis=1)
    return np.asarray(total / np.maximum(seen.sum(axis=1), 1), dtype=np.float64)


def window_terms(response: ResponseDraws) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return what an outcome unit counts for in each geo-week and after the window, and the demand of both.

    Returns
    -------
    (G, T), (G,), (T + A, S)
        Nothing is credited in a week without a row, nor after the window in a geo that has ended
        (:attr:`~mmm.response.draws.ResponseDraws.active`). The A weeks last until every draw's carryover has decayed.
    """
    span = response.n_weeks + tail_length(response)
    value = np.where(response.observed, response.value_per_outcome, 0.0)
    if response.demand is None:
        return value, recent_value(response), np.ones((span, response.n_draws))
    return value, recent_value(response), response.demand.multiplier(weeks_from(response.weeks[0], span))


@lru_cache(maxsize=1)
def window_sums(response: ResponseDraws) -> WindowSums:
    """Compare the fitted window with one without spend; after it nothing is spent in either.

    Media of weeks without a row are history: they stay in both, and no week without a row is credited. Nothing of size
    (C, G, T, S) is made; :func:`mmm.response.reference.window_sums` is the formula.

    Notes
    -----
    Kept for the last response asked about: ROAS, mROAS and contribution are asked for one after the other.
    """
    paid = response.paid
    made, scaled = np.zeros(paid.alpha.shape), np.zeros(paid.alpha.shape)
    window_kernels.over_chunks(
        window_kernels.add_window_sums,
        len(paid.names),
        response.n_draws,
        forms(paid),
        np.ascontiguousarray(paid.media),
        ~response.observed,
        initial_state(paid.media)[..., None],
        *window_terms(response),
        *paid.parameters(),
        made,
        scaled,
    )
    return WindowSums(made, scaled)
