"""The PyTensor formulas give the reference's values."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmm.transforms import adstock, graph, saturation
from tests.test_mmm.test_model.plain import function

UNIT = st.floats(0.0, 0.98)
POSITIVE = st.floats(1e-3, 1e3)


@cache
def compiled(what: str, weeks: int = 0) -> Any:
    u, alpha, other = pt.dmatrix("u"), pt.dvector("alpha"), pt.dvector("other")
    outputs = {
        "adstock": lambda: graph.geometric_adstock(u, alpha, other, weeks),
        "fading": lambda: graph.fading(other, alpha, weeks),
        "one": lambda: graph.hill_unit_slope(u, alpha[:, None]),
        "hill": lambda: graph.hill(u, alpha[:, None], other[:, None]),
        "logistic": lambda: graph.logistic(u, alpha[:, None]),
    }
    return function([u, alpha, other], outputs[what]())


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([1, 2, 3, 8, 33, 104]),
    st.tuples(UNIT, UNIT),
    st.tuples(st.floats(0, 50), st.floats(0, 50)),
    st.integers(0, 2**32 - 1),
)
def test_adstock_by_prefix_doubling_is_the_recursion(
    weeks: int, alpha: tuple[float, float], start: tuple[float, float], seed: int
) -> None:
    media = np.random.default_rng(seed).exponential(10.0, (2, weeks))
    found = compiled("adstock", weeks)(media, np.array(alpha), np.array(start))
    expected = adstock.geometric_adstock(media, np.array(alpha), np.array(start))
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_fading_is_adstock_without_media() -> None:
    alpha, last = np.array([0.3, 0.9]), np.array([4.0, 7.0])
    expected = adstock.geometric_adstock(np.zeros((2, 20)), alpha, last)
    np.testing.assert_allclose(compiled("fading", 20)(np.zeros((2, 20)), alpha, last), expected, rtol=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 1e4), min_size=1, max_size=8), POSITIVE, st.floats(0.3, 4.0))
def test_saturations_are_the_reference(values: list[float], half: float, slope: float) -> None:
    u = np.array([values])
    k, n = np.array([half]), np.array([slope])
    np.testing.assert_allclose(compiled("one")(u, k, n), saturation.hill(u, half), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(compiled("hill")(u, k, n), saturation.hill(u, half, slope), rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(compiled("logistic")(u, k, n), saturation.logistic(u, half), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("slope", [0.6, 1.0, 2.5])
def test_hill_has_a_finite_gradient_at_zero(slope: float) -> None:
    u, half, n = pt.dvector("u"), pt.dscalar("half"), pt.dscalar("n")
    total = graph.hill(u, half, n).sum()
    gradients = function([u, half, n], pytensor.grad(total, [u, half, n]))(np.array([0.0, 1.0]), 2.0, slope)
    assert all(np.isfinite(value).all() for value in gradients)
