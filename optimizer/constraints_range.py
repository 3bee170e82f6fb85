"""How far beyond what was observed a plan may go; and any convex constraint written in cvxpy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Self

import cvxpy as cp
import numpy as np

from mmm.arrays import FloatArray
from mmm.exceptions import SpecError
from optimizer.limits import Constraint, Frame, Limit, at_most, constant, listed


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
