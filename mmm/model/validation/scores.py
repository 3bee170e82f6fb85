"""Scores of a forecast: CRPS, coverage, and the seasonal-naive forecast that every model has to beat."""

from __future__ import annotations

import numpy as np

from mmm.arrays import BoolArray, FloatArray

YEAR = 52
#: A naive forecast needs at least this many errors of its own to have a distribution.
MIN_ERRORS = 8


def crps(draws: FloatArray, observed: FloatArray) -> FloatArray:
    """Return the continuous ranked probability score of each week, in the outcome's unit; smaller is better.

    Parameters
    ----------
    draws : (H, S)
    observed : (H,)

    Returns
    -------
    (H,)
        E|X − y| − ½ E|X − X'| (Gneiting & Raftery 2007, eq. 21), with X from the empirical distribution of the draws.
    """
    ordered = np.sort(draws, axis=-1)
    size = ordered.shape[-1]
    weights = (2.0 * np.arange(1, size + 1) - size - 1.0) / size**2
    return np.asarray(np.abs(ordered - observed[:, None]).mean(axis=-1) - ordered @ weights, dtype=np.float64)


def inside(draws: FloatArray, observed: FloatArray) -> BoolArray:
    """Return whether each week lies inside its 90 % interval, (H,)."""
    low, high = np.quantile(draws, [0.05, 0.95], axis=-1)
    return np.asarray((observed >= low) & (observed <= high), dtype=np.bool_)


def seasonal_naive(history: FloatArray, horizon: int) -> FloatArray:
    """Return the seasonal-naive forecast: the same week last year, with the errors that this made in the history.

    Its mean error is in it too, so a yearly growth that keeps on is forecast: a harder rival than the bare rule.

    Parameters
    ----------
    history : (T,)
        At least a year and ``MIN_ERRORS`` weeks.
    horizon : int
        At most a year.

    Returns
    -------
    (horizon, T − 52)
        One draw an error.
    """
    errors = history[YEAR:] - history[:-YEAR]
    last = history[len(history) - YEAR : len(history) - YEAR + horizon]
    return np.asarray(last[:, None] + errors, dtype=np.float64)
