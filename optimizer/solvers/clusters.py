"""The bound of clusters of draws for weekly S-shaped plans: one concave function that no plan exceeds.

Assumes the mean over draws as the objective.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm.arrays import FloatArray
from mmm.response.clusters import Clusters
from optimizer.solvers import hulls
from optimizer.solvers.oracle import Local, Oracle


class ClusterEnvelope:
    """The sum of the clusters' concave envelopes within a box of plans.

    Parameters
    ----------
    clusters : Clusters
    low, high : (U, T)
        The box, money a week.
    """

    def __init__(self, clusters: Clusters, low: FloatArray, high: FloatArray) -> None:
        self.clusters, self._low, self._high = clusters, low, high
        #: Where the clusters of each row begin.
        self._begin = np.searchsorted(clusters.row, np.arange(len(low) + 1))
        least, most = self._adstock(low), self._adstock(high)
        room = clusters.worth.size * (clusters.corners.shape[1] + 2)
        px, ph, flat = np.empty(room), np.empty(room), np.empty(room, dtype=np.bool_)
        first = np.zeros(clusters.worth.size + 1, dtype=np.int64)
        used = hulls.envelopes(
            clusters.corners, clusters.heights, clusters.curve, clusters.worth, least, most, first, px, ph, flat
        )
        self._hulls = (px[:used].copy(), ph[:used].copy(), flat[:used].copy(), first)

    def _adstock(self, spend: FloatArray) -> FloatArray:
        """Return the clusters' adstocks, (K, N)."""
        rise = np.einsum("knt,kt->kn", self.clusters.weight, spend[self.clusters.row])
        return np.asarray(self.clusters.offset + rise)

    def at(self, spend: FloatArray) -> Local:
        """Return height, slopes (U, T) and bends (U, T, T) of a concave over-estimate's supporting plane."""
        c, (rows, weeks) = self.clusters, spend.shape
        height, gradient, hessian = np.zeros(rows), np.zeros((rows, weeks)), np.zeros((rows, weeks, weeks))
        hulls.planes(*self._hulls, self._begin, c.offset, c.weight, c.worth, spend, height, gradient, hessian)
        return Local(float(height.sum() - c.reference.sum()), gradient, hessian)

    def gape(self, spend: FloatArray) -> FloatArray:
        """Return how far envelopes are above curves, given to cells by their part in the adstock's range, (U, T)."""
        c, found = self.clusters, np.zeros_like(spend)
        hulls.gaping(
            *self._hulls, self._begin, c.offset, c.weight, c.worth, c.corners, c.heights, c.curve, self._low,
            self._high, spend, found,
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
