"""The compiled response against the reference formulas, finite differences and brute-force reruns."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmm.response.calendar import BaselineRule, SpendCalendar, business_as_usual
from mmm.response.draws import ResponseDraws
from mmm.response.forecast import total_outcome
from mmm.response.horizon import Curvature, HorizonResponse
from tests.test_mmm.test_response.make import S, make_response

KINDS = [{}, {"slopes": True}, {"demand": True, "slopes": True}, {"geos": 3, "demand": True}]


def horizon_of(response: ResponseDraws, weeks: int = 6, gap: int = 2, **extra: object) -> HorizonResponse:
    start = response.weeks[-1] + np.timedelta64(7 * (gap + 1), "D")
    return HorizonResponse(response, business_as_usual(response, start, weeks, BaselineRule.LAST_WEEKS), **extra)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_kernel_is_the_model_s_recursion(kind: dict[str, object]) -> None:
    horizon = horizon_of(make_response(**kind))  # type: ignore[arg-type]
    spend = horizon.calendar.baseline * 1.3
    reference = horizon.weekly(spend).sum(axis=1)
    # The kernel stops a chunk's tail once 99.9 % of its slowest draw's carryover has decayed.
    np.testing.assert_allclose(horizon.per_channel(spend), reference, rtol=1e-3, atol=1e-4 * np.abs(reference).max())
    inside, after = horizon.within_and_after(spend)
    np.testing.assert_allclose(inside, horizon.weekly(spend)[:, : horizon.shape[1]].sum(axis=(0, 1)), rtol=1e-7)
    assert (after > 0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_derivatives_are_those_of_the_value(kind: dict[str, object]) -> None:
    response = make_response(**kind)  # type: ignore[arg-type]
    g = np.random.default_rng(0)
    horizon = horizon_of(response, cost_factor=1 + g.random((3, 6)))
    horizon_value = HorizonResponse(
        response,
        horizon.calendar,
        week_value=1 + g.random(len(horizon.week_value)),
        effect_factor=1 + g.random(len(horizon.week_value)),
    )
    weights = g.dirichlet(np.ones(S))
    for h in (horizon, horizon_value):
        spend = h.calendar.baseline + 50
        at = h.evaluate(spend, 2, weights=weights)
        assert at.gradient is not None
        assert at.hessian is not None
        for c, t in ((0, 0), (1, 3), (2, 5)):
            step = 1e-3 * spend[c, t]
            sides = []
            for sign in (1, -1):
                moved = spend.copy()
                moved[c, t] += sign * step
                sides.append(h.evaluate(moved, 1, weights=weights))
            up, down = sides
            assert (up.value - down.value) / (2 * step) == pytest.approx(at.gradient[c, t], rel=1e-5)
            rise = (up.gradient[c] - down.gradient[c]) / (2 * step)  # type: ignore[index]
            np.testing.assert_allclose(rise, at.hessian[c, t], rtol=1e-4, atol=1e-6 * np.abs(at.hessian[c]).max())


def test_no_spend_is_worth_nothing_and_more_is_worth_more() -> None:
    horizon = horizon_of(make_response(slopes=True))
    assert horizon.evaluate(np.zeros(horizon.shape)).value == 0.0
    spend = horizon.calendar.baseline
    assert horizon.evaluate(spend * 1.1).value > horizon.evaluate(spend).value > 0


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.05, 4.0))
def test_envelope_bounds_the_value_and_is_concave(seed: int, level: float) -> None:
    horizon = ENVELOPED
    g = np.random.default_rng(seed)
    upper = 5 * horizon.calendar.baseline.mean(axis=1, keepdims=True) * np.ones(horizon.shape)
    envelope = horizon.envelope(upper)
    a, b = (np.minimum(level * g.random(horizon.shape) * upper / 4, upper) for _ in range(2))
    values = [envelope.evaluate(x).value for x in (a, b, (a + b) / 2)]
    assert values[2] >= (values[0] + values[1]) / 2 - 1e-9 * abs(values[2])
    assert all(v >= horizon.evaluate(x).value - 1e-9 * abs(v) for v, x in zip(values, (a, b, (a + b) / 2), strict=True))


ENVELOPED = horizon_of(make_response(slopes=True))


def test_concavity_is_found_by_channel() -> None:
    assert horizon_of(make_response()).concave.tolist() == [True, True, True]
    assert ENVELOPED.concave.tolist() == [False, True, False]
    spend = ENVELOPED.calendar.baseline * 0.1
    exact, clipped = (ENVELOPED.evaluate(spend, 2, curvature=c) for c in (Curvature.EXACT, Curvature.CLIPPED))
    assert exact.value == clipped.value
    assert np.linalg.eigvalsh(clipped.hessian).max() <= 1e-12  # type: ignore[arg-type]
    assert np.linalg.eigvalsh(exact.hessian).max() > 0  # type: ignore[arg-type]


def test_half_the_draws_are_half_of_the_draws() -> None:
    response = make_response(demand=True)
    whole = horizon_of(response)
    spend = whole.calendar.baseline
    planning, held_back = response.planning(), response.held_back()
    assert set(planning.chain) == {0, 1}
    assert set(held_back.chain) == {2, 3}
    part = HorizonResponse(planning, whole.calendar).evaluate(spend).per_draw
    np.testing.assert_allclose(part, whole.evaluate(spend).per_draw[: S // 2], rtol=1e-3)
    np.testing.assert_allclose(part, whole.select(response.chain < 2).evaluate(spend).per_draw, rtol=1e-12)


def test_dearer_media_is_less_media() -> None:
    response = make_response()
    dear = horizon_of(response, cost_factor=np.full((3, 6), 1.25))
    plain = horizon_of(response)
    spend = plain.calendar.baseline
    np.testing.assert_allclose(dear.evaluate(spend).per_draw, plain.evaluate(spend / 1.25).per_draw, rtol=1e-12)


def test_total_outcome_is_base_plus_carry_in_plus_the_plan() -> None:
    horizon = horizon_of(make_response())
    spend = horizon.calendar.baseline
    with_plan, without = (total_outcome(horizon, x) for x in (spend, np.zeros(horizon.shape)))
    np.testing.assert_allclose(with_plan - without, horizon.weekly(spend).sum(axis=0)[:6], rtol=1e-9)
    noisy = total_outcome(horizon, spend, rng=np.random.default_rng(1))
    assert np.std(noisy - with_plan) == pytest.approx(100.0, rel=0.05)
    carried = horizon.weekly_effect(np.zeros(horizon.shape)).sum(axis=0)
    assert (carried[0] > carried[5]).all()


def test_carry_in_comes_from_history_and_bridge() -> None:
    """A plan right after the data equals the same weeks continued from history by hand."""
    response = make_response()
    horizon = horizon_of(response, gap=3)
    alpha = response.paid.alpha[0, 0]
    state = np.full(S, response.paid.media[0, 0, :8].mean())
    for x in (*response.paid.media[0, 0], *horizon.calendar.bridge[0]):
        state = alpha * state + (1 - alpha) * x
    effect = horizon.weekly_effect(np.zeros(horizon.shape))[0, 0]
    stock = alpha * state
    expected = response.paid.beta[0, 0] * stock / (stock + response.paid.half_saturation[0, 0])
    np.testing.assert_allclose(effect, expected, rtol=1e-12)


def test_shapes_are_checked() -> None:
    response = make_response()
    horizon = horizon_of(response)
    with pytest.raises(ValueError, match="shape"):
        horizon.evaluate(np.zeros((2, 6)))
    with pytest.raises(ValueError, match="week_value"):
        HorizonResponse(response, horizon.calendar, week_value=np.ones(3))
    assert isinstance(horizon.calendar, SpendCalendar)
