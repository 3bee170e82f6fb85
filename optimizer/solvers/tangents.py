r"""Tangent planes of the objective's response, by row of the plan and by groups of outcome weeks.

The response is a sum over rows u and over weeks τ of the outcome, :math:`R(y) = \sum_{u\tau} R_{u\tau}(y_u)`. Where
every draw is concave so is each part, and :math:`R_{u\tau}(n) \le R_{u\tau}(y) + g_{u\tau} \cdot (n - y)`. Planes of
the parts hold the sum far tighter than planes of the sum. S-shaped responses take their concave envelopes' planes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm.arrays import FloatArray
from optimizer.solvers.oracle import Oracle

#: Groups of outcome weeks, the weeks after the horizon besides.
MOST_GROUPS = 16


@dataclass(frozen=True, eq=False)
class Planes:
    """Tangent planes at one y.

    Attributes
    ----------
    y : (U, K)
    values : (U, G)
        In the objective's unit, spend not yet subtracted.
    slopes : (U, G, K)
    """

    y: FloatArray
    values: FloatArray
    slopes: FloatArray

    def constants(self) -> FloatArray:
        """Return the planes' heights at y = 0, (U, G)."""
        return np.asarray(self.values - np.einsum("ugk,uk->ug", self.slopes, self.y))


class Tangents:
    """The response's parts.

    Parameters
    ----------
    oracle : Oracle
        The true objective over all planning draws.
    upper : (U, K)
        Box above y, for envelopes.

    Attributes
    ----------
    groups : int
        G.
    cost : (U, K)
        What one unit of y takes from the objective.
    evaluations : int
    """

    def __init__(self, oracle: Oracle, upper: FloatArray) -> None:
        response, decision = oracle.response, oracle.decision
        self._oracle = oracle
        span, step = len(response.week_value), -(-decision.weeks // MOST_GROUPS)
        self._group = np.minimum(np.arange(span) // step, -(-decision.weeks // step)).astype(np.int64)
        self.groups = int(self._group[-1]) + 1
        #: Without spend, by the exact response: an envelope lies above it there too.
        self._nothing = response.by_weeks(np.zeros(response.shape), self._group)[0]
        self._above = response if response.concave.all() else response.envelope(decision.spend(upper))
        self.cost = self._by_decision(np.asarray(oracle.objective.spend_weight * decision.factor))
        self.evaluations = 1

    def _by_decision(self, weekly: FloatArray) -> FloatArray:
        """Add up derivatives by weeks (…, T) where totals are decided: (…, K)."""
        return weekly if self._oracle.decision.shares is None else weekly.sum(axis=-1, keepdims=True)

    def at(self, y: FloatArray) -> Planes:
        """Return the tangent planes at y, (U, K)."""
        self.evaluations += 1
        decision, weight = self._oracle.decision, self._oracle.objective.response_weight
        values, slopes = self._above.by_weeks(decision.spend(y), self._group)
        slopes = self._by_decision(weight * slopes * decision.factor[:, None, :])
        return Planes(y, weight * (values - self._nothing), slopes)

    def slope(self, y: FloatArray) -> FloatArray:
        """Return the whole response's slope at y, (U, K), spend not yet subtracted."""
        return np.asarray(self.at(y).slopes.sum(axis=1))
