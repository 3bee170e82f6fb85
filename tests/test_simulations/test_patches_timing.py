"""Rhythms, weights of one's own and moved weeks: totals stay, and each shape is what it says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmm.exceptions import SpecError
from mmm.response.draws import ResponseDraws
from simulations.flighting import Flighting, Rhythm, weights
from tests.test_simulations.small_fit import make_response, make_set
from tests.test_simulations.test_patches import futures

RESPONSE = make_response(per_chain=1)


@pytest.mark.parametrize(
    ("flighting", "rhythm", "expected"),
    [
        (Flighting.CONTINUITY, Rhythm(), [1, 1, 1, 1, 1, 1]),
        (Flighting.PULSING, Rhythm(1, 2, 5), [5, 1, 1, 5, 1, 1]),
        (Flighting.BURST, Rhythm(on=1, off=1), [1, 0, 1, 0, 1, 0]),
        (Flighting.BURST, Rhythm(off=1), [1, 1, 0, 1, 1, 0]),
        (Flighting.FRONT_LOADED, Rhythm(ratio=6), [6, 5, 4, 3, 2, 1]),
        (Flighting.BACK_LOADED, Rhythm(ratio=6), [1, 2, 3, 4, 5, 6]),
    ],
)
def test_a_rhythm_is_what_it_says(flighting: Flighting, rhythm: Rhythm, expected: list[float]) -> None:
    np.testing.assert_allclose(weights(flighting, 6, rhythm), np.array(expected) / sum(expected))


def test_weights_of_ones_own_repeat() -> None:
    usual, future = futures(RESPONSE, {"channel": "search", "flighting": [2, 1, 0], "weeks": [1, 7]})
    total = usual.spend[1, :7].sum()
    np.testing.assert_allclose(future.spend[1, :7], total * np.array([2, 1, 0, 2, 1, 0, 2]) / 8)
    np.testing.assert_array_equal(future.spend[1, 7:], usual.spend[1, 7:])


@given(st.integers(-13, 13))
@settings(max_examples=27, deadline=None)
def test_a_whole_course_moved_there_and_back_is_as_it_was(by: int) -> None:
    usual, moved = futures(RESPONSE, {"channels": ["tv", "social"], "shift_weeks": by})
    np.testing.assert_allclose(moved.spend.sum(axis=1), usual.spend.sum(axis=1), rtol=1e-12)
    np.testing.assert_array_equal(moved.spend[1], usual.spend[1])
    np.testing.assert_array_equal(moved.spend[0], np.roll(usual.spend[0], by))
    _, back = futures(RESPONSE, {"channels": "all", "shift_weeks": by}, {"channels": "all", "shift_weeks": -by})
    np.testing.assert_array_equal(back.spend, usual.spend)


@given(st.integers(1, 13), st.integers(1, 13), st.integers(-12, 12))
@settings(max_examples=60, deadline=None)
def test_moved_weeks_keep_their_money_or_are_refused(one: int, other: int, by: int) -> None:
    first, last = sorted((one, other))
    patch = {"channel": "search", "shift_weeks": by, "weeks": [first, last]}
    if first + by < 1 or last + by > 13:
        with pytest.raises(SpecError, match="outside the horizon of 13 weeks"):
            futures(RESPONSE, patch)
        return
    usual, future = futures(RESPONSE, patch)
    assert future.spend[1].sum() == pytest.approx(usual.spend[1].sum(), rel=1e-12)
    expected = usual.spend[1].copy()
    expected[first - 1 : last] -= usual.spend[1, first - 1 : last]
    expected[first - 1 + by : last + by] += usual.spend[1, first - 1 : last]
    np.testing.assert_allclose(future.spend[1], expected, atol=1e-9)


def test_what_comes_in_at_the_other_end_is_said(response: ResponseDraws) -> None:
    usual, late = futures(response, {"channel": "search", "shift_weeks": 2})
    (note,) = late.notes
    assert f"{usual.spend[1, -2:].sum():,.0f}" in note
    assert "last weeks is spent in its first weeks" in note
    _, early = futures(response, {"channel": "search", "shift_weeks": -1})
    assert f"{usual.spend[1, 0]:,.0f}" in early.notes[0]
    assert "first weeks is spent in its last weeks" in early.notes[0]
    assert futures(response, {"channel": "search", "shift_weeks": 0})[1].notes == ()


@pytest.mark.parametrize(
    ("patch", "says"),
    [
        (
            {"channel": "tv", "flighting": "pulsing", "on": 1, "off": 3, "ratio": 4},
            "tv: the same total, 1 week at 4 times the level of the 3 weeks after, repeated.",
        ),
        (
            {"channel": "tv", "flighting": "burst", "on": 3},
            "tv: the same total, 3 weeks on and 4 weeks dark, repeated.",
        ),
        (
            {"channels": "all", "flighting": "back_loaded", "ratio": 2},
            "All channels: the same total, rising evenly, the last week 2 times the first.",
        ),
        (
            {"channels": "all", "flighting": "front_loaded", "ratio": 2, "weeks": [2, 5]},
            "All channels: the same total in weeks 2 to 5, falling evenly, the first week 2 times the last.",
        ),
        ({"channel": "tv", "flighting": "continuity"}, "tv: the same total, the same sum in every week."),
        ({"channel": "tv", "flighting": [2, 1.5]}, "tv: the same total, in the proportions 2, 1.5, repeated."),
        ({"channel": "tv", "shift_weeks": 1}, "tv: what is spent comes 1 week later."),
        (
            {"channel": "tv", "shift_weeks": -4, "weeks": [6, 8]},
            "tv: what is spent in weeks 6 to 8 comes 4 weeks earlier.",
        ),
    ],
)
def test_timing_says_itself(patch: dict[str, Any], says: str) -> None:
    assert make_set({"one": [patch]}).named[0].says("EUR") == says
