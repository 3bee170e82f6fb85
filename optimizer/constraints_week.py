"""Constraints on weeks: how fast spend may move, what is booked, which weeks are dark."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import cvxpy as cp
import numpy as np

from mmm.exceptions import SpecError
from optimizer.limits import Constraint, Frame, Limit, at_least, at_most, constant, each, listed
from optimizer.ranges import spoken


@dataclass(frozen=True)
class Ramp(Constraint):
    """The most that a channel's spend may change from one planned week to the next.

    Attributes
    ----------
    channels : tuple of str or None
    change : float, optional
        Relative to the channel's mean baseline week.
    amount : float, optional
        In money; give one of the two.
    """

    channels: tuple[str, ...] | None
    change: float | None = None
    amount: float | None = None

    def __post_init__(self) -> None:
        given = [value for value in (self.change, self.amount) if value is not None]
        if len(given) != 1 or not (np.isfinite(given[0]) and given[0] >= 0):
            raise SpecError(
                "a ramp needs one limit of 0 or more: a share of the mean baseline week, or an amount of money",
                where=self.name or self.default_name,
                do="Write ramp: 0.2 or ramp: {amount: 5000}.",
            )

    @property
    def default_name(self) -> str:
        return f"ramp({'all' if self.channels is None else ','.join(self.channels)})"

    def limits(self, spend: cp.Expression, frame: Frame) -> tuple[Limit, ...]:
        if len(frame.weeks) < 2:
            return ()
        picked = frame.pick(self.channels, self.name or self.default_name)
        step, labels = spend[picked, 1:] - spend[picked, :-1], tuple(frame.channels[c] for c in picked)
        mean, size = frame.baseline[picked].mean(axis=1)[:, None], frame.typical[picked][:, None]
        most = self.amount if self.amount is not None else (self.change or 0.0) * mean
        unit = 1.0 if self.amount is not None else 0.01 * mean
        return (at_most(step, most, size, unit, labels), at_least(step, -np.asarray(most), size, unit, labels))

    def sentence(self, frame: Frame) -> str:
        most = frame.money(self.amount) if self.amount is not None else f"{self.change:.0%} of its mean baseline week"
        return f"{each(self.channels, first=True)}: from one planned week to the next, a change of at most {most}."

    def loosening(self, frame: Frame) -> str:
        unit = f"{frame.currency} 1" if self.amount is not None else "One percentage point"
        return f"{unit} more room for weekly changes of {each(self.channels)}"

    def loosened(self, units: float) -> Self | None:
        if self.amount is not None:
            return replace(self, amount=self.amount + units) if self.amount + units >= 0 else None
        change = (self.change or 0.0) + 0.01 * units
        return replace(self, change=change) if change >= 0 else None

    def size(self, frame: Frame) -> float:
        return self.amount if self.amount is not None else 100.0 * max(self.change or 0.0, 0.01)


@dataclass(frozen=True)
class Booking:
    """Money booked for one channel in one week (its first day)."""

    channel: str
    week: np.datetime64
    spend: float


@dataclass(frozen=True)
class Booked(Constraint):
    """Spend that is fixed already, or dark weeks (spend 0).

    Attributes
    ----------
    bookings : tuple of Booking
    """

    bookings: tuple[Booking, ...]

    def __post_init__(self) -> None:
        for one in self.bookings:
            if not (np.isfinite(one.spend) and one.spend >= 0):
                raise SpecError(
                    f"the booked spend {one.spend} is not a sum of money",
                    where=self.name or self.default_name,
                    do="Give 0 or more.",
                )

    @property
    def default_name(self) -> str:
        return f"booked({','.join(dict.fromkeys(one.channel for one in self.bookings))})"

    def cells(self, frame: Frame) -> list[tuple[int, int, float]]:
        """Return (channel, week, money) of each booking."""
        where = self.name or self.default_name
        return [(frame.pick([b.channel], where)[0], frame.week(b.week, where), b.spend) for b in self.bookings]

    def limits(self, spend: cp.Expression, frame: Frame) -> tuple[Limit, ...]:
        cells = self.cells(frame)
        if not cells:
            return ()
        channels, weeks = [c for c, _, _ in cells], [t for _, t, _ in cells]
        money = np.array([spent for _, _, spent in cells])
        scale = frame.typical[channels]
        rows = cp.multiply(1.0 / scale, spend[channels, weeks]) == money / scale
        return (Limit(rows, constant(1.0 / scale), tuple(frame.channels[c] for c in channels)),)

    def sentence(self, frame: Frame) -> str:
        return (
            "Booked: "
            + ", ".join(f"{b.channel} {frame.money(b.spend)} in the week of {spoken(b.week)}" for b in self.bookings)
            + "."
        )

    def loosening(self, frame: Frame) -> str:
        return f"One more {frame.currency} in each booked week of {listed(sorted({b.channel for b in self.bookings}))}"

    def loosened(self, units: float) -> Self | None:
        moved = tuple(replace(one, spend=one.spend + units) for one in self.bookings)
        return replace(self, bookings=moved) if all(one.spend >= 0 for one in moved) else None

    def size(self, frame: Frame) -> float:
        return max((one.spend for one in self.bookings), default=0.0)


@dataclass(frozen=True)
class Blackout(Constraint):
    """Weeks in which some channels are dark: nothing is spent.

    Attributes
    ----------
    channels : tuple of str or None
        None: every channel.
    weeks : tuple of datetime64
        First days.
    trickle : float
        Spend of each dark week, money; 0 but where the price of a dark week is looked for.
    """

    channels: tuple[str, ...] | None
    weeks: tuple[np.datetime64, ...]
    trickle: float = 0.0

    def __post_init__(self) -> None:
        if not self.weeks or len(set(self.weeks)) != len(self.weeks):
            says = "a dark week is listed twice" if self.weeks else "no dark week is given"
            raise SpecError(says, where=self.name or self.default_name, do="List each dark week once.")

    @property
    def default_name(self) -> str:
        return f"blackout({'all' if self.channels is None else ','.join(self.channels)})"

    def cells(self, frame: Frame) -> list[tuple[int, int, float]]:
        """Return (channel, week, money) of each dark week."""
        where = self.name or self.default_name
        weeks = [frame.week(day, where) for day in self.weeks]
        return [(c, t, self.trickle) for c in frame.pick(self.channels, where) for t in weeks]

    def limits(self, spend: cp.Expression, frame: Frame) -> tuple[Limit, ...]:
        cells = self.cells(frame)
        channels, weeks = [c for c, _, _ in cells], [t for _, t, _ in cells]
        scale = frame.typical[channels]
        rows = cp.multiply(1.0 / scale, spend[channels, weeks]) == self.trickle / scale
        return (Limit(rows, constant(1.0 / scale), tuple(frame.channels[c] for c in channels)),)

    def sentence(self, frame: Frame) -> str:
        weeks = ", ".join(spoken(day) for day in sorted(self.weeks))
        which = f"the week{'s' * (len(self.weeks) > 1)} of {weeks}"
        spends = "dark in" if self.trickle == 0 else f"{frame.money(self.trickle)} a week in"
        return f"{each(self.channels, first=True)}: {spends} {which}."

    def loosening(self, frame: Frame) -> str:
        return f"{frame.currency} 1 spent in each dark week of {each(self.channels)}"

    def loosened(self, units: float) -> Self | None:
        return replace(self, trickle=self.trickle + units) if self.trickle + units >= 0 else None

    def size(self, frame: Frame) -> float:
        return float(frame.typical[frame.pick(self.channels, self.name or self.default_name)].mean())
