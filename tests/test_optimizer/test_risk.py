"""Risk measures against their definitions, and that their weights are supergradients."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mmm.exceptions import SpecError
from optimizer.risk import CVaR, Mean, MeanCVaR, MeanSd, ReachProbability, WorstFit
from optimizer.risk_base import tail_weights

fast = settings(max_examples=60, deadline=None, derandomize=True)
uplifts = arrays(np.float64, st.integers(1, 30), elements=st.floats(-1e3, 1e3))
levels = st.floats(0.01, 1.0)


def by_sorting(values: np.ndarray, level: float) -> float:
    """Mean of the lowest draws, written as the definition has it: the border draw in part."""
    ordered, count = np.sort(values), level * len(values)
    total, left = 0.0, count
    for value in ordered:
        part = min(1.0, left)
        total, left = total + part * value, left - part
        if left <= 1e-12:
            break
    return total / count


def by_formula(values: np.ndarray, level: float) -> float:
    """Rockafellar and Uryasev: the most over η of η − mean(max(η − u, 0)) / level, reached at a draw."""
    return max(float(eta - np.maximum(eta - values, 0).mean() / level) for eta in values)


@given(uplifts, levels)
@fast
def test_cvar_is_its_definition(values, level):
    found = CVaR(level).value(values, np.zeros(len(values), dtype=int))
    assert found == pytest.approx(by_sorting(values, level), rel=1e-9, abs=1e-7)
    assert found == pytest.approx(by_formula(values, level), rel=1e-9, abs=1e-7)
    weights = tail_weights(values, level)
    assert weights.sum() == pytest.approx(1.0)
    assert (weights >= 0).all()
    assert weights.max() <= max(1.0 / (level * len(values)), 0) + 1e-12 or len(values) * level < 1


@given(st.data(), levels, st.floats(0, 1), st.integers(1, 3))
@fast
def test_weights_of_concave_measures_are_supergradients(data, level, weight, fits):
    size = data.draw(st.integers(fits, 20))
    one, other = (data.draw(arrays(np.float64, size, elements=st.floats(-100, 100))) for _ in range(2))
    fit = np.arange(size) % fits
    for risk in (Mean(), CVaR(level), MeanCVaR(level, weight), WorstFit(), WorstFit(MeanCVaR(level, weight))):
        here, weights = risk.value(one, fit), risk.weights(one, fit)
        assert here == pytest.approx(float(weights @ one), abs=1e-7)
        assert risk.value(other, fit) <= here + float(weights @ (other - one)) + 1e-7
        # Monotone, and a constant passes through.
        assert risk.value(np.maximum(one, other), fit) >= here - 1e-7
        assert risk.value(one + 3.0, fit) == pytest.approx(here + 3.0, abs=1e-7)


def test_the_worst_fit_is_the_least_of_their_means():
    values, fit = np.array([1.0, 3.0, 10.0, -5.0]), np.array([0, 0, 1, 1])
    assert WorstFit().value(values, fit) == 2.0
    assert WorstFit(CVaR(0.5)).value(values, fit) == -5.0


def test_mean_less_sd_by_differences():
    rng = np.random.default_rng(0)
    values, risk, fit = rng.standard_normal(12), MeanSd(1.5), np.zeros(12, dtype=int)
    assert risk.value(values, fit) == pytest.approx(values.mean() - 1.5 * values.std())
    step = 1e-6 * np.eye(12)
    slopes = [(risk.value(values + d, fit) - risk.value(values - d, fit)) / 2e-6 for d in step]
    np.testing.assert_allclose(risk.weights(values, fit), slopes, atol=1e-7)
    assert risk.value(values, fit) <= values.mean()


def test_reaching_a_target_counts_draws_and_its_smoothing_closes_in():
    values, fit = np.array([-1.0, 0.0, 2.0, 5.0]), np.zeros(4, dtype=int)
    risk = ReachProbability(2.0)
    assert risk.value(values, fit) == 0.5
    assert risk.smoothed(values + 0.1, 1e-3)[0] == pytest.approx(0.5, abs=1e-6)
    value, slopes = risk.smoothed(values, 0.7)
    for s in range(4):
        moved = values.copy()
        moved[s] += 1e-6
        assert (risk.smoothed(moved, 0.7)[0] - value) / 1e-6 == pytest.approx(slopes[s], abs=1e-5)


@pytest.mark.parametrize(
    "make",
    [
        lambda: CVaR(0.0),
        lambda: CVaR(1.5),
        lambda: MeanCVaR(0.1, 1.2),
        lambda: MeanSd(-1.0),
        lambda: ReachProbability(float("inf")),
    ],
)
def test_figures_outside_their_range_are_refused(make):
    with pytest.raises(SpecError, match=r"objective\.risk"):
        make()
