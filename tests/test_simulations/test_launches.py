"""A launched channel answers as the one that it borrows from, scaled and widened; nothing else changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mmm.exceptions import SpecError
from mmm.response.draws import ResponseDraws
from mmm.response.horizon import HorizonResponse
from simulations.future import Future, Launch
from simulations.launches import aligned, widening
from simulations.run import simulate
from tests.test_mmm.test_response.make_geos import divided, unbalanced
from tests.test_simulations.small_fit import make_response, make_set

WEEK = np.timedelta64(7, "D")
MONEY = np.linspace(500, 9_000, 13)


def with_row(usual: Future, launch: Launch, money: np.ndarray) -> Future:
    """Return the future that spends money on one launched channel beside business as usual."""
    return replace(
        usual,
        spend=np.vstack([usual.spend, money]),
        cost=np.vstack([usual.cost, np.ones(len(money))]),
        launched=(launch,),
    )


def brought(response: ResponseDraws, launch: Launch, money: np.ndarray) -> np.ndarray:
    """Return what a launched channel brings by draw, (S,), horizon and tail."""
    calendar = make_set({"a": []}, start=(response.weeks[-1] + WEEK).astype(object)).calendar(response)
    wide, long, (future,) = aligned(response, calendar, [with_row(Future.as_usual(calendar), launch, money)])
    return HorizonResponse(wide, long).per_channel(future.spend)[-1]


def by_hand(response: ResponseDraws, like: str, money: np.ndarray, decay: int = 400) -> np.ndarray:
    """Follow one Hill channel's formula week by week and geo by geo from an empty start, (S,)."""
    c = response.channels.index(like)
    paid, share, cost = response.paid, response.geo_shares()[c], response.cost_per_exposure()[c]
    total = np.zeros(response.n_draws)
    for g in range(len(response.geos)):
        state = np.zeros(response.n_draws)
        for spent in [*money, *np.zeros(decay)]:
            alpha = paid.alpha[c, g]
            state = alpha * state + (1 - alpha) * share[g] * spent / cost[g]
            power = state ** paid.slope[c, g]
            half = paid.half_saturation[c, g] ** paid.slope[c, g]
            total += response.active[g] * paid.beta[c, g] * power / (power + half)
    return total


@pytest.mark.parametrize("like", ["tv", "social"])
def test_a_launch_answers_as_the_formula_of_the_other_channel(response: ResponseDraws, like: str) -> None:
    found = brought(response, Launch("podcast", like, 1.0, 0.0), MONEY)
    np.testing.assert_allclose(found, by_hand(response, like, MONEY), rtol=5e-3)


def test_geos_answer_as_to_their_share_of_the_other_channel() -> None:
    geos = unbalanced()
    like = geos.channels[0]
    found = brought(geos, Launch("podcast", like, 1.0, 0.0), MONEY)
    np.testing.assert_allclose(found, by_hand(geos, like, MONEY), rtol=5e-3)


def test_a_nation_in_parts_launches_as_the_nation() -> None:
    nation, launch = make_response(), Launch("podcast", "social", 0.7, 0.4)
    np.testing.assert_allclose(brought(divided(nation, 3), launch, MONEY), brought(nation, launch, MONEY), rtol=1e-9)


@pytest.mark.parametrize("size", [0.25, 3.0])
def test_a_larger_audience_is_the_same_curve_scaled(response: ResponseDraws, size: float) -> None:
    found = brought(response, Launch("podcast", "search", size, 0.0), MONEY * size)
    np.testing.assert_allclose(found, size * brought(response, Launch("podcast", "search", 1.0, 0.0), MONEY), rtol=1e-9)


def test_the_draws_are_widened_around_the_same_mean() -> None:
    factor = widening(Launch("podcast", "tv", uncertainty=0.5), 4_000)
    assert factor.mean() == pytest.approx(1.0, abs=1e-12)
    assert np.log(factor).std() == pytest.approx(0.5, rel=0.01)
    assert (widening(Launch("podcast", "tv", uncertainty=0.0), 40) == 1).all()
    assert not np.array_equal(factor, widening(Launch("cinema", "tv", uncertainty=0.5), 4_000))


