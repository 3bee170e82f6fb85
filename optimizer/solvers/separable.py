"""One number a row: piecewise-linear over-estimates of each row's mean curve, refined where plans are sought.

The objective is a sum over rows of functions of one number each, the mean over *all* draws. Its over-estimate is exact
at the grid's points, and rigorous between them (:mod:`mmm.response.envelopes`).
"""

# ruff: noqa: ANN001, ANN201, ANN202  (numba infers types from the call)

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from mmm.arrays import BoolArray, FloatArray, IntArray
from mmm.response.envelopes import Curves, line_curves
from optimizer.solvers.oracle import Oracle

#: Points of the first grid, which is finer where spend is low.
POINTS, BENT = 25, 1.5
#: Points closer than this share of a row's range are one.
CLOSE = 1e-7


@njit(cache=True, error_model="numpy")
def _at(x, height, lo, hi, y):  # type: ignore[no-untyped-def]
    """Interpolate between the corners lo..hi at y."""
    j = lo + np.searchsorted(x[lo:hi], y)
    if j <= lo:
        return height[lo]
    if j >= hi:
        return height[hi - 1]
    width = x[j] - x[j - 1]
    share = (y - x[j - 1]) / width if width > 0.0 else 1.0
    return height[j - 1] + share * (height[j] - height[j - 1])


@njit(cache=True, error_model="numpy")
def conjugates(x, height, first, low, high, price):  # type: ignore[no-untyped-def]
    """Return for each row the most of ``height(y) − price · y`` within its box: it lies at a corner or an end."""
    rows = low.shape[0]
    best = np.empty(rows)
    for c in range(rows):
        lo, hi = first[c], first[c + 1]
        most = _at(x, height, lo, hi, low[c]) - price[c] * low[c]
        most = max(most, _at(x, height, lo, hi, high[c]) - price[c] * high[c])
        for j in range(lo, hi):
            if low[c] < x[j] < high[c]:
                most = max(most, height[j] - price[c] * x[j])
        best[c] = most
    return best


@njit(cache=True, error_model="numpy")
def hulls(x, height, first, low, high):  # type: ignore[no-untyped-def]
    """Return the concave envelopes of all rows within their boxes, as segments.

    Returns
    -------
    owner, length, slope : (N,)
        Segments from the left; slopes fall within a row.
    base : (rows,)
        Heights at the boxes' lower ends.
    """
    rows, room = low.shape[0], x.shape[0] + 2 * low.shape[0]
    owner, length, slope = np.empty(room, np.int64), np.empty(room), np.empty(room)
    base = np.empty(rows)
    px, ph = np.empty(room), np.empty(room)
    count = 0
    for c in range(rows):
        lo, hi = first[c], first[c + 1]
        base[c] = _at(x, height, lo, hi, low[c])
        px[0], ph[0], top = low[c], base[c], 1
        for j in range(lo, hi + 1):
            if j < hi:
                if not low[c] < x[j] < high[c]:
                    continue
                y, h = x[j], height[j]
            else:
                y, h = high[c], _at(x, height, lo, hi, high[c])
            if y <= px[top - 1]:
                ph[top - 1] = max(ph[top - 1], h)
                continue
            while top > 1 and (h - ph[top - 2]) * (px[top - 1] - px[top - 2]) >= (ph[top - 1] - ph[top - 2]) * (
                y - px[top - 2]
            ):
                top -= 1
            px[top], ph[top] = y, h
            top += 1
        for j in range(1, top):
            owner[count], length[count] = c, px[j] - px[j - 1]
            slope[count] = (ph[j] - ph[j - 1]) / length[count]
            count += 1
    return owner[:count], length[:count], slope[:count], base


@njit(cache=True, error_model="numpy")
def heights(x, height, first, y):  # type: ignore[no-untyped-def]
    """Return each row's over-estimate at y."""
    found = np.empty(y.shape[0])
    for c in range(y.shape[0]):
        found[c] = _at(x, height, first[c], first[c + 1], y[c])
    return found


@dataclass(frozen=True, eq=False)
class Corners:
    """All rows' over-estimates one after the other: row c has the corners ``first[c]`` to ``first[c + 1]``."""

    x: FloatArray
    height: FloatArray
    first: IntArray


