"""A run of the market: people stay people, the same seed gives the same market, and modules act in order."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.market.consumers.kernel import Cause, count_by
from simulations.market.consumers.simulate import simulate_consumers, simulate_replicates
from simulations.market.consumers.states import Activity, Axis, InMarket, Satiation

from .consumer_worlds import small_world


@pytest.fixture(scope="module")
def market():
    return simulate_consumers(small_world(geos={"count": 3}))


def test_every_step_of_a_year_is_row_stochastic_and_nobody_is_lost(market):
    people = market.scene.people[0]
    seen = set()
    for now, step in market.steps():
        step.check()
        seen.add((step.module, step.cause))
        assert now.people.min() >= 0
        np.testing.assert_allclose(now.people.sum(axis=1), people, rtol=1e-10)
    modules = {module for module, _ in seen}
    assert {"nature", "tv", "social", "search", "newsletter", "friends", "chat", "acme", "sales"} <= modules
    assert {cause for _, cause in seen} == set(Cause)


def test_at_the_end_of_a_week_only_who_is_in_need_is_active(market):
    table = count_by(market.end.people, Axis.MARKET, Axis.SATIATION, Axis.ACTIVITY)
    active = table[..., Activity.EXPLORING] + table[..., Activity.PURCHASING]
    assert active[:, InMarket.IN, Satiation.UNSATIATED].min() > 0
    assert table[..., [Activity.BOUGHT, Activity.BOUGHT_ELSEWHERE]].sum() == 0
    assert active[:, InMarket.OUT].sum() == 0
    assert active[:, InMarket.IN, Satiation.SATIATED].sum() == 0


def test_sales_are_the_people_who_come_to_have_bought(market):
    bought = np.zeros((52, 3))
    for now, step in market.steps():
        if step.module == "sales":
            bought[now.week - market.window.start] = count_by(now.people, Axis.ACTIVITY)[:, Activity.BOUGHT]
    np.testing.assert_allclose(bought, market.record.sold, rtol=1e-9)


def test_the_same_seed_gives_the_same_market_and_another_another(market):
    again = simulate_consumers(small_world(geos={"count": 3}))
    assert again.frame.equals(market.frame)
    other = simulate_consumers(small_world(geos={"count": 3}), seed=6)
    assert not np.allclose(other.record.outcome, market.record.outcome)


def test_replicates_drawn_together_are_those_drawn_alone_and_differ():
    world = small_world(geos={"count": 2})
    together = simulate_replicates(world, [5, 6])
    for seed, market in zip((5, 6), together, strict=True):
        alone = simulate_consumers(world, seed)
        np.testing.assert_allclose(market.record.outcome, alone.record.outcome, rtol=1e-12)
        np.testing.assert_allclose(market.spend, alone.spend, rtol=1e-12)
    assert not np.allclose(together[0].record.outcome, together[1].record.outcome)


def test_living_the_window_again_gives_what_was_recorded(market):
    np.testing.assert_allclose(market.outcome_under({"tv": market.spend[0]}), market.outcome_under({}), rtol=1e-9)
    recorded = market.frame.pivot_table(index="week", columns="geo", values="revenue")[list(market.geos)]
    np.testing.assert_allclose(market.outcome_under({}).T, recorded, rtol=1e-9)


def test_television_makes_searches(market):
    """Search that may follow demand spends more with television than without it; search that is held does not."""
    dark = {"tv": np.zeros(52)}
    free, _ = market.relived(dark, follow=True)
    held, _ = market.relived(dark)
    assert free.spend["search"].sum() < 0.99 * market.record.spend["search"].sum()
    assert free.exposures["search"].sum() < market.record.exposures["search"].sum()
    np.testing.assert_array_equal(held.spend["search"], market.record.spend["search"])
