"""``world.yaml``: everything a simulated market is made of, its true effects included."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from mmm.config import StrictModel
from simulations.market.controls import Control
from simulations.market.experiments import Experiment
from simulations.market.hidden import HiddenCause, WithChannel
from simulations.market.patterns import Like, SpendPattern
from simulations.market.regions import Regions
from simulations.market.together import Capacity, Synergy
from simulations.market.truths import ALL, DrawnTruths
from simulations.market.world_media import NAME, Channel, Organic


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

    name: str = Field(default="revenue", pattern=NAME)
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


class World(StrictModel):
    """A market whose truth is known.

    Attributes
    ----------
    engine : str
        ``curves``: effects have a parametric form.
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
    hidden : dict
        Causes that the company has no data of, by name.
    media_follow_season : float
        Power of the season with which paid effects scale; 0 leaves them constant.
    synergy : tuple of Synergy
    capacity : Capacity, optional
    geos : Regions, optional
        Without them the market is national.
    truths : dict
        Channel or ``all`` → truths that are drawn anew for each seed.
    experiments : tuple of Experiment
        What the company has tried in the window, in this order.
    """

    engine: Literal["curves"] = "curves"
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
    hidden: dict[str, HiddenCause] = Field(default_factory=dict)
    channels: dict[str, Channel] = Field(min_length=1)
    organic: dict[str, Organic] = Field(default_factory=dict)
    media_follow_season: float = Field(default=0.0, ge=0, le=5)
    synergy: tuple[Synergy, ...] = ()
    capacity: Capacity | None = None
    geos: Regions | None = None
    truths: dict[str, DrawnTruths] = Field(default_factory=dict)
    experiments: tuple[Experiment, ...] = ()

    @field_validator("controls", "channels", "organic", "hidden")
    @classmethod
    def _plain_names[T](cls, named: dict[str, T]) -> dict[str, T]:
        for name in named:
            if not name.isidentifier():
                raise ValueError(f"'{name}' cannot name a column: use letters, digits and underscores")
        return named

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        first = ["week", "geo"] if self.geos is not None else ["week"]
        columns = [*first, self.outcome.name, *self.controls, *self.organic, *self.channel_columns()]
        twice = sorted({name for name in columns if columns.count(name) > 1})
        if twice:
            raise ValueError(f"the column '{twice[0]}' would stand twice in the data file: rename one")
        if self.holiday_effects and self.country is None:
            raise ValueError("holiday_effects need a country")
        both = sorted(set(self.hidden) & set(self.controls))
        if both:
            raise ValueError(f"'{both[0]}' is a control and a hidden cause: rename one")
        tried = [experiment.name for experiment in self.experiments]
        if len(set(tried)) < len(tried):
            raise ValueError("two experiments have the same name: rename one")
        return self

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        causes = {name for name, spec in self.hidden.items() if not isinstance(spec, WithChannel)} | set(self.controls)
        for name, channel in self.channels.items():
            unknown = sorted(set(channel.follows) - causes)
            if unknown:
                raise ValueError(f"'{name}' follows '{unknown[0]}', which no control or hidden cause before spend is")
            self._like_what(name, channel.spend)
            if channel.roas is None and self._drawn(name, "roas") is None:
                raise ValueError(f"the channel '{name}' has no roas: give it, or let truths draw it")
        for name, organic in self.organic.items():
            self._like_what(name, organic.volume)
        for pair in self.synergy:
            for name in pair.channels:
                self._channel(name)
        for cause in self.hidden.values():
            if isinstance(cause, WithChannel):
                self._channel(cause.channel)
        for named in (*self.truths, *(experiment.channel for experiment in self.experiments)):
            if named != ALL:
                self._channel(named)
        return self

    def _like_what(self, name: str, pattern: SpendPattern) -> None:
        like = pattern.channel if isinstance(pattern, Like) else None
        if like is not None and isinstance(self._channel(like).spend, Like):
            raise ValueError(f"'{name}' is like '{like}', which is itself like another channel")

    def _channel(self, name: str) -> Channel:
        if name not in self.channels:
            raise ValueError(f"there is no channel '{name}': known are {', '.join(self.channels)}")
        return self.channels[name]

    def _drawn(self, channel: str, key: str) -> object:
        own, general = self.truths.get(channel), self.truths.get(ALL)
        found = getattr(own, key, None)
        return getattr(general, key, None) if found is None else found

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
        from simulations.market.read import read_as  # noqa: PLC0415  (a base is a preset, and presets are worlds)

        return read_as(cls, Path(path))
