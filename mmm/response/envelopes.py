r"""Piecewise-linear curves that are never below a mean of saturation curves: the ground of bounds for S-shaped plans.

Between two neighbours of a grid every term :math:`w f(o + r y)` with :math:`w, r \ge 0` has two lines that it never
passes, one through each end: where it is convex the chord, where it is concave the tangents, and where it bends from
convex to concave the steepest slope from the left end and, from the right end, the tangent or, if that passes below the
left end, the chord. Their sums are two lines over the mean of all draws, which meet in one *apex*. The error falls
with the square of the grid's step, and none of it rests on sampling.
"""

# ruff: noqa: ANN001, ANN201, ANN202  (numba infers types from the call)

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numba import njit, prange

from mmm.arrays import FloatArray, IntArray
from mmm.response.horizon import HorizonResponse
from mmm.transforms.kernels import CHUNK, HILL_FREE, HILL_ONE, SHIFT
from mmm.transforms.saturation import LOG3
from mmm.transforms.vector_math import exp_fast, log_fast

#: Vertices are raised by this share of a curve's height for the rounding error of its sums.
ROUNDING = 1e-12
#: The smallest saturation argument, in half-saturations, whose logarithm is taken.
LEAST = 1e-60


@njit(inline="always")
def _level(form, u, half, slope):  # type: ignore[no-untyped-def]
    """Return f and f' at u."""
    if form == HILL_ONE:
        inverse = 1.0 / (u + half)
        return u * inverse, half * inverse * inverse
    if form == HILL_FREE:
        v = max(u / half + SHIFT, LEAST)
        f = 1.0 / (1.0 + exp_fast(-slope * log_fast(v)))
        return f, slope * f * (1.0 - f) / (v * half)
    rate = LOG3 / half
    e = exp_fast(-rate * u)
    f = (1.0 - e) / (1.0 + e)
    return f, 0.5 * rate * (1.0 - f * f)


@njit(cache=True, error_model="numpy")
def _bends(form, half, slope, at, steepest):  # type: ignore[no-untyped-def]
    """Fill where each term turns from convex to concave (-1: concave everywhere), and its slope there."""
    for i in range(half.shape[0]):
        at[i] = -1.0
        steepest[i] = 0.0
        if form == HILL_FREE and slope[i] > 1.0:
            v = ((slope[i] - 1.0) / (slope[i] + 1.0)) ** (1.0 / slope[i])
            at[i] = (v - SHIFT) * half[i]
            f = 0.5 * (slope[i] - 1.0) / slope[i]
            steepest[i] = slope[i] * f * (1.0 - f) / (v * half[i])


@njit(cache=True, error_model="numpy")
def _add(  # type: ignore[no-untyped-def]
    form, offset, rate, half, slope, weight, grid, at, steepest, before, value, left, right
):  # fmt: skip
    """Add terms ``weight · f(offset + rate · y)`` to a curve's values and its intervals' two slopes.

    ``before`` (3, n) is working space: argument, f and f' at the grid's last point.
    """
    size = offset.shape[0]
    for j in range(grid.shape[0]):
        total, from_left, from_right = 0.0, 0.0, 0.0
        for i in range(size):
            u = offset[i] + rate[i] * grid[j]
            f, d = _level(form, u, half[i], slope[i])
            total += weight[i] * f
            if j > 0:
                u0, f0, d0 = before[0, i], before[1, i], before[2, i]
                width = u - u0
                chord = (f - f0) / max(width, 1e-300)
                # Rounding has no part in which case it is: both are right on the border.
                low = d0 if u0 >= at[i] else steepest[i]
                high = d
                if u <= at[i] or f - d * width <= f0:
                    # Convex, or convex so far that the chord is the envelope.
                    low = chord if u0 < at[i] else low
                    high = chord if u0 < at[i] else high
                from_left += weight[i] * rate[i] * low
                from_right += weight[i] * rate[i] * high
            before[0, i], before[1, i], before[2, i] = u, f, d
        value[j] += total
        if j > 0:
            left[j - 1] += from_left
            right[j - 1] += from_right


@njit(cache=True, parallel=True, error_model="numpy")
def _line_sums(  # type: ignore[no-untyped-def]
    form, idle, rate, carry, alpha, half, slope, beta, tails, week, factor, grid, value, left, right
):  # fmt: skip
    """Fill the mean effect of each block along a line of plans: media = idle + y · rate by week; see :func:`_add`."""
    blocks, draws = alpha.shape
    for b in prange(blocks):
        bend, steepest, before = np.empty(CHUNK), np.empty(CHUNK), np.empty((3, CHUNK))
        weight = np.empty(CHUNK)
        for chunk in range(tails.shape[1]):
            lo = chunk * CHUNK
            hi = min(lo + CHUNK, draws)
            n = hi - lo
            base, step = carry[b, lo:hi].copy(), np.zeros(n)
            _bends(form[b], half[b, lo:hi], slope[b, lo:hi], bend[:n], steepest[:n])
            for t in range(tails[b, chunk]):
                for i in range(n):
                    a = alpha[b, lo + i]
                    base[i] = a * base[i] + (1.0 - a) * idle[b, t]
                    step[i] = a * step[i] + (1.0 - a) * rate[b, t]
                    weight[i] = week[t] * beta[b, lo + i] / draws
                    if factor.shape[1] > 0:
                        weight[i] *= factor[b, t, lo + i]
                _add(
                    form[b], base, step, half[b, lo:hi], slope[b, lo:hi], weight[:n], grid[b], bend[:n], steepest[:n],
                    before[:, :n], value[b], left[b], right[b],
                )  # fmt: skip


