"""The bound of clusters of draws for weekly S-shaped plans: one concave function that no plan exceeds.

Assumes the mean over draws as the objective.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm.arrays import BoolArray, FloatArray, IntArray
from mmm.response.clusters import Clusters
from optimizer.solvers import hulls
from optimizer.solvers.oracle import Local, Oracle


@dataclass(frozen=True, eq=False)
class _Corners:
    """A row's envelopes one after the other: corners, whether a segment passes over corners, where each begins."""

    x: FloatArray
    height: FloatArray
    flat: BoolArray
    first: IntArray


class ClusterEnvelope:
    """The sum of the clusters' concave envelopes within a box of plans.

    Parameters
    ----------
    clusters : Clusters
    low, high : (U, T)
        The box, money a week.
    like : ClusterEnvelope, optional
        Of the same clusters in another box: rows with the same range are taken over.
    """

    def __init__(
        self, clusters: Clusters, low: FloatArray, high: FloatArray, like: ClusterEnvelope | None = None
    ) -> None:
        self.clusters, self.box = clusters, (low, high)
        #: Where the clusters of each row begin.
        self._begin = np.searchsorted(clusters.row, np.arange(len(low) + 1))
        self.rows_corners = [self._row(r, like) for r in range(len(low))]
        ends = np.cumsum([0] + [len(one.x) for one in self.rows_corners])
        parts = [one.first[:-1] + end for one, end in zip(self.rows_corners, ends, strict=False)]
        x, height, flat = (np.concatenate([getattr(r, n) for r in self.rows_corners]) for n in ("x", "height", "flat"))
        self._hulls = (x, height, flat, np.concatenate([*parts, ends[-1:]]).astype(np.int64))

    def _row(self, r: int, like: ClusterEnvelope | None) -> _Corners:
        if like is not None and all((a[r] == b[r]).all() for a, b in zip(like.box, self.box, strict=True)):
            return like.rows_corners[r]
        c, own = self.clusters, slice(self._begin[r], self._begin[r + 1])
        least, most = (c.offset[own] + c.weight[own] @ box[r] for box in self.box)
        room = least.size * (c.corners.shape[1] + 2)
        x, height, flat = np.empty(room), np.empty(room), np.empty(room, dtype=np.bool_)
        first = np.zeros(least.size + 1, dtype=np.int64)
        used = hulls.envelopes(c.corners, c.heights, c.curve[own], c.worth[own], least, most, first, x, height, flat)
        return _Corners(x[:used].copy(), height[:used].copy(), flat[:used].copy(), first)

    def at(self, spend: FloatArray) -> Local:
        """Return height, slopes (U, T) and bends (U, T, T) of a concave over-estimate's supporting plane."""
        height, gradient, hessian = self.rows(spend)
        return Local(float(height.sum()), gradient, hessian)

    def rows(self, spend: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return each row's height (U,), slopes (U, T) and bends (U, T, T)."""
        c, (rows, weeks) = self.clusters, spend.shape
        height, gradient, hessian = np.zeros(rows), np.zeros((rows, weeks)), np.zeros((rows, weeks, weeks))
        hulls.planes(*self._hulls, self._begin, c.offset, c.weight, c.worth, spend, height, gradient, hessian)
        return height + (c.tilt * spend).sum(axis=1) - c.reference, gradient + c.tilt, hessian

    def gape(self, spend: FloatArray) -> FloatArray:
        """Return how far envelopes are above curves, given to cells by their part in the adstock's range, (U, T)."""
        c, found = self.clusters, np.zeros_like(spend)
        hulls.gaping(
            *self._hulls, self._begin, c.offset, c.weight, c.worth, c.corners, c.heights, c.curve, self.box[0],
            self.box[1], spend, found,
        )  # fmt: skip
        return found


@dataclass(eq=False)
class ClusterOracle(Oracle):
    """The objective with the clusters' envelopes in place of the response; never below it in the envelopes' box."""

    envelope: ClusterEnvelope | None = None

    def at(self, y: FloatArray) -> Local:
        """Evaluate the supporting plane at y: its height there, its gradient, and a Hessian for the next step."""
        self.evaluations += 1
        if self.envelope is None:
            raise TypeError("no envelope was given")
        factor, weight = self.decision.factor, self.objective.response_weight
        spend = self.decision.spend(y)
        found = self.envelope.at(spend)
        slope = (weight * found.gradient - self.objective.spend_weight) * factor
        bend = weight * found.hessian * factor[:, :, None] * factor[:, None, :]
        return Local(weight * found.value - self.objective.cost(spend), slope, bend)
