"""Truths that are drawn anew for each seed, so that one world file stands for a family of markets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from mmm.config import PlacedError, StrictModel
from simulations.market.streams import Streams

if TYPE_CHECKING:
    from simulations.market.world import World
    from simulations.market.world_media import Channel

#: The key under which truths are stated for every channel.
ALL = "all"
#: Standard normal quantile of 95 %.
_Z95 = 1.6448536269514722
#: Least and most of each number that can be drawn; draws beyond are held there. A retention's end lets carryover end.
_RANGES = {"roas": (0.0, 1000.0), "adstock": (0.0, 0.95), "half": (1e-3, 1e3), "slope": (0.05, 10.0)}


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

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.high < self.low:
            raise ValueError(f"high is {self.high:g}, below low, which is {self.low:g}")
        return self

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

    @model_validator(mode="after")
    def _within_range(self) -> Self:
        for key, (least, most) in _RANGES.items():
            drawn = getattr(self, key)
            ends = (drawn.low, drawn.high) if isinstance(drawn, Uniform) else (drawn,)
            for end in ends:
                if isinstance(end, int | float) and not least <= end <= most:
                    raise PlacedError(f"a channel's {key} is from {least:g} to {most:g}, not {end:g}", key)
        return self


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
                number = float(drawn) if isinstance(drawn, int | float) else drawn.draw(rng)
                found[key] = min(max(number, _RANGES[key][0]), _RANGES[key][1])
    if channel.carryover is not None:
        found.pop("adstock", None)
    curve = {key: found.pop(key) for key in ("half", "slope") if key in found}
    saturation = type(channel.saturation).model_validate(channel.saturation.model_dump() | curve)
    return type(channel).model_validate(channel.model_dump() | found | {"saturation": saturation})
