"""Ratios, stability, dark weeks, and limits by month or quarter: what their sentences say holds, counted by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mmm.exceptions import InfeasibleError, SpecError
from mmm.response.calendar import BaselineRule, business_as_usual
from mmm.response.horizon import HorizonResponse
from optimizer import (
    Blackout,
    Bounds,
    Budget,
    ChangeVsBaseline,
    GroupBounds,
    GroupShare,
    Per,
    Ratio,
    StayWithin,
    allocate,
)
from optimizer.constraints import Constraint
from optimizer.problem import AllocationProblem
from tests.test_optimizer.company import company

TV, RADIO, PRINT, SOCIAL, SEARCH, VIDEO = range(6)
TOLERANCE = 1 + 1e-6
#: 2 weeks of January, 4 of February, 2 of March; February begins a fiscal year.
JANUARY, FEBRUARY, MARCH = np.arange(2), np.arange(2, 6), np.arange(6, 8)


def problem(*constraints: Constraint, total: float = 1_200_000, up_to: bool = False) -> AllocationProblem:
    draws = company()
    calendar = business_as_usual(draws, np.datetime64("2027-01-18"), 8, BaselineRule.LAST_WEEKS)
    return AllocationProblem(
        horizon=HorizonResponse(draws.planning(), calendar),
        held_back=HorizonResponse(draws.held_back(), calendar),
        constraints=(Budget(total, up_to), *constraints),
        observed_max=draws.observed_max(),
        fiscal_year_start=2,
    )


def plan(*constraints: Constraint, **more) -> np.ndarray:
    found = allocate(problem(*constraints, **more))
    assert found.certified
    return found.spend


def test_a_month_s_limit_holds_in_part_where_the_month_is_cut() -> None:
    spend = plan(Bounds(("tv",), most=100_000, per=Per.MONTH))
    # Two of January's four weeks, all of February's four, two of March's five.
    for weeks, part in ((JANUARY, 2 / 4), (FEBRUARY, 1.0), (MARCH, 2 / 5)):
        assert spend[TV, weeks].sum() <= 100_000 * part * TOLERANCE
    assert spend[TV, FEBRUARY].sum() == pytest.approx(100_000, rel=1e-5)
    least = plan(Bounds(("video",), least=120_000, per=Per.MONTH))
    for weeks, part in ((JANUARY, 2 / 4), (FEBRUARY, 1.0), (MARCH, 2 / 5)):
        assert least[VIDEO, weeks].sum() >= 120_000 * part / TOLERANCE


def test_fiscal_quarters_are_those_of_the_fiscal_year() -> None:
    spend = plan(GroupBounds("pair", ("tv", "radio"), most=400_000, per=Per.FISCAL_QUARTER))
    pair = spend[[TV, RADIO]]
    # The year ends with January: the last fiscal quarter has 13 weeks, of which 2 are planned; of the next, 6 of 13.
    assert pair[:, JANUARY].sum() <= 400_000 * 2 / 13 * TOLERANCE
    assert pair[:, 2:].sum() <= 400_000 * 6 / 13 * TOLERANCE
    calendar_quarter = plan(GroupBounds("pair", ("tv", "radio"), most=400_000, per=Per.QUARTER))
    assert calendar_quarter[[TV, RADIO]].sum() <= 400_000 * 8 / 13 * TOLERANCE
    assert calendar_quarter[[TV, RADIO]].sum() > 400_000 * 7.9 / 13


def test_shares_and_changes_hold_in_every_month() -> None:
    spend = plan(GroupShare("pair", ("tv", "video"), min_share=0.6, per=Per.MONTH))
    for weeks in (JANUARY, FEBRUARY, MARCH):
        assert spend[[TV, VIDEO]][:, weeks].sum() >= 0.6 * spend[:, weeks].sum() / TOLERANCE
    base = problem().baseline
    near = plan(ChangeVsBaseline(None, 0.25, Per.MONTH), total=float(base.sum()))
    for weeks in (JANUARY, FEBRUARY, MARCH):
        ratio = near[:, weeks].sum(axis=1) / base[:, weeks].sum(axis=1)
        assert (ratio >= 0.75 / TOLERANCE).all()
        assert (ratio <= 1.25 * TOLERANCE).all()


def test_a_ratio_holds_over_the_horizon_or_in_every_week() -> None:
    spend = plan(Ratio(("radio", "print"), ("search", "video"), least=0.5, most=0.9))
    held = spend[[RADIO, PRINT]].sum() / spend[[SEARCH, VIDEO]].sum()
    assert 0.5 / TOLERANCE <= held <= 0.9 * TOLERANCE
    weekly = plan(Ratio(("tv",), ("social",), least=1.5, per=Per.WEEK))
    assert (weekly[TV] >= 1.5 * weekly[SOCIAL] / TOLERANCE).all()


def test_moved_money_is_counted_once() -> None:
    last = problem().baseline * np.array([[1.2], [0.5], [1.0], [1.0], [1.0], [1.0]])
    total = float(last.sum())
    totals = plan(StayWithin(None, 0.1, last), total=total)
    moved = 0.5 * abs(totals.sum(axis=1) - last.sum(axis=1)).sum()
    assert moved == pytest.approx(0.1 * total, rel=1e-4)
    cells = plan(StayWithin(None, 0.3, last, per=Per.WEEK), total=total)
    assert 0.5 * abs(cells - last).sum() <= 0.3 * total * TOLERANCE
    months = plan(StayWithin(("tv", "radio"), 0.05, last, per=Per.MONTH), total=total)
    pairs = [(months[:2, w].sum(axis=1), last[:2, w].sum(axis=1)) for w in (JANUARY, FEBRUARY, MARCH)]
    assert 0.5 * sum(abs(x - r).sum() for x, r in pairs) <= 0.05 * last[:2].sum() * TOLERANCE


def test_nothing_may_move_at_a_share_of_zero() -> None:
    base = problem().baseline
    spend = plan(StayWithin(None, 0.0, per=Per.WEEK), total=float(base.sum()))
    np.testing.assert_allclose(spend, base, rtol=1e-5, atol=1.0)


def test_a_stable_plan_can_be_rounded() -> None:
    made = replace(problem(StayWithin(None, 0.2)), round_to=500.0)
    made = replace(made, constraints=(Budget(float(made.baseline.sum() // 500 * 500)), *made.constraints[1:]))
    found = allocate(made)
    assert (found.spend % 500 == 0).all()
    moved = 0.5 * abs(found.spend.sum(axis=1) - made.baseline.sum(axis=1)).sum()
    assert moved <= 0.2 * made.baseline.sum() * TOLERANCE


def test_dark_weeks_are_dark_to_the_cent_even_when_rounded() -> None:
    days = tuple(np.array(["2027-02-01", "2027-03-01"], dtype="datetime64[D]"))
    made = problem(Blackout(("tv", "search"), days), total=1_000_250)
    for found in (allocate(made), allocate(replace(made, round_to=500.0))):
        assert (found.spend[np.ix_([TV, SEARCH], [2, 6])] == 0.0).all()
        assert (found.spend[RADIO] > 0).all()
    everything = allocate(problem(Blackout(None, days[:1])))
    assert (everything.spend[:, 2] == 0.0).all()


def test_what_contradicts_itself_is_named() -> None:
    with pytest.raises(InfeasibleError) as caught:
        allocate(problem(StayWithin(None, 0.1, name="stability"), Bounds(("video",), least=340_000, name="deal")))
    said = " ".join(caught.value.conflict)
    assert "stability" in said
    assert "deal" in said


@pytest.mark.parametrize(
    "make",
    [
        lambda: Ratio(("tv",), ("social",)),
        lambda: Ratio(("tv",), (), 1.0),
        lambda: Ratio(("tv",), ("tv", "radio"), 1.0),
        lambda: Ratio(("tv",), ("social",), 3.0, 2.0),
        lambda: StayWithin(None, -0.1),
        lambda: plan(StayWithin(None, 0.1, np.ones((2, 2)))),
        lambda: plan(StayWithin(None, 0.1, np.zeros((6, 8)))),
        lambda: Blackout(None, ()),
        lambda: Blackout(None, (np.datetime64("2027-02-01"),) * 2),
        lambda: plan(Blackout(None, (np.datetime64("2027-02-02"),))),
    ],
)
def test_senseless_constraints_are_refused(make) -> None:
    with pytest.raises(SpecError) as caught:
        make()
    assert caught.value.do


def test_sentences_say_period_part_and_unit() -> None:
    frame = problem().frame
    monthly = Bounds(("tv",), most=100_000, per=Per.MONTH)
    assert monthly.sentence(frame) == (
        "tv: at most EUR\N{NO-BREAK SPACE}100,000 in every month (a week counts in the month of its first day; "
        "of 2027-01, 2 of 4 weeks lie in the horizon, and 2/4 of the sum holds there; "
        "of 2027-03, 2 of 5 weeks lie in the horizon, and 2/5 of the sum holds there)."
    )
    assert monthly.loosening(frame) == "EUR 1 more room for tv in every month"
    ratio = Ratio(("tv",), ("social",), 1.5, 3)
    assert ratio.sentence(frame).replace("\N{NO-BREAK SPACE}", " ") == (
        "For each EUR 1.00 on social, at least EUR 1.50 and at most EUR 3.00 on tv over the horizon."
    )
    stable = StayWithin(None, 0.2, np.ones((6, 8)), "the plan in last.csv")
    assert stable.sentence(frame) == "Money moved against the plan in last.csv: at most 20.0% of its total."
    assert stable.loosening(frame) == "One percentage point more of the plan in last.csv to move"
    dark = Blackout(("tv",), (np.datetime64("2027-02-01"),))
    assert dark.sentence(frame) == "tv: dark in the week of 1 February 2027."
    north = replace(dark, geos=("north", "west"))
    assert north.in_words(frame) == "In north, west: tv: dark in the week of 1 February 2027."
    assert north.loosening_in_words(frame) == "EUR 1 spent in each dark week of tv in north, west"
