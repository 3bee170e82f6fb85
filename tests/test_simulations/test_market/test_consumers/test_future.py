"""Plans replayed after the window of a market of consumers: one future for all, additive in nothing but arithmetic."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mmm.response.calendar import SpendCalendar, weeks_from
from simulations.market.consumers.draw import FUTURE
from simulations.market.consumers.simulate import simulate_consumers

from .consumer_worlds import small_world

HORIZON, BRIDGE, TAIL = 6, 2, 20


@pytest.fixture(scope="module")
def market():
    return simulate_consumers(small_world(geos={"count": 2}))


@pytest.fixture(scope="module")
def calendar(market):
    level = market.spend.mean(axis=1, keepdims=True)
    weeks = weeks_from(market.weeks[-1] + np.timedelta64(7, "D"), BRIDGE + HORIZON + TAIL)
    return SpendCalendar(
        channels=market.names[::-1],
        bridge_weeks=weeks[:BRIDGE],
        bridge=np.repeat(level, BRIDGE, axis=1)[::-1],
        weeks=weeks[BRIDGE : BRIDGE + HORIZON],
        baseline=np.repeat(level, HORIZON, axis=1)[::-1],
        tail_weeks=weeks[BRIDGE + HORIZON :],
        tail=np.repeat(level, TAIL, axis=1)[::-1],
    )


def test_a_plans_value_is_the_difference_of_two_futures_after_the_bridge(market, calendar):
    plan = calendar.baseline * 1.3
    timelines = [
        np.concatenate([calendar.bridge, horizon, calendar.tail], axis=1)[::-1] for horizon in (plan, 0.0 * plan)
    ]
    sold = [market.future_outcome(timeline)[BRIDGE:].sum() for timeline in timelines]
    assert market.plan_value(calendar, plan) == pytest.approx(sold[0] - sold[1], rel=1e-9)


def test_many_plans_at_once_are_each_plan_alone(market, calendar):
    factors = (0.0, 0.5, 1.0, 2.0)
    plans = np.stack([factor * calendar.baseline for factor in factors])
    together = market.plan_values(calendar, plans)
    alone = [market.plan_value(calendar, plan) for plan in plans]
    np.testing.assert_allclose(together, alone, rtol=1e-9, atol=1e-6)
    assert together[0] == 0.0
    assert np.all(np.diff(together) > 0)


def test_the_future_continues_the_window(market):
    """A window lived under other spend hands its people to the future; noise and weeks stay the same."""
    plan = np.repeat(market.spend.mean(axis=1, keepdims=True), 10, axis=1)
    dark = market.with_spend({name: np.zeros(52) for name in market.names})
    lit, unlit = market.future_outcome(plan), dark.future_outcome(np.vstack([plan]))
    assert lit[0] > unlit[0]
    assert lit[0] - unlit[0] > lit[-1] - unlit[-1]
    longer = market.future_outcome(np.concatenate([plan, plan], axis=1))
    np.testing.assert_allclose(longer[:10], lit, rtol=1e-12)


def test_with_spend_records_the_other_spend_and_national_money_keeps_its_division(market):
    half = market.with_spend({"tv": 0.5 * market.spend[0]})
    np.testing.assert_allclose(half.spend_by_geo[0], 0.5 * market.spend_by_geo[0], rtol=1e-9)
    np.testing.assert_array_equal(half.spend_by_geo[1:], market.spend_by_geo[1:])
    np.testing.assert_allclose(half.outcome_under({}), market.outcome_under({"tv": 0.5 * market.spend[0]}), atol=0.011)
    only_one = np.array(market.spend_by_geo[0])
    only_one[1] = 0.0
    local = market.with_spend({"tv": only_one})
    np.testing.assert_array_equal(local.outcome_under({})[0], market.outcome_under({})[0])
    assert local.outcome_under({})[1].sum() < market.outcome_under({})[1].sum()


@pytest.mark.parametrize(
    ("spend", "says"),
    [
        ({"posters": np.zeros(52)}, "no channel 'posters'"),
        ({"tv": np.zeros(51)}, "shape"),
        ({"tv": np.full(52, -1.0)}, "negative"),
    ],
)
def test_spend_that_is_not_the_markets_is_refused(market, spend, says):
    with pytest.raises(ValueError, match=says):
        market.outcome_under(spend)


def test_a_future_that_is_not_drawn_is_refused(market, calendar):
    with pytest.raises(ValueError, match="weeks are asked for"):
        market.future_outcome(np.zeros((3, FUTURE + 1)))
    with pytest.raises(ValueError, match="shape"):
        market.future_outcome(np.zeros((2, 4)))
    with pytest.raises(ValueError, match="less than nothing"):
        market.plan_value(replace(calendar, bridge=calendar.bridge - 1e6), calendar.baseline)
