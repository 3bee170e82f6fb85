"""A backtest with plain fitters and planners: what is claimed is held against what the market does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from mmm.arrays import FloatArray
from simulations.backtest import Claim, CompanyData, backtest
from simulations.market.generate import random_world
from simulations.market.market import Market
from simulations.market.optimum import best_plan
from simulations.market.planning import PlanTask, plan_task
from simulations.market.simulate import simulate_market
from simulations.results import Estimate


@dataclass(frozen=True)
class Told:
    """A fit that was told each channel's ROAS, as an interval around it."""

    roas: dict[str, Estimate]


@pytest.fixture(scope="module")
def market() -> Market:
    return simulate_market(random_world(3, channels=3))


@pytest.fixture(scope="module")
def task(market: Market) -> PlanTask:
    return plan_task(market)


@pytest.fixture(scope="module")
def best(market: Market, task: PlanTask) -> FloatArray:
    return best_plan(market, task, patience=5.0).spend


def _told(market: Market, factor: float) -> Told:
    return Told({name: Estimate(factor * one, 0.9 * one, 1.2 * one) for name, one in market.truth.roas.items()})


def _keep(_: Told, task: PlanTask) -> Claim:
    return Claim(task.calendar.baseline, Estimate(0.0, 0.0, 0.0))


def test_the_oracles_plan_regrets_nothing_and_the_current_one_captures_nothing(
    market: Market, task: PlanTask, best: FloatArray
) -> None:
    known = backtest(market, lambda _: _told(market, 1.0), lambda *_: Claim(best), task=task, oracle=lambda *_: best)
    assert known.regret == 0.0
    assert known.captured == pytest.approx(1.0)
    assert known.uplift > 0
    kept = backtest(market, lambda _: _told(market, 1.0), _keep, task=task, oracle=lambda *_: best)
    assert kept.uplift == 0.0
    assert kept.captured == 0.0
    assert kept.regret == pytest.approx(known.uplift / known.value)


def test_errors_are_relative_and_intervals_are_held_against_the_truth(market: Market, task: PlanTask) -> None:
    found = backtest(market, lambda _: _told(market, 1.1), _keep, task=task)
    assert list(found.roas_error.values()) == pytest.approx([0.1] * 3)
    assert all(found.covered.values())
    assert found.regret is None
    assert found.captured is None
    wrong = Told({name: Estimate(2 * one, 1.5 * one, 3 * one) for name, one in market.truth.roas.items()})
    assert not any(backtest(market, lambda _: wrong, _keep, task=task).covered.values())


def test_a_fitter_sees_the_data_file_and_the_names_of_its_columns(market: Market, task: PlanTask) -> None:
    seen: list[CompanyData] = []

    def fitter(data: CompanyData) -> Told:
        seen.append(data)
        return _told(market, 1.0)

    backtest(market, fitter, _keep, task=task)
    (data,) = seen
    assert vars(data).keys() == {"frame", "settings"}
    named = {one["spend"] for one in data.settings["channels"].values()}
    assert named == {f"{name}_spend" for name in market.names}
    assert named < set(data.frame.columns)
    assert len(data.frame) == len(market.weeks)


@pytest.mark.parametrize("spoil", [lambda plan: plan[:, 1:], lambda plan: -plan, lambda plan: plan * np.nan])
def test_what_is_no_plan_is_refused(market: Market, task: PlanTask, spoil: object) -> None:
    assert callable(spoil)
    with pytest.raises(ValueError, match="finite and not negative"):
        backtest(market, lambda _: _told(market, 1.0), lambda _, t: Claim(spoil(t.calendar.baseline)), task=task)


def test_a_fit_that_leaves_a_channel_out_is_refused(market: Market, task: PlanTask) -> None:
    few = Told({"channel_1": Estimate(1.0, 0.5, 2.0)})
    with pytest.raises(ValueError, match="says nothing of the channel 'channel_2'"):
        backtest(market, lambda _: few, _keep, task=task)
