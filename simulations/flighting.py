"""How a sum of money is laid over the weeks: shapes over time, each channel's total kept."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from mmm.arrays import FloatArray

#: Pulsing: of every ``PULSE_PERIOD`` weeks, the first ``PULSE_ON`` weeks get ``PULSE_HEIGHT`` times the others.
PULSE_PERIOD, PULSE_ON, PULSE_HEIGHT = 4, 2, 3.0
#: Burst: of every ``BURST_PERIOD`` weeks, only the first ``BURST_ON`` weeks get anything.
BURST_PERIOD, BURST_ON = 6, 2
BURST_OFF = BURST_PERIOD - BURST_ON
#: Front- and back-loaded: the heaviest week over the lightest.
LOAD_RATIO = 3.0


class Flighting(StrEnum):
    """A shape over time that a media planner asks for by name."""

    EVEN = "even"
    CONTINUITY = "continuity"
    FRONT_LOADED = "front_loaded"
    BACK_LOADED = "back_loaded"
    PULSING = "pulsing"
    BURST = "burst"
    AS_HISTORY = "as_history"


#: What each shape does, as a clause, where nothing else is said.
SAYS = {
    Flighting.EVEN: "the same sum in every week",
    Flighting.CONTINUITY: "the same sum in every week",
    Flighting.FRONT_LOADED: f"falling evenly, the first week {LOAD_RATIO:.0f} times the last",
    Flighting.BACK_LOADED: f"rising evenly, the last week {LOAD_RATIO:.0f} times the first",
    Flighting.PULSING: f"{PULSE_ON} weeks at {PULSE_HEIGHT:.0f} times the level of the "
    f"{PULSE_PERIOD - PULSE_ON} weeks after them, repeated",
    Flighting.BURST: f"{BURST_ON} weeks on and {BURST_PERIOD - BURST_ON} weeks dark, repeated",
    Flighting.AS_HISTORY: "spread as in the same weeks a year earlier",
}


@dataclass(frozen=True)
class Rhythm:
    """How long and how strong a shape is; what is None is the shape's own.

    Attributes
    ----------
    on, off : int or None
        Weeks on and off (pulsing: high and low), in turn, from the first week on.
    ratio : float or None
        Pulsing: a high week over a low one. Front- and back-loaded: the heaviest week over the lightest.
    """

    on: int | None = None
    off: int | None = None
    ratio: float | None = None

    def says(self, flighting: Flighting) -> str:
        """Say the shape in a clause, with this rhythm."""
        if self == Rhythm():
            return SAYS[flighting]
        ratio = f"{self.ratio or LOAD_RATIO:g} times"
        if flighting is Flighting.FRONT_LOADED:
            return f"falling evenly, the first week {ratio} the last"
        if flighting is Flighting.BACK_LOADED:
            return f"rising evenly, the last week {ratio} the first"
        on, off = self.turns(flighting)
        on_weeks, off_weeks = (f"{n} week" if n == 1 else f"{n} weeks" for n in (on, off))
        if flighting is Flighting.PULSING:
            return f"{on_weeks} at {self.ratio or PULSE_HEIGHT:g} times the level of the {off_weeks} after, repeated"
        return f"{on_weeks} on and {off_weeks} dark, repeated"

    def turns(self, flighting: Flighting) -> tuple[int, int]:
        """Return weeks on and off."""
        on, off = (PULSE_ON, PULSE_PERIOD - PULSE_ON) if flighting is Flighting.PULSING else (BURST_ON, BURST_OFF)
        return self.on or on, self.off or off


def weights(flighting: Flighting, n_weeks: int, rhythm: Rhythm = Rhythm()) -> FloatArray:
    """Return the share of the total that each week gets.

    Parameters
    ----------
    flighting : Flighting
        Any shape but ``AS_HISTORY``, which is data and not a formula.
    n_weeks : int
        T ≥ 1.
    rhythm : Rhythm

    Returns
    -------
    (T,)
        Not negative, sums to 1.

    Raises
    ------
    ValueError
        For ``AS_HISTORY``.
    """
    ratio, (on, off) = rhythm.ratio or LOAD_RATIO, rhythm.turns(flighting)
    high = np.arange(n_weeks) % (on + off) < on
    if flighting in (Flighting.EVEN, Flighting.CONTINUITY):
        shape = np.ones(n_weeks)
    elif flighting is Flighting.FRONT_LOADED:
        shape = np.linspace(ratio, 1.0, n_weeks)
    elif flighting is Flighting.BACK_LOADED:
        shape = np.linspace(1.0, ratio, n_weeks)
    elif flighting is Flighting.PULSING:
        shape = np.where(high, rhythm.ratio or PULSE_HEIGHT, 1.0)
    elif flighting is Flighting.BURST:
        shape = np.where(high, 1.0, 0.0)
    else:
        raise ValueError(f"{flighting} needs a history: pass its spend to `spread` instead.")
    return np.asarray(shape / shape.sum(), dtype=np.float64)


def moved(spend: FloatArray, weeks: int) -> FloatArray:
    """Move spend along the weeks; what leaves at one end comes in at the other, so that each row keeps its total.

    Parameters
    ----------
    spend : (..., T)
    weeks : int
        Later; negative: earlier.

    Returns
    -------
    (..., T)
    """
    return np.roll(spend, weeks, axis=-1)


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


def flight(
    spend: FloatArray,
    flighting: Flighting,
    history: FloatArray | None = None,
    rhythm: Rhythm = Rhythm(),
) -> FloatArray:
    """Lay each row's total over the weeks in a named shape.

    Parameters
    ----------
    spend : (..., T)
    flighting : Flighting
    history : (..., T), optional
        The pattern of ``AS_HISTORY``.
    rhythm : Rhythm

    Returns
    -------
    (..., T)
        The same totals over the last axis as ``spend``.
    """
    if flighting is Flighting.AS_HISTORY:
        if history is None:
            raise ValueError("AS_HISTORY needs the spend of an earlier period.")
        return spread(spend, history)
    return spread(spend, weights(flighting, spend.shape[-1], rhythm))
