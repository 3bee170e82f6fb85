"""The feasible pattern nearest to a wish, by a whole-number programme; where there is none, which constraints clash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from mmm.arrays import FloatArray
from mmm.exceptions import SolverError
from optimizer.problem import AllocationProblem
from optimizer.solvers import highs
from optimizer.solvers.conic import FEASIBLE, ConicSet
from optimizer.solvers.oracle import decide
from optimizer.solvers.program import Program, discrete, program

#: What a switch costs against a unit of amount when either differs from the wish.
SWITCH, AMOUNT = 1.0, 0.1
#: Seconds for one programme.
TIME_LIMIT = 10.0
#: Where a subset of constraints leaves out the observed range, this multiple of it stands in.
WIDE = 1e4


def nearest(made: Program, wish: FloatArray, time_limit: float = TIME_LIMIT) -> FloatArray | None:
    """Return the point of a program nearest to a wish, (N,), in switches first and then in amounts; None: none exists.

    Raises
    ------
    SolverError
        Neither a point nor a proof that there is none.
    """
    size, count = len(made.lower), made.amounts.size
    amounts = made.amounts.ravel()
    switches = np.concatenate([*made.switches.values(), np.zeros(0, dtype=np.int64)]).astype(np.int64)
    cost = np.zeros(size + count)
    cost[switches] = np.where(wish[switches] > 0.5, -SWITCH, SWITCH)
    cost[size:] = AMOUNT
    pick = sp.csr_matrix((np.ones(count), (np.arange(count), amounts)), shape=(count, size))
    eye = sp.identity(count, format="csr")
    matrix = sp.vstack(
        [
            sp.hstack([made.matrix, sp.csr_matrix((len(made.low), count))]),
            sp.hstack([pick, -eye]),
            sp.hstack([pick, eye]),
        ]
    )
    endless = np.full(count, highs.INFINITY)
    low, high = np.concatenate([made.low, -endless, wish[amounts]]), np.concatenate([made.high, wish[amounts], endless])
    lower, upper = np.append(made.lower, np.zeros(count)), np.append(made.upper, endless)
    whole = np.append(made.whole, np.zeros(count, dtype=np.bool_))
    says = ""
    for presolve in ("on", "off"):
        solver = highs.model(matrix, low, high, lower, upper, cost=cost, integer=whole, time_limit=time_limit)
        solver.setOptionValue("presolve", presolve)
        solver.setOptionValue("mip_feasibility_tolerance", 1e-8)
        solver.run()
        values = np.array(solver.getSolution().col_value)
        says = solver.modelStatusToString(solver.getModelStatus())
        if len(values) == len(cost):
            v = values[:size]
            v[made.whole] = np.round(v[made.whole])
            if made.violation(v) <= FEASIBLE:
                return v
    if says == "Infeasible":
        return None
    raise SolverError(
        f"no plan with whole weeks and multiples was found, and none was ruled out ({says})",
        do="Loosen a constraint a little, or allow more time.",
    )


def some_plan(problem: AllocationProblem, names: Sequence[str]) -> bool:
    """Return whether some plan satisfies the named constraints, whole numbers included.

    Rows of cones are left out: True may then be too kind, False never.

    Raises
    ------
    SolverError
        Neither was found in the time there is.
    """
    stated = list(problem.named)
    keep = tuple(one for name, one in zip(stated, problem.constraints, strict=False) if name in names)
    wide = problem.observed_range
    if stated[-1] not in names:
        wide = replace(wide, limit=WIDE * wide.limit, allowed=())
    kept = replace(problem, constraints=keep, observed_range=wide)
    feasible = ConicSet(kept, decide(kept))
    made = program(kept, feasible)
    return nearest(made, np.zeros(len(made.lower))) is not None


def smallest_whole_conflict(problem: AllocationProblem) -> tuple[str, ...]:
    """Return the names of constraints that contradict each other in whole numbers, from which none can be left out.

    Where a check does not end in time its constraint stays in the set.
    """
    kept = list(problem.named)
    for name in sorted(kept, key=lambda one: one in discrete(problem)):
        rest = [other for other in kept if other != name]
        try:
            possible = some_plan(problem, rest)
        except SolverError:
            possible = True
        if not possible:
            kept = rest
    return tuple(kept)
