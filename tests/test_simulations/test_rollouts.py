"""A change that spreads: parts add up to the market, by shares as by geos, and money reconciles."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mmm.exceptions import SpecError
from mmm.response.draws import ResponseDraws
from simulations.future import Future
from simulations.run import simulate
from tests.test_mmm.test_response.make_geos import divided, unbalanced
from tests.test_simulations.small_fit import make_response, make_set

RISE = [{"channel": "tv", "change": 0.5}, {"channel": "search", "cost_per_exposure": -0.2}, {"demand": 0.1}]


def future(response: ResponseDraws, patches: list[dict[str, Any]]) -> Future:
    scenarios = make_set({"a": patches})
    return scenarios.future(scenarios.named[0], response, scenarios.calendar(response))


def test_shares_of_a_nation_are_geos_of_its_equal_parts() -> None:
    nation = make_response(demand=True, per_chain=10)
    third = 1 / 3
    shares = make_set({"a": [*RISE, {"rollout": {"1": third, "5": 2 * third, "9": 1.0}}]})
    geos = make_set({"a": [*RISE, {"rollout": {"1": "part 1", "5": ["part 0"], "9": "all"}}]})
    one, other = simulate(nation, shares), simulate(divided(nation, 3), geos)
    np.testing.assert_allclose(other["a"].expected, one["a"].expected, rtol=1e-9)
    np.testing.assert_allclose(other.delta(other["a"]), one.delta(one["a"]), rtol=1e-7)
    np.testing.assert_allclose(other["a"].spend, one["a"].spend, rtol=1e-12)


@pytest.mark.parametrize("step", [1.0, "all"])
def test_everywhere_from_the_first_week_is_no_roll_out(response: ResponseDraws, step: object) -> None:
    results = simulate(response, make_set({"plain": RISE, "rolled": [*RISE, {"rollout": {"1": step}}]}))
    np.testing.assert_allclose(results["rolled"].expected, results["plain"].expected, rtol=1e-12)
    np.testing.assert_allclose(results["rolled"].media, results["plain"].media, rtol=1e-12)


def test_before_it_starts_all_is_as_usual_and_half_a_market_gains_half(response: ResponseDraws) -> None:
    steps = {"half": [*RISE, {"rollout": {"5": 0.5}}], "whole": [*RISE, {"rollout": {"5": 1.0}}]}
    results = simulate(response, make_set(steps))
    half, whole = (results[name].expected - results.bau.expected for name in ("half", "whole"))
    np.testing.assert_allclose(half[:4], 0, atol=1e-6)
    np.testing.assert_allclose(half, whole / 2, rtol=1e-7, atol=1e-6)
    extra = results["whole"].spend - results.bau.spend
    np.testing.assert_allclose(results["half"].spend - results.bau.spend, extra / 2)


def test_a_part_beyond_what_was_seen_is_said_where_the_whole_shows_less(response: ResponseDraws) -> None:
    rise = {"channel": "search", "change": 1.0}
    tried = future(response, [rise, {"rollout": {"1": 0.1}}])
    (note,) = tried.notes
    seen = response.observed_max()[1]
    assert max(tried.spend[1].max(), seen) < tried.parts[1].future.spend[1].max()
    assert note.startswith("search: where the change has arrived, a week is bought as for EUR")
    # Everywhere, the whole market's own spend is flagged.
    assert future(response, [rise, {"rollout": {"1": 1.0}}]).notes == ()


def test_weights_add_up_and_spend_is_the_parts_together() -> None:
    geos = unbalanced()
    scenarios = make_set(
        {"a": [{"channel": geos.channels[0], "change": 1.0}, {"rollout": {"2": 0.25, "4": 0.75}}]},
        start=(geos.weeks[-1] + np.timedelta64(7, "D")).astype(object),
    )
    calendar = scenarios.calendar(geos)
    found = scenarios.future(scenarios.named[0], geos, calendar)
    np.testing.assert_allclose(sum(part.weight for part in found.parts), 1.0)
    share = np.repeat([0.0, 0.25, 0.75], [1, 2, 10])
    np.testing.assert_allclose(found.spend[0], calendar.baseline[0] * (1 + share))
    np.testing.assert_allclose(found.spend[1:], calendar.baseline[1:])


def test_changes_written_after_it_hold_everywhere(response: ResponseDraws) -> None:
    rolled = future(response, [*RISE, {"rollout": {"1": 0.5}}, {"channel": "tv", "change": -0.5}, {"season_shift": 1}])
    assert len(rolled.parts) == 2
    usual = Future.as_usual(make_set({"a": []}).calendar(response))
    for part, factor in zip(rolled.parts, (0.5, 0.75), strict=True):
        np.testing.assert_allclose(part.future.spend[0], factor * usual.spend[0])
        assert part.future.season == 1
    np.testing.assert_allclose(rolled.spend[0], 0.625 * usual.spend[0])


def test_a_cap_on_supply_is_the_whole_markets(response: ResponseDraws) -> None:
    cap = {"supply_cap": 118_000, "backlog": 0.5}
    for order in ([cap, {"rollout": {"1": 0.5}}], [{"rollout": {"1": 0.5}}, cap]):
        results = simulate(response, make_set({"rolled": [RISE[0], *order], "plain": [cap]}))
        assert (results["rolled"].future.supply_cap == 118_000).all()
        assert results["rolled"].future.backlog == 0.5
        assert results["rolled"].expected.max() <= 118_000 * (1 + 1e-12)


def test_a_launch_spreads_with_its_money(response: ResponseDraws) -> None:
    launch = {"launch": "podcast", "like": "tv", "spend": 1_000}
    rolled = future(response, [launch, {"rollout": {"3": 0.25, "6": 1.0}}])
    np.testing.assert_allclose(rolled.spend[3], [0, 0, 250, 250, 250, *[1_000] * 8])
    results = simulate(response, make_set({"a": [launch, {"rollout": {"3": 0.25}}], "b": [launch]}))
    assert 0 < results.delta(results["a"]).mean() < 0.25 * results.delta(results["b"]).mean()


def test_controls_spread_too(response: ResponseDraws) -> None:
    results = simulate(
        response,
        make_set(
            {"a": [{"control": "price", "add": 1.0}, {"rollout": {"4": 0.5}}], "b": [{"control": "price", "add": 1.0}]}
        ),
    )
    half, whole = (results[name].expected - results.bau.expected for name in ("a", "b"))
    np.testing.assert_allclose(half[:3], 0, atol=1e-6)
    np.testing.assert_allclose(half[3:], whole[3:] / 2, rtol=1e-8)


@pytest.mark.parametrize(
    ("patches", "says"),
    [
        ([{"rollout": {"14": 0.5}}], "not in the horizon of 13 weeks"),
        ([{"rollout": {"2028-01-03": 0.5}}], "not in the horizon"),
        ([{"rollout": {"1": "north"}}], "the geo 'north' is not in the fit"),
        ([{"season_shift": 2}, {"rollout": {"1": 0.5}}], "Write season_shift after the roll-out"),
        ([{"rollout": {"1": 0.5}}, {"rollout": {"2": 0.5}}], "one roll-out a scenario"),
        ([{"rollout": {"1": 0.5}}, {"optimise": {"change": 0.1}}], "Write optimise before the roll-out"),
        ([{"rollout": {"1": 0.5}}, {"merge": ["a.csv", "b.csv"]}], "Write merge before the roll-out"),
        ([{"price": -0.1, "elasticity": -2}, {"rollout": {"1": 0.5}}], "one selling price for the whole market"),
    ],
)
def test_what_cannot_spread_is_refused(response: ResponseDraws, patches: list[dict[str, Any]], says: str) -> None:
    with pytest.raises(SpecError, match=says) as caught:
        future(response, patches)
    assert str(caught.value.where).startswith("scenarios.a.")


def test_a_geo_joins_once() -> None:
    geos = replace(divided(make_response(per_chain=2), 2), geos=("north", "south"))
    with pytest.raises(SpecError, match="a geo joins twice"):
        future(geos, [{"rollout": {"1": ["north"], "2": ["south", "north"]}}])


def test_it_says_its_steps() -> None:
    steps = {"2027-01-04": "25%", "2027-02-01": 1.0}
    said = make_set({"a": [{"rollout": steps}]}).named[0].says("EUR")
    assert said.endswith("in steps: 25% of the market from 2027-01-04 on, the whole market from 2027-02-01 on.")
