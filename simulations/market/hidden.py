"""What moves the outcome and stands in nobody's data: breaks, mishaps, rivals, promotions nobody wrote down."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from mmm.arrays import FloatArray, WeekArray
from mmm.transforms.time_bases import DAYS_A_YEAR
from simulations.market.controls import ControlSeries, EveryYear, Steps, Wandering


class LevelShift(ControlSeries):
    """From one day on, for good: a distributor is lost, a shop opens."""

    kind: Literal["level_shift"]
    since: date

    def shape(self, rng: np.random.Generator, weeks: WeekArray) -> FloatArray:  # noqa: ARG002
        """See :meth:`ControlSeries.shape`."""
        return (weeks >= np.datetime64(self.since, "D")).astype(np.float64)


class TrendBreak(ControlSeries):
    """Growth changes on one day; the effect is a year's."""

    kind: Literal["trend_break"]
    since: date
    decimals: int = Field(default=8, ge=0, le=8)

    def shape(self, rng: np.random.Generator, weeks: WeekArray) -> FloatArray:  # noqa: ARG002
        """See :meth:`ControlSeries.shape`."""
        years = (weeks - np.datetime64(self.since, "D")).astype(np.float64) / DAYS_A_YEAR
        return np.maximum(years, 0.0)


class Outliers(ControlSeries):
    """Single weeks that went wrong, or well, for a reason that nobody wrote down: one in ``every`` weeks."""

    kind: Literal["outliers"]
    every: float = Field(default=30.0, ge=2)

    def shape(self, rng: np.random.Generator, weeks: WeekArray) -> FloatArray:
        """See :meth:`ControlSeries.shape`."""
        chance, sign = rng.random(len(weeks)), rng.choice([-1.0, 1.0], len(weeks))
        return np.where(chance < 1.0 / self.every, sign, 0.0)


class Episodes(ControlSeries):
    """On for some weeks, then off for some: a rival's campaigns, strikes, shortages."""

    kind: Literal["episodes"]
    weeks_on: float = Field(default=5.0, ge=1)
    weeks_off: float = Field(default=15.0, ge=1)

    def shape(self, rng: np.random.Generator, weeks: WeekArray) -> FloatArray:
        """See :meth:`ControlSeries.shape`."""
        chance = rng.random(len(weeks))
        on = chance[0] < self.weeks_on / (self.weeks_on + self.weeks_off)
        states = np.empty(len(weeks))
        for week, draw in enumerate(chance):
            if week and draw < 1.0 / (self.weeks_on if on else self.weeks_off):
                on = not on
            states[week] = on
        return states


class WithChannel(ControlSeries):
    """Runs in some of the weeks in which a channel is on air, such as a promotion beside a TV campaign."""

    kind: Literal["with_channel"]
    channel: str
    chance: float = Field(default=0.6, gt=0, le=1)

    def shape(self, rng: np.random.Generator, weeks: WeekArray) -> FloatArray:
        """Return the weeks in which it would run were the channel always on air, (N,)."""
        return (rng.random(len(weeks)) < self.chance).astype(np.float64)

    def beside(self, drawn: FloatArray, spend: Mapping[str, FloatArray]) -> FloatArray:
        """Return the drawn weeks in which the channel is on air, (N,)."""
        return np.where(spend[self.channel] > 0, drawn, 0.0)


HiddenCause = Annotated[
    Wandering | Steps | EveryYear | LevelShift | TrendBreak | Outliers | Episodes | WithChannel,
    Field(discriminator="kind"),
]
