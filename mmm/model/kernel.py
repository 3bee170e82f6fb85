r"""The collapsed log-likelihood and all its gradients in one pass (numba).

The mathematics of :mod:`mmm.model.build` (media, sizes) and :mod:`mmm.model.likelihood` (linear part integrated out)
as scalar loops. Three parameters a medium are few, so their derivatives travel forwards with the recursion:
with :math:`d_t = \partial a_t / \partial\alpha`, :math:`d_t = a_{t-1} - x_t + \alpha d_{t-1}`.
Tested against the plain PyTensor graph, value and gradient.
"""

# ruff: noqa: ANN001, ANN201, ANN202  (numba infers types from the call)

from __future__ import annotations

import math

import numpy as np
from numba import njit

#: Codes of the saturation forms.
HILL, HILL_FREE, LOGISTIC = 0, 1, 2

# A fading effect below 1e-13 of the most possible is taken as nothing; 0.549… is ln 3 / 2; 1.837… is ln 2π.


@njit(inline="always")
def _saturate(form, u, half, slope):  # type: ignore[no-untyped-def]
    """Return f and its derivatives in u, half and slope."""
    if form == 0:
        inverse = 1.0 / (u + half)
        scaled = inverse * inverse
        return u * inverse, half * scaled, -u * scaled, 0.0
    if form == 1:
        if u <= 0.0:
            return 0.0, 0.0, 0.0, 0.0
        z = math.log(u / half)
        f = 1.0 / (1.0 + math.exp(-slope * z))
        q = f * (1.0 - f)
        return f, q * slope / u, -q * slope / half, q * z
    rate = 0.5493061443340549 / half
    f = math.tanh(rate * u)
    rest = 1.0 - f * f
    return f, rate * rest, -rate * rest * u / half, 0.0


@njit(cache=True, error_model="numpy")
def _window(form, x, start, alpha, half, slope, q, credit, effect, lost, size):  # type: ignore[no-untyped-def]
    """Fill weekly effects (4, T) and what is lost without media (T,); add to the size (4,); return the last state."""
    a, d = start, 0.0
    c, dc = start, 0.0
    fading = True
    for t in range(x.shape[0]):
        d = a - x[t] + alpha * d
        a = alpha * a + (1.0 - alpha) * x[t]
        f, fu, fk, fn = _saturate(form, a, half, slope)
        effect[0, t], effect[1, t], effect[2, t], effect[3, t] = f, fu * d, fk, fn
        w = credit[t] * q[t]
        size[1] += w * fu * d
        size[2] += w * fk
        size[3] += w * fn
        lost[t] = f
        if fading:
            dc = c + alpha * dc
            c = alpha * c
            f, fu, fk, fn = _saturate(form, c, half, slope)
            size[1] -= w * fu * dc
            size[2] -= w * fk
            size[3] -= w * fn
            lost[t] -= f
            fading = f > 1e-13
        size[0] += w * lost[t]
    return a, d


@njit(cache=True, error_model="numpy")
def _tail(form, a, d, alpha, half, slope, q, credit, after, size):  # type: ignore[no-untyped-def]
    """Add the carryover after the window to the size; the last weeks as a geometric series of the power-law part."""
    f, fu, fk, fn = 0.0, 0.0, 0.0, 0.0
    for t in range(q.shape[0]):
        d = a + alpha * d
        a = alpha * a
        f, fu, fk, fn = _saturate(form, a, half, slope)
        w = credit * q[t]
        after[t] = f
        size[0] += w * f
        size[1] += w * fu * d
        size[2] += w * fk
        size[3] += w * fn
        if f < 1e-13:
            return
    power = slope if form == 1 else 1.0
    ratio = alpha**power
    series = ratio / (1.0 - ratio)
    steep = 1.0 / ((1.0 - ratio) * (1.0 - ratio))
    size[0] += credit * f * series
    size[1] += credit * (fu * d * series + f * steep * power * ratio / alpha)
    size[2] += credit * fk * series
    size[3] += credit * (fn * series + (f * steep * ratio * math.log(alpha) if form == 1 else 0.0))


