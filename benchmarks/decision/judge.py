"""Replay every answer in the market that it was made for: what was claimed against what came true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.decision.tasks import evenly
from mmm.arrays import FloatArray
from simulations.backtest import Claim, CompanyData, backtest
from simulations.market.planning import PlanTask
from simulations.market.protocol import SimulatedMarket
from simulations.results import Estimate


@dataclass(frozen=True, eq=False)
class Answer:
    """What a tool said: the least that a backtest wants of a fit, and its plan.

    Attributes
    ----------
    roas : dict of str to Estimate
    claim : Claim
    p_beats : float or None
        Its probability that the plan beats the baseline.
    """

    roas: dict[str, Estimate]
    claim: Claim
    p_beats: float | None = None

    @classmethod
    def of(cls, said: Mapping[str, Any], plan: Mapping[str, Any]) -> Answer:
        """Read a tool's own record; ``plan`` is the part of it with the plan, its uplift and probability."""
        roas = {name: Estimate(**one) for name, one in said["roas"].items()}
        claim = Claim(np.array(plan["plan"], dtype=np.float64), Estimate(**plan["uplift"]))
        return cls(roas, claim, plan["p_beats"])


@dataclass(frozen=True, eq=False)
class Truths:
    """The best plans of a market by week and with even weeks, (C, T) each."""

    by_week: FloatArray
    by_totals: FloatArray


@dataclass(frozen=True)
class Values:
    """True values in one market that every tool is held against, outcome units.

    Attributes
    ----------
    current, best, best_even : float
        Of the current plan, of the best one, and of the best one whose weeks are even.
    """

    current: float
    best: float
    best_even: float

    @classmethod
    def of(cls, market: SimulatedMarket, task: PlanTask, best: Truths) -> Values:
        """Replay the plans that everybody is compared with."""
        plans = np.stack([task.calendar.baseline, best.by_week, best.by_totals])
        return cls(*(float(value) for value in market.plan_values(task.calendar, plans)))


def replay(market: SimulatedMarket, task: PlanTask, answer: Answer, values: Values) -> dict[str, Any]:
    """Judge a fitted tool: its ROAS, its plan and what it claims of it."""

    def fitter(_: CompanyData) -> Answer:
        return answer

    def planner(learned: Answer, _: PlanTask) -> Claim:
        return learned.claim

    found = backtest(market, fitter, planner, task=task)
    row = replay_plan(market, task, answer.claim.spend, values)
    uplift, per_budget = answer.claim.uplift, market.value / task.budget
    if uplift is not None:
        row |= {"claimed": uplift.mean * per_budget, "low": uplift.q05 * per_budget, "high": uplift.q95 * per_budget}
    return row | {"roas_error": found.roas_error, "covered": found.covered, "p_beats": answer.p_beats}


def replay_plan(market: SimulatedMarket, task: PlanTask, plan: FloatArray, values: Values) -> dict[str, Any]:
    """Judge a plan, (C, T); sums of money in shares of the budget."""
    per_budget = market.value / task.budget
    value, even = (float(one) for one in market.plan_values(task.calendar, np.stack([plan, evenly(plan)])))
    return {
        "regret": (values.best - value) / values.best if values.best > 0 else None,
        "split_regret": (values.best_even - even) / values.best_even if values.best_even > 0 else None,
        "realised": (value - values.current) * per_budget,
        "possible": (values.best - values.current) * per_budget,
        "worse": bool(value < values.current - 1e-9 * abs(values.current)),
        "spent": float(plan.sum()) / task.budget,
    }
