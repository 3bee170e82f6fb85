"""Constraints on weeks: how fast spend may move, what is booked, the observed range; and any written in cvxpy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Self

import cvxpy as cp
import numpy as np

from mmm.arrays import FloatArray
from mmm.exceptions import SpecError
from optimizer.limits import Constraint, Frame, Limit, at_least, at_most, constant, each, listed


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
        return "Booked: " + ", ".join(f"{b.channel} {frame.money(b.spend)} in {b.week}" for b in self.bookings) + "."

    def loosening(self, frame: Frame) -> str:
        return f"One more {frame.currency} in each booked week of {listed(sorted({b.channel for b in self.bookings}))}"

    def loosened(self, units: float) -> Self | None:
        moved = tuple(replace(one, spend=one.spend + units) for one in self.bookings)
        return replace(self, bookings=moved) if all(one.spend >= 0 for one in moved) else None

    def size(self, frame: Frame) -> float:
        return max((one.spend for one in self.bookings), default=0.0)


@dataclass(frozen=True)
class ObservedRange(Constraint):
    """No week of a channel above a multiple of its largest observed week, beyond which the fit has seen nothing.

    Attributes
    ----------
    limit : float
        1.5: half as much again as was ever spent in a week.
    allowed : tuple of str
        Channels that may go beyond.
    """

    limit: float = 1.5
    allowed: tuple[str, ...] = ()

    @property
    def default_name(self) -> str:
        return "observed_range"

    def cap(self, frame: Frame) -> FloatArray:
        """Return the most that each channel may spend in a week, (C,); infinity where it is allowed to go beyond."""
        cap = self.limit * frame.observed_max
        cap[frame.pick(self.allowed, "allow_extrapolation")] = np.inf
        return cap

    def limits(self, spend: cp.Expression, frame: Frame) -> tuple[Limit, ...]:
        cap = self.cap(frame)
        picked = [int(c) for c in np.flatnonzero(np.isfinite(cap))]
        if not picked:
            return ()
        size, observed = frame.typical[picked][:, None], frame.observed_max[picked][:, None]
        labels = tuple(frame.channels[c] for c in picked)
        return (at_most(spend[picked, :], cap[picked][:, None], size, 0.01 * observed, labels),)

    def sentence(self, frame: Frame) -> str:
        text = f"No week above {self.limit:g} times the channel's largest observed week"
        text += " at the planned prices" if frame.repriced else ""
        return text + (f" (allowed: {listed(self.allowed)})." if self.allowed else ".")

    def loosening(self, frame: Frame) -> str:
        return "One percentage point more of the largest observed week"

    def loosened(self, units: float) -> Self | None:
        return replace(self, limit=self.limit + 0.01 * units) if self.limit + 0.01 * units > 0 else None

    def size(self, frame: Frame) -> float:
        return 100.0 * self.limit


@dataclass(frozen=True, eq=False)
class Convex(Constraint):
    """Any convex constraints, written with cvxpy on the plan in money per week, (C, T).

    Attributes
    ----------
    build : callable
        Plan expression → cvxpy constraints.
    says : str
        The sentence that reports use.
    """

    build: Callable[[cp.Expression], Sequence[cp.Constraint]]
    says: str = "A constraint added in Python."

    @property
    def default_name(self) -> str:
        return "convex"

    def limits(self, spend: cp.Expression, frame: Frame) -> tuple[Limit, ...]:
        rows = tuple(self.build(spend))
        for row in rows:
            if not row.is_dcp():
                raise SpecError(
                    "the constraint is not convex by cvxpy's rules",
                    where=self.name or self.default_name,
                    do="Rewrite it, or see cvxpy.org/tutorial/dcp.",
                )
        return tuple(Limit(row, constant(np.asarray(1.0))) for row in rows)

    def sentence(self, frame: Frame) -> str:
        return self.says

    def loosening(self, frame: Frame) -> str:
        return "One unit more on the right-hand side of the added constraint"

    def loosened(self, units: float) -> Self | None:
        return None

    def size(self, frame: Frame) -> float:
        return 1.0
