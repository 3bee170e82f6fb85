r"""Branch and bound over boxes for sums of one-number functions under any linear rows.

In a box every row's over-estimate has a concave envelope, and a linear programme maximises their sum. Its multipliers
:math:`z` (clipped to their cone) give the box's bound without trusting the solver,

.. math:: b^T z + \sum_c \max_{l_c \le y_c \le u_c} \left( U_c(y_c) - (A^T z)_c \, y_c \right) ,

where U is the over-estimate itself, so that its maximum lies at a corner. A box is cut where an envelope is farthest
above its curve; curves are made exact where plans are found (Falk & Soland 1969, with an outer approximation that is
refined). A mixed-integer programme over the same corners needs tolerances that no multipliers can check afterwards.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.sparse as sp

from mmm.arrays import FloatArray, IntArray
from optimizer.solvers import highs
from optimizer.solvers.bounds import HELPER_BOX
from optimizer.solvers.conic import FEASIBLE, ConicSet
from optimizer.solvers.oracle import Oracle
from optimizer.solvers.separable import RowCurves
from optimizer.solvers.solution import Goal

#: Curves are refined first where they lie above the true values by this share of the gap that is asked for, or more.
COARSE = 0.2
#: A cut keeps this share of the box on both sides.
INSIDE = 0.02
#: Boxes that are solved at most, whatever the time.
MOST_BOXES = 20_000


@dataclass(frozen=True, eq=False)
class Relaxed:
    """One box solved: its bound, the relaxation's plan (C,), and how far each row's envelope is above its curve."""

    bound: float
    y: FloatArray
    above: FloatArray


@dataclass(order=True)
class Box:
    """Where each row's number lies, (C,) and (C,); boxes are taken in the order of their bounds."""

    rank: float
    number: int
    low: FloatArray = field(compare=False)
    high: FloatArray = field(compare=False)
    solved: Relaxed = field(compare=False)


class Rows:
    """The canonical rows of a polyhedral set whose decisions are one number a row."""

    def __init__(self, feasible: ConicSet) -> None:
        own = feasible.columns.ravel()
        rest = np.setdiff1d(np.arange(feasible.size), own)
        self.feasible = feasible
        self.matrix, self.helpers = feasible.matrix[:, own].toarray(), feasible.matrix[:, rest]

    def relax(self, curves: RowCurves, low: FloatArray, high: FloatArray) -> Relaxed | None:
        """Maximise the envelopes' sum in a box; None where the box holds no plan."""
        owner, length, slope, base = curves.envelope(low, high)
        scale = float(np.abs(slope).max(initial=0.0)) or 1.0
        solver = self._model(low, owner, length, slope / scale)
        solver.run()
        solution = solver.getSolution()
        values, duals = np.array(solution.col_value), -np.array(solution.row_dual) * scale
        if self.empty(low, high, solver):
            return None
        if (
            solver.getModelStatus() != highs.OPTIMAL
            or len(values) != len(slope) + self.helpers.shape[1]
            or not np.isfinite(values).all()
        ):
            return Relaxed(np.inf, low, high - low)
        taken = np.clip(values[: len(slope)], 0.0, length)
        y = np.clip(low + np.bincount(owner, taken, minlength=len(low)), low, high)
        above = base + np.bincount(owner, taken * slope, minlength=len(low)) - curves.over(y)
        return Relaxed(self.bound(curves, low, high, duals, values[len(slope) :]), y, above)

    def _model(self, low: FloatArray, owner: IntArray, length: FloatArray, gain: FloatArray) -> Any:
        feasible, count = self.feasible, self.helpers.shape[1]
        right = feasible.rhs - self.matrix @ low
        below = np.full(len(right), -highs.INFINITY)
        below[: feasible.zero] = right[: feasible.zero]
        matrix = sp.csc_matrix(sp.hstack([sp.csc_matrix(self.matrix[:, owner]), self.helpers]))
        free = np.full(count, highs.INFINITY)
        return highs.model(
            matrix, below, right, np.concatenate([np.zeros(len(owner)), -free]), np.concatenate([length, free]),
            cost=np.concatenate([-gain, np.zeros(count)]),
        )  # fmt: skip

    def empty(self, low: FloatArray, high: FloatArray, solver: Any) -> bool:
        """Return whether some multipliers prove that no plan lies in a box: the solver's ray, or a row by itself."""
        if solver.getModelStatus() != highs.NOTHING_FEASIBLE:
            return False
        rays = list(np.vstack([np.eye(len(self.feasible.rhs)), -np.eye(self.feasible.zero, len(self.feasible.rhs))]))
        _, known, ray = solver.getDualRay()
        rays += [np.array(ray), -np.array(ray)] if known else []
        return any(self._proves(low, high, ray) for ray in rays)

    def _proves(self, low: FloatArray, high: FloatArray, ray: FloatArray) -> bool:
        ray = ray.copy()
        ray[self.feasible.zero :] = np.maximum(ray[self.feasible.zero :], 0.0)
        reduced = self.matrix.T @ ray
        least = float(np.minimum(reduced * low, reduced * high).sum())
        size = float(np.abs(ray).max(initial=0.0))
        free = float(np.abs(self.helpers.T @ ray).max(initial=0.0)) <= 1e-12 * size
        return free and least - float(self.feasible.rhs @ ray) > FEASIBLE * size

    def bound(
        self, curves: RowCurves, low: FloatArray, high: FloatArray, duals: FloatArray, helpers: FloatArray
    ) -> float:
        """Return the bound of the module's docstring for any multipliers."""
        duals = np.where(np.isfinite(duals), duals, 0.0)
        duals[self.feasible.zero :] = np.maximum(duals[self.feasible.zero :], 0.0)
        loose = np.abs(self.helpers.T @ duals) * HELPER_BOX * (1.0 + np.abs(helpers))
        best = curves.conjugate(low, high, self.matrix.T @ duals)
        return float(self.feasible.rhs @ duals + best.sum() + loose.sum())


