r"""Compiled effects of many courses of spend at once: each row, a channel's course, is run once for all that share it.

The recursion is that of :mod:`mmm.transforms.kernels`, :math:`a_t = \alpha a_{t-1} + (1-\alpha) x_t` with the effect
:math:`\sum_t w_t \beta f(a_t)`, followed for as many weeks a draw. Beside it runs the part of the adstock that the
horizon's spend made,

.. math:: d_t = \alpha d_{t-1} + (1-\alpha) x_t \; (t < T), \qquad d_t = \alpha d_{t-1} \; (t \ge T),

so that :math:`\sum_t w_t \beta f'(a_t) d_t` is the exact derivative of the effect when that spend is scaled.
"""

# ruff: noqa: ANN001, ANN201, ANN202  (numba infers types from the call)

from __future__ import annotations

import numpy as np
from numba import njit

from mmm.transforms.kernels import HILL_FREE, HILL_ONE, SHIFT
from mmm.transforms.saturation import LOG3
from mmm.transforms.vector_math import exp_fast, log_fast


@njit(inline="always")
def _tanh(z):  # type: ignore[no-untyped-def]
    """Return tanh(z) for z of 0 or more."""
    e = exp_fast(-2.0 * z)
    return (1.0 - e) / (1.0 + e)


@njit(cache=True, error_model="numpy")
def _move(x, more, alpha, state, lift):  # type: ignore[no-untyped-def]
    """Move the adstock, and the horizon's part of it, one week on; ``more`` is what the horizon's spend buys now."""
    for i in range(state.shape[0]):
        state[i] = alpha[i] * state[i] + (1.0 - alpha[i]) * x
    for i in range(state.shape[0]):
        lift[i] = alpha[i] * lift[i] + (1.0 - alpha[i]) * more


@njit(cache=True, error_model="numpy")
def _saturate(form, state, lift, half, log_half, slope, level, rise):  # type: ignore[no-untyped-def]
    """Fill ``level`` with f(a) and ``rise`` with f'(a) d."""
    size = state.shape[0]
    if form == HILL_ONE:
        for i in range(size):
            inverse = 1.0 / (state[i] + half[i])
            level[i] = state[i] * inverse
            rise[i] = half[i] * inverse * inverse * lift[i]
    elif form == HILL_FREE:
        for i in range(size):
            v = state[i] + SHIFT * half[i]
            f = 1.0 / (1.0 + exp_fast(slope[i] * (log_half[i] - log_fast(v))))
            level[i] = f
            rise[i] = slope[i] * f * (1.0 - f) / v * lift[i]
    else:
        for i in range(size):
            rate = 0.5 * LOG3 / half[i]
            f = _tanh(rate * state[i])
            level[i] = f
            rise[i] = rate * (1.0 - f * f) * lift[i]


@njit(cache=True, error_model="numpy")
def _scale(level, rise, size):  # type: ignore[no-untyped-def]
    """Multiply both by ``size``, draw by draw."""
    for i in range(level.shape[0]):
        level[i] *= size[i]
        rise[i] *= size[i]


@njit(cache=True, error_model="numpy")
def _add(total, weight, values):  # type: ignore[no-untyped-def]
    for i in range(values.shape[0]):
        total[i] += weight * values[i]


@njit(cache=True, nogil=True, error_model="numpy")
def add_courses(  # type: ignore[no-untyped-def]
    _, lo, hi, form, units, horizon, weight, credit, owner, first_user, user, carry, alpha, half, slope, beta, steps,
    factor, inside, after, marginal, weekly,
):  # fmt: skip
    """Run every row for the draws lo..hi.

    Parameters
    ----------
    _ : int
        Not used.
    lo, hi : int
        Draws; what is added to belongs to these draws alone, so that calls may run side by side.
    form : (C,) int64
        Saturation code of each channel.
    units : (R, G, N)
        Media units of each row in the horizon's weeks and after it.
    horizon : int
        Weeks T ≤ N of the horizon.
    weight : (R, N)
        Factor on the effect in each week.
    credit : (G,)
        Weight of each geo in ``weekly``.
    owner : (R,) int64
        Channel of each row.
    first_user, user : (R + 1,), (U,) int64
        Row r is a part of the courses ``user[first_user[r]:first_user[r + 1]]``.
    carry, alpha, half, slope, beta : (C, G, S)
        Adstock before the horizon, and the response's parameters.
    steps : (C, G, S) int64
        Weeks, horizon included, for which each draw is followed: T or more.
    factor : (N, S) or (0, 0)
        Factor on the effect by week and draw.
    inside, after, marginal : (R, S)
        Added to: the effect in the horizon and after it, and its derivative when the horizon's spend is scaled.
    weekly : (M, W, S)
        Added to: the effect of each course in the first W ≤ N weeks.
    """
    size = hi - lo
    weeks = weekly.shape[1]
    state, lift, level, rise = np.empty(size), np.empty(size), np.empty(size), np.empty(size)
    a, k, n, b, log_k, grown = (
        np.empty(size), np.empty(size), np.empty(size), np.empty(size), np.empty(size), np.empty(size)
    )  # fmt: skip
    for r in range(units.shape[0]):
        c = owner[r]
        for g in range(units.shape[1]):
            last = horizon
            for i in range(size):
                a[i], k[i], n[i] = alpha[c, g, lo + i], half[c, g, lo + i], slope[c, g, lo + i]
                b[i], state[i], lift[i] = beta[c, g, lo + i], carry[c, g, lo + i], 0.0
                last = max(last, steps[c, g, lo + i])
            if form[c] == HILL_FREE:
                for i in range(size):
                    log_k[i] = log_fast(k[i])
            for t in range(last):
                x = units[r, g, t]
                _move(x, x if t < horizon else 0.0, a, state, lift)
                _saturate(form[c], state, lift, k, log_k, n, level, rise)
                if t < horizon:
                    for i in range(size):
                        grown[i] = b[i]
                else:
                    for i in range(size):
                        grown[i] = b[i] if t < steps[c, g, lo + i] else 0.0
                if factor.shape[0] > 0:
                    for i in range(size):
                        grown[i] *= factor[t, lo + i]
                _scale(level, rise, grown)
                _add((inside if t < horizon else after)[r, lo:hi], weight[r, t], level)
                _add(marginal[r, lo:hi], weight[r, t], rise)
                if t < weeks and credit[g] != 0.0:
                    for u in range(first_user[r], first_user[r + 1]):
                        _add(weekly[user[u], t, lo:hi], credit[g] * weight[r, t], level)
