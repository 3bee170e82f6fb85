"""Journeys as attribution sees them: which channels in which order, and whether something was bought."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Paths:
    """J journeys with M touches in all, each journey with at least one.

    Attributes
    ----------
    channels : tuple of str
        The C channels.
    touches : (M,)
        Number of the channel of each touch, journey after journey, in order of time.
    starts : (J + 1,)
        Journey j has the touches ``starts[j]`` up to ``starts[j + 1]``.
    converted : (J,)
        Whether the journey ended in a purchase.
    value : (J,)
        Money of that purchase; 0 where there was none.
    scale : float
        Journeys of the market that one of these stands for: credit is multiplied by it.
    untouched : float
        Money of purchases without any touch, which no method credits to a channel (not scaled).

    Raises
    ------
    ValueError
        The arrays do not fit together.
    """

    channels: tuple[str, ...]
    touches: IntArray
    starts: IntArray
    converted: BoolArray
    value: FloatArray
    scale: float = 1.0
    untouched: float = 0.0

    def __post_init__(self) -> None:
        journeys = len(self.starts) - 1
        if self.starts[0] != 0 or self.starts[-1] != len(self.touches) or np.any(np.diff(self.starts) < 1):
            raise ValueError("every journey needs a touch, and every touch a journey")
        if self.converted.shape != (journeys,) or self.value.shape != (journeys,):
            raise ValueError(f"converted and value are of each of the {journeys} journeys")
        if np.any((self.value != 0) & ~self.converted):
            raise ValueError("a journey without a purchase has no value")
        if len(self.touches) and not 0 <= self.touches.min() <= self.touches.max() < len(self.channels):
            raise ValueError("a touch is of none of the channels")

    @property
    def lengths(self) -> IntArray:
        """Touches of each journey, (J,)."""
        return np.diff(self.starts)

    @property
    def journey(self) -> IntArray:
        """The journey of each touch, (M,)."""
        return np.repeat(np.arange(len(self.starts) - 1), self.lengths)

    @property
    def total(self) -> float:
        """Money of the purchases with a touch, scaled to the market."""
        return self.scale * float(self.value.sum())

    def credit(self, weight: FloatArray) -> FloatArray:
        """Share each purchase out over its touches and add up by channel.

        Parameters
        ----------
        weight : (M,)
            Share of its journey's purchase that a touch gets; adds up to 1 within a journey.

        Returns
        -------
        (C,)
            Money.
        """
        money = weight * self.value[self.journey]
        return self.scale * np.bincount(self.touches, weights=money, minlength=len(self.channels))