@dataclass(eq=False)
class Search:
    """The best plan so far, and the boxes that may hold a better one.

    Attributes
    ----------
    value : float
    y : (C,)
    bound : float
        No plan in any box is better.
    boxes : int
        Boxes solved.
    """

    value: float
    y: FloatArray
    bound: float = np.inf
    boxes: int = 0


def branch(oracle: Oracle, feasible: ConicSet, curves: RowCurves, best: tuple[float, FloatArray], goal: Goal) -> Search:
    """Search all boxes until the best plan's gap is met, time is up, or nothing is left.

    Parameters
    ----------
    oracle : Oracle
        The exact objective.
    curves : RowCurves
        Over-estimates; they are refined in place.
    best : (float, (C,))
        Value and decision variables of a feasible plan.
    """
    rows, found = Rows(feasible), Search(*best)
    heap: list[Box] = []

    def push(low: FloatArray, high: FloatArray, most: float) -> None:
        solved = rows.relax(curves, low, high)
        found.boxes += 1
        if solved is None:
            return
        bound = min(solved.bound, most)
        _try(oracle, feasible, curves, solved.y, found, goal)
        if goal.relative(bound, found.value) > 0:
            heapq.heappush(heap, Box(-bound, found.boxes, low, high, Relaxed(bound, solved.y, solved.above)))

    push(curves.low, curves.high, np.inf)
    while heap:
        box = heapq.heappop(heap)
        found.bound = -box.rank
        goal.tell("boxes", found.value, max(found.bound, found.value))
        done = goal.relative(found.bound, found.value) <= goal.gap
        if done or goal.late() or found.boxes >= MOST_BOXES:
            return found
        room = goal.gap * max(abs(found.value), goal.floor)
        y, above = box.solved.y, box.solved.above
        slack = curves.over(y) - curves.between(y)
        if slack.sum() > COARSE * room and curves.refine(y, slack > 0.25 * COARSE * room / len(y)):
            push(box.low, box.high, found.bound)
            continue
        row, at = _cut(box, above)
        curves.refine(np.where(np.arange(len(y)) == row, at, y), np.arange(len(y)) == row)
        for side in (0, 1):
            low, high = box.low.copy(), box.high.copy()
            (high if side == 0 else low)[row] = at
            push(low, high, found.bound)
    found.bound = found.value
    return found


def _cut(box: Box, above: FloatArray) -> tuple[int, float]:
    """Return the row whose envelope is farthest above its curve, and where to cut it."""
    width = box.high - box.low
    row = int(np.argmax(np.where(width > 0, above, -1.0)))
    if above[row] <= 0:
        row = int(np.argmax(width / np.maximum(box.high, 1e-300)))
    margin = INSIDE * width[row]
    return row, float(np.clip(box.solved.y[row], box.low[row] + margin, box.high[row] - margin))


def _try(oracle: Oracle, feasible: ConicSet, curves: RowCurves, y: FloatArray, found: Search, goal: Goal) -> None:
    """Take a relaxation's plan where it is better than the best so far."""
    if curves.over(y).sum() <= found.value + 1e-9 * max(abs(found.value), goal.floor):
        return
    plan = feasible.polish(y[:, None])
    if feasible.violation(plan) > FEASIBLE:
        return
    value = oracle.value(plan)
    if value > found.value:
        found.value, found.y = value, plan[:, 0]
