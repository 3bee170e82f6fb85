r"""Bounds from several tangents at once, rebuilt from clipped multipliers like those of one tangent.

Every tangent k of a concave value gives :math:`F(n) \le c_k + g_k \cdot n`, every tangent i of a concave requirement
:math:`0 \le d_i + e_i \cdot n`. For any :math:`\lambda \ge 0` with sum 1 and any :math:`\mu \ge 0`

.. math:: \max F \;\le\; \sum_k \lambda_k c_k + \sum_i \mu_i d_i
   + \max_n \Big(\sum_k \lambda_k g_k + \sum_i \mu_i e_i\Big) \cdot n ,

so that multipliers from any solver give a bound; the last term is bounded as in :mod:`optimizer.solvers.bounds`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import clarabel
import numpy as np
import scipy.sparse as sp

from mmm.arrays import FloatArray
from optimizer.solvers import highs
from optimizer.solvers.bounds import Support, dual_value
from optimizer.solvers.conic import ConicSet, settings

#: Bounds are widened by this share for the rounding error of the sums in them.
ROUNDING = 1e-13


@dataclass(frozen=True, eq=False)
class Cut:
    """A linear function above a concave one: ``constant + gradient · n``; weights (S,) of the draws it stands for."""

    constant: float
    gradient: FloatArray
    weights: FloatArray | None = None

    @classmethod
    def tangent(cls, value: float, gradient: FloatArray, y: FloatArray, weights: FloatArray | None = None) -> Cut:
        """Return the tangent at y, (C, K), widened for rounding."""
        moved = gradient * y
        size = abs(value) + float(np.abs(moved).sum())
        return cls(value - float(moved.sum()) + ROUNDING * size, gradient, weights)

    def at(self, y: FloatArray) -> float:
        """Return its value at y."""
        return self.constant + float((self.gradient * y).sum())


class CutBound:
    """The least upper bound that cuts give over a set; cuts are added one by one, and the solver stays warm.

    Parameters
    ----------
    feasible : ConicSet
    support : Support
        Bounds of linear functions over it, for sets with cones.
    """

    def __init__(self, feasible: ConicSet, support: Support) -> None:
        self.feasible, self._support = feasible, support
        self.cuts: list[Cut] = []
        self.needs: list[Cut] = []
        self._scale = 0.0
        self._linear: Any = None
        self._rows: list[tuple[bool, int]] = []

    def add(self, cut: Cut) -> None:
        """Add a tangent of the value."""
        self._scale = self._scale or float(np.abs(cut.gradient).max(initial=0.0)) or 1.0
        self._add_row(cut, is_value=True, position=len(self.cuts))
        self.cuts.append(cut)

    def require(self, need: Cut) -> None:
        """Add a tangent of a requirement (at least 0)."""
        self._add_row(need, is_value=False, position=len(self.needs))
        self.needs.append(need)

    def _add_row(self, cut: Cut, *, is_value: bool, position: int) -> None:
        self._rows.append((is_value, position))
        if not self.feasible.polyhedral:
            return
        if self._linear is None:
            self._linear = self._start()
        size = self.feasible.size
        scale = self._scale if is_value else float(np.abs(cut.gradient).max(initial=0.0)) or 1.0
        index = np.append(self.feasible.columns.ravel(), size).astype(np.int32)
        values = np.append(-cut.gradient.ravel() / scale, 1.0 if is_value else 0.0)
        self._linear.addRow(-highs.INFINITY, cut.constant / scale, len(index), index, values)

    def _start(self) -> Any:
        feasible = self.feasible
        lower = np.full(feasible.size + 1, -highs.INFINITY)
        upper = np.full(feasible.size + 1, highs.INFINITY)
        columns = feasible.columns.ravel()
        lower[columns], upper[columns] = 0.0, feasible.upper.ravel()
        below = np.full(len(feasible.rhs), -highs.INFINITY)
        below[: feasible.zero] = feasible.rhs[: feasible.zero]
        wide = sp.hstack([feasible.matrix, sp.csr_matrix((len(feasible.rhs), 1))])
        cost = np.append(np.zeros(feasible.size), -1.0)
        return highs.model(wide, below, feasible.rhs, lower, upper, cost=cost)

    def most(self) -> float:
        """Return the bound, infinite without cuts."""
        if not self.cuts:
            return float("inf")
        return self._with_linear() if self.feasible.polyhedral else self._with_cones()

    def _with_linear(self) -> float:
        self._linear.run()
        solution, rows = self._linear.getSolution(), len(self.feasible.rhs)
        duals = -np.array(solution.row_dual)
        if len(duals) != rows + len(self._rows) or not np.isfinite(duals).all():
            duals = np.zeros(rows + len(self._rows))
        own = duals[:rows].copy()
        own[self.feasible.zero :] = np.maximum(own[self.feasible.zero :], 0.0)
        share, _, constant, gradient = self._mixed(duals[rows:])
        if share is None:
            return self._newest()
        helpers = None if self.feasible.plain else np.array(solution.col_value)[: self.feasible.size]
        # The multipliers of the set's own rows were scaled with those of the cuts.
        return constant + self._scale * dual_value(self.feasible, gradient / self._scale, own / share, helpers)

    def _mixed(self, raw: FloatArray) -> tuple[float | None, FloatArray, float, FloatArray]:
        """Clip and normalise multipliers; return their sum, the requirements' prices, and the mixed cut."""
        raw = np.maximum(raw, 0.0)
        lam = np.array([raw[r] for r, (is_value, _) in enumerate(self._rows) if is_value])
        mu = np.array([raw[r] for r, (is_value, _) in enumerate(self._rows) if not is_value])
        total = float(lam.sum())
        if not total > 0:
            return None, mu, 0.0, np.zeros(self.feasible.upper.shape)
        lam = lam / total
        sizes = np.array([float(np.abs(need.gradient).max(initial=0.0)) or 1.0 for need in self.needs])
        mu = mu / total * self._scale / sizes if len(mu) else mu
        constant = float(sum(w * cut.constant for w, cut in zip(lam, self.cuts, strict=True)))
        constant += float(sum(m * need.constant for m, need in zip(mu, self.needs, strict=True)))
        gradient = np.zeros(self.feasible.upper.shape)
        for weight, cut in zip(lam, self.cuts, strict=True):
            gradient += weight * cut.gradient
        for weight, need in zip(mu, self.needs, strict=True):
            gradient += weight * need.gradient
        return total, mu, constant, gradient

    def _newest(self) -> float:
        last = self.cuts[-1]
        return last.constant + self._support.most(last.gradient)

    def _with_cones(self) -> float:
        """Solve with Clarabel for the cuts' multipliers; the set's own come from its support function."""
        feasible = self.feasible
        size, cells = feasible.size, feasible.columns.size
        rows, right = [], []
        for is_value, position in self._rows:
            cut = self.cuts[position] if is_value else self.needs[position]
            scale = self._scale if is_value else float(np.abs(cut.gradient).max(initial=0.0)) or 1.0
            row = np.zeros(size + 1)
            row[feasible.columns.ravel()], row[size] = -cut.gradient.ravel() / scale, float(is_value)
            rows.append(row)
            right.append(cut.constant / scale)
        pad = sp.csr_matrix((len(feasible.rhs), 1))
        box = sp.csr_matrix((np.ones(cells), (np.arange(cells), feasible.columns.ravel())), shape=(cells, size + 1))
        matrix = sp.csc_matrix(sp.vstack([sp.hstack([feasible.matrix, pad]), box, -box, sp.csr_matrix(np.array(rows))]))
        limits = np.concatenate([feasible.rhs, feasible.upper.ravel(), np.zeros(cells), right])
        kinds = [*feasible.cones, clarabel.NonnegativeConeT(2 * cells + len(rows))]
        empty = sp.csc_matrix((size + 1, size + 1))
        cost = np.append(np.zeros(size), -1.0)
        raw = clarabel.DefaultSolver(empty, cost, matrix, limits, kinds, settings()).solve()
        duals = np.array(raw.z)[-len(rows) :]
        if not np.isfinite(duals).all():
            return self._newest()
        share, _, constant, gradient = self._mixed(duals)
        return self._newest() if share is None else constant + self._support.most(gradient)
