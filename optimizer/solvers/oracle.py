"""The objective as solvers see it: value, gradient and Hessian in scaled decision variables."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import cvxpy as cp
import numpy as np

from mmm.arrays import FloatArray, IntArray
from mmm.response.horizon import Curvature, HorizonResponse
from optimizer.objectives import Objective
from optimizer.problem import AllocationProblem
from optimizer.risk import Mean, Risk
from optimizer.several import fits_of

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


@dataclass(frozen=True, eq=False)
class Look:
    """The objective by draw (S,) at one y, and the weighted sum's gradient (C, K) and Hessian blocks (C, K, K)."""

    draws: FloatArray
    weights: FloatArray
    gradient: FloatArray
    hessian: FloatArray


@dataclass(eq=False)
class Oracle:
    """The objective over some draws, summed up by a risk measure; counts its evaluations.

    Attributes
    ----------
    response : HorizonResponse
        Or its concave envelope.
    decision : Decision
    objective : Objective
    curvature : Curvature
        Of the Hessians it returns.
    risk : Risk
    reference : (S,), optional
        The objective of the baseline by draw, from which uplifts are counted; needed but for the mean.
    weights : (S,), optional
        Fixed weights of the draws in derivatives, found by a solver; by default those of the measure's supergradient.
    evaluations : int
    """

    response: HorizonResponse
    decision: Decision
    objective: Objective
    curvature: Curvature = Curvature.EXACT
    risk: Risk = field(default_factory=Mean)
    reference: FloatArray | None = None
    weights: FloatArray | None = None
    evaluations: int = field(default=0)

    @property
    def of_mean(self) -> bool:
        """Whether draws simply count alike."""
        return isinstance(self.risk, Mean)

    def at(self, y: FloatArray) -> Local:
        """Evaluate value, gradient and Hessian."""
        weights = self.weights
        if weights is None:
            weights = self.even if self.of_mean else self.risk.weights(self.uplift(self.draws(y)), self.fit)
        look = self.look(y, weights)
        bend = look.hessian
        if (weights < 0).any():
            # Draws that count against the plan bend the model the wrong way: a step leaves them out.
            bend = self.look(y, np.maximum(weights, 0.0)).hessian
        return Local(self.figure(look.draws), look.gradient, bend)

    def look(self, y: FloatArray, weights: FloatArray) -> Look:
        """Evaluate every draw, and the derivatives of their weighted sum."""
        self.evaluations += 1
        factor, spend = self.decision.factor, self.decision.spend(y)
        found = self.response.evaluate(spend, 2, weights=weights, curvature=self.curvature)
        if found.gradient is None or found.hessian is None:
            raise TypeError("the response gave no derivatives")
        weight, whole = self.objective.response_weight, float(weights.sum())
        slope = (weight * found.gradient - whole * self.objective.spend_weight) * factor
        bend = weight * found.hessian * factor[:, :, None] * factor[:, None, :]
        if self.decision.shares is not None:
            slope, bend = slope.sum(axis=1, keepdims=True), bend.sum(axis=(1, 2))[:, None, None]
        return Look(self.objective.draws(found.per_draw, spend), weights, slope, bend)

    def draws(self, y: FloatArray) -> FloatArray:
        """Evaluate the objective by draw, (S,)."""
        self.evaluations += 1
        return draws_of(self.response, self.objective, self.decision.spend(y))

    def value(self, y: FloatArray) -> float:
        """Evaluate the value alone."""
        return self.figure(self.draws(y))

    def figure(self, draws: FloatArray) -> float:
        """Return the value that the objective by draw amounts to."""
        if self.of_mean:
            return float(draws.mean())
        figure = self.risk.value(self.uplift(draws), self.fit)
        return figure + self.start if self.risk.of_uplift else figure

    def uplift(self, draws: FloatArray) -> FloatArray:
        """Return the objective by draw less that of the baseline, (S,)."""
        if self.reference is None:
            raise ValueError("a risk measure needs the baseline's draws")
        return draws - self.reference

    @property
    def start(self) -> float:
        """The baseline's mean, to which uplifts are added."""
        return 0.0 if self.reference is None else float(self.reference.mean())

    @property
    def even(self) -> FloatArray:
        """Equal weights, (S,)."""
        return np.full(self.response.n_draws, 1.0 / self.response.n_draws)

    @property
    def fit(self) -> IntArray:
        """The fit that each draw is of, (S,)."""
        return fits_of(self.response)

    def coarse(self, draws: int = COARSE_DRAWS) -> Oracle | None:
        """Return the objective over evenly spaced draws; None where there are too few to gain from it."""
        if self.response.n_draws < 4 * draws:
            return None
        picked = np.linspace(0, self.response.n_draws - 1, draws).astype(np.int64)
        few = None if self.reference is None else self.reference[picked]
        return replace(self, response=self.response.select(picked), reference=few, weights=None, evaluations=0)

    def mean(self) -> Oracle:
        """Return the expected objective over the same draws."""
        return replace(self, risk=Mean(), reference=None, weights=None, evaluations=0)


def oracle_of(problem: AllocationProblem, decision: Decision) -> Oracle:
    """Return the objective of a problem over its planning draws, under its risk measure."""
    reference = None
    if not isinstance(problem.risk, Mean):
        reference = draws_of(problem.horizon, problem.objective, problem.row_baseline)
    return Oracle(problem.horizon, decision, problem.objective, risk=problem.risk, reference=reference)


def plan_value(problem: AllocationProblem, spend: FloatArray) -> float:
    """Return a plan's value in money per week, (U, T), over the planning draws, under the problem's risk measure."""
    return oracle_of(problem, decide(problem)).figure(draws_of(problem.horizon, problem.objective, spend))


def value_of(response: HorizonResponse, objective: Objective, spend: FloatArray) -> float:
    """Return the objective's mean over draws at a plan in money."""
    mean = response.evaluate(spend).value
    return objective.response_weight * mean - objective.cost(spend)


def draws_of(response: HorizonResponse, objective: Objective, spend: FloatArray) -> FloatArray:
    """Return the objective by draw at a plan in money, (S,)."""
    return objective.draws(response.evaluate(spend).per_draw, spend)
