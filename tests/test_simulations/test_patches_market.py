"""Controls, prices, promotions and competitors do what they say, and profit knows the price."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mmm.exceptions import SpecError
from mmm.response.draws import ResponseDraws
from simulations.pricing import margin_at, sales_factor, value_factor
from simulations.run import simulate
from tests.test_simulations.scenario_company import company
from tests.test_simulations.small_fit import make_response, make_set
from tests.test_simulations.test_patches import futures


def last_year(response: ResponseDraws) -> np.ndarray:
    """Return the price of the horizon's weeks a year before, (13,)."""
    return response.baseline.controls[0, 0, -52:][:13]


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        ({"change": "-2%"}, lambda usual: 0.98 * usual),
        ({"add": 0.25}, lambda usual: usual + 0.25),
        ({"value": 10}, lambda usual: np.full_like(usual, 10.0)),
    ],
)
def test_a_control_moves_in_its_weeks(response: ResponseDraws, patch: dict[str, Any], expected: Any) -> None:
    _, future = futures(response, {"control": "price", "weeks": [3, 6], **patch})
    usual = last_year(response)
    assert future.controls is not None
    np.testing.assert_allclose(future.controls[0, 0, 2:6], expected(usual[2:6]))
    np.testing.assert_array_equal(np.delete(future.controls[0, 0], range(2, 6)), np.delete(usual, range(2, 6)))
    assert (future.price == 1).all()


def test_base_sales_follow_the_controls_coefficient(response: ResponseDraws) -> None:
    results = simulate(response, make_set({"a": [{"control": "price", "add": 0.5, "weeks": [2, 2]}]}))
    gained = results["a"].expected - results.bau.expected
    slope = response.baseline.coef[-1, 0] / response.baseline.control_scale[0, 0]
    np.testing.assert_allclose(gained[1], 0.5 * slope, rtol=1e-7)
    np.testing.assert_allclose(np.delete(gained, 1, axis=0), 0, atol=1e-6)


def test_controls_move_one_after_another() -> None:
    response = company()
    _, future = futures(
        response,
        {"control": "price", "change": 0.01},
        {"competitor": "Acme", "control": "competitor_price", "value": 12.0},
        {"control": "price", "add": 0.1},
    )
    assert future.controls is not None
    np.testing.assert_allclose(future.controls[0, 0], 1.01 * last_year(response) + 0.1)
    np.testing.assert_allclose(future.controls[1], 12.0)


def test_beyond_what_the_data_saw_is_said(response: ResponseDraws) -> None:
    seen = response.baseline.controls
    _, future = futures(response, {"control": "price", "value": 20})
    (note,) = future.notes
    assert "goes to 20" in note
    assert f"{seen.min():.4g} to {seen.max():.4g}" in note
    assert futures(response, {"control": "price", "value": 10})[1].notes == ()


def test_a_share_of_nothing_is_refused() -> None:
    response = make_response(per_chain=1)
    response.baseline.controls[0, 0, 7] = 0.0
    for patch in ({"control": "price", "change": -0.1}, {"price": -0.1, "control": "price"}):
        with pytest.raises(SpecError, match="0 or less in the data") as caught:
            futures(response, patch)
        assert caught.value.where == f"scenarios.one.0.{next(iter(set(patch) - {'control'}))}"
        assert "Write add:" in str(caught.value)


def test_a_control_that_is_not_there_has_a_remedy(response: ResponseDraws) -> None:
    for patch, remedy in (
        ({"control": "promo", "value": 1}, "{promotion: 20%}"),
        ({"price": -0.1, "control": "promo"}, "elasticity: -1.5"),
        ({"competitor": "Acme", "control": "promo", "value": 1}, "loss: 5%"),
    ):
        with pytest.raises(SpecError, match="the model has no control 'promo'") as caught:
            futures(response, patch)
        assert caught.value.where == "scenarios.one.0.control"
        assert "Known: price." in str(caught.value)
        assert remedy in str(caught.value)


def test_a_stated_elasticity_moves_all_sales_and_the_price(response: ResponseDraws) -> None:
    _, future = futures(response, {"price": "-10%", "elasticity": -1.8, "weeks": [1, 2]})
    # The outcome is revenue: more units, each at nine tenths.
    np.testing.assert_allclose(future.demand, [0.9**-0.8] * 2 + [1.0] * 11)
    np.testing.assert_allclose(future.price, [0.9] * 2 + [1.0] * 11)
    orders = make_response(per_chain=2, value=3.0)
    np.testing.assert_allclose(futures(orders, {"price": -0.1, "elasticity": -1.8})[1].demand, 0.9**-1.8)


