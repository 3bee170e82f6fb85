"""The reference formulas against closed forms and against the compiled kernels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import lfilter

from mmm.transforms.adstock import decay_weeks, geometric_adstock, initial_state
from mmm.transforms.kernels import _saturate
from mmm.transforms.saturation import Saturation, hill, logistic, saturate, saturate_slope

unit = st.floats(0.0, 0.97)
positive = st.floats(0.05, 20.0)


@given(unit, st.lists(st.floats(0, 1e4), min_size=9, max_size=40))
def test_adstock_is_the_recursive_filter(alpha: float, weeks: list[float]) -> None:
    media = np.array(weeks)
    start = initial_state(media)
    expected, _ = lfilter([1 - alpha], [1.0, -alpha], media, zi=[alpha * start])
    np.testing.assert_allclose(geometric_adstock(media, alpha, start), expected, rtol=1e-9, atol=1e-9)


@given(unit, positive)
def test_constant_media_is_its_own_steady_state(alpha: float, level: float) -> None:
    media = np.full(20, level)
    np.testing.assert_allclose(geometric_adstock(media, alpha, initial_state(media)), level, rtol=1e-12)


def test_adstock_broadcasts_draws_and_loses_nothing() -> None:
    """The normalised weights sum to 1: all that goes in comes out."""
    alpha = np.array([0.0, 0.3, 0.8])
    pulse = np.zeros(400)
    pulse[0] = 5.0
    stock = geometric_adstock(pulse, alpha, 0.0)
    assert stock.shape == (3, 400)
    np.testing.assert_allclose(stock.sum(axis=1), 5.0, rtol=1e-12)


@given(st.floats(0.05, 0.98))
def test_tail_ends_once_the_carryover_has_decayed(alpha: float) -> None:
    weeks = float(decay_weeks(np.array(alpha)))
    assert alpha**weeks <= 0.001 * (1 + 1e-9)
    assert weeks == 1 or alpha ** (weeks - 1) > 0.001 * (1 - 1e-9)


def test_alpha_out_of_range_is_refused() -> None:
    with pytest.raises(ValueError, match="alpha"):
        decay_weeks(np.array([0.5, 1.0]))


@given(positive, st.floats(0.4, 4.0))
def test_half_saturation_gives_half(half: float, slope: float) -> None:
    assert float(hill(np.array(half), half, slope)) == pytest.approx(0.5)
    assert float(logistic(np.array(half), half)) == pytest.approx(0.5)
    assert float(hill(np.array(0.0), half, slope)) == 0.0
    assert float(hill(np.array(1e300), half, 4.0)) == 1.0


@given(st.sampled_from(list(Saturation)), st.floats(0.01, 50.0), positive, st.floats(0.4, 4.0))
def test_slope_is_the_derivative(form: Saturation, u: float, half: float, slope: float) -> None:
    step = 1e-6 * u
    rise = saturate(form, np.array(u + step), half, slope) - saturate(form, np.array(u - step), half, slope)
    expected = float(rise) / (2 * step)
    assert float(saturate_slope(form, np.array(u), half, slope)) == pytest.approx(expected, rel=1e-4, abs=1e-8)


@pytest.mark.parametrize(
    ("code", "form", "slope"), [(0, "hill", 1.0), (1, "hill", 1.7), (1, "hill", 0.6), (2, "logistic", 1.0)]
)
@pytest.mark.parametrize("u", [0.0, 0.3, 2.0, 40.0])
def test_kernel_agrees_with_the_reference(code: int, form: str, slope: float, u: float) -> None:
    half = 2.5
    value, first, second = _saturate.py_func(code, u, half, slope)
    # Hill slopes below 1 are shifted by 1e-9 of the half-saturation: 1e-9 ** 0.6 is 4e-6.
    assert value == pytest.approx(float(saturate(Saturation(form), np.array(u), half, slope)), abs=1e-5)
    if u > 0:
        assert first == pytest.approx(float(saturate_slope(Saturation(form), np.array(u), half, slope)), rel=1e-6)
        step = 1e-5 * u
        up, down = (saturate_slope(Saturation(form), np.array(u + d), half, slope) for d in (step, -step))
        assert second == pytest.approx(float(up - down) / (2 * step), rel=1e-4, abs=1e-9)
