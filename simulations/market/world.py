"""``world.yaml``: everything a simulated market is made of, its true effects included."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from mmm.config import PlacedError
from simulations.market.any_world import AnyWorld, Sold, repeated
from simulations.market.experiments import refuse_impossible
from simulations.market.hidden import HiddenCause, WithChannel
from simulations.market.patterns import Like, SpendPattern
from simulations.market.sizes import MOST_MONEY
from simulations.market.together import Capacity, Synergy
from simulations.market.truths import ALL, DrawnTruths
from simulations.market.world_media import Channel, Organic


class Outcome(Sold):
    """What the company sells a week; see :class:`~simulations.market.any_world.Sold`.

    Attributes
    ----------
    level : float
        Base outcome of an average week, in outcome units, before media.
    """

    level: float = Field(gt=0, le=MOST_MONEY)


class World(AnyWorld):
    """A market whose truth is known; see :class:`~simulations.market.any_world.AnyWorld` for what is not told here.

    Attributes
    ----------
    engine : str
        ``curves``: effects have a parametric form.
    outcome : Outcome
    trend_per_year, holiday_effects, unrecorded
        Shares of the outcome's level, which is that of the window's middle.
    channels, organic : dict
        By name.
    hidden : dict
        Causes that the company has no data of, by name.
    media_follow_season : float
        Power of the season with which paid effects scale; 0 leaves them constant.
    synergy : tuple of Synergy
    capacity : Capacity, optional
    truths : dict
        Channel or ``all`` → truths that are drawn anew for each seed.
    """

    engine: Literal["curves"] = "curves"
    outcome: Outcome
    hidden: dict[str, HiddenCause] = Field(default_factory=dict)
    channels: dict[str, Channel] = Field(min_length=1)
    organic: dict[str, Organic] = Field(default_factory=dict)
    media_follow_season: float = Field(default=0.0, ge=0, le=5)
    synergy: tuple[Synergy, ...] = ()
    capacity: Capacity | None = None
    truths: dict[str, DrawnTruths] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        first = ["week", "geo", "population"] if self.by_geo else ["week"]
        columns = [*first, self.outcome.name, *self.controls, *self.organic, *self.channel_columns()]
        if twice := repeated(columns):
            raise ValueError(f"the column '{min(twice)}' would stand twice in the data file: rename one")
        both = sorted(set(self.hidden) & set(self.controls))
        if both:
            raise PlacedError(f"'{both[0]}' is a control and a hidden cause: rename one", "hidden", both[0])
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
