"""Weekly plans with S-shaped draws: envelopes of clusters of draws bound them, in boxes that are cut where they gape.

Assumes the mean over draws as the objective, linear rows, and no whole-number constraints.
"""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass, field, replace

import numpy as np

from mmm.arrays import FloatArray
from mmm.response.clusters import Clusters, clustered
from mmm.response.envelopes import supported
from mmm.response.horizon import Curvature
from optimizer.problem import AllocationProblem, Progress
from optimizer.solvers.bounds import Support
from optimizer.solvers.boxes import BoxedSet, BoxSupport
from optimizer.solvers.clusters import ClusterEnvelope, ClusterOracle
from optimizer.solvers.conic import FEASIBLE, ConicSet
from optimizer.solvers.oracle import COARSE_DRAWS, Oracle
from optimizer.solvers.solution import Goal, Solution, Status
from optimizer.solvers.sqp import ascend
from optimizer.solvers.sshaped import MOST_TIGHTENED, ROUNDS, climb_all, project, starting_points, tightened
from optimizer.solvers.starts import reflighted

#: Clusters of S draws: this times the root of S. More clusters are narrower in carryover, and each has fewer draws
#: whose curves even out; here the two cost about the same (four draws each of 1 000).
PER_ROOT = 8.0
#: The most that clusters × weeks × decided weeks squared may be; fewer clusters where it would be more.
MOST_WORK = 150_000_000
#: A box's relaxation is solved to this share of the gap that is still open.
INNER = 0.05
#: A cut keeps this share of a cell's range on both sides.
INSIDE = 0.15
#: Cutting ends where this many cuts did not lower the bound by a tenth of the open gap, and after this many boxes.
PATIENCE, MOST_BOXES = 10, 300
#: It ends too where envelopes gape by less than this share of the open gap: the rest is the clusters' width.
LEAST_GAPE = 0.1
#: Share of the time left that goes to plans from other starts.
LOCAL_SHARE = 0.3
#: A box's plan is climbed from where its value is below the best by less than this share of the open gap.
NEAR = 0.5
METHOD = "concave envelopes of clusters of draws"


def clusterable(problem: AllocationProblem, feasible: ConicSet) -> bool:
    """Return whether clusters bound the problem: weeks are decided, rows are linear, and effects have their signs."""
    return feasible.decision.shares is None and feasible.polyhedral and supported(problem.horizon)


def clusters_of(problem: AllocationProblem, most: FloatArray) -> Clusters:
    """Return as many clusters as the size of the problem allows."""
    horizon = problem.horizon
    span, decided = len(horizon.week_value), horizon.shape[1]
    affordable = MOST_WORK // max(len(horizon.units.owner) * span * decided**2, 1)
    return clustered(horizon, most, int(max(min(PER_ROOT * np.sqrt(horizon.n_draws), affordable), 1)))


def floors(feasible: ConicSet, support: Support) -> FloatArray:
    """Return the least that each variable can be in any feasible plan, (C, K), as far as that is cheap to know."""
    low = np.zeros_like(feasible.upper)
    if low.size > MOST_TIGHTENED:
        return low
    for index in np.ndindex(low.shape):
        direction = np.zeros_like(low)
        direction[index] = -1.0
        low[index] = max(-support.most(direction) - 1e-9 * float(feasible.upper[index]), 0.0)
    return low


@dataclass(order=True)
class Box:
    """A box of plans (C, K) with its bound and the relaxation's plan; boxes are taken in the order of their bounds."""

    rank: float
    number: int
    low: FloatArray = field(compare=False)
    high: FloatArray = field(compare=False)
    y: FloatArray = field(compare=False)
    gape: FloatArray = field(compare=False)


class Relaxation:
    """The clusters' envelopes over boxes of decision variables.

    Parameters
    ----------
    oracle : Oracle
    feasible : ConicSet
    clusters : Clusters
    """

    def __init__(self, oracle: Oracle, feasible: ConicSet, clusters: Clusters) -> None:
        self._oracle, self._clusters = oracle, clusters
        self._set = BoxedSet(feasible)
        self._support = BoxSupport(self._set)
        self.evaluations = 0

    def solve(self, low: FloatArray, high: FloatArray, near: FloatArray, goal: Goal) -> tuple[float, FloatArray] | None:
        """Return a box's bound and the relaxation's plan; None where no plan lies in the box."""
        self._set.move(low, high)
        if self._set.empty:
            return None
        self._support.move()
        spend = self._oracle.decision.spend
        self._envelope = ClusterEnvelope(self._clusters, spend(low), spend(high))
        above = ClusterOracle(
            self._oracle.response, self._oracle.decision, self._oracle.objective, envelope=self._envelope
        )
        start = np.clip(near, low, high)
        if self._set.violation(start) > FEASIBLE:
            start = np.clip(self._set.project(start).y, low, high)
        found = ascend(above, self._set, start, goal, support=self._support, phase="envelopes")
        self.evaluations += found.evaluations
        return found.upper_bound, found.y

    def gape(self, y: FloatArray) -> FloatArray:
        """Return how much of the envelopes' distance from the curves each cell's range is behind, (C, K)."""
        return self._envelope.gape(self._oracle.decision.spend(y)) * self._oracle.objective.response_weight


@dataclass(eq=False)
class Best:
    """The best plan so far."""

    y: FloatArray
    value: float

    def offer(self, other: Solution, feasible: ConicSet) -> None:
        """Take another plan where it is better."""
        if other.value > self.value and feasible.violation(other.y) <= FEASIBLE:
            self.y, self.value = other.y, other.value


