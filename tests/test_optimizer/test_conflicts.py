"""Contradictions: a smallest set, and the least change that makes a plan possible, in each constraint's own units."""

from __future__ import annotations

import re
from dataclasses import replace

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mmm.exceptions import InfeasibleError
from optimizer import (
    ActiveWeeks,
    Booked,
    Booking,
    Bounds,
    Budget,
    ChangeVsBaseline,
    Convex,
    GroupBounds,
    GroupShare,
    MinWhenOn,
    Per,
    Ramp,
    allocate,
)
from optimizer.solvers.conflicts import infeasible, smallest_conflict
from optimizer.solvers.elastic import CONTRADICTION, least_violation
from optimizer.solvers.nearest import smallest_whole_conflict
from optimizer.solvers.oracle import decide
from optimizer.solvers.relaxation_words import whole_units
from optimizer.solvers.relaxations import relaxations, remedy
from optimizer.solvers.whole_relaxations import whole_remedy
from tests.test_optimizer.responses import START, baseline_total, problem, response

DRAWS = response(channels=3, draws=16, seed=3)
BASE = problem(DRAWS, weeks=4).baseline.sum(axis=1)
TOTAL = baseline_total(DRAWS, 4)


def made(*constraints, total=TOTAL):
    return problem(DRAWS, weeks=4, constraints=(Budget(total, name="budget"), *constraints))


def possible(p):
    return least_violation(p, decide(p), list(p.named))[0] <= CONTRADICTION


def conflict(p):
    return smallest_conflict(p, decide(p))


def changes(p):
    return {one.name: one for one in relaxations(p, decide(p), conflict(p))}


def test_two_minima_above_the_budget_by_hand():
    # 0.7 + 0.6 of the budget: 0.3 too much, whoever gives way.
    p = made(
        GroupBounds("brand", ("channel 0", "channel 1"), least=0.7 * TOTAL, name="brand"),
        GroupBounds("rest", ("channel 2", "channel 1"), least=0.6 * TOTAL, name="rest"),
        Bounds(("channel 1",), most=0.0, name="dark"),
    )
    free = made(*p.constraints[1:], total=TOTAL).replacing("budget", Budget(1.3 * TOTAL, name="budget"))
    found = changes(p)
    if possible(free):
        assert found["budget"].units == pytest.approx(0.3 * TOTAL, rel=2e-3)
    for name in ("brand", "rest"):
        if name in found:
            assert found[name].units == pytest.approx(0.3 * TOTAL, rel=2e-3)
            assert f"lower the minimum of {name} by EUR" in found[name].says
    assert found


def test_a_minimum_above_the_channels_range_is_lowered_to_it():
    cap = 4 * 1.5 * float(problem(DRAWS, weeks=4).observed_max[1])
    p = made(Bounds(("channel 1",), least=cap + 5.0, most=2 * cap, name="minimum"))
    found = changes(p)
    assert set(conflict(p)) == {"minimum", "observed_range"}
    assert found["minimum"].units == pytest.approx(5.0, rel=1e-3)
    assert found["minimum"].constraint.least == pytest.approx(cap, abs=0.01)
    assert found["minimum"].constraint.most == 2 * cap
    assert found["observed_range"].constraint.limit == pytest.approx(1.5 * (cap + 5.0) / cap, abs=0.02)
    assert "allow spend beyond the observed range" in found["observed_range"].says


def test_the_budget_is_raised_or_lowered():
    tight = made(ChangeVsBaseline(None, 0.1, name="change"), total=0.8 * TOTAL)
    found = changes(tight)
    assert found["budget"].units == pytest.approx(0.1 * TOTAL, rel=2e-3)
    assert found["budget"].says.startswith("raise the budget by EUR")
    assert found["change"].constraint.change == pytest.approx(0.2)
    assert "within 20%" in found["change"].says
    over = made(ChangeVsBaseline(None, 0.1, name="change"), total=1.2 * TOTAL)
    assert changes(over)["budget"].units == pytest.approx(-0.1 * TOTAL, rel=2e-3)
    assert changes(over)["budget"].says.startswith("lower the budget")


def test_shares_are_bisected():
    p = made(
        GroupShare("one", ("channel 0",), min_share=0.7, max_share=0.9, name="one"),
        GroupShare("two", ("channel 1", "channel 2"), min_share=0.45, name="two"),
        ChangeVsBaseline(None, 1.0),
    )
    found = changes(p)
    assert found["one"].constraint.min_share == pytest.approx(0.55, abs=1e-6)
    assert found["one"].constraint.max_share == 0.9
    assert found["two"].constraint.min_share == pytest.approx(0.30, abs=1e-6)


def test_where_no_single_change_is_enough_several_are_named():
    p = made(
        Bounds(("channel 0",), least=10 * TOTAL, name="first"),
        Bounds(("channel 1",), least=10 * TOTAL, name="second"),
    )
    assert not relaxations(p, decide(p), conflict(p))
    says = remedy(p, decide(p), conflict(p))
    assert "together" in says
    assert "lower the minimum of channel 0" in says
    assert "lower the minimum of channel 1" in says


