"""Many courses in one pass against the horizon's own response, one course at a time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmm.response.batch import BatchResponse, Courses
from mmm.response.calendar import BaselineRule, SpendCalendar, business_as_usual
from mmm.response.draws import ResponseDraws
from mmm.response.horizon import HorizonResponse
from tests.test_mmm.test_response.make import make_response

KINDS = [{}, {"slopes": True}, {"demand": True, "slopes": True}, {"geos": 3, "demand": True}]


def calendar_of(response: ResponseDraws, weeks: int = 6, gap: int = 2) -> SpendCalendar:
    start = response.weeks[-1] + np.timedelta64(7 * (gap + 1), "D")
    return business_as_usual(response, start, weeks, BaselineRule.LAST_WEEKS)


def drawn(calendar: SpendCalendar, seed: int, count: int = 4) -> Courses:
    """Return random courses: one row twice, one channel dark, business as usual last."""
    rng = np.random.default_rng(seed)
    spend = calendar.baseline * rng.uniform(0.0, 2.0, (count, *calendar.baseline.shape))
    cost, effect = rng.uniform(0.7, 1.4, spend.shape), rng.uniform(0.5, 1.5, (count, spend.shape[2]))
    spend[1], cost[1], effect[1] = spend[0], cost[0], effect[0]
    spend[2, 0] = 0.0
    spend[-1], cost[-1], effect[-1] = calendar.baseline, 1.0, 1.0
    return Courses(spend, cost, effect)


def one_by_one(response: ResponseDraws, calendar: SpendCalendar, courses: Courses, m: int) -> HorizonResponse:
    after = np.ones(len(calendar.tail_weeks))
    return HorizonResponse(
        response,
        calendar,
        cost_factor=courses.cost[m],
        effect_factor=np.concatenate([courses.effect[m], after]),
    )


@pytest.mark.parametrize("kind", KINDS)
@given(seed=st.integers(0, 10_000))
@settings(max_examples=5, deadline=None)
def test_it_is_the_horizons_response(kind: dict[str, object], seed: int) -> None:
    response = make_response(**kind)  # type: ignore[arg-type]
    calendar = calendar_of(response)
    courses = drawn(calendar, seed)
    found = BatchResponse(response, calendar).evaluate(courses)
    for m, spend in enumerate(courses.spend):
        horizon = one_by_one(response, calendar, courses, m)
        media = horizon.per_channel(spend)
        np.testing.assert_allclose(found.media[m], media, rtol=1e-9, atol=1e-9 * np.abs(media).max())
        after = horizon.within_and_after(spend)[1]
        np.testing.assert_allclose(found.after[m], after, rtol=1e-9, atol=1e-9 * np.abs(media).max())
        slopes = horizon.evaluate(spend, order=1).gradient
        assert slopes is not None
        np.testing.assert_allclose(found.marginal[m].mean(axis=1), (slopes * spend).sum(axis=1), rtol=1e-9)
        # Hill slopes below 1 are shifted by a billionth of the half-saturation, in the planner's kernel and here.
        weekly = horizon.weekly_effect(spend).sum(axis=0)[: len(calendar.weeks)]
        np.testing.assert_allclose(found.weekly[m, : len(calendar.weeks)], weekly, rtol=2e-7)


@pytest.mark.parametrize("kind", KINDS)
def test_weeks_add_up_to_the_whole(kind: dict[str, object]) -> None:
    """The difference of two courses, week by week through the tail, is the difference of what their media add."""
    response = make_response(**kind)  # type: ignore[arg-type]
    calendar = calendar_of(response)
    courses = drawn(calendar, 1)
    same = Courses(courses.spend, courses.cost, np.ones_like(courses.effect))
    found = BatchResponse(response, calendar).evaluate(same)
    weekly = (found.weekly - found.weekly[-1]).sum(axis=1)
    media = found.media.sum(axis=1)
    np.testing.assert_allclose(weekly, media - media[-1], rtol=1e-9, atol=1e-9 * np.abs(media).max())


def test_a_course_does_not_depend_on_its_company() -> None:
    response = make_response(geos=3, demand=True)
    calendar = calendar_of(response)
    courses = drawn(calendar, 3)
    batch = BatchResponse(response, calendar)
    together = batch.evaluate(courses)
    for m in range(len(courses.spend)):
        alone = batch.evaluate(Courses(*(part[m : m + 1] for part in (courses.spend, courses.cost, courses.effect))))
        for name in ("weekly", "media", "after", "marginal"):
            one, other = getattr(together, name)[m], getattr(alone, name)[0]
            np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12 * np.abs(other).max())


def test_fewer_weeks_are_the_first_ones() -> None:
    response = make_response()
    calendar = calendar_of(response)
    batch, courses = BatchResponse(response, calendar), drawn(calendar, 2)
    np.testing.assert_array_equal(batch.evaluate(courses, weeks=6).weekly, batch.evaluate(courses).weekly[:, :6])


def test_a_wrong_shape_is_refused() -> None:
    response = make_response()
    calendar = calendar_of(response)
    courses = drawn(calendar, 2)
    with pytest.raises(ValueError, match="spend and cost need shape"):
        BatchResponse(response, calendar).evaluate(Courses(courses.spend[:, :, :-1], courses.cost, courses.effect))
