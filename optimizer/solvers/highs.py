"""HiGHS models with one fixed number of threads: two models that differ in it fail in silence in one process."""

from __future__ import annotations

from typing import Any

import highspy
import numpy as np
import scipy.sparse as sp

from mmm.arrays import BoolArray, FloatArray

INFINITY = highspy.kHighsInf
#: ``primal_solution_status`` of a solution that satisfies every row.
FEASIBLE_POINT = int(highspy.SolutionStatus.kSolutionStatusFeasible)
#: What a model's status is where it was solved, and where it has no feasible point.
OPTIMAL, NOTHING_FEASIBLE = highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible
#: Whole-number programmes stop at this relative gap of their own objective.
MIP_GAP = 0.02


def model(
    matrix: sp.spmatrix | sp.sparray,
    row_lower: FloatArray,
    row_upper: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    *,
    cost: FloatArray | None = None,
    integer: BoolArray | None = None,
    time_limit: float | None = None,
) -> Any:
    """Return a minimisation model, not yet run."""
    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.silent()
    solver.setOptionValue("threads", 1)
    if time_limit is not None:
        solver.setOptionValue("time_limit", float(time_limit))
    columns = sp.csc_matrix(matrix)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = columns.shape[1], columns.shape[0]
    lp.col_cost_ = np.zeros(columns.shape[1]) if cost is None else cost
    lp.col_lower_, lp.col_upper_ = lower, upper
    lp.row_lower_, lp.row_upper_ = row_lower, row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = columns.indptr, columns.indices, columns.data
    if integer is not None:
        solver.setOptionValue("mip_rel_gap", MIP_GAP)
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[int(whole)] for whole in integer]
    solver.passModel(lp)
    return solver
