"""One entry under ``constraints`` of a brief, and the constraint it stands for."""

from __future__ import annotations

from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from mmm.config import StrictModel
from mmm.exceptions import SpecError
from mmm.response.stated import Day
from optimizer.constraints import (
    Booked,
    Booking,
    Bounds,
    ChangeVsBaseline,
    Constraint,
    GroupBounds,
    GroupShare,
    Per,
    Ramp,
)

Money = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class RampAmount(StrictModel):
    """A ramp in money."""

    amount: Money


class BookedWeeks(StrictModel):
    """The same sum in each of some weeks, given by their first days."""

    weeks: tuple[Day, ...] = Field(min_length=1)
    spend: Money


class Statement(StrictModel):
    """One constraint as people write it.

    Attributes
    ----------
    channel, channels : str, ``all`` or list of str
        Whom it is about; give one of the two.
    group : str, optional
        What to call the listed channels; with it, money limits are of their sum. Only with money or share limits.
    min, max : float, optional
        Money: of each channel by itself, or of the group together.
    min_share, max_share : float, optional
        Of all spend, for the group together; not for all channels.
    change_vs_baseline : float, optional
        0.3: each channel within 30 % of its baseline.
    ramp : float or {amount: money}, optional
        The most that a week may differ from the one before, in shares of the channel's mean baseline week or in money.
    booked : {date: money} or {weeks: [dates], spend: money in each}, optional
        Spend that is fixed already; 0 for a dark week.
    allow_extrapolation : bool
        The channel may go beyond 1.5 times its largest observed week.
    per : Per
        ``horizon`` or ``week``.
    name : str
        The key of its shadow price.
    """

    channel: str | None = None
    channels: Literal["all"] | tuple[str, ...] | None = None
    group: str | None = None
    min: Money | None = None
    max: Money | None = None
    min_share: Share | None = None
    max_share: Share | None = None
    change_vs_baseline: Annotated[float, Field(ge=0)] | None = None
    ramp: RampAmount | Money | None = None
    booked: BookedWeeks | dict[Day, Money] | None = None
    allow_extrapolation: bool = False
    per: Per = Per.HORIZON
    name: str = ""

    @property
    def _kinds(self) -> list[str]:
        given = {
            "min or max": self.min is not None or self.max is not None,
            "min_share or max_share": self.min_share is not None or self.max_share is not None,
            "change_vs_baseline": self.change_vs_baseline is not None,
            "ramp": self.ramp is not None,
            "booked": self.booked is not None,
        }
        return [kind for kind, there in given.items() if there]

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if (self.channel is None) == (self.channels is None):
            raise ValueError("give 'channel' (one) or 'channels' (all, or a list)")
        if len(self._kinds) > 1:
            raise ValueError(f"one constraint says one thing, not {' and '.join(self._kinds)}: write an entry for each")
        if not self._kinds and not self.allow_extrapolation:
            raise ValueError("say what is limited: min, max, min_share, max_share, change_vs_baseline, ramp or booked")
        if self.booked is not None and self.channel is None:
            raise ValueError("'booked' is of one channel: give 'channel'")
        if self.per is Per.WEEK and self._kinds in (["ramp"], ["booked"]):
            raise ValueError(f"'per' has no meaning with '{self._kinds[0]}', which is about weeks already")
        if self.group is not None and self._kinds not in (["min or max"], ["min_share or max_share"]):
            kind = (self._kinds or ["allow_extrapolation"])[0]
            raise ValueError(
                f"'group' is for min, max, min_share and max_share: with '{kind}' each channel is meant by itself, so "
                "remove 'group'"
            )
        return self

    @property
    def members(self) -> tuple[str, ...] | None:
        """The channels it is about; None for all."""
        if self.channel is not None:
            return (self.channel,)
        return None if self.channels == "all" or self.channels is None else self.channels

    def check(self, known: tuple[str, ...], where: str) -> None:
        """Refuse channels that the fit does not have.

        Raises
        ------
        SpecError
        """
        for name in self.members or ():
            if name not in known:
                raise SpecError(
                    f"the channel '{name}' is not in the fit",
                    where=f"{where}.{'channel' if self.channel is not None else 'channels'}",
                    do=f"Known: {', '.join(known)}.",
                )

    def constraint(self, known: tuple[str, ...]) -> Constraint | None:
        """Return the constraint; None where it only allows extrapolation.

        Raises
        ------
        SpecError
            A share of all channels, or limits that contradict themselves.
        """
        who = self.members
        together = who if who is not None else known
        label = self.group or ", ".join(together)
        if self.min is not None or self.max is not None:
            if self.group is not None:
                return GroupBounds(label, together, self.min, self.max, self.per, name=self.name)
            return Bounds(who, self.min, self.max, self.per, name=self.name)
        if self.min_share is not None or self.max_share is not None:
            if set(together) >= set(known):
                raise SpecError(
                    "all channels together always have all of the spend", do="Name the channels of the group."
                )
            return GroupShare(label, together, self.min_share, self.max_share, self.per, name=self.name)
        if self.change_vs_baseline is not None:
            return ChangeVsBaseline(who, self.change_vs_baseline, self.per, name=self.name)
        if self.ramp is not None:
            amount = self.ramp.amount if isinstance(self.ramp, RampAmount) else None
            return Ramp(who, None if isinstance(self.ramp, RampAmount) else self.ramp, amount, name=self.name)
        if self.booked is not None and self.channel is not None:
            return Booked(self._bookings(self.channel), name=self.name)
        return None

    def _bookings(self, channel: str) -> tuple[Booking, ...]:
        if isinstance(self.booked, BookedWeeks):
            return tuple(Booking(channel, np.datetime64(day, "D"), self.booked.spend) for day in self.booked.weeks)
        return tuple(Booking(channel, np.datetime64(day, "D"), money) for day, money in (self.booked or {}).items())
