"""Truths that are drawn anew for each seed, so that one world file stands for a family of markets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from mmm.config import StrictModel
from simulations.market.streams import Streams

if TYPE_CHECKING:
    from simulations.market.world import World
    from simulations.market.world_media import Channel

#: The key under which truths are stated for every channel.
ALL = "all"
#: Standard normal quantile of 95 %.
_Z95 = 1.6448536269514722
#: A retention is held below this, so that its carryover ends.
_MOST_RETENTION = 0.95


class LogNormal(StrictModel):
    """A positive number by its median and 95 % quantile, in the words of a model's priors."""

    kind: Literal["log_normal"]
    median: float = Field(gt=0)
    q95: float = Field(gt=0)
    at_most: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.q95 <= self.median:
            raise ValueError("q95 lies above the median")
        return self

    def draw(self, rng: np.random.Generator) -> float:
        """Return one number."""
        number = float(self.median * np.exp(np.log(self.q95 / self.median) / _Z95 * rng.standard_normal()))
        return number if self.at_most is None else min(number, self.at_most)


class Uniform(StrictModel):
    """A number between two others."""

    kind: Literal["uniform"]
    low: float = Field(ge=0)
    high: float = Field(gt=0)

    def draw(self, rng: np.random.Generator) -> float:
        """Return one number."""
        return float(rng.uniform(self.low, self.high))


class Beta(StrictModel):
    """A share, by the Beta distribution's two parameters."""

    kind: Literal["beta"]
    a: float = Field(gt=0)
    b: float = Field(gt=0)

    def draw(self, rng: np.random.Generator) -> float:
        """Return one number."""
        return float(rng.beta(self.a, self.b))


Drawn = Annotated[LogNormal | Uniform | Beta, Field(discriminator="kind")] | float


class DrawnTruths(StrictModel):
    """What is drawn of a channel; what is left out keeps the channel's own number.

    Attributes
    ----------
    roas, adstock, half, slope : distribution or number
        As in :class:`~simulations.market.world_media.Channel` and its saturation.
    """

    roas: Drawn | None = None
    adstock: Drawn | None = None
    half: Drawn | None = None
    slope: Drawn | None = None


def settled(world: World, seed: int) -> World:
    """Return the world with its truths drawn: plain numbers, and nothing left to draw."""
    if not world.truths:
        return world
    streams = Streams(seed)
    channels = {name: _settled(name, channel, world.truths, streams) for name, channel in world.channels.items()}
    return world.model_copy(update={"channels": channels, "truths": {}, "seed": seed})


def _settled(name: str, channel: Channel, truths: Mapping[str, DrawnTruths], streams: Streams) -> Channel:
    found: dict[str, float] = {}
    for source in (truths.get(ALL), truths.get(name)):
        for key in DrawnTruths.model_fields if source is not None else ():
            drawn = getattr(source, key)
            if drawn is not None:
                # One stream a number, so that fixing one leaves the others as they were.
                rng = streams(f"truth:{name}:{key}")
                found[key] = float(drawn) if isinstance(drawn, int | float) else drawn.draw(rng)
    if "adstock" in found:
        found["adstock"] = 0.0 if channel.carryover is not None else min(found["adstock"], _MOST_RETENTION)
    curve = {key: found.pop(key) for key in ("half", "slope") if key in found}
    saturation = type(channel.saturation).model_validate(channel.saturation.model_dump() | curve)
    return type(channel).model_validate(channel.model_dump() | found | {"saturation": saturation})