def maximise_weeks(
    problem: AllocationProblem, oracle: Oracle, feasible: ConicSet, start: FloatArray, goal: Goal, support: Support
) -> Solution:
    """Return the best plan found, with the bound of the envelopes of clusters in ever smaller boxes."""
    exact = replace(oracle, curvature=Curvature.CLIPPED, evaluations=0)
    best = Best(start, exact.value(start))
    high = tightened(problem, feasible, support)
    relaxation = Relaxation(oracle, feasible, clusters_of(problem, oracle.decision.spend(high)))
    low = np.minimum(floors(feasible, support), high)
    silent = replace(goal, progress=None)
    bound, y = relaxation.solve(low, high, start, replace(silent, gap=INNER * max(goal.gap, 1e-3))) or (np.inf, start)
    history = [goal.tell("envelopes", best.value, max(bound, best.value))]
    near = ascend(exact, feasible, project(feasible, y), silent, support=None, phase="local solves")
    best.offer(near, feasible)
    history.append(goal.tell("local solves", best.value, max(bound, best.value)))
    if goal.relative(bound, best.value) > goal.gap:
        # Cutting gets the larger part of the time: it finds plans too.
        until = time.perf_counter() + LOCAL_SHARE * (goal.deadline - time.perf_counter())
        local_plans(problem, exact, feasible, start, replace(silent, deadline=until), support, best)
    history.append(goal.tell("local solves", best.value, max(bound, best.value)))
    root = Box(-bound, 0, low, high, y, relaxation.gape(y))
    bound, boxes = _search(exact, feasible, relaxation, root, best, goal, history)
    bound = max(bound, best.value)
    gap = goal.relative(bound, best.value)
    status = Status.CERTIFIED if gap <= goal.gap else Status.TIME_LIMIT if goal.late() else Status.LOCAL
    says = f"No plan is better by more than {gap:.2%} of {goal.base(best.value)}; {boxes} boxes were bounded."
    if status is Status.CERTIFIED:
        says = f"Certified: n{says[1:]}"
    evaluations = exact.evaluations
    return Solution(best.y, best.value, bound, METHOD, status, says, evaluations, tuple(history))


def local_plans(
    problem: AllocationProblem,
    exact: Oracle,
    feasible: ConicSet,
    start: FloatArray,
    goal: Goal,
    support: Support,
    best: Best,
) -> None:
    """Climb from the usual starts, and from plans with other flightings."""
    if goal.late():
        return
    few = exact.coarse(COARSE_DRAWS)
    starts = starting_points(problem, few or exact, feasible, support, start, goal)
    for found in climb_all(exact, few, feasible, starts, goal):
        best.offer(found, feasible)
    for _ in range(ROUNDS):
        if goal.late():
            break
        before = best.value
        moved = project(feasible, reflighted(few or exact, feasible, best.y))
        best.offer(ascend(exact, feasible, moved, goal, support=None, phase="local solves"), feasible)
        if best.value <= before * (1 + 1e-7):
            break


def _search(
    exact: Oracle,
    feasible: ConicSet,
    relaxation: Relaxation,
    root: Box,
    best: Best,
    goal: Goal,
    history: list[Progress],
) -> tuple[float, int]:
    """Cut boxes, the one with the largest bound first; return the bound over all of them and how many there were."""
    heap, boxes, silent = [root], 1, replace(goal, progress=None)
    mark, since, closed = -root.rank, 0, best.value
    while heap:
        box = heapq.heappop(heap)
        bound = -box.rank
        gap = goal.relative(bound, best.value)
        since += 1
        if mark - bound > 0.1 * (bound - best.value):
            mark, since = bound, 0
        if gap <= goal.gap or goal.late() or since > PATIENCE or boxes >= MOST_BOXES:
            return max(bound, closed), boxes
        cell = np.unravel_index(int(np.argmax(box.gape)), box.gape.shape)
        width = box.high[cell] - box.low[cell]
        if box.gape.sum() < LEAST_GAPE * (bound - best.value):
            return max(bound, closed), boxes
        at = float(np.clip(box.y[cell], box.low[cell] + INSIDE * width, box.high[cell] - INSIDE * width))
        for side in (0, 1):
            low, high = box.low.copy(), box.high.copy()
            (high if side == 0 else low)[cell] = at
            solved = relaxation.solve(low, high, box.y, replace(silent, gap=max(INNER * gap, 1e-4)))
            boxes += 1
            if solved is None:
                continue
            child, y = min(solved[0], bound), solved[1]
            if goal.relative(child, best.value) > goal.gap:
                _climb(exact, feasible, y, best, silent, NEAR * (child - best.value))
                heapq.heappush(heap, Box(-child, boxes, low, high, y, relaxation.gape(y)))
            else:
                closed = max(closed, child)
        left = max([closed, *(-one.rank for one in heap)])
        history.append(goal.tell("boxes", best.value, max(left, best.value)))
    return max(closed, best.value), boxes


def _climb(exact: Oracle, feasible: ConicSet, y: FloatArray, best: Best, goal: Goal, reach: float) -> None:
    """Climb from a box's plan where that may lead above the best."""
    start = project(feasible, y)
    if exact.value(start) < best.value - reach:
        return
    best.offer(ascend(exact, feasible, start, goal, support=None, phase="local solves"), feasible)
