"""The inner loops of the engine, compiled: move people along an axis, part those whom a module reaches, count.

One column's 900 states stay in the processor's first cache. States nobody is in cost next to nothing, which is most.
"""
# mypy: disallow-untyped-decorators=False

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import numpy as np
from numba import njit

from mmm.arrays import FloatArray, IntArray


def _migration(levels: int) -> Callable[[FloatArray, IntArray, int, IntArray, FloatArray], None]:
    """Compile :func:`migrate` for an axis of so many levels: a length known beforehand halves the time."""

    @njit(cache=True, error_model="numpy")
    def moved(people: FloatArray, heads: IntArray, stride: int, cases: IntArray, matrix: FloatArray) -> None:
        here = np.empty(levels)
        for column in range(people.shape[0]):
            own = column if matrix.shape[0] > 1 else 0
            for head in heads:
                someone = 0.0
                for level in range(levels):
                    here[level] = people[column, head + level * stride]
                    someone += here[level]
                if someone == 0.0:
                    continue
                case = cases[head]
                for to in range(levels):
                    total = 0.0
                    for source in range(levels):
                        total += here[source] * matrix[own, case, source, to]
                    people[column, head + to * stride] = total

    return cast("Callable[[FloatArray, IntArray, int, IntArray, FloatArray], None]", moved)


_MIGRATIONS = {levels: _migration(levels) for levels in (2, 3, 5)}


def migrate(people: FloatArray, heads: IntArray, stride: int, cases: IntArray, matrix: FloatArray) -> None:
    """Move people along one axis, in place.

    Parameters
    ----------
    people : (B, S)
    heads : (S / K,)
        First state of each group along the axis.
    stride : int
        Between two states of a group.
    cases : (S,)
        Which of the J matrices holds in a state; it does not vary along the axis.
    matrix : (B or 1, J, K, K)
        Row-stochastic, from × to; K is 2, 3 or 5.
    """
    _MIGRATIONS[matrix.shape[-1]](people, heads, stride, cases, matrix)


@njit(cache=True, error_model="numpy")
def count(people: FloatArray, cases: IntArray, counts: FloatArray) -> None:
    """Add up the people, (B, S), of each of the J cases into ``counts``, (B, J), which starts at 0."""
    for column in range(people.shape[0]):
        for state in range(people.shape[1]):
            here = people[column, state]
            if here != 0.0:
                counts[column, cases[state]] += here


@njit(cache=True, error_model="numpy")
def part(people: FloatArray, reached: FloatArray, cases: IntArray, share: FloatArray) -> None:
    """Move a share of the people of each state into ``reached``, in place.

    Parameters
    ----------
    people, reached : (B, S)
        ``reached`` is overwritten.
    cases : (S,)
        Which of the J shares holds in a state.
    share : (B or 1, J)
        From 0 to 1.
    """
    for column in range(people.shape[0]):
        own = column if share.shape[0] > 1 else 0
        for state in range(people.shape[1]):
            here = people[column, state]
            taken = here * share[own, cases[state]] if here != 0.0 else 0.0
            reached[column, state] = taken
            people[column, state] = here - taken