@njit(cache=True, error_model="numpy")
def _gaussian(residual, basis, strength, sigma, slope):  # type: ignore[no-untyped-def]
    """Return one geo's collapsed log-density and its derivative in sigma; fill ``slope`` with that in the mean."""
    weeks, columns = residual.shape[0], basis.shape[0]
    v = sigma * sigma
    squares = 0.0
    for t in range(weeks):
        squares += residual[t] * residual[t]
        slope[t] = residual[t] / v
    rotated, quadratic, log_det, dv = 0.0, 0.0, 0.0, 0.0
    for p in range(columns):
        z = 0.0
        for t in range(weeks):
            z += basis[p, t] * residual[t]
        total = v + strength[p]
        rotated += z * z
        quadratic += z * z / total
        log_det += math.log(total)
        dv += 0.5 * (z * z / total - 1.0) / total
        pull = z * (1.0 / v - 1.0 / total)
        for t in range(weeks):
            slope[t] -= basis[p, t] * pull
    left = squares - rotated
    dv += 0.5 * (left / v - (weeks - columns)) / v
    value = -0.5 * (quadratic + left / v + log_det + (weeks - columns) * math.log(v) + weeks * 1.8378770664093453)
    return value, 2.0 * sigma * dv


@njit(cache=True, error_model="numpy")
def collapsed(  # type: ignore[no-untyped-def]
    n_paid, form, media, initial, credit, tail_credit, target, basis, strength, q, q_tail, alpha, half, slope, share,
    sigma,
):  # fmt: skip
    """Return the log-likelihood and its gradient in q, q_tail, alpha, half, slope, share and sigma.

    Parameters
    ----------
    n_paid : int
        The first media scale with demand.
    form : (M,) int64
    media, initial : (M, G, T), (M, G)
    credit, tail_credit : (G, T), (G,)
    target : (G, T)
        Outcome minus the linear part's prior mean.
    basis, strength : (G, P, T), (G, P)
    q, q_tail : (T,), (A,)
        Demand index in the window and after it.
    alpha, half, slope, share : (M,)
        ``share``: each medium's share of the outcome's value; its beta is share over the size at beta 1.
    sigma : (G,)
    """
    count, geos, weeks = media.shape
    effect = np.empty((count, geos, 4, weeks))
    lost = np.empty((count, geos, weeks))
    after = np.zeros((count, geos, q_tail.shape[0]))
    size = np.zeros((count, 4))
    even, even_tail = np.ones(weeks), np.ones(q_tail.shape[0])
    residual = target.copy()
    for m in range(count):
        now, later = (q, q_tail) if m < n_paid else (even, even_tail)
        for g in range(geos):
            a, d = _window(
                form[m], media[m, g], initial[m, g], alpha[m], half[m], slope[m], now, credit[g], effect[m, g],
                lost[m, g], size[m],
            )  # fmt: skip
            _tail(form[m], a, d, alpha[m], half[m], slope[m], later, tail_credit[g], after[m, g], size[m])
        beta = share[m] / size[m, 0]
        for g in range(geos):
            for t in range(weeks):
                residual[g, t] -= beta * now[t] * effect[m, g, 0, t]
    value = np.zeros(())
    pull = np.empty((geos, weeks))
    d_sigma = np.empty(geos)
    for g in range(geos):
        density, d_sigma[g] = _gaussian(residual[g], basis[g], strength[g], sigma[g], pull[g])
        value[()] += density
    d_q, d_tail = np.zeros(weeks), np.zeros(q_tail.shape[0])
    d_alpha, d_half, d_slope, d_share = np.empty(count), np.empty(count), np.empty(count), np.empty(count)
    for m in range(count):
        now = q if m < n_paid else even
        beta = share[m] / size[m, 0]
        s = np.zeros(4)
        for g in range(geos):
            for t in range(weeks):
                w = pull[g, t] * now[t]
                for i in range(4):
                    s[i] += w * effect[m, g, i, t]
        per_size = s[0] * beta / size[m, 0]
        d_share[m] = s[0] / size[m, 0]
        d_alpha[m] = beta * s[1] - per_size * size[m, 1]
        d_half[m] = beta * s[2] - per_size * size[m, 2]
        d_slope[m] = beta * s[3] - per_size * size[m, 3]
        if m < n_paid:
            for g in range(geos):
                for t in range(weeks):
                    d_q[t] += pull[g, t] * beta * effect[m, g, 0, t] - per_size * credit[g, t] * lost[m, g, t]
                for t in range(d_tail.shape[0]):
                    d_tail[t] -= per_size * tail_credit[g] * after[m, g, t]
    return value, d_q, d_tail, d_alpha, d_half, d_slope, d_share, d_sigma
