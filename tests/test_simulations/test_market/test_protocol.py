"""Both engines' markets keep the protocol's promises."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from simulations.market import simulate_market
from simulations.market.protocol import SimulatedMarket

from .worlds import small_world


@pytest.fixture(scope="module")
def market() -> SimulatedMarket:
    return simulate_market(small_world())


def test_shapes_are_the_promised_ones(market):
    C, G, T = len(market.names), len(market.geos), len(market.weeks)
    assert market.spend_by_geo.shape == (C, G, T)
    assert np.allclose(market.spend_by_geo.sum(axis=1), market.spend)
    assert market.outcome_under({}).shape == (G, T)
    assert set(market.decimals) == set(market.frame.columns) - {"week", "geo"}
    assert set(market.settings["channels"]) == set(market.names)


def test_no_change_of_spend_gives_what_was_recorded(market):
    recorded = market.frame[market.outcome_name].to_numpy()
    digits = market.decimals[market.outcome_name]
    assert np.allclose(market.outcome_under({}).sum(axis=0), recorded, atol=0.51 * 10.0**-digits)
    name = market.names[0]
    assert np.array_equal(market.outcome_under({name: market.spend[0]}), market.outcome_under({}))


def test_a_market_with_other_spend_has_the_outcome_of_that_spend(market):
    name = market.names[0]
    other = market.with_spend({name: 0.5 * market.spend_by_geo[0]})
    assert np.allclose(other.spend[0], 0.5 * market.spend[0])
    assert np.allclose(other.outcome_under({}), market.outcome_under({name: 0.5 * market.spend[0]}), atol=1e-5)
    assert (other.outcome_under({}) <= market.outcome_under({})).all()
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
    assert (market.future_outcome(1.2 * plan) >= market.future_outcome(plan)).all()
