"""``world.yaml``: everything a simulated market is made of, its true effects included."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Self

from pydantic import Field, field_validator, model_validator

from mmm.config import StrictModel, load_yaml, parse
from mmm.transforms.saturation import Saturation
from simulations.market.controls import Control
from simulations.market.patterns import SpendPattern

_NAME = r"^[A-Za-z_][A-Za-z0-9_]*$"


class Outcome(StrictModel):
    """What the company sells a week.

    Attributes
    ----------
    name : str
        Column in the data file.
    level : float
        Base outcome of an average week, in outcome units, before media.
    value : float, optional
        Money per outcome unit; leave out where the outcome is money.
    decimals : int
        Digits after the point in the data file: 2 for money, 0 for orders.
    """

    name: str = Field(default="revenue", pattern=_NAME)
    level: float = Field(gt=0)
    value: float | None = Field(default=None, gt=0)
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
    """Independent weekly noise: ``sd`` as a share of the level, or ``r2``, the share of variance that is not noise."""

    sd: float | None = Field(default=None, ge=0, le=1)
    r2: float | None = Field(default=None, gt=0, lt=1)

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.sd is None) == (self.r2 is None):
            raise ValueError("give either sd or r2 for the noise, not both")
        return self


class Exposure(StrictModel):
    """What the money buys, where the company records it.

    Attributes
    ----------
    name : str
        Such as impressions or clicks; the column is ``<channel>_<name>``.
    cost : float
        Money per exposure.
    noise : float
        Standard deviation of the log of a week's cost.
    """

    name: str = Field(default="impressions", pattern=_NAME)
    cost: float = Field(gt=0)
    noise: float = Field(default=0.05, ge=0, le=1)


class SaturationCurve(StrictModel):
    """Form of the response; ``half`` is in multiples of the mean media of the weeks on air."""

    form: Saturation = Saturation.HILL
    half: float = Field(default=1.0, gt=0)
    slope: float = Field(default=1.0, gt=0, le=10)


class Channel(StrictModel):
    """A paid channel and the return it truly has.

    Attributes
    ----------
    spend : SpendPattern
    exposure : Exposure, optional
        Without it the response is to money.
    adstock : float
        Weekly retention.
    saturation : SaturationCurve
    roas : float
        Outcome (in money where there is a value) lost if the window's spend were zero, over that spend.
    """

    spend: SpendPattern
    exposure: Exposure | None = None
    adstock: float = Field(default=0.0, ge=0, lt=1)
    saturation: SaturationCurve = SaturationCurve()
    roas: float = Field(ge=0)


class Organic(StrictModel):
    """Media that cost service rather than money.

    Attributes
    ----------
    volume : SpendPattern
        ``weekly`` is then a number of exposures, and ``books_in`` usually 1.
    share : float
        Part of the window's base outcome that would be lost without it.
    """

    volume: SpendPattern
    adstock: float = Field(default=0.0, ge=0, lt=1)
    saturation: SaturationCurve = SaturationCurve()
    share: float = Field(ge=0, le=1)


class World(StrictModel):
    """A market whose truth is known.

    Attributes
    ----------
    seed : int
    start : date
        First day of the first week.
    weeks : int
    currency, country : str
        ``country`` (ISO 3166) names the public holidays.
    outcome : Outcome
    trend_per_year : float
        Linear growth a year, as a share of the level; the level is that of the window's middle.
    season : tuple of Harmonic
    holiday_effects : dict
        English name of a public holiday → effect of one day, as a share of the week's level.
    unrecorded : Wander
    noise : Noise
    controls, channels, organic : dict
        By name.
    media_follow_season : float
        Power of the season with which paid effects scale; 0 leaves them constant.
    """

    seed: int = Field(default=1, ge=0)
    start: date = Field(ge=date(1950, 1, 1), le=date(2100, 1, 1))
    weeks: int = Field(default=156, ge=10, le=2000)
    currency: str = "EUR"
    country: str | None = None
    outcome: Outcome
    trend_per_year: float = Field(default=0.0, ge=-0.5, le=0.5)
    season: tuple[Harmonic, ...] = ()
    holiday_effects: dict[str, float] = Field(default_factory=dict)
    unrecorded: Wander = Wander()
    noise: Noise = Noise(sd=0.02)
    controls: dict[str, Control] = Field(default_factory=dict)
    channels: dict[str, Channel] = Field(min_length=1)
    organic: dict[str, Organic] = Field(default_factory=dict)
    media_follow_season: float = Field(default=0.0, ge=0, le=5)

    @field_validator("controls", "channels", "organic")
    @classmethod
    def _plain_names[T](cls, named: dict[str, T]) -> dict[str, T]:
        for name in named:
            if not name.isidentifier():
                raise ValueError(f"'{name}' cannot name a column: use letters, digits and underscores")
        return named

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        columns = ["week", self.outcome.name, *self.controls, *self.organic, *self.channel_columns()]
        twice = sorted({name for name in columns if columns.count(name) > 1})
        if twice:
            raise ValueError(f"the column '{twice[0]}' would stand twice in the data file: rename one")
        if self.holiday_effects and self.country is None:
            raise ValueError("holiday_effects need a country")
        return self

    def channel_columns(self) -> tuple[str, ...]:
        """Return the data file's media columns, in order."""
        columns: list[str] = []
        for name, channel in self.channels.items():
            columns.append(f"{name}_spend")
            if channel.exposure is not None:
                columns.append(f"{name}_{channel.exposure.name}")
        return tuple(columns)

    @classmethod
    def from_yaml(cls, path: str | Path) -> World:
        """Read ``world.yaml``.

        Raises
        ------
        SpecError
            The file, line and key of the first error, and the remedy.
        """
        return parse(cls, load_yaml(path))
