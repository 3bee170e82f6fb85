"""Concave envelopes of many piecewise-linear curves on their own intervals, and smooth concave curves above them."""

# ruff: noqa: ANN001, ANN201, ANN202  (numba infers types from the call)

from __future__ import annotations

import numpy as np
from numba import njit, prange


@njit(inline="always")
def _height(x, h, y):  # type: ignore[no-untyped-def]
    """Interpolate corners at y; constant beyond both ends."""
    j = np.searchsorted(x, y)
    if j <= 0:
        return h[0]
    if j >= x.shape[0]:
        return h[-1]
    width = x[j] - x[j - 1]
    share = (y - x[j - 1]) / width if width > 0.0 else 1.0
    return h[j - 1] + share * (h[j] - h[j - 1])


@njit(cache=True, error_model="numpy")
def hull(x, h, low, high, px, ph, flat):  # type: ignore[no-untyped-def]
    """Fill the corners of a curve's concave envelope on [low, high]; return how many.

    ``flat[j]`` says whether the segment that ends at corner j passes over corners of the curve: a true line, whose
    slope is not the sample of a smooth one.
    """
    px[0], ph[0], top = low, _height(x, h, low), 1
    flat[0] = False
    for j in range(np.searchsorted(x, low), x.shape[0] + 1):
        if j < x.shape[0] and x[j] < high:
            y, z = x[j], h[j]
        else:
            y, z = high, _height(x, h, high)
        if y > px[top - 1] * (1 + 1e-14):
            skipped = False
            while top > 1 and (z - ph[top - 2]) * (px[top - 1] - px[top - 2]) >= (ph[top - 1] - ph[top - 2]) * (
                y - px[top - 2]
            ):
                top -= 1
                skipped = True
            px[top], ph[top], flat[top] = y, z, skipped
            top += 1
        else:
            ph[top - 1] = max(ph[top - 1], z)
        if y >= high:
            break
    return top


@njit(cache=True, error_model="numpy")
def _turn(px, ph, flat, n, j):  # type: ignore[no-untyped-def]
    """Return the slope that a smooth concave curve through an envelope's corners has at corner j."""
    if j == 0:
        own = (ph[1] - ph[0]) / (px[1] - px[0])
        return own if flat[1] or n == 2 else 2.0 * own - _turn_inside(px, ph, flat, 1)
    if j == n - 1:
        own = (ph[j] - ph[j - 1]) / (px[j] - px[j - 1])
        return own if flat[j] or n == 2 else 2.0 * own - _turn_inside(px, ph, flat, j - 1)
    return _turn_inside(px, ph, flat, j)


@njit(inline="always")
def _turn_inside(px, ph, flat, j):  # type: ignore[no-untyped-def]
    before, after = px[j] - px[j - 1], px[j + 1] - px[j]
    left, right = (ph[j] - ph[j - 1]) / before, (ph[j + 1] - ph[j]) / after
    if flat[j] != flat[j + 1]:
        # A true line keeps its slope to its very end: the curve beside it turns.
        return left if flat[j] else right
    return (after * left + before * right) / (before + after)


@njit(cache=True, error_model="numpy")
def line(px, ph, flat, n, u):  # type: ignore[no-untyped-def]
    """Return height, slope and bend at u of a smooth concave curve through an envelope's corners.

    A quadratic spline that keeps the corners' shape (Schumaker 1983): concave, so never below the chords between the
    corners, and with a slope that a Newton step can follow.
    """
    if n == 1:
        return ph[0], 0.0, 0.0
    j = min(max(np.searchsorted(px[:n], u), 1), n - 1)
    width = px[j] - px[j - 1]
    own = (ph[j] - ph[j - 1]) / width
    steep, low = _turn(px, ph, flat, n, j - 1) - own, own - _turn(px, ph, flat, n, j)
    if steep <= 0.0 or low <= 0.0:
        # Straight; the bend that a step reckons with is the one around its nearer end.
        i = j if u >= px[j - 1] + 0.5 * width else j - 1
        if i == 0 or i == n - 1:
            return ph[j] + own * (u - px[j]), own, 0.0
        left, right = (ph[i] - ph[i - 1]) / (px[i] - px[i - 1]), (ph[i + 1] - ph[i]) / (px[i + 1] - px[i])
        return ph[j] + own * (u - px[j]), own, (right - left) / (0.5 * (px[i + 1] - px[i - 1]))
    knot = px[j - 1] + width * low / (steep + low)
    if u <= knot:
        past, bend = u - px[j - 1], -steep / (knot - px[j - 1])
        return ph[j - 1] + past * (own + steep + 0.5 * bend * past), own + steep + bend * past, bend
    past, bend = u - px[j], -low / (px[j] - knot)
    return ph[j] + past * (own - low + 0.5 * bend * past), own - low + bend * past, bend


