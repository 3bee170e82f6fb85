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


@njit(cache=True, error_model="numpy")
def _gather(values, order, into):  # type: ignore[no-untyped-def]
    for i in range(order.shape[0]):
        into[i] = values[order[i]]


@njit(cache=True, nogil=True, error_model="numpy")
def add_courses(  # type: ignore[no-untyped-def]
    _, lo, hi, form, units, horizon, weight, credit, owner, first_user, user, carry, alpha, half, slope, beta, steps,
    order, factor, inside, after, marginal, weekly,
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
    order : (C, G, S) int64
        Positions of the draws lo..hi among themselves, those that are followed longest first.
    factor : (N, S) or (0, 0)
        Factor on the effect by week and draw.
    inside, after, marginal : (R, S)
        Added to: the effect in the horizon and after it, and its derivative when the horizon's spend is scaled.
    weekly : (M, W, S)
        Added to: the effect of each course in the first W ≤ N weeks.
    """
    size = hi - lo
    given, sorted_ = np.empty((6, size)), np.empty((6, size))
    state, lift, level, rise = np.empty(size), np.empty(size), np.empty(size), np.empty(size)
    for r in range(units.shape[0]):
        c = owner[r]
        users = user[first_user[r] : first_user[r + 1]]
        for g in range(units.shape[1]):
            given[0], given[1], given[2] = alpha[c, g, lo:hi], half[c, g, lo:hi], slope[c, g, lo:hi]
            given[3] = beta[c, g, lo:hi]
            state[:], lift[:] = carry[c, g, lo:hi], 0.0
            if form[c] == HILL_FREE:
                for i in range(size):
                    given[4, i] = log_fast(given[1, i])
            for t in range(horizon):
                _move(units[r, g, t], units[r, g, t], given[0], state, lift)
                _saturate(form[c], state, lift, given[1], given[4], given[2], level, rise)
                _scale(level, rise, given[3])
                if factor.shape[0] > 0:
                    _scale(level, rise, factor[t, lo:hi])
                _add(inside[r, lo:hi], weight[r, t], level)
                _add(marginal[r, lo:hi], weight[r, t], rise)
                if t < weekly.shape[1] and credit[g] != 0.0:
                    for u in users:
                        _add(weekly[u, t, lo:hi], credit[g] * weight[r, t], level)
            _add_tail(
                lo, form[c], units[r, g], horizon, weight[r], credit[g], users, given, state, lift, steps[c, g],
                order[c, g, lo:hi], factor, after[r], marginal[r], weekly, sorted_, level, rise,
            )  # fmt: skip


@njit(cache=True, error_model="numpy")
def _add_tail(  # type: ignore[no-untyped-def]
    lo, form, units, horizon, weight, credit, users, given, state, lift, steps, order, factor, after, marginal, weekly,
    held, level, rise,
):  # fmt: skip
    """Follow a row's draws after the horizon, each as long as its own carryover lasts: the longest stand first."""
    size = order.shape[0]
    for k in range(5):
        _gather(given[k], order, held[k])
    _gather(state, order, level)
    _gather(lift, order, rise)
    state[:], lift[:] = level, rise
    made, grown = held[5], np.zeros(size)
    made[:] = 0.0
    n = size
    for t in range(horizon, units.shape[0]):
        while n > 0 and steps[lo + order[n - 1]] <= t:
            n -= 1
        if n == 0:
            break
        _move(units[t], 0.0, held[0, :n], state[:n], lift[:n])
        _saturate(form, state[:n], lift[:n], held[1, :n], held[4, :n], held[2, :n], level[:n], rise[:n])
        _scale(level[:n], rise[:n], held[3, :n])
        if factor.shape[0] > 0:
            for i in range(n):
                level[i] *= factor[t, lo + order[i]]
                rise[i] *= factor[t, lo + order[i]]
        _add(made[:n], weight[t], level[:n])
        _add(grown[:n], weight[t], rise[:n])
        if t < weekly.shape[1] and credit != 0.0:
            for u in users:
                for i in range(n):
                    weekly[u, t, lo + order[i]] += credit * weight[t] * level[i]
    for i in range(size):
        after[lo + order[i]] += made[i]
        marginal[lo + order[i]] += grown[i]
