"""The two inner loops of the engine, compiled: move people along an axis, and part those whom a module reaches.

One column's 900 states stay in the processor's first cache. States nobody is in cost next to nothing, which is most.
"""
# mypy: disallow-untyped-decorators=False

from __future__ import annotations

import numpy as np
from numba import njit

from mmm.arrays import FloatArray, IntArray


@njit(cache=True, error_model="numpy")
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
        Row-stochastic, from × to.
    """
    levels = matrix.shape[2]
    moved = np.empty(levels)
    for column in range(people.shape[0]):
        own = column if matrix.shape[0] > 1 else 0
        for head in heads:
            case = cases[head]
            for to in range(levels):
                moved[to] = 0.0
            someone = False
            for source in range(levels):
                here = people[column, head + source * stride]
                if here != 0.0:
                    someone = True
                    for to in range(levels):
                        moved[to] += here * matrix[own, case, source, to]
            if someone:
                for to in range(levels):
                    people[column, head + to * stride] = moved[to]


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
