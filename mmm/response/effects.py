"""Effects of media by week and draw, summed over geos as they are made."""

from __future__ import annotations

import numpy as np

from mmm.arrays import FloatArray, IntArray
from mmm.response.draws import MediaDraws
from mmm.transforms import kernels, window_kernels
from mmm.transforms.adstock import initial_state
from mmm.transforms.saturation import Saturation


def forms(media: MediaDraws) -> IntArray:
    """Return the kernels' saturation code of each channel, (C,)."""
    ones = (media.slope == 1.0).all(axis=(1, 2))
    return np.array(
        [
            kernels.LOGISTIC if form is Saturation.LOGISTIC else kernels.HILL_ONE if one else kernels.HILL_FREE
            for form, one in zip(media.saturation, ones, strict=True)
        ],
        dtype=np.int64,
    )


def effect_by_week(
    media: MediaDraws, weight: FloatArray, *, units: FloatArray | None = None, carry: FloatArray | None = None
) -> FloatArray:
    """Return each channel's effect by week and draw, carry-in included, summed over geos with a weight.

    Parameters
    ----------
    media : MediaDraws
    weight : (G, N)
        What an outcome unit of each geo-week counts for.
    units : (C, G, N), optional
        Media units per week; default those of the fitted window.
    carry : (C, G, S), optional
        Adstock before the first week; default the steady state of the fitted window's first weeks.

    Returns
    -------
    (C, N, S)
    """
    units = media.media if units is None else units
    start = initial_state(media.media)[..., None] if carry is None else carry
    total = np.zeros((len(media.names), units.shape[-1], media.alpha.shape[-1]))
    window_kernels.over_chunks(
        window_kernels.add_weekly,
        len(media.names),
        media.alpha.shape[-1],
        forms(media),
        np.ascontiguousarray(units),
        np.ascontiguousarray(start),
        np.ascontiguousarray(weight, dtype=np.float64),
        *media.parameters(),
        total,
    )
    return total


def add_to(
    total: FloatArray,
    media: MediaDraws,
    demand: FloatArray,
    *,
    units: FloatArray | None = None,
    carry: FloatArray | None = None,
) -> None:
    """Add the effect of all channels to an array of geos.

    Parameters
    ----------
    total : (G, N, S)
        Added to; outcome units per week.
    media : MediaDraws
    demand : (N, S)
        Factor on the effect.
    units, carry : as in :func:`effect_by_week`
    """
    if not media.names:
        return
    start = initial_state(media.media)[..., None] if carry is None else carry
    window_kernels.over_chunks(
        window_kernels.add_effects,
        total.shape[0],
        total.shape[2],
        forms(media),
        np.ascontiguousarray(media.media if units is None else units),
        np.ascontiguousarray(start),
        np.ascontiguousarray(demand),
        *media.parameters(),
        total,
    )


def end_state(media: MediaDraws) -> FloatArray:
    """Return the adstock at the end of the fitted window, (C, G, S)."""
    total = np.zeros(media.alpha.shape)
    window_kernels.over_chunks(
        window_kernels.add_states,
        len(media.names),
        media.alpha.shape[-1],
        np.ascontiguousarray(media.media),
        initial_state(media.media)[..., None],
        np.ascontiguousarray(media.alpha),
        total,
    )
    return total
