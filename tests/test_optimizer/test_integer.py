"""Each constraint with whole numbers: its own meaning, its rows, and plans that keep it to the last cent."""

from __future__ import annotations

from dataclasses import replace

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmm.exceptions import InfeasibleError, SpecError
from mmm.response.calendar import BaselineRule, business_as_usual
from mmm.response.horizon import HorizonResponse
from mmm.response.units import geo_units
from optimizer import (
    ActiveChannels,
    ActiveWeeks,
    AllocationProblem,
    Blackout,
    Bounds,
    Budget,
    Bursts,
    Constraint,
    Convex,
    Granularity,
    GroupBounds,
    MinWhenOn,
    Multiples,
    Per,
    StayWithin,
    allocate,
)
from optimizer.discrete import LEAST_ON, Discrete
from optimizer.limits import Frame
from optimizer.risk import CVaR
from optimizer.solvers.conic import ConicSet
from optimizer.solvers.nearest import nearest
from optimizer.solvers.oracle import decide
from optimizer.solvers.patterns import discrete_violation
from optimizer.solvers.program import program
from tests.test_mmm.test_response.make_geos import divided
from tests.test_optimizer.responses import START, baseline_total, problem, response

TV = ("channel 0",)


def frame(weeks: int = 6, channels: int = 2) -> Frame:
    days = START + 7 * np.arange(weeks).astype("timedelta64[D]")
    names = tuple(f"channel {c}" for c in range(channels))
    return Frame(names, days.astype("datetime64[D]"), np.full((channels, weeks), 10.0), np.full(channels, 20.0))


def row(text: str) -> np.ndarray:
    """A plan of channel 0 by week, in which channel 1 is always on."""
    first = [float(one) for one in text.split()]
    return np.array([first, [10.0] * len(first)])


@pytest.mark.parametrize(
    ("constraint", "plan", "violation"),
    [
        (MinWhenOn(TV, 5.0), "0 5 6 0 9 0", 0.0),
        (MinWhenOn(TV, 5.0), "0 4 6 0 9 0", 0.2),
        (Multiples(TV, 4.0), "0 4 8 0 12 0", 0.0),
        (Multiples(TV, 4.0), "0 4 8 0 13 0", 0.25),
        (ActiveWeeks(TV, most=3), "0 4 8 0 13 0", 0.0),
        (ActiveWeeks(TV, most=3), "1 4 8 1 13 0", 2.0),
        (ActiveWeeks(TV, least=4), "1 4 8 0 0 0", 1.0),
        # A cent is not a week that is on.
        (ActiveWeeks(TV, least=4), "1 4 8 0.01 0 0", 1.0 - 0.01 / (LEAST_ON * 10.0)),
        (ActiveChannels(None, most=1), "0 0 0 0 0 0", 0.0),
        (ActiveChannels(None, most=1), "0 0 0 7 0 0", 1.0),
        (ActiveChannels(None, least=2, per=Per.WEEK), "5 5 5 5 5 5", 0.0),
        (ActiveChannels(None, least=2, per=Per.WEEK), "5 5 0 5 5 5", 1.0),
        # January has four of the six weeks, February two.
        (ActiveChannels(None, least=2, per=Per.MONTH), "5 0 0 0 0 0", 1.0),
        (ActiveChannels(None, least=2, per=Per.MONTH), "5 0 0 0 0 5", 0.0),
        (Bursts(TV, least=2, most=3), "5 5 0 5 5 5", 0.0),
        (Bursts(TV, least=2), "5 5 0 5 0 0", 1.0),
        (Bursts(TV, most=2), "5 5 5 5 0 0", 2.0),
        (Bursts(TV, rest=2), "5 5 0 5 5 0", 1.0),
        (Bursts(TV, rest=2), "0 5 0 0 5 0", 0.0),
        # The horizon's ends neither shorten a burst nor ask for rest.
        (Bursts(TV, least=3), "5 5 0 0 5 5", 1.0),
        (Bursts(TV, least=3, rest=3), "5 5 5 0 0 0", 0.0),
    ],
)
def test_meaning(constraint: Discrete, plan: str, violation: float) -> None:
    assert constraint.violation(row(plan), frame()) == pytest.approx(violation)
    assert constraint.sentence(frame())
    assert constraint.loosening(frame())
    assert constraint.size(frame()) > 0


