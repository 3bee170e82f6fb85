"""The units that the model works in: a geo's outcome of a typical week, a medium's typical week."""

from __future__ import annotations

import numpy as np

from mmm.arrays import BoolArray, FloatArray
from mmm.model.prior_values import TypicalWeek


def outcome_scales(outcome: FloatArray, observed: BoolArray, population: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return each geo's outcome of a typical week, and its size, (G,) each.

    The size is the population where it is known, else the geo's own mean outcome.
    """
    weeks = observed.sum(axis=1)
    own = np.abs(outcome * observed).sum(axis=-1) / weeks
    known = len(population) > 1 and bool((population > 0).all()) and float(np.ptp(population)) > 0
    size = population if known else own
    return size * float((own * weeks).sum() / (size * weeks).sum()), size


def media_scales(media: FloatArray, size: FloatArray, observed: BoolArray) -> FloatArray:
    """Return each medium's typical week in each geo, (M, G): the mean non-zero geo-week per size, times the size."""
    seen = media / size[:, None] * observed
    typical = seen.sum(axis=(1, 2)) / np.maximum((seen > 0).sum(axis=(1, 2)), 1)
    return np.asarray(typical[:, None] * size, dtype=np.float64)


def typical_week(scale: FloatArray, media: FloatArray, spend: FloatArray) -> TypicalWeek:
    """Return the national typical week of every medium, in media and (paid channels) in money.

    Parameters
    ----------
    scale : (M, G)
        From :func:`media_scales`.
    media : (M, G, T)
    spend : (C, G, T)
    """
    national = scale.sum(axis=1)
    cost = np.maximum(spend, 0.0).sum(axis=(1, 2)) / np.maximum(media[: len(spend)].sum(axis=(1, 2)), 1e-300)
    return TypicalWeek(national, national[: len(spend)] * cost)
