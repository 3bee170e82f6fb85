r"""The feasible set of a plan, canonicalised once by cvxpy; our own quadratic model is put on its spend columns.

Every step solves

.. math:: \max_n \; g \cdot (n - y) + \tfrac12 (n - y)^T H (n - y) \quad \text{s.t. every constraint}, \; 0 \le n \le u

with Clarabel, whose data are updated in place; only the Hessian's values and the linear term change between steps.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Any

import clarabel
import cvxpy as cp
import numpy as np
import scipy.sparse as sp

from mmm.arrays import BoolArray, FloatArray, IntArray
from mmm.exceptions import SpecError
from optimizer.limits import Limit
from optimizer.problem import AllocationProblem
from optimizer.solvers.oracle import Decision

#: Plans are feasible to this, relative to each row's own scale.
FEASIBLE = 1e-6
#: Steps keep at least this many weeks on each side of the Hessian's diagonal, and more until this share is outside.
LEAST_BAND, DROPPED = 2, 0.03
#: Rows beyond this many are not corrected exactly after a solve.
MOST_CORRECTED = 800


@dataclass(frozen=True, eq=False)
class Step:
    """One solve over the set: the point, the row duals in canonical order, and whether the solver was content.

    The duals are per unit of the objective divided by ``scale``.
    """

    y: FloatArray
    raw: Any
    usable: bool
    says: str
    scale: float = 1.0


def settings() -> Any:
    """Return Clarabel's settings for problems whose data are updated in place."""
    chosen = clarabel.DefaultSettings()
    chosen.verbose = False
    # Data updates need the problem as it was given.
    chosen.presolve_enable = False
    chosen.tol_gap_abs = chosen.tol_gap_rel = chosen.tol_feas = 1e-9
    chosen.max_iter = 100
    if hasattr(chosen, "max_threads"):
        chosen.max_threads = 1
    return chosen


def _cones(dims: Any) -> list[Any]:
    if dims.psd or dims.p3d or getattr(dims, "pnd", None):
        raise SpecError(
            "a constraint needs semidefinite or power cones",
            where="constraints",
            do="Use linear, norm, quadratic or exponential ones.",
        )
    cones: list[Any] = [clarabel.ZeroConeT(dims.zero)] if dims.zero else []
    cones += [clarabel.NonnegativeConeT(dims.nonneg)] if dims.nonneg else []
    cones += [clarabel.SecondOrderConeT(size) for size in dims.soc]
    return cones + [clarabel.ExponentialConeT() for _ in range(dims.exp)]


