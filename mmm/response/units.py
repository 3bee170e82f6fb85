"""What a plan decides in each week: a channel's national spend, or a channel's spend in one geo."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm.arrays import FloatArray, IntArray
from mmm.exceptions import SpecError
from mmm.response.calendar import SpendCalendar
from mmm.response.draws import ResponseDraws

#: Stands for a unit that is spent in all geos, by their shares.
EVERYWHERE = -1


@dataclass(frozen=True, eq=False)
class Units:
    """The U rows of a plan, channel by channel, and how their money reaches the C · G media blocks.

    Attributes
    ----------
    names : tuple of str
        U of them: ``tv``, or ``tv · north`` where geos are decided.
    channel : (U,) int
        Position of each unit's channel.
    geo : (U,) int
        Position of its geo; -1 where its money is divided over all geos.
    owner : (C · G,) int
        The unit that each block of channel and geo gets its media from, never decreasing.
    share : (C, G)
        Part of the owner's money that a block gets.
    """

    names: tuple[str, ...]
    channel: IntArray
    geo: IntArray
    owner: IntArray
    share: FloatArray

    @property
    def by_geo(self) -> bool:
        """Whether any channel is decided geo by geo."""
        return bool((self.geo != EVERYWHERE).any())

    def split(self, spend: FloatArray, shares: FloatArray) -> FloatArray:
        """Divide national spend (C, N) over the units by the geos' shares (C, G): (U, N)."""
        part = np.where(self.geo == EVERYWHERE, 1.0, shares[self.channel, np.maximum(self.geo, 0)])
        return np.asarray(part[:, None] * spend[self.channel])

    def summed(self, values: FloatArray) -> FloatArray:
        """Add up units (U, …) by channel, (C, …)."""
        total = np.zeros((len(self.share), *values.shape[1:]))
        np.add.at(total, self.channel, values)
        return total

    def by_block(self, spend: FloatArray) -> FloatArray:
        """Return the money of each channel in each geo, (C, G, T), of a plan (U, T)."""
        channels, geos = self.share.shape
        return np.asarray(spend[self.owner].reshape(channels, geos, -1) * self.share[:, :, None])

    def calendar(self, calendar: SpendCalendar, shares: FloatArray) -> SpendCalendar:
        """Return a calendar of channels as one of units; geos get their recent shares (C, G)."""
        if not self.by_geo:
            return calendar
        parts = [self.split(spend, shares) for spend in (calendar.bridge, calendar.baseline, calendar.tail)]
        return SpendCalendar(
            self.names, calendar.bridge_weeks, parts[0], calendar.weeks, parts[1], calendar.tail_weeks, parts[2]
        )


def national_units(response: ResponseDraws) -> Units:
    """Decide each channel nationally; its money is divided over geos as it was lately."""
    channels, geos = len(response.channels), len(response.geos)
    rows = np.arange(channels)
    return Units(response.channels, rows, np.full(channels, EVERYWHERE), np.repeat(rows, geos), response.geo_shares())


def geo_units(response: ResponseDraws) -> Units:
    """Decide each channel in each geo that goes on; channels that run only nationally stay one unit.

    A geo that has ended gets nothing, as in national plans.
    """
    shares, going = response.geo_shares(), np.flatnonzero(response.active)
    if not len(going):
        going = np.arange(len(response.geos))
    names: list[str] = []
    channel: list[int] = []
    geo: list[int] = []
    owner = np.zeros(shares.shape, dtype=np.int64)
    share = np.zeros(shares.shape)
    for c, name in enumerate(response.channels):
        if name in response.national_channels or len(response.geos) == 1:
            owner[c], share[c] = len(names), shares[c]
            names, channel, geo = [*names, name], [*channel, c], [*geo, EVERYWHERE]
            continue
        # Blocks of ended geos hang on a neighbour with a share of nothing, so that owners never decrease.
        owner[c] = len(names) + np.clip(np.searchsorted(going, np.arange(len(response.geos)), "right") - 1, 0, None)
        share[c, going] = 1.0
        names += [f"{name} · {response.geos[g]}" for g in going]
        channel += [c] * len(going)
        geo += going.tolist()
    return Units(tuple(names), np.array(channel), np.array(geo), owner.ravel(), share)


def decision_units(response: ResponseDraws, *, by_geo: bool) -> Units:
    """Return what a plan decides: channels, or channels by geo.

    Raises
    ------
    SpecError
        Geos are to be decided, and the fit has one.
    """
    if not by_geo:
        return national_units(response)
    if len(response.geos) < 2:
        raise SpecError(
            "the fit is national, and no geo can be planned",
            where="granularity",
            do="Write granularity: week or total, or fit data with a column of geos.",
        )
    return geo_units(response)
