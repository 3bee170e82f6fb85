"""A run of the market: people stay people, the same seed gives the same market, and modules act in order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations.market.consumers.draw import draw_scene
from simulations.market.consumers.engine import first_state, modules_of, walk
from simulations.market.consumers.kernel import Cause, count_by
from simulations.market.consumers.shares import weekly_shares
from simulations.market.consumers.simulate import simulate_consumers, simulate_replicates
from simulations.market.consumers.states import Activity, Axis, Favourability, InMarket, Satiation

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


@settings(max_examples=8, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    turnover=st.floats(0.05, 1),
    refill=st.floats(1, 30),
    decide=st.floats(0, 0.6),
    retention=st.floats(0, 0.99),
    chance=st.floats(0, 1),
    delivered=st.floats(1, 5000),
)
def test_in_any_world_people_are_conserved_and_never_negative(
    seed, turnover, refill, decide, retention, chance, delivered
):
    world = small_world(
        weeks=10,
        controls={},
        acts_on={},
        country=None,
        holiday_effects={},
        nature={
            "turnover": turnover,
            "refill_weeks": refill,
            "decide": decide,
            "give_up": 0.4,
            "favourability": {"retention": retention},
        },
        capacity={"delivered": delivered},
        channels={
            name: spec.model_dump()
            | {"effect": {"aware": chance, "favour": chance, "purchase": chance, "loyal": chance}}
            for name, spec in small_world().channels.items()
        },
    )
    scene = draw_scene(world, [seed])
    state = first_state(world, scene)
    for now, step in walk(modules_of(world), scene, state, range(20)):
        step.check()
        assert now.people.min() >= 0
    assert state.people.sum() == pytest.approx(world.people, rel=1e-9)


def test_shares_of_people_by_week_are_the_states_of_the_run(market):
    opinion = weekly_shares(market, Axis.FAVOURABILITY)
    np.testing.assert_allclose(opinion.sum(axis=1), 1.0)
    last = count_by(market.end.people, Axis.FAVOURABILITY).sum(axis=0)
    np.testing.assert_allclose(opinion[-1], last / last.sum(), rtol=1e-9)
    dark = weekly_shares(market, Axis.FAVOURABILITY, {name: np.zeros(52) for name in market.names})
    assert dark[-1, Favourability.UNAWARE] > opinion[-1, Favourability.UNAWARE]
    purchasing = weekly_shares(market, Axis.ACTIVITY)[:, Activity.PURCHASING]
    assert purchasing.min() > 0
    assert np.all(purchasing * market.world.people >= market.record.sold.sum(axis=1))


def test_an_experiment_changes_the_market_and_leaves_a_row_of_tests():
    trial = {"kind": "geo", "name": "tv off", "channel": "tv", "start": "2025-06-30", "weeks": 6, "share": 0.5}
    with_trial = simulate_consumers(small_world(geos={"count": 4}, experiments=[trial]))
    without = simulate_consumers(small_world(geos={"count": 4}))
    assert with_trial.spend[0].sum() < without.spend[0].sum()
    assert [test.channel for test in with_trial.lift_tests] == ["tv"]
    assert with_trial.settings["lift_tests"] == "tests.csv"


def test_what_is_sent_may_be_bought_like_a_paid_channel():
    like = {"kind": "sent", "volume": {"pattern": "like", "weekly": 1000, "channel": "tv", "variation": 0}}
    market = simulate_consumers(small_world(owned={"event": like}))
    on_air = market.record.spend["tv"][:, 0] > 0
    np.testing.assert_array_equal(market.record.contacts["event"][:, 0] > 0, on_air)


def test_television_makes_searches(market):
    """Search that may follow demand spends more with television than without it; search that is held does not."""
    dark = {"tv": np.zeros(52)}
    free, _ = market.relived(dark, follow=True)
    held, _ = market.relived(dark)
    assert free.spend["search"].sum() < 0.99 * market.record.spend["search"].sum()
    assert free.exposures["search"].sum() < market.record.exposures["search"].sum()
    np.testing.assert_array_equal(held.spend["search"], market.record.spend["search"])