class RowCurves:
    """The over-estimates of all rows between ``low`` and ``high``, (C,), in decision variables and objective units.

    Parameters
    ----------
    oracle : Oracle
        Totals are decided: one number a row.
    low, high : (C,)

    Notes
    -----
    Assumes the mean over draws as the objective, and effects that are not negative.
    """

    def __init__(self, oracle: Oracle, low: FloatArray, high: FloatArray) -> None:
        self._oracle, self._factor = oracle, oracle.decision.factor
        self._cost = (oracle.objective.spend_weight * self._factor).sum(axis=1)
        self.low, self.high = low, np.maximum(high, low)
        share = np.linspace(0.0, 1.0, POINTS) ** BENT
        grid = low[:, None] + (self.high - low)[:, None] * share
        self._curves: list[Curves] = []
        found = self._sums(grid, None)
        for c in range(len(low)):
            grid, value, left, right = (part[c : c + 1] for part in (found.grid, found.value, found.left, found.right))
            self._curves.append(Curves(grid, value, left, right, found.taken))
        self._flatten()

    def _sums(self, grid: FloatArray, rows: IntArray | None) -> Curves:
        found = line_curves(self._oracle.response, self._factor, grid, rows)
        cost = (self._cost if rows is None else self._cost[rows])[:, None]
        weight = self._oracle.objective.response_weight
        value, left, right = (weight * part for part in (found.value, found.left, found.right))
        return Curves(grid, value - cost * grid, left - cost, right - cost, weight * found.taken)

    def _flatten(self) -> None:
        pairs = [curve.vertices() for curve in self._curves]
        sizes = [pair[0].size for pair in pairs]
        x = np.concatenate([pair[0].ravel() for pair in pairs])
        height = np.concatenate([pair[1].ravel() for pair in pairs])
        self.corners = Corners(x, height, np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64))

    def over(self, y: FloatArray) -> FloatArray:
        """Return each row's over-estimate at y, (C,)."""
        corners = self.corners
        return np.asarray(heights(corners.x, corners.height, corners.first, y))

    def between(self, y: FloatArray) -> FloatArray:
        """Return the interpolation of each row's exact values at the grid's points, (C,)."""
        pairs = zip(y, self._curves, strict=True)
        return np.array([np.interp(one, curve.grid[0], curve.value[0]) for one, curve in pairs])

    def conjugate(self, low: FloatArray, high: FloatArray, price: FloatArray) -> FloatArray:
        """Return the most of over-estimate − price · y in each row's box, (C,)."""
        corners = self.corners
        return np.asarray(conjugates(corners.x, corners.height, corners.first, low, high, price))

    def envelope(self, low: FloatArray, high: FloatArray) -> tuple[IntArray, FloatArray, FloatArray, FloatArray]:
        """Return the concave envelopes within a box; see :func:`hulls`."""
        corners = self.corners
        owner, length, slope, base = hulls(corners.x, corners.height, corners.first, low, high)
        return owner, length, slope, base

    def refine(self, y: FloatArray, wanted: BoolArray) -> bool:
        """Make the wanted rows' over-estimates exact at y, (C,); return whether any point was new."""
        rows, spots, grids = [], [], []
        for c in np.flatnonzero(wanted):
            grid = self._curves[c].grid[0]
            j = int(np.clip(np.searchsorted(grid, y[c]), 1, len(grid) - 1))
            if min(y[c] - grid[j - 1], grid[j] - y[c]) > CLOSE * (self.high[c] - self.low[c]):
                rows.append(int(c))
                spots.append(j)
                grids.append([grid[j - 1], y[c], grid[j]])
        if not rows:
            return False
        found = self._sums(np.array(grids), np.array(rows))
        for n, (row, spot) in enumerate(zip(rows, spots, strict=True)):
            self._curves[row] = _inserted(self._curves[row], found, n, spot)
        self._flatten()
        return True


def _inserted(curve: Curves, found: Curves, n: int, j: int) -> Curves:
    """Put the middle one of three points, row n of ``found``, before point j of a curve."""

    def slopes(old: FloatArray, new: FloatArray) -> FloatArray:
        return np.concatenate([old[0, : j - 1], new[n], old[0, j:]])[None]

    grid = np.insert(curve.grid[0], j, found.grid[n, 1])[None]
    value = np.insert(curve.value[0], j, found.value[n, 1])[None]
    return Curves(grid, value, slopes(curve.left, found.left), slopes(curve.right, found.right), curve.taken)
