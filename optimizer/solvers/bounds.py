r"""Upper bounds on a concave objective over the feasible set, safe against the tolerance of the solver that helped.

For concave F every feasible n has :math:`F(n) \le F(y) + g \cdot (n - y)`. With any duals :math:`z` of the rows
:math:`A v \le b` that are not negative (free on equalities),

.. math:: \max_n g \cdot n \;\le\; b^T z + \sum_j \max_{0 \le v_j \le u_j} (g - A^T z)_j v_j ,

so duals that a solver found are clipped to their cone and the right-hand side is computed here: whatever the solver's
error, the figure is a bound.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from mmm.arrays import FloatArray, IntArray
from optimizer.solvers import highs
from optimizer.solvers.conic import ConicSet

#: Helper variables that cvxpy adds have no box of their own; at a solution they are taken to stay within this multiple.
HELPER_BOX = 1e3


class Support(Protocol):
    """An upper bound on a linear function over the feasible set."""

    method: str

    def most(self, gradient: FloatArray) -> float:
        """Return an upper bound of ``max gradient · n``."""


def dual_value(feasible: ConicSet, gradient: FloatArray, duals: FloatArray, helpers: FloatArray | None) -> float:
    """Return the bound of the module's docstring for clipped duals over the canonical rows.

    Parameters
    ----------
    gradient : (C, K)
    duals : (rows,)
        Already in the dual cone.
    helpers : (N,), optional
        Values of all columns at the helper's solution; sizes the box of cvxpy's own variables.
    """
    columns = feasible.columns.ravel()
    cost = np.zeros(feasible.size)
    cost[columns] = gradient.ravel()
    reduced = cost - feasible.matrix.T @ duals
    lower, upper = np.zeros(feasible.size), np.zeros(feasible.size)
    if helpers is not None:
        upper = HELPER_BOX * (1.0 + np.abs(helpers))
        lower = -upper
    lower[columns], upper[columns] = 0.0, feasible.upper.ravel()
    return float(feasible.rhs @ duals + np.maximum(reduced * lower, reduced * upper).sum())


class LinearSupport:
    """Polyhedral sets: a warm HiGHS LP gives the duals."""

    def __init__(self, feasible: ConicSet) -> None:
        self.feasible = feasible
        self.method = "tangent at the plan, HiGHS LP over the feasible set, rebuilt from clipped duals"
        lower = np.full(feasible.size, -highs.INFINITY)
        upper = np.full(feasible.size, highs.INFINITY)
        columns = feasible.columns.ravel()
        lower[columns], upper[columns] = 0.0, feasible.upper.ravel()
        below = np.full(len(feasible.rhs), -highs.INFINITY)
        below[: feasible.zero] = feasible.rhs[: feasible.zero]
        self._model = highs.model(feasible.matrix, below, feasible.rhs, lower, upper)
        self._index: IntArray = np.arange(feasible.size, dtype=np.int32)

    def move_row(self, row: int) -> None:
        """Take over a right-hand side that the set has moved; the model keeps its basis."""
        value = float(self.feasible.rhs[row])
        self._model.changeRowBounds(row, value if row < self.feasible.zero else -highs.INFINITY, value)

    def most(self, gradient: FloatArray) -> float:
        """Return an upper bound of ``max gradient · n``."""
        scale = float(np.abs(gradient).max(initial=0.0)) or 1.0
        cost = np.zeros(self.feasible.size)
        cost[self.feasible.columns.ravel()] = -gradient.ravel() / scale
        self._model.changeColsCost(self.feasible.size, self._index, cost)
        self._model.run()
        solution = self._model.getSolution()
        duals = -np.array(solution.row_dual)
        if len(duals) != len(self.feasible.rhs) or not np.isfinite(duals).all():
            duals = np.zeros(len(self.feasible.rhs))
        duals[self.feasible.zero :] = np.maximum(duals[self.feasible.zero :], 0.0)
        helpers = None if self.feasible.plain else np.array(solution.col_value)
        return scale * dual_value(self.feasible, gradient / scale, duals, helpers)


class ConeSupport:
    """Sets with second-order or exponential cones: Clarabel gives the duals."""

    def __init__(self, feasible: ConicSet) -> None:
        self.feasible = feasible
        self.method = "tangent at the plan, conic duals from Clarabel, clipped"

    def most(self, gradient: FloatArray) -> float:
        """Return an upper bound of ``max gradient · n``."""
        scale = float(np.abs(gradient).max(initial=0.0)) or 1.0
        step = self.feasible.support(gradient)
        duals = self._in_cone(np.array(step.raw.z)[: len(self.feasible.rhs)])
        return scale * dual_value(self.feasible, gradient / scale, duals, np.array(step.raw.x))

    def _in_cone(self, duals: FloatArray) -> FloatArray:
        start, stop = self.feasible.zero, self.feasible.zero + self.feasible.nonneg
        duals[start:stop] = np.maximum(duals[start:stop], 0.0)
        at = stop
        for size in self.feasible.second_order:
            # A second-order cone is its own dual: the head must be at least the norm of the rest.
            duals[at] = max(duals[at], float(np.linalg.norm(duals[at + 1 : at + size])))
            at += size
        for begin in range(at, len(duals), 3):
            duals[begin : begin + 3] = _in_dual_exponential(duals[begin : begin + 3])
        return duals


def _in_dual_exponential(z: FloatArray) -> FloatArray:
    """Move three numbers into the dual exponential cone: u < 0, w ≥ -u exp(v/u - 1)."""
    u = min(float(z[0]), -1e-12)
    v = float(z[1])
    return np.array([u, v, max(float(z[2]), -u * np.exp(min(v / u - 1.0, 500.0)))])


def support(feasible: ConicSet) -> Support:
    """Pick the bound that the set's rows allow."""
    return LinearSupport(feasible) if feasible.polyhedral else ConeSupport(feasible)
