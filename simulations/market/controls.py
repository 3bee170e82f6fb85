"""What moves the outcome besides media and that the company records: price, competitor, promotions, weather."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, field_validator

from mmm.arrays import FloatArray, WeekArray
from mmm.config import StrictModel
from simulations.market.streams import autoregressive


class ControlSeries(StrictModel, ABC):
    """What all controls share.

    Attributes
    ----------
    effect : float
        Change of the outcome for one unit of the control, as a share of the outcome's level.
    decimals : int
        Digits after the point in the data file.
    """

    effect: float
    decimals: int = Field(default=2, ge=0, le=8)

    @property
    def neutral(self) -> float:
        """Return the value at which the control changes nothing."""
        return 0.0

    @abstractmethod
    def shape(self, rng: np.random.Generator, weeks: WeekArray) -> FloatArray:
        """Return the raw series, (N,)."""

    def draw(self, rng: np.random.Generator, weeks: WeekArray) -> FloatArray:
        """Return the series as the company records it, (N,)."""
        return np.round(self.shape(rng, weeks), self.decimals)


class Wandering(ControlSeries):
    """Wanders around a mean, such as a competitor's index or the weather."""

    kind: Literal["wandering"]
    mean: float = 100.0
    sd: float = Field(default=5.0, ge=0)
    persistence: float = Field(default=0.8, ge=0, lt=1)

    @property
    def neutral(self) -> float:
        """See :attr:`ControlSeries.neutral`."""
        return self.mean

    def shape(self, rng: np.random.Generator, weeks: WeekArray) -> FloatArray:
        """See :meth:`ControlSeries.shape`."""
        return self.mean + autoregressive(rng, len(weeks), self.sd, self.persistence)


class Steps(ControlSeries):
    """Stays for some weeks, then is set anew, such as a list price or a price index."""

    kind: Literal["steps"]
    mean: float = 100.0
    sd: float = Field(default=2.0, ge=0)
    every: float = Field(default=8.0, ge=1)
    jitter: float = Field(default=0.0, ge=0)
    drift_per_year: float = 0.0

    @property
    def neutral(self) -> float:
        """See :attr:`ControlSeries.neutral`."""
        return self.mean

    def shape(self, rng: np.random.Generator, weeks: WeekArray) -> FloatArray:
        """See :meth:`ControlSeries.shape`."""
        changes = rng.random(len(weeks)) < 1.0 / self.every
        levels = rng.normal(0.0, self.sd, len(weeks))
        latest = np.maximum.accumulate(np.where(changes, np.arange(len(weeks)), 0))
        drift = self.drift_per_year * np.arange(len(weeks)) * 7.0 / 365.25
        return self.mean + levels[latest] + drift[latest] + rng.normal(0.0, self.jitter, len(weeks))


class EveryYear(ControlSeries):
    """Days of promotion a week, around the same dates every year (``MM-DD``), each lasting about ``days`` days."""

    kind: Literal["every_year"]
    dates: tuple[str, ...] = Field(min_length=1)
    days: int = Field(default=7, ge=1, le=56)
    decimals: int = Field(default=0, ge=0, le=8)

    @field_validator("dates")
    @classmethod
    def _month_and_day(cls, dates: tuple[str, ...]) -> tuple[str, ...]:
        for text in dates:
            try:
                np.datetime64(f"2023-{text}", "D")
            except ValueError as error:
                raise ValueError(f"'{text}' is not a month and a day: write MM-DD, such as 11-24") from error
        return dates

    def shape(self, rng: np.random.Generator, weeks: WeekArray) -> FloatArray:
        """See :meth:`ControlSeries.shape`."""
        count = np.zeros(len(weeks))
        years = range(int(str(weeks[0])[:4]), int(str(weeks[-1] + np.timedelta64(7, "D"))[:4]) + 1)
        for year in years:
            for text in self.dates:
                first = np.datetime64(f"{year}-{text}", "D") + np.timedelta64(int(rng.integers(-2, 3)), "D")
                for day in first + np.arange(self.days).astype("timedelta64[D]"):
                    count += (weeks <= day) & (day < weeks + np.timedelta64(7, "D"))
        return np.minimum(count, 7.0)


Control = Annotated[Wandering | Steps | EveryYear, Field(discriminator="kind")]
