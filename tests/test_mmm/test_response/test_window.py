"""The compiled window: equal to the reference formulas, and honest about weeks without a row."""

from __future__ import annotations

from dataclasses import replace

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmm.response.calendar import BaselineRule, business_as_usual
from mmm.response.draws import ResponseDraws
from mmm.response.effects import effect_by_week, end_state
from mmm.response.forecast import fitted_effect
from mmm.response.metrics import contribution, mroas, roas, weekly_contribution
from mmm.response.reference import effect
from mmm.response.reference import window_sums as plain_sums
from mmm.response.weekly import draw_chunks, fitted_by_week, fitted_mean, media_by_week
from mmm.response.window import window_sums
from mmm.transforms.adstock import initial_state
from mmm.transforms.vector_math import exp_fast, log_fast
from mmm.transforms.window_kernels import CHUNK
from tests.test_mmm.test_response.make import S, T, make_response
from tests.test_mmm.test_response.make_geos import divided, unbalanced

KINDS = [
    {},
    {"slopes": True, "demand": True},
    {"geos": 3, "slopes": True},
]
RESPONSES = [pytest.param(lambda kind=kind: make_response(**kind), id=str(kind)) for kind in KINDS] + [
    pytest.param(lambda: unbalanced(slopes=True), id="unbalanced"),
    pytest.param(lambda: unbalanced(demand=True), id="unbalanced, demand"),
]


