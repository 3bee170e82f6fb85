"""Journeys as they truly were: every contact of every person followed, known to nobody in the market."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm.arrays import BoolArray, FloatArray, IntArray
from simulations.market.attribution.paths import Paths
from simulations.market.journeys.moments import DAYS
from simulations.market.journeys.spec import DIRECT, JourneySettings

#: A contact away from any device.
OFFLINE = -1


@dataclass(frozen=True, eq=False)
class Journeys:
    """J journeys that ended in the window, with M touches.

    Attributes
    ----------
    settings : JourneySettings
    channels : tuple of str
        The market's modules, then visits on one's own account.
    geos : tuple of str
    first : datetime64[D]
        Day at which time 0 is.
    window : slice
        Weeks after ``first`` that the company has data of.
    scale : float
        People of the market whom one person stands for.
    journey, channel, device : (M,)
        Of each touch, in order of journey and time; the device is ``OFFLINE`` away from any.
    time : (M,)
        Days since ``first``.
    person, geo, own : (J,)
        Of each journey; ``own`` is the person's own device.
    end : (J,)
        Time of the purchase, or of the last moment at which a touch would have belonged to it.
    bought, shop, linked : (J,)
        Whether it ended in a purchase, in a shop, and whether the company knows the person again elsewhere.
    value : (J,)
        Money of the purchase.
    """

    settings: JourneySettings
    channels: tuple[str, ...]
    geos: tuple[str, ...]
    first: np.datetime64
    window: slice
    scale: float
    journey: IntArray
    time: FloatArray
    channel: IntArray
    device: IntArray
    person: IntArray
    geo: IntArray
    end: FloatArray
    bought: BoolArray
    shop: BoolArray
    linked: BoolArray
    own: IntArray
    value: FloatArray

    @property
    def count(self) -> int:
        """The number of journeys J, purchases without a touch among them."""
        return len(self.person)

    @property
    def touches(self) -> IntArray:
        """Touches of each journey, (J,)."""
        return np.bincount(self.journey, minlength=self.count)

    @property
    def sessions(self) -> IntArray:
        """Touches on a device, (J,): each opens a session of its own."""
        return np.bincount(self.journey[self.device != OFFLINE], minlength=self.count)

    @property
    def devices(self) -> IntArray:
        """Different devices of each journey, (J,)."""
        online = self.device != OFFLINE
        used = np.zeros(self.count, dtype=np.int64)
        np.bitwise_or.at(used, self.journey[online], np.int64(1) << self.device[online])
        return np.bitwise_count(used).astype(np.int64)

    @property
    def days(self) -> FloatArray:
        """Days from the first session to the end, (J,); 0 without a session."""
        online = self.device != OFFLINE
        begun = self.end.copy()
        np.minimum.at(begun, self.journey[online], self.time[online])
        return np.asarray(self.end - begun, dtype=np.float64)

    @property
    def days_to_purchase(self) -> FloatArray:
        """Days from the first touch of any kind to the end, (J,); 0 without a touch."""
        begun = self.end.copy()
        np.minimum.at(begun, self.journey, self.time)
        return np.asarray(self.end - begun, dtype=np.float64)

    def paths(self, *, direct: bool = False) -> Paths:
        """Return the true journeys as attribution takes them, visits on one's own account left out unless asked for."""
        kept = np.ones(len(self.journey), dtype=np.bool_) if direct else self.channel != self.channels.index(DIRECT)
        journey = self.journey[kept]
        met, starts = np.unique(journey, return_index=True)
        return Paths(
            channels=self.channels if direct else self.channels[:-1],
            touches=self.channel[kept],
            starts=np.append(starts, len(journey)).astype(np.int64),
            converted=self.bought[met],
            value=self.value[met],
            scale=self.scale,
            untouched=float(self.value.sum() - self.value[met].sum()),
        )

    def panel(self) -> tuple[FloatArray, FloatArray]:
        """Return what the people followed bought, by geo and week of the window.

        Returns
        -------
        purchases, money : (G, T)
            Scaled to the market.
        """
        weeks = self.window.stop - self.window.start
        week = (self.end[self.bought] / DAYS).astype(np.int64) - self.window.start
        cell = self.geo[self.bought] * weeks + week
        shape = (len(self.geos), weeks)
        count = np.bincount(cell, minlength=shape[0] * weeks).reshape(shape)
        money = np.bincount(cell, weights=self.value[self.bought], minlength=shape[0] * weeks).reshape(shape)
        return self.scale * count, self.scale * money
