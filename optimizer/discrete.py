"""What every constraint with whole numbers in it is made of.

A week is on where anything is spent in it. Where weeks must be on (a least number of them, a burst), a week that is on
has at least 1 % of a typical week, lest a cent count. Where totals are decided, the total takes the place of the week.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Self, override

import cvxpy as cp
import numpy as np

from mmm.arrays import BoolArray, FloatArray
from mmm.exceptions import SpecError
from optimizer.integer_rows import Cells
from optimizer.limits import Constraint, Frame, Limit

#: What a week must have to count as on where weeks have to be on, in shares of a typical week.
LEAST_ON = 0.01
#: Spend below this share of a typical week is nothing: a solver's rounding error.
NOTHING = 1e-6


@dataclass(frozen=True)
class Discrete(Constraint):
    """A constraint with whole numbers in it.

    ``limits`` gives what it implies for plans between the whole ones (a convex relaxation); ``rows`` its exact
    meaning; ``violation`` checks a plan without any solver.
    """

    discrete: ClassVar[bool] = True
    #: Whether it has a meaning only where weeks are decided.
    weekly: ClassVar[bool] = False
    #: Where its channels stand in its frame: set by every subclass as a field.
    channels: tuple[str, ...] | None

    def picked(self, frame: Frame) -> list[int]:
        """Return the positions of its channels."""
        return frame.pick(self.channels, self.name or self.default_name)

    @abstractmethod
    def floor(self, frame: Frame, periods: int) -> FloatArray:
        """Return the least that a channel spends where it is on, money, (C,); ``periods`` K that are decided."""

    @override
    def limits(self, spend: cp.Expression, frame: Frame) -> tuple[Limit, ...]:
        return ()

    def rows(self, cells: Cells, frame: Frame) -> None:
        """Write its exact meaning as rows over amounts and switches.

        Raises
        ------
        SpecError
            It is about weeks, and totals are decided.
        """
        if self.weekly and not cells.weekly:
            raise SpecError(
                "the constraint is about weeks, and this plan decides totals",
                where=self.name or self.default_name,
                do="Ask for granularity: week, or remove the constraint.",
            )
        floor = self.floor(frame, len(cells.on(self.picked(frame)[0])))
        for c in self.picked(frame):
            if floor[c] > 0:
                cells.floor(c, float(floor[c]))
        self.write(cells, frame)

    @abstractmethod
    def write(self, cells: Cells, frame: Frame) -> None:
        """Write the rows besides those of :meth:`floor`."""

    def violation(self, amounts: FloatArray, frame: Frame) -> float:
        """Return by how much decided amounts of money, (C, K), break it: 0 where they keep it.

        In shares of the sum it names, or in weeks or channels too many or too few.
        """
        on = lit(amounts, frame)
        floor = self.floor(frame, amounts.shape[1])[:, None]
        picked = self.picked(frame)
        short = np.where(on & (floor > 0), (floor - amounts) / np.maximum(floor, 1e-300), 0.0)[picked]
        return max(float(short.max(initial=0.0)), self.broken(amounts, on, frame))

    @abstractmethod
    def broken(self, amounts: FloatArray, on: BoolArray, frame: Frame) -> float:
        """Return the violation besides that of :meth:`floor`; ``on`` (C, K)."""

    def tight(self, on: BoolArray, frame: Frame) -> bool:  # noqa: ARG002
        """Return whether one week or channel fewer of room would rule the pattern out, ``on`` (C, K)."""
        return False

    @override
    def loosened(self, units: float) -> Self | None:
        """Return None: a share of a whole number is none."""
        return None


def lit(amounts: FloatArray, frame: Frame) -> BoolArray:
    """Return where something is spent, (C, K), of decided amounts of money, (C, K)."""
    scale = frame.typical * (1 if amounts.shape[1] == len(frame.weeks) else len(frame.weeks))
    return np.asarray(amounts > NOTHING * scale[:, None])


def counted(value: int | None, where: str, least: int = 0) -> None:
    """Refuse what is not a whole number.

    Raises
    ------
    SpecError
    """
    if value is not None and not (value == int(value) and value >= least):
        raise SpecError(f"{value} is not a whole number of {least} or more", where=where, do="Write a whole number.")


def count_range(least: int | None, most: int | None, where: str, *, lowest: int = 0) -> None:
    """Refuse a range of whole numbers with its ends the wrong way round.

    Raises
    ------
    SpecError
    """
    counted(least, where, lowest)
    counted(most, where, lowest)
    if least is not None and most is not None and least > most:
        raise SpecError(f"the minimum {least} is above the maximum {most}", where=where, do="Correct one of them.")


def positive_sum(value: float, where: str) -> None:
    """Refuse a sum of money that is not positive.

    Raises
    ------
    SpecError
    """
    if not (np.isfinite(value) and value > 0):
        raise SpecError(f"{value} is not a positive sum of money", where=where, do="Correct the sum.")


def outside(count: FloatArray, least: int | None, most: int | None) -> float:
    """Return by how much counts leave a range."""
    low = 0.0 if least is None else float((least - count).max(initial=0.0))
    return max(low, 0.0 if most is None else float((count - most).max(initial=0.0)))


def touches(count: FloatArray, least: int | None, most: int | None) -> bool:
    """Return whether a count is at an end of its range."""
    low = least is not None and bool((count <= least).any())
    return low or (most is not None and bool((count >= most).any()))


def label(names: tuple[str, ...] | None) -> str:
    """Name channels within a constraint's default name."""
    return "all" if names is None else ",".join(names)


def counts(least: int | None) -> str:
    """Say from what on a week counts as on, where some must be: a plan may give it no more than that."""
    if not least:
        return ""
    return f"; {LEAST_ON:.0%} of a typical week's spend is on already, if no minimum when on says otherwise"


def some_floor(frame: Frame, picked: list[int], periods: int) -> FloatArray:
    """Return the least that counts as on, money, (C,), of the picked channels."""
    floor = np.zeros(len(frame.channels))
    floor[picked] = LEAST_ON * frame.typical[picked] * (1 if periods == len(frame.weeks) else len(frame.weeks))
    return floor
