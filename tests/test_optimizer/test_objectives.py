"""What a plan is worth: profit by margin or by cost of goods, and present value, against sums made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mmm.exceptions import SpecError
from mmm.response.calendar import BaselineRule, business_as_usual
from mmm.response.horizon import HorizonResponse
from optimizer import Budget, allocate
from optimizer.brief_objective import ObjectiveKey
from optimizer.objectives import Outcome, PresentValue, Profit, discount_factors
from tests.test_optimizer.responses import START, baseline_total, problem, response

WEEKS = 5


def discounted(rate: float = 0.5):
    """A problem in present value; the rate is steep, so that weeks differ."""
    draws = response(channels=2, draws=24, seed=1)
    plain = problem(draws, weeks=WEEKS, constraints=(Budget(0.8 * baseline_total(draws, WEEKS), up_to=True),))
    calendar = business_as_usual(draws, START, WEEKS, BaselineRule.LAST_WEEKS)
    values = discount_factors(rate, WEEKS + len(calendar.tail_weeks))
    planning, held = (
        HorizonResponse(half, calendar, week_value=values) for half in (draws.planning(), draws.held_back())
    )
    return plain, replace(plain, horizon=planning, held_back=held, objective=PresentValue(0.7, rate, WEEKS))


def test_present_value_is_the_sum_of_discounted_weeks():
    plain, made = discounted()
    plan = allocate(made).spend
    weekly = plain.horizon.weekly(plan).sum(axis=0).mean(axis=1)
    by_hand = sum(0.7 * value * 1.5 ** (-7 * t / 365.25) for t, value in enumerate(weekly))
    by_hand -= sum(plan[:, t].sum() * 1.5 ** (-7 * t / 365.25) for t in range(WEEKS))
    # Values follow carryover until 99.9 % of it has decayed, weeks until all of it has.
    value = made.objective.draws(made.horizon.evaluate(plan).per_draw, plan).mean()
    assert value == pytest.approx(by_hand, abs=1e-4 * weekly.sum())


def test_no_plan_on_a_grid_has_more_present_value():
    _, made = discounted()
    plan = allocate(made, gap=1e-6)
    rng = np.random.default_rng(0)
    for _ in range(200):
        other = np.clip(plan.spend * np.exp(0.3 * rng.standard_normal(plan.spend.shape)), 0, made.upper)
        other *= min(1.0, made.constraints[0].total / other.sum())
        value = made.objective.draws(made.horizon.evaluate(other).per_draw, other).mean()
        assert value <= plan.upper_bound + 1e-9 * abs(plan.upper_bound)
    assert plan.gap <= 1e-6


def test_without_a_rate_present_value_is_profit():
    draws = response(channels=2, draws=16, seed=2)
    spend = np.ones((2, WEEKS))
    value = problem(draws, weeks=WEEKS).horizon.evaluate(spend).per_draw
    np.testing.assert_allclose(PresentValue(0.4, 0.0, WEEKS).draws(value, spend), Profit(0.4).draws(value, spend))
    assert Outcome().cost(spend) == 0.0


def test_cost_of_goods_is_another_way_to_say_the_margin():
    by_money = ObjectiveKey.model_validate({"maximise": "profit", "cost_of_goods": 12.5})
    by_share = ObjectiveKey.model_validate({"maximise": "profit", "cost_of_goods": {"share": 0.25}})
    assert by_money.objective(50.0, WEEKS) == by_share.objective(50.0, WEEKS) == Profit(0.75)
    with pytest.raises(SpecError, match="nothing is left"):
        by_money.objective(12.5, WEEKS)


@pytest.mark.parametrize(("rate", "margin"), [(-0.1, 0.4), (1.0, 0.4), (0.1, 0.0), (0.1, 1.2), (float("nan"), 0.4)])
def test_shares_outside_their_range_are_refused(rate, margin):
    with pytest.raises(SpecError):
        PresentValue(margin, rate, WEEKS)