class ConicSet:
    """The set of feasible decision variables y (C, K).

    Parameters
    ----------
    problem : AllocationProblem
    decision : Decision

    Attributes
    ----------
    upper : (C, K)
        Box above; below it is 0.
    matrix, rhs, zero, nonneg : canonical rows ``A v + s = b`` over N columns: zero, then nonnegative, then conic.
    columns : (C, K) int
        Where y stands among the N columns.
    """

    def __init__(self, problem: AllocationProblem, decision: Decision) -> None:
        self.decision = decision
        self.variable = cp.Variable(decision.shape)
        spend = decision.expression(self.variable)
        self.upper = decision.upper(problem.upper)
        names = list(problem.named)[:-1]
        self.limits: dict[str, tuple[Limit, ...]] = {name: problem.limits(name, spend) for name in names}
        rows = [limit.constraint for limits in self.limits.values() for limit in limits]
        # cvxpy needs one row; the box itself is ours.
        rows = rows or [cp.sum(self.variable) <= float(self.upper.sum())]
        self._canonicalise(cp.Problem(cp.Minimize(cp.sum(self.variable)), rows))
        self._free_dark_cells(problem)
        self._quadratic: Any = None
        self._far: BoolArray | None = None
        self._projector: Any = None
        self._linear: Any = None
        #: The last quadratic step: its duals are the model's prices.
        self.latest: Step | None = None

    def _canonicalise(self, problem: cp.Problem) -> None:
        # A step that stopped short of its tolerance still has duals; without this cvxpy refuses to read them.
        data, self._chain, self._inverse = problem.get_problem_data(cp.CLARABEL, solver_opts={"accept_unknown": True})
        self._problem = problem
        dims, first = data["dims"], data["param_prob"].var_id_to_col[self.variable.id]
        self.matrix: sp.csr_matrix = sp.csr_matrix(data["A"])
        self.rhs: FloatArray = np.asarray(data["b"], dtype=np.float64)
        self.zero, self.nonneg = int(dims.zero), int(dims.nonneg)
        self.second_order: tuple[int, ...] = tuple(int(size) for size in dims.soc)
        channels, periods = self.decision.shape
        self.columns: IntArray = first + np.arange(channels)[:, None] + channels * np.arange(periods)[None, :]
        self.size = int(self.matrix.shape[1])
        box = sp.csr_matrix(
            (np.ones(self.columns.size), (np.arange(self.columns.size), self.columns.ravel())),
            shape=(self.columns.size, self.size),
        )
        self._stacked = sp.csc_matrix(sp.vstack([self.matrix, box, -box]))
        self._right = np.concatenate([self.rhs, self.upper.ravel(), np.zeros(self.columns.size)])
        #: Clarabel's cones of the canonical rows.
        self.cones: list[Any] = _cones(dims)
        self._kinds = [*self.cones, clarabel.NonnegativeConeT(2 * self.columns.size)]

    def _free_dark_cells(self, problem: AllocationProblem) -> None:
        """Let only a row, not the box too, hold a cell that is fixed at nothing: else the two share one price."""
        if self.decision.shares is None:
            below = self._right[-self.columns.size :].reshape(self.columns.shape)
            for (row, week), money in problem.booked.items():
                below[row, week] = 1.0 if money == 0 else 0.0

    @property
    def polyhedral(self) -> bool:
        """Whether the set has linear rows only."""
        return self.zero + self.nonneg == self.matrix.shape[0]

    @property
    def plain(self) -> bool:
        """Whether cvxpy added no helper variables."""
        return self.size == self.columns.size

    def _pattern(self, hessian: FloatArray) -> BoolArray:
        """Fix the band that steps keep: wide enough that little of any row lies outside; return what does."""
        i, j = np.triu_indices(self.decision.shape[1])
        size, diagonal = np.abs(hessian), np.abs(np.diagonal(hessian, axis1=1, axis2=2))
        lag = np.abs(np.subtract.outer(*[np.arange(hessian.shape[1])] * 2))
        for band in range(LEAST_BAND, hessian.shape[1]):
            dropped = (size * (lag > band)).sum(axis=2)
            if (dropped <= DROPPED * diagonal).all():
                break
        else:
            band = hessian.shape[1]
        self._i, self._j = i[j - i <= band], j[j - i <= band]
        rows, cols = self.columns[:, self._i].ravel(), self.columns[:, self._j].ravel()
        self._order = np.lexsort((rows, cols))
        self.bend = sp.csc_matrix(
            (np.ones(len(rows)), (rows[self._order], cols[self._order])), shape=(self.size, self.size)
        )
        self.bend.sort_indices()
        return np.asarray(lag > band)

    def _linear_term(self, gradient: FloatArray) -> FloatArray:
        q = np.zeros(self.size)
        q[self.columns.ravel()] = -gradient.ravel()
        return q

    def curvature(self, hessian: FloatArray, scale: float) -> FloatArray:
        """Put −H/scale into :attr:`bend`, the matrix of models over all columns; return the H of the band kept."""
        if self._far is None:
            self._far = self._pattern(hessian)
        hessian = self._banded(hessian, self._far)
        self.bend.data = (-hessian[:, self._i, self._j] / scale).ravel()[self._order]
        return hessian

    def step(self, y: FloatArray, gradient: FloatArray, hessian: FloatArray) -> Step:
        """Maximise the quadratic model around y over the set; ``hessian`` must be negative semidefinite."""
        scale = float(np.abs(gradient).max(initial=0.0)) or 1.0
        hessian = self.curvature(hessian, scale)
        q = self._linear_term((gradient - np.einsum("ckl,cl->ck", hessian, y)) / scale)
        if self._quadratic is None:
            self._quadratic = clarabel.DefaultSolver(self.bend, q, self._stacked, self._right, self._kinds, settings())
        else:
            self._quadratic.update(P=self.bend, q=q)
        self.latest = replace(self._read(self._quadratic.solve()), scale=scale)
        return self.latest

    def move_row(self, row: int, value: float) -> None:
        """Set the right-hand side of one zero or nonnegative row, in place: solvers keep their factorisations.

        Only for sets without helper variables and cones; the cvxpy limits keep the old figure.
        """
        if not (self.plain and self.polyhedral):
            raise ValueError("the rows of this set cannot be moved in place")
        self.rhs[row] = self._right[row] = value
        for solver in (self._quadratic, self._projector, self._linear):
            if solver is not None:
                solver.update(b=self._right)

    def _banded(self, hessian: FloatArray, far: BoolArray) -> FloatArray:
        """Drop what lies outside the band; the diagonal takes its size, so that the model stays concave."""
        if not far.any():
            return hessian
        dropped = (np.abs(hessian) * far).sum(axis=2)
        return np.asarray(np.where(far, 0.0, hessian) - dropped[:, :, None] * np.eye(hessian.shape[1]))

    def support(self, gradient: FloatArray) -> Step:
        """Maximise a linear function over the set (conic sets; polyhedral ones go to HiGHS)."""
        scale = float(np.abs(gradient).max(initial=0.0)) or 1.0
        q = self._linear_term(gradient / scale)
        if self._linear is None:
            empty = sp.csc_matrix((self.size, self.size))
            self._linear = clarabel.DefaultSolver(empty, q, self._stacked, self._right, self._kinds, settings())
        else:
            self._linear.update(q=q)
        return self._read(self._linear.solve())

    def _read(self, raw: Any) -> Step:
        status = str(raw.status)
        y = np.clip(np.array(raw.x)[self.columns], 0.0, self.upper)
        usable = status in ("Solved", "AlmostSolved", "InsufficientProgress", "MaxIterations") and bool(
            np.isfinite(y).all()
        )
        return Step(y, raw, usable, f"Clarabel: {status}")

    def project(self, y: FloatArray) -> Step:
        """Return the point of the set nearest to y, in scaled units."""
        diagonal = np.zeros(self.size)
        diagonal[self.columns.ravel()] = 1.0
        q = self._linear_term(y)
        if self._projector is None:
            p = sp.csc_matrix(sp.diags(diagonal))
            self._projector = clarabel.DefaultSolver(p, q, self._stacked, self._right, self._kinds, settings())
        else:
            self._projector.update(q=q)
        return self._read(self._projector.solve())

    def violation(self, y: FloatArray) -> float:
        """Return the largest violation of any row or box, relative to the row's scale; computed without a solver."""
        above = (y - self.upper) / np.maximum(self.upper, 1.0)
        outside = max(float((-y).max(initial=0.0)), float(above.max(initial=0.0)))
        if self.plain and self.polyhedral:
            slack = self.matrix @ self._flat(y) - self.rhs
            slack[: self.zero] = np.abs(slack[: self.zero])
            return max(outside, float(slack.max(initial=0.0)))
        self.variable.value = y
        broken = [float(np.max(limit.constraint.violation())) for some in self.limits.values() for limit in some]
        return max([outside, *broken])

    def _flat(self, y: FloatArray) -> FloatArray:
        flat = np.zeros(self.size)
        flat[self.columns.ravel()] = y.ravel()
        return flat

    def binds(self, y: FloatArray, limit: Limit, rows: BoolArray, tolerance: float) -> bool:
        """Return whether any of some rows of a limit has less relative slack than ``tolerance`` at y."""
        if limit.equality or not isinstance(limit.constraint, cp.constraints.Inequality):
            return bool(np.any(rows))
        self.variable.value = y
        slack = -np.asarray(limit.constraint.expr.value, dtype=np.float64)
        return bool(np.any(rows & (slack <= tolerance)))

    def polish(self, y: FloatArray) -> FloatArray:
        """Remove the solver's last traces of violation from y by the least change of its free cells.

        Equalities, and inequalities that are violated, are met exactly where that is possible within the box.
        """
        y = np.where(y <= 1e-9 * self.upper, 0.0, y)
        if not (self.plain and self.polyhedral):
            return y
        for _ in range(3):
            gap = self.rhs - self.matrix @ self._flat(y)
            act = np.concatenate([np.arange(self.zero), self.zero + np.flatnonzero(gap[self.zero :] < 0)])
            free = ((y > 0) & (y < self.upper)).ravel()
            if not len(act) or len(act) > MOST_CORRECTED or float(np.abs(gap[act]).max()) < 1e-15:
                break
            rows = self.matrix[act][:, self.columns.ravel()[free]]
            gram = (rows @ rows.T).toarray()
            change = rows.T @ np.linalg.lstsq(gram, gap[act], rcond=1e-12)[0]
            moved = y.ravel().copy()
            moved[free] += change
            trial = np.clip(moved.reshape(y.shape), 0.0, self.upper)
            if self.violation(trial) > self.violation(y):
                break
            y = trial
        return y

    def row_duals(self, step: Step) -> tuple[dict[str, list[FloatArray]], FloatArray]:
        """Return each named constraint's duals (one array per limit) and those of the box above, (C, K).

        Per unit of the scaled objective that :meth:`step` solved.
        """
        with warnings.catch_warnings():
            # "Almost solved" is good enough for a price: the certificate never rests on these duals.
            warnings.simplefilter("ignore", UserWarning)
            self._problem.unpack_results(step.raw, self._chain, self._inverse)
        found = {
            name: [np.asarray(limit.constraint.dual_value, dtype=np.float64) for limit in limits]
            for name, limits in self.limits.items()
        }
        start = self.matrix.shape[0]
        box = np.array(step.raw.z)[start : start + self.columns.size].reshape(self.upper.shape)
        return found, box
