r"""The path of one medium in one geo (numba): adstock, saturation, and what fades away, each with its derivatives.

The three parameters of a path are few, so their derivatives travel forwards with the recursion: with
:math:`d_t = \partial a_t / \partial\alpha`, :math:`d_t = a_{t-1} - x_t + \alpha d_{t-1}`. Where no media enter,
:math:`a_t = a_0 \alpha^t` and no recursion is needed; with Hill's :math:`w = (a/k)^n` and :math:`f = w / (1 + w)`,
:math:`w_t = w_0 \alpha^{nt}`, and every derivative follows from the sums of :math:`f`, :math:`q = f (1 - f)` and
:math:`t q`.

All functions work in arrays that they are given: they are called a hundred thousand times in a fit.
"""

# ruff: noqa: ANN001, ANN201, ANN202, PLR0915  (numba infers types from the call)

from __future__ import annotations

import math
from typing import Any

from numba import njit

from mmm.transforms.vector_math import exp_fast, log_fast

#: Parts of one compiled kernel: nothing here is called from Python, so no wrappers are made (they cost seconds).
PART: dict[str, Any] = {
    "error_model": "numpy",
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
    # Sums may be reordered, so that they are done several terms at a time.
    "fastmath": {"contract", "arcp", "nsz", "reassoc"},
}
#: A part that makes no arrays of its own, compiled without what counts their owners.
BARE: dict[str, Any] = {**PART, "_nrt": False}
#: Codes of the saturation forms.
HILL, HILL_FREE, LOGISTIC = 0, 1, 2
#: Weeks after which it is asked whether a fading effect is over.
BLOCK = 32

# A fading effect below 1e-13 of the most possible is taken as nothing; 0.549… is ln 3 / 2; 1e-100: an adstock that
# small has no effect, and its logarithm and inverse are finite.


@njit(**BARE)
def two_paths(x, y, start, other_start, alpha, other_alpha, effect, other):  # type: ignore[no-untyped-def]
    """Fill adstock and its derivative in alpha, the first two rows of (4, T), of two media.

    Two at a time: each waits for its own last week, and meanwhile the processor moves the other.
    """
    a, b, d, e = start, other_start, 0.0, 0.0
    fresh, other_fresh = 1.0 - alpha, 1.0 - other_alpha
    for t in range(x.shape[0]):
        d = a - x[t] + alpha * d
        e = b - y[t] + other_alpha * e
        a = alpha * a + fresh * x[t]
        b = other_alpha * b + other_fresh * y[t]
        effect[0, t], effect[1, t] = a, d
        other[0, t], other[1, t] = b, e


@njit(**BARE)
def curve(form, half, slope, effect):  # type: ignore[no-untyped-def]
    """Turn adstock and its derivative into the effect and its derivatives in alpha, half and slope, (4, T), in place.

    The derivative in a slope that is not learned is left alone.
    """
    weeks = effect.shape[1]
    if form == 0:
        for t in range(weeks):
            u = effect[0, t]
            inverse = 1.0 / (u + half)
            scaled = inverse * inverse
            effect[0, t] = u * inverse
            effect[1, t] *= half * scaled
            effect[2, t] = -u * scaled
        return
    if form == 1:
        log_half, rate = math.log(half), -slope / half
        for t in range(weeks):
            u = effect[0, t]
            safe = max(u, 1e-100)
            z = log_fast(safe) - log_half
            e = exp_fast(-slope * z)
            both = 1.0 / ((1.0 + e) * safe)  # one division for two
            most = both * safe if u > 0.0 else 0.0
            q = e * most * most
            effect[0, t] = most
            effect[1, t] *= q * slope * (both + both * e)
            effect[2, t] = q * rate
            effect[3, t] = q * z
        return
    rate = 0.5493061443340549 / half
    for t in range(weeks):
        u = effect[0, t]
        e = exp_fast(2.0 * rate * u)
        most = 1.0 / (1.0 + e)
        rest = 4.0 * rate * e * most * most
        effect[0, t] = (e - 1.0) * most
        effect[1, t] *= rest
        effect[2, t] = -rest * u / half


