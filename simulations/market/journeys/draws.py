"""The inner loop of single persons, compiled: each draws a level of an axis from its own row."""
# mypy: disallow-untyped-decorators=False

from __future__ import annotations

from numba import njit

from mmm.arrays import BoolArray, FloatArray, IntArray


@njit(cache=True, error_model="numpy")
def move(
    states: IntArray,
    columns: IntArray,
    reached: BoolArray,
    chance: FloatArray,
    stride: int,
    cases: IntArray,
    matrix: FloatArray,
) -> None:
    """Move the persons reached along one axis, in place.

    Parameters
    ----------
    states, columns, reached : (n,)
    chance : (n,)
        Uniform between 0 and 1.
    stride : int
        Between two states that differ by one level of the axis.
    cases : (S,)
        Which of the J matrices holds in a state.
    matrix : (B or 1, J, K, K)
        Row-stochastic, from × to.
    """
    levels = matrix.shape[2]
    for person in range(len(states)):
        if reached[person]:
            own = columns[person] if matrix.shape[0] > 1 else 0
            state = states[person]
            here = state // stride % levels
            row = matrix[own, cases[state], here]
            left = chance[person]
            to = here
            for level in range(levels):
                if row[level] > 0.0:
                    to = level
                    left -= row[level]
                    if left < 0.0:
                        break
            states[person] = state + (to - here) * stride
