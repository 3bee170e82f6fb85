"""The ranges near the best plan are attained: both ends are plans within the loss."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optimizer import Budget, ChangeVsBaseline, Granularity, MinWhenOn, Ramp, ReachProbability, allocate
from optimizer.constraints_response import RoasFloor
from optimizer.near_best import near_best
from tests.test_optimizer.responses import baseline_total, problem, response

DRAWS = response(channels=3, draws=60, seed=3)
TOTAL = baseline_total(DRAWS, 6)


def made(*more, draws=DRAWS, change=0.9, **asked):
    total = baseline_total(draws, 6)
    return problem(draws, weeks=6, constraints=(Budget(total), ChangeVsBaseline(None, change), *more), **asked)


def broken(p, plan, change=0.9):
    totals, base = plan.sum(1), p.baseline.sum(1)
    return max(
        abs(plan.sum() / base.sum() - 1.0),
        float((np.abs(totals - base) / base).max() - change),
        float(((plan - p.upper) / p.upper).max()),
        float(-plan.min()),
    )


@pytest.mark.parametrize(("share", "s_shaped"), [(0.002, False), (0.01, False), (0.05, False), (0.01, True)])
def test_both_ends_are_plans_within_the_loss(share, s_shaped):
    draws = response(channels=3, draws=40, seed=4, s_shaped=s_shaped)
    p = made(draws=draws)
    plan = allocate(p, gap=0.05 if s_shaped else 1e-3)
    found = near_best(p, plan, share=share)
    assert found.complete
    assert found.best == pytest.approx(plan.value)
    for one, total in zip(found.ranges, plan.spend.sum(1), strict=True):
        assert one.low.total <= total * (1 + 1e-6)
        assert one.high.total >= total * (1 - 1e-6)
        for end in (one.low, one.high):
            row = p.rows.index(one.name)
            assert end.plan[row].sum() == pytest.approx(end.total)
            value = p.horizon.evaluate(end.plan).value
            assert value == pytest.approx(end.value)
            assert value >= plan.value - share * abs(plan.value) * (1 + 1e-9)
            assert broken(p, end.plan) <= 1e-6


def test_ranges_of_two_totals_agree_with_a_grid():
    draws = response(channels=2, draws=40, seed=6)
    p = made(draws=draws, granularity=Granularity.TOTAL)
    plan = allocate(p, gap=1e-6)
    found = near_best(p, plan)
    base, total = p.baseline, p.baseline.sum()
    shape = base / base.sum(1, keepdims=True)
    near = []
    for first in np.linspace(0.1, 1.9, 2001) * base[0].sum():
        totals = np.array([first, total - first])
        spend = shape * totals[:, None]
        inside = (np.abs(totals / base.sum(1) - 1) <= 0.9).all() and (spend <= p.upper).all()
        if inside and p.horizon.evaluate(spend).value >= found.least:
            near.append(first)
    width = max(near) - min(near)
    assert found.ranges[0].low.total == pytest.approx(min(near), abs=0.04 * width)
    assert found.ranges[0].high.total == pytest.approx(max(near), abs=0.04 * width)


def test_wider_losses_give_wider_ranges():
    p = made()
    plan = allocate(p)
    narrow, wide = (near_best(p, plan, share=share) for share in (0.002, 0.02))
    for a, b in zip(narrow.ranges, wide.ranges, strict=True):
        assert b.low.total <= a.low.total * (1 + 1e-3)
        assert b.high.total >= a.high.total * (1 - 1e-3)


def test_tight_constraints_leave_no_room():
    p = made(Ramp(None, 0.9), change=1e-6)
    found = near_best(p, allocate(p))
    for one in found.ranges:
        assert one.high.total - one.low.total <= 1e-5 * one.planned
        assert not one.barely_matters


def test_a_channel_that_brings_next_to_nothing_barely_matters():
    draws = response(channels=3, draws=40, seed=9)
    beta = draws.paid.beta.copy()
    beta[2] *= 1e-4
    weak = replace(draws, paid=replace(draws.paid, beta=beta))
    p = made(draws=weak, change=0.95)
    # Business as usual keeps the weak channel going: an even plan of it, little of the value.
    plan = allocate(replace(p, constraints=(Budget(baseline_total(weak, 6)), ChangeVsBaseline(None, 0.02))))
    found = near_best(replace(p, constraints=(Budget(baseline_total(weak, 6)),)), plan)
    least = min(found.ranges, key=lambda one: one.low.total / one.planned)
    assert least.name == "channel 2"
    assert least.low.total <= 0.05 * least.planned


def test_the_time_limit_leaves_the_plan_itself():
    p = made()
    plan = allocate(p)
    found = near_best(p, plan, time_limit=0.0)
    assert not found.complete
    for one, total in zip(found.ranges, plan.spend.sum(1), strict=True):
        assert one.low.total == one.high.total == pytest.approx(total)


def test_whole_number_constraints_hold_at_both_ends():
    p = made(MinWhenOn(None, 8.0), change=1.0)
    found = near_best(p, allocate(p, gap=1e-2, time_limit=5))
    for one in found.ranges:
        for end in (one.low, one.high):
            assert ((end.plan <= 1e-6) | (end.plan >= 8.0 * (1 - 1e-6))).all()
        assert one.low.total <= one.planned * (1 + 1e-6)
    assert any(one.high.total > one.low.total * 1.01 for one in found.ranges)


def test_a_floor_on_roas_holds_at_both_ends():
    plain = made()
    roas = allocate(plain).value / TOTAL
    p = made(RoasFloor(None, 0.997 * roas))
    found = near_best(p, allocate(p))
    for one in found.ranges:
        for end in (one.low, one.high):
            assert p.horizon.evaluate(end.plan).value >= 0.997 * roas * TOTAL * (1 - 1e-5)
    assert any(one.high.total > one.low.total * 1.01 for one in found.ranges)


def test_a_value_of_nothing_leaves_no_room():
    p = replace(made(), risk=ReachProbability(1e9))
    found = near_best(p, allocate(p))
    assert found.best == 0.0
    assert all(one.low.total == one.high.total for one in found.ranges)


def test_a_channel_that_its_limit_holds_can_still_move_away_from_it():
    draws = response(channels=3, draws=40, seed=9)
    beta = draws.paid.beta.copy()
    beta[2] *= 0.05
    weak = replace(draws, paid=replace(draws.paid, beta=beta))
    p = made(draws=weak, change=0.5)
    plan = allocate(p, gap=1e-6)
    least = 0.5 * p.baseline[2].sum()
    assert plan.spend[2].sum() == pytest.approx(least, rel=1e-4)
    one = near_best(p, plan, share=0.02).ranges[2]
    assert one.low.total == pytest.approx(least, rel=1e-4)
    assert one.high.total > 1.05 * least
    assert one.high.value >= plan.value - 0.02 * abs(plan.value) * (1 + 1e-9)


def test_a_range_of_nothing_is_not_said_as_a_range():
    p = made(change=1e-6)
    for one in near_best(p, allocate(p)).ranges:
        assert "no other total was found" in one.says
        assert "Anything" not in one.says
