r"""Compiled response of media blocks: value, gradient and exact Hessian in the media of a horizon.

One block is one channel in one geo. With :math:`a_t = \alpha a_{t-1} + (1-\alpha) x_t` and the effect
:math:`\sum_t w_t f(a_t)`, two reverse recursions give all derivatives without any truncation of the carryover:

.. math::
    \lambda_t = w_t f'(a_t) + \alpha \lambda_{t+1},            \quad \partial_t = (1-\alpha)\,\lambda_t

    \delta_t = w_t f''(a_t) + \alpha^2 \delta_{t+1},  \quad \partial_{t-l,t} = (1-\alpha)^2 \alpha^l\, \delta_t

Draws are sorted by :math:`\alpha` and handled in chunks, so that each chunk runs its own tail only as long as its
slowest draw needs, and its Hessian band only as wide.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange

from mmm.transforms.saturation import LOG3

#: Codes of the saturation forms inside the kernels.
HILL_ONE, HILL_FREE, LOGISTIC = 0, 1, 2
#: Draws handled together: their working arrays stay in the processor's cache.
CHUNK = 128
#: Hill slopes below 1 are infinitely steep at 0; the argument is shifted by this share of the half-saturation.
SHIFT = 1e-9
#: The Hessian's band ends where carryover has fallen below this share (it shapes a step, never a value).
BAND = 1e-9


@njit(inline="always")
def _saturate(form, u, half, slope):  # type: ignore[no-untyped-def]
    """Return f, f', f'' at u."""
    if form == HILL_ONE:
        inverse = 1.0 / (u + half)
        f = u * inverse
        d1 = half * inverse * inverse
        return f, d1, -2.0 * d1 * inverse
    if form == HILL_FREE:
        v = u + SHIFT * half
        f = 1.0 / (1.0 + math.exp(-slope * math.log(v / half)))
        d1 = slope * f * (1.0 - f) / v
        return f, d1, d1 * (slope * (1.0 - 2.0 * f) - 1.0) / v
    rate = 0.5 * LOG3 / half
    f = math.tanh(rate * u)
    d1 = rate * (1.0 - f * f)
    return f, d1, -2.0 * rate * f * d1


@njit(cache=True, error_model="numpy")
def _forward(  # type: ignore[no-untyped-def]
    form, media, state, alpha, half, slope, beta, knee, chord, clip, week, factor, lo, hi, steps, total, first, second
):  # fmt: skip
    """Run the recursion of draws lo..hi; fill total (value) and the weighted first and second derivatives by week."""
    for t in range(steps):
        x = media[t]
        w = week[t]
        for i in range(lo, hi):
            a = alpha[i] * state[i - lo] + (1.0 - alpha[i]) * x
            state[i - lo] = a
            f, d1, d2 = _saturate(form, a, half[i], slope[i])
            if a < knee[i]:
                f = chord[i] * a
                d1 = chord[i]
                d2 = 0.0
            if clip and d2 > 0.0:
                d2 = 0.0
            scale = w * beta[i]
            if factor.shape[0] > 0:
                scale *= factor[t, i]
            total[i] += scale * f
            first[t, i - lo] = scale * d1
            second[t, i - lo] = scale * d2


@njit(cache=True, error_model="numpy", fastmath=True)
def _backward(alpha, weight, order, horizon, lo, hi, steps, first, second, gradient, hessian):  # type: ignore[no-untyped-def]
    """Accumulate the weighted gradient, and at order 2 the Hessian's upper triangle, of draws lo..hi."""
    size = hi - lo
    lam = np.zeros(size)
    delta = np.zeros(size)
    power = np.empty(size)
    slowest = max(alpha[hi - 1], 1e-12)
    band = math.ceil(math.log(BAND) / math.log(slowest)) if slowest < 1.0 else horizon
    for t in range(steps - 1, -1, -1):
        for i in range(size):
            lam[i] = first[t, i] + alpha[lo + i] * lam[i]
        if order == 2:
            for i in range(size):
                delta[i] = second[t, i] + alpha[lo + i] * alpha[lo + i] * delta[i]
        if t >= horizon:
            continue
        g = 0.0
        for i in range(size):
            g += weight[lo + i] * (1.0 - alpha[lo + i]) * lam[i]
        gradient[t] += g
        if order == 2:
            for i in range(size):
                keep = 1.0 - alpha[lo + i]
                power[i] = weight[lo + i] * keep * keep * delta[i]
            for lag in range(min(t, band) + 1):
                h = 0.0
                for i in range(size):
                    h += power[i]
                    power[i] *= alpha[lo + i]
                hessian[t - lag, t] += h


