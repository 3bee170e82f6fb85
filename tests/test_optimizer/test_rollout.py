"""Steps towards the plan: within their limits, never worse than the step before, there in the steps they need."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from mmm.exceptions import InfeasibleError, SpecError
from optimizer import Bounds, Budget, ChangeVsBaseline, Profit, allocate
from optimizer.rollout import DARK, least_steps, roll_out, step_limits
from tests.test_optimizer.responses import baseline_total, problem, response

DRAWS = response(channels=3, draws=60, seed=3)
TOTAL = baseline_total(DRAWS, 5)


def made(total=TOTAL, *more, **asked):
    return problem(DRAWS, weeks=5, constraints=(Budget(total), ChangeVsBaseline(None, 0.5), *more), **asked)


@pytest.mark.parametrize("change", [0.1, 0.25])
def test_steps_keep_their_limits_and_never_lose(change):
    p = made()
    found = roll_out(p, allocate(p), steps=4, change=change)
    floor = DARK * TOTAL / 3
    for before, step in pairwise(found.steps):
        was = before.plan.sum(axis=1)
        low, high = step_limits(was, change, floor)
        now = step.plan.sum(axis=1)
        assert (now >= low - 1e-6 * TOTAL).all()
        assert (now <= high + 1e-6 * TOTAL).all()
        assert now.sum() == pytest.approx(TOTAL)
        assert step.value == pytest.approx(p.horizon.evaluate(step.plan).value)
        assert step.value >= before.value * (1 - 1e-6)
        assert step.gained == pytest.approx(step.value - before.value)
        assert step.upper_bound >= step.value
        assert dict(step.totals) == pytest.approx(dict(zip(p.channels, now, strict=True)))


def test_enough_steps_reach_the_best_plan():
    p = made()
    best = allocate(p)
    found = roll_out(p, best, steps=8, change=0.2)
    assert found.least_steps is not None
    assert found.reached is not None
    assert found.reached <= found.least_steps <= 8
    assert found.steps[-1].value == pytest.approx(best.value, rel=1e-3)
    assert found.steps[-1].share == pytest.approx(1.0, abs=0.05)
    assert f"Step {found.reached} is as good" in found.says


def test_a_step_is_the_best_plan_within_its_limits():
    p = made()
    found = roll_out(p, allocate(p), steps=1, change=0.1)
    base = p.baseline.sum(axis=1)
    low, high = step_limits(base, 0.1, DARK * TOTAL / 3)
    g = np.random.default_rng(2)
    for _ in range(300):
        plan = p.baseline * g.uniform(0.5, 1.5, p.baseline.shape)
        plan *= TOTAL / plan.sum()
        totals = plan.sum(axis=1)
        if (totals >= low).all() and (totals <= high).all() and (plan <= p.upper).all():
            assert p.horizon.evaluate(plan).value <= found.steps[1].upper_bound


def test_a_larger_budget_is_reached_as_fast_as_the_limit_allows():
    p = made(1.3 * TOTAL)
    found = roll_out(p, allocate(p), steps=4, change=0.1)
    totals = [step.plan.sum() for step in found.steps]
    floor = DARK * TOTAL / 3
    assert totals[1] == pytest.approx(step_limits(p.baseline.sum(1), 0.1, floor)[1].sum())
    assert totals[-1] == pytest.approx(1.3 * TOTAL)


def test_the_steps_needed_by_hand():
    # 100 → 130 at 10 % a step: 110, 121, 130; 50 → 20: 45, 40.5, … 20 after 9 steps.
    assert least_steps(np.array([100.0]), np.array([130.0]), 0.1, 1.0) == 3
    assert least_steps(np.array([50.0]), np.array([20.0]), 0.1, 1.0) == 9
    assert least_steps(np.array([100.0, 50.0]), np.array([130.0, 20.0]), 0.1, 1.0) == 9
    assert least_steps(np.array([10.0]), np.array([10.0]), 0.1, 1.0) == 0
    # A dark channel begins by the floor: 0 → 1 → 2 → 3; one that stops ends by it.
    assert least_steps(np.array([0.0]), np.array([3.0]), 0.1, 10.0) == 3
    assert least_steps(np.array([2.0]), np.array([0.0]), 0.1, 10.0) == 2
    assert least_steps(np.array([0.0]), np.array([5.0]), 0.1, 0.0) is None


def test_today_too_far_from_the_constraints_says_so():
    p = made(TOTAL, Bounds(("channel 1",), least=1.4 * float(made().baseline[1].sum())))
    with pytest.raises(InfeasibleError, match="change allowed since the step before"):
        roll_out(p, allocate(p), steps=2, change=0.05)
    with pytest.raises(SpecError):
        roll_out(p, allocate(p), steps=0, change=0.05)


def test_steps_of_a_profit_count_the_spend():
    p = problem(DRAWS, weeks=5, constraints=(Budget(TOTAL, up_to=True),), objective=Profit(0.5))
    found = roll_out(p, allocate(p), steps=2, change=0.2)
    first = found.steps[0]
    assert first.value == pytest.approx(0.5 * p.horizon.evaluate(p.row_baseline).value - p.baseline.sum())
    assert found.steps[1].value >= first.value
