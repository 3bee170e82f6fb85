"""Departments: what their limits cost, what planning together gains, where they clash."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mmm.exceptions import InfeasibleError, SpecError
from optimizer import Booked, Booking, Budget, ChangeVsBaseline, Profit, allocate
from optimizer.departments import (
    REST,
    Department,
    check_departments,
    clashes,
    compare_departments,
    limits_of,
    quiet_weeks,
)
from tests.test_optimizer.responses import baseline_total, problem, response

DRAWS = response(channels=4, draws=60, seed=3)
TOTAL = baseline_total(DRAWS, 6)
BASE = problem(DRAWS, weeks=6).baseline.sum(axis=1)
OWNERS = (
    Department("brand", ("channel 0", "channel 3"), 0.9 * float(BASE[[0, 3]].sum())),
    Department("performance", ("channel 1", "channel 2"), TOTAL - 0.9 * float(BASE[[0, 3]].sum())),
)


def made(owners=OWNERS, **more):
    constraints = (Budget(TOTAL, name="budget"), ChangeVsBaseline(None, 0.8), *limits_of(owners))
    return problem(DRAWS, weeks=6, constraints=constraints, **more)


@pytest.fixture(scope="module")
def found():
    p = made()
    return compare_departments(p, OWNERS, allocate(p))


def test_planned_together_is_never_worse_than_the_sum_of_the_parts(found):
    assert found.gain >= 0
    assert found.joint.value >= found.separate.value
    assert found.gain == pytest.approx(found.joint.value - found.separate.value)
    free = allocate(problem(DRAWS, weeks=6, constraints=(Budget(TOTAL), ChangeVsBaseline(None, 0.8))))
    assert found.joint.value == pytest.approx(free.value, rel=1e-3)


def test_separate_plans_are_what_each_department_would_do_alone(found):
    for one in OWNERS:
        rows = [made().channels.index(name) for name in one.channels]
        others = [c for c in range(4) if c not in rows]
        names = tuple(made().channels[c] for c in others)
        # Alone: the others' weeks are what they are, its own money is planned.
        weeks = made().weeks
        held = tuple(
            Booking(name, weeks[t], float(found.separate.spend[c, t]))
            for c, name in zip(others, names, strict=True)
            for t in range(6)
        )
        alone = allocate(
            problem(DRAWS, weeks=6, constraints=(Budget(TOTAL), ChangeVsBaseline(None, 0.8), Booked(held))), gap=1e-5
        )
        assert found.separate.value == pytest.approx(alone.value, rel=1e-3)
        assert found.separate.spend[rows].sum() == pytest.approx(one.budget, rel=1e-6)


def test_values_by_department_add_up(found):
    for key, plan in (("separate", found.separate), ("joint", found.joint)):
        assert sum(getattr(one, f"value_{key}") for one in found.results) == pytest.approx(plan.value)
    assert sum(one.budget for one in found.results) == pytest.approx(TOTAL)


def test_a_binding_limit_costs_what_a_little_more_of_it_brings(found):
    # The limits add up to the budget: what one department gets, the other gives.
    known = {one.department.name: one for one in found.results}
    for which in OWNERS:
        step = 0.005 * which.budget
        more = tuple(replace(one, budget=one.budget + step) if one is which else one for one in OWNERS)
        gained = allocate(made(more), gap=1e-6).value - allocate(made(), gap=1e-6).value
        assert known[which.name].limit_price == pytest.approx(gained / step, rel=0.1, abs=1e-3)
        assert "brings the company EUR" in known[which.name].says
    assert max(one.limit_price for one in found.results) > 0.1


def test_a_limit_that_does_not_bind_costs_nothing():
    owners = (replace(OWNERS[0], budget=0.9 * TOTAL), replace(OWNERS[1], budget=0.9 * TOTAL))
    p = made(owners)
    free = [one for one in compare_departments(p, owners, allocate(p)).results if one.planned < 0.9 * TOTAL * 0.999]
    assert free
    assert all(one.limit_price == 0.0 for one in free)


def test_profit_by_department_counts_its_own_spend():
    p = made(objective=Profit(0.6))
    found = compare_departments(p, OWNERS, allocate(p))
    assert sum(one.value_separate for one in found.results) == pytest.approx(found.separate.value)


def test_channels_without_an_owner_keep_their_share_of_business_as_usual():
    owners = (Department("brand", ("channel 0", "channel 3"), 0.8 * float(BASE[[0, 3]].sum())),)
    p = made(owners)
    found = compare_departments(p, owners, allocate(p))
    rest = found.results[-1]
    assert rest.department.name == REST
    assert rest.budget == pytest.approx(TOTAL - owners[0].budget)
    assert rest.limit_price is None


def test_budgets_that_ask_for_more_than_the_company_has_are_scaled():
    owners = tuple(replace(one, budget=1.25 * one.budget) for one in OWNERS)
    p = made(owners)
    found = compare_departments(p, owners, allocate(p))
    assert [one.budget for one in found.results] == pytest.approx([one.budget for one in OWNERS])
    assert "times 0.800" in found.notes[0]


def test_owners_are_checked():
    with pytest.raises(SpecError, match="belongs to both"):
        check_departments((Department("a", ("channel 0",)), Department("b", ("channel 0",))), DRAWS.channels)
    with pytest.raises(SpecError, match="not in the fit"):
        check_departments((Department("a", ("radio",)),), DRAWS.channels)


def test_limits_below_the_budget_say_what_to_change():
    owners = tuple(replace(one, budget=0.9 * one.budget) for one in OWNERS)
    with pytest.raises(InfeasibleError, match="raise the maximum of brand by EUR"):
        allocate(made(owners))


def test_clashes_and_quiet_weeks_by_hand():
    weeks = np.arange("2026-01-05", "2026-02-02", 7, dtype="datetime64[D]")
    weekly = {
        "brand": np.array([20.0, 5.0, 10.0, 5.0]),
        "performance": np.array([13.0, 9.0, 9.0, 9.0]),
        "events": np.array([0.0, 0.0, 4.0, 0.0]),
        "dark": np.zeros(4),
    }
    heavy = clashes(weeks, weekly)
    assert [(one.week, one.departments) for one in heavy] == [(weeks[0], ("brand", "performance"))]
    assert quiet_weeks(weeks, weekly) == (weeks[1], weeks[3])


def test_separate_plans_that_leave_money_over_say_what_they_spend_and_no_gain_is_none():
    owners = (replace(OWNERS[0], channels=("channel 0", "channel 1", "channel 2", "channel 3"), budget=3.0 * TOTAL),)
    p = made(owners, objective=Profit(0.6)).replacing("budget", Budget(3.0 * TOTAL, up_to=True, name="budget"))
    found = compare_departments(p, owners, allocate(p))
    assert found.gain == pytest.approx(0.0, abs=1e-6 * abs(found.joint.value))
    assert "brings no more than the departments' separate plans" in found.says
    assert [one.budget for one in found.results] == [pytest.approx(float(found.separate.spend.sum()))]
    assert found.results[0].budget < 2.9 * TOTAL
