"""Both engines' markets keep the protocol's promises."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mmm.data import read_panel
from mmm.model.spec import ModelSpec
from simulations.market import preset, preset_names, simulate_market
from simulations.market.files import write_data, write_model
from simulations.market.planning import plan_task
from simulations.market.protocol import SimulatedMarket
from simulations.market.world import World

from .worlds import small_world

CONSUMERS = [name for name in preset_names() if not isinstance(preset(name), World)]
KINDS = ["national", "geos", "together", *CONSUMERS]
CHANGES = {
    "national": {},
    "geos": {"geos": {"count": 3, "effect": 0.3}},
    "together": {"synergy": [{"channels": ["tv", "social"], "strength": 0.5}], "capacity": {"binds": 0.2}},
}


@pytest.fixture(scope="module", params=KINDS)
def market(request) -> SimulatedMarket:
    if request.param in CHANGES:
        return simulate_market(small_world(**CHANGES[request.param]))
    world = preset(request.param)
    fewer = {} if world.geos is None else {"geos": world.geos.model_copy(update={"count": 3, "names": ()})}
    return simulate_market(world.model_copy(update={"weeks": 60} | fewer))


def test_shapes_are_the_promised_ones(market):
    C, G, T = len(market.names), len(market.geos), len(market.weeks)
    assert market.spend_by_geo.shape == (C, G, T)
    assert np.allclose(market.spend_by_geo.sum(axis=1), market.spend)
    assert market.outcome_under({}).shape == (G, T)
    assert set(market.decimals) == set(market.frame.columns) - {"week", "geo"}
    channels = market.settings["channels"]
    assert {name for name, one in channels.items() if "spend" in one} == set(market.names)
    assert all({"volume", "cost_of_service"} <= set(one) for one in channels.values() if "spend" not in one)


def test_no_change_of_spend_gives_what_was_recorded(market):
    recorded = market.frame.groupby("week")[market.outcome_name].sum().to_numpy()
    digits = market.decimals[market.outcome_name]
    assert np.allclose(market.outcome_under({}).sum(axis=0), recorded, atol=0.51 * len(market.geos) * 10.0**-digits)
    name = market.names[0]
    assert np.array_equal(market.outcome_under({name: market.spend_by_geo[0]}), market.outcome_under({}))
    assert market.outcome_under({name: market.spend[0]}) == pytest.approx(market.outcome_under({}))


def test_a_market_with_other_spend_has_the_outcome_of_that_spend(market):
    name = market.names[0]
    other = market.with_spend({name: 0.5 * market.spend_by_geo[0]})
    assert np.allclose(other.spend[0], 0.5 * market.spend[0])
    assert other.outcome_under({}) == pytest.approx(market.outcome_under({name: 0.5 * market.spend[0]}))
    assert other.outcome_under({}).sum() < market.outcome_under({}).sum()
    pd.testing.assert_frame_equal(market.with_spend({}).frame, market.frame)


def test_what_is_not_the_markets_is_refused(market):
    for wrong in (market.with_spend, market.outcome_under):
        with pytest.raises(ValueError, match="no channel 'tvv'"):
            wrong({"tvv": market.spend[0]})
        with pytest.raises(ValueError, match="shape"):
            wrong({market.names[0]: market.spend[0, :-1]})


def test_two_plans_meet_the_same_future(market):
    plan = np.repeat(market.spend.mean(axis=1, keepdims=True), 13, axis=1)
    assert market.future_outcome(plan).shape == (13,)
    assert np.array_equal(market.future_outcome(plan), market.future_outcome(plan))
    assert market.future_outcome(1.2 * plan).sum() > market.future_outcome(plan).sum()


def test_a_plan_is_worth_the_difference_of_two_futures(market):
    task = plan_task(market, weeks=5)
    calendar, baseline = task.calendar, task.calendar.baseline
    plan, nothing = (np.concatenate([x, calendar.tail], axis=1) for x in (baseline, 0 * baseline))
    difference = (market.future_outcome(plan) - market.future_outcome(nothing)).sum()
    assert market.plan_value(calendar, baseline) == pytest.approx(difference, rel=1e-6)
    values = market.plan_values(calendar, np.stack([baseline, 0 * baseline]))
    assert values == pytest.approx([difference, 0.0], rel=1e-6, abs=1e-6 * abs(difference))


def test_the_truth_is_complete(market):
    truth = market.truth
    assert set(truth.channels) == set(market.names)
    for name, money in zip(market.names, market.spend.sum(axis=1), strict=True):
        assert truth.channels[name].spend == pytest.approx(money)
        assert truth.roas[name] == pytest.approx(truth.channels[name].contribution / money)
    recorded = market.outcome_under({}).sum(axis=0)
    assert sum(truth.weekly.values()) == pytest.approx(recorded, rel=1e-6)


def test_the_company_can_read_its_data(market, tmp_path):
    write_data(market, tmp_path)
    write_model(market, tmp_path)
    panel = read_panel(ModelSpec.from_yaml(tmp_path / "model.yaml"), tmp_path)
    bought = [name in market.names for name in panel.channels]
    assert tuple(name for name in panel.channels if name in market.names) == market.names
    assert all("volume" in market.settings["channels"][name] for name in panel.channels if name not in market.names)
    assert set(panel.geos) == set(market.geos) or len(market.geos) == 1
    assert panel.outcome.sum() == pytest.approx(market.outcome_under({}).sum(), rel=1e-6)
    assert panel.spend[bought].sum() == pytest.approx(market.spend.sum(), rel=1e-6)
