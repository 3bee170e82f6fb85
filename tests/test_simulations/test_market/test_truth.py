"""The truth is what its definitions say, shown by other arithmetic than its own."""

from __future__ import annotations

import json
from math import ceil, log

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mmm.response.metrics import contribution, mroas, roas
from simulations.market import random_world, simulate_market
from simulations.market.oracle import true_response
from simulations.market.truth import truth_json

from .worlds import ALWAYS_ON, one_channel, small_world


def brute_force_effect(medium, money, bought):
    """Adstock and saturation week by week in plain Python, from the steady state of the first eight weeks' mean."""
    media = [m * b for m, b in zip(money, bought, strict=True)]
    stock = sum(media[:8]) / 8
    out = []
    for x in media:
        stock = medium.alpha * stock + (1 - medium.alpha) * x
        if medium.form == "hill":
            out.append(medium.beta * stock**medium.slope / (stock**medium.slope + medium.half_saturation**medium.slope))
        else:
            rate = log(3) / medium.half_saturation
            out.append(medium.beta * (1 - np.exp(-rate * stock)) / (1 + np.exp(-rate * stock)))
    return np.array(out)


@pytest.mark.parametrize("name", ["tv", "social", "search", "banner"])
def test_roas_and_mroas_are_the_counterfactual_of_the_definition(name):
    market = simulate_market(small_world())
    truth = market.truth.channels[name]
    medium = next(m for m in market.channels if m.name == name)
    start, stop = market.window.start, market.window.stop
    after = 1 if medium.alpha == 0 else ceil(log(0.001) / log(medium.alpha))

    def made(factor):
        money = [*medium.spend[0, :start], *(factor * medium.spend[0, start:stop]), *([0.0] * after)]
        return brute_force_effect(medium, money, [*medium.bought[:stop], *([1.0] * after)])[start:].sum()

    spend = medium.spend[0, start:stop].sum()
    assert truth.roas == pytest.approx((made(1) - made(0)) / spend, rel=1e-9)
    assert truth.mroas == pytest.approx((made(1.001) - made(0.999)) / 0.002 / spend, rel=1e-5)
    assert truth.roas == pytest.approx(market.world.channels[name].roas, rel=1e-9)
    assert truth.contribution == pytest.approx(truth.roas * truth.spend)


def test_causes_add_up_to_the_recorded_outcome():
    market = simulate_market(small_world())
    weekly = market.truth.weekly
    recorded = market.frame["revenue"].to_numpy()
    assert np.allclose(sum(weekly.values()), recorded, rtol=0, atol=1e-6)
    without_noise = sum(series for name, series in weekly.items() if name != "noise")
    assert np.allclose(recorded - weekly["noise"], without_noise, rtol=0, atol=1e-6)
    assert np.std(weekly["noise"]) == pytest.approx(2_000, rel=0.3)


def test_a_counterfactual_keeps_the_random_numbers():
    market = simulate_market(small_world())
    without_tv = market.outcome({"tv": np.zeros(80)})
    tv = next(m for m in market.channels if m.name == "tv")
    assert np.allclose(market.outcome() - without_tv, market.lost("tv")[:80], atol=1e-5)
    assert np.array_equal(market.outcome({"tv": tv.spend[:, market.window]}), market.outcome())


def test_steady_spend_without_carryover_has_a_closed_form():
    # A constant x with Hill slope 1 and half = k·x earns beta/(1+k) a week: mROAS/ROAS = k/(1+k).
    steady = {"spend": ALWAYS_ON | {"variation": 0}, "saturation": {"half": 1.5}, "adstock": 0.0}
    truth = simulate_market(one_channel(steady)).truth.channels["tv"]
    assert truth.beta / 2.5 / 1000 == pytest.approx(truth.roas, rel=1e-9)
    assert truth.mroas / truth.roas == pytest.approx(1.5 / 2.5, rel=1e-6)


def test_an_almost_linear_market_returns_the_same_at_the_margin():
    linear = {"saturation": {"half": 1e6}, "adstock": 0.5}
    truth = simulate_market(one_channel(linear)).truth.channels["tv"]
    assert truth.mroas == pytest.approx(truth.roas, rel=1e-4)
    assert truth.roas == pytest.approx(2.0, rel=1e-9)
    # Its carryover after the window is the stock that is left: alpha/(1 − alpha) · a_T of the linear effect.
    assert 0 < truth.after_window < 0.05 * truth.contribution


def test_no_effect_means_no_return():
    market = simulate_market(one_channel({"roas": 0.0}))
    assert market.truth.channels["tv"].roas == 0.0
    assert np.array_equal(market.outcome({"tv": np.zeros(60)}), market.outcome())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    alpha=st.floats(0, 0.9),
    half=st.floats(0.2, 5),
    target=st.floats(0.1, 8),
    form=st.sampled_from(["hill", "logistic"]),
    value=st.sampled_from([None, 42.0]),
)
def test_concave_responses_hit_their_roas_and_return_less_at_the_margin(alpha, half, target, form, value):
    channel = {"adstock": alpha, "saturation": {"form": form, "half": half}, "roas": target}
    market = simulate_market(one_channel(channel, outcome={"level": 1e6, "value": value}))
    truth = market.truth.channels["tv"]
    assert truth.roas == pytest.approx(target, rel=1e-9)
    assert 0 < truth.mroas < truth.roas


@settings(max_examples=20, deadline=None)
@given(factors=st.lists(st.floats(0, 3), min_size=60, max_size=60), extra=st.floats(0, 2))
def test_more_spend_in_any_weeks_never_sells_less(factors, extra):
    market = simulate_market(one_channel({"adstock": 0.5, "saturation": {"slope": 1.7}}))
    less = market.spend[0] * np.array(factors)
    more = less + extra * market.spend[0]
    gain = market.expected({"tv": more}) - market.expected({"tv": less})
    assert gain.min() >= -1e-9
    assert market.expected({"tv": less}) == pytest.approx(market.outcome({"tv": less}), abs=1e-5)


def test_the_metrics_of_a_fit_find_the_truth_in_the_true_response():
    # The fit's own definition starts from the window's first eight weeks; a long window makes that start small.
    market = simulate_market(random_world(3, weeks=520))
    response, truth = true_response(market), market.truth
    for figure, true in ((roas, truth.roas), (mroas, truth.mroas)):
        found = figure(response).values[:, 0]
        assert found == pytest.approx([true[name] for name in response.channels], rel=0.02)
    money = contribution(response).values[:, 0].sum()
    assert money == pytest.approx(sum(c.contribution for c in truth.channels.values()), rel=0.02)


def test_the_written_truth_is_plain_json():
    text = json.dumps(truth_json(simulate_market(small_world())), allow_nan=False)
    written = json.loads(text)
    assert written["channels"]["tv"]["roas"] == pytest.approx(2.0)
    assert written["channels"]["social"]["saturation"] == "logistic"
    assert written["organic"]["newsletter"]["contribution"] == pytest.approx(0.04 * 100_000 * 80, rel=1e-6)
