"""Integrating the linear part out changes nothing: closed forms of the multivariate normal."""

from __future__ import annotations

import numpy as np
import pytensor.tensor as pt
import pytest
from scipy import stats

from mmm.model.likelihood import LinearPart, collapsed_log_density
from tests.test_mmm.test_model.plain import function


def problem(weeks: int, columns: int, seed: int) -> tuple[LinearPart, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    design = rng.normal(size=(2, weeks, columns))
    mean, spread = rng.normal(size=columns), rng.uniform(0.2, 2.0, columns)
    outcome = rng.normal(size=(2, weeks)) * 2.0
    return LinearPart.factorise(design, mean, spread), outcome, np.array([0.7, 1.9])


@pytest.mark.parametrize(("weeks", "columns"), [(12, 3), (30, 8), (9, 9)])
def test_collapsed_density_is_the_marginal(weeks: int, columns: int) -> None:
    linear, outcome, sigma = problem(weeks, columns, seed=weeks)
    r, s = pt.dmatrix("r"), pt.dvector("s")
    density = function([r, s], collapsed_log_density(r, s, linear.basis, linear.strength, weeks))
    expected = 0.0
    for g in range(2):
        covariance = sigma[g] ** 2 * np.eye(weeks) + (linear.design[g] * linear.prior_sd**2) @ linear.design[g].T
        centre = linear.design[g] @ linear.prior_mean
        expected += stats.multivariate_normal(centre, covariance).logpdf(outcome[g])
    assert density(outcome - linear.offset(), sigma) == pytest.approx(expected, rel=1e-10)


def test_conditional_draws_have_the_closed_forms_mean_and_covariance() -> None:
    linear, outcome, sigma = problem(25, 4, seed=5)
    size = 40_000
    draws = linear.draw(
        np.repeat(outcome[..., None], size, axis=-1), np.repeat(sigma[:, None], size, axis=1), np.random.default_rng(1)
    )
    for g in range(2):
        design = linear.design[g]
        precision = design.T @ design / sigma[g] ** 2 + np.diag(linear.prior_sd**-2)
        covariance = np.linalg.inv(precision)
        mean = covariance @ (design.T @ outcome[g] / sigma[g] ** 2 + linear.prior_mean / linear.prior_sd**2)
        error = np.sqrt(np.diag(covariance) / size)
        assert np.all(np.abs(draws[:, g].mean(axis=1) - mean) < 4.5 * error)
        np.testing.assert_allclose(np.cov(draws[:, g]), covariance, atol=0.03 * np.diag(covariance).max())


def test_a_coefficient_without_prior_width_stays_at_its_mean() -> None:
    rng = np.random.default_rng(2)
    linear = LinearPart.factorise(rng.normal(size=(1, 20, 2)), np.array([0.0, 3.0]), np.array([1.0, 0.0]))
    draws = linear.draw(rng.normal(size=(1, 20, 50)), np.ones((1, 50)), rng)
    np.testing.assert_allclose(draws[1], 3.0, atol=1e-12)
