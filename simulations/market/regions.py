"""A market in several geos: their sizes, and how their demand, their spend and their response differ."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Self

import numpy as np
from pydantic import AfterValidator, Field, model_validator

from mmm.arrays import FloatArray
from mmm.config import PlacedError, StrictModel
from simulations.market.streams import Streams, autoregressive

NATIONAL = "national"
#: Geos stand side by side in a cell of tests.csv, divided by semicolons.
_NAME = re.compile(r"[^\s;,\"]([^;,\"\n\r\t]*[^\s;,\"])?")


def _geo_name(name: str) -> str:
    """Return a name that a cell of the data can hold."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"'{name}' cannot name a geo: use letters, digits, and spaces between them")
    return name


class Regions(StrictModel):
    """Geos drawn at random; every spread is the standard deviation of a logarithm.

    Attributes
    ----------
    names : tuple of str, optional
        Otherwise ``count`` of them, ``geo_1`` …
    count : int
    sizes : float
        Spread of the sizes.
    effect, half : float
        Spread of a channel's effect and half-saturation per head between geos.
    spend : float
        Spread of a channel's spend per head between geos.
    moves : float
        Spread of that division from week to week: 0 buys every campaign everywhere alike.
    wander : float
        Demand of each geo that nobody records and no other geo has, standard deviation as a share of its level.
    recorded : bool
        False: the company adds its geos up, and its data are national.
    """

    names: tuple[Annotated[str, AfterValidator(_geo_name)], ...] = ()
    count: int = Field(default=8, ge=2, le=500)
    sizes: float = Field(default=0.5, ge=0, le=2)
    effect: float = Field(default=0.0, ge=0, le=2)
    half: float = Field(default=0.0, ge=0, le=2)
    spend: float = Field(default=0.3, ge=0, le=2)
    moves: float = Field(default=0.3, ge=0, le=2)
    wander: float = Field(default=0.01, ge=0, le=1)
    recorded: bool = True

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        if len(set(self.names)) != len(self.names) or len(self.names) == 1:
            raise PlacedError("name two geos or more, each once", "names")
        if self.names and "count" in self.model_fields_set and self.count != len(self.names):
            raise PlacedError(
                f"{len(self.names)} geos are named, and count says {self.count}: leave count out", "count"
            )
        return self

    @property
    def geos(self) -> tuple[str, ...]:
        """The G geos."""
        return self.names or tuple(f"geo_{number + 1}" for number in range(self.count))


@dataclass(frozen=True, eq=False)
class GeoShares:
    """How one market divides over its G geos.

    Attributes
    ----------
    geos : tuple of str
    size : (G,)
        Share of the people and of the base outcome; sums to 1.
    spec : Regions, optional
        None where there is one geo.
    """

    geos: tuple[str, ...]
    size: FloatArray
    spec: Regions | None

    @classmethod
    def draw(cls, spec: Regions | None, streams: Streams) -> GeoShares:
        """Draw the sizes."""
        if spec is None:
            return cls((NATIONAL,), np.ones(1), None)
        size = np.exp(spec.sizes * streams("geos").standard_normal(len(spec.geos)))
        return cls(spec.geos, size / size.sum(), spec)

    @property
    def one(self) -> bool:
        """Whether there is one geo only."""
        return self.spec is None

    def spread(self, rng: np.random.Generator, sd: float) -> FloatArray:
        """Return how a parameter differs per head between geos, (G,), 1 on the size-weighted average."""
        factor = np.exp(sd * rng.standard_normal(len(self.geos)))
        return np.asarray(factor / (self.size @ factor), dtype=np.float64)

    def divided(self, national: FloatArray, rng: np.random.Generator, digits: int = 2) -> FloatArray:
        """Divide a national series of money over geos, (G, N), to the cent or so many other digits."""
        if self.spec is None:
            return national[None]
        weight = self.size * self.spread(rng, self.spec.spend)
        moved = np.exp(self.spec.moves * rng.standard_normal((len(self.geos), len(national))))
        share = weight[:, None] * moved
        return np.asarray(np.round(national * share / share.sum(axis=0), digits), dtype=np.float64)

    def wander(self, streams: Streams, weeks: int) -> FloatArray:
        """Draw the demand that each geo has alone, (G, N), as a share of the national level."""
        if self.spec is None:
            return np.zeros((1, weeks))
        rng = streams("geos:wander")
        own = np.stack([autoregressive(rng, weeks, self.spec.wander, 0.7) for _ in self.geos])
        return np.asarray(self.size[:, None] * own, dtype=np.float64)
