"""What others do with channel totals of S-shaped curves, on the identical objective: value and gradient are ours."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import minimize

from mmm.arrays import FloatArray
from mmm.response.envelopes import line_curves
from optimizer import AllocationProblem, Budget

#: Steps into which the greedy rule cuts the budget.
STEPS = 100


@dataclass(eq=False)
class Totals:
    """The objective and its limits in shares of the budget, (C,)."""

    problem: AllocationProblem
    evaluations: int = field(default=0)

    def __post_init__(self) -> None:
        plan = self.problem
        self.budget = next(one.total for one in plan.constraints if isinstance(one, Budget))
        shape = plan.baseline / plan.baseline.sum(axis=1, keepdims=True)
        self.direction = self.budget * shape
        self.upper = np.minimum((plan.upper / self.direction).min(axis=1), 1.0)
        self.level = plan.horizon.evaluate(plan.baseline).value

    def value(self, shares: FloatArray) -> float:
        """Return the value of a plan that spends these shares of the budget on the channels."""
        return float(self.problem.horizon.evaluate(shares[:, None] * self.direction).value)

    def slsqp(self, start: FloatArray) -> float:
        """Return the value that scipy's SLSQP reaches from a start, cut back to the budget where it overspends."""

        def objective(shares: FloatArray) -> tuple[float, FloatArray]:
            self.evaluations += 1
            found = self.problem.horizon.evaluate(np.maximum(shares, 0.0)[:, None] * self.direction, 1)
            if found.gradient is None:
                raise ValueError("no gradient came back")
            return -found.value / self.level, -(found.gradient * self.direction).sum(axis=1) / self.level

        ones = np.ones(len(start))
        answer = minimize(
            objective,
            start,
            jac=True,
            method="SLSQP",
            bounds=[(0.0, most) for most in self.upper],
            constraints=[{"type": "eq", "fun": lambda s: s.sum() - 1.0, "jac": lambda _: ones}],
            options={"ftol": 1e-9, "maxiter": 300},
        )
        shares = np.clip(answer.x, 0.0, self.upper)
        return self.value(shares / max(1.0, shares.sum()))

    def equal(self) -> FloatArray:
        """Return the start that spends alike on all channels, as far as caps allow."""
        return np.minimum(np.full(len(self.upper), 1.0 / len(self.upper)), self.upper)

    def starts(self, seed: int, count: int) -> list[FloatArray]:
        """Return the equal start and random others."""
        rng = np.random.default_rng(seed)
        random = rng.dirichlet(np.ones(len(self.upper)), count - 1)
        return [self.equal(), *np.minimum(random, self.upper)]

    def greedy(self) -> tuple[float, float]:
        """Return value and unspent share of a greedy rule over average-ROI jumps.

        From nothing, each step takes the channel and the higher grid level with the most outcome per unit of money on
        the way from where the channel is; it ends at the first jump that does not fit what is left of the budget.
        """
        channels = len(self.upper)
        grid = np.tile(np.arange(STEPS + 1) / STEPS, (channels, 1))
        value = line_curves(self.problem.horizon, self.direction, grid).value
        value = np.where(grid <= self.upper[:, None] * (1 + 1e-12), value, -np.inf)
        at, spent = np.zeros(channels, dtype=np.int64), 0
        while True:
            here = value[np.arange(channels), at][:, None]
            jump = np.arange(STEPS + 1)[None, :] - at[:, None]
            with np.errstate(divide="ignore", invalid="ignore"):
                gain = np.where(jump > 0, (value - here) / jump, -np.inf)
            channel, level = np.unravel_index(int(np.argmax(gain)), gain.shape)
            cost = int(level - at[channel])
            if not gain[channel, level] > 0 or spent + cost > STEPS:
                break
            spent += cost
            at[channel] = level
        return self.value(at / STEPS), 1.0 - spent / STEPS
