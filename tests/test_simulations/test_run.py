"""The laws of a simulation: what must hold whatever the fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mmm.exceptions import SpecError
from mmm.response.draws import ResponseDraws
from mmm.response.forecast import total_outcome
from mmm.response.horizon import HorizonResponse
from mmm.response.metrics import summarise
from optimizer.brief import Brief
from simulations import simulate
from simulations.periods import Period
from simulations.results import Estimate
from tests.test_simulations.small_fit import START, make_response, make_set


def test_the_empty_scenario_is_business_as_usual_exactly(response: ResponseDraws) -> None:
    results = simulate(response, make_set({"none": [], "not_at_all": [{"channels": "all", "change": 0.0}]}))
    for one in results.scenarios:
        assert (results.delta(one) == 0).all()
        np.testing.assert_array_equal(one.expected, results.bau.expected)
    assert results.summary()["p_beats_bau"].tolist()[1:] == [0.5, 0.5]


def test_outcomes_are_the_response_floors_own(response: ResponseDraws) -> None:
    """Business as usual and a shocked scenario equal ``total_outcome``, noise included, for the same seed."""
    scenarios = make_set({"shock": [{"channel": "tv", "cost_per_exposure": 0.3}, {"demand": -0.2, "weeks": [2, 5]}]})
    results = simulate(response, scenarios, seed=3)
    calendar = scenarios.calendar(response)
    for one in results.all:
        tail = np.ones(len(calendar.tail_weeks))
        horizon = HorizonResponse(
            response, calendar, cost_factor=one.future.cost, effect_factor=np.concatenate([one.future.demand, tail])
        )
        noisy = total_outcome(horizon, one.future.spend, demand_factor=one.future.demand, rng=np.random.default_rng(3))
        np.testing.assert_allclose(one.expected + results.noise, noisy, rtol=1e-10)


def test_a_dark_channel_loses_its_contribution(response: ResponseDraws) -> None:
    results = simulate(response, make_set({"dark": [{"channel": "tv", "dark": True}]}))
    np.testing.assert_allclose(results.delta(results["dark"]), -results.bau.media[0], rtol=1e-9)
    assert results.roas(results["dark"], 0) is None
    assert results.mroas(results["dark"], 0) is None
    roas = results.roas(results.bau, 0)
    assert roas is not None
    assert -results.delta(results["dark"]).mean() / results.bau.spend[0] == pytest.approx(roas.mean)


def test_all_dark_loses_all_media(response: ResponseDraws) -> None:
    results = simulate(response, make_set({"dark": [{"channels": "all", "dark": True}]}))
    np.testing.assert_allclose(results.delta(results["dark"]), -results.bau.media.sum(axis=0), rtol=1e-9)
    assert results.roas(results["dark"]) is None


@pytest.mark.parametrize("change", [-0.3, 0.15, 1.0])
def test_dearer_exposures_are_as_less_spend(response: ResponseDraws, change: float) -> None:
    scenarios = make_set(
        {
            "dearer": [{"channel": "social", "cost_per_exposure": change}],
            "less": [{"channel": "social", "change": 1 / (1 + change) - 1}],
        }
    )
    results = simulate(response, scenarios)
    np.testing.assert_allclose(results["dearer"].expected, results["less"].expected, rtol=1e-12)
    np.testing.assert_allclose(results["dearer"].media, results["less"].media, rtol=1e-9)
    assert results["dearer"].spend.sum() == pytest.approx(results.bau.spend.sum())


def test_demand_scales_the_horizons_outcome(response: ResponseDraws) -> None:
    results = simulate(response, make_set({"weak": [{"demand": -0.1}]}))
    np.testing.assert_allclose(results["weak"].expected, 0.9 * results.bau.expected, rtol=1e-12)
    assert (results.after_horizon(results["weak"]) == 0).all()


def test_channels_add_up(response: ResponseDraws) -> None:
    """Responses are separable: changes of several channels add up to the change of all of them."""
    parts = {name: [{"channel": name, "change": 0.5}] for name in response.channels}
    results = simulate(response, make_set(parts | {"all": [{"channels": "all", "change": 0.5}]}))
    total = np.sum([results.delta(results[name]) for name in parts], axis=0)
    np.testing.assert_allclose(results.delta(results["all"]), total, rtol=1e-9)


def test_the_horizon_and_what_follows_are_the_whole(response: ResponseDraws) -> None:
    results = simulate(response, make_set({"late": [{"channels": "all", "flighting": "back_loaded"}]}))
    late = results["late"]
    np.testing.assert_allclose(results.in_horizon(late) + results.after_horizon(late), results.delta(late))
    # Back-loading can only move carryover beyond the horizon's end.
    assert results.after_horizon(late).mean() > 0
    media = late.media.sum(axis=0) - results.bau.media.sum(axis=0)
    np.testing.assert_allclose(results.delta(late), media, rtol=1e-7, atol=1e-6)


def test_paired_differences_are_sharper_than_unpaired_ones(response: ResponseDraws) -> None:
    scenarios = make_set({"cut": [{"channel": "tv", "change": -0.2}]})
    one, other = simulate(response, scenarios, seed=0), simulate(response, scenarios, seed=1)
    paired = one.in_horizon(one["cut"])
    unpaired = (one["cut"].expected + one.noise).sum(axis=0) - (other.bau.expected + other.noise).sum(axis=0)
    assert paired.std() < 0.3 * unpaired.std()
    np.testing.assert_array_equal(paired, other.in_horizon(other["cut"]))
    assert not np.array_equal(one.noise, other.noise)


def test_more_spend_returns_more_and_less_on_the_margin(response: ResponseDraws) -> None:
    results = simulate(response, make_set({"more": [{"channels": "all", "change": 0.2}]}))
    more = results["more"]
    assert (results.delta(more) > 0).all()
    for c in range(3):
        roas, mroas, usual = results.roas(more, c), results.mroas(more, c), results.mroas(results.bau, c)
        assert None not in (roas, mroas, usual)
        assert mroas.mean < usual.mean < roas.mean


def test_mroas_is_the_slope_of_proportional_spend(response: ResponseDraws) -> None:
    results = simulate(response, make_set({"bit": [{"channel": "search", "change": 0.01}]}))
    bit = results["bit"]
    slope = results.delta(bit) / (bit.spend[1] - results.bau.spend[1])
    found = results.mroas(results.bau, 1)
    assert found is not None
    assert slope.mean() == pytest.approx(found.mean, rel=0.01)


@pytest.mark.parametrize("kind", list(Period))
def test_months_and_quarters_add_up(response: ResponseDraws, kind: Period) -> None:
    results = simulate(response, make_set({"cut": [{"channel": "tv", "change": -0.2}]}, fiscal_year_start=4))
    table = results.by_period(kind)
    summary = results.summary().set_index("scenario")
    sums = table.groupby("scenario")[["spend", "outcome_mean", "delta_mean"]].sum()
    for name in ("business_as_usual", "cut"):
        assert sums.loc[name, "spend"] == pytest.approx(summary.loc[name, "spend"])
        assert sums.loc[name, "outcome_mean"] == pytest.approx(summary.loc[name, "outcome_mean"])
        assert sums.loc[name, "delta_mean"] == pytest.approx(summary.loc[name, "in_horizon_mean"])


def test_profit_needs_a_margin_and_a_value() -> None:
    patches = {"cut": [{"channel": "tv", "change": -0.2}]}
    money = simulate(make_response(per_chain=5), make_set(patches, margin=0.4))
    gain = money.profit_delta(money["cut"])
    assert gain is not None
    np.testing.assert_allclose(gain, 0.4 * money.delta(money["cut"]) - money.spend_change(money["cut"]))
    assert simulate(make_response(per_chain=5), make_set(patches)).profit_delta(money["cut"]) is None
    count = make_response(per_chain=5, is_money=False, value=2.0)
    with pytest.raises(SpecError, match="has no value in EUR") as caught:
        simulate(count, make_set(patches, margin=0.4))
    assert caught.value.where == "margin"
    assert "Give value_per_outcome" in str(caught.value)
    unvalued = simulate(count, make_set(patches))
    assert unvalued.profit_delta(unvalued["cut"]) is None
    assert unvalued.return_unit == "orders per EUR"
    valued = simulate(count, make_set(patches, margin=0.4, value_per_outcome=50))
    assert valued.profit_delta(valued["cut"]) is not None
    assert valued.value == 50


def test_money_has_no_value_in_money(response: ResponseDraws) -> None:
    with pytest.raises(SpecError, match="'revenue' is money already") as caught:
        simulate(response, make_set({"none": []}, value_per_outcome=3.0))
    assert caught.value.where == "value_per_outcome"
    # Units that the fit gives a price may get another one.
    assert simulate(make_response(per_chain=5, value=2.0), make_set({"none": []}, value_per_outcome=3.0)).value == 3.0


def test_units_with_a_value_return_money() -> None:
    patches = {"cut": [{"channel": "tv", "change": -0.2}]}
    plain = simulate(make_response(per_chain=5), make_set(patches))
    valued = simulate(make_response(per_chain=5, value=3.0), make_set(patches))
    one, three = plain.roas(plain.bau), valued.roas(valued.bau)
    assert None not in (one, three)
    assert three.mean == pytest.approx(3 * one.mean)
    assert (valued.unit, valued.return_unit) == ("orders", "EUR per EUR")


def test_less_than_a_year_of_data_is_not_called_last_year() -> None:
    patches = {"cut": [{"channel": "tv", "change": -0.2}]}
    said = " ".join(simulate(make_response(weeks=40, per_chain=5), make_set(patches)).assumptions)
    assert "40 weeks of data, over and over" in said
    whole = " ".join(simulate(make_response(weeks=60, per_chain=5), make_set(patches)).assumptions)
    assert "the same weeks a year earlier" in whole


def test_the_demand_index_makes_timing_matter() -> None:
    response = make_response(demand=True, per_chain=10)
    results = simulate(response, make_set({"front": [{"channels": "all", "flighting": "front_loaded"}]}))
    said = " ".join(results.assumptions)
    assert "returns the same in every season" not in said
    plain = simulate(make_response(per_chain=10), make_set({"front": [{"channels": "all", "flighting": "even"}]}))
    assert "returns the same in every season" in " ".join(plain.assumptions)


def test_spend_outside_the_data_is_flagged(response: ResponseDraws) -> None:
    scenarios = make_set(
        {
            "more": [{"channel": "search", "change": 3.0}],
            "less": [{"channel": "search", "change": -0.9}],
            "cheaper": [{"channel": "social", "cost_per_exposure": "-75%"}],
            "tv_off": [{"channel": "tv", "dark": True}],
        }
    )
    flags = {(flag.scenario, flag.channel, flag.above) for flag in simulate(response, scenarios).beyond}
    # Television has been dark before; social buys more than ever when it is cheap.
    assert flags == {("more", "search", True), ("less", "search", False), ("cheaper", "social", True)}


def test_the_bridge_is_spent_before_the_horizon(response: ResponseDraws) -> None:
    late = make_set({"none": []}, start="2027-02-01")
    results = simulate(response, late)
    assert results.weeks[0] == np.datetime64("2027-02-01")
    assert any("lie 4 weeks" in sentence for sentence in results.assumptions)
    calendar = late.calendar(response)
    dark = replace(calendar, bridge=np.zeros_like(calendar.bridge))
    without = total_outcome(HorizonResponse(response, dark), calendar.baseline)
    assert results.bau.expected[0].mean() > without[0].mean()


def test_the_optimiser_and_the_simulator_call_the_same_spend_unseen(response: ResponseDraws) -> None:
    patches = [{"channel": "social", "cost_per_exposure": 0.5}, {"channels": "all", "change": 0.4}]
    results = simulate(response, make_set({"more": patches}))
    brief = {"horizon": {"start": START, "weeks": 13}, "future": {"cost_per_exposure": {"social": 1.5}}}
    made = Brief.model_validate(brief).problem(response)
    most = results["more"].future.spend.max(axis=1)
    planned = {
        name for name, spend, seen in zip(response.channels, most, made.observed_max, strict=True) if spend > seen
    }
    assert {flag.channel for flag in results.beyond if flag.scenario == "more" and flag.above} == planned
    assert most[2] > response.observed_max()[2]
    assert "social" not in planned


def test_an_estimate_is_the_draws_summary() -> None:
    draws = np.random.default_rng(0).normal(size=500)
    found, expected = Estimate.of(draws), summarise(draws)
    assert found.as_dict() == {key: expected[key] for key in ("mean", "q05", "q95")}


def test_results_print_well_in_a_notebook(response: ResponseDraws) -> None:
    results = simulate(response, make_set({"<b>cut</b>": [{"channel": "tv", "change": -0.2}]}))
    shown = results._repr_html_()
    assert "&lt;b&gt;cut&lt;/b&gt;" in shown
    assert "120 paired draws" in shown
    with pytest.raises(KeyError, match="no scenario 'x'"):
        results["x"]
