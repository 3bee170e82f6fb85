"""``world.yaml``: everything a simulated market is made of, its true effects included."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import AfterValidator, Field, field_validator, model_validator

from mmm.config import PlacedError, StrictModel
from mmm.exceptions import SpecError
from mmm.transforms.time_bases import holiday_counts
from simulations.market.controls import Control
from simulations.market.experiments import Experiment, refuse_impossible
from simulations.market.hidden import HiddenCause, WithChannel
from simulations.market.patterns import Like, SpendPattern
from simulations.market.regions import Regions
from simulations.market.sizes import CURRENCY, FIRST_DAY, LAST_DAY, MOST_MONEY, refuse_late
from simulations.market.together import Capacity, Synergy
from simulations.market.truths import ALL, DrawnTruths
from simulations.market.world_media import NAME, Channel, Organic


def _known_country(code: str) -> str:
    """Return a country whose holidays are known."""
    try:
        holiday_counts(np.array(["2024-01-01"], dtype="datetime64[D]"), code)
    except SpecError as error:
        raise ValueError(f"{error.says}: use an ISO 3166 code such as DE, or leave the key out") from error
    return code


Country = Annotated[str, AfterValidator(_known_country)]


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
    level: float = Field(gt=0, le=MOST_MONEY)
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
    start: date = Field(ge=FIRST_DAY, le=LAST_DAY)
    weeks: int = Field(default=156, ge=10, le=2000)
    currency: str = Field(default="EUR", pattern=CURRENCY)
    country: Country | None = None
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
        apart = self.geos is not None and self.geos.recorded
        first = ["week", "geo", "population"] if apart else ["week"]
        columns = [*first, self.outcome.name, *self.controls, *self.organic, *self.channel_columns()]
        twice = sorted({name for name in columns if columns.count(name) > 1})
        if twice:
            raise ValueError(f"the column '{twice[0]}' would stand twice in the data file: rename one")
        if self.holiday_effects and self.country is None:
            raise PlacedError("holiday_effects need a country", "holiday_effects")
        both = sorted(set(self.hidden) & set(self.controls))
        if both:
            raise PlacedError(f"'{both[0]}' is a control and a hidden cause: rename one", "hidden", both[0])
        refuse_late(self.start, self.weeks)
        refuse_impossible(self.experiments, tuple(self.channels), self.geos)
        return self

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        causes = {name for name, spec in self.hidden.items() if not isinstance(spec, WithChannel)} | set(self.controls)
        for name, channel in self.channels.items():
            unknown = sorted(set(channel.follows) - causes)
            if unknown:
                says = (
                    f"'{name}' follows '{unknown[0]}', which is no control and no hidden cause that comes before spend"
                )
                raise PlacedError(says, "channels", name, "follows", unknown[0])
            self._like_what(name, channel.spend, "channels", name, "spend", "channel")
            if channel.roas is None and self._drawn(name, "roas") is None:
                says = f"the channel '{name}' has no roas: give it, or let truths draw it"
                raise PlacedError(says, "channels", name)
        for name, organic in self.organic.items():
            self._like_what(name, organic.volume, "organic", name, "volume", "channel")
        self._pairs()
        for name, cause in self.hidden.items():
            if isinstance(cause, WithChannel):
                self._channel(cause.channel, "hidden", name, "channel")
        for name in self.truths:
            if name != ALL:
                self._channel(name, "truths", name)
        return self

    def _pairs(self) -> None:
        pairs = [frozenset(pair.channels) for pair in self.synergy]
        for number, pair in enumerate(self.synergy):
            for name in pair.channels:
                self._channel(name, "synergy", number, "channels")
            if pairs.index(pairs[number]) < number:
                says = f"the synergy of '{pair.channels[0]}' and '{pair.channels[1]}' is given twice: keep one"
                raise PlacedError(says, "synergy", number, "channels")

    def _like_what(self, name: str, pattern: SpendPattern, *at: str | int) -> None:
        like = pattern.channel if isinstance(pattern, Like) else None
        if like is not None and isinstance(self._channel(like, *at).spend, Like):
            raise PlacedError(f"'{name}' is like '{like}', which is itself like another channel", *at)

    def _channel(self, name: str, *at: str | int) -> Channel:
        if name not in self.channels:
            raise PlacedError(f"there is no channel '{name}': known are {', '.join(self.channels)}", *at)
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