@njit(cache=True, parallel=True, error_model="numpy")
def group_sums(form, first, half, slope, weight, grid, value, left, right):  # type: ignore[no-untyped-def]
    """Fill K curves in the adstock u itself: curve k sums the terms ``first[k]`` to ``first[k + 1]`` on ``grid[k]``."""
    for k in prange(grid.shape[0]):
        lo, hi = first[k], first[k + 1]
        n = hi - lo
        bend, steepest, before = np.empty(n), np.empty(n), np.empty((3, n))
        _bends(form[k], half[lo:hi], slope[lo:hi], bend, steepest)
        _add(
            form[k], np.zeros(n), np.ones(n), half[lo:hi], slope[lo:hi], weight[lo:hi], grid[k], bend, steepest,
            before, value[k], left[k], right[k],
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Curves:
    """K curves on grids of J points, and what they never pass in between.

    Attributes
    ----------
    grid, value : (K, J)
    left, right : (K, J - 1)
        Slopes of the lines over each interval through its left and its right end.
    taken : float
        The largest figure that was subtracted from the values: their rounding error is at least that of this.
    """

    grid: FloatArray
    value: FloatArray
    left: FloatArray
    right: FloatArray
    taken: float = 0.0

    def vertices(self) -> tuple[FloatArray, FloatArray]:
        """Return the corners of the piecewise-linear over-estimates, (K, 2 J - 1) each: grid points and apexes."""
        width, rise = np.diff(self.grid, axis=1), np.diff(self.value, axis=1)
        bend = self.left - self.right
        with np.errstate(divide="ignore", invalid="ignore"):
            along = np.clip(np.where(bend > 0, (rise - self.right * width) / bend, 0.0), 0.0, width)
        where = np.empty((len(self.grid), 2 * self.grid.shape[1] - 1))
        height = np.empty_like(where)
        where[:, ::2], height[:, ::2] = self.grid, self.value
        where[:, 1::2] = self.grid[:, :-1] + along
        # Rounding may have put the apex at an end: the higher line is safe there.
        on_left, on_right = self.value[:, :-1] + self.left * along, self.value[:, 1:] - self.right * (width - along)
        inside = (along > 0) & (along < width)
        height[:, 1::2] = np.where(inside, np.maximum(on_left, on_right), np.where(along > 0, on_right, on_left))
        lift = ROUNDING * (np.abs(self.value).max(axis=1, keepdims=True) + self.taken)
        return where, height + lift


def supported(response: HorizonResponse) -> bool:
    """Return whether effects have weights of 0 or more and media are linear in spend: all of this rests on both."""
    if type(response) is not HorizonResponse or response.price_curve is not None:
        return False
    blocks = response._blocks  # noqa: SLF001
    weeks = response.week_value * response.effect_factor
    return bool((weeks >= 0).all() and (blocks.beta >= 0).all() and (blocks.factor >= 0).all())


def _picked(response: HorizonResponse, at: IntArray) -> Any:
    """Return the compiled arrays of some blocks."""
    blocks = response._blocks  # noqa: SLF001
    if len(at) == len(blocks.alpha):
        return blocks
    return replace(blocks, **{one.name: getattr(blocks, one.name)[at] for one in fields(blocks)})


def line_curves(
    response: HorizonResponse, direction: FloatArray, grid: FloatArray, rows: IntArray | None = None
) -> Curves:
    """Return each row's mean incremental outcome when its plan is a multiple of a direction.

    Parameters
    ----------
    response : HorizonResponse
        U rows, T weeks.
    direction : (U, T)
        Money a week for one unit.
    grid : (R, J)
        Multiples, ascending, from 0 up.
    rows : (R,), optional
        The rows that are asked for, ascending; default all.
    """
    rows = np.arange(response.shape[0]) if rows is None else rows
    at = np.flatnonzero(np.isin(response.units.owner, rows))
    owner = np.searchsorted(rows, response.units.owner[at])
    blocks = _picked(response, at)
    span, points, count = len(response.week_value), grid.shape[1], len(at)
    idle = np.ascontiguousarray(response.media(np.zeros(response.shape)).reshape(-1, span)[at])
    whole = np.ascontiguousarray(response.media(direction).reshape(-1, span)[at]) - idle
    value, left, right = np.zeros((count, points)), np.zeros((count, points - 1)), np.zeros((count, points - 1))
    _line_sums(
        blocks.form, idle, whole, blocks.carry, blocks.alpha, blocks.half, blocks.slope, blocks.beta, blocks.tails,
        response.week_value * response.effect_factor, blocks.factor, np.ascontiguousarray(grid[owner]), value, left,
        right,
    )  # fmt: skip
    reference = response._reference[rows].mean(axis=1, keepdims=True)  # noqa: SLF001
    first = np.searchsorted(owner, np.arange(len(rows)))
    value, left, right = (np.add.reduceat(part, first, axis=0) for part in (value, left, right))
    return Curves(grid, value - reference, left, right, float(np.abs(reference).max(initial=0.0)))
