"""What cannot be sold is lost or waits: nothing is made, nothing is sold twice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mmm.response.draws import ResponseDraws
from simulations.run import simulate
from simulations.supply import delivered
from tests.test_simulations.small_fit import make_set

AMOUNT = st.floats(0, 1e6, allow_subnormal=False)
WANTED = st.integers(1, 20).flatmap(lambda n: arrays(np.float64, (n, 3), elements=AMOUNT))


@given(WANTED, st.floats(1, 1e6), st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_no_week_sells_more_than_its_cap_or_than_is_wanted_in_all(
    wanted: np.ndarray, cap: float, backlog: float
) -> None:
    sold, waiting = delivered(wanted, np.full(len(wanted), cap), backlog)
    assert (sold <= cap).all()
    assert (waiting >= 0).all()
    so_far = np.cumsum(wanted, axis=0) - np.cumsum(sold, axis=0)
    assert (so_far >= -1e-6).all()
    lost = wanted.sum(axis=0) - sold.sum(axis=0) - waiting
    assert (lost >= -1e-6).all()


@given(WANTED, st.floats(1, 1e6))
@settings(max_examples=40, deadline=None)
def test_orders_that_all_wait_are_never_lost(wanted: np.ndarray, cap: float) -> None:
    sold, waiting = delivered(wanted, np.full(len(wanted), cap), 1.0)
    np.testing.assert_allclose(sold.sum(axis=0) + waiting, wanted.sum(axis=0), rtol=1e-9, atol=1e-6)
    alone, nothing = delivered(wanted, np.full(len(wanted), cap), 0.0)
    np.testing.assert_array_equal(alone, np.minimum(wanted, cap))
    assert (nothing == 0).all()


def test_a_worked_example() -> None:
    sold, waiting = delivered(
        np.array([[80.0], [140.0], [90.0], [100.0]]), np.array([100.0, 100.0, 100.0, np.inf]), 0.5
    )
    # 40 are too many in the second week, 20 of them wait; 10 are too many then, 5 wait and are sold.
    np.testing.assert_allclose(sold[:, 0], [80, 100, 100, 105])
    assert waiting.tolist() == [0]


def test_without_a_cap_nothing_happens() -> None:
    wanted = np.ones((3, 2))
    assert delivered(wanted, np.full(3, np.inf))[0] is wanted


def test_the_tighter_cap_holds_and_only_in_its_weeks(response: ResponseDraws) -> None:
    patches = [
        {"supply_cap": 110_000},
        {"supply_cap": 120_000},
        {"supply_cap": 90_000, "weeks": [3, 4], "backlog": 0.2},
    ]
    results = simulate(response, make_set({"short": patches}))
    future = results["short"].future
    assert future.supply_cap.tolist() == [110_000] * 2 + [90_000] * 2 + [110_000] * 9
    assert future.backlog == pytest.approx(0.2)
    assert (results["short"].expected <= future.supply_cap[:, None] * (1 + 1e-12)).all()
    assert results.delta(results["short"]).max() < 0


def test_a_cap_that_never_binds_changes_nothing(response: ResponseDraws) -> None:
    results = simulate(response, make_set({"ample": [{"supply_cap": 10_000_000}]}))
    np.testing.assert_allclose(results["ample"].expected, results.bau.expected, rtol=1e-12)
