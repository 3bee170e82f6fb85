r"""Clusters of draws with alike carryover, each with one adstock that none of its draws exceeds.

A draw's adstock is linear in spend, :math:`a_{ts} = o_{ts} + \sum_u W_{tu,s} x_u`, and saturation rises with it. With
the largest offset and the largest weights of a cluster's draws, :math:`a_{ts} \le \bar u_t(x) = \bar o_t + \sum_u \bar
W_{tu} x_u`, so

.. math:: \sum_{s \in q} \beta_s f_s(a_{ts}(x)) \le g_q(\bar u_t(x)), \qquad g_q(u) = \sum_{s \in q} \beta_s f_s(u) .

The concave envelope of the cluster's *mean* curve g lies below the mean of its draws' envelopes; what is lost instead
is the width of the cluster's carryover.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mmm.arrays import FloatArray, IntArray
from mmm.response.envelopes import Curves, group_sums
from mmm.response.horizon import HorizonResponse
from mmm.transforms.kernels import CHUNK

#: Points of a cluster's curve, which is finer where the adstock is low.
POINTS, BENT = 49, 1.5


@dataclass(frozen=True, eq=False)
class Clusters:
    """K clusters of all blocks, N weeks in which their effects count, T weeks that are decided.

    Attributes
    ----------
    row : (K,)
        The row of a plan that the cluster's media belong to.
    offset : (K, N)
        Adstock without spend in the horizon.
    weight : (K, N, T)
        Adstock per unit of money.
    worth : (K, N)
        What the cluster's curve counts for in each week; 0 after its draws' carryover has ended.
    curve : (K, N) int
        Which of the curves is the cluster's in a week.
    corners, heights : (curves, V)
        Their rigorous piecewise-linear over-estimates, in outcome units of the mean over all draws.
    reference : (rows,)
        Each row's mean effect without spend in the horizon, exactly.
    tilt : (rows, T)
        What each row's figure besides changes by with a unit of money.
    start : (clusters of a block,) int
        The first of each cluster's draws, which are sorted by retention.
    """

    row: IntArray
    offset: FloatArray
    weight: FloatArray
    worth: FloatArray
    curve: IntArray
    corners: FloatArray
    heights: FloatArray
    reference: FloatArray
    tilt: FloatArray
    start: IntArray


def joined(parts: Sequence[Clusters], picked: IntArray) -> Clusters:
    """Return each row's clusters from one of several cuts of the same response, ``picked`` (rows,)."""
    keep = [np.flatnonzero(picked[part.row] == p) for p, part in enumerate(parts)]
    order = np.argsort(np.concatenate([part.row[k] for part, k in zip(parts, keep, strict=True)]), kind="stable")
    ends = np.cumsum([0] + [len(part.corners) for part in parts])
    own = np.arange(len(picked))
    fields = {
        name: np.concatenate([getattr(part, name)[k] for part, k in zip(parts, keep, strict=True)])[order]
        for name in ("row", "offset", "weight", "worth")
    }
    curve = np.concatenate([part.curve[k] + end for part, k, end in zip(parts, keep, ends[:-1], strict=True)])[order]
    return Clusters(
        **fields,
        curve=curve,
        corners=np.concatenate([part.corners for part in parts]),
        heights=np.concatenate([part.heights for part in parts]),
        reference=np.array([part.reference for part in parts])[picked, own],
        tilt=np.array([part.tilt for part in parts])[picked, own],
        start=parts[0].start,
    )


