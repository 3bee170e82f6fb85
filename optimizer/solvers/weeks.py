"""Weekly plans with S-shaped draws: envelopes of clusters of draws bound them, in boxes that are cut where they gape.

Bounds are tried from the cheapest to the closest: the draws' own envelopes, narrow clusters, wide clusters that are
centred on the best plan (:mod:`mmm.response.centred`); then ranges that hold no better plan are cut off, and what is
left is branched. Assumes the mean over draws as the objective, linear rows, and no whole-number constraints.
"""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass, field, replace

import numpy as np

from mmm.arrays import FloatArray
from mmm.response.centred import centred, terms
from mmm.response.clusters import Clusters, clustered, joined
from mmm.response.envelopes import supported
from mmm.response.horizon import Curvature
from optimizer.problem import AllocationProblem, Progress
from optimizer.solvers.bounds import Support
from optimizer.solvers.clusters import ClusterEnvelope
from optimizer.solvers.conic import ConicSet
from optimizer.solvers.oracle import COARSE_DRAWS, Oracle
from optimizer.solvers.relaxation import Best, Relaxation
from optimizer.solvers.shaving import Shaved, Shaver
from optimizer.solvers.solution import Goal, Solution, Status
from optimizer.solvers.sqp import ascend
from optimizer.solvers.sshaped import (
    MOST_TIGHTENED,
    OWN_ENVELOPES,
    ROUNDS,
    climb_all,
    envelope_solution,
    project,
    starting_points,
    tightened,
)
from optimizer.solvers.starts import reflighted

#: Clusters of S draws: this times the root of S. More clusters are narrower in carryover, and each has fewer draws
#: whose curves even out; here the two cost about the same (four draws each of 1 000).
PER_ROOT = 8.0
#: The most that clusters × weeks × decided weeks squared may be; fewer clusters where it would be more.
MOST_WORK = 150_000_000
#: Clusters of a block in the cuts that are centred on the best plan (the fewest there are, and some more); each row
#: takes the cut that is closest there.
WIDE = (1, 64)
#: Centring costs a look at each draw's curve in each week on a grid: not where there are more of these.
MOST_TERMS = 3_000_000
#: Ranges are shaved while a round lowers the gap by this share, at most so many times.
WORTHWHILE, MOST_ROUNDS = 0.1, 8
#: Share of the time left that goes to shaving.
SHAVE_SHARE = 0.6
#: A box's relaxation is solved to this share of the gap that is still open.
INNER = 0.05
#: The first relaxation ends where so many steps left more than this share of what its bound was above its value: the
#: closer envelopes that follow are worth more than its last tenths.
HURRY, STEADY = 5, 0.8
#: A cut keeps this share of a cell's range on both sides.
INSIDE = 0.15
#: Cutting ends where this many cuts did not lower the bound by a tenth of the open gap, and after this many boxes.
PATIENCE, MOST_BOXES = 40, 1000
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


def maximise_weeks(
    problem: AllocationProblem, oracle: Oracle, feasible: ConicSet, start: FloatArray, goal: Goal, support: Support
) -> Solution:
    """Return the best plan found, with the closest bound of several envelopes in ever smaller boxes."""
    return _Weeks(problem, oracle, feasible, start, goal, support).solution()


class _Enough:
    """Ends a relaxation once its bound certifies the best plan, or falls no further for some steps."""

    def __init__(self, goal: Goal, best: float, patience: float) -> None:
        self._goal, self._best, self._patience = goal, best, patience
        self._mark, self._since, self._met = np.inf, 0, False

    def progress(self, state: Progress) -> None:
        above = state.upper_bound - state.value
        self._since += 1
        if above < STEADY * self._mark:
            self._mark, self._since = above, 0
        met = self._goal.relative(state.upper_bound, self._best) <= self._goal.gap
        self._met = met or self._since >= self._patience

    def stop(self) -> bool:
        return self._met or self._goal.stopped()