@njit(cache=True, parallel=True, error_model="numpy")
def evaluate_blocks(  # type: ignore[no-untyped-def]
    form, media, horizon, carry, alpha, half, slope, beta, knee, chord, clip, tails, week, factor, weight, order
):  # fmt: skip
    """Evaluate B blocks over S draws (draws sorted by ``alpha`` within each block).

    Parameters
    ----------
    form : (B,) int64
        Saturation code.
    media : (B, N)
        Media units in the horizon's weeks and the tail's.
    horizon : int
        Weeks T that are decided; derivatives are in these.
    carry, alpha, half, slope, beta : (B, S)
        Adstock before the horizon, and the response's parameters.
    knee, chord : (B, S)
        Below ``knee`` the saturation is replaced by the line ``chord · u`` (concave envelope); 0 switches it off.
    clip : bool
        Clip f'' at 0, term by term.
    tails : (B, n_chunks) int64
        Weeks to run for each chunk of draws, horizon included.
    week : (N,)
        Weight of an outcome unit in each week.
    factor : (B, N, S) or (B, 0, 0)
        Factor on the effect by week and draw.
    weight : (B, S)
        Weight of each draw in the derivatives.
    order : int
        0 value, 1 and gradient, 2 and Hessian.

    Returns
    -------
    total : (B, S)
    gradient : (B, T)
    hessian : (B, T, T)
        Symmetric; zeros below order 2.
    """
    blocks, draws = alpha.shape
    total = np.zeros((blocks, draws))
    gradient = np.zeros((blocks, horizon))
    hessian = np.zeros((blocks, horizon, horizon))
    for b in prange(blocks):
        chunks = tails.shape[1]
        first = np.empty((media.shape[1], CHUNK))
        second = np.empty((media.shape[1], CHUNK))
        for j in range(chunks):
            lo = j * CHUNK
            hi = min(lo + CHUNK, draws)
            steps = tails[b, j]
            state = carry[b, lo:hi].copy()
            _forward(
                form[b], media[b], state, alpha[b], half[b], slope[b], beta[b], knee[b], chord[b], clip, week,
                factor[b], lo, hi, steps, total[b], first, second,
            )  # fmt: skip
            if order > 0:
                _backward(alpha[b], weight[b], order, horizon, lo, hi, steps, first, second, gradient[b], hessian[b])
        if order == 2:
            for t in range(horizon):
                for u in range(t):
                    hessian[b, t, u] = hessian[b, u, t]
    return total, gradient, hessian


@njit(cache=True, error_model="numpy")
def _forward_parts(  # type: ignore[no-untyped-def]
    form, media, state, alpha, half, slope, beta, knee, chord, weight, week, factor, lo, hi, steps, group, total, first
):  # fmt: skip
    """Run the recursion of draws lo..hi; add each week's weighted value to its group, keep the derivatives by week."""
    for t in range(steps):
        for i in range(lo, hi):
            a = alpha[i] * state[i - lo] + (1.0 - alpha[i]) * media[t]
            state[i - lo] = a
            f, d1, _ = _saturate(form, a, half[i], slope[i])
            if a < knee[i]:
                f = chord[i] * a
                d1 = chord[i]
            scale = weight[i] * week[t] * beta[i]
            if factor.shape[0] > 0:
                scale *= factor[t, i]
            total[group[t]] += scale * f
            first[t, i - lo] = scale * d1


@njit(cache=True, parallel=True, error_model="numpy")
def week_parts(  # type: ignore[no-untyped-def]
    form, media, horizon, carry, alpha, half, slope, beta, knee, chord, tails, week, factor, weight, group
):  # fmt: skip
    """Evaluate B blocks over S draws, by groups of outcome weeks; arguments as of :func:`evaluate_blocks`.

    Parameters
    ----------
    group : (N,) int64
        The group of each week of horizon and tail, never decreasing from 0.

    Returns
    -------
    total : (B, G)
    gradient : (B, G, T)
        In the media of the horizon's weeks.
    """
    blocks, draws = alpha.shape
    groups = group[-1] + 1
    total = np.zeros((blocks, groups))
    gradient = np.zeros((blocks, groups, horizon))
    for b in prange(blocks):
        first = np.empty((media.shape[1], CHUNK))
        lam = np.empty(CHUNK)
        for j in range(tails.shape[1]):
            lo = j * CHUNK
            hi = min(lo + CHUNK, draws)
            steps = tails[b, j]
            state = carry[b, lo:hi].copy()
            _forward_parts(
                form[b], media[b], state, alpha[b], half[b], slope[b], beta[b], knee[b], chord[b], weight[b], week,
                factor[b], lo, hi, steps, group, total[b], first,
            )  # fmt: skip
            for g in range(groups):
                lam[:] = 0.0
                for t in range(steps - 1, -1, -1):
                    if group[t] > g:
                        continue
                    inside = group[t] == g
                    sum_t = 0.0
                    for i in range(lo, hi):
                        lam[i - lo] = alpha[b, i] * lam[i - lo] + (first[t, i - lo] if inside else 0.0)
                        sum_t += (1.0 - alpha[b, i]) * lam[i - lo]
                    if t < horizon:
                        gradient[b, g, t] += sum_t
    return total, gradient