def test_the_interval_widens_and_the_same_launch_is_paired(response: ResponseDraws) -> None:
    narrow = brought(response, Launch("podcast", "tv", 1.0, 0.0), MONEY)
    wide = brought(response, Launch("podcast", "tv", 1.0, 0.8), MONEY)
    assert wide.std() / wide.mean() > 1.5 * narrow.std() / narrow.mean()
    np.testing.assert_array_equal(wide, brought(response, Launch("podcast", "tv", 1.0, 0.8), MONEY))


def test_nothing_launched_is_nothing_changed(response: ResponseDraws) -> None:
    calendar = make_set({"a": []}).calendar(response)
    usual = Future.as_usual(calendar)
    same, there, futures = aligned(response, calendar, [usual])
    assert same is response
    assert there is calendar
    assert futures[0] is usual


def test_rows_are_in_one_order_whoever_launches(response: ResponseDraws) -> None:
    calendar = make_set({"a": []}).calendar(response)
    usual = Future.as_usual(calendar)
    one = with_row(usual, Launch("podcast", "tv"), MONEY)
    other = with_row(usual, Launch("cinema", "search"), 2 * MONEY)
    wide, long, (a, b, c) = aligned(response, calendar, [other, usual, one])
    assert wide.channels == (*response.channels, "cinema", "podcast") == long.channels
    np.testing.assert_array_equal(a.spend[3:], [2 * MONEY, 0 * MONEY])
    np.testing.assert_array_equal(b.spend[3:], 0)
    np.testing.assert_array_equal(c.spend[3:], [0 * MONEY, MONEY])
    assert (long.tail[3:] == 0).all()
    # The fit's own channels bring what they brought.
    before = HorizonResponse(response, calendar).per_channel(usual.spend)
    np.testing.assert_allclose(HorizonResponse(wide, long).per_channel(a.spend)[:3], before, rtol=1e-12)


def test_one_name_on_two_terms_is_two_rows() -> None:
    launch = {"launch": "podcast", "spend": 2_000}
    results = simulate(
        make_response(per_chain=5),
        make_set({"tv": [{**launch, "like": "tv"}], "search": [{**launch, "like": "search", "size": 2}]}),
    )
    assert results.channels[3:] == ("podcast (like tv, size 1, ±0.5)", "podcast (like search, size 2, ±0.5)")
    assert results["tv"].spend[3:].tolist() == [26_000, 0]


def test_a_run_holds_so_many_launches(response: ResponseDraws) -> None:
    launch = {"launch": "podcast", "like": "tv", "spend": 100}
    many = {f"size {n}": [{**launch, "size": n}] for n in range(1, 52)}
    with pytest.raises(SpecError, match="51 launches on different terms are asked for, and 50 are the most"):
        simulate(response, make_set(many))


def test_the_ramp_rises_evenly_and_what_is_launched_can_be_changed(response: ResponseDraws) -> None:
    scenarios = make_set(
        {
            "a": [
                {"launch": "podcast", "like": "tv", "spend": 1_000, "ramp_weeks": 4, "weeks": [3, 10]},
                {"channel": "podcast", "change": 0.1},
                {"shift": "50%", "from": "podcast", "to": "search", "weeks": [9, 10]},
                {"channel": "podcast", "cost_per_exposure": 0.2},
            ]
        }
    )
    future = scenarios.future(scenarios.named[0], response, scenarios.calendar(response))
    expected = 1.1 * np.array([0, 0, 250, 500, 750, 1_000, 1_000, 1_000, 500, 500, 0, 0, 0])
    np.testing.assert_allclose(future.spend[3], expected)
    assert (future.cost[3] == 1.2).all()
    assert any("borrowed from tv, and widened by 50%" in note for note in future.notes)


def test_more_than_the_other_channel_ever_had_is_said(response: ResponseDraws) -> None:
    scenarios = make_set({"a": [{"launch": "podcast", "like": "tv", "spend": 9_000, "size": 0.5}]})
    future = scenarios.future(scenarios.named[0], response, scenarios.calendar(response))
    assert any("up to which tv has been seen" in note for note in future.notes)
