"""A price that rises with volume: the curve itself, and a response that pays it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq

from mmm.response.calendar import BaselineRule, business_as_usual
from mmm.response.horizon import HorizonResponse
from mmm.response.prices import PriceCurve
from tests.test_optimizer.responses import START, response

CURVE = PriceCurve(np.array([2.0, 5.0, np.inf]), np.array([0.25, 1.0, 0.5]))


def priced(*, s_shaped: bool = False, weeks: int = 3, factor: float = 1.0) -> tuple[HorizonResponse, HorizonResponse]:
    """Return a response at a flat price, and the same where media get dearer at volume."""
    draws = response(channels=3, draws=24, seed=3, s_shaped=s_shaped)
    calendar = business_as_usual(draws, START, weeks, BaselineRule.LAST_WEEKS)
    typical = calendar.baseline.mean(axis=1)
    curve = PriceCurve(np.array([0.5, 0.9, np.inf]) * typical, np.array([0.3, 1.2, 0.4]))
    cost = np.full(calendar.baseline.shape, factor)
    return (
        HorizonResponse(draws, calendar, cost_factor=cost),
        HorizonResponse(draws, calendar, cost_factor=cost, price_curve=curve),
    )


@pytest.mark.parametrize("elasticity", [0.0, 0.2, 1.0, 2.5])
def test_all_units_together_cost_what_is_paid(elasticity: float) -> None:
    curve = PriceCurve(np.array([50.0]), np.array([elasticity]))
    for paid in (30.0, 50.0, 51.0, 130.0, 900.0):

        def cost(volume: float) -> float:
            flat = min(volume, 50.0)
            return flat + quad(lambda v: (v / 50.0) ** elasticity, flat, volume)[0]

        bought = brentq(lambda v: cost(v) - paid, 0.0, 2 * paid)  # noqa: B023
        assert curve.units(np.array([[paid]]))[0, 0] == pytest.approx(bought, rel=1e-7)
        price = max(bought / 50.0, 1.0) ** elasticity
        assert curve.slope(np.array([[paid]]))[0, 0] == pytest.approx(1 / price, rel=1e-7)


def test_slope_and_bend_are_the_derivatives_and_the_curve_is_concave() -> None:
    x = np.array([[0.0, 1.0, 1.9, 2.3, 9.0], [0.1, 4.9, 5.1, 7.0, 60.0], [1.0, 2.0, 3.0, 4.0, 5e6]])
    step = 1e-5
    slope = (CURVE.units(x + step) - CURVE.units(np.maximum(x - step, 0))) / (x + step - np.maximum(x - step, 0))
    np.testing.assert_allclose(CURVE.slope(x), slope, rtol=1e-6)
    bend = (CURVE.slope(x + step) - CURVE.slope(x - step)) / (2 * step)
    np.testing.assert_allclose(CURVE.bend(x), bend, atol=1e-6)
    assert (CURVE.bend(x) <= 0).all()
    np.testing.assert_array_equal(CURVE.units(x)[2], x[2])
    near = np.array([[2.0 - 1e-9, 2.0 + 1e-9]] * 3)
    assert np.ptp(CURVE.units(near), axis=1) == pytest.approx([2e-9] * 3, rel=1e-4)
    assert np.ptp(CURVE.slope(near), axis=1).max() < 1e-8


def test_a_response_pays_the_curve() -> None:
    flat, dear = priced(factor=1.1)
    plan = flat.calendar.baseline * np.array([[0.3], [1.6], [2.0]])
    assert dear.price_curve is not None
    bought = dear.price_curve.units(plan)
    assert dear.evaluate(plan).value == pytest.approx(flat.evaluate(bought).value, rel=1e-12)
    np.testing.assert_allclose(dear.per_channel(plan), flat.per_channel(bought))
    np.testing.assert_allclose(dear.weekly(plan), flat.weekly(bought))
    assert dear.evaluate(plan).value < flat.evaluate(plan).value
    below = plan * 0.1
    np.testing.assert_array_equal(dear.per_channel(below), flat.per_channel(below))
    half = dear.select(np.arange(12))
    assert half.evaluate(plan).per_draw == pytest.approx(dear.evaluate(plan).per_draw[:12], rel=1e-3)


@pytest.mark.parametrize("s_shaped", [False, True])
def test_gradient_and_hessian_follow_the_chain_rule(s_shaped: bool) -> None:
    _, dear = priced(s_shaped=s_shaped)
    plan = dear.calendar.baseline * np.array([[0.31], [1.63], [1.2]])
    found = dear.evaluate(plan, 2)
    assert found.gradient is not None
    assert found.hessian is not None
    for c, t in ((0, 0), (1, 1), (2, 2), (1, 0)):
        step = np.zeros_like(plan)
        step[c, t] = 1e-4 * plan[c, t]
        up, down = dear.evaluate(plan + step, 1), dear.evaluate(plan - step, 1)
        assert found.gradient[c, t] == pytest.approx((up.value - down.value) / (2 * step[c, t]), rel=1e-5)
        bend = (up.gradient - down.gradient) / (2 * step[c, t])  # type: ignore[operator]
        np.testing.assert_allclose(found.hessian[c, t], bend[c], rtol=1e-4, atol=1e-9)
    if not s_shaped:
        assert dear.concave.all()
        assert np.linalg.eigvalsh(found.hessian).max() <= 1e-12


def test_the_envelope_stays_above_and_concave() -> None:
    _, dear = priced(s_shaped=True)
    upper = 3.0 * dear.calendar.baseline.max(axis=1, keepdims=True) * np.ones((1, 3))
    above = dear.envelope(upper)
    g = np.random.default_rng(0)
    plans = g.uniform(0, 1, (60, *dear.shape)) ** 2 * upper
    value = [above.evaluate(plan).value for plan in plans]
    assert (np.array(value) >= [dear.evaluate(plan).value - 1e-9 for plan in plans]).all()
    middle = [above.evaluate(0.5 * (a + b)).value for a, b in zip(plans[::2], plans[1::2], strict=True)]
    assert (np.array(middle) >= 0.5 * (np.array(value[::2]) + np.array(value[1::2])) - 1e-9).all()
    # Somewhere the envelope is a chord: else the bound would say nothing that the value does not.
    assert max(v - dear.evaluate(plan).value for v, plan in zip(value, plans, strict=True)) > 1e-3


def test_parts_of_a_channel_share_its_volume() -> None:
    parts = CURVE.split(np.array([0, 0, 1]), np.array([0.25, 0.75, 0.0]))
    np.testing.assert_allclose(parts.start, [0.5, 1.5, 5.0])
    whole = CURVE.units(np.array([[4.0], [0.0], [0.0]]))[0, 0]
    assert parts.units(np.array([[1.0], [3.0], [0.0]]))[:2].sum() == pytest.approx(whole)


@pytest.mark.parametrize(
    ("start", "elasticity"), [([0.0], [0.1]), ([-1.0], [0.1]), ([1.0], [-0.1]), ([1.0], [np.nan]), ([1.0, 2.0], [0.1])]
)
def test_a_senseless_curve_is_refused(start: list[float], elasticity: list[float]) -> None:
    with pytest.raises(ValueError, match=r"start|elasticity"):
        PriceCurve(np.array(start), np.array(elasticity))


def test_a_curve_of_other_rows_is_refused() -> None:
    flat, _ = priced()
    with pytest.raises(ValueError, match="price_curve must have 3 rows"):
        HorizonResponse(flat.response, flat.calendar, price_curve=PriceCurve(np.ones(2), np.ones(2)))
