"""Constraints on what spend brings: a floor on ROAS, a ceiling on the cost of a unit of outcome (CPA).

Both read ``worth · mean response ≥ spend``, which is a convex constraint where every draw's response is concave, for
one channel or for several together: solvers meet it by tangents, and the plan's own figure is recomputed. On S-shaped
curves plans are locally best.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import Self

import cvxpy as cp
import numpy as np

from mmm.arrays import FloatArray
from mmm.exceptions import SpecError
from optimizer.limits import Constraint, Frame, Limit, constant, listed


@dataclass(frozen=True)
class ResponseConstraint(Constraint):
    """A requirement on the mean response of some channels together, over the planning draws.

    Attributes
    ----------
    channels : tuple of str or None
        Counted together; None: all.
    """

    channels: tuple[str, ...] | None

    @abstractmethod
    def worth(self, money_per_outcome: float, value_per_unit: float) -> float:
        """Return the money of spend that one unit of the responses' value allows.

        Parameters
        ----------
        money_per_outcome : float
            Money that a unit of the responses' value is worth.
        value_per_unit : float
            What one unit of outcome counts for in the responses' values.
        """

    @abstractmethod
    def eased(self, spend: float) -> float:
        """Return the spend that one unit of loosening allows besides, where the constraint binds at this spend."""

    def limits(self, spend: cp.Expression, frame: Frame) -> tuple[Limit, ...]:
        """Return no rows: the response is not linear in spend, and solvers add its tangents themselves."""
        frame.pick(self.channels, self.name or self.default_name)
        return ()

    @property
    def who(self) -> str:
        """The channels in words."""
        return "all channels together" if self.channels is None else listed(self.channels)


@dataclass(frozen=True)
class RoasFloor(ResponseConstraint):
    """Incremental value over spend of some channels together, carryover after the horizon included, at least this.

    Attributes
    ----------
    floor : float
        Money of value (outcome where its value is not known) for a unit of money.

    Raises
    ------
    SpecError
        The floor is not above 0.
    """

    floor: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.floor) and self.floor > 0):
            raise SpecError(f"the ROAS floor {self.floor} is not above 0", where="roas_floor", do="Write 2.0, say.")

    @property
    def default_name(self) -> str:
        return f"roas_floor({'all' if self.channels is None else ','.join(self.channels)})"

    def worth(self, money_per_outcome: float, value_per_unit: float) -> float:
        """Return the money of spend that one unit of the responses' value allows."""
        return money_per_outcome / self.floor

    def eased(self, spend: float) -> float:
        """Return the spend that a floor lower by 0.01 allows besides."""
        return 0.01 * spend / self.floor

    def sentence(self, frame: Frame) -> str:
        return f"The ROAS of {self.who} over the horizon, carryover included, is at least {self.floor:g}."

    def loosening(self, frame: Frame) -> str:
        return f"A ROAS floor of {self.who} lower by 0.01"

    def loosened(self, units: float) -> Self | None:
        floor = self.floor - 0.01 * units
        return replace(self, floor=floor) if floor > 0 else None

    def size(self, frame: Frame) -> float:
        return 100.0 * self.floor


@dataclass(frozen=True)
class CpaCeiling(ResponseConstraint):
    """Spend over incremental units of outcome of some channels together at most this.

    Attributes
    ----------
    ceiling : float
        Money for a unit of outcome.

    Raises
    ------
    SpecError
        The ceiling is not above 0.
    """

    ceiling: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.ceiling) and self.ceiling > 0):
            raise SpecError(f"the CPA ceiling {self.ceiling} is not above 0", where="cpa_ceiling", do="Write 30, say.")

    @property
    def default_name(self) -> str:
        return f"cpa_ceiling({'all' if self.channels is None else ','.join(self.channels)})"

    def worth(self, money_per_outcome: float, value_per_unit: float) -> float:
        """Return the money of spend that one unit of the responses' value allows."""
        return self.ceiling / value_per_unit

    def eased(self, spend: float) -> float:
        """Return the spend that a ceiling higher by one unit of money allows besides."""
        return spend / self.ceiling

    def sentence(self, frame: Frame) -> str:
        return (
            f"A unit of incremental outcome costs at most {frame.currency} {self.ceiling:,g} with {self.who} over the "
            "horizon, carryover included."
        )

    def loosening(self, frame: Frame) -> str:
        return f"One more {frame.currency} in the ceiling on the cost of a unit (CPA) of {self.who}"

    def loosened(self, units: float) -> Self | None:
        return replace(self, ceiling=self.ceiling + units) if self.ceiling + units > 0 else None

    def size(self, frame: Frame) -> float:
        return self.ceiling


@dataclass(frozen=True, eq=False)
class Tangent(Constraint):
    """A requirement's tangent at one plan, relative: ``slack + slope · (spend − plan) ≥ 0``; for prices there.

    Attributes
    ----------
    slack : float
    slope, plan : (U, T)
        By row, per unit of money, and money.
    eased : float
        What a unit of loosening adds to the slack.
    """

    slack: float
    slope: FloatArray
    plan: FloatArray
    eased: float

    @property
    def default_name(self) -> str:
        return "tangent"

    def limits(self, spend: cp.Expression, frame: Frame) -> tuple[Limit, ...]:
        left = self.slack - float((self.slope * self.plan).sum())
        row = -cp.sum(cp.multiply(self.slope, spend)) <= left
        return (Limit(row, constant(np.asarray(self.eased))),)

    def sentence(self, frame: Frame) -> str:
        return "The tangent of a requirement on the response."

    def loosening(self, frame: Frame) -> str:
        return "A unit of loosening"

    def loosened(self, units: float) -> Self | None:
        return replace(self, slack=self.slack + units * self.eased)

    def size(self, frame: Frame) -> float:
        return 1.0
