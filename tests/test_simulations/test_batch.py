"""Hundreds of futures in one pass against each of them by itself, through the response floor's own functions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import simulations.batch
from mmm.arrays import FloatArray
from mmm.response.calendar import BaselineRule, SpendCalendar, business_as_usual
from mmm.response.draws import ResponseDraws
from mmm.response.forecast import baseline_outcome
from mmm.response.horizon import HorizonResponse
from simulations.batch import Outcome, Runner
from simulations.future import Future, Part
from simulations.rollouts import weighted
from simulations.season import with_season
from simulations.supply import delivered
from tests.test_mmm.test_response.make import make_response as make_geos
from tests.test_simulations.small_fit import make_response


def alone(response: ResponseDraws, calendar: SpendCalendar, future: Future) -> tuple[FloatArray, FloatArray]:
    """Return what is wanted by week, (T, S), and what each channel adds, (C, S), of a future in one part."""
    response = with_season(response, future.season)
    tail = np.ones(len(calendar.tail_weeks))
    horizon = HorizonResponse(
        response, calendar, cost_factor=future.cost, effect_factor=np.concatenate([future.demand, tail])
    )
    media = horizon.weekly_effect(future.spend).sum(axis=0)[: len(calendar.weeks)]
    base = baseline_outcome(response, calendar.weeks, controls=future.controls)
    return base * (future.base * future.demand)[:, None] + media, horizon.per_channel(future.spend)


def futures_of(calendar: SpendCalendar, response: ResponseDraws, count: int = 6) -> list[Future]:
    """Return futures that differ in every field that can differ without parts."""
    rng = np.random.default_rng(5)
    usual = Future.as_usual(calendar)
    weeks = len(calendar.weeks)
    controls = rng.normal(10.0, 1.0, (len(response.baseline.control_names), len(response.geos), weeks))
    found = [usual]
    for n in range(count - 1):
        spend = usual.spend * rng.uniform(0.0, 2.0, usual.spend.shape)
        changed = replace(usual, spend=spend, cost=rng.uniform(0.7, 1.3, spend.shape))
        changed = replace(changed, demand=rng.uniform(0.8, 1.2, weeks), base=rng.uniform(0.8, 1.2, weeks))
        found.append(replace(changed, season=(0, 0, -2, 3)[n % 4], controls=controls if n % 2 else None))
    return found


@pytest.mark.parametrize("slope", [1.0, 1.6])
@pytest.mark.parametrize("demand", [False, True])
def test_one_pass_is_one_by_one(slope: float, demand: bool) -> None:
    response = make_response(per_chain=10, slope=slope, demand=demand)
    calendar = business_as_usual(response, np.datetime64("2027-01-18"), 8, BaselineRule.LAST_WEEKS)
    futures = futures_of(calendar, response)
    for future, one in zip(futures, Runner(response, calendar).run(futures), strict=True):
        wanted, media = alone(response, calendar, future)
        np.testing.assert_allclose(one.expected, wanted, rtol=1e-9)
        np.testing.assert_allclose(one.media, media, rtol=1e-9, atol=1e-9 * np.abs(media).max())


def test_chunks_do_not_change_a_result(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many futures are held at a time, each one's draws are the same."""
    response = make_response(per_chain=10, demand=True)
    calendar = business_as_usual(response, np.datetime64("2027-01-04"), 8, BaselineRule.LAST_WEEKS)
    futures = futures_of(calendar, response)
    whole = list(Runner(response, calendar).run(futures))
    monkeypatch.setattr(simulations.batch, "CHUNK_BYTES", 1.0)
    monkeypatch.setattr(simulations.batch, "KEPT", 1)
    for one, other in zip(whole, Runner(response, calendar).run(futures), strict=True):
        for name in ("expected", "media", "later", "marginal"):
            ours, theirs = getattr(one, name), getattr(other, name)
            np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12 * np.abs(theirs).max())


def two_parts(response: ResponseDraws, calendar: SpendCalendar) -> tuple[Future, list[Part]]:
    geos = np.linspace(0.1, 0.9, len(response.geos))
    first, second = futures_of(calendar, response, 3)[1:]
    parts = [Part(geos, first), Part(1.0 - geos, second)]
    return replace(Future.as_usual(calendar), parts=tuple(parts)), parts


def test_parts_of_the_market_add_up() -> None:
    response = make_geos(geos=3, demand=True)
    calendar = business_as_usual(response, response.weeks[-1] + np.timedelta64(14, "D"), 6, BaselineRule.LAST_WEEKS)
    future, parts = two_parts(response, calendar)
    one = next(Runner(response, calendar).run([future]))
    wanted, media = np.zeros(one.expected.shape), np.zeros(one.media.shape)
    for part in parts:
        more = alone(weighted(response, part.weight), calendar, part.future)
        wanted, media = wanted + more[0], media + more[1]
    np.testing.assert_allclose(one.expected, wanted, rtol=1e-9)
    np.testing.assert_allclose(one.media, media, rtol=1e-9, atol=1e-9 * np.abs(media).max())


def test_a_market_in_equal_parts_is_the_whole_market() -> None:
    response = make_geos(geos=3)
    calendar = business_as_usual(response, response.weeks[-1] + np.timedelta64(14, "D"), 6, BaselineRule.LAST_WEEKS)
    usual = Future.as_usual(calendar)
    half = np.full(3, 0.5)
    divided = replace(usual, parts=(Part(half, usual), Part(half, usual)))
    whole, parts = Runner(response, calendar).run([usual, divided])
    np.testing.assert_allclose(parts.expected, whole.expected, rtol=1e-12)
    np.testing.assert_allclose(parts.later, whole.later, rtol=1e-9, atol=1e-9 * np.abs(whole.later).max())


@pytest.mark.parametrize("backlog", [0.0, 0.7])
def test_supply_cuts_what_is_wanted(backlog: float) -> None:
    response = make_response(per_chain=10)
    calendar = business_as_usual(response, np.datetime64("2027-01-04"), 8, BaselineRule.LAST_WEEKS)
    usual = Future.as_usual(calendar)
    runner = Runner(response, calendar)
    free: Outcome = next(runner.run([usual]))
    cap = np.full(8, float(np.median(free.expected)))
    one = next(runner.run([replace(usual, supply_cap=cap, backlog=backlog)]))
    sold, waiting = delivered(free.expected, cap, backlog)
    np.testing.assert_array_equal(one.expected, sold)
    assert (one.expected <= cap[:, None]).all()
    np.testing.assert_allclose(one.later.sum(axis=0), free.later.sum(axis=0) + waiting, rtol=1e-12)
    assert (waiting > 0).any() == (backlog > 0)
