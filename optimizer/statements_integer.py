"""Entries with whole numbers in them: weeks and channels that are on or off, bursts, multiples."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from mmm.config import StrictModel
from optimizer.constraints import ActiveChannels, ActiveWeeks, Bursts, Constraint, MinWhenOn, Multiples
from optimizer.periods import Per
from optimizer.statements_base import Kind, Known, Who

Count = Annotated[int, Field(ge=0, strict=True)]
PositiveSum = Annotated[float, Field(gt=0)]


class CountRange(StrictModel):
    """At least and at most so many."""

    min: Count | None = Field(None, description="At least so many.")
    max: Count | None = Field(None, description="At most so many.")


class BurstRange(StrictModel):
    """How long a burst lasts, and how long the rest after it."""

    min: Annotated[int, Field(ge=1, strict=True)] | None = Field(None, description="Weeks on in a row, at least.")
    max: Annotated[int, Field(ge=1, strict=True)] | None = Field(None, description="Weeks on in a row, at most.")
    rest: Count | None = Field(None, description="Weeks off between two bursts, at least.")


def _as_most(value: object) -> object:
    """Read a bare number as a maximum."""
    return {"max": value} if isinstance(value, int) and not isinstance(value, bool) else value


Counted = Annotated[CountRange, BeforeValidator(_as_most, json_schema_input_type=int | CountRange)]


class IntegerKeys(Who):
    """Keys with whole numbers in them."""

    min_when_on: PositiveSum | None = Field(None, description="Money: a week has nothing, or at least this.")
    active_weeks: Counted | None = Field(
        None,
        description="`{min, max}` of the horizon's weeks in which the channel is on; a bare number is the maximum. A "
        "trifle is enough to be on: with a `min`, state `min_when_on` in an entry of its own as well.",
    )
    active_channels: Counted | None = Field(
        None, description="`{min, max}` of the listed channels that are on; a bare number is the maximum."
    )
    burst: BurstRange | None = Field(None, description="`{min, max}` weeks on in a row, `rest` weeks off between.")
    multiples: PositiveSum | None = Field(None, description="Money: a week's spend is a whole number of this.")


def min_when_on(entry: IntegerKeys, known: Known) -> Constraint:
    """Nothing, or at least a sum."""
    return MinWhenOn(entry.members, entry.money(entry.min_when_on, known) or 0.0, name=entry.name)


def active_weeks(entry: IntegerKeys, _: Known) -> Constraint:
    """How many weeks are on."""
    given = entry.active_weeks or CountRange()
    return ActiveWeeks(entry.members, given.min, given.max, name=entry.name)


def active_channels(entry: IntegerKeys, _: Known) -> Constraint:
    """How many channels are on."""
    given = entry.active_channels or CountRange()
    return ActiveChannels(entry.members, given.min, given.max, entry.per, name=entry.name)


def burst(entry: IntegerKeys, _: Known) -> Constraint:
    """Weeks on in a row, and rest."""
    given = entry.burst or BurstRange()
    return Bursts(entry.members, given.min, given.max, given.rest, name=entry.name)


def multiples(entry: IntegerKeys, known: Known) -> Constraint:
    """Whole numbers of a sum."""
    return Multiples(entry.members, entry.money(entry.multiples, known) or 0.0, name=entry.name)


KINDS = (
    Kind(
        "In each week, a listed channel spends nothing or at least a sum; where totals are decided, in total.",
        ("min_when_on",),
        min_when_on,
        uses=("unit",),
        price="one unit of money less as the minimum",
    ),
    Kind(
        "In how many of the horizon's weeks each listed channel is on. Weeks must be decided.",
        ("active_weeks",),
        active_weeks,
        weekly=tuple(Per),
    ),
    Kind(
        "How many of the listed channels are on: in any week of the horizon, or in each period that `per` names.",
        ("active_channels",),
        active_channels,
        uses=("per",),
        weekly=tuple(per for per in Per if per is not Per.HORIZON),
    ),
    Kind(
        "Pulsing: each listed channel is on for some weeks in a row, then rests. The horizon is looked at by itself: a "
        "burst has its least number of weeks inside it, and no rest is missing at its edges. Weeks must be decided.",
        ("burst",),
        burst,
        weekly=tuple(Per),
    ),
    Kind(
        "Spots and packages: what a listed channel spends in a week is a whole number of a sum; where totals are "
        "decided, the total is. With `unit: volume` a whole number of a volume: what one agent serves in a week.",
        ("multiples",),
        multiples,
        uses=("unit",),
    ),
)
