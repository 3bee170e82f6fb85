"""Where effects do not add up, the truth is still what the definition says, by rerunning; and every cause is told."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from simulations.market import simulate_market
from simulations.market.together import served
from simulations.market.truth import truth_json

from .worlds import ALWAYS_ON, one_channel

TWO = {
    "tv": {"spend": ALWAYS_ON, "adstock": 0.4, "roas": 2.0},
    "radio": {"spend": ALWAYS_ON, "adstock": 0.2, "roas": 1.0},
}
DARK = np.zeros(60)


def world(**changes):
    return one_channel(channels=TWO, **changes)


@pytest.fixture(scope="module")
def helped():
    return simulate_market(world(synergy=[{"channels": ["tv", "radio"], "strength": 1.2}]))


@pytest.fixture(scope="module")
def full():
    return simulate_market(world(capacity={"binds": 0.4, "waits": 0.5}, unrecorded={"sd": 0.1}))


def brute_lost(market, spend):
    """Run both courses over the window and the weeks after it, and take the difference."""
    after = 100
    was, other = (market.own_effects(market.courses(c, after=after)) for c in (None, spend))
    return float((market.sold(was) - market.sold(other))[:, market.window.start :].sum())


def test_a_pair_is_worth_what_its_geometric_mean_says(helped):
    own = helped.effects()
    plain = simulate_market(world())
    assert helped.expected() - plain.expected() == pytest.approx(1.2 * np.sqrt(own["tv"] * own["radio"]))


@pytest.mark.parametrize("name", ["helped", "full"])
def test_roas_mroas_and_synergy_are_those_of_the_definition(name, request):
    market = request.getfixturevalue(name)
    truth = market.truth
    for row, channel in enumerate(market.names):
        spent = market.spend[row].sum()
        assert truth.roas[channel] == pytest.approx(brute_lost(market, {channel: DARK}) / spent, rel=1e-3)
        more, less = (brute_lost(market, {channel: f * market.spend[row]}) for f in (1.001, 0.999))
        assert truth.mroas[channel] == pytest.approx((less - more) / 0.002 / spent, rel=0.02)
    singles = sum(brute_lost(market, {channel: DARK}) for channel in market.names)
    pair = singles - brute_lost(market, {"tv": DARK, "radio": DARK})
    assert truth.synergy["tv", "radio"] == pytest.approx(pair, rel=1e-3)


def test_helping_is_positive_and_what_runs_out_is_negative(helped, full):
    assert helped.truth.synergy["tv", "radio"] > 0
    assert full.truth.synergy["tv", "radio"] < 0
    assert helped.truth.roas["tv"] > 2.0 > full.truth.roas["tv"]
    assert simulate_market(world()).truth.synergy == {}


@pytest.mark.parametrize("name", ["helped", "full"])
def test_causes_add_up_and_the_synergy_is_written(name, request):
    market = request.getfixturevalue(name)
    weekly = market.truth.weekly
    assert "together" in weekly
    assert sum(weekly.values()) == pytest.approx(market.outcome(), abs=1e-5)
    assert truth_json(market)["synergy"]["pairs"]["tv + radio"] == pytest.approx(
        market.truth.synergy["tv", "radio"], rel=1e-8
    )


def test_capacity_binds_as_often_as_asked(full):
    sold = full.expected()
    assert np.mean(sold >= full.limit.sum() - 1e-6) == pytest.approx(0.4, abs=0.15)
    assert sold.max() == pytest.approx(full.limit.sum())


@settings(max_examples=50, deadline=None)
@given(
    wanted=arrays(float, (3, 20), elements=st.floats(0, 100)),
    limit=arrays(float, 3, elements=st.floats(1, 100)),
    waits=st.floats(0, 1),
)
def test_nobody_is_served_twice_and_no_more_than_can_be(wanted, limit, waits):
    sold = served(wanted, limit, waits)
    assert (sold <= limit[:, None] + 1e-9).all()
    assert (np.cumsum(sold, axis=1) <= np.cumsum(wanted, axis=1) + 1e-6).all()
    assert (sold >= np.minimum(wanted, limit[:, None]) - 1e-9).all()
    if waits == 0:
        assert np.array_equal(sold, np.minimum(wanted, limit[:, None]))


def test_those_who_wait_come_again():
    sold = served(np.array([[10.0, 0, 0, 0, 0]]), np.array([3.0]), 1.0)
    assert sold.tolist() == [[3.0, 3.0, 3.0, 1.0, 0.0]]


def test_a_plan_is_worth_the_difference_of_two_futures(helped, full):
    from simulations.market.planning import plan_task

    for market in (helped, full):
        task = plan_task(market)
        calendar, baseline = task.calendar, task.calendar.baseline
        assert calendar.tail.shape[1] == market.tail_weeks
        plan, nothing = (np.concatenate([x, calendar.tail], axis=1) for x in (baseline, 0 * baseline))
        difference = (market.future_outcome(plan) - market.future_outcome(nothing)).sum()
        assert market.plan_value(calendar, baseline) == pytest.approx(difference, rel=1e-9)
        several = market.plan_values(calendar, np.stack([baseline, 0.5 * baseline, 0 * baseline]))
        assert several == pytest.approx(
            [market.plan_value(calendar, factor * baseline) for factor in (1.0, 0.5, 0.0)], rel=1e-9, abs=1e-6
        )
        assert several[0] > several[1] > several[2] == 0
