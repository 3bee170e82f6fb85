"""What the world files of both engines share: weeks, seasons, noise, what is recorded and what was tried."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Self

import numpy as np
from pydantic import AfterValidator, Field, field_validator, model_validator

from mmm.config import PlacedError, StrictModel
from mmm.exceptions import SpecError
from mmm.transforms.time_bases import holiday_counts
from simulations.market.controls import Control
from simulations.market.experiments import Experiment
from simulations.market.regions import Regions
from simulations.market.sizes import CURRENCY, FIRST_DAY, LAST_DAY, MOST_MONEY, refuse_late
from simulations.market.world_media import NAME


def _known_country(code: str) -> str:
    """Return a country whose holidays are known."""
    try:
        holiday_counts(np.array(["2024-01-01"], dtype="datetime64[D]"), code)
    except SpecError as error:
        raise ValueError(f"{error.says}: use an ISO 3166 code such as DE, or leave the key out") from error
    return code


Country = Annotated[str, AfterValidator(_known_country)]


class Sold(StrictModel):
    """What the company sells.

    Attributes
    ----------
    name : str
        Column in the data file.
    value : float, optional
        Money per outcome unit; leave out where the outcome is money.
    decimals : int
        Digits after the point in the data file: 2 for money, 0 for orders.
    """

    name: str = Field(default="revenue", pattern=NAME)
    value: float | None = Field(default=None, gt=0, le=MOST_MONEY)
    decimals: int = Field(default=2, ge=0, le=6)


class Harmonic(StrictModel):
    """One yearly wave (the first has one peak a year, the second two …), as shares of the outcome's level."""

    sine: float = 0.0
    cosine: float = 0.0


class Wander(StrictModel):
    """Demand that nobody records: stationary, first-order autoregressive, as a share of the outcome's level."""

    sd: float = Field(default=0.0, ge=0, le=1)
    persistence: float = Field(default=0.7, ge=0, lt=1)


class Noise(StrictModel):
    """Weekly noise: ``sd`` as a share of the level, or ``r2``, the share of variance that is not noise.

    Attributes
    ----------
    sd, r2 : float
    persistence : float
        Correlation from week to week; 0 is independent.
    tails : float, optional
        Degrees of freedom of Student's t, scaled to the same variance; left out: normal.
    """

    sd: float | None = Field(default=None, ge=0, le=1)
    r2: float | None = Field(default=None, gt=0, lt=1)
    persistence: float = Field(default=0.0, ge=0, lt=1)
    tails: float | None = Field(default=None, gt=2)

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.sd is None) == (self.r2 is None):
            raise ValueError("give either sd or r2 for the noise, not both")
        if self.persistence > 0 and self.tails is not None:
            raise ValueError("give either persistence or tails for the noise, not both")
        return self


class AnyWorld(StrictModel):
    """A market whose truth is known, of either engine.

    Attributes
    ----------
    seed : int
    start : date
        First day of the first week.
    weeks : int
    currency, country : str
        ``country`` (ISO 3166) names the public holidays.
    outcome : Sold
    trend_per_year : float
        Linear growth a year, from the window's middle.
    season : tuple of Harmonic
    holiday_effects : dict
        English name of a public holiday → effect of one day.
    unrecorded : Wander
    noise : Noise
    controls : dict
        Series that the company records, by name.
    geos : Regions, optional
        Without them the market is national.
    experiments : tuple of Experiment
        What the company has tried in the window, in this order.
    """

    seed: int = Field(default=1, ge=0)
    start: date = Field(ge=FIRST_DAY, le=LAST_DAY)
    weeks: int = Field(default=156, ge=10, le=2000)
    currency: str = Field(default="EUR", pattern=CURRENCY)
    country: Country | None = None
    outcome: Sold
    trend_per_year: float = Field(default=0.0, ge=-0.5, le=0.5)
    season: tuple[Harmonic, ...] = ()
    holiday_effects: dict[str, float] = Field(default_factory=dict)
    unrecorded: Wander = Wander()
    noise: Noise = Noise(sd=0.02)
    controls: dict[str, Control] = Field(default_factory=dict)
    geos: Regions | None = None
    experiments: tuple[Experiment, ...] = ()

    @field_validator("controls", "channels", "organic", "hidden", "owned", "rivals", check_fields=False)
    @classmethod
    def _plain_names[T](cls, named: dict[str, T]) -> dict[str, T]:
        for name in named:
            if not name.isidentifier():
                raise ValueError(f"'{name}' cannot name a column: use letters, digits and underscores")
        return named

    @model_validator(mode="after")
    def _possible_weeks(self) -> Self:
        if self.holiday_effects and self.country is None:
            raise PlacedError("holiday_effects need a country", "holiday_effects")
        refuse_late(self.start, self.weeks)
        return self

    @property
    def by_geo(self) -> bool:
        """Whether the company's data have a row for every week and geo."""
        return self.geos is not None and self.geos.recorded

    @classmethod
    def from_yaml(cls, path: str | Path) -> Self:
        """Read a world file.

        Raises
        ------
        SpecError
            The file, line and key of the first error, and the remedy.
        """
        from simulations.market.read import read_as  # noqa: PLC0415  (reading knows both engines)

        return read_as(cls, Path(path))


def repeated(names: Iterable[str]) -> set[str]:
    """Return the names that stand more than once."""
    found = list(names)
    return {name for name in found if found.count(name) > 1}
