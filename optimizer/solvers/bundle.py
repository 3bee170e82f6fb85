"""Concave risk measures and requirements on the response: sequential quadratic programmes with tangents as the bound.

Each step maximises the model of :mod:`optimizer.solvers.tail_model`; its multipliers weigh the draws at the new plan,
one evaluation there gives the true figure and a tangent that bounds it, and the tangents together bound every plan
(:mod:`optimizer.solvers.cuts`). On S-shaped curves the same steps, with curvature clipped, climb to a local optimum.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mmm.arrays import FloatArray
from optimizer.problem import Progress
from optimizer.risk import Coherent
from optimizer.solvers.bounds import Support
from optimizer.solvers.conic import FEASIBLE, ConicSet
from optimizer.solvers.cuts import Cut, CutBound
from optimizer.solvers.floors import Floors, Standing
from optimizer.solvers.oracle import Look, Oracle
from optimizer.solvers.solution import Goal, Solution, Status
from optimizer.solvers.tail_model import Centre, ModelStep, Need, model_step

#: Step, in units of y, of the difference that says how much more a draw gains from a row than the mean.
STEP = 0.02
#: Shortest step tried where the model promises what the curves do not keep.
SHORTEST = 1e-3
#: Damping of clipped Hessians and of the model after a step that did not help, in shares of the steepest slope.
SLIGHT, DAMPED = 1e-4, 0.05
#: Far from the optimum (relative gap) a step leaves each cell at least this share of what it has.
NEAR, KEPT = 1e-2, 0.1
#: Tangents that the model itself respects.
MOST_CUTS = 12
#: A rise of less than this share is none.
RISE = 1e-9
#: Weights of draws that differ by no more than this are the same.
SAME = 1e-9
#: Requirements are met with this much to spare, relative, so that rounding error cannot break them.
SPARE = 2e-7


@dataclass(frozen=True, eq=False)
class Here:
    """A plan with what is known of it: the look at its draws, the figure, and how it stands to the requirements."""

    y: FloatArray
    look: Look
    uplift: FloatArray
    figure: float
    standing: Standing

    def merit(self, penalty: float) -> float:
        """Return the figure less a penalty for what is short."""
        return self.figure - penalty * float(np.maximum(SPARE - self.standing.slack, 0.0).sum())


class Bundle:
    """One climb over some draws.

    Parameters
    ----------
    oracle : Oracle
        With a coherent risk measure.
    feasible : ConicSet
    floors : Floors
        Requirements on the response.
    goal : Goal
    support : Support or None
        None: curves are not concave; no bound, tangents are forgotten.
    """

    def __init__(
        self, oracle: Oracle, feasible: ConicSet, floors: Floors, goal: Goal, support: Support | None, phase: str
    ) -> None:
        if not isinstance(oracle.risk, Coherent):
            raise TypeError("the bundle method needs a measure that is a least weighted mean")
        self.oracle, self.feasible, self.floors, self.goal, self.phase = oracle, feasible, floors, goal, phase
        self.parts = oracle.risk.parts(oracle.fit)
        self.tangents = CutBound(feasible, support) if support is not None else None
        self.cost = oracle.objective.spend_weight * oracle.decision.factor
        if oracle.decision.shares is not None:
            self.cost = self.cost.sum(axis=1, keepdims=True)
        self.prices = np.zeros(len(floors))
        self.bound = np.inf
        self.history: list[Progress] = []

    def climb(self, start: FloatArray) -> Solution:
        """Climb from a start in the set until the gap is met, time is up or no step helps."""
        here, gains = self._first(start)
        self._note(here)
        status, says = Status.STALLED, f"Stopped after {self.goal.max_steps} steps."
        best, damping, cuts = here, 0.0, list[Cut]()
        penalty = self._penalty(here)
        for _ in range(self.goal.max_steps):
            if self._gap(best) <= self.goal.gap:
                status, says = Status.CERTIFIED, f"The gap is at most {self.goal.gap:.1e}."
                break
            if self.goal.late():
                status, says = Status.TIME_LIMIT, "The time limit came first: the best plan so far, with its gap."
                break
            step = self._model(here, gains, cuts, damping, penalty)
            if not step.usable or self.feasible.violation(step.y) > FEASIBLE:
                if damping >= 1.0:
                    says = f"No step improves the plan any further ({step.says})."
                    break
                damping = max(4 * damping, DAMPED)
                continue
            self.prices = step.prices
            if step.short > FEASIBLE:
                penalty *= 10
            there = self._look(step.y, step.weights)
            self._note(there)
            before = here
            if there.merit(penalty) <= here.merit(penalty) and self.tangents is None:
                there = self._shorter(here, step, penalty)
            if there.merit(penalty) > here.merit(penalty):
                here, damping = there, 0.5 * damping if damping > DAMPED else 0.0
            elif self.tangents is None or damping >= 1.0:
                status = Status.STALLED if self.tangents is not None else Status.LOCAL
                says = "No step along the model's direction improves the plan."
                break
            else:
                damping = max(4 * damping, DAMPED)
                cuts = self._cut_by_own(there, cuts)
            cuts = self._kept(cuts, accepted=here is there)
            best = self._better(best, there)
            if self._settled(before, here):
                status, says = Status.LOCAL, "A local optimum."
                break
        return self._solution(best, status, says)

    def _settled(self, before: Here, here: Here) -> bool:
        small = 1e-8 * max(abs(here.figure), self.goal.floor)
        return self.tangents is None and here is not before and abs(here.figure - before.figure) <= small

    def _penalty(self, here: Here) -> float:
        steep = float(np.abs(here.look.gradient + self.cost).sum())
        return 10.0 * max(steep, abs(here.figure)) if len(self.floors) else 0.0

    def _first(self, y: FloatArray) -> tuple[Here, FloatArray]:
        """Look at the start; also return each draw's gain from a little more of each row, (C, S)."""
        oracle, decision = self.oracle, self.oracle.decision
        if all(part.weight == 0 for part in self.parts) and len(self.parts) == 1:
            return self._look(y, oracle.even), np.ones((len(y), len(oracle.even)))
        now, more = (oracle.response.per_unit(decision.spend(z)) for z in (y, y + STEP))
        oracle.evaluations += 1
        draws = oracle.objective.draws(now.sum(axis=0), decision.spend(y))
        weights = oracle.risk.weights(oracle.uplift(draws), oracle.fit)
        return self._look(y, weights), np.maximum(more - now, 0.0)

    def _look(self, y: FloatArray, weights: FloatArray) -> Here:
        look = self.oracle.look(y, weights)
        uplift = self._uplift(look.draws)
        return Here(y, look, uplift, self.oracle.figure(look.draws), self.floors.at(y, look))

    def _uplift(self, draws: FloatArray) -> FloatArray:
        return draws if self.oracle.reference is None else self.oracle.uplift(draws)

    def _note(self, here: Here) -> None:
        """Add the plan's tangents to the bound."""
        if self.tangents is not None:
            self.tangents.add(self._tangent(here))
            for need in here.standing.tangents(here.y):
                self.tangents.require(need)
            self.bound = min(self.bound, self.oracle.start + self.tangents.most())
        self.history.append(self.goal.tell(self.phase, here.figure, self.bound))

    def _tangent(self, here: Here) -> Cut:
        weighted = float(here.look.weights @ here.uplift)
        return Cut.tangent(weighted, here.look.gradient, here.y, here.look.weights)

    def _model(self, here: Here, gains: FloatArray, cuts: list[Cut], damping: float, penalty: float) -> ModelStep:
        weighted = gains @ here.look.weights
        shares = np.where(weighted[:, None] > 0, gains / np.where(weighted > 0, weighted, 1.0)[:, None], 1.0)
        slope = here.look.gradient + self.cost
        extra = np.tensordot(self.prices, here.standing.hessian, axes=1)
        damped = damping if self.tangents is not None else max(damping, SLIGHT)
        extra = extra - damped * float(np.abs(slope).max(initial=0.0)) * np.eye(here.y.shape[1])
        least = KEPT * here.y if self._gap(here) > NEAR else np.zeros_like(here.y)
        centre = Centre(here.y, here.uplift, slope, here.look.hessian, extra, self.cost, shares, least)
        needs = [
            Need(float(slack) - SPARE, gradient)
            for slack, gradient in zip(here.standing.slack, here.standing.gradient, strict=True)
        ]
        return model_step(self.feasible, centre, self.parts, cuts, needs, penalty)

    def _shorter(self, here: Here, step: ModelStep, penalty: float) -> Here:
        """Return the first plan on the way to the model's that is better than here; the last tried where none is."""
        length = 0.5
        while True:
            there = self._look(here.y + length * (step.y - here.y), step.weights)
            if there.merit(penalty) > here.merit(penalty) or length < SHORTEST:
                return there
            length *= 0.4

    def _cut_by_own(self, there: Here, cuts: list[Cut]) -> list[Cut]:
        """Cut a step that did not help by the measure's own weights there too; return the cuts of the next model.

        The model's weights may be those of other fits or draws than the ones that made the step a poor one.
        """
        own = self.oracle.risk.weights(there.uplift, self.oracle.fit)
        if self.tangents is None or np.allclose(own, there.look.weights, rtol=0.0, atol=SAME):
            return cuts
        first = self.tangents.cuts[-1]
        self._note(self._look(there.y, own))
        return [*cuts, first][-MOST_CUTS:]

    def _kept(self, cuts: list[Cut], *, accepted: bool) -> list[Cut]:
        """Return the tangents for the next model: those of plans other than its centre."""
        if self.tangents is None:
            return []
        if accepted:
            # The centre's own tangent is in the model already.
            return self.tangents.cuts[:-1][-MOST_CUTS:]
        return [*cuts, self.tangents.cuts[-1]][-MOST_CUTS:]

    def _better(self, best: Here, there: Here) -> Here:
        """Prefer plans that meet the requirements, then the higher figure."""
        met, before = self._met(there), self._met(best)
        if met != before:
            return there if met else best
        if met:
            return there if there.figure > best.figure else best
        return there if there.standing.worst > best.standing.worst else best

    def _met(self, here: Here) -> bool:
        return here.standing.worst >= 0.0

    def _gap(self, best: Here) -> float:
        return self.goal.relative(self.bound, best.figure) if self._met(best) else np.inf

    def _solution(self, best: Here, status: Status, says: str) -> Solution:
        method = (
            "none" if self.tangents is None else "tangents at the plans, a linear programme over them, clipped duals"
        )
        return Solution(
            best.y,
            best.figure,
            self.bound,
            method,
            status,
            says,
            self.oracle.evaluations,
            tuple(self.history),
            weights=best.look.weights,
        )


def climb_levels(
    oracle: Oracle, coarse: Oracle | None, feasible: ConicSet, start: FloatArray, goal: Goal, support: Support
) -> Solution:
    """Maximise on few draws first, then on all, from where the few ended."""
    none = Floors.none(oracle)
    if coarse is not None:
        rough = replace(goal, gap=max(3e-3, goal.gap), max_steps=12, progress=None)
        start = Bundle(coarse, feasible, Floors.none(coarse), rough, support, "first draws").climb(start).y
    return Bundle(oracle, feasible, none, goal, support, "all draws").climb(start)