class _Weeks:
    """One solve: what is known so far."""

    def __init__(
        self,
        problem: AllocationProblem,
        oracle: Oracle,
        feasible: ConicSet,
        start: FloatArray,
        goal: Goal,
        support: Support,
    ) -> None:
        self.problem, self.oracle, self.feasible, self.start = problem, oracle, feasible, start
        self.goal, self.support = goal, support
        self.silent = replace(goal, progress=None)
        self.exact = replace(oracle, curvature=Curvature.CLIPPED, evaluations=0)
        self.best = Best(start, self.exact.value(start))
        self.bound, self.method, self.boxes = np.inf, METHOD, 0
        self.history: list[Progress] = []

    def solution(self) -> Solution:
        """Bound from the cheapest to the closest, and return what was found."""
        self._own_envelopes()
        if self._open:
            self._clusters()
        bound = max(self.bound, self.best.value)
        gap = self.goal.relative(bound, self.best.value)
        status = Status.CERTIFIED if gap <= self.goal.gap else Status.LOCAL
        if status is Status.LOCAL and self.goal.late():
            status = Status.TIME_LIMIT
        base = self.goal.base(self.best.value)
        says = f"No plan is better by more than {gap:.2%} of {base}; {self.boxes} boxes were bounded."
        if status is Status.CERTIFIED:
            says = f"Certified: n{says[1:]}"
        return Solution(
            self.best.y, self.best.value, bound, self.method, status, says, self.exact.evaluations, tuple(self.history)
        )

    @property
    def _gap(self) -> float:
        return self.goal.relative(self.bound, self.best.value)

    @property
    def _open(self) -> bool:
        return self._gap > self.goal.gap

    def _tell(self, phase: str) -> None:
        self.history.append(self.goal.tell(phase, self.best.value, max(self.bound, self.best.value)))

    def _climb(self, y: FloatArray) -> None:
        found = ascend(
            self.exact, self.feasible, project(self.feasible, y), self.silent, support=None, phase="local solves"
        )
        self.best.offer(found, self.feasible)

    def _own_envelopes(self) -> None:
        """Bound by the mean of the draws' own envelopes: loose, but quick, and its plan is a good start."""
        above = envelope_solution(self.problem, self.oracle, self.feasible, self.start, self.silent, self.support)
        self.bound, self.method = above.upper_bound, f"{OWN_ENVELOPES}: {above.bound_method}"
        self.exact.evaluations += above.evaluations
        self._climb(above.y)
        self._tell("envelopes")

    def _clusters(self) -> None:
        """Bound by clusters' envelopes, over all plans and then in boxes."""
        high = tightened(self.problem, self.feasible, self.support)
        low = np.minimum(floors(self.feasible, self.support), high)
        most = self.oracle.decision.spend(high)
        bound, relaxation, y = self._root(clusters_of(self.problem, most), low, high, HURRY)
        self._lower(bound)
        self._climb(y)
        self._tell("envelopes")
        if self._open:
            # Cutting gets the larger part of the time: it finds plans too.
            until = time.perf_counter() + LOCAL_SHARE * (self.goal.deadline - time.perf_counter())
            hurried = replace(self.silent, deadline=until)
            local_plans(self.problem, self.exact, self.feasible, self.start, hurried, self.support, self.best)
            self._tell("local solves")
        closed = -np.inf
        if self._open and not self.goal.late() and terms(self.problem.horizon) <= MOST_TERMS:
            relaxation, y, shaved = self._shave(relaxation, y, low, high)
            low, high, closed = shaved.low, shaved.high, shaved.closed
        if not self._open:
            return
        root = Box(-self.bound, 0, low, high, y, relaxation.gape(y))
        found, boxes = _search(self.exact, self.feasible, relaxation, root, self.best, self.goal, self.history, closed)
        self.bound, self.boxes = min(self.bound, found), self.boxes + boxes

    def _root(
        self, clusters: Clusters, low: FloatArray, high: FloatArray, patience: float = np.inf
    ) -> tuple[float, Relaxation, FloatArray]:
        """Bound a box by one cut into clusters, starting from the best plan: that is where envelopes are close."""
        relaxation = Relaxation(self.oracle, self.feasible, clusters)
        enough = _Enough(self.goal, self.best.value, patience)
        inner = replace(self.silent, gap=INNER * max(self.goal.gap, 1e-3), progress=enough.progress, stop=enough.stop)
        solved = relaxation.solve(low, high, self.best.y, inner)
        self.boxes += 1
        # The best plan is in the box: only rounding calls it empty.
        bound, y = solved or (np.inf, self.best.y)
        return bound, relaxation, y

    def _lower(self, bound: float) -> bool:
        """Take a bound over where it is lower."""
        lower = bound < self.bound
        if lower:
            self.bound, self.method = bound, METHOD
        return lower

    def _shave(
        self, relaxation: Relaxation, y: FloatArray, low: FloatArray, high: FloatArray
    ) -> tuple[Relaxation, FloatArray, Shaved]:
        """Centre clusters on the best plan, cut off ranges that hold no better one, and again while that pays."""
        shaver = Shaver(low, high)
        until = time.perf_counter() + SHAVE_SHARE * (self.goal.deadline - time.perf_counter())
        hurried = replace(self.silent, deadline=until)
        for _ in range(MOST_ROUNDS):
            before, shaved = self._gap, shaver.shaved
            bound, closer, plan = self._root(self._centred(shaved), shaved.low, shaved.high)
            if self._lower(max(bound, shaved.closed)):
                relaxation, y = closer, plan
                self._climb(y)
            self._tell("boxes")
            if not self._open or hurried.late() or self._gap > (1.0 - WORTHWHILE) * before:
                break
            self.boxes += shaver.round(closer, self.best, hurried)
        return relaxation, y, shaver.shaved

    def _centred(self, shaved: Shaved) -> Clusters:
        """Return the clusters that are closest at the best plan, each row's from another cut."""
        spend, decided = self.oracle.decision.spend, self.oracle.decision.spend(self.best.y)
        most = spend(shaved.high)
        parts = [
            centred(self.problem.horizon, clustered(self.problem.horizon, most, count), most, decided) for count in WIDE
        ]
        parts.append(clusters_of(self.problem, most))
        above = [ClusterEnvelope(part, spend(shaved.low), most).rows(decided)[0] for part in parts]
        return joined(parts, np.argmin(above, axis=0))


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
    closed: float,
) -> tuple[float, int]:
    """Cut boxes, the one with the largest bound first; return the bound over all of them and how many there were."""
    heap, boxes, silent = [root], 1, replace(goal, progress=None)
    mark, since, closed = -root.rank, 0, max(closed, best.value)
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
