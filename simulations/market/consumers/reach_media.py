"""Paid media that buy contacts: television, radio, posters, display, video, social with its targeting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from pydantic import Field

from simulations.market.consumers.contacts import Touch, Touching
from simulations.market.consumers.coordination import Coordination
from simulations.market.consumers.kernel import Cause, Step
from simulations.market.consumers.now import Now
from simulations.market.patterns import SpendPattern
from simulations.market.world_media import Exposure


class ReachChannel(Touching):
    """A paid channel that buys exposures among an audience.

    Spend ÷ cost = exposures; exposures ÷ audience = contacts a head; the audience's evenness gives reach and frequency;
    the Hill curve of frequency gives the part of the effect's chances. So the response saturates as reach fills up, and
    is S-shaped in money where frequency is and the audience is small.

    Attributes
    ----------
    spend : SpendPattern
        National; divided over geos by their people and the world's spread.
    exposure : Exposure
        What the money buys and costs; a column of the data where ``recorded``.
    recorded : bool
        Whether the company's data have the exposures.
    """

    kind: Literal["reach"]
    spend: SpendPattern
    exposure: Exposure
    recorded: bool = Field(default=True)

    def module(self, name: str, coordination: Coordination) -> ReachMedia:
        """Return the channel as a module of the market."""
        return ReachMedia(self, self.touch(name, Cause.PAID, coordination))


@dataclass(frozen=True, eq=False)
class ReachMedia:
    """The module of a :class:`ReachChannel`."""

    spec: ReachChannel
    touch: Touch

    def act(self, now: Now) -> Iterator[Step]:
        """Yield the step of the week's exposures."""
        name = self.touch.name
        told = now.told(name)
        money = now.scene.spend[name][now.week] if told is None else told
        exposures = np.asarray(money / (self.spec.exposure.cost * now.scene.cost[name][now.week]), dtype=np.float64)
        now.spent[name], now.exposures[name] = money, exposures
        yield from self.touch.contacts(now, exposures)
