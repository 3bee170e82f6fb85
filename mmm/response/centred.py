r"""Clusters of draws that lose nothing to the width of their carryover at one plan, and little around it.

A cluster's adstock :math:`v(x)` is at least each draw's, :math:`v - D(v) \le a_s \le v`. For any
:math:`\sigma_s \ge 0`,

.. math:: f_s(a_s) = \sigma_s a_s + (f_s - \sigma_s \mathrm{id})(a_s) \;\le\;
   f_s(v) - \sigma_s (v - a_s) + \int_{v - D(v)}^{v} \left( \sigma_s - f_s'(u) \right)^+ du .

The second term is linear in spend and is summed exactly; the third depends on v alone and is added to the cluster's
curve before its envelope is taken. With :math:`\sigma_s = f_s'(a_s)` at a plan, what is left of the width there is of
second order.
"""

# ruff: noqa: ANN001, ANN202  (numba infers types from the call)

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numba import njit, prange

from mmm.arrays import FloatArray
from mmm.response.clusters import Clusters
from mmm.response.envelopes import _level
from mmm.response.horizon import HorizonResponse


@njit(cache=True, error_model="numpy")
def _widths(offset, idle, weight, own, most, at, found):  # type: ignore[no-untyped-def]
    """Fill the most that a draw's adstock can be below the cluster's where that is ``at`` (J,).

    ``offset``, ``weight`` (T,): of the cluster; ``idle``, ``own`` (T,): the same of the draw; ``most`` (T,): the weeks'
    spend. The most is a fractional knapsack: weeks fill up the adstock in the order of what they can hide of it.
    """
    size = weight.shape[0]
    share = np.zeros(size)
    for t in range(size):
        share[t] = 1.0 - own[t] / weight[t] if weight[t] > 0.0 else -1.0
    order = np.argsort(-share)
    filled, hidden, next_week = offset, offset - idle, 0
    for j in range(at.shape[0]):
        while next_week < size:
            t = order[next_week]
            room = weight[t] * most[t]
            if share[t] < 0.0 or filled + room > at[j]:
                break
            filled += room
            hidden += share[t] * room
            next_week += 1
        part = max(share[order[next_week]], 0.0) if next_week < size else 0.0
        found[j] = min(hidden + part * max(at[j] - filled, 0.0), at[j])


@njit(cache=True, error_model="numpy")
def _shortfalls(sigma, scale, grid, slopes, width, sums, at_grid, beyond):  # type: ignore[no-untyped-def]
    """Add a draw's integrals of (sigma - f')+ below each grid point, (J,), and what they may grow by after it.

    ``slopes`` (J,): f' at the grid. Slopes rise and then fall, or fall: the least of an interval is at one of its ends.
    ``sums`` (J,) is working space.
    """
    sums[0], cell = 0.0, 0
    for j in range(grid.shape[0]):
        if j > 0:
            more = max(sigma - min(slopes[j - 1], slopes[j]), 0.0) * (grid[j] - grid[j - 1])
            beyond[j - 1] += scale * more
            sums[j] = sums[j - 1] + more
        start = grid[j] - width[j]
        while cell < j and grid[cell + 1] < start:
            cell += 1
        below = sums[cell]
        if cell < j:
            below += (sums[cell + 1] - sums[cell]) * max(start - grid[cell], 0.0) / (grid[cell + 1] - grid[cell])
        # Below the grid nothing is known of slopes but that they are not negative.
        at_grid[j] += scale * (sums[j] - below + sigma * max(grid[0] - start, 0.0))


