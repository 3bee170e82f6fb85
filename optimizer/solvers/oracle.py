"""The objective as solvers see it: value, gradient and Hessian in scaled decision variables."""

from __future__ import annotations

from dataclasses import dataclass, field

import cvxpy as cp
import numpy as np

from mmm.arrays import FloatArray
from mmm.response.horizon import Curvature, HorizonResponse
from optimizer.objectives import Objective
from optimizer.problem import AllocationProblem

#: Draws of the coarse first level.
COARSE_DRAWS = 100


@dataclass(frozen=True, eq=False)
class Decision:
    """How decision variables y (C, K), of order one, make a plan x (C, T) in money: linearly.

    Attributes
    ----------
    scale : (C,)
        Money of one unit of y.
    shares : (C, T) or None
        Where totals are decided (K = 1): each week's multiple of y; None where weeks are (K = T).
    weeks : int
        T.
    """

    scale: FloatArray
    shares: FloatArray | None
    weeks: int

    @property
    def shape(self) -> tuple[int, int]:
        """Shape (C, K) of y."""
        return len(self.scale), self.weeks if self.shares is None else 1

    @property
    def factor(self) -> FloatArray:
        """Money in each week per unit of y, (C, T)."""
        shares = 1.0 if self.shares is None else self.shares
        return np.asarray(self.scale[:, None] * np.ones((1, self.weeks)) * shares)

    def spend(self, y: FloatArray) -> FloatArray:
        """Return the plan, (C, T)."""
        return np.asarray(y * self.factor)

    def variables(self, spend: FloatArray) -> FloatArray:
        """Return the decision variables nearest to a plan: itself, or its channel totals."""
        if self.shares is None:
            return np.asarray(spend / self.factor)
        return np.asarray(spend.sum(axis=1, keepdims=True) / self.factor.sum(axis=1, keepdims=True))

    def expression(self, y: cp.Variable) -> cp.Expression:
        """Return the plan as a cvxpy expression in money."""
        wide = y if self.shares is None else y @ np.ones((1, self.weeks))
        return cp.multiply(self.factor, wide)

    def upper(self, spend: FloatArray) -> FloatArray:
        """Return the most of y that keeps every week at or below ``spend``."""
        limit = spend / np.where(self.factor > 0, self.factor, np.inf)
        limit = np.where(self.factor > 0, limit, np.inf)
        return limit if self.shares is None else limit.min(axis=1, keepdims=True)


def decide(problem: AllocationProblem) -> Decision:
    """Return the decision variables of a problem."""
    scale, weeks, baseline = problem.row_frame.typical, len(problem.weeks), problem.row_baseline
    if problem.granularity.by_week:
        return Decision(scale, None, weeks)
    pattern = baseline if problem.flighting is None else problem.flighting
    total = pattern.sum(axis=1, keepdims=True)
    shares = np.where(total > 0, pattern / np.where(total > 0, total, 1.0), 1.0 / weeks) * weeks
    return Decision(scale, shares, weeks)


@dataclass(frozen=True, eq=False)
class Local:
    """Value, gradient (C, K) and Hessian blocks (C, K, K) of the objective at one y."""

    value: float
    gradient: FloatArray
    hessian: FloatArray


@dataclass(eq=False)
class Oracle:
    """The objective over some draws; counts its evaluations.

    Attributes
    ----------
    response : HorizonResponse
        Or its concave envelope.
    decision : Decision
    objective : Objective
    curvature : Curvature
        Of the Hessians it returns.
    evaluations : int
    """

    response: HorizonResponse
    decision: Decision
    objective: Objective
    curvature: Curvature = Curvature.EXACT
    evaluations: int = field(default=0)

    def at(self, y: FloatArray) -> Local:
        """Evaluate value, gradient and Hessian."""
        self.evaluations += 1
        factor = self.decision.factor
        found = self.response.evaluate(self.decision.spend(y), 2, curvature=self.curvature)
        if found.gradient is None or found.hessian is None:
            raise TypeError("the response gave no derivatives")
        weight = self.objective.response_weight
        slope = (weight * found.gradient - self.objective.spend_weight) * factor
        bend = weight * found.hessian * factor[:, :, None] * factor[:, None, :]
        if self.decision.shares is not None:
            slope, bend = slope.sum(axis=1, keepdims=True), bend.sum(axis=(1, 2))[:, None, None]
        return Local(weight * found.value - self.objective.cost(self.decision.spend(y)), slope, bend)

    def value(self, y: FloatArray) -> float:
        """Evaluate the value alone."""
        self.evaluations += 1
        return value_of(self.response, self.objective, self.decision.spend(y))

    def coarse(self, draws: int = COARSE_DRAWS) -> Oracle | None:
        """Return the objective over evenly spaced draws; None where there are too few to gain from it."""
        if self.response.n_draws < 4 * draws:
            return None
        picked = np.linspace(0, self.response.n_draws - 1, draws).astype(np.int64)
        return Oracle(self.response.select(picked), self.decision, self.objective, self.curvature)


def value_of(response: HorizonResponse, objective: Objective, spend: FloatArray) -> float:
    """Return the objective's mean over draws at a plan in money."""
    mean = response.evaluate(spend).value
    return objective.response_weight * mean - objective.cost(spend)


def draws_of(response: HorizonResponse, objective: Objective, spend: FloatArray) -> FloatArray:
    """Return the objective by draw at a plan in money, (S,)."""
    return objective.draws(response.evaluate(spend).per_draw, spend)
