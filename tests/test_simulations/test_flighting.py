"""Shapes over time keep every total and are never negative."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from simulations.flighting import LOAD_RATIO, PULSE_HEIGHT, Flighting, flight, spread, weights

NAMED = [shape for shape in Flighting if shape is not Flighting.AS_HISTORY]
MONEY = st.floats(0, 1e7, allow_subnormal=False)
SPEND = st.integers(1, 60).flatmap(lambda n: arrays(np.float64, (3, n), elements=MONEY))


@given(SPEND, st.sampled_from(NAMED))
@settings(max_examples=60, deadline=None)
def test_totals_are_kept(spend: np.ndarray, shape: Flighting) -> None:
    laid = flight(spend, shape)
    assert laid.shape == spend.shape
    assert (laid >= 0).all()
    np.testing.assert_allclose(laid.sum(axis=-1), spend.sum(axis=-1), rtol=1e-12)


@given(SPEND, st.data())
@settings(max_examples=40, deadline=None)
def test_any_history_keeps_totals_and_a_second_time_changes_nothing(spend: np.ndarray, data: st.DataObject) -> None:
    history = data.draw(arrays(np.float64, spend.shape, elements=MONEY))
    laid = flight(spend, Flighting.AS_HISTORY, history)
    np.testing.assert_allclose(laid.sum(axis=-1), spend.sum(axis=-1), rtol=1e-12)
    np.testing.assert_allclose(flight(laid, Flighting.AS_HISTORY, history), laid, rtol=1e-9)


@given(arrays(np.float64, 13, elements=MONEY), st.floats(0.1, 10))
@settings(max_examples=40, deadline=None)
def test_flighting_commutes_with_scaling(spend: np.ndarray, factor: float) -> None:
    for shape in NAMED:
        np.testing.assert_allclose(flight(spend * factor, shape), flight(spend, shape) * factor, rtol=1e-12)


@pytest.mark.parametrize("n_weeks", [1, 2, 5, 13, 52])
def test_weights_are_shares(n_weeks: int) -> None:
    for shape in NAMED:
        share = weights(shape, n_weeks)
        assert share.shape == (n_weeks,)
        assert share.sum() == pytest.approx(1)


def test_shapes_are_what_they_say() -> None:
    assert np.ptp(weights(Flighting.EVEN, 13)) == 0
    front, back = weights(Flighting.FRONT_LOADED, 13), weights(Flighting.BACK_LOADED, 13)
    np.testing.assert_allclose(front, back[::-1])
    assert (np.diff(front) < 0).all()
    assert front[0] / front[-1] == pytest.approx(LOAD_RATIO)
    pulses = weights(Flighting.PULSING, 8)
    np.testing.assert_allclose(pulses / pulses[2], [PULSE_HEIGHT, PULSE_HEIGHT, 1, 1] * 2)
    assert np.flatnonzero(weights(Flighting.BURST, 13)).tolist() == [0, 1, 6, 7, 12]


def test_a_silent_history_leaves_spend_alone() -> None:
    spend = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    laid = spread(spend, np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0]]))
    np.testing.assert_allclose(laid, [[1, 2, 3], [15, 0, 0]])


def test_as_history_needs_a_history() -> None:
    with pytest.raises(ValueError, match="AS_HISTORY"):
        flight(np.ones(4), Flighting.AS_HISTORY)
    with pytest.raises(ValueError, match="history"):
        weights(Flighting.AS_HISTORY, 4)
