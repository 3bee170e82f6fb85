"""Bridge, horizon and tail, and what business as usual spends in them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mmm.exceptions import SpecError
from mmm.response.calendar import BaselineRule, business_as_usual, read_spend_csv
from mmm.response.forecast import last_year
from tests.test_mmm.test_response.make import WEEKS, T, make_response

AFTER = WEEKS[-1] + np.timedelta64(7, "D")


@pytest.mark.parametrize("gap", [0, 2, 9])
def test_last_weeks_keep_total_and_order(gap: int) -> None:
    response = make_response()
    calendar = business_as_usual(response, AFTER + np.timedelta64(7 * gap, "D"), 5, BaselineRule.LAST_WEEKS)
    history = response.spend.sum(axis=1)
    assert calendar.bridge.shape == (3, gap)
    np.testing.assert_array_equal(calendar.baseline, history[:, -5:])
    np.testing.assert_array_equal(calendar.tail[:, :5], history[:, -5:])
    assert calendar.tail_weeks[0] == calendar.weeks[-1] + np.timedelta64(7, "D")


def test_last_year_is_52_weeks_before() -> None:
    response = make_response()
    calendar = business_as_usual(response, AFTER + np.timedelta64(21, "D"), 4, BaselineRule.SAME_WEEKS_LAST_YEAR)
    history = response.spend.sum(axis=1)
    np.testing.assert_array_equal(calendar.baseline, history[:, T + 3 - 52 : T + 7 - 52])
    np.testing.assert_array_equal(calendar.bridge, history[:, T - 52 : T + 3 - 52])


def test_a_series_of_last_year() -> None:
    response = make_response()
    series = np.arange(T, dtype=np.float64)
    weeks = AFTER + 7 * np.arange(60).astype("timedelta64[D]")
    seen = last_year(series, response, weeks)
    np.testing.assert_array_equal(seen[:52], series[T - 52 :])
    np.testing.assert_array_equal(seen[52:], series[T - 52 : T - 44])


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (WEEKS[-1], "inside the data"),
        (AFTER + np.timedelta64(2, "D"), "Monday"),
        (AFTER + np.timedelta64(7 * 200, "D"), "200 weeks"),
    ],
)
def test_a_horizon_must_follow_the_data(start: np.datetime64, words: str) -> None:
    with pytest.raises(SpecError, match=words):
        business_as_usual(make_response(), start, 4, BaselineRule.LAST_WEEKS)


def test_spend_files(tmp_path: Path) -> None:
    weeks = AFTER + 7 * np.arange(2).astype("timedelta64[D]")
    path = tmp_path / "plan.csv"
    rows = f"{weeks[0]},tv,10.5\n{weeks[1]},tv,2\n{weeks[1]},tv,3\n{weeks[0]},radio,0\n"
    path.write_text(f"week,channel,spend\n{rows}", encoding="utf-8")
    spend = read_spend_csv(path, ("tv", "radio"), weeks)
    np.testing.assert_array_equal(spend, [[10.5, 5.0], [0.0, 0.0]])
    for row, words in (
        (f"{weeks[0]},tvv,1", "row 2: the channel 'tvv'"),
        ("2020-01-06,tv,1", "not a week of the horizon"),
        (f"{weeks[0]},tv,-1", "not a sum of money"),
        (f"{weeks[0]},tv,many", "cannot be read"),
    ):
        path.write_text(f"week,channel,spend\n{row}\n", encoding="utf-8")
        with pytest.raises(SpecError, match=words):
            read_spend_csv(path, ("tv", "radio"), weeks)
    path.write_text(f"week,channel,spend\n{weeks[0]},tv,1\n", encoding="utf-8")
    with pytest.raises(SpecError, match="'radio' has no row"):
        read_spend_csv(path, ("tv", "radio"), weeks)
    path.write_bytes("week,channel,spend\n2026-01-05,caf\u00e9,1\n".encode("latin-1"))
    with pytest.raises(SpecError, match="not UTF-8 CSV"):
        read_spend_csv(path, ("tv",), weeks)
    with pytest.raises(SpecError, match="no week to spend in"):
        read_spend_csv(path, ("tv",), weeks[:0])
    path.write_text("week,channel\n", encoding="utf-8")
    with pytest.raises(SpecError, match="'spend' is missing"):
        read_spend_csv(path, ("tv",), weeks)


def test_last_year_needs_a_year() -> None:
    response = make_response()
    short = replace(
        response,
        weeks=response.weeks[-30:],
        observed=response.observed[:, -30:],
        outcome=response.outcome[:, -30:],
        value_per_outcome=response.value_per_outcome[:, -30:],
        spend=response.spend[..., -30:],
        paid=replace(response.paid, media=response.paid.media[..., -30:]),
    )
    with pytest.raises(SpecError, match="30 weeks"):
        business_as_usual(short, AFTER, 4, BaselineRule.SAME_WEEKS_LAST_YEAR)


def test_a_refund_is_neither_cheap_media_nor_a_baseline() -> None:
    """A credit note in the data must not make planned money buy more, nor be carried forward."""
    response = make_response()
    spend = response.spend.copy()
    spend[0, 0, -1] = -50 * spend[0].max()
    media = response.paid.media.copy()
    media[0, 0, -1] = 0.0
    refunded = replace(response, spend=spend, paid=replace(response.paid, media=media))
    assert refunded.cost_per_exposure()[0, 0] == pytest.approx(1.0)
    assert refunded.cost_per_exposure()[2, 0] == pytest.approx(0.25)
    calendar = business_as_usual(refunded, AFTER, 5, BaselineRule.LAST_WEEKS)
    assert calendar.baseline.min() >= 0
    assert calendar.baseline[0, -1] == 0
