"""Entries about amounts: money, shares, the baseline, ratios, the last plan."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mmm.exceptions import SpecError
from optimizer.constraints import Bounds, ChangeVsBaseline, Constraint, GroupBounds, GroupShare, Ratio, StayWithin
from optimizer.statements_base import Kind, Known, Money, Share, Who


class AmountKeys(Who):
    """Keys about amounts."""

    min: Money | None = Field(None, description="At least this much money (with `ratio_to`: at least this ratio).")
    max: Money | None = Field(None, description="At most this much money (with `ratio_to`: at most this ratio).")
    min_share: Share | None = Field(None, description="At least this share of all spend: 0.4 for 40 %.")
    max_share: Share | None = Field(None, description="At most this share of all spend.")
    change_vs_baseline: Annotated[float, Field(ge=0)] | None = Field(
        None, description="0.3: between 70 % and 130 % of the baseline."
    )
    ratio_to: str | tuple[str, ...] | None = Field(
        None, description="The channel, or the channels together, on the other side of the ratio."
    )
    stay_within: Annotated[float, Field(ge=0)] | None = Field(
        None, description="0.2: at most 20 % of the last plan's money is moved."
    )
    of: str | None = Field(
        None, description="The last plan: a CSV of week, channel, spend. Without it: the baseline of the brief."
    )


def bounds(entry: AmountKeys, known: Known) -> Constraint:
    """Money of each channel, or of the group together."""
    least, most = entry.money(entry.min, known), entry.money(entry.max, known)
    if entry.group is not None:
        together = entry.together(known.channels)
        return GroupBounds(entry.label(known.channels), together, least, most, entry.per, name=entry.name)
    return Bounds(entry.members, least, most, entry.per, name=entry.name)


def share(entry: AmountKeys, known: Known) -> Constraint:
    """Share of all spend, for some of the channels together."""
    together = entry.together(known.channels)
    if set(together) >= set(known.channels):
        raise SpecError("all channels together always have all of the spend", do="Name the channels of the group.")
    label = entry.label(known.channels)
    return GroupShare(label, together, entry.min_share, entry.max_share, entry.per, name=entry.name)


def change(entry: AmountKeys, _: Known) -> Constraint:
    """Each channel within a share of its baseline."""
    return ChangeVsBaseline(entry.members, entry.change_vs_baseline or 0.0, entry.per, name=entry.name)


def ratio(entry: AmountKeys, known: Known) -> Constraint:
    """The channels together over others together."""
    given = entry.ratio_to or ()
    others = (given,) if isinstance(given, str) else given
    for name in others:
        if name not in known.channels:
            do = f"Known: {', '.join(known.channels)}."
            raise SpecError(f"the channel '{name}' in 'ratio_to' is not in the fit", do=do)
    return Ratio(entry.together(known.channels), others, entry.min, entry.max, entry.per, name=entry.name)


def stay_within(entry: AmountKeys, known: Known) -> Constraint:
    """Money moved against the last plan."""
    if entry.of is not None and entry.geos is not None:
        says = "a last plan from a file is national, and this entry is about geos"
        raise SpecError(says, do="Remove 'of': the baseline of those geos is then the last plan. Or remove 'geos'.")
    moved = entry.stay_within or 0.0
    if entry.of is None:
        return StayWithin(entry.members, moved, per=entry.per, name=entry.name)
    last = known.read(entry.of, f"{known.where}.of")
    return StayWithin(entry.members, moved, last, f"the plan in {entry.of}", entry.per, name=entry.name)


KINDS = (
    Kind(
        "Least and most money: of each channel by itself, or with `group` of the listed channels together. With "
        "`unit: volume` least and most of what one channel serves or buys: the capacity of a service.",
        ("min", "max"),
        bounds,
        uses=("group", "per", "unit"),
        price="one unit of money more room, in each period that `per` names",
    ),
    Kind(
        "Least and most share of all spend, for the listed channels together: a department, brand against performance.",
        ("min_share", "max_share"),
        share,
        uses=("group", "per"),
        price="one percentage point more room for the share",
    ),
    Kind(
        "Each listed channel stays within a share of its own baseline, in each period that `per` names.",
        ("change_vs_baseline",),
        change,
        uses=("per",),
        price="one percentage point more room",
    ),
    Kind(
        "The listed channels together spend at least `min` and at most `max` for each unit of money on the channels in "
        "`ratio_to`.",
        ("ratio_to",),
        ratio,
        uses=("min", "max", "per"),
        price="0.01 more room for the ratio",
    ),
    Kind(
        "Stability: the money that is moved against the last plan is at most a share of that plan's total. Moved money "
        "is half the sum of all differences, up and down, so that a sum taken from one channel and given to another "
        "counts once. Channel totals are compared; with `per: week` (month, quarter) the totals of each week, so that "
        "money moved in time counts as well.",
        ("stay_within",),
        stay_within,
        uses=("of", "per"),
        price="one percentage point more of the last plan to move",
    ),
)