@numba.njit
def _both(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    logs, powers = np.empty_like(x), np.empty_like(x)
    for i in range(x.size):
        logs[i], powers[i] = log_fast(np.exp(x[i])), exp_fast(x[i])
    return logs, powers


def test_polynomials_are_the_functions() -> None:
    x = np.concatenate([np.linspace(-138, 138, 20_001), np.linspace(-1e-9, 1e-9, 101)])
    logs, powers = _both(x)
    np.testing.assert_allclose(logs, np.log(np.exp(x)), rtol=1e-14, atol=1e-16)
    np.testing.assert_allclose(powers, np.exp(x), rtol=1e-14)


@pytest.mark.parametrize("make", RESPONSES)
def test_sums_are_the_reference_formulas(make) -> None:
    response = make()
    assert response.n_draws > CHUNK  # more than one chunk
    fast, plain = window_sums(response), plain_sums(response)
    np.testing.assert_allclose(fast.made, plain.made, rtol=1e-9)
    np.testing.assert_allclose(fast.scaled, plain.scaled, rtol=1e-9)


@pytest.mark.parametrize("make", RESPONSES)
def test_weeks_are_the_reference_formulas(make) -> None:
    response = make()
    weight = (response.observed * response.value_per_outcome)[..., None]
    demand = 1.0 if response.demand is None else response.demand.multiplier(response.weeks)
    paid, organic = fitted_effect(response.paid) * demand, fitted_effect(response.organic)
    expected = np.concatenate([(paid * weight).sum(axis=1), (organic * weight).sum(axis=1)])
    np.testing.assert_allclose(media_by_week(response), expected, rtol=1e-9)
    np.testing.assert_allclose(weekly_contribution(response, "radio"), expected[1], rtol=1e-9)
    base = response.baseline.mean(response.weeks, response.baseline.controls)
    mean = base + paid.sum(axis=0) + organic.sum(axis=0)
    np.testing.assert_allclose(fitted_mean(response), mean, rtol=1e-9)
    np.testing.assert_allclose(fitted_mean(response, slice(7, 290, 2)), mean[..., 7:290:2], rtol=1e-9)
    np.testing.assert_allclose(fitted_by_week(response), (mean * response.observed[..., None]).sum(axis=0), rtol=1e-9)


def test_chunks_cover_every_draw_once() -> None:
    response = make_response(geos=2)
    chunks = list(draw_chunks(response, doubles=2 * T * 70))
    assert len(chunks) == 5
    assert np.concatenate([np.arange(S)[one] for one in chunks]).tolist() == list(range(S))


def test_threads_change_nothing() -> None:
    before = numba.get_num_threads()
    response = unbalanced(slopes=True)
    one = plain_sums(response).made
    try:
        numba.set_num_threads(min(2, numba.config.NUMBA_NUM_THREADS))
        np.testing.assert_allclose(window_sums(replace(response)).made, one, rtol=1e-9)
    finally:
        numba.set_num_threads(before)


def _lost(response: ResponseDraws, c: int, g: int) -> np.ndarray:
    """Brute force: the geo's outcome with its media, less that with the spend of observed weeks taken out, (S,)."""
    paid, seen = response.paid, response.observed[g]
    tail = 260
    alive = seen[-13:].any()
    weight = np.concatenate([np.where(seen, 2.0, 0.0), np.full(tail, 2.0 if alive else 0.0)])
    total = []
    for media in (paid.media[c, g], np.where(seen, 0.0, paid.media[c, g])):
        state = initial_state(paid.media[c, g])
        alpha, half, slope = (one[c, g] for one in (paid.alpha, paid.half_saturation, paid.slope))
        state = np.full_like(alpha, state)
        made = np.zeros_like(alpha)
        for t, x in enumerate([*media, *np.zeros(tail)]):
            state = alpha * state + (1 - alpha) * x
            if paid.saturation[c] == "logistic":
                level = np.tanh(0.5 * np.log(3) * state / half)
            else:
                level = state**slope / (state**slope + half**slope)
            made += weight[t] * paid.beta[c, g] * level
        total.append(made)
    return total[0] - total[1]


def test_weeks_without_a_row_bring_no_credit_and_keep_their_media() -> None:
    response = unbalanced(slopes=True)
    found = contribution(response, by_geo=True)
    for c in range(3):
        for g in range(4):
            np.testing.assert_allclose(found[c, g], _lost(response, c, g), rtol=2e-3)
    # Without the media of weeks without a row, those weeks' carryover would be the channel's own work.
    forgotten = replace(response, paid=replace(response.paid, media=response.paid.media * response.observed))
    assert not np.allclose(contribution(forgotten, by_geo=True)[:, 2], found[:, 2], rtol=1e-3)


def test_a_geo_that_has_ended_gets_no_credit_after_the_window() -> None:
    response = unbalanced()
    assert response.active.tolist() == [True, True, True, False]
    ended = replace(response, observed=np.where(np.arange(T) < T - 20, response.observed, False))
    kept = contribution(response, by_geo=True)[:, 0]
    shortened = contribution(replace(ended, spend=response.spend * ended.observed), by_geo=True)[:, 0]
    assert (shortened < kept).all()
    assert response.geo_shares()[:, 3].tolist() == [0.0, 0.0, 0.0]
    np.testing.assert_allclose(response.geo_shares().sum(axis=1), 1.0)


def test_what_ended_geos_spent_is_not_carried_forward() -> None:
    response = unbalanced()
    going = np.maximum(response.spend[:, :3].sum(axis=1), 0.0)
    start = response.weeks[-1] + np.timedelta64(7, "D")
    calendar = business_as_usual(response, start, 26, BaselineRule.LAST_WEEKS)
    np.testing.assert_allclose(calendar.baseline, going[:, -26:])
    np.testing.assert_allclose(response.observed_max(), going.max(axis=1))
    assert (response.spend[:, 3, -26:].sum(axis=-1) > 0).all()


def test_cost_of_an_exposure_ignores_media_without_a_row() -> None:
    response = unbalanced()
    np.testing.assert_allclose(response.cost_per_exposure()[2], 0.25)
    np.testing.assert_allclose(response.cost_per_exposure()[0], 1.0)


def test_geos_add_up() -> None:
    response = unbalanced(demand=True)
    parts = contribution(response, by_geo=True)
    assert parts.dims == ("channel", "geo", "sample")
    np.testing.assert_allclose(parts.sum("geo"), contribution(response), rtol=1e-12)
    spend = response.spend.sum(axis=(2,))
    np.testing.assert_allclose(roas(response, by_geo=True) * spend[..., None], parts, rtol=1e-12)
    weighed = (mroas(response, by_geo=True) * spend[..., None]).sum("geo") / spend.sum(axis=1)[:, None]
    np.testing.assert_allclose(weighed, mroas(response), rtol=1e-12)


@settings(max_examples=8, deadline=None)
@given(geos=st.integers(2, 5), seed=st.integers(0, 100), slopes=st.booleans(), demand=st.booleans())
def test_equal_parts_of_a_nation_are_the_nation(geos: int, seed: int, slopes: bool, demand: bool) -> None:
    nation = make_response(seed=seed, slopes=slopes, demand=demand)
    parts = divided(nation, geos)
    np.testing.assert_allclose(roas(parts), roas(nation), rtol=1e-9)
    np.testing.assert_allclose(roas(parts, by_geo=True)[:, 1], roas(nation), rtol=1e-9)
    np.testing.assert_allclose(mroas(parts), mroas(nation), rtol=1e-9)
    np.testing.assert_allclose(media_by_week(parts), media_by_week(nation), rtol=1e-9)
    np.testing.assert_allclose(fitted_by_week(parts), fitted_by_week(nation), rtol=1e-9)


def test_media_that_continue_start_from_the_end_of_the_window() -> None:
    response = make_response(geos=2, slopes=True)
    future = response.paid.media[..., :9]
    expected = effect(response.paid, np.concatenate([response.paid.media, future], axis=-1), T)
    weight = np.array([1.0, 3.0])[:, None] * np.arange(9.0)
    found = effect_by_week(response.paid, weight, units=future, carry=end_state(response.paid))
    np.testing.assert_allclose(found, (expected * weight[..., None]).sum(axis=1), rtol=1e-9)
