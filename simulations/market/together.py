"""What channels do to each other: pairs that raise or replace each other's effect, and stock that runs out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from pydantic import Field, field_validator

from mmm.arrays import FloatArray
from mmm.config import StrictModel


class Synergy(StrictModel):
    """Two channels do more together than the sum of both, or less where the strength is negative.

    Attributes
    ----------
    channels : two names
    strength : float
        What comes on top each week, as a multiple of the geometric mean of the two effects.
    """

    channels: tuple[str, str]
    strength: float = Field(ge=-2, le=5)

    @field_validator("channels")
    @classmethod
    def _two_of_them(cls, channels: tuple[str, str]) -> tuple[str, str]:
        if channels[0] == channels[1]:
            raise ValueError(f"'{channels[0]}' has no synergy with itself: name two channels")
        return channels


class Capacity(StrictModel):
    """Stock, staff or slots that run out.

    Attributes
    ----------
    binds : float
        Share of the window's weeks in which more would be bought than can be sold.
    waits : float
        Part of the buyers that come again the week after; the others are lost.
    """

    binds: float = Field(gt=0, lt=1)
    waits: float = Field(default=0.0, ge=0, le=1)


def beyond_the_sum(pairs: Sequence[Synergy], effects: Mapping[str, FloatArray]) -> FloatArray | float:
    """Return what pairs of channels do beyond the sum of their own effects, in the shape of one effect.

    Parameters
    ----------
    pairs : sequence of Synergy
    effects : mapping of str to (..., N)
        Each channel's own effect, outcome units a week.
    """
    extra: FloatArray | float = 0.0
    for pair in pairs:
        first, second = (np.maximum(effects[name], 0.0) for name in pair.channels)
        extra = extra + pair.strength * np.sqrt(first * second)
    return extra


def served(wanted: FloatArray, limit: FloatArray, waits: float) -> FloatArray:
    """Return what is sold where no more than a limit can be, (..., N).

    Parameters
    ----------
    wanted : (..., N)
        What would be bought.
    limit : broadcastable to (...,)
        Outcome units a week.
    waits : float
        Part of those turned away who come again the week after.
    """
    sold = np.empty_like(wanted)
    waiting = np.zeros(wanted.shape[:-1])
    for week in range(wanted.shape[-1]):
        asked = wanted[..., week] + waiting
        sold[..., week] = np.minimum(asked, limit)
        waiting = waits * (asked - sold[..., week])
    return sold
