"""A plan replayed in the market is worth what a planner with the truth would claim."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mmm.response.calendar import WEEK, BaselineRule, business_as_usual
from mmm.response.horizon import HorizonResponse
from simulations.backtest import Claim, backtest, plan_task
from simulations.market import future_outcome, plan_value, random_world, simulate_market
from simulations.market.future import future_effects
from simulations.market.oracle import true_response
from simulations.results import Estimate

from .worlds import one_channel, small_world


@pytest.fixture(scope="module")
def market():
    return simulate_market(random_world(11))


def test_a_plan_is_worth_what_the_compiled_response_of_the_truth_says(market):
    response = true_response(market)
    calendar = business_as_usual(response, market.weeks[-1] + 5 * WEEK, 13, BaselineRule.LAST_WEEKS)
    rng = np.random.default_rng(0)
    for _ in range(3):
        plan = calendar.baseline * rng.uniform(0.3, 1.7, calendar.baseline.shape)
        assert plan_value(market, calendar, plan) == pytest.approx(
            HorizonResponse(response, calendar).evaluate(plan).value, rel=1e-4
        )
    assert plan_value(market, calendar, 0 * calendar.baseline) == 0.0


def test_channels_may_stand_in_another_order(market):
    calendar = plan_task(market).calendar
    turned = replace(
        calendar,
        channels=calendar.channels[::-1],
        bridge=calendar.bridge[::-1],
        baseline=calendar.baseline[::-1],
        tail=calendar.tail[::-1],
    )
    value = plan_value(market, calendar, calendar.baseline)
    assert plan_value(market, turned, turned.baseline) == pytest.approx(value, rel=1e-12)


def test_two_plans_meet_the_same_future(market):
    low, high = np.full((5, 20), 5_000.0), np.full((5, 20), 9_000.0)
    gain = future_outcome(market, high) - future_outcome(market, low)
    assert gain == pytest.approx((future_effects(market, high) - future_effects(market, low)).sum(axis=0))
    assert (gain > 0).all()
    with pytest.raises(ValueError, match="weeks are asked for"):
        future_outcome(market, np.zeros((5, 500)))
    with pytest.raises(ValueError, match="spend has shape"):
        future_effects(market, np.zeros((4, 5)))


def test_a_season_that_moves_media_moves_their_future_and_has_no_constant_response():
    seasonal = simulate_market(one_channel(season=[{"sine": 0.3}], media_follow_season=1.0))
    effect = future_effects(seasonal, np.full((1, 52), 1000.0))[0]
    assert effect.max() > 1.5 * effect.min()
    with pytest.raises(ValueError, match="follows the season"):
        true_response(seasonal)
    assert plan_task(seasonal).calendar.baseline.shape == (1, 13)


class Knows:
    """A fitter's result that knows the truth, with intervals of a given width."""

    def __init__(self, market, width):
        self.roas = {n: Estimate(r, r * (1 - width), r * (1 + width)) for n, r in market.truth.roas.items()}


def test_a_backtest_of_one_who_keeps_the_plan_gains_nothing(market):
    seen = []

    def fitter(data):
        seen.append(data)
        return Knows(market, 0.1)

    result = backtest(market, fitter, lambda _, task: Claim(task.calendar.baseline))
    assert result.uplift == 0
    assert result.regret is None
    assert result.captured is None
    assert all(result.covered.values())
    assert all(abs(e) < 1e-9 for e in result.roas_error.values())
    assert list(seen[0].settings["channels"]) == list(market.names)
    assert not any("true" in column or "beta" in column for column in seen[0].frame.columns)


def test_a_backtest_scores_a_plan_against_the_oracle(market):
    def greedy(task, order):
        spend = task.calendar.baseline.copy()
        spend[order[0]] *= 1.3
        spend[order[-1]] *= 0.7
        return spend

    def oracle(market, task):
        return greedy(task, np.argsort([-market.truth.mroas[n] for n in task.calendar.channels]))

    def wrong(learned, task):
        return Claim(greedy(task, np.argsort([learned.roas[n].mean for n in task.calendar.channels])))

    result = backtest(market, lambda _: Knows(market, 0.1), wrong, oracle=oracle)
    assert result.oracle_value > result.value
    assert result.regret == pytest.approx(1 - result.value / result.oracle_value)
    assert result.captured < 1
    best = backtest(market, lambda _: Knows(market, 0.1), lambda _, task: Claim(oracle(market, task)), oracle=oracle)
    assert best.regret == 0
    assert best.captured == pytest.approx(1)


def test_a_backtest_refuses_what_is_no_plan(market):
    for spend in (np.full((5, 13), np.nan), np.full((5, 13), -1.0), np.zeros((4, 13))):
        with pytest.raises(ValueError, match="a plan is"):
            backtest(market, lambda _: Knows(market, 0.1), lambda _, __, s=spend: Claim(s))
    lacking = Knows(market, 0.1)
    del lacking.roas["channel_2"]
    with pytest.raises(ValueError, match="'channel_2'"):
        backtest(market, lambda _: lacking, lambda _, task: Claim(task.calendar.baseline))


def test_small_world_truth_as_response_keeps_forms():
    response = true_response(simulate_market(small_world()))
    assert [str(form) for form in response.paid.saturation] == ["hill", "logistic", "hill", "hill"]
    assert response.organic.names == ("newsletter",)
    assert response.outcome.shape == (1, 80)
