"""Whether any plan satisfies every constraint; if none does, a smallest set of constraints that contradict each other.

Feasibility is an elastic problem that always has an answer: the least relative violation s that all rows can share.
The conflict set is found by a deletion filter: drop each constraint in turn for good where the rest still contradict.
"""

from __future__ import annotations

from collections.abc import Sequence

import cvxpy as cp
import numpy as np

from mmm.arrays import FloatArray
from mmm.exceptions import InfeasibleError, SolverError
from optimizer.limits import Limit
from optimizer.problem import AllocationProblem
from optimizer.solvers.conic import FEASIBLE, ConicSet
from optimizer.solvers.oracle import Decision

#: A least shared violation above this is a contradiction.
CONTRADICTION = 2e-7
#: A start this close to feasible needs no projection.
EXACT = 1e-10


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
    elastic.solve(solver=cp.CLARABEL, tol_feas=1e-9, tol_gap_abs=1e-9, tol_gap_rel=1e-9)
    if elastic.status in ("infeasible", "infeasible_inaccurate"):
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


def smallest_conflict(problem: AllocationProblem, decision: Decision) -> tuple[str, ...]:
    """Return the names of a set of constraints that contradict each other, from which none can be left out."""
    kept = list(problem.named)
    for name in list(kept):
        rest = [other for other in kept if other != name]
        if least_violation(problem, decision, rest)[0] > CONTRADICTION:
            kept = rest
    return tuple(kept)


def feasible_point(problem: AllocationProblem, feasible: ConicSet, near: FloatArray) -> FloatArray:
    """Return the feasible decision variables nearest to ``near``.

    Raises
    ------
    InfeasibleError
        No plan satisfies every constraint; names a smallest conflicting set.
    """
    if feasible.violation(near) <= EXACT:
        return feasible.polish(near)
    step = feasible.project(near)
    y = feasible.polish(step.y)
    if step.usable and feasible.violation(y) <= FEASIBLE:
        return y
    violation, point = least_violation(problem, feasible.decision, list(problem.named))
    if violation <= CONTRADICTION and point is not None:
        y = feasible.polish(np.clip(point, 0.0, feasible.upper))
        if feasible.violation(y) <= FEASIBLE:
            return y
        raise SolverError(
            "no feasible plan was found, yet the constraints do not contradict each other", do="Loosen one a little."
        )
    raise infeasible(problem, smallest_conflict(problem, feasible.decision))


def infeasible(problem: AllocationProblem, names: Sequence[str]) -> InfeasibleError:
    """Make the error that says which constraints contradict each other."""
    sentences = [f"{name}: {problem.named[name].sentence(problem.frame_of(name))}" for name in names]
    listed = " ".join(f"({i}) {text}" for i, text in enumerate(sentences, start=1))
    alone = "this one cannot hold" if len(names) == 1 else f"these {len(names)} contradict each other"
    return InfeasibleError(
        f"no plan satisfies every constraint; {alone}: {listed}",
        conflict=sentences,
        where="constraints",
        do="Loosen or remove one of them.",
    )
