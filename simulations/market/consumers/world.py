"""The world file of the consumers' engine: everything its market is made of, its true effects included."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mmm.config import PlacedError, StrictModel
from simulations.market.any_world import AnyWorld, Sold, repeated
from simulations.market.consumers.coordination import Coordination
from simulations.market.consumers.nature import Nature
from simulations.market.consumers.owned import AskedChannel, SentChannel
from simulations.market.consumers.reach_media import ReachChannel
from simulations.market.consumers.rivals import Rival
from simulations.market.consumers.sales import Capacity, Choice, Experience
from simulations.market.consumers.search import SearchChannel
from simulations.market.consumers.talk import TalkChannel
from simulations.market.experiments import refuse_impossible
from simulations.market.journeys.spec import JourneySettings
from simulations.market.patterns import Like, SpendPattern
from simulations.market.regions import Regions
from simulations.market.sizes import MOST_MONEY


class Geos(Regions):
    """Geos of different size and kind; see ``Regions``.

    ``effect`` is here the spread of the strength of every contact between geos.

    Attributes
    ----------
    demand : float
        Spread of the share of people in the market.
    liking : float
        Standard deviation of the log odds of choosing us.
    """

    half: float = Field(default=0.0, ge=0, le=0)
    demand: float = Field(default=0.1, ge=0, le=2)
    liking: float = Field(default=0.1, ge=0, le=2)


class Goods(Sold):
    """What the company sells; see :class:`~simulations.market.any_world.Sold`.

    Attributes
    ----------
    basket : float
        Outcome units of a purchase: money where the outcome is money, 1 where it is orders.
    price : str, optional
        A control whose ratio to its mean multiplies the basket: a higher price sells less and earns more on each.
    """

    basket: float = Field(default=50.0, gt=0, le=MOST_MONEY)
    price: str | None = None


class ActsOn(StrEnum):
    """What a control moves; its ``effect`` is the change of a logarithm for one unit of the control."""

    #: The odds of choosing us: price against a rival's, a promotion.
    CHOICE = "choice"
    #: The chance to decide in this week: a promotion with an end, which borrows from later weeks.
    DECIDE = "decide"
    #: The share of people in the market: weather, the economy.
    DEMAND = "demand"


class Sizes(StrictModel):
    """What the world is scaled to before it is drawn; see :func:`simulations.market.consumers.sizing.sized`.

    Attributes
    ----------
    weekly : float, optional
        Outcome units of an average week, media included; sets the basket.
    roas : dict of str to float
        True ROAS of the channels named; scales their effects, whose proportions stay.
    """

    weekly: float | None = Field(default=None, gt=0, le=MOST_MONEY)
    roas: dict[str, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)


PaidChannel = Annotated[ReachChannel | SearchChannel, Field(discriminator="kind")]
OwnedChannel = Annotated[SentChannel | AskedChannel | TalkChannel, Field(discriminator="kind")]


class ConsumerWorld(AnyWorld):
    """A market of consumers whose truth is known; see :class:`~simulations.market.any_world.AnyWorld` for the rest.

    Without media it sells about *people × in_market × explore · decide / (decide + give_up) × (1 − satiated) × chance
    of choosing us × basket* a week; :func:`simulations.market.consumers.sizing.sized` sets basket and effects for a
    level and ROAS that are asked for.

    Attributes
    ----------
    people : float
        Who could ever buy.
    geos : Geos, optional
    outcome : Goods
    trend_per_year, holiday_effects, unrecorded
        Of the share of people in the market.
    acts_on : dict
        What each control moves; ``choice`` where nothing is said.
    nature, choice, experience, capacity
        How people live, choose, and are changed by buying; how much there is to sell.
    channels, owned, rivals : dict
        By name.
    order : tuple of str, optional
        In which channels, owned ones and rivals act within a week; otherwise reach media, rivals, what is sent, talk,
        search, what is asked for.
    coordination : Coordination
    sizes : Sizes, optional
        Holds for the world's own seed; another seed's market has the same effects, so about the same ROAS.
    journeys : JourneySettings, optional
        People to be followed one by one; without it no journeys are written.
    """

    engine: Literal["consumers"] = "consumers"
    people: float = Field(default=1_000_000.0, gt=0, le=MOST_MONEY)
    geos: Geos | None = None
    outcome: Goods = Goods()
    acts_on: dict[str, ActsOn] = Field(default_factory=dict)
    nature: Nature = Nature()
    choice: Choice = Choice()
    experience: Experience = Experience()
    capacity: Capacity | None = None
    channels: dict[str, PaidChannel] = Field(min_length=1)
    owned: dict[str, OwnedChannel] = Field(default_factory=dict)
    rivals: dict[str, Rival] = Field(default_factory=dict)
    order: tuple[str, ...] | None = None
    coordination: Coordination = Coordination()
    sizes: Sizes | None = None
    journeys: JourneySettings | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        columns = ["week", "geo", "population", self.outcome.name, *self.controls, *self.owned, *self.rivals]
        columns += [f"{name}_spend" for name in self.channels]
        columns += [f"{name}_{spec.exposure.name}" for name, spec in self.channels.items() if spec.recorded]
        if twice := repeated(columns) | repeated(self._acting()):
            raise ValueError(f"the name '{min(twice)}' would stand twice in the data file: rename one")
        strangers = sorted(set(self.coordination.messages) - {*self.channels, *self.owned})
        if strangers:
            known = ", ".join([*self.channels, *self.owned])
            says = f"there is no channel '{strangers[0]}': known are {known}"
            raise PlacedError(says, "coordination", "messages", strangers[0])
        known = ", ".join(self.controls) or "none"
        for name in self.acts_on:
            if name not in self.controls:
                raise PlacedError(f"there is no control '{name}': known are {known}", "acts_on", name)
        if self.outcome.price is not None and self.outcome.price not in self.controls:
            says = f"there is no control '{self.outcome.price}': known are {known}"
            raise PlacedError(says, "outcome", "price")
        refuse_impossible(self.experiments, tuple(self.channels), self.geos)
        for name in self.sizes.roas if self.sizes is not None else ():
            if name not in self.channels:
                says = f"there is no channel '{name}': known are {', '.join(self.channels)}"
                raise PlacedError(says, "sizes", "roas", name)
        return self

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.order is not None and sorted(self.order) != sorted(self._acting()):
            raise PlacedError(f"'order' names each of these once: {', '.join(self._acting())}", "order")
        order = self.acting()
        for name, rival in self.rivals.items():
            if rival.answers is None:
                continue
            if rival.answers not in self.channels:
                says = f"the rival '{name}' answers '{rival.answers}', which is no channel"
                raise PlacedError(says, "rivals", name, "answers")
            if order.index(name) < order.index(rival.answers):
                says = (
                    f"the rival '{name}' acts before '{rival.answers}', which it answers: give an 'order' in which it "
                    "acts after"
                )
                raise PlacedError(says, "rivals", name, "answers")
        return self

    @model_validator(mode="after")
    def _likes(self) -> Self:
        paid = {name: spec.spend for name, spec in self.channels.items() if isinstance(spec, ReachChannel)}
        for name, pattern in (paid | self.volumes()).items():
            if not isinstance(pattern, Like):
                continue
            other = paid.get(pattern.channel)
            if other is None or (name in paid and isinstance(other, Like)):
                says = (
                    f"'{name}' is like '{pattern.channel}', which is no channel of kind reach with a pattern of its own"
                )
                raise PlacedError(says, *self._pattern_at(name), "channel")
        return self

    def _pattern_at(self, name: str) -> tuple[str, ...]:
        """Return where a pattern stands in the file."""
        if name in self.channels:
            return "channels", name, "spend"
        if name in self.rivals:
            return "rivals", name, "volume"
        return "owned", name, "volume" if isinstance(self.owned[name], SentChannel) else "capacity"

    def _acting(self) -> tuple[str, ...]:
        return (*self.channels, *self.owned, *self.rivals)

    def acting(self) -> tuple[str, ...]:
        """Return channels, owned ones and rivals in the order in which they act within a week."""
        if self.order is not None:
            return self.order
        specs = self.channels | self.owned
        kinds = {kind: [name for name, spec in specs.items() if spec.kind == kind] for kind in _KINDS}
        return (*kinds["reach"], *self.rivals, *(n for kind in _KINDS[1:] for n in kinds[kind]))

    def volumes(self) -> dict[str, SpendPattern]:
        """Return the patterns of contacts: of what is sent, of what can be served, of rivals."""
        found: dict[str, SpendPattern] = {}
        for name, spec in self.owned.items():
            if isinstance(spec, SentChannel):
                found[name] = spec.volume
            elif isinstance(spec, AskedChannel):
                found[name] = spec.capacity
        return found | {name: rival.volume for name, rival in self.rivals.items()}

    @property
    def recorded_owned(self) -> tuple[str, ...]:
        """The owned channels that the company's data have: all but talk."""
        return tuple(name for name, spec in self.owned.items() if not isinstance(spec, TalkChannel))


_KINDS = ("reach", "sent", "talk", "search", "asked")