@njit(cache=True, error_model="numpy")
def envelopes(corners, heights, curve, worth, low, high, first, px, ph, flat):  # type: ignore[no-untyped-def]
    """Fill the envelopes of all clusters and weeks (K, N) one after the other; return the corners used."""
    room = corners.shape[1] + 2
    at = 0
    first[0] = 0
    for k in range(low.shape[0]):
        for t in range(low.shape[1]):
            if worth[k, t] > 0.0:
                c = curve[k, t]
                at += hull(
                    corners[c], heights[c], low[k, t], high[k, t], px[at : at + room], ph[at : at + room],
                    flat[at : at + room],
                )  # fmt: skip
            first[k * low.shape[1] + t + 1] = at
    return at


@njit(cache=True, parallel=True, error_model="numpy")
def planes(px, ph, flat, first, begin, offset, weight, worth, spend, heights, gradient, hessian):  # type: ignore[no-untyped-def]
    """Fill each row's height, slopes (T,) and bends (T, T) of its clusters' supporting lines at a plan (U, T).

    Row r has the clusters ``begin[r]`` to ``begin[r + 1]``.
    """
    weeks = spend.shape[1]
    for r in prange(spend.shape[0]):
        for k in range(begin[r], begin[r + 1]):
            for n in range(worth.shape[1]):
                w = worth[k, n]
                if w <= 0.0:
                    continue
                last = min(n + 1, weeks)
                u = offset[k, n]
                for t in range(last):
                    u += weight[k, n, t] * spend[r, t]
                lo, hi = first[k * worth.shape[1] + n], first[k * worth.shape[1] + n + 1]
                v, s, b = line(px[lo:hi], ph[lo:hi], flat[lo:hi], hi - lo, u)
                heights[r] += w * v
                s *= w
                b *= w
                for t in range(last):
                    gradient[r, t] += s * weight[k, n, t]
                if b < 0.0:
                    for t in range(last):
                        part = b * weight[k, n, t]
                        for i in range(t, last):
                            hessian[r, t, i] += part * weight[k, n, i]
        for t in range(weeks):
            for i in range(t):
                hessian[r, t, i] = hessian[r, i, t]


@njit(cache=True, error_model="numpy")
def gaping(  # type: ignore[no-untyped-def]
    px, ph, flat, first, begin, offset, weight, worth, corners, heights, curve, low, high, spend, found
):  # fmt: skip
    """Add up how far envelopes are above their curves, given to cells (U, T) by their part in the adstock's range."""
    weeks = spend.shape[1]
    for r in range(spend.shape[0]):
        for k in range(begin[r], begin[r + 1]):
            for n in range(worth.shape[1]):
                if worth[k, n] <= 0.0:
                    continue
                u, width = offset[k, n], 0.0
                for t in range(min(n + 1, weeks)):
                    u += weight[k, n, t] * spend[r, t]
                    width += weight[k, n, t] * (high[r, t] - low[r, t])
                if width <= 0.0:
                    continue
                lo, hi = first[k * worth.shape[1] + n], first[k * worth.shape[1] + n + 1]
                v, _, _ = line(px[lo:hi], ph[lo:hi], flat[lo:hi], hi - lo, u)
                c = curve[k, n]
                above = worth[k, n] * max(v - _height(corners[c], heights[c], u), 0.0) / width
                for t in range(min(n + 1, weeks)):
                    found[r, t] += above * weight[k, n, t] * (high[r, t] - low[r, t])