def test_profit_is_the_same_in_revenue_as_in_units() -> None:
    """Three units of money an order, at a margin of 40 %: a tenth off leaves 0.3 of today's price an order."""
    patch = {"a": [{"price": -0.1, "elasticity": -1.8}]}
    orders = simulate(make_response(per_chain=5, value=3.0), make_set(patch, margin=0.4))
    gain = orders.profit_delta(orders["a"])
    units, usual = orders["a"].expected.sum(axis=0), orders.bau.expected.sum(axis=0)
    media = orders["a"].after - orders.bau.after
    assert gain is not None
    np.testing.assert_allclose(gain, 3.0 * (0.3 * units - 0.4 * usual + 0.4 * media), rtol=1e-9)
    revenue = simulate(make_response(per_chain=5), make_set(patch, margin=0.4))
    gain = revenue.profit_delta(revenue["a"])
    assert gain is not None
    new, usual = revenue["a"].expected.sum(axis=0), revenue.bau.expected.sum(axis=0)
    after = revenue["a"].after - revenue.bau.after
    np.testing.assert_allclose(gain, new * (0.3 / 0.9) - 0.4 * usual + 0.4 * after, rtol=1e-9)


def test_price_arithmetic() -> None:
    price = np.array([1.0, 0.8, 0.5])
    np.testing.assert_allclose(margin_at(0.4, price), [0.4, 0.25, -0.2])
    # Profit a unit: price less what a unit costs, 60 % of today's price.
    np.testing.assert_allclose(margin_at(0.4, price) * price, price - 0.6)
    np.testing.assert_array_equal(value_factor(price, outcome_is_money=False), price)
    assert (value_factor(price, outcome_is_money=True) == 1).all()
    assert sales_factor(1.1, -1.0, outcome_is_money=True) == pytest.approx(1.0)
    assert sales_factor(1.1, -1.0, outcome_is_money=False) == pytest.approx(1 / 1.1)


def test_a_promotion_lifts_its_weeks_and_empties_those_after(response: ResponseDraws) -> None:
    patch = {"promotion": 0.4, "discount": 0.2, "pulled_forward": 0.25, "weeks": [3, 4]}
    _, future = futures(response, patch)
    np.testing.assert_allclose(future.base, [1, 1, 1.4, 1.4, 0.9, 0.9, *[1] * 7])
    np.testing.assert_allclose(future.price[2:4], 0.8)
    np.testing.assert_allclose(future.demand[2:4], 0.8)
    _, orders = futures(make_response(per_chain=2, value=3.0), patch)
    np.testing.assert_allclose(orders.demand, 1.0)
    np.testing.assert_allclose(orders.price, future.price)
    _, late = futures(response, {**patch, "weeks": [12, 13]})
    assert any("2 of the weeks in which sales are missing come after the horizon" in note for note in late.notes)
    assert (late.base[:11] == 1).all()


def test_a_competitor_takes_base_sales_and_leaves_media(response: ResponseDraws) -> None:
    results = simulate(response, make_set({"a": [{"competitor": "Acme", "loss": "5%", "weeks": [4, 7]}]}))
    np.testing.assert_array_equal(results["a"].media, results.bau.media)
    dark = simulate(response, make_set({"a": [{"channels": "all", "dark": True}]}))
    lost = results.bau.expected - results["a"].expected
    assert (np.delete(lost, range(3, 7), axis=0) == 0).all()
    # Carry-in is paid media too, so what is lost is less than 5 % of what sells without media in the horizon.
    assert (lost[3:7] <= 0.05 * dark["a"].expected[3:7] + 1e-6).all()
    assert (lost[3:7] > 0.04 * dark["a"].expected[3:7]).all()


@pytest.mark.parametrize(
    ("patch", "says"),
    [
        ({"control": "promo", "value": 1, "weeks": [3, 4]}, "The control promo is 1 in weeks 3 to 4."),
        ({"control": "price", "change": -0.1}, "The control price is 10% lower."),
        ({"control": "price", "add": 0.5}, "The control price is 0.5 higher."),
        (
            {"price": -0.1, "elasticity": -1.8},
            "The selling price is 10% lower, and sales answer by an elasticity of \N{MINUS SIGN}1.8.",
        ),
        (
            {"price": 0.05, "control": "price", "weeks": [1, 2]},
            "The selling price is 5% higher in weeks 1 to 2, and sales answer as the model's control price has it.",
        ),
        (
            {"promotion": 0.2, "discount": 0.1, "pulled_forward": 0.3, "weeks": [3, 3]},
            "A promotion at 10% off sells 20% more of base sales in week 3; 30% of that is missing afterwards.",
        ),
        (
            {"competitor": "Acme", "loss": 0.05, "weeks": [4, 7]},
            "Acme takes 5% of base sales in weeks 4 to 7.",
        ),
        (
            {"competitor": "Acme", "control": "price", "change": 0.3},
            "Acme is active: the control price is 30% higher.",
        ),
        ({"season_shift": -1}, "The season comes 1 week earlier."),
        (
            {"supply_cap": 1_200_000, "backlog": 0.5},
            "At most 1,200,000 can be sold a week, and 50% of the rest waits for the next week.",
        ),
    ],
)
def test_the_world_says_itself(patch: dict[str, Any], says: str) -> None:
    assert make_set({"one": [patch]}).named[0].says("EUR") == says
