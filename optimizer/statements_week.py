"""Entries about weeks: how fast spend may move, what is booked, what is dark, what may pass the observed range."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mmm.config import StrictModel
from mmm.response.stated import Day
from optimizer.constraints import Blackout, Booked, Booking, Constraint, Ramp
from optimizer.statements_base import Kind, Known, Money, Who


class RampAmount(StrictModel):
    """A ramp in money."""

    amount: Money = Field(description="Money, from one week to the next.")


class BookedWeeks(StrictModel):
    """The same sum in each of some weeks, given by their first days."""

    weeks: tuple[Day, ...] = Field(min_length=1, description="First days of weeks.")
    spend: Money = Field(description="Money in each of them.")


class WeekKeys(Who):
    """Keys about weeks."""

    ramp: RampAmount | Money | None = Field(
        None,
        description="The most that a week may differ from the one before: 0.25 of the mean baseline week, or money.",
    )
    booked: BookedWeeks | dict[Day, Money] | None = Field(
        None, description="Money by week's first day, or weeks and the sum in each; 0 is a dark week."
    )
    blackout: Annotated[tuple[Day, ...], Field(min_length=1)] | None = Field(
        None, description="First days of the weeks in which nothing is spent."
    )
    allow_extrapolation: bool = Field(
        default=False, description="Whether weeks may pass 1.5 times the channel's largest observed week."
    )


def ramp(entry: WeekKeys, _: Known) -> Constraint:
    """The most that spend may move between weeks."""
    if isinstance(entry.ramp, RampAmount):
        return Ramp(entry.members, None, entry.ramp.amount, name=entry.name)
    return Ramp(entry.members, entry.ramp, name=entry.name)


def booked(entry: WeekKeys, known: Known) -> Constraint:
    """Spend that is fixed already."""
    channel = entry.channel or ""
    if isinstance(entry.booked, BookedWeeks):
        sums = dict.fromkeys(entry.booked.weeks, entry.booked.spend)
        cells = [(day, sums[day]) for day in entry.booked.weeks]
    else:
        cells = list((entry.booked or {}).items())
    return Booked(tuple(Booking(channel, known.week(day), spend) for day, spend in cells), name=entry.name)


def blackout(entry: WeekKeys, known: Known) -> Constraint:
    """Weeks in which nothing is spent."""
    weeks = tuple(known.week(day) for day in entry.blackout or ())
    return Blackout(entry.members, weeks, name=entry.name)


def extrapolation(entry: WeekKeys, _: Known) -> None:
    """No constraint: it lifts the automatic one."""


KINDS = (
    Kind(
        "The most that a week may differ from the week before.",
        ("ramp",),
        ramp,
        price="one more percentage point of the mean baseline week, or one more unit of money,",
    ),
    Kind(
        "Spend that is fixed already. The plan keeps it to the cent.",
        ("booked",),
        booked,
        price="one more unit of money in each booked week",
        one=True,
    ),
    Kind(
        "Weeks in which nothing is spent. Where totals are decided, the flighting leaves them out.",
        ("blackout",),
        blackout,
        price="one unit of money spent in each dark week",
    ),
    Kind(
        "A channel is kept below 1.5 times its largest observed week, because beyond it the fit has seen nothing. This "
        "lifts that limit.",
        ("allow_extrapolation",),
        extrapolation,
    ),
)
