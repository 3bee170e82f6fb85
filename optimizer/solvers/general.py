"""Responses in which channels work on each other: local solves from several starts, and no bound unless one is valid.

Rows have no Hessian blocks of their own there, and the mean of the draws' envelopes bounds nothing. Steps take a
diagonal model that is never too steep; the line search sees the true objective.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mmm.arrays import FloatArray
from optimizer.solvers.conic import FEASIBLE, ConicSet
from optimizer.solvers.oracle import COARSE_DRAWS, Local, Oracle
from optimizer.solvers.solution import Goal, Solution, Status
from optimizer.solvers.sqp import ascend

#: Random starts besides the plain ones, and their seed: the same problem gets the same plan.
RANDOM_STARTS, SEED = 6, 20_260
#: Starts that are climbed on all draws.
FULL_STARTS = 3
#: Steps of a climb, which a diagonal model needs more of than a true Hessian.
STEPS = 200


class DiagonalOracle(Oracle):
    """An oracle whose Hessian is diagonal and negative: each row's sizes, added up."""

    def at(self, y: FloatArray) -> Local:
        """Evaluate value, gradient and the diagonal model."""
        here = super().at(y)
        size = np.abs(here.hessian).sum(axis=2)
        return Local(here.value, here.gradient, -size[:, :, None] * np.eye(size.shape[1]))


def starting_plans(feasible: ConicSet, start: FloatArray) -> list[FloatArray]:
    """Return feasible starts: the given one, an even one, each row's favourite, and random ones."""
    total = float(feasible.decision.spend(start).sum())
    rows, weeks = feasible.decision.factor.shape
    rng = np.random.default_rng(SEED)
    shares = [np.ones(rows) / rows, *(0.9 * np.eye(rows) + 0.1 / rows), *rng.dirichlet(np.ones(rows), RANDOM_STARTS)]
    plans = [np.outer(share, np.full(weeks, total / weeks)) for share in shares]
    points = [start, *(feasible.polish(feasible.project(feasible.decision.variables(x)).y) for x in plans)]
    return [y for y in points if feasible.violation(y) <= FEASIBLE]


def maximise_general(oracle: Oracle, feasible: ConicSet, start: FloatArray, goal: Goal) -> Solution:
    """Return the best of several local optima; its bound is infinite."""
    exact = DiagonalOracle(**vars(oracle))
    patient = replace(goal, max_steps=STEPS)
    starts = starting_plans(feasible, start)
    few = exact.coarse(COARSE_DRAWS)
    if few is not None:
        rough = [ascend(few, feasible, y, patient, support=None, phase="first draws") for y in starts]
        starts = [one.y for one in sorted(rough, key=lambda one: -one.value)[:FULL_STARTS]]
    found: list[Solution] = []
    for y in starts:
        if found and goal.late():
            break
        found.append(ascend(exact, feasible, y, patient, support=None, phase="local solves"))
    best = max(found, key=lambda one: one.value)
    says = f"The best of {len(starts)} local solves; channels work on each other here, and no bound is known."
    return replace(
        best,
        upper_bound=np.inf,
        bound_method="none",
        status=Status.TIME_LIMIT if goal.late() else Status.LOCAL,
        says=says,
        evaluations=exact.evaluations,
    )
