"""Concave envelopes of many piecewise-linear curves on their own intervals, and smooth slopes along them.

A line with any slope is above a curve if it is above all its corners. A slope that is interpolated between an
envelope's segments therefore gives a supporting line that is rigorous, and one that a Newton step can follow.
"""

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
def line(px, ph, flat, n, u):  # type: ignore[no-untyped-def]
    """Return a line over an envelope's corners that is close to it at u: its height at u, its slope, and the bend."""
    if n == 1:
        return ph[0], 0.0, 0.0
    j = min(max(np.searchsorted(px[:n], u), 1), n - 1)
    width = px[j] - px[j - 1]
    own = (ph[j] - ph[j - 1]) / width
    middle = px[j - 1] + 0.5 * width
    # The neighbour towards which u lies, and the corner between: lines with slopes between both turn about it.
    if u >= middle:
        if j == n - 1:
            return ph[j] + own * (u - px[j]), own, 0.0
        corner, other, half = j, (ph[j + 1] - ph[j]) / (px[j + 1] - px[j]), 0.5 * (px[j + 1] - px[j])
        beyond = flat[j + 1]
    else:
        if j == 1:
            return ph[0] + own * (u - px[0]), own, 0.0
        corner, other, half = j - 1, (ph[j - 1] - ph[j - 2]) / (px[j - 1] - px[j - 2]), 0.5 * (px[j - 1] - px[j - 2])
        beyond = flat[j - 1]
    if flat[j]:
        # Along a true line the slope stays; the bend that a step reckons with is the one around its end.
        return ph[j] + own * (u - px[j]), own, -abs(other - own) / (0.5 * width + half)
    reach = 0.5 * width + (0.0 if beyond else half)
    bend = -abs(other - own) / reach
    slope = own + bend * (u - middle)
    return ph[corner] + slope * (u - px[corner]), slope, bend


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
