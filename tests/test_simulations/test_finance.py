"""Present value, payback and profit, from their definitions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mmm.exceptions import SpecError
from mmm.response.draws import ResponseDraws
from simulations import simulate
from simulations.digest import digest
from simulations.finance import Terms, cash
from simulations.future import Future
from tests.test_simulations.small_fit import make_response, make_set
from tests.test_simulations.test_scenario_file import HEAD, read

MONEY = st.integers(-50, 50).map(float)


@given(flow=arrays(np.float64, st.tuples(st.integers(1, 9), st.integers(1, 4)), elements=MONEY))
@settings(max_examples=60, deadline=None)
def test_payback_is_the_first_week_that_is_never_behind_again(flow: np.ndarray) -> None:
    found = cash(flow, None)
    for s in range(flow.shape[1]):
        path = np.concatenate([[0.0], flow[:, s]]).cumsum()
        weeks = [k for k in range(len(path)) if (path[k:] >= 0).all()]
        assert found.payback[s] == (weeks[0] if weeks else np.inf)
    assert found.p_pays_back == pytest.approx((flow.sum(axis=0) >= 0).mean())
    np.testing.assert_allclose(found.gain, flow.sum(axis=0))
    assert found.npv is None


def test_the_median_payback_needs_half_of_the_draws() -> None:
    late = np.array([[-1.0, 1.0, 0.0], [-1.0, 0.0, 1.0], [-1.0, 0.0, 0.0], [-1.0, 0.0, 0.5]]).T
    assert cash(late[:, :3], None).payback_week == 3
    assert cash(late, None).payback_week == 3
    assert cash(late[:, 1:], None).payback_week == np.inf


def test_present_value_discounts_by_the_week() -> None:
    flow = np.array([[-100.0], [0.0], [110.0]])
    npv = cash(flow, 0.1).npv
    assert npv is not None
    assert npv[0] == pytest.approx(-100 + 110 * 1.1 ** (-14 / 365.25))
    nothing = cash(flow, 0.0).npv
    assert nothing is not None
    assert nothing[0] == pytest.approx(10)


def test_a_scenarios_money_is_its_weeks_money(response: ResponseDraws) -> None:
    """Gain, present value and path follow from outcome and spend by week, the carryover included."""
    patches = {"more": [{"channel": "tv", "change": 0.3}], "less": [{"channel": "tv", "change": -0.3}]}
    results = simulate(response, make_set(patches, margin=0.4, discount_rate="12%"))
    for one in results.scenarios:
        assert one.cash is not None
        gain = results.profit_delta(one)
        assert gain is not None
        np.testing.assert_allclose(gain, 0.4 * results.delta(one) - results.spend_change(one), rtol=1e-9)
        inside = results.weekly_gain(one)
        assert inside is not None
        spent = one.future.spend.sum(axis=0) - results.bau.future.spend.sum(axis=0)
        paired = 0.4 * (one.expected - results.bau.expected) - spent[:, None]
        np.testing.assert_allclose(inside, paired, rtol=1e-9, atol=1e-7)
        np.testing.assert_allclose(one.cash.path[0, : len(results.weeks)], inside.mean(axis=1).cumsum(), rtol=1e-9)
        assert one.cash.path[0, -1] == pytest.approx(gain.mean())


def test_an_outlay_now_for_sales_later_is_worth_less_than_its_sum(response: ResponseDraws) -> None:
    pulse = {"pulse": [{"channel": "social", "change": 2.0, "weeks": [1, 1]}]}
    results = simulate(response, make_set(pulse, margin=0.9, discount_rate=0.12))
    found = digest(results, results["pulse"])
    assert found.npv is not None
    assert found.profit_delta is not None
    assert found.payback is not None
    assert found.npv.mean < found.profit_delta.mean
    assert found.payback.week > 0
    assert 0 <= found.payback.p <= 1


def test_what_differs_in_nothing_has_nothing_to_pay_back(response: ResponseDraws) -> None:
    results = simulate(response, make_set({"none": []}, margin=0.4))
    one = results["none"].cash
    assert one is not None
    assert (one.payback == 0).all()
    assert (one.gain == 0).all()


def test_a_price_moves_worth_and_margin() -> None:
    """A unit's cost stays: at 10 % more price a margin of 40 % becomes 1 − 0.6 / 1.1."""
    usual = Future(np.full((1, 3), 10.0), np.ones((1, 3)), np.ones(3))
    dearer = replace(usual, price=np.array([1.0, 1.1, 1.1]))
    terms = Terms(50.0, 0.4)
    worth, kept = terms.worth(dearer), terms.kept(dearer)
    assert worth is not None
    assert kept is not None
    np.testing.assert_allclose(worth, [50, 55, 55])
    np.testing.assert_allclose(kept, [20, 25, 25])
    profit = terms.profit(dearer, np.array([[2.0], [2.0], [0.0]]))
    assert profit is not None
    np.testing.assert_allclose(profit[:, 0], [30, 40, -10])
    # Where the outcome is money, a unit of it is worth itself at any price.
    money = Terms(1.0, 0.4).worth(dearer)
    assert money is not None
    np.testing.assert_allclose(money, 1.0)
    assert Terms(None, 0.4).kept(dearer) is None


def test_a_limited_supply_limits_levels_with_their_noise() -> None:
    response = make_response(per_chain=10)
    free = simulate(response, make_set({"none": []}))
    cap = float(np.median(free.bau.expected))
    results = simulate(response, make_set({"short": [{"supply_cap": cap}]}))
    assert (results.level(results["short"]) <= cap * (1 + 1e-12)).all()
    assert (results.level(results.bau) > cap).any()


@pytest.mark.parametrize(
    ("text", "says"), [("discount_rate: 8%\n", "give a margin too"), ("margin: 0.4\ndiscount_rate: 8\n", "less than 1")]
)
def test_a_discount_rate_needs_a_margin(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(SpecError, match=says) as caught:
        read(tmp_path, text + HEAD + "  a: [{demand: 0.1}]\n")
    assert "discount_rate" in str(caught.value.where)
