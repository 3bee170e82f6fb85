"""Requirements on the response (a ROAS floor, a CPA ceiling) at a plan: how far each is met, its slope and its bend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mmm.arrays import BoolArray, FloatArray
from optimizer.constraints_response import ResponseConstraint, Tangent
from optimizer.problem import AllocationProblem
from optimizer.solvers.conic import ConicSet
from optimizer.solvers.cuts import Cut
from optimizer.solvers.oracle import Look, Oracle


@dataclass(frozen=True, eq=False)
class Floor:
    """``worth · mean response of some rows − their spend ≥ 0``, over a scale in money.

    Attributes
    ----------
    rows : (U,)
        Whether each row counts.
    worth : float
        Money of spend that a unit of mean response allows: 1 / floor.
    scale : float
        What a violation is relative to, money.
    name : str
        Of the constraint.
    """

    rows: BoolArray
    worth: float
    scale: float
    name: str = ""


@dataclass(frozen=True, eq=False)
class Standing:
    """I requirements at one plan, relative: slack (I,), slopes (I, C, K), bends (I, C, K, K)."""

    slack: FloatArray
    gradient: FloatArray
    hessian: FloatArray

    @property
    def worst(self) -> float:
        """The least slack; positive where nothing is required."""
        return float(self.slack.min(initial=1.0))

    def tangents(self, y: FloatArray) -> list[Cut]:
        """Return each requirement's tangent, above it where curves are concave."""
        return [Cut.tangent(float(s), g, y) for s, g in zip(self.slack, self.gradient, strict=True)]


class Floors:
    """Requirements over some draws, in decision variables.

    Parameters
    ----------
    oracle : Oracle
        Gives response, decision and curvature.
    floors : sequence of Floor
    """

    def __init__(self, oracle: Oracle, floors: Sequence[Floor]) -> None:
        self.oracle, self.floors = oracle, tuple(floors)

    @classmethod
    def of(cls, problem: AllocationProblem, oracle: Oracle) -> Floors:
        """Return the problem's requirements over an oracle's draws."""
        found = []
        for name, constraint in problem.named.items():
            if isinstance(constraint, ResponseConstraint):
                view = problem.view(constraint)
                rows = view.adds[view.frame.pick(constraint.channels, name)].any(axis=0)
                worth = constraint.worth(problem.money_per_outcome, problem.value_per_unit)
                typical = problem.row_frame.typical[rows].sum() * len(problem.weeks)
                found.append(Floor(rows, worth, float(typical) or 1.0, name))
        return cls(oracle, found)

    @classmethod
    def none(cls, oracle: Oracle) -> Floors:
        """Return no requirement."""
        return cls(oracle, ())

    def over(self, oracle: Oracle) -> Floors:
        """Return the same requirements over other draws, or over their envelopes."""
        return Floors(oracle, self.floors)

    def __len__(self) -> int:
        return len(self.floors)

    def slack(self, y: FloatArray) -> FloatArray:
        """Return how far each requirement is met, relative, (I,)."""
        spend = self.oracle.decision.spend(y)
        made = self.oracle.response.per_unit(spend).mean(axis=1)
        paid = spend.sum(axis=1)
        return np.array([(f.worth * made[f.rows].sum() - paid[f.rows].sum()) / f.scale for f in self.floors])

    def at(self, y: FloatArray, look: Look) -> Standing:
        """Evaluate all; ``look`` is reused where its draws weigh alike."""
        if not self.floors:
            return Standing(np.zeros(0), np.zeros((0, *y.shape)), np.zeros((0, *y.shape, y.shape[1])))
        slope, bend = self._mean(y, look)
        factor = self.oracle.decision.factor
        paid = factor if self.oracle.decision.shares is None else factor.sum(axis=1, keepdims=True)
        gradient, hessian = [], []
        for floor in self.floors:
            gradient.append(floor.rows[:, None] * (floor.worth * slope - paid) / floor.scale)
            hessian.append(floor.rows[:, None, None] * floor.worth * bend / floor.scale)
        return Standing(self.slack(y), np.array(gradient), np.array(hessian))

    def _mean(self, y: FloatArray, look: Look) -> tuple[FloatArray, FloatArray]:
        """Return slope and bend of the mean response, in y."""
        even = self.oracle.even
        if not np.allclose(look.weights, even, rtol=1e-12, atol=0.0):
            look = self.oracle.look(y, even)
        weight = self.oracle.objective.response_weight
        factor = self.oracle.objective.spend_weight * self.oracle.decision.factor
        cost = factor if self.oracle.decision.shares is None else factor.sum(axis=1, keepdims=True)
        return (look.gradient + cost) / weight, look.hessian / weight


class CurvedSet(ConicSet):
    """The set with each requirement's tangent at one plan; whether a plan is inside is told by the requirement itself.

    Parameters
    ----------
    problem : AllocationProblem
    floors : Floors
        Its requirements, over all planning draws.
    y : (C, K)
        Where the tangents touch.
    """

    def __init__(self, problem: AllocationProblem, floors: Floors, y: FloatArray) -> None:
        self.floors = floors
        oracle = floors.oracle
        decision = oracle.decision
        standing, plan = floors.at(y, oracle.look(y, oracle.even)), decision.spend(y)
        per_y = decision.factor if decision.shares is None else decision.factor.sum(axis=1, keepdims=True)
        for i, floor in enumerate(floors.floors):
            constraint = problem.named[floor.name]
            if not isinstance(constraint, ResponseConstraint):
                raise TypeError(f"'{floor.name}' is no requirement on the response")
            slope = standing.gradient[i] / np.where(per_y > 0, per_y, np.inf) * np.ones_like(plan)
            eased = constraint.eased(float(plan[floor.rows].sum())) / floor.scale
            touch = Tangent(float(standing.slack[i]), slope, plan, eased, name=floor.name)
            problem = problem.replacing(floor.name, touch)
        super().__init__(problem, decision)

    def violation(self, y: FloatArray) -> float:
        """Return the largest violation of any row, the box or a requirement, relative."""
        return max(super().violation(y), -float(self.floors.slack(y).min(initial=0.0)))
