"""Whether any plan satisfies every constraint; if none does, a smallest set of constraints that contradict each other.

The conflict set is found by a deletion filter: drop each constraint in turn for good where the rest still contradict.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mmm.arrays import FloatArray
from mmm.exceptions import InfeasibleError, SolverError
from optimizer.problem import AllocationProblem
from optimizer.solvers.conic import FEASIBLE, ConicSet
from optimizer.solvers.elastic import CONTRADICTION, least_violation
from optimizer.solvers.oracle import Decision
from optimizer.solvers.relaxations import remedy
from optimizer.solvers.whole_relaxations import whole_remedy

#: A start this close to feasible needs no projection.
EXACT = 1e-10


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
    names = smallest_conflict(problem, feasible.decision)
    raise infeasible(problem, names, remedy(problem, feasible.decision, names))


def infeasible(problem: AllocationProblem, names: Sequence[str], do: str | None = None) -> InfeasibleError:
    """Make the error that says which constraints contradict each other, and what to do.

    Parameters
    ----------
    problem : AllocationProblem
    names : sequence of str
        Of the constraints that contradict each other, in whole numbers where some need them.
    do : str, optional
        The remedy; None: the least change of one of them, found by whole-number programmes.
    """
    sentences = [f"{name}: {problem.named[name].in_words(problem.frame_of(name))}" for name in names]
    listed = " ".join(f"({i}) {text}" for i, text in enumerate(sentences, start=1))
    alone = "this one cannot hold" if len(names) == 1 else f"these {len(names)} contradict each other"
    return InfeasibleError(
        f"no plan satisfies every constraint; {alone}: {listed}",
        conflict=sentences,
        where="constraints",
        do=whole_remedy(problem, names) if do is None else do,
    )