@njit(cache=True, parallel=True, error_model="numpy")
def _lift(  # type: ignore[no-untyped-def]
    form, carry, alpha, half, slope, beta, factor, media, idle, rate, first, per_block, worth, offset, weight, most,
    row, grid, cell, base, tilt, at_grid, beyond
):  # fmt: skip
    """Fill each cluster's constant (K,) and tilt (K, T), and what its curves are lifted by at and after grid points."""
    horizon = tilt.shape[1]
    for k in prange(worth.shape[0]):
        b, q = k // per_block, k % per_block
        lo = first[q]
        n = first[q + 1] - lo
        here, without = carry[b, lo : lo + n].copy(), carry[b, lo : lo + n].copy()
        kept, width, sums = np.zeros((n, horizon)), np.empty(grid.shape[1]), np.empty(grid.shape[1])
        slopes = np.empty((n, grid.shape[1]))
        for i in range(n):
            for j in range(grid.shape[1]):
                _, slopes[i, j] = _level(form[b], grid[k, j], half[b, lo + i], slope[b, lo + i])
        for t in range(worth.shape[1]):
            for i in range(n):
                a = alpha[b, lo + i]
                here[i] = a * here[i] + (1.0 - a) * media[b, t]
                without[i] = a * without[i] + (1.0 - a) * idle[b, t]
                for u in range(min(t, horizon)):
                    kept[i, u] *= a
                if t < horizon:
                    kept[i, t] = (1.0 - a) * rate[b, t]
            if worth[k, t] <= 0.0:
                continue
            last, c = min(t + 1, horizon), cell[k, t]
            for i in range(n):
                s = lo + i
                scale = beta[b, s] / alpha.shape[1]
                if factor.shape[1] > 0:
                    scale *= factor[b, t, s]
                _, sigma = _level(form[b], here[i], half[b, s], slope[b, s])
                base[k] += worth[k, t] * scale * sigma * (without[i] - offset[k, t])
                for u in range(last):
                    tilt[k, u] += worth[k, t] * scale * sigma * (kept[i, u] - weight[k, t, u])
                _widths(
                    offset[k, t], without[i], weight[k, t, :last], kept[i, :last], most[row[k], :last], grid[k], width
                )
                _shortfalls(sigma, scale, grid[k], slopes[i], width, sums, at_grid[c], beyond[c])


def terms(response: HorizonResponse) -> int:
    """Return how many draws' curves in how many weeks :func:`centred` looks at."""
    blocks = response._blocks  # noqa: SLF001
    return int(blocks.tails.mean() * blocks.alpha.size)


def centred(response: HorizonResponse, clusters: Clusters, most: FloatArray, plan: FloatArray) -> Clusters:
    """Return clusters that are closest to the response around a plan.

    Parameters
    ----------
    response : HorizonResponse
        The one that the clusters are of.
    clusters : Clusters
    most : (U, T)
        The most that any plan spends, money a week.
    plan : (U, T)
        Any plan: what holds does not rest on it.
    """
    blocks, horizon = response._blocks, response.shape[1]  # noqa: SLF001
    count, draws = blocks.alpha.shape
    span = clusters.worth.shape[1]
    idle = np.ascontiguousarray(response.media(np.zeros(response.shape)).reshape(count, -1)[:, :span])
    media = np.ascontiguousarray(response.media(plan).reshape(count, -1)[:, :span])
    rate = response.media(np.ones(response.shape)).reshape(count, -1)[:, :horizon] - idle[:, :horizon]
    used = clusters.worth > 0
    cell = np.full(used.shape, -1, dtype=np.int64)
    cell[used] = np.arange(int(used.sum()))
    base, tilt = np.zeros(len(used)), np.zeros((len(used), horizon))
    grid = np.ascontiguousarray(clusters.corners[: len(used), ::2])
    at_grid, beyond = (np.zeros((int(used.sum()), grid.shape[1] - less)) for less in (0, 1))
    _lift(
        blocks.form, blocks.carry, blocks.alpha, blocks.half, blocks.slope, blocks.beta, blocks.factor, media, idle,
        np.ascontiguousarray(rate), np.append(clusters.start, draws), len(clusters.start), clusters.worth,
        clusters.offset, clusters.weight, most, clusters.row, grid, cell, base, tilt, at_grid, beyond,
    )  # fmt: skip
    own = clusters.curve[used]
    corners, raised = clusters.corners[own], clusters.heights[own]
    after = (corners[:, 1::2] - corners[:, :-1:2]) / np.maximum(corners[:, 2::2] - corners[:, :-1:2], 1e-300)
    raised[:, 1::2] += at_grid[:, :-1] + beyond * np.minimum(after, 1.0)
    raised[:, 0] += at_grid[:, 0]
    raised[:, 2::2] += np.maximum(at_grid[:, 1:], at_grid[:, :-1] + beyond)
    rows = int(clusters.row.max()) + 1
    bases, tilts = np.zeros(rows), np.zeros((rows, horizon))
    np.add.at(bases, clusters.row, base)
    np.add.at(tilts, clusters.row, tilt)
    return replace(
        clusters, curve=np.maximum(cell, 0), corners=corners, heights=raised,
        reference=clusters.reference - bases, tilt=tilts,
    )  # fmt: skip
