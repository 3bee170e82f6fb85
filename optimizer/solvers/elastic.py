"""Feasibility as a problem that always has an answer: the least relative violation that all rows can share."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import cvxpy as cp
import numpy as np

from mmm.arrays import FloatArray
from mmm.exceptions import SolverError
from optimizer.limits import Limit
from optimizer.problem import AllocationProblem
from optimizer.solvers.oracle import Decision

#: A least shared violation above this is a contradiction.
CONTRADICTION = 2e-7


def solved(program: cp.Problem) -> bool:
    """Solve a small conic programme sharply; False where it has no solution."""
    try:
        with warnings.catch_warnings():
            # Almost solved is good enough: feasibility is measured again by whoever uses the answer.
            warnings.simplefilter("ignore", UserWarning)
            program.solve(solver=cp.CLARABEL, tol_feas=1e-9, tol_gap_abs=1e-9, tol_gap_rel=1e-9)
    except cp.SolverError:
        return False
    return program.status in ("optimal", "optimal_inaccurate")


def least_violation(
    problem: AllocationProblem, decision: Decision, names: Sequence[str]
) -> tuple[float, FloatArray | None]:
    """Return the least violation that the named constraints' rows can share, relative, and a point that has it."""
    y = cp.Variable(decision.shape, nonneg=True)
    shared = cp.Variable(nonneg=True)
    spend = decision.expression(y)
    rows: list[cp.Constraint] = []
    for name in names:
        for limit in problem.limits(name, spend):
            rows.extend(_elastic(limit, shared))
    elastic = cp.Problem(cp.Minimize(shared), rows)
    # Feasible always but for cones, which are not relaxed: no plan at all then.
    if not solved(elastic) and elastic.status in ("infeasible", "infeasible_inaccurate"):
        return float("inf"), None
    if shared.value is None or y.value is None:
        raise SolverError(f"the feasibility problem ended as '{elastic.status}'", do="Simplify the constraints.")
    return float(shared.value), np.asarray(y.value, dtype=np.float64)


def _elastic(limit: Limit, shared: cp.Variable) -> list[cp.Constraint]:
    row = limit.constraint
    if limit.equality:
        return [row.expr <= shared, -row.expr <= shared]
    if isinstance(row, cp.constraints.Inequality):
        return [row.expr <= shared]
    return [row]