def _starts(draws: int, clusters: int) -> IntArray:
    """Return where clusters of neighbouring draws begin: alike in size, none across two of the kernel's chunks."""
    found: list[int] = []
    for lo in range(0, draws, CHUNK):
        size = min(CHUNK, draws - lo)
        parts = max(1, min(round(clusters * size / draws), size))
        found += [lo + (size * part) // parts for part in range(parts)]
    return np.array(found, dtype=np.int64)


def clustered(response: HorizonResponse, most: FloatArray, clusters: int) -> Clusters:
    """Return clusters of draws with neighbouring retention.

    Parameters
    ----------
    response : HorizonResponse
        One that :func:`mmm.response.envelopes.supported` allows.
    most : (U, T)
        The most that any plan spends, money a week.
    clusters : int
        About how many a block of draws is cut into; at least one to every 128 draws.
    """
    blocks, horizon = response._blocks, response.shape[1]  # noqa: SLF001
    count, draws = blocks.alpha.shape
    start = _starts(draws, clusters)
    span = int(blocks.tails.max())
    idle = response.media(np.zeros(response.shape)).reshape(count, -1)[:, :span]
    rate = response.media(np.ones(response.shape)).reshape(count, -1)[:, :horizon]
    rate = rate - idle[:, :horizon]
    offset, weight = _carried(blocks.alpha, blocks.carry, idle, start), _kept(blocks.alpha, rate, start, span)
    row = np.repeat(response.units.owner, len(start))
    ends = blocks.tails[:, np.minimum(start // CHUNK, blocks.tails.shape[1] - 1)].reshape(-1)
    weeks = (response.week_value * response.effect_factor)[:span]
    worth = np.where(np.arange(span) < ends[:, None], weeks, 0.0)
    highest = offset + np.einsum("knt,kt->kn", weight, most[row])
    used = worth > 0
    low = np.where(used, offset, np.inf).min(axis=1)
    high = np.where(used, highest, 0.0).max(axis=1)
    low = np.minimum(low, high)
    curve = np.broadcast_to(np.arange(len(row))[:, None], worth.shape)
    if blocks.factor.shape[1] == 0:
        corners, heights = _mean_curves(response, start, low, high, None)
    else:
        parts = [_mean_curves(response, start, low, high, week) for week in range(span)]
        corners, heights = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
        curve = curve + len(row) * np.arange(span)
    return Clusters(
        row, offset, weight, worth, np.ascontiguousarray(curve), corners, heights,
        response._reference.mean(axis=1), np.zeros(response.shape), start,  # noqa: SLF001
    )  # fmt: skip


def _carried(alpha: FloatArray, carry: FloatArray, idle: FloatArray, start: IntArray) -> FloatArray:
    """Return the largest adstock without spend of each cluster, (K, N)."""
    count, span = idle.shape
    found, state = np.empty((count, len(start), span)), carry
    for t in range(span):
        state = alpha * state + (1.0 - alpha) * idle[:, t, None]
        found[:, :, t] = np.maximum.reduceat(state, start, axis=1)
    return found.reshape(-1, span)


def _kept(alpha: FloatArray, rate: FloatArray, start: IntArray, span: int) -> FloatArray:
    """Return the largest weight of each cluster by week and week of spend, (K, N, T)."""
    count, horizon = rate.shape
    lag, kept = (1.0 - alpha), np.empty((count, len(start), span))
    for since in range(span):
        kept[:, :, since] = np.maximum.reduceat(lag, start, axis=1)
        lag = lag * alpha
    found = np.zeros((count, len(start), span, horizon))
    for t in range(horizon):
        found[:, :, t:, t] = kept[:, :, : span - t] * rate[:, None, t, None]
    return found.reshape(-1, span, horizon)


def _mean_curves(
    response: HorizonResponse, start: IntArray, low: FloatArray, high: FloatArray, week: int | None
) -> tuple[FloatArray, FloatArray]:
    """Return the corners of the clusters' mean curves between ``low`` and ``high`` (K,), in one week if given."""
    blocks = response._blocks  # noqa: SLF001
    count, draws = blocks.alpha.shape
    first = np.concatenate([(np.arange(count)[:, None] * draws + start).ravel(), [count * draws]])
    form = np.repeat(blocks.form, len(start))
    grid = low[:, None] + (high - low)[:, None] * np.linspace(0.0, 1.0, POINTS) ** BENT
    beta = blocks.beta / draws
    if week is not None:
        beta = beta * blocks.factor[:, week]
    value, left, right = np.zeros(grid.shape), np.zeros((len(grid), POINTS - 1)), np.zeros((len(grid), POINTS - 1))
    group_sums(
        form, first, blocks.half.ravel(), blocks.slope.ravel(), np.ascontiguousarray(beta).ravel(), grid, value, left,
        right,
    )  # fmt: skip
    return Curves(grid, value, left, right).vertices()
