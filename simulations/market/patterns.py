"""How a channel spends over the weeks: each pattern is a small frozen object that draws one series of money."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from mmm.arrays import FloatArray, WeekArray
from mmm.config import StrictModel
from simulations.market.sizes import MOST_MONEY
from simulations.market.streams import autoregressive


@dataclass(frozen=True, eq=False)
class Climate:
    """What a buyer of media can see of the market when setting a budget.

    Attributes
    ----------
    weeks : (N,) datetime64[D]
    season : (N,)
        Yearly index of demand, mean about 1.
    demand : (N,)
        Actual demand of the week, mean about 1: season, trend, holidays, price and what nobody records.
    bought : mapping of str to (N,)
        Money of the channels whose budgets are already set.
    """

    weeks: WeekArray
    season: FloatArray
    demand: FloatArray
    bought: Mapping[str, FloatArray] = field(default_factory=dict)


class Pattern(StrictModel, ABC):
    """What all patterns share.

    Attributes
    ----------
    weekly : float
        Money in a typical week on air.
    variation : float
        Standard deviation of the log of a week's spend around the pattern.
    persistence : float
        Correlation of that variation from week to week.
    starts, stops : date, optional
        First day on air, and first day off air for good.
    books_in : float
        Spend is booked in multiples of this sum of money; 0.01 is a cent.
    """

    weekly: float = Field(gt=0, le=MOST_MONEY)
    variation: float = Field(default=0.15, ge=0, le=2)
    persistence: float = Field(default=0.0, ge=0, lt=1)
    starts: date | None = None
    stops: date | None = None
    books_in: float = Field(default=0.01, ge=0.01)

    @abstractmethod
    def shape(self, rng: np.random.Generator, climate: Climate) -> FloatArray:
        """Return the pattern without its variation, (N,): 1 in a typical week on air, 0 off air."""

    def draw(self, rng: np.random.Generator, climate: Climate) -> FloatArray:
        """Return the money of each week, (N,), booked in whole units of ``books_in``."""
        shape = self.shape(rng, climate)
        log = autoregressive(rng, len(shape), self.variation, self.persistence)
        money = self.weekly * shape * np.exp(log - 0.5 * self.variation**2)
        if self.starts is not None:
            money = np.where(climate.weeks < np.datetime64(self.starts, "D"), 0.0, money)
        if self.stops is not None:
            money = np.where(climate.weeks >= np.datetime64(self.stops, "D"), 0.0, money)
        return np.round(np.round(money / self.books_in) * self.books_in, 2)


class AlwaysOn(Pattern):
    """Every week, around one level."""

    pattern: Literal["always_on"]

    def shape(self, rng: np.random.Generator, climate: Climate) -> FloatArray:  # noqa: ARG002
        """See :meth:`Pattern.shape`."""
        return np.ones(len(climate.weeks))


class Seasonal(Pattern):
    """Every week, with the known season to a power: 1 spends in proportion to it, 2 leans into it."""

    pattern: Literal["seasonal"]
    power: float = Field(default=1.0, ge=-5, le=10)

    def shape(self, rng: np.random.Generator, climate: Climate) -> FloatArray:  # noqa: ARG002
        """See :meth:`Pattern.shape`."""
        return np.asarray(climate.season**self.power, dtype=np.float64)


class FollowsDemand(Pattern):
    """Every week, caused by the week's actual demand: what search does when people search more."""

    pattern: Literal["follows_demand"]
    elasticity: float = Field(default=1.5, gt=0, le=10)

    def shape(self, rng: np.random.Generator, climate: Climate) -> FloatArray:  # noqa: ARG002
        """See :meth:`Pattern.shape`."""
        return np.asarray(climate.demand**self.elasticity, dtype=np.float64)


class Flighted(Pattern):
    """Flights of about ``weeks_on`` weeks with about ``weeks_off`` weeks between, heavier in season by ``power``."""

    pattern: Literal["flighted"]
    weeks_on: int = Field(default=5, ge=1)
    weeks_off: int = Field(default=4, ge=1)
    power: float = Field(default=0.0, ge=-5, le=10)

    def shape(self, rng: np.random.Generator, climate: Climate) -> FloatArray:
        """See :meth:`Pattern.shape`."""
        runs: list[float] = []
        runs.extend([1.0] * int(rng.integers(0, self.weeks_on + 1)))
        while len(runs) < len(climate.weeks):
            runs.extend([0.0] * max(1, self.weeks_off + int(rng.integers(-1, 2))))
            runs.extend([1.0] * max(1, self.weeks_on + int(rng.integers(-1, 2))))
        return np.array(runs[: len(climate.weeks)]) * climate.season**self.power


class Bursts(Pattern):
    """On and off at random: each week the state changes with the chance that gives the asked mean lengths."""

    pattern: Literal["bursts"]
    weeks_on: float = Field(default=3.0, ge=1)
    weeks_off: float = Field(default=3.0, ge=1)

    def shape(self, rng: np.random.Generator, climate: Climate) -> FloatArray:
        """See :meth:`Pattern.shape`."""
        chance = rng.random(len(climate.weeks))
        state = chance[0] < self.weeks_on / (self.weeks_on + self.weeks_off)
        states = np.empty(len(chance))
        for week, draw in enumerate(chance):
            if week and draw < 1.0 / (self.weeks_on if state else self.weeks_off):
                state = not state
            states[week] = state
        return states


class Like(Pattern):
    """In proportion to another channel of the same market: bought together with it."""

    pattern: Literal["like"]
    channel: str

    def shape(self, rng: np.random.Generator, climate: Climate) -> FloatArray:  # noqa: ARG002
        """See :meth:`Pattern.shape`."""
        other = climate.bought[self.channel]
        return np.asarray(other / other[other > 0].mean(), dtype=np.float64)


SpendPattern = Annotated[AlwaysOn | Seasonal | FollowsDemand | Flighted | Bursts | Like, Field(discriminator="pattern")]
