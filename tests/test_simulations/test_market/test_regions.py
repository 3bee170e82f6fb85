"""A market in geos adds up to the national one, and national money is divided as it was."""

from __future__ import annotations

import numpy as np
import pytest

from mmm.response.calendar import BaselineRule, business_as_usual
from mmm.response.horizon import HorizonResponse
from simulations.market import simulate_market
from simulations.market.experiments import regression_lift
from simulations.market.oracle import true_response
from simulations.market.planning import plan_task

from .worlds import one_channel, small_world

GEOS = {"names": ["north", "south", "west"], "effect": 0.4, "half": 0.3, "spend": 0.4}


@pytest.fixture(scope="module")
def market():
    return simulate_market(small_world(geos=GEOS))


def test_geos_add_up_to_the_nation(market):
    assert market.geos == ("north", "south", "west")
    national = market.outcome()
    by_geo = market.frame.groupby("week")["revenue"].sum().to_numpy()
    assert by_geo == pytest.approx(national, abs=0.02)
    assert sum(market.truth.weekly.values()) == pytest.approx(national, abs=1e-5)
    plain = simulate_market(small_world())
    assert market.spend == pytest.approx(plain.spend, rel=1e-3, abs=0.05)
    assert market.truth.roas == pytest.approx(plain.truth.roas)
    assert market.noise_sd == pytest.approx(plain.noise_sd)


def test_the_noise_of_the_sum_is_the_asked_one():
    worlds = [one_channel(geos={"count": 5}, noise={"sd": 0.05}, seed=s, weeks=200) for s in range(3)]
    found = [simulate_market(world).noise.sum(axis=0).std() for world in worlds]
    assert np.mean(found) == pytest.approx(0.05 * 100_000, rel=0.05)


def test_national_money_is_divided_as_it_was(market):
    before = market.spend_by_geo[0]
    changed = market.with_spend({"tv": 2.0 * market.spend[0]})
    assert changed.spend_by_geo[0] == pytest.approx(2.0 * before)
    on_air = market.with_spend({"tv": np.full(80, 900.0)}).spend_by_geo[0]
    assert on_air.sum(axis=0) == pytest.approx(np.full(80, 900.0))
    dark = market.spend[0] == 0
    assert dark.any()
    assert on_air[:, dark].std(axis=1) == pytest.approx(np.zeros(3), abs=1e-9)


def test_geos_may_be_changed_apart(market):
    spend = market.spend_by_geo[0].copy()
    spend[1] = 0.0
    lost = market.outcome_under({}) - market.outcome_under({"tv": spend})
    assert lost[[0, 2]] == pytest.approx(np.zeros((2, 80)), abs=1e-5)
    assert lost[1].sum() > 0


def test_the_true_response_of_geos_is_the_markets(market):
    response = true_response(market)
    task = plan_task(market)
    assert response.geos == market.geos
    calendar = business_as_usual(response, task.calendar.weeks[0], 13, BaselineRule.LAST_WEEKS)
    assert calendar.baseline == pytest.approx(task.calendar.baseline, abs=0.02)
    value = HorizonResponse(response, calendar).evaluate(calendar.baseline).value
    # The response divides plans, and prices exposures, as in the last quarter; the market as in the last year.
    assert market.plan_value(calendar, calendar.baseline) == pytest.approx(value, rel=0.05)


def test_the_data_have_geos_only_where_they_are_recorded(market):
    assert list(market.frame.columns[:4]) == ["week", "geo", "population", "revenue"]
    assert len(market.frame) == 3 * 80
    assert market.frame["population"].nunique() == 3
    added = simulate_market(small_world(geos=GEOS | {"recorded": False}))
    assert len(added.frame) == 80
    assert "geo" not in added.settings["data"]
    assert added.frame["newsletter"].dtype.kind == "i"


def test_a_line_through_the_weeks_before_finds_a_lift_and_its_error():
    rng = np.random.default_rng(3)
    found = []
    for _ in range(400):
        control = 1000 + np.cumsum(rng.normal(0, 10, 60))
        treated = 50 + 0.4 * control + rng.normal(0, 5, 60)
        treated[50:58] += 6.0
        found.append(regression_lift(treated, control, 50, slice(50, 58)))
    lift, error = np.array(found).T
    assert lift.mean() == pytest.approx(48.0, abs=4 * lift.std() / 20)
    z = (lift - 48.0) / error
    assert z.std() == pytest.approx(1.0, abs=0.15)
    # Without error, the line is exact.
    exact, none = regression_lift(0.5 * control + 3.0, control, 50, slice(50, 58))
    assert (exact, none) == pytest.approx((0.0, 0.0), abs=1e-6)
