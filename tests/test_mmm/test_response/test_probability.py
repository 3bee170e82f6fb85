"""Ties, rounding noise and the error of a mean over correlated draws."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import lfilter

from mmm.response.probability import p_positive, paired, standard_error


def test_ties_count_half_and_rounding_noise_is_a_tie():
    one = np.array([1e6, 2e6, 3e6, 4e6])
    other = one + np.array([1e-7, -1e-7, -5.0, 5.0])
    difference = paired(one, other)
    assert difference.tolist() == [0.0, 0.0, 5.0, -5.0]
    assert p_positive(difference) == 0.5
    assert p_positive(np.zeros(3)) == 0.5
    assert p_positive(np.ones(3)) == 1.0


@pytest.mark.parametrize("carry", [0.0, 0.8])
def test_the_error_of_a_mean_counts_correlation_within_chains(carry):
    rng = np.random.default_rng(1)
    chain = np.repeat(np.arange(4), 500)
    repeats = lfilter([1.0], [1.0, -carry], rng.normal(size=(300, 4, 700)), axis=-1)[..., 200:].reshape(300, -1)
    truth = repeats.mean(axis=1).std(ddof=1)
    found = np.array([standard_error(draws, chain) for draws in repeats])
    assert found.mean() == pytest.approx(truth, rel=0.15)
    alone = repeats.std(axis=1, ddof=1).mean() / np.sqrt(2000)
    assert truth == pytest.approx(alone * np.sqrt((1 + carry) / (1 - carry)), rel=0.15)


def test_few_draws_are_taken_as_independent_and_chains_may_differ_in_length():
    draws, chain = np.arange(10.0), np.repeat([0, 1], [3, 7])
    assert standard_error(draws, chain) == pytest.approx(draws.std(ddof=1) / np.sqrt(10))
    assert standard_error(draws[:1], chain[:1]) == 0.0
    long = np.random.default_rng(2).normal(size=165)
    assert standard_error(long, np.repeat([0, 1], [65, 100])) == pytest.approx(1 / np.sqrt(165), rel=0.4)
