"""Replay every answer in the market that it was made for: what was claimed against what came true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.decision.tasks import evenly
from mmm.arrays import FloatArray
from simulations.backtest import Backtest, Claim, CompanyData, backtest
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


def replay(market: SimulatedMarket, task: PlanTask, answer: Answer, best: Truths) -> dict[str, Any]:
    """Judge a fitted tool."""

    def fitter(_: CompanyData) -> Answer:
        return answer

    def planner(learned: Answer, _: PlanTask) -> Claim:
        return learned.claim

    found = backtest(market, fitter, planner, task=task, oracle=lambda *_: best.by_week)
    row = _plan_figures(market, task, found, best)
    uplift = answer.claim.uplift
    per_budget = market.value / task.budget
    if uplift is not None:
        row |= {"claimed": uplift.mean * per_budget, "low": uplift.q05 * per_budget, "high": uplift.q95 * per_budget}
    return row | {"roas_error": found.roas_error, "covered": found.covered, "p_beats": answer.p_beats}


def replay_plan(market: SimulatedMarket, task: PlanTask, plan: FloatArray, best: Truths) -> dict[str, Any]:
    """Judge a rule, which claims nothing."""
    truth = {name: Estimate(value, value, value) for name, value in market.truth.roas.items()}
    row = replay(market, task, Answer(truth, Claim(plan)), best)
    return {key: value for key, value in row.items() if key not in ("roas_error", "covered", "p_beats")}


def _plan_figures(market: SimulatedMarket, task: PlanTask, found: Backtest, best: Truths) -> dict[str, Any]:
    """Return the plan's figures; sums of money in shares of the budget."""
    per_budget = market.value / task.budget
    even = market.plan_value(task.calendar, evenly(found.claim.spend))
    best_even = market.plan_value(task.calendar, best.by_totals)
    possible = (found.oracle_value or 0.0) - found.baseline_value
    return {
        "regret": found.regret if (found.oracle_value or 0.0) > 0 else None,
        "split_regret": (best_even - even) / best_even if best_even > 0 else None,
        "realised": found.uplift * per_budget,
        "possible": possible * per_budget,
        "worse": bool(found.uplift < -1e-9 * abs(found.baseline_value)),
        "spent": float(found.claim.spend.sum()) / task.budget,
    }
