"""The closed list of distributions: quantiles, densities, and PyMC's own, agree."""

from __future__ import annotations

import numpy as np
import pymc as pm
import pytensor
import pytest
from pytensor.compile.mode import Mode

from mmm.model.distributions import Distribution, DistributionName

EXAMPLES = [
    Distribution.of("LogNormal", mu=0.3, sigma=0.5),
    Distribution.of("Gamma", alpha=2, beta=1.5),
    Distribution.of("Gamma", mu=2, sigma=0.7),
    Distribution.of("InverseGamma", alpha=3, beta=2),
    Distribution.of("Exponential", lam=0.7),
    Distribution.of("HalfNormal", sigma=1.3),
    Distribution.of("HalfStudentT", nu=4, sigma=0.8),
    Distribution.of("TruncatedNormal", mu=0.5, sigma=1),
    Distribution.of("TruncatedNormal", mu=0.5, sigma=1, lower=0.2, upper=2),
    Distribution.of("Uniform", lower=0.5, upper=3),
    Distribution.of("Triangular", lower=0, c=1, upper=4),
    Distribution.of("Weibull", alpha=1.5, beta=2),
    Distribution.of("Beta", alpha=2, beta=5),
    Distribution.of("LogitNormal", mu=-1, sigma=0.8),
]


LEVELS = np.array([0.05, 0.3, 0.5, 0.95])


def test_densities_are_pymcs() -> None:
    points = [example.quantile(LEVELS) for example in EXAMPLES]
    with pm.Model():
        theirs = [pm.logp(d.to_pymc(f"x{i}"), points[i]) for i, d in enumerate(EXAMPLES)]
    found = pytensor.function([], theirs, mode=Mode(linker="py", optimizer=None))()
    for example, x, density in zip(EXAMPLES, points, found, strict=True):
        # PyMC has a few single-precision constants.
        np.testing.assert_allclose(example.logpdf(x), density, atol=1e-7, err_msg=str(example))


@pytest.mark.parametrize("distribution", EXAMPLES, ids=str)
def test_quantiles_are_the_densitys(distribution: Distribution) -> None:
    x = distribution.quantile(LEVELS)
    for low, high, share in zip(x[:-1], x[1:], np.diff(LEVELS), strict=True):
        grid = np.linspace(low, high, 2001)
        assert np.trapezoid(np.exp(distribution.logpdf(grid)), grid) == pytest.approx(share, abs=1e-5)
    assert distribution.support[0] <= x[0]
    assert x[-1] <= distribution.support[1]


def test_the_list_is_complete_here() -> None:
    assert {example.name for example in EXAMPLES} == set(DistributionName)


@pytest.mark.parametrize("distribution", EXAMPLES, ids=str)
def test_nothing_outside_the_support(distribution: Distribution) -> None:
    assert distribution.logpdf(-0.1) == -np.inf
    if distribution.only_shares:
        assert distribution.logpdf(1.1) == -np.inf


def test_draws_follow_the_quantiles() -> None:
    gamma = Distribution.of("Gamma", alpha=2, beta=1.5)
    draws = gamma.draw(np.random.default_rng(4), 100_000)
    assert (draws.mean(), draws.var()) == pytest.approx((2 / 1.5, 2 / 1.5**2), rel=0.02)


def test_values_compare_and_say_themselves() -> None:
    assert Distribution.of("Gamma", beta=1.5, alpha=2) == EXAMPLES[1]
    assert str(EXAMPLES[1]) == "Gamma(alpha = 2.00, beta = 1.50)"
    assert dict(EXAMPLES[7].parameters)["lower"] == 0.0


def test_nothing_outside_the_list() -> None:
    with pytest.raises(ValueError, match="Cauchy"):
        Distribution.of("Cauchy", alpha=0, beta=1)