def test_a_constraint_written_in_python_is_left_as_it_is():
    p = made(Convex(lambda x: [cp.sum(x) <= 0.5 * TOTAL], name="mine"))
    found = changes(p)
    assert set(conflict(p)) == {"budget", "mine"}
    assert set(found) == {"budget"}
    assert found["budget"].units == pytest.approx(-0.5 * TOTAL, rel=2e-3)


def test_bookings_and_ramps():
    booked = Booked((Booking("channel 0", START, 5.0), Booking("channel 0", START + np.timedelta64(7, "D"), 15.0)))
    p = made(booked, Ramp(("channel 0",), amount=4.0, name="ramp"), total=60.0)
    found = changes(p)
    assert found["ramp"].units == pytest.approx(6.0, rel=1e-3)
    assert found["ramp"].says == "raise the weekly change that channel 0 may make by EUR\N{NO-BREAK SPACE}6.00"
    # Every booked week moved alike keeps its step: no such change is enough.
    assert set(found) == {"ramp"}


def test_the_error_carries_it():
    with pytest.raises(InfeasibleError, match=r"Any one of these .* raise the budget by EUR") as caught:
        allocate(made(ChangeVsBaseline(None, 0.1), total=0.8 * TOTAL))
    assert len(caught.value.conflict) == 2


def test_figures_are_rounded_so_that_they_are_enough():
    assert whole_units(Budget(1e6), 12_000.0003) == 12_000.0
    assert whole_units(Budget(1e6), 12_000.3) == 12_010.0
    assert whole_units(Budget(1e6), -12_000.3) == -12_010.0
    assert whole_units(ChangeVsBaseline(None, 0.3), 3.2) == 4.0
    assert whole_units(ChangeVsBaseline(None, 0.3), 0.0123456) == pytest.approx(0.01235)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(
    minimum=st.floats(0.3, 1.2),
    change=st.floats(0.05, 0.6),
    weekly=st.booleans(),
    level=st.floats(0.6, 1.4),
    share=st.floats(0.2, 0.9),
)
def test_every_change_is_enough_and_less_of_it_is_not(minimum, change, weekly, level, share):
    p = made(
        ChangeVsBaseline(None, change, Per.WEEK if weekly else Per.HORIZON, name="change"),
        Bounds(("channel 0",), least=minimum * float(BASE[0]), name="minimum"),
        GroupShare("pair", ("channel 1", "channel 2"), min_share=share, name="share"),
        total=level * TOTAL,
    )
    if possible(p):
        return
    names = conflict(p)
    assert not least_violation(p, decide(p), names)[0] <= CONTRADICTION
    for name in names:
        assert least_violation(p, decide(p), [other for other in names if other != name])[0] <= CONTRADICTION
    for one in relaxations(p, decide(p), names):
        assert possible(p.replacing(one.name, one.constraint))
        less = p.named[one.name].loosened(0.5 * one.units - np.sign(one.units) * 0.5)
        # Units are rounded up: half of one, less the rounding, is certainly not enough.
        if less is not None and abs(one.units) > 2:
            assert not possible(p.replacing(one.name, replace(less, name=one.name)))


def test_whole_numbers_are_members_of_a_conflict_too():
    cap = 1.5 * float(problem(DRAWS, weeks=4).observed_max[1])
    p = made(Bounds(("channel 1",), least=2.5 * cap, name="minimum"), ActiveWeeks(("channel 1",), most=2, name="weeks"))
    names = smallest_whole_conflict(p)
    assert set(names) == {"minimum", "weeks", "observed_range"}
    says = infeasible(p, names).args[0]
    # Three weeks at the cap hold the minimum; two hold it once it is half a cap lower.
    assert "at most 3" in says
    lowered = float(re.search(r"lower the minimum of channel 1 by EUR\s([\d.,]+)", says).group(1).replace(",", ""))
    assert lowered == pytest.approx(0.5 * cap, rel=5e-3)


def test_a_minimum_when_on_is_lowered_in_money():
    p = made(
        MinWhenOn(("channel 1",), 9.0, name="on"),
        Bounds(("channel 1",), least=2.0, most=5.0, per=Per.WEEK, name="range"),
    )
    says = whole_remedy(p, smallest_whole_conflict(p))
    assert "change 'on' to: channel 1: either nothing or at least EUR\N{NO-BREAK SPACE}5.00" in says
    assert "lower the minimum of channel 1 by EUR\N{NO-BREAK SPACE}2.00 in every week" in says


def test_a_change_in_money_is_the_least_to_the_last_figure():
    # 0.35 and 0.25 of the money under half of it: a tenth, and not a step of the fourth figure more.
    p = made(
        GroupBounds("brand", ("channel 0", "channel 1"), least=0.35 * TOTAL, name="brand"),
        Bounds(("channel 2",), least=0.25 * TOTAL, name="rest"),
        total=0.5 * TOTAL,
    )
    found = changes(p)
    assert set(found) == {"budget", "brand", "rest"}
    for one in found.values():
        assert abs(one.units) == pytest.approx(whole_units(Budget(TOTAL), 0.1 * TOTAL), rel=1e-9)