@njit(**BARE)
def add(form, weight, effect, factor, size):  # type: ignore[no-untyped-def]
    """Add factor · weight · effect, over weeks, to the size and its derivatives, (4,)."""
    total, by_alpha, by_half, by_slope = 0.0, 0.0, 0.0, 0.0
    if form == 1:
        for t in range(weight.shape[0]):
            total += weight[t] * effect[0, t]
            by_alpha += weight[t] * effect[1, t]
            by_half += weight[t] * effect[2, t]
            by_slope += weight[t] * effect[3, t]
    else:
        for t in range(weight.shape[0]):
            total += weight[t] * effect[0, t]
            by_alpha += weight[t] * effect[1, t]
            by_half += weight[t] * effect[2, t]
    size[0] += factor * total
    size[1] += factor * by_alpha
    size[2] += factor * by_half
    size[3] += factor * by_slope


@njit(**BARE)
def fill_powers(form, alpha, slope, power):  # type: ignore[no-untyped-def]
    """Fill what is left of adstock (of its power, under a learned slope) after 1, 2, … weeks, (BLOCK,)."""
    ratio = math.exp(slope * math.log(alpha)) if form == 1 else alpha
    power[0], power[1] = ratio, ratio * ratio
    power[2], power[3] = power[1] * ratio, power[1] * power[1]
    for i in range(4, power.shape[0]):
        power[i] = power[i - 4] * power[3]


@njit(**BARE)
def fade(  # type: ignore[no-untyped-def]
    form, state, drift, alpha, half, slope, power, weight, factor, for_ever, keep, out, size
):  # fmt: skip
    """Add factor · weight · effect of the weeks after a state, no media entering, to the size and its derivatives.

    Parameters
    ----------
    state, drift : float
        Adstock before the first of these weeks, and the derivative of its logarithm in alpha.
    power : (BLOCK,)
        From :func:`fill_powers`.
    weight : (A,)
    for_ever : float
        Above 0: go on after the last week at weight 1, as a geometric series of the power-law part.
    keep : float
        Above 0: fill ``out``, (A,), with the effect by week.
    """
    weeks = weight.shape[0]
    if keep > 0.0:
        for t in range(weeks):
            out[t] = 0.0
    if not state > 0.0 or weeks == 0:
        return
    log_state, rise, rate, now = 0.0, 1.0, 2.0 * 0.5493061443340549 / half, state
    if form == 0:
        now = state / half
    if form == 1:
        log_state, rise = math.log(state / half), slope
        now = math.exp(slope * log_state)
    total, pull, late, f, q = 0.0, 0.0, 0.0, 0.0, 0.0
    over = False
    for first in range(0, weeks, BLOCK):
        some = weight[first : first + BLOCK]
        count = some.shape[0]
        part, part_late = 0.0, 0.0
        if form == 2:
            for i in range(count):
                z = rate * now * power[i]
                e = exp_fast(z)
                most = 1.0 / (1.0 + e)
                total += some[i] * (e - 1.0) * most
                flow = some[i] * 2.0 * z * e * most * most
                part += flow
                part_late += flow * (1.0 + i)
        else:
            for i in range(count):
                w = now * power[i]
                most = 1.0 / (1.0 + w)
                total += some[i] * w * most
                flow = some[i] * w * most * most
                part += flow
                part_late += flow * (1.0 + i)
        pull += part
        late += part_late + first * part
        if keep > 0.0:
            _keep(form, rate, now, power, out[first : first + BLOCK])
        z = now * power[count - 1]
        now *= power[BLOCK - 1]
        e = math.exp(rate * z) if form == 2 else z
        f = (e - 1.0) / (e + 1.0) if form == 2 else z / (1.0 + z)
        q = 2.0 * rate * z * e / ((1.0 + e) * (1.0 + e)) if form == 2 else f / (1.0 + z)
        if f < 1e-13:
            over = True
            break
    if for_ever > 0.0 and not over:
        ratio = power[0]
        left = 1.0 / (1.0 - ratio)
        total += f * ratio * left
        pull += q * ratio * left
        # Of the weeks to come, k = 1, 2, …: the sum of k · ratioᵏ, which moves with f.
        late += q * weeks * ratio * left + f * ratio * left * left
    size[0] += factor * total
    size[1] += factor * rise * (drift * pull + late / alpha)
    size[2] -= factor * rise * pull / half
    if form == 1:
        size[3] += factor * (log_state * pull + math.log(alpha) * late)


@njit(**BARE)
def _keep(form, rate, now, power, out):  # type: ignore[no-untyped-def]
    """Fill the effect by week of one block."""
    for i in range(out.shape[0]):
        z = now * power[i]
        e = exp_fast(rate * z) if form == 2 else z
        out[i] = (e - 1.0) / (e + 1.0) if form == 2 else z / (1.0 + z)
