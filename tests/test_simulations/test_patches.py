"""Each patch does what it says, and says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mmm.exceptions import DataError, SpecError
from mmm.response.draws import ResponseDraws
from simulations.future import Future
from tests.test_simulations.small_fit import make_response, make_set


def futures(response: ResponseDraws, *patches: dict[str, Any], **keys: Any) -> tuple[Future, Future]:
    """Return business as usual and the patched future."""
    scenarios = make_set({"one": list(patches)}, **keys)
    calendar = scenarios.calendar(response)
    return Future.as_usual(calendar), scenarios.future(scenarios.named[0], response, calendar)


def test_change_scales_the_named_channels(response: ResponseDraws) -> None:
    usual, future = futures(response, {"channels": ["tv", "social"], "change": "-20%"})
    np.testing.assert_allclose(future.spend, usual.spend * np.array([0.8, 1.0, 0.8])[:, None])


@pytest.mark.parametrize("span", [[3, 6], ["2027-01-18", "2027-02-08"], ["2027-01-16", "2027-02-14"]])
def test_weeks_count_from_one_or_are_dates(response: ResponseDraws, span: list[Any]) -> None:
    usual, future = futures(response, {"channel": "tv", "dark": True, "weeks": span})
    assert future.spend[0, 2:6].tolist() == [0, 0, 0, 0]
    np.testing.assert_array_equal(np.delete(future.spend[0], range(2, 6)), np.delete(usual.spend[0], range(2, 6)))
    np.testing.assert_array_equal(future.spend[1:], usual.spend[1:])


@pytest.mark.parametrize("shape", ["even", "front_loaded", "back_loaded", "pulsing", "burst", "as_history"])
def test_flighting_keeps_each_channels_total(response: ResponseDraws, shape: str) -> None:
    usual, future = futures(response, {"channels": "all", "flighting": shape})
    np.testing.assert_allclose(future.spend.sum(axis=1), usual.spend.sum(axis=1), rtol=1e-12)
    assert not np.allclose(future.spend, usual.spend)
    _, part = futures(response, {"channel": "search", "flighting": shape, "weeks": [2, 9]})
    np.testing.assert_allclose(part.spend.sum(axis=1), usual.spend.sum(axis=1), rtol=1e-12)
    np.testing.assert_array_equal(part.spend[:, 9:], usual.spend[:, 9:])


def test_as_history_follows_the_same_weeks_last_year() -> None:
    response = make_response(weeks=80)
    _, future = futures(response, {"channel": "search", "flighting": "as_history"})
    last_year = response.spend[1, 0, 80 - 52 : 80 - 52 + 13]
    np.testing.assert_allclose(future.spend[1] / future.spend[1].sum(), last_year / last_year.sum())


def test_as_history_says_which_channels_have_none() -> None:
    response = make_response(weeks=80)
    response.spend[0, 0, 28:41] = 0
    usual, future = futures(response, {"channels": "all", "flighting": "as_history"})
    np.testing.assert_array_equal(future.spend[0], usual.spend[0])
    assert "tv" in future.notes[0]
    with pytest.raises(SpecError, match="needs a year of data"):
        futures(make_response(weeks=40), {"channels": "all", "flighting": "as_history"})


@pytest.mark.parametrize(("shift", "moved"), [(10_000, 10_000.0), ("25%", None)])
def test_shift_keeps_the_total(response: ResponseDraws, shift: float | str, moved: float | None) -> None:
    usual, future = futures(response, {"shift": shift, "from": "tv", "to": "search"})
    expected = moved if moved is not None else 0.25 * usual.spend[0].sum()
    assert future.spend.sum() == pytest.approx(usual.spend.sum(), rel=1e-12)
    assert future.spend[1].sum() - usual.spend[1].sum() == pytest.approx(expected)
    np.testing.assert_allclose(
        future.spend[0] / usual.spend[0].sum(),
        usual.spend[0] * (1 - expected / usual.spend[0].sum()) / usual.spend[0].sum(),
    )


def test_money_shifted_to_a_dark_channel_is_spread_evenly(response: ResponseDraws) -> None:
    dark = {"channel": "social", "dark": True}
    _, future = futures(response, dark, {"shift": 1_300, "from": "tv", "to": "social"})
    np.testing.assert_allclose(future.spend[2], 100.0)


def test_cost_and_demand_are_factors(response: ResponseDraws) -> None:
    usual, future = futures(
        response, {"channel": "social", "cost_per_exposure": 0.15}, {"demand": "-10%", "weeks": [1, 2]}
    )
    np.testing.assert_array_equal(future.spend, usual.spend)
    np.testing.assert_allclose(future.cost[2], 1.15)
    np.testing.assert_allclose(future.cost[:2], 1.0)
    np.testing.assert_allclose(future.demand, [0.9, 0.9, *[1.0] * 11])


def test_a_plan_replaces_spend_and_says_what_is_missing(
    response: ResponseDraws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = "week,channel,spend\n2027-01-04,tv,100\n2027-01-11,search,50.5\n"
    Path("plan.csv").write_text(rows, encoding="utf-8")
    with pytest.raises(SpecError, match="'social' has no row"):
        futures(response, {"plan": "plan.csv"})
    Path("plan.csv").write_text(f"{rows}2027-01-04,social,0\n", encoding="utf-8")
    _, future = futures(response, {"plan": "plan.csv"})
    assert future.spend.sum() == pytest.approx(150.5)
    assert future.spend[0, 0] == 100
    assert future.notes == ("plan.csv spends nothing in 11 of 13 weeks of the horizon.",)
    with pytest.raises(DataError, match="outside the project folder"):
        futures(response, {"plan": "../plan.csv"})


@pytest.mark.parametrize(
    "pair",
    [
        ({"channel": "tv", "change": 0.3}, {"channel": "search", "change": -0.5}),
        ({"channels": "all", "change": 0.1}, {"channels": "all", "flighting": "pulsing"}),
        ({"channel": "tv", "cost_per_exposure": 0.2}, {"demand": 0.1}),
        ({"channel": "tv", "cost_per_exposure": 0.2}, {"channel": "tv", "cost_per_exposure": -0.1}),
        ({"demand": 0.1, "weeks": [1, 4]}, {"demand": -0.2}),
    ],
)
def test_patches_commute_where_they_should(response: ResponseDraws, pair: tuple[dict[str, Any], ...]) -> None:
    _, one = futures(response, *pair)
    _, other = futures(response, *reversed(pair))
    for name in ("spend", "cost", "demand"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-12)


@pytest.mark.parametrize(
    ("patch", "says"),
    [
        ({"channel": "tv", "change": -0.2}, "tv: spend 20% lower."),
        (
            {"channels": ["tv", "social"], "change": 0.125, "weeks": [2, 2]},
            "tv and social: spend 12.5% higher in week 2.",
        ),
        ({"channels": "all", "flighting": "even"}, "All channels: the same total, the same sum in every week."),
        ({"shift": "20%", "from": "tv", "to": "search"}, "20% of tv's spend moves from tv to search."),
        (
            {"shift": 5000, "from": "tv", "to": "search", "weeks": [1, 4]},
            "EUR 5,000 moves from tv to search in weeks 1 to 4.",
        ),
        (
            {"channel": "social", "cost_per_exposure": 0.15},
            "social: an exposure costs 15% more, the spend stays as it is.",
        ),
        ({"demand": -0.1}, "Demand 10% lower: base sales and media effects alike."),
        (
            {"channel": "tv", "dark": True, "weeks": ["2027-01-18", "2027-02-08"]},
            "tv: nothing is spent in the weeks that start from 2027-01-18 to 2027-02-08.",
        ),
        ({"plan": "plan.csv"}, "Spend as in plan.csv."),
    ],
)
def test_a_patch_says_itself_in_one_sentence(patch: dict[str, Any], says: str) -> None:
    assert make_set({"one": [patch]}).named[0].says("EUR").replace("\N{NO-BREAK SPACE}", " ") == says


def test_a_cost_more_than_doubled_is_asked_about(response: ResponseDraws) -> None:
    _, future = futures(response, {"channel": "social", "cost_per_exposure": 1.15})
    (note,) = future.notes
    assert "+115% is 2.15 times today's cost" in note
    assert "for 1.15 times write +15%" in note
    _, doubled = futures(response, {"channel": "social", "cost_per_exposure": "+100%"})
    assert doubled.notes == ()
