r"""How people move in a week: steps of a module, each a reach and the row-stochastic matrices of those reached.

The same steps move the aggregate population here and single persons in ``simulations.market.journeys``: what the
aggregate multiplies, a person draws. A step first decides who is reached, given axes of the state, then moves the
reached along one axis after another. So with one kernel :math:`M` and reach :math:`r` the whole step is

.. math:: r\,M + (1 - r)\,I

and with several, the same people are moved by all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import prod

import numpy as np

from mmm.arrays import FloatArray, IntArray
from simulations.market.consumers.compiled import count, migrate, part
from simulations.market.consumers.states import AXES, Axis, case_of, first_states, sizes, stride_of

#: How far from 1 a row may sum.
_TOLERANCE = 1e-9


class Cause(StrEnum):
    """What kind of thing moves people in a step."""

    NATURE = "nature"
    PAID = "paid"
    OWNED = "owned"
    RIVAL = "rival"
    SALES = "sales"


@dataclass(frozen=True, eq=False)
class Kernel:
    """Where people go on one axis in one step.

    Attributes
    ----------
    axis : Axis
        With K levels.
    given : tuple of Axis
        Other axes on which the move depends, in the order of ``Axis``.
    matrix : (B or 1, *levels of given, K, K)
        Chance to go from a level to a level; every row sums to 1. B columns (geos), or 1 for all alike.
    """

    axis: Axis
    given: tuple[Axis, ...]
    matrix: FloatArray

    def rows(self, states: IntArray, columns: IntArray) -> FloatArray:
        """Return the chances of n persons to be at each level of the axis afterwards, (n, K).

        Parameters
        ----------
        states, columns : (n,)
            Each person's state and column (geo).
        """
        matrix = self.stacked()
        levels = matrix.shape[-1]
        cases = case_of(self.given)[states]
        here = states // stride_of(self.axis) % levels
        return np.asarray(matrix[columns if len(matrix) > 1 else np.zeros_like(columns), cases, here], np.float64)

    def stacked(self) -> FloatArray:
        """Return the matrices with the given axes' levels as one axis, (B or 1, J, K, K)."""
        levels = self.matrix.shape[-1]
        return np.ascontiguousarray(self.matrix.reshape(len(self.matrix), -1, levels, levels))

    def check(self) -> None:
        """Raise ValueError unless axes are in order, the shape fits them and the matrices are row-stochastic."""
        _check_given(self.given)
        if self.axis in self.given:
            raise ValueError(f"a kernel of {self.axis} cannot be given {self.axis}")
        levels = sizes((self.axis,))[0]
        if self.matrix.shape[1:] != (*sizes(self.given), levels, levels):
            raise ValueError(f"a kernel of {self.axis} given {self.given} has a matrix of shape {self.matrix.shape}")
        if self.matrix.min() < 0 or np.abs(self.matrix.sum(axis=-1) - 1.0).max() > _TOLERANCE:
            raise ValueError(f"a kernel of {self.axis} is not row-stochastic")


@dataclass(frozen=True, eq=False)
class Reach:
    """Whom a step reaches, and how often.

    Attributes
    ----------
    given : tuple of Axis
        Axes on which being reached depends, in the order of ``Axis``.
    share : (B or 1, *levels of given)
        Chance of a person in such a state to be reached this week.
    frequency : (B or 1, *levels of given)
        Mean number of contacts of a person who is reached; at least 1 where someone is.
    """

    given: tuple[Axis, ...]
    share: FloatArray
    frequency: FloatArray

    def chances(self, states: IntArray, columns: IntArray) -> FloatArray:
        """Return the chance of n persons to be reached, (n,); see :meth:`Kernel.rows`."""
        return _pick(self.share, self.given, states, columns)

    def frequencies(self, states: IntArray, columns: IntArray) -> FloatArray:
        """Return the mean number of contacts of n persons if they are reached, (n,); see :meth:`Kernel.rows`."""
        return _pick(self.frequency, self.given, states, columns)

    def stacked(self) -> FloatArray:
        """Return the shares with the given axes' levels as one axis, (B or 1, J)."""
        return np.ascontiguousarray(self.share.reshape(len(self.share), -1))

    def check(self) -> None:
        """Raise ValueError unless axes are in order, the shapes fit them and shares are between 0 and 1."""
        _check_given(self.given)
        if self.share.shape[1:] != sizes(self.given) or self.frequency.shape[1:] != sizes(self.given):
            raise ValueError(f"a reach given {self.given} has shares of shape {self.share.shape}")
        if not (self.share.min() >= 0.0 and self.share.max() <= 1.0):
            raise ValueError("a reach is not between 0 and 1")


@dataclass(frozen=True, eq=False)
class Step:
    """One act of a module: those whom it reaches move by its kernels, in order; the others stay.

    Attributes
    ----------
    module : str
        Such as a channel's name.
    cause : Cause
    kernels : tuple of Kernel
    reach : Reach or None
        None reaches everybody.
    """

    module: str
    cause: Cause
    kernels: tuple[Kernel, ...]
    reach: Reach | None = None

    def check(self) -> None:
        """Raise ValueError where the step could lose or make people; see :meth:`Kernel.check`."""
        for kernel in self.kernels:
            kernel.check()
        if self.reach is not None:
            self.reach.check()


def apply_step(people: FloatArray, step: Step) -> None:
    """Move a population by a step, in place.

    Parameters
    ----------
    people : (B, S)
    step : Step
    """
    if step.reach is None:
        _move(people, step.kernels)
        return
    reached = np.empty_like(people)
    part(people, reached, case_of(step.reach.given), step.reach.stacked())
    _move(reached, step.kernels)
    people += reached


def count_by(people: FloatArray, *axes: Axis) -> FloatArray:
    """Return how many people are at each combination of some axes' levels.

    Parameters
    ----------
    people : (B, S)
    *axes : Axis
        In the order of ``Axis``.

    Returns
    -------
    (B, *levels)
    """
    levels = sizes(axes)
    counts = np.zeros((len(people), prod(levels)))
    count(people, case_of(axes), counts)
    return counts.reshape(-1, *levels)


def _move(people: FloatArray, kernels: Sequence[Kernel]) -> None:
    for kernel in kernels:
        migrate(people, first_states(kernel.axis), stride_of(kernel.axis), case_of(kernel.given), kernel.stacked())


def _pick(values: FloatArray, given: tuple[Axis, ...], states: IntArray, columns: IntArray) -> FloatArray:
    flat = values.reshape(len(values), -1)
    return np.asarray(flat[columns if len(flat) > 1 else np.zeros_like(columns), case_of(given)[states]], np.float64)


def _check_given(given: tuple[Axis, ...]) -> None:
    if list(given) != sorted(given, key=AXES.index) or len(set(given)) != len(given):
        raise ValueError(f"the axes {given} are not in the order of the population")
