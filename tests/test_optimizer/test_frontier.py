"""The frontier over budgets: monotone and concave where the curves are, each point a plan with its bound."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import cvxpy as cp
import numpy as np
import pytest

from mmm.exceptions import SpecError
from optimizer import Bounds, Budget, ChangeVsBaseline, GroupShare, Profit, Ramp, allocate
from optimizer.constraints import Convex
from optimizer.frontier import budget_frontier
from optimizer.risk_frontier import risk_frontier
from optimizer.solvers.sweep import Sweep, reach
from tests.test_optimizer.responses import baseline_total, problem, response

DRAWS = response(channels=4, draws=60, seed=11)
TOTAL = baseline_total(DRAWS, 6)


def made(*more, up_to=False, draws=DRAWS, **asked):
    total = baseline_total(draws, 6)
    constraints = (Budget(total, up_to, name="budget"), ChangeVsBaseline(None, 0.8), *more)
    return problem(draws, weeks=6, constraints=constraints, **asked)


@pytest.fixture(scope="module")
def frontier():
    return budget_frontier(made(), np.linspace(0.5, 1.5, 9) * TOTAL, known=allocate(made()))


def test_values_rise_and_returns_fall(frontier):
    values = np.array([point.value for point in frontier.points])
    spends = np.array([point.spend for point in frontier.points])
    slack = max(point.upper_bound - point.value for point in frontier.points)
    assert (np.diff(values) > 0).all()
    assert (np.diff(values, 2) < 2 * slack).all()
    np.testing.assert_allclose(spends, np.linspace(0.5, 1.5, 9) * TOTAL, rtol=1e-6)
    assert frontier.reused


def test_every_point_is_a_plan_and_its_bound_holds(frontier):
    p = made()
    for point in frontier.points:
        assert p.horizon.evaluate(point.plan).value == pytest.approx(point.value, rel=1e-9)
        assert point.upper_bound - point.value <= 1e-3 * point.value
        totals, base = point.plan.sum(1), p.baseline.sum(1)
        assert (np.abs(totals - base) <= 0.8 * base * (1 + 1e-6)).all()
        assert (point.plan <= p.upper * (1 + 1e-6)).all()


def test_points_agree_with_solves_from_scratch(frontier):
    for point in frontier.points[::4]:
        alone = allocate(made().replacing("budget", Budget(point.budget, name="budget")), gap=1e-5)
        assert point.value <= alone.upper_bound * (1 + 1e-9)
        assert alone.value <= point.upper_bound * (1 + 1e-9)
        assert point.marginal == pytest.approx(alone.shadow_prices["budget"].value, rel=0.05)


def test_marginal_returns_lie_between_the_slopes_beside_them(frontier):
    points = frontier.points
    for left, here, right in zip(points, points[1:], points[2:], strict=False):
        before = (here.upper_bound - left.value) / (here.budget - left.budget)
        after = (right.value - here.upper_bound) / (right.budget - here.budget)
        assert after - 1e-9 <= here.marginal <= before + 1e-9


def test_budgets_that_no_plan_has_are_left_out():
    found = budget_frontier(made(), np.array([0.1, 1.0, 1.7, 2.0]) * TOTAL)
    assert [point.budget for point in found.points] == pytest.approx([TOTAL, 1.7 * TOTAL])
    assert found.left_out == pytest.approx((0.1 * TOTAL, 2.0 * TOTAL))
    assert found.reaches == pytest.approx((0.2 * TOTAL, 1.8 * TOTAL), rel=1e-6)
    with pytest.raises(SpecError):
        budget_frontier(made(), [])


def test_up_to_a_budget_profit_stays_where_spending_stops_paying():
    p = made(up_to=True, objective=Profit(0.35))
    found = budget_frontier(p, np.linspace(0.6, 2.0, 8) * TOTAL)
    values = [point.value for point in found.points]
    assert all(b >= a - 1e-6 * abs(a) for a, b in pairwise(values))
    assert found.points[-1].spend < found.points[-1].budget
    assert found.points[-1].marginal == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(
    "constraint",
    [
        Ramp(None, 0.6),
        GroupShare("pair", ("channel 0", "channel 1"), min_share=0.2),
        Convex(lambda x: [x[0] <= 1e6 + 0 * x[1]]),
    ],
)
def test_other_constraints_move_with_the_budget(constraint):
    found = budget_frontier(made(constraint), np.array([0.8, 1.2]) * TOTAL)
    for point in found.points:
        alone = allocate(made(constraint).replacing("budget", Budget(point.budget, name="budget")), gap=1e-5)
        assert point.value == pytest.approx(alone.value, rel=1e-3)


def test_cones_and_s_shaped_curves_are_solved_anew():
    steady = Convex(lambda x: [cp.norm(x[0] - cp.sum(x[0]) / 6) <= 5.0])
    found = budget_frontier(made(steady), np.array([0.9, 1.1]) * TOTAL)
    assert not found.reused
    assert all(point.marginal_kind == "slope between neighbours" for point in found.points)
    draws = response(channels=2, draws=24, seed=2, s_shaped=True)
    total = baseline_total(draws, 6)
    shaped = budget_frontier(made(draws=draws), np.array([0.8, 1.2]) * total, gap=0.05)
    assert [point.value <= point.upper_bound for point in shaped.points] == [True, True]
    assert not shaped.reused


def test_a_second_row_like_the_budget_is_not_mistaken_for_it():
    p = made(Convex(lambda x: [cp.sum(x) / TOTAL == 1.0], says="The same total again."))
    sweep = Sweep(p, most=TOTAL, up_to=False, gap=1e-3)
    assert not sweep.reuses
    assert sweep.at(TOTAL).spend == pytest.approx(TOTAL)


def test_what_can_be_spent_is_an_outer_range():
    low, high = reach(made(Bounds(("channel 0",), most=0.1 * TOTAL)), 3 * TOTAL)
    base = made().baseline.sum(1)
    assert low == pytest.approx(0.2 * base.sum(), rel=1e-6)
    assert high == pytest.approx(min(1.8 * base[0], 0.1 * TOTAL) + 1.8 * base[1:].sum(), rel=1e-6)


def test_the_risk_frontier_trades_the_mean_for_the_tail():
    draws = response(channels=3, draws=80, seed=5, spread=0.7)
    p = made(draws=draws)
    found = risk_frontier(p, 0.25, [0.0, 0.5, 1.0])
    means, tails = ([getattr(point, name) for point in found.points] for name in ("mean", "tail"))
    slack = 2e-3 * abs(found.points[0].value)
    assert means[0] >= max(means) - slack
    assert tails[-1] >= max(tails) - slack
    for point in found.points:
        uplift = p.horizon.evaluate(point.plan).per_draw - p.horizon.evaluate(p.row_baseline).per_draw
        assert point.mean == pytest.approx(uplift.mean())
        # A quarter of the draws by hand: the one on the border counts in part.
        count, ordered = 0.25 * len(uplift), np.sort(uplift)
        whole = int(count)
        assert point.tail == pytest.approx((ordered[:whole].sum() + (count - whole) * ordered[whole]) / count)
        assert point.value <= point.upper_bound


def test_money_that_is_left_over_returns_nothing():
    p = made(up_to=True, objective=Profit(0.9))
    wanted = allocate(replace(p, constraints=(Budget(10 * TOTAL, up_to=True, name="budget"), *p.constraints[1:])))
    spent = float(wanted.spend.sum())
    assert spent < 1.75 * TOTAL
    tight = 0.6 * spent
    known = allocate(p)
    found = budget_frontier(p, [tight, 1.9 * TOTAL, 2.5 * TOTAL, 4.0 * TOTAL], known=known).points
    assert found[0].marginal is not None
    assert found[0].marginal > 0
    assert [point.marginal for point in found[1:]] == [0.0, 0.0, 0.0]


def test_a_return_is_of_its_own_budget_not_of_the_one_solved_before():
    p = made()
    known = allocate(p)
    found = budget_frontier(p, [0.5 * TOTAL, TOTAL, 1.5 * TOTAL], known=known).points
    for point in found:
        alone = allocate(p.replacing("budget", Budget(point.budget, name="budget")), gap=1e-6)
        assert point.marginal_kind == "dual"
        assert point.marginal == pytest.approx(alone.shadow_prices["budget"].value, rel=0.05)
