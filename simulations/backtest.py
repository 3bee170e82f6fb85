"""Fit on a market's data, plan the next weeks, replay the plan in the market: what was claimed against what came true.

It takes callables, so it knows neither a model nor a peer; ``benchmarks/`` composes them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd

from mmm.arrays import FloatArray
from simulations.market.planning import PlanTask, bought_only, plan_task
from simulations.market.protocol import SimulatedMarket
from simulations.results import Estimate

__all__ = ["Backtest", "Claim", "CompanyData", "Learned", "PlanTask", "backtest", "plan_task"]


@dataclass(frozen=True, eq=False)
class CompanyData:
    """What the fitter may see: the data file, and the settings that name its columns as in ``model.yaml``."""

    frame: pd.DataFrame
    settings: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Claim:
    """A plan and what its maker says of it.

    Attributes
    ----------
    spend : (C, T)
        Money a week, channels in the calendar's order.
    uplift : Estimate, optional
        Claimed value over the baseline, outcome units.
    """

    spend: FloatArray
    uplift: Estimate | None = None


class Learned(Protocol):
    """What a fitter returns: at least each channel's ROAS."""

    @property
    def roas(self) -> Mapping[str, Estimate]:
        """ROAS by channel."""


@dataclass(frozen=True, eq=False)
class Backtest:
    """What came of one market.

    Attributes
    ----------
    roas_error : dict of str to float
        (estimate − truth) / truth by channel; channels without effect are left out.
    covered : dict of str to bool
        Whether the 90 % interval held the true ROAS.
    value, baseline_value : float
        True values of the plan and of the baseline, outcome units.
    claim : Claim
    oracle_value : float or None
        True value of the oracle's plan, where an oracle was given.
    """

    roas_error: dict[str, float]
    covered: dict[str, bool]
    value: float
    baseline_value: float
    claim: Claim
    oracle_value: float | None = None

    @property
    def uplift(self) -> float:
        """What the plan truly gains over the baseline, outcome units."""
        return self.value - self.baseline_value

    @property
    def regret(self) -> float | None:
        """(V* − V) / V*: the share of the oracle's value that the plan misses."""
        return None if self.oracle_value is None else (self.oracle_value - self.value) / self.oracle_value

    @property
    def captured(self) -> float | None:
        """Share of the possible uplift that the plan gains; None where there is none to gain."""
        if self.oracle_value is None or self.oracle_value <= self.baseline_value:
            return None
        return self.uplift / (self.oracle_value - self.baseline_value)


def backtest[LearnedT: Learned](
    market: SimulatedMarket,
    fitter: Callable[[CompanyData], LearnedT],
    planner: Callable[[LearnedT, PlanTask], Claim],
    *,
    task: PlanTask | None = None,
    oracle: Callable[[SimulatedMarket, PlanTask], FloatArray] | None = None,
) -> Backtest:
    """Run market → data → fit → plan → replay once.

    Parameters
    ----------
    market : SimulatedMarket
        Of either engine.
    fitter : callable
        Sees the company's data only.
    planner : callable
        Sees what the fitter learned, and the task.
    task : PlanTask, optional
        Default: :func:`plan_task`.
    oracle : callable, optional
        Plans from the truth under the same task, such as :func:`simulations.market.optimum.oracle`; returns (C, T)
        money.

    Returns
    -------
    Backtest

    Raises
    ------
    ValueError
        A plan has another shape than the task's baseline, is negative or not finite, or the fit lacks a channel.
    """
    task = task or plan_task(market)
    learned = fitter(CompanyData(market.frame, bought_only(market.settings)))
    error, covered = _compare_roas(market, learned.roas)
    claim = planner(learned, task)
    return Backtest(
        roas_error=error,
        covered=covered,
        value=_replayed(market, task, claim.spend),
        baseline_value=_replayed(market, task, task.calendar.baseline),
        claim=claim,
        oracle_value=None if oracle is None else _replayed(market, task, oracle(market, task)),
    )


def _replayed(market: SimulatedMarket, task: PlanTask, spend: FloatArray) -> float:
    wanted = task.calendar.baseline.shape
    if spend.shape != wanted or not np.all(np.isfinite(spend)) or np.any(spend < 0):
        raise ValueError(f"a plan is {wanted} of money, finite and not negative; this one has shape {spend.shape}")
    return market.plan_value(task.calendar, spend)


def _compare_roas(market: SimulatedMarket, roas: Mapping[str, Estimate]) -> tuple[dict[str, float], dict[str, bool]]:
    truth = market.truth.roas
    missing = sorted(set(truth) - set(roas))
    if missing:
        raise ValueError(f"the fit says nothing of the channel '{missing[0]}'")
    error = {name: (roas[name].mean - true) / true for name, true in truth.items() if true > 0}
    return error, {name: roas[name].q05 <= true <= roas[name].q95 for name, true in truth.items()}
