"""How a sum of money is laid over the weeks: shapes over time, each channel's total kept."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from mmm.arrays import FloatArray

#: Pulsing: of every ``PULSE_PERIOD`` weeks, the first ``PULSE_ON`` weeks get ``PULSE_HEIGHT`` times the others.
PULSE_PERIOD, PULSE_ON, PULSE_HEIGHT = 4, 2, 3.0
#: Burst: of every ``BURST_PERIOD`` weeks, only the first ``BURST_ON`` weeks get anything.
BURST_PERIOD, BURST_ON = 6, 2
#: Front- and back-loaded: the heaviest week over the lightest.
LOAD_RATIO = 3.0


class Flighting(StrEnum):
    """A shape over time that a media planner asks for by name."""

    EVEN = "even"
    FRONT_LOADED = "front_loaded"
    BACK_LOADED = "back_loaded"
    PULSING = "pulsing"
    BURST = "burst"
    AS_HISTORY = "as_history"


#: What each shape does, as a clause.
SAYS = {
    Flighting.EVEN: "the same sum in every week",
    Flighting.FRONT_LOADED: f"falling evenly, the first week {LOAD_RATIO:.0f} times the last",
    Flighting.BACK_LOADED: f"rising evenly, the last week {LOAD_RATIO:.0f} times the first",
    Flighting.PULSING: f"{PULSE_ON} weeks at {PULSE_HEIGHT:.0f} times the level of the "
    f"{PULSE_PERIOD - PULSE_ON} weeks after them, repeated",
    Flighting.BURST: f"{BURST_ON} weeks on and {BURST_PERIOD - BURST_ON} weeks dark, repeated",
    Flighting.AS_HISTORY: "spread as in the same weeks a year earlier",
}


def weights(flighting: Flighting, n_weeks: int) -> FloatArray:
    """Return the share of the total that each week gets.

    Parameters
    ----------
    flighting : Flighting
        Any shape but ``AS_HISTORY``, which is data and not a formula.
    n_weeks : int
        T ≥ 1.

    Returns
    -------
    (T,)
        Not negative, sums to 1.

    Raises
    ------
    ValueError
        For ``AS_HISTORY``.
    """
    week = np.arange(n_weeks)
    if flighting is Flighting.EVEN:
        shape = np.ones(n_weeks)
    elif flighting is Flighting.FRONT_LOADED:
        shape = np.linspace(LOAD_RATIO, 1.0, n_weeks)
    elif flighting is Flighting.BACK_LOADED:
        shape = np.linspace(1.0, LOAD_RATIO, n_weeks)
    elif flighting is Flighting.PULSING:
        shape = np.where(week % PULSE_PERIOD < PULSE_ON, PULSE_HEIGHT, 1.0)
    elif flighting is Flighting.BURST:
        shape = np.where(week % BURST_PERIOD < BURST_ON, 1.0, 0.0)
    else:
        raise ValueError(f"{flighting} needs a history: pass its spend to `spread` instead.")
    return np.asarray(shape / shape.sum(), dtype=np.float64)


def spread(spend: FloatArray, shape: FloatArray) -> FloatArray:
    """Lay each row's total over the weeks in proportion to ``shape``.

    Parameters
    ----------
    spend : (..., T)
        Money per week.
    shape : (T,) or (..., T)
        Not negative. A row that sums to 0 says nothing, and leaves its spend as it is.

    Returns
    -------
    (..., T)
        The same totals over the last axis as ``spend``.
    """
    shape = np.broadcast_to(shape, spend.shape)
    total = shape.sum(axis=-1, keepdims=True)
    share = np.divide(shape, total, out=np.zeros_like(spend, dtype=np.float64), where=total > 0)
    return np.where(total > 0, share * spend.sum(axis=-1, keepdims=True), spend)


def flight(spend: FloatArray, flighting: Flighting, history: FloatArray | None = None) -> FloatArray:
    """Lay each row's total over the weeks in a named shape.

    Parameters
    ----------
    spend : (..., T)
    flighting : Flighting
    history : (..., T), optional
        The pattern of ``AS_HISTORY``.

    Returns
    -------
    (..., T)
        The same totals over the last axis as ``spend``.
    """
    if flighting is Flighting.AS_HISTORY:
        if history is None:
            raise ValueError("AS_HISTORY needs the spend of an earlier period.")
        return spread(spend, history)
    return spread(spend, weights(flighting, spend.shape[-1]))
