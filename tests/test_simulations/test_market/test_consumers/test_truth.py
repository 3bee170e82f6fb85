"""The truth is what its definitions say, shown by closed forms and by other reruns than its own."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.market.consumers.owned_truth import owned_truth
from simulations.market.consumers.simulate import simulate_consumers
from simulations.market.consumers.truth import following_truth, lost_outcome
from simulations.market.consumers.world import ConsumerWorld

from .consumer_worlds import small_world

#: Everybody explores every week and thinks the same, so that each part of the arithmetic stands alone.
EXPLORERS = {
    "start": "2025-01-06",
    "weeks": 40,
    "people": 1_000_000,
    "noise": {"sd": 0},
    "outcome": {"basket": 20, "decimals": 6},
    "nature": {
        "in_market": 1.0,
        "turnover": 1.0,
        "refill_weeks": 1.0,
        "explore": 1.0,
        "decide": 0.0,
        "give_up": 0.0,
        "favourability": {"unaware": 0, "negative": 0, "neutral": 1, "favourable": 0, "strongly_favourable": 0},
        "loyalty": {"switcher": 1, "loyal": 0, "competitor_loyal": 0},
        "availability": {"low": 0, "average": 1, "high": 0},
    },
    "choice": {"neutral": 0.3},
    "experience": {"habit": 0, "delight": 0, "disappoint": 0},
}
POSTERS = {
    "kind": "reach",
    "spend": {"pattern": "always_on", "weekly": 2000, "variation": 0.4},
    "exposure": {"cost": 0.05, "noise": 0.1},
    "audience": {"share": 0.6, "evenness": 0.7},
    "frequency": {"half": 1.5, "slope": 2.0},
    "effect": {"purchase": 0.05},
}


def explorers(channel, **changes) -> ConsumerWorld:
    return ConsumerWorld.model_validate(EXPLORERS | {"channels": {"posters": POSTERS | channel}} | changes)


@pytest.fixture(scope="module")
def market():
    return simulate_consumers(small_world())


@pytest.fixture(scope="module")
def truth(market):
    return market.truth


def test_media_without_effect_return_nothing():
    without = {name: spec.model_dump() | {"effect": {}} for name, spec in small_world().channels.items()}
    truth = simulate_consumers(small_world(channels=without)).truth
    for returned in (*truth.roas.values(), *truth.mroas.values(), *truth.synergy.values()):
        assert returned == pytest.approx(0.0, abs=1e-6)


def test_an_effect_without_carryover_returns_its_closed_form():
    """Contacts a head → reach by the negative binomial → Hill of frequency → chance × choice × basket."""
    market = simulate_consumers(explorers({}))
    contacts = market.record.exposures["posters"][:, 0]
    rate = contacts / (0.6 * 1_000_000)
    met = 1 - (1 + rate / 0.7) ** -0.7
    response = (rate / met) ** 2 / ((rate / met) ** 2 + 1.5**2)
    sold = 1_000_000 * 0.6 * met * response * 0.05 * 0.3 * 20
    channel = market.truth.channels["posters"]
    assert channel.roas == pytest.approx(sold.sum() / market.spend.sum(), rel=1e-9)
    assert channel.after_window == pytest.approx(0.0, abs=1e-6)


def test_a_nearly_linear_channel_returns_chance_choice_and_basket_over_cost():
    """Little money on many heads, no response to frequency: ROAS = chance × choice × basket ÷ cost, and so is mROAS."""
    few = {
        "spend": {"pattern": "always_on", "weekly": 10, "variation": 0},
        "exposure": {"cost": 0.05, "noise": 0},
        "audience": {"evenness": 1e6},
        "frequency": {"half": 0},
    }
    channel = simulate_consumers(explorers(few)).truth.channels["posters"]
    assert channel.roas == pytest.approx(0.05 * 0.3 * 20 / 0.05, rel=2e-4)
    assert channel.mroas == pytest.approx(channel.roas, rel=5e-4)


def test_the_pull_to_equilibrium_is_the_carryover_of_opinion():
    """Who is made favourable stays so with the retention, as a recursion of one number says."""
    retention, chance = 0.8, 0.1
    nature = EXPLORERS["nature"] | {
        "explore": 0.5,
        "decide": 0.5,
        "favourability": EXPLORERS["nature"]["favourability"] | {"retention": retention},
    }
    choice = {"neutral": 0.3, "favourable": 0.5, "strongly_favourable": 0.5}
    channel = {"effect": {"favour": chance}, "frequency": {"half": 0}}
    market = simulate_consumers(explorers(channel, nature=nature, choice=choice))
    scene, window = market.scene, market.window
    money = scene.spend["posters"][:, 0]
    rate = money / (0.05 * scene.cost["posters"][:, 0]) / (0.6 * 1_000_000)
    reach = 0.6 * (1 - (1 + rate / 0.7) ** -0.7)

    def favourable(spent):
        """Return the share that is favourable when people purchase, week by week."""
        share, path = 0.0, []
        for week in range(window.stop + market.tail_weeks):
            share *= retention
            share += reach[week] * chance * (1 - share) if spent[week] else 0.0
            path.append(share)
        return np.array(path)

    on = np.ones(window.stop + market.tail_weeks, dtype=bool)
    off = on.copy()
    off[window.start : window.stop] = False
    # What people think changes nothing about how many purchase, which has long been constant.
    purchasing = market.record.sold[-1, 0] / (0.3 + 0.2 * favourable(on)[window.stop - 1])
    more = (favourable(on) - favourable(off))[window.start :] * 0.2 * purchasing * 20
    lost = lost_outcome(market, ["posters"])["posters"]
    np.testing.assert_allclose(lost, more, rtol=1e-6, atol=1e-4)
    assert market.truth.channels["posters"].after_window == pytest.approx(more[40:].sum(), rel=1e-5)


def test_the_window_part_of_a_contribution_is_a_rerun_by_hand(market, truth):
    lost = market.outcome_under({}) - market.outcome_under({"tv": np.zeros(52)})
    np.testing.assert_allclose(truth.weekly["channel:tv"], lost.sum(axis=0), rtol=1e-6, atol=1e-3)


def test_the_weekly_parts_add_up_to_what_was_recorded(market, truth):
    total = np.sum(list(truth.weekly.values()), axis=0)
    np.testing.assert_allclose(total, market.frame["revenue"], rtol=1e-9)
    assert set(truth.organic) == {"newsletter", "chat"}
    assert min(truth.organic.values()) > 0


def test_mroas_is_a_difference_quotient_of_contributions_and_falls_as_reach_fills_up(market, truth):
    for place, name in enumerate(market.names[:2]):
        more, less = (
            lost_outcome(market.with_spend({name: factor * market.spend[place]}), [name])[name].sum()
            for factor in (1.01, 0.99)
        )
        quotient = (more - less) / 0.02 / market.spend[place].sum()
        assert truth.roas[name] > 0
        assert truth.mroas[name] == pytest.approx(quotient, rel=0.02)
    assert truth.mroas["social"] < truth.roas["social"]


def test_channels_that_lead_to_one_another_have_synergy_and_those_that_do_the_same_replace_each_other(truth):
    """Television makes explorers, whom search converts; two channels that convert the same people share them."""
    assert truth.synergy["tv", "search"] > 0
    twins = simulate_consumers(
        explorers({"audience": {"share": 1.0}}, channels={"a": POSTERS, "b": POSTERS | {"effect": {"purchase": 0.5}}})
    ).truth
    assert twins.synergy["a", "b"] < 0


def test_nothing_returns_anything_when_everything_is_sold_anyway():
    """With stock far below demand every rerun sells the same, so no channel earns."""
    capacity = {"delivered": 100, "store": 0}
    market = simulate_consumers(small_world(capacity=capacity, noise={"sd": 0}))
    np.testing.assert_allclose(market.record.sold, 100)
    assert market.record.refused.min() > 0
    for channel in market.truth.channels.values():
        assert channel.roas == pytest.approx(0.0, abs=1e-9)


def test_owned_channels_are_worth_what_is_lost_without_them_and_cost_their_service(market):
    found = owned_truth(market)
    assert set(found) == {"newsletter", "chat", "friends"}
    contacts = market.record.contacts["chat"].sum()
    assert found["chat"].service_cost == pytest.approx(3.0 * contacts)
    assert found["newsletter"].service_cost == 0.0
    assert found["chat"].net == found["chat"].contribution - found["chat"].service_cost
    in_window = {name: market.truth.organic[name] for name in ("newsletter", "chat")}
    for name, outcome in in_window.items():
        assert found[name].contribution == pytest.approx(outcome, rel=0.25)
    assert found["friends"].contribution > 0


def test_where_search_follows_a_channels_money_leads_to_other_money(market, truth):
    following = following_truth(market)
    assert following["tv"].led_to > 0
    assert following["tv"].contribution > truth.channels["tv"].contribution
    assert following["search"].led_to == 0.0
    assert following["search"].roas == pytest.approx(truth.roas["search"], rel=1e-9)
