"""What every constraint is made of: the frame it is stated in, and rows that carry their own scale and price."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Self

import cvxpy as cp
import numpy as np

from mmm.arrays import FloatArray, WeekArray
from mmm.exceptions import SpecError
from mmm.reporting.numbers import money
from optimizer.periods import Per, Periods, periods


@dataclass(frozen=True, eq=False)
class Frame:
    """What a constraint may refer to.

    Attributes
    ----------
    channels : tuple of str
        C of them.
    weeks : (T,) datetime64[D]
    baseline : (C, T)
        Business-as-usual spend, money per week.
    observed_max : (C,)
        Largest observed week of spend, money; at the planned prices where ``repriced``.
    currency : str
    repriced : bool
        Whether an exposure is planned at another cost than today's.
    fiscal_year_start : int
        Month in which the fiscal year begins, 1 to 12.
    """

    channels: tuple[str, ...]
    weeks: WeekArray
    baseline: FloatArray
    observed_max: FloatArray
    currency: str = "EUR"
    repriced: bool = False
    fiscal_year_start: int = 1

    def periods(self, per: Per) -> Periods:
        """Return the horizon's periods of a kind."""
        return periods(self.weeks, per, self.fiscal_year_start)

    @property
    def typical(self) -> FloatArray:
        """A typical week of each channel, money, (C,), positive: the scale of its rows."""
        mean = self.baseline.mean(axis=1)
        typical = np.where(mean > 0, mean, self.observed_max)
        overall = float(typical.mean())
        floor = 1e-3 * overall if overall > 0 else 1.0
        return np.maximum(typical, floor)

    def pick(self, names: Sequence[str] | None, where: str) -> list[int]:
        """Return the positions of channels; None means all.

        Raises
        ------
        SpecError
            A name is not a channel, or is given twice.
        """
        if names is None:
            return list(range(len(self.channels)))
        for name in names:
            if name not in self.channels:
                raise SpecError(
                    f"the channel '{name}' is not in the fit", where=where, do=f"Known: {', '.join(self.channels)}."
                )
        if len(set(names)) != len(names):
            raise SpecError("a channel is listed twice", where=where, do="List each channel once.")
        return [self.channels.index(name) for name in names]

    def week(self, day: np.datetime64, where: str) -> int:
        """Return the position of a week of the horizon, given by its first day."""
        found = np.flatnonzero(self.weeks == day)
        if not len(found):
            raise SpecError(
                f"the week {day} is not a week of the horizon ({self.weeks[0]} to {self.weeks[-1]})",
                where=where,
                do="Give each week by its first day.",
            )
        return int(found[0])

    def money(self, amount: float) -> str:
        """Say an amount of money as pages do: ``EUR 4,000``."""
        return money(amount, self.currency)


@dataclass(frozen=True, eq=False)
class Limit:
    """Rows ``expression ≤ 0`` (or ``= 0``) of one constraint, divided by their own scale.

    Attributes
    ----------
    constraint : cvxpy.Constraint
        Normalised: a violation of 1e-6 is 1e-6 relative.
    relax : callable
        Plan (C, T) → change of the right-hand side, in the rows' shape, per unit by which the constraint is loosened.
        Price = sum of dual × relax.
    labels : tuple of str
        The channels of the rows' first axis; empty where the rows are not by channel.
    """

    constraint: cp.Constraint
    relax: Callable[[FloatArray], FloatArray]
    labels: tuple[str, ...] = ()

    @property
    def equality(self) -> bool:
        """Whether the rows must hold with equality."""
        return isinstance(self.constraint, (cp.constraints.Equality, cp.constraints.Zero))


def at_most(
    expression: cp.Expression,
    most: FloatArray | float,
    scale: FloatArray | float,
    relax: FloatArray | float,
    labels: tuple[str, ...] = (),
) -> Limit:
    """Rows ``expression ≤ most``; loosening by one unit raises ``most`` by ``relax``, money.

    ``most``, ``scale`` and ``relax`` are numbers or arrays in the expression's shape.
    """
    shape = expression.shape
    rows = np.asarray(np.broadcast_to(np.asarray(relax) / scale, shape), dtype=np.float64)
    per, limit = np.broadcast_to(1.0 / np.asarray(scale), shape), np.broadcast_to(np.asarray(most) / scale, shape)
    return Limit(cp.multiply(per, expression) <= limit, constant(rows), labels)


def at_least(
    expression: cp.Expression,
    least: FloatArray | float,
    scale: FloatArray | float,
    relax: FloatArray | float,
    labels: tuple[str, ...] = (),
) -> Limit:
    """Rows ``expression ≥ least``; loosening by one unit lowers ``least`` by ``relax``, money. See :func:`at_most`."""
    return at_most(-expression, -np.asarray(least), scale, relax, labels)


def constant(value: FloatArray) -> Callable[[FloatArray], FloatArray]:
    """Return a :attr:`Limit.relax` that does not depend on the plan."""
    return lambda _: value


@dataclass(frozen=True)
class Constraint(ABC):
    """A statement about a plan: cvxpy rows, a sentence, and what one unit of loosening is.

    Attributes
    ----------
    name : str
        Unique within a problem, the key of its shadow price; empty for :attr:`default_name`.
    geos : tuple of str, optional
        The geos that it is about; None: all together. A constraint itself never reads them: the problem gives it the
        spend, and the frame, of those geos alone.
    """

    #: Whether a little more room is a thing that one can have, and so has a price.
    priced: ClassVar[bool] = True
    name: str = field(default="", kw_only=True)
    geos: tuple[str, ...] | None = field(default=None, kw_only=True)

    @property
    @abstractmethod
    def default_name(self) -> str:
        """The name where none is given."""

    @abstractmethod
    def limits(self, spend: cp.Expression, frame: Frame) -> tuple[Limit, ...]:
        """Return the rows, for an affine expression of the plan in money per week, (C, T)."""

    @abstractmethod
    def sentence(self, frame: Frame) -> str:
        """Say the constraint."""

    def in_words(self, frame: Frame) -> str:
        """Say the constraint, and the geos that it is about."""
        text = self.sentence(frame)
        return text if self.geos is None else f"In {listed(self.geos)}: {text}"

    @abstractmethod
    def loosening(self, frame: Frame) -> str:
        """Say one unit of loosening, as the subject of a sentence (``One more EUR of budget``)."""

    def loosening_in_words(self, frame: Frame) -> str:
        """Say one unit of loosening, and the geos that it is about."""
        text = self.loosening(frame)
        return text if self.geos is None else f"{text} in {listed(self.geos)}"

    @abstractmethod
    def loosened(self, units: float) -> Self | None:
        """Return the constraint loosened by some units (tightened where negative); None if that is not possible."""

    @abstractmethod
    def size(self, frame: Frame) -> float:
        """Return the size of its limit in loosening units: re-solves move it by 1 % of this."""


def listed(names: Sequence[str]) -> str:
    """Say a list of channels, which keep their own spelling."""
    return ", ".join(names)


def each(names: Sequence[str] | None, *, first: bool = False) -> str:
    """Say channels that are meant each by itself; ``first`` where it begins the sentence."""
    if names is not None and len(names) == 1:
        return names[0]
    text = "each channel" if names is None else f"each of {', '.join(names)}"
    return f"E{text[1:]}" if first else text
