"""Scores of forecasts."""

from __future__ import annotations

import numpy as np
import pytest

from mmm.model.validation.scores import YEAR, crps, inside, seasonal_naive


def test_crps_is_the_normal_distributions_closed_form() -> None:
    """Gneiting & Raftery (2007), eq. 5, at 0, 1 and 2.5 sd."""
    from scipy import stats

    draws = np.random.default_rng(1).normal(10.0, 2.0, (3, 100_000))
    z = np.array([0.0, 1.0, -2.5])
    truth = 2.0 * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / np.sqrt(np.pi))
    np.testing.assert_allclose(crps(draws, 10.0 + 2.0 * z), truth, rtol=0.02)


def test_crps_of_one_draw_is_the_absolute_error() -> None:
    np.testing.assert_allclose(crps(np.array([[3.0], [3.0]]), np.array([5.0, 3.0])), [2.0, 0.0])


def test_inside_covers_what_it_says() -> None:
    rng = np.random.default_rng(2)
    found = inside(rng.normal(size=(4000, 500)), rng.normal(size=4000))
    assert found.mean() == pytest.approx(0.9, abs=0.02)


def test_seasonal_naive_knows_season_and_yearly_growth() -> None:
    week = np.arange(3 * YEAR)
    history = 100.0 + 10.0 * np.sin(2 * np.pi * week / YEAR) + week
    found = seasonal_naive(history[:-8], 8)
    assert found.shape == (8, 2 * YEAR - 8)
    np.testing.assert_allclose(found, np.repeat(history[-8:, None], found.shape[1], axis=1), atol=1e-9)