@given(
    st.sampled_from(
        [
            Bursts(TV, least=2, most=3, rest=2),
            Bursts(TV, least=3),
            Bursts(TV, most=1, rest=1),
            ActiveWeeks(TV, least=2, most=3),
            ActiveChannels(None, least=1, most=1, per=Per.WEEK),
            ActiveChannels(None, most=1),
            ActiveChannels(None, least=2, per=Per.MONTH),
        ]
    ),
    st.lists(st.booleans(), min_size=12, max_size=12),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_rows_say_what_the_check_says(constraint: Discrete, marks: list[bool]) -> None:
    """A pattern satisfies the rows that solvers get exactly where it satisfies the constraint's own meaning."""
    draws = response(channels=2, draws=8)
    made = problem(draws, weeks=6, constraints=(Budget(baseline_total(draws, 6), up_to=True), constraint))
    on = np.array(marks, dtype=float).reshape(2, 6)
    written = program(made, ConicSet(made, decide(made)))
    wish = np.zeros(len(written.lower))
    wish[written.amounts] = 0.5 * on
    for rows, columns in written.switches.items():
        wish[columns] = on[rows[0]]
    found = nearest(written, wish)
    assert found is not None
    kept = all(np.array_equal(found[columns], on[rows[0]]) for rows, columns in written.switches.items())
    assert kept == (constraint.violation(0.5 * on * made.frame.typical[:, None], made.frame) <= 1e-9)


def solved(*constraints: Constraint, weeks: int = 6, channels: int = 3, up_to: bool = False, **asked: object):
    draws = response(channels=channels, draws=24)
    total = 0.9 * baseline_total(draws, weeks)
    made = problem(draws, weeks=weeks, constraints=(Budget(total, up_to=up_to), *constraints), **asked)
    return allocate(made, gap=5e-3)


@pytest.mark.parametrize(
    "constraint",
    [
        MinWhenOn(None, 40.0),
        ActiveWeeks(None, most=3),
        ActiveWeeks(TV, least=4),
        ActiveChannels(None, most=2),
        ActiveChannels(None, most=1, per=Per.WEEK),
        Bursts(None, least=2, most=3, rest=1),
        Multiples(("channel 0", "channel 2"), 12.5),
    ],
)
def test_plans_keep_it(constraint: Discrete) -> None:
    plan = solved(constraint)
    assert discrete_violation(plan.problem, plan.row_spend) <= 1e-9
    assert plan.certified
    assert plan.spend.sum() == pytest.approx(plan.problem.constraints[0].total)
    assert set(plan.shadow_prices) <= set(plan.problem.named)


def test_the_weeks_that_are_used_up_bind() -> None:
    plan = solved(ActiveWeeks(TV, most=2, name="weeks"), MinWhenOn(("channel 1",), 12.0, name="floor"))
    assert "weeks" in plan.binding
    # A week has no slope, a floor has: the value of a euro less where it binds.
    assert "weeks" not in plan.shadow_prices
    assert plan.shadow_prices["floor"].kind == "local dual"


def test_multiples_stay_where_others_are_rounded() -> None:
    plan = solved(Multiples(TV, 12.5), round_to=2.0, up_to=True)
    assert discrete_violation(plan.problem, plan.row_spend) <= 1e-9
    assert any(note.startswith("Rounded") for note in plan.notes)
    pairs = plan.spend[1:] / 2.0
    np.testing.assert_allclose(pairs, np.round(pairs), atol=1e-6)


def test_a_booked_plan_keeps_its_pattern_and_its_multiples() -> None:
    plan = solved(
        MinWhenOn(("channel 1",), 20.0), Multiples(TV, 12.5), ActiveWeeks(None, most=3), round_to=0.5, smooth=0.01
    )
    assert discrete_violation(plan.problem, plan.row_spend) <= 1e-9
    assert any(note.startswith("Smoothed") for note in plan.notes)
    assert any(note.startswith("Rounded") for note in plan.notes)
    halves = plan.spend / 0.5
    odd = np.abs(halves - np.round(halves)) > 1e-6
    assert odd.sum() <= 1


def test_coupled_weeks_and_groups_have_prices() -> None:
    plan = solved(
        ActiveWeeks(None, most=3),
        GroupBounds("two", ("channel 0", "channel 1"), most=60.0, per=Per.WEEK, name="pair"),
        Bounds(("channel 2",), least=10.0),
        up_to=True,
    )
    assert discrete_violation(plan.problem, plan.row_spend) <= 1e-9
    assert (plan.spend[:2].sum(axis=0) <= 60.0 * (1 + 1e-6)).all()
    assert plan.gap <= 5e-3


def test_a_risk_measure_is_bounded_by_the_mean() -> None:
    draws = response(channels=2, draws=40)
    made = problem(draws, weeks=3, constraints=(Budget(baseline_total(draws, 3)), ActiveWeeks(None, most=2)))
    plan = allocate(replace(made, risk=CVaR(0.2)), gap=5e-3)
    assert discrete_violation(made, plan.row_spend) <= 1e-9
    assert plan.value <= plan.upper_bound


@pytest.mark.parametrize(
    ("constraint", "words"),
    [
        (ActiveWeeks(TV, most=2), "weeks"),
        (Bursts(TV, least=2), "weeks"),
        (ActiveChannels(None, most=1, per=Per.WEEK), "in every week"),
    ],
)
def test_totals_refuse_what_is_about_weeks(constraint: Discrete, words: str) -> None:
    with pytest.raises(SpecError, match=words):
        solved(constraint, granularity=Granularity.TOTAL)


@pytest.mark.parametrize(
    "constraint", [MinWhenOn(None, 150.0), ActiveChannels(None, most=1), Multiples(None, 25.0)], ids=str
)
def test_totals_that_are_on_or_off(constraint: Discrete) -> None:
    plan = solved(constraint, granularity=Granularity.TOTAL, up_to=True)
    assert discrete_violation(plan.problem, plan.row_spend) <= 1e-6
    assert plan.certified


@pytest.mark.parametrize(
    "build",
    [
        lambda: MinWhenOn(TV, 0.0),
        lambda: Multiples(TV, -1.0),
        lambda: ActiveWeeks(TV),
        lambda: ActiveWeeks(TV, least=3, most=2),
        lambda: ActiveChannels(None),
        lambda: ActiveChannels(None, most=1.5),
        lambda: Bursts(TV),
        lambda: Bursts(TV, least=0),
        lambda: Bursts(TV, rest=-1),
    ],
)
def test_nonsense_is_refused(build) -> None:
    with pytest.raises(SpecError):
        build()


def test_a_contradiction_in_whole_weeks_names_the_smallest_set() -> None:
    weeks = 13
    draws = response(channels=2, draws=8)
    made = problem(draws, weeks=weeks)
    dark = Blackout(TV, tuple(made.weeks[:11]), name="dark")
    constraints = (
        Budget(baseline_total(draws, weeks), up_to=True, name="budget"),
        dark,
        ActiveWeeks(TV, least=3, name="weeks"),
        MinWhenOn(None, 1.0, name="least"),
    )
    with pytest.raises(InfeasibleError) as caught:
        allocate(problem(draws, weeks=weeks, constraints=constraints))
    assert [text.split(":")[0] for text in caught.value.conflict] == ["dark", "weeks"]


def test_geos_switch_a_channel_together() -> None:
    draws = divided(response(channels=2, draws=16), 2)
    units = geo_units(draws)
    calendar = units.calendar(business_as_usual(draws, START, 3, BaselineRule.LAST_WEEKS), draws.geo_shares())
    total = 0.9 * float(calendar.baseline.sum())

    def made(*constraints: Constraint) -> AllocationProblem:
        return AllocationProblem(
            horizon=HorizonResponse(draws.planning(), calendar, units=units),
            held_back=HorizonResponse(draws.held_back(), calendar, units=units),
            constraints=(Budget(total, up_to=True), *constraints),
            observed_max=draws.observed_max(),
            granularity=Granularity.GEO_WEEK,
        )

    whole = made(ActiveWeeks(None, most=1))
    plan = allocate(whole, gap=1e-2)
    assert discrete_violation(whole, plan.row_spend) <= 1e-9
    assert ((plan.spend > 0).sum(axis=1) <= 1).all()
    north = made(ActiveWeeks(TV, most=0, geos=(draws.geos[0],)))
    plan = allocate(north, gap=1e-2)
    assert discrete_violation(north, plan.row_spend) <= 1e-9
    assert plan.row_spend[0].sum() == 0.0
    assert plan.row_spend[1].sum() > 0.0


def test_the_time_limit_brings_the_best_plan_so_far() -> None:
    draws = response(channels=8, draws=24)
    total = baseline_total(draws, 8)
    made = problem(draws, weeks=8, constraints=(Budget(total), ActiveWeeks(None, most=3), MinWhenOn(None, 5.0)))
    plan = allocate(made, gap=1e-9, time_limit=1.0)
    assert discrete_violation(made, plan.row_spend) <= 1e-9
    assert plan.value <= plan.upper_bound < np.inf
    assert not plan.certified


def test_whoever_waits_can_ask_for_what_there_is() -> None:
    draws = response(channels=8, draws=24)
    made = problem(draws, weeks=8, constraints=(Budget(baseline_total(draws, 8)), ActiveWeeks(None, most=3)))
    phases: list[str] = []

    def asked() -> bool:
        return "even spreads" in phases

    plan = allocate(made, gap=1e-9, stop=asked, progress=lambda step: phases.append(step.phase))
    assert discrete_violation(made, plan.row_spend) <= 1e-9
    assert plan.value <= plan.upper_bound < np.inf
    assert [finding.name for finding in plan.findings if finding.name == "stopped"]


def test_cones_and_helpers_leave_the_relaxation_s_bound() -> None:
    draws = response(channels=2, draws=16)
    total = baseline_total(draws, 3)
    size = draws.observed_max()[0]
    round_ball = Convex(lambda x: [cp.norm(x[0, :]) / size <= 1.0], says="A ball.")
    for extra in (StayWithin(None, 0.4), round_ball):
        made = problem(draws, weeks=3, constraints=(Budget(total), ActiveWeeks(None, most=2), extra))
        plan = allocate(made, gap=1e-2)
        assert discrete_violation(made, plan.row_spend) <= 1e-9
        assert plan.value <= plan.upper_bound < np.inf
        if extra is round_ball:
            assert np.linalg.norm(plan.spend[0]) <= size * (1 + 1e-6)


def test_many_weeks_are_certified_at_prices() -> None:
    draws = response(channels=6, draws=24)
    total = baseline_total(draws, 8)
    made = problem(draws, weeks=8, constraints=(Budget(total), ActiveWeeks(None, most=4), MinWhenOn(None, 5.0)))
    plan = allocate(made, gap=1e-2)
    assert plan.certified
    assert "prices on what couples channels" in plan.bound_method or "whole numbers" in plan.bound_method
    assert discrete_violation(made, plan.row_spend) <= 1e-9
