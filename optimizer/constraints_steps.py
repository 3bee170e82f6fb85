"""Limits that follow from where a plan stands: a step of a roll-out, and the weeks left of a horizon."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import cvxpy as cp
import numpy as np

from optimizer.limits import Constraint, Frame, Limit, at_least, at_most, each


@dataclass(frozen=True)
class WithinOf(Constraint):
    """Each channel's total stays between two figures: a step's limits.

    Attributes
    ----------
    low, high : tuple of float
        Money over the horizon, one a channel.
    """

    low: tuple[float, ...]
    high: tuple[float, ...]

    @property
    def default_name(self) -> str:
        return "step"

    def limits(self, spend: cp.Expression, frame: Frame) -> tuple[Limit, ...]:
        total, size = cp.sum(spend, axis=1), frame.typical * len(frame.weeks)
        return (
            at_most(total, np.array(self.high), size, 1.0, frame.channels),
            at_least(total, np.array(self.low), size, 1.0, frame.channels),
        )

    def sentence(self, frame: Frame) -> str:
        return "Each channel: total over the horizon within the change allowed since the step before."

    def loosening(self, frame: Frame) -> str:
        return f"{frame.currency} 1 more room for each channel in this step"

    def loosened(self, units: float) -> Self | None:
        low = tuple(max(value - units, 0.0) for value in self.low)
        high = tuple(value + units for value in self.high)
        return replace(self, low=low, high=high) if all(a <= b for a, b in zip(low, high, strict=True)) else None

    def size(self, frame: Frame) -> float:
        return max(self.high)


@dataclass(frozen=True)
class CapFrom(Constraint):
    """No week from some week on above a channel's cap, each listed channel by itself.

    Attributes
    ----------
    channels : tuple of str
    caps : tuple of float
        Money a week, one a channel.
    first : int
        Position of the first week that it is about.
    """

    channels: tuple[str, ...]
    caps: tuple[float, ...]
    first: int

    @property
    def default_name(self) -> str:
        return "cap of the weeks left"

    def limits(self, spend: cp.Expression, frame: Frame) -> tuple[Limit, ...]:
        picked = frame.pick(self.channels, self.name or self.default_name)
        size, caps = frame.typical[picked][:, None], np.array(self.caps)[:, None]
        return (at_most(spend[picked, self.first :], caps, size, 1.0, self.channels),)

    def sentence(self, frame: Frame) -> str:
        caps = ", ".join(f"{name} {frame.money(cap)}" for name, cap in zip(self.channels, self.caps, strict=True))
        return f"From the week of {frame.weeks[self.first]} on, no week above the observed range: {caps}."

    def loosening(self, frame: Frame) -> str:
        return f"{frame.currency} 1 more room for {each(self.channels)} in every week left"

    def loosened(self, units: float) -> Self | None:
        caps = tuple(cap + units for cap in self.caps)
        return replace(self, caps=caps) if min(caps) > 0 else None

    def size(self, frame: Frame) -> float:
        return max(self.caps)
