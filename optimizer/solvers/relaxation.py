"""One relaxation over many boxes: the clusters' envelopes maximised over plans in a box."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm.arrays import FloatArray
from mmm.response.clusters import Clusters
from optimizer.solvers.boxes import BoxedSet, BoxSupport
from optimizer.solvers.clusters import ClusterEnvelope, ClusterOracle
from optimizer.solvers.conic import FEASIBLE, ConicSet
from optimizer.solvers.oracle import Oracle
from optimizer.solvers.solution import Goal, Solution
from optimizer.solvers.sqp import ascend


@dataclass(eq=False)
class Best:
    """The best plan so far."""

    y: FloatArray
    value: float

    def offer(self, other: Solution, feasible: ConicSet) -> None:
        """Take another plan where it is better."""
        if other.value > self.value and feasible.violation(other.y) <= FEASIBLE:
            self.y, self.value = other.y, other.value


class Relaxation:
    """The clusters' envelopes over boxes of decision variables.

    Parameters
    ----------
    oracle : Oracle
    feasible : ConicSet
    clusters : Clusters
    """

    def __init__(self, oracle: Oracle, feasible: ConicSet, clusters: Clusters) -> None:
        self._oracle, self._clusters = oracle, clusters
        self._set = BoxedSet(feasible)
        self._support = BoxSupport(self._set)
        self._envelope: ClusterEnvelope | None = None

    def solve(self, low: FloatArray, high: FloatArray, near: FloatArray, goal: Goal) -> tuple[float, FloatArray] | None:
        """Return a box's bound and the relaxation's plan; None where no plan lies in the box."""
        self._set.move(low, high)
        if self._set.empty:
            return None
        self._support.move()
        spend = self._oracle.decision.spend
        self._envelope = ClusterEnvelope(self._clusters, spend(low), spend(high), like=self._envelope)
        above = ClusterOracle(
            self._oracle.response, self._oracle.decision, self._oracle.objective, envelope=self._envelope
        )
        start = np.clip(near, low, high)
        if self._set.violation(start) > FEASIBLE:
            start = np.clip(self._set.project(start).y, low, high)
        found = ascend(above, self._set, start, goal, support=self._support, phase="envelopes")
        return found.upper_bound, found.y

    def gape(self, y: FloatArray) -> FloatArray:
        """Return how much of the envelopes' distance from the curves each cell's range is behind, (C, K)."""
        if self._envelope is None:
            raise ValueError("no box was solved yet")
        return self._envelope.gape(self._oracle.decision.spend(y)) * self._oracle.objective.response_weight
