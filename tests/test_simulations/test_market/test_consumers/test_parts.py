"""Each part of the market does what its words say: audience, search, stock, rivals, price, talk, owned channels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations.market.consumers.audience import Audience, FrequencyResponse, Weights
from simulations.market.consumers.kernel import count_by
from simulations.market.consumers.moves import Effect, expand
from simulations.market.consumers.nature import Nature
from simulations.market.consumers.simulate import simulate_consumers
from simulations.market.consumers.states import STATES, Activity, Axis, Favourability, InMarket, Satiation

from .consumer_worlds import ALWAYS_ON, small_world

_FEW = settings(max_examples=30, deadline=None)


def sold(**changes) -> float:
    return float(simulate_consumers(small_world(**changes)).record.sold.sum())


@_FEW
@given(
    seed=st.integers(0, 10**6),
    share=st.floats(0.05, 1),
    evenness=st.floats(0.05, 100),
    contacts=st.floats(1, 1e4),
    weight=st.just(0.0) | st.floats(1e-6, 20),
)
def test_reached_people_times_frequency_are_the_contacts(seed, share, evenness, contacts, weight):
    people = np.random.default_rng(seed).random((2, STATES))
    weights = Weights(activity={"exploring": weight}, favourability={"unaware": 0.5})
    aim = Audience(share=share, evenness=evenness, weights=weights).aim()
    reach = aim.reach(people, np.array([contacts, 2 * contacts]))
    reach.check()
    met = count_by(people, *reach.given) * reach.share * reach.frequency
    np.testing.assert_allclose(met.reshape(2, -1).sum(axis=1), [contacts, 2 * contacts], rtol=1e-6)
    assert reach.share.max() <= share
    assert reach.frequency.min() >= 1 - 1e-9


@_FEW
@given(chance=st.floats(0, 1), strength=st.floats(0, 50))
def test_an_effect_of_any_strength_moves_nobody_more_than_wholly(chance, strength):
    effect = Effect(
        aware=chance, favour=chance, explore=1, purchase=chance, loyal=chance, available=1, disfavour=0.3, poach=0.2
    )
    for way in effect.directions():
        way.kernel(expand(np.full((2,), strength), ())).check()


def test_contacts_make_only_people_in_need_explore():
    (way,) = Effect(explore=0.7).directions()
    kernel = way.kernel(np.ones((1, 1, 1, 1, 1, 1, 1)))
    explore = kernel.matrix[0, :, :, Activity.INACTIVE, Activity.EXPLORING]
    assert explore[InMarket.IN, Satiation.UNSATIATED] == pytest.approx(0.7)
    assert explore.sum() == pytest.approx(0.7)


def test_strength_may_differ_by_the_level_that_people_start_from():
    (way,) = Effect(favour=0.5).directions()
    strength = expand(np.arange(5.0)[None] / 10, (Axis.FAVOURABILITY,))
    rows = way.kernel(strength).matrix[0]
    assert rows[Favourability.NEUTRAL, Favourability.FAVOURABLE] == pytest.approx(0.5 * 0.2)
    assert rows[Favourability.FAVOURABLE, Favourability.STRONGLY_FAVOURABLE] == pytest.approx(0.5 * 0.3)


def test_frequency_response_is_half_at_its_half():
    response = FrequencyResponse(half=3, slope=2)
    assert response.at(np.array([3.0]))[0] == pytest.approx(0.5)
    assert response.at(np.array([1.0]))[0] < 0.5 / 3
    assert FrequencyResponse(half=0).at(np.array([1.0]))[0] == 1.0


def test_people_at_rest_stay_at_rest_in_their_attitudes():
    nature = Nature()
    people = nature.at_rest(np.array([0.3, 0.1]))
    np.testing.assert_allclose(people.sum(axis=1), 1.0)
    for axis, attitude in ((Axis.FAVOURABILITY, nature.favourability), (Axis.LOYALTY, nature.loyalty)):
        np.testing.assert_allclose(attitude.equilibrium @ attitude.matrix()[0], attitude.equilibrium)
        np.testing.assert_allclose(count_by(people, axis)[0], attitude.equilibrium)


def test_search_spend_follows_demand_and_a_cap_holds_it():
    quiet = {"channels": {"search": small_world().channels["search"].model_dump()}, "owned": {}, "rivals": {}}
    season = {"season": [{"cosine": 0.4}], "controls": {}, "acts_on": {}, "unrecorded": {"sd": 0.1}}
    market = simulate_consumers(small_world(**quiet, **season))
    in_market = market.scene.in_market[market.window.start : market.window.stop, 0]
    assert np.corrcoef(market.spend[0], in_market)[0, 1] > 0.9
    cap = float(np.median(market.spend[0]))
    quiet["channels"]["search"]["cap"] = cap
    capped = simulate_consumers(small_world(**quiet, **season))
    assert capped.spend.max() <= cap
    assert (capped.spend[0] == cap).sum() >= 20


def test_more_money_on_search_buys_ever_dearer_clicks():
    market = simulate_consumers(small_world())
    place = market.names.index("search")
    clicks = [
        market.relived({"search": factor * market.spend[place]})[0].exposures["search"].sum() for factor in (1, 2, 4)
    ]
    assert clicks[0] < clicks[1] < clicks[2]
    assert clicks[1] < 2 * clicks[0]
    assert clicks[2] - clicks[1] < 2 * (clicks[1] - clicks[0])


def test_stock_that_runs_out_is_sold_out_and_never_oversold():
    market = simulate_consumers(small_world(capacity={"delivered": 900, "store": 3, "elsewhere": 0.5}))
    assert market.record.refused.max() > 0
    stock = np.cumsum(900 - market.record.sold[:, 0])
    # Never more sold than delivered and kept: three weeks' worth at most lay in store at the start.
    assert stock.min() >= -3 * 900 - 1e-6


def test_rivals_take_sales_and_answer_our_spend():
    assert sold() < sold(rivals={})
    rival = {"volume": {"pattern": "always_on", "weekly": 1000}, "effect": {"disfavour": 0.02}}
    answering = {"acme": rival | {"answers": "tv", "answer": 20.0}}
    market = simulate_consumers(small_world(rivals=answering))
    extra = market.record.contacts["acme"] - market.scene.volume["acme"][market.window.start : market.window.stop]
    np.testing.assert_allclose(extra, 20.0 * market.record.spend["tv"])
    without = market.relived({"tv": np.zeros(52)})[0]
    assert without.contacts["acme"].sum() < market.record.contacts["acme"].sum()


@pytest.mark.parametrize("acts_on", ["choice", "decide", "demand"])
def test_a_control_moves_what_it_acts_on(acts_on):
    helps = {"kind": "steps", "mean": 100, "sd": 5, "effect": 0.03}
    controls = {"control": helps}
    market = simulate_consumers(
        small_world(
            controls=controls,
            acts_on={"control": acts_on},
            season=[],
            trend_per_year=0,
            unrecorded={"sd": 0},
            holiday_effects={},
            rivals={},
            channels={"tv": small_world().channels["tv"].model_dump()},
            owned={},
        )
    )
    series = market.frame["control"].to_numpy()
    assert np.corrcoef(series, market.record.sold[:, 0])[0, 1] > 0.4


def test_a_price_that_is_higher_sells_less_and_earns_more_on_each():
    settings = {"controls": {"price": {"kind": "steps", "effect": -0.02}}, "acts_on": {}}
    plain = simulate_consumers(small_world(**settings))
    priced = simulate_consumers(small_world(**settings, outcome={"price": "price"}))
    np.testing.assert_allclose(priced.record.sold, plain.record.sold)
    ratio = priced.record.outcome / plain.record.outcome
    price = plain.frame["price"].to_numpy()
    np.testing.assert_allclose(ratio[:, 0], price / price.mean(), rtol=1e-9)


def test_talk_makes_known_and_what_is_asked_for_stays_within_capacity():
    talking = {"friends": {"kind": "talk", "contacts": 0.5}}
    rest = simulate_consumers(small_world(owned={}))
    told = simulate_consumers(small_world(owned=talking))
    unaware = [count_by(m.end.people, Axis.FAVOURABILITY)[0, Favourability.UNAWARE] for m in (rest, told)]
    assert unaware[1] < unaware[0]
    chat = {"kind": "asked", "contacts": 0.5, "capacity": ALWAYS_ON | {"books_in": 1}, "effect": {"purchase": 0.2}}
    market = simulate_consumers(small_world(owned={"chat": chat}))
    served = market.record.contacts["chat"]
    capacity = market.scene.volume["chat"][market.window.start : market.window.stop]
    assert np.all(served <= capacity + 1e-9)
    assert served.sum() > 0
