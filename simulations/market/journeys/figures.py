"""What marketers quote about journeys, counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm.arrays import FloatArray
from simulations.market.journeys.journeys import Journeys
from simulations.market.journeys.spec import AtLeast


@dataclass(frozen=True, eq=False)
class Figures:
    """Of B purchases, of which X came at the end of a multi-device journey.

    Attributes
    ----------
    touches, days_to_purchase : (B,)
        Before each purchase; days from the first touch of any kind.
    sessions, days : (X,)
        Of each multi-device journey; days from its first session to the purchase.
    """

    touches: FloatArray
    days_to_purchase: FloatArray
    sessions: FloatArray
    days: FloatArray

    @property
    def two_touches(self) -> float:
        """Share of purchases with at least two touches before them; NaN without a purchase."""
        return float(np.mean(self.touches >= 2)) if len(self.touches) else np.nan

    @property
    def multi_device(self) -> float:
        """Share of purchases at the end of a multi-device journey; NaN without a purchase."""
        return len(self.sessions) / len(self.touches) if len(self.touches) else np.nan

    def sessions_share(self, asked: AtLeast) -> float:
        """Share of multi-device journeys with at least so many sessions; NaN without one."""
        return float(np.mean(self.sessions >= asked.at_least)) if len(self.sessions) else np.nan

    def days_share(self, asked: AtLeast) -> float:
        """Share of multi-device journeys of at least so many days; NaN without one."""
        return float(np.mean(self.days >= asked.at_least)) if len(self.days) else np.nan

    def as_dict(self) -> dict[str, float]:
        """Return the figures by name, rounded to nine digits."""
        both = (self.sessions >= 6) & (self.days >= 14)
        found = {
            "purchases": len(self.touches),
            "share_with_two_touches_or_more": self.two_touches,
            "share_multi_device": self.multi_device,
            "median_touches": _median(self.touches),
            "median_days_to_purchase": _median(self.days_to_purchase),
            "multi_device_median_sessions": _median(self.sessions),
            "multi_device_median_days": _median(self.days),
            "multi_device_share_with_6_sessions_or_more": self.sessions_share(AtLeast(at_least=6, share=0.5)),
            "multi_device_share_of_14_days_or_more": self.days_share(AtLeast(at_least=14, share=0.5)),
            "multi_device_share_with_both": float(np.mean(both)) if len(both) else np.nan,
        }
        return {name: float(f"{value:.9g}") for name, value in found.items()}


def figures_of(journeys: Journeys) -> Figures:
    """Count a market's true journeys, whatever the company's log can see of them."""
    bought = journeys.bought
    several = bought & (journeys.devices > 1)
    return Figures(
        touches=journeys.touches[bought].astype(np.float64),
        days_to_purchase=journeys.days_to_purchase[bought],
        sessions=journeys.sessions[several].astype(np.float64),
        days=journeys.days[several],
    )


def _median(values: FloatArray) -> float:
    return float(np.median(values)) if len(values) else np.nan
