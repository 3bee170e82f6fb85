r"""Which channels barely matter: how far each channel's total can move while the plan stays within 1 % of the best.

The plans within a share of the best value,

.. math:: \{x : x \text{ feasible}, \; F(x) \ge F(x^*) - \ell\} ,

are convex where F is concave. For each channel c and side, the quadratic model of F at the best plan, tilted by a
price on c's total, is maximised over the feasible set; the price is chosen so that the model loses :math:`\ell`. The
point :math:`x^* + s (x - x^*)` is then pulled back to the largest s whose value, recomputed over all draws, is within
:math:`\ell`. With a concave F the loss is at most :math:`s (F(x^*) - F(x))`, so a pull-back always ends.

The ranges are inner ones: both ends are plans that keep every constraint; with whole numbers, the same weeks stay on.
One channel moves at a time, the others making way as they best can; two ends of two channels are seldom possible
together.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from mmm.arrays import FloatArray
from mmm.reporting.numbers import percent
from optimizer.allocation import Allocation
from optimizer.problem import AllocationProblem
from optimizer.solvers.conic import FEASIBLE, ConicSet
from optimizer.solvers.floors import Floors
from optimizer.solvers.oracle import Decision, Local, decide
from optimizer.solvers.patterns import discrete_violation, held, switches_of
from optimizer.solvers.program import discrete, program
from optimizer.solvers.sweep import search_oracle

#: Share of the best value that may be given up.
SHARE = 0.01
#: Prices tried for one end, and trials of a pull-back.
MOST_TILTS, MOST_PULLS = 4, 6
#: Beyond this many cells one price is tried for an end: each costs a quadratic programme and an evaluation.
FEW_CELLS = 1_000
#: An end that gives up this much of what may be given up is far enough.
ENOUGH = 0.95
#: Pull-backs aim this far inside, so that most end at the first trial.
INSIDE = 0.99
#: A direction that moves a total by less than this share of it does not move it; of nothing: its square, of all money.
MOVED = 1e-3
#: Less money than this over a horizon is a solver's trace of nothing.
TRACE = 0.005
#: A channel barely matters where its total can move by this share either way.
BARELY = 0.5


@dataclass(frozen=True, eq=False)
class End:
    """One end of a channel's range: a feasible plan within the loss.

    Attributes
    ----------
    total : float
        The channel's money over the horizon.
    value : float
        The plan's, recomputed over the planning draws.
    plan : (U, T)
    """

    total: float
    value: float
    plan: FloatArray


@dataclass(frozen=True, eq=False)
class Range:
    """What one row of the plan may spend.

    Attributes
    ----------
    name : str
        The channel, or the channel and geo.
    planned : float
        Money over the horizon.
    low, high : End
    says : str
    barely_matters : bool
        Whether its total can be halved, or raised by half, at that loss.
    """

    name: str
    planned: float
    low: End
    high: End
    says: str
    barely_matters: bool


@dataclass(frozen=True, eq=False)
class NearBest:
    """Every channel's range.

    Attributes
    ----------
    share : float
        Of the best value that may be given up.
    best, least : float
        The plan's value, and the least that counts as near.
    ranges : tuple of Range
    evaluations : int
    seconds : float
    complete : bool
        False where the time was up: the ranges not looked at hold the plan alone.
    """

    share: float
    best: float
    least: float
    ranges: tuple[Range, ...]
    evaluations: int
    seconds: float
    complete: bool


def near_best(
    problem: AllocationProblem, found: Allocation, *, share: float = SHARE, time_limit: float | None = None
) -> NearBest:
    """Return how far each channel's total can move within a share of the best value.

    Parameters
    ----------
    problem : AllocationProblem
    found : Allocation
        Its plan, from which every range starts.
    share : float
        0.01: within 1 % of the plan's value.
    time_limit : float, optional
        Seconds.
    """
    return _NearBest(problem, found, share, np.inf if time_limit is None else time_limit).result()


def _near_set(problem: AllocationProblem, decision: Decision, y: FloatArray) -> ConicSet:
    """Return the feasible set; with whole numbers in it, the part in which the same weeks are on."""
    feasible = ConicSet(problem, decision)
    if not discrete(problem):
        return feasible
    made = program(problem, feasible)
    return ConicSet(held(problem, made, switches_of(problem, made, y)), decision)


class _NearBest:
    """The quadratic model at the plan, and what it takes to follow it."""

    def __init__(self, problem: AllocationProblem, found: Allocation, share: float, seconds: float) -> None:
        self.started = time.perf_counter()
        self.deadline, self.problem, self.share = self.started + seconds, problem, share
        self.decision = decide(problem)
        self.oracle = search_oracle(problem, self.decision)
        self.floors = Floors.of(problem, self.oracle)
        self.y = self.decision.variables(found.row_spend)
        self.feasible = _near_set(problem, self.decision, self.y)
        self.here: Local = self.oracle.at(self.y)
        self.loss = share * abs(self.here.value)
        plain = self.feasible.plain and self.feasible.polyhedral
        self.rows = self.feasible.matrix[:, self.feasible.columns.ravel()] if plain else None
        factor = self.decision.factor
        self.per_y = factor if self.decision.shares is None else factor.sum(axis=1, keepdims=True)
        self.dear = 2.0 * float(np.abs(self.here.gradient / self.per_y).max(initial=0.0))

    def result(self) -> NearBest:
        """Find both ends of every row, the largest first: where time is short they matter most."""
        found, complete = dict[int, Range](), True
        sizes = np.array([self.total(row, self.y) for row in range(len(self.problem.rows))])
        for row in np.argsort(-sizes, kind="stable").tolist():
            late = time.perf_counter() > self.deadline
            complete &= not late
            low, high = (self.still(row) if late else self.end(row, side) for side in (-1.0, 1.0))
            found[row] = self.range_of(row, self.problem.rows[row], low, high)
        ranges = [found[row] for row in sorted(found)]
        return NearBest(
            self.share,
            self.here.value,
            self.here.value - self.loss,
            tuple(ranges),
            self.oracle.evaluations,
            time.perf_counter() - self.started,
            complete,
        )

    def still(self, row: int) -> End:
        """Return the plan itself as an end."""
        return End(self.total(row, self.y), self.here.value, self.decision.spend(self.y))

    def total(self, row: int, y: FloatArray) -> float:
        """Return a row's money over the horizon."""
        return float((self.per_y[row] * y[row]).sum())

    def end(self, row: int, side: float) -> End:
        """Return one end of a row's range: the farthest of a few tilts, each pulled back to the loss allowed."""
        best, price = self.still(row), self.first_price(row)
        if self.loss <= 0 or (side < 0 and best.total <= 0):
            return best
        for _ in range(MOST_TILTS if self.y.size <= FEW_CELLS else 1):
            direction = self.tilted(row, side * price)
            if not self.moves(row, side, direction) and price < self.dear:
                # A limit holds the row here until a price outweighs what leaving it costs; this one always does.
                price = self.dear
                direction = self.tilted(row, side * price)
            if direction is None or not self.moves(row, side, direction):
                break
            found, reached = self.pulled(row, direction)
            gained = side * (found.total - best.total)
            best = found if gained > 0 else best
            lost = self.here.value - found.value
            if lost >= ENOUGH * self.loss or not reached or gained <= 1e-3 * best.total:
                break
            price *= float(np.clip(np.sqrt(self.loss / max(lost, 1e-3 * self.loss)), 1.2, 8.0))
        return best

    def pulled(self, row: int, direction: FloatArray) -> tuple[End, bool]:
        """Return the farthest plan along a direction that is within the loss, and whether a constraint ends it."""
        farthest = self.farthest(direction)
        best, kept, length = self.still(row), False, min(self.model_length(direction), farthest)
        for _ in range(MOST_PULLS):
            y = self.feasible.polish(self.y + length * direction)
            value = self.oracle.value(y)
            gone = self.here.value - value
            fits = gone <= self.loss and self.holds(y)
            if kept and not fits:
                break
            if fits:
                best, kept = End(self.total(row, y), value, self.decision.spend(y)), True
                if length >= farthest or gone >= ENOUGH * self.loss:
                    break
                length = min(length * INSIDE * float(np.sqrt(self.loss / max(gone, 0.1 * self.loss))), farthest)
                continue
            # What a quadratic would allow; the chord of a concave F is safe, and repetition reaches it.
            pull = INSIDE * float(np.sqrt(self.loss / gone)) if gone > self.loss else 0.5
            length *= min(pull, 0.95)
        return best, kept and length >= farthest

    def farthest(self, direction: FloatArray) -> float:
        """Return the longest multiple, at least 1, of a direction between two plans that boxes and rows allow."""
        if self.rows is None:
            return 1.0
        flat, first = direction.ravel(), self.feasible.zero
        ahead, slack = (self.rows @ flat)[first:], (self.feasible.rhs - self.rows @ self.y.ravel())[first:]
        room = np.concatenate([slack, (self.feasible.upper - self.y).ravel(), self.y.ravel()])
        rate = np.concatenate([ahead, flat, -flat])
        uses = rate > 1e-9 * float(np.abs(flat).max(initial=1e-300))
        return max(float((room[uses] / rate[uses]).min(initial=1e6)) * (1.0 - 1e-9), 1.0)

    def model_length(self, direction: FloatArray) -> float:
        """Return the multiple of a direction at which the quadratic model loses just less than what may be lost."""
        slope = -float((self.here.gradient * direction).sum())
        bend = -0.5 * float(np.einsum("ck,ckl,cl->", direction, self.here.hessian, direction))
        if bend <= 0:
            return 1.0
        root = float(np.sqrt(max(slope, 0.0) ** 2 + 4.0 * bend * self.loss))
        return INSIDE * (root - max(slope, 0.0)) / (2.0 * bend)

    def holds(self, y: FloatArray) -> bool:
        """Whether a plan keeps every constraint, those on the response and on whole numbers included."""
        kept = self.feasible.violation(y) <= FEASIBLE
        kept = kept and discrete_violation(self.problem, self.decision.spend(y)) <= FEASIBLE
        return kept and (not len(self.floors) or float(self.floors.slack(y).min()) >= -FEASIBLE)

    def tilted(self, row: int, price: float) -> FloatArray | None:
        """Return the direction to the model's best plan at a price on a row's total; None where the step fails."""
        aim = np.zeros_like(self.y)
        aim[row] = price * self.per_y[row]
        step = self.feasible.step(self.y, self.here.gradient + aim, self.here.hessian)
        usable = step.usable and self.feasible.violation(step.y) <= FEASIBLE
        return step.y - self.y if usable else None

    def moves(self, row: int, side: float, direction: FloatArray | None) -> bool:
        """Whether a direction moves a row's total to this side."""
        least = max(MOVED * self.total(row, self.y), MOVED**2 * float((self.per_y * self.y).sum()))
        return direction is not None and side * self.total(row, direction) > least

    def first_price(self, row: int) -> float:
        """Return the price at which the model would lose what may be lost if the row alone moved, in proportion."""
        shape = self.y[row] if self.y[row].sum() > 0 else np.ones_like(self.y[row])
        shape = shape / float((self.per_y[row] * shape).sum())
        bend = -float(shape @ self.here.hessian[row] @ shape)
        floor = 1e-6 * float(np.abs(self.here.gradient / self.per_y).max())
        return max(float(np.sqrt(2.0 * self.loss * max(bend, 0.0))), floor)

    def range_of(self, row: int, name: str, low: End, high: End) -> Range:
        """Put both ends into words."""
        money = self.problem.frame.money
        planned = _whole(self.total(row, self.y))
        low, high = min(low, high, key=lambda e: e.total), max(low, high, key=lambda e: e.total)
        room = BARELY * planned
        barely = planned > 0 and planned - low.total >= room and high.total - planned >= room
        within = f"within {percent(self.share, 1)} of the best"
        if high.total - low.total <= max(1.0, 1e-4 * planned):
            says = f"{money(planned)} is planned for {name}, and no other total was found {within}."
        else:
            span = f"{money(_whole(low.total))} to {money(_whole(high.total))}"
            says = f"Anything from {span} for {name} is {within}; {money(planned)} is planned."
        return Range(name, planned, low, high, says, barely)


def _whole(total: float) -> float:
    """Return a channel's money without a solver's trace of nothing."""
    return total if total >= TRACE else 0.0
