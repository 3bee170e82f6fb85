"""Budgets that goals need: reached by a plan, and by the bound not by less."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mmm.exceptions import InfeasibleError, SpecError
from optimizer import (
    Bounds,
    Budget,
    ChangeVsBaseline,
    CVaR,
    Granularity,
    Outcome,
    Profit,
    ReachProbability,
    RoasFloor,
    allocate,
)
from optimizer import inverse_words as words
from optimizer.goals import LeastBudget, MroasFloor, RoasTarget
from optimizer.inverse import reach_goal
from optimizer.solvers.oracle import plan_value
from optimizer.solvers.sweep import with_budget
from tests.test_mmm.test_response.make_geos import divided
from tests.test_optimizer.responses import baseline_total, problem, response

DRAWS = response(channels=3, draws=40, seed=3)
SHAPED = response(channels=2, draws=24, seed=3, s_shaped=True)
TOTAL = baseline_total(DRAWS, 5)


def made(draws=DRAWS, change=0.9, **more):
    constraints = (Budget(baseline_total(draws, 5), name="budget"), ChangeVsBaseline(None, change))
    return problem(draws, weeks=5, constraints=constraints, **more)


def baseline_value(p):
    return p.horizon.evaluate(p.row_baseline).value


@pytest.mark.parametrize("multiple", [0.7, 1.1])
def test_the_least_budget_reaches_the_target_and_one_percent_less_cannot(multiple):
    p = made()
    found = reach_goal(p, LeastBudget(vs_baseline=multiple))
    target = multiple * baseline_value(p)
    assert found.target == pytest.approx(target)
    assert p.horizon.evaluate(found.allocation.row_spend).value >= target
    assert found.allocation.spend.sum() == pytest.approx(found.budget)
    less = allocate(with_budget(p, 0.99 * found.budget, up_to=True))
    assert less.upper_bound < target
    assert 0.99 * found.budget <= found.edge < found.budget
    assert allocate(with_budget(p, found.edge, up_to=True), gap=1e-6).upper_bound < target


def test_one_channel_and_one_week_are_solved_by_hand():
    draws = response(channels=1, draws=2, seed=1, spread=0.0)
    p = problem(draws, weeks=1, constraints=(Budget(baseline_total(draws, 1)),))
    # One plan a budget: the value of a known spend must lead back to that spend.
    spend = 0.8 * float(p.baseline.sum())
    found = reach_goal(p, LeastBudget(outcome=p.horizon.evaluate(np.array([[spend]])).value))
    assert found.budget == pytest.approx(spend, rel=1e-3)
    slope = float(p.horizon.evaluate(np.array([[spend]]), 1).gradient[0, 0])
    assert reach_goal(p, MroasFloor(slope)).budget == pytest.approx(spend, rel=2e-3)
    roas = p.horizon.evaluate(np.array([[spend]])).value / spend
    assert reach_goal(p, RoasTarget(roas)).budget == pytest.approx(spend, rel=2e-3)


def test_a_target_below_what_the_constraints_force_is_said():
    p = made()
    found = reach_goal(p, LeastBudget(vs_baseline=0.01))
    assert found.budget == pytest.approx(0.1 * TOTAL, rel=1e-6)
    assert "let no plan spend less" in found.says


def test_an_unreachable_target_says_the_most_that_is_possible():
    p = made()
    with pytest.raises(InfeasibleError, match="no plan is above") as caught:
        reach_goal(p, LeastBudget(vs_baseline=50.0))
    assert caught.value.exit_code == 3
    capped = reach_goal(p, LeastBudget(vs_baseline=0.9), most=TOTAL)
    assert capped.budget <= TOTAL
    with pytest.raises(InfeasibleError, match="no plan brings"):
        reach_goal(p, LeastBudget(vs_baseline=1.2), most=0.8 * TOTAL)


def test_spending_stops_where_mroas_falls_to_the_floor():
    found = reach_goal(made(), MroasFloor(0.6))
    assert found.allocation.shadow_prices["budget"].value == pytest.approx(0.6, rel=1e-2)
    assert found.reached == pytest.approx(0.6, rel=1e-2)
    more = reach_goal(made(), MroasFloor(0.4))
    assert more.budget > found.budget
    capped = reach_goal(made(), MroasFloor(0.05), most=TOTAL)
    assert capped.budget == pytest.approx(TOTAL)
    assert "is spent before mROAS falls" in capped.says
    with pytest.raises(InfeasibleError, match="nothing would be spent"):
        reach_goal(made(change=1.0), MroasFloor(1e6))


def test_the_target_roas_is_kept_and_not_far_above_it():
    p = made()
    found = reach_goal(p, RoasTarget(1.4))
    roas = p.horizon.evaluate(found.allocation.row_spend).value / found.budget
    assert roas * (1 + 1e-4) >= 1.4
    assert roas == pytest.approx(1.4, rel=5e-3)
    above = allocate(with_budget(p, found.edge, up_to=False), gap=1e-6)
    assert above.upper_bound < 1.4 * found.edge
    with pytest.raises(InfeasibleError, match="the most is"):
        reach_goal(p, RoasTarget(1e3))
    everything = reach_goal(p, RoasTarget(1e-3))
    assert "all that can be spent" in everything.says


def test_a_roas_is_kept_where_the_last_solve_ends_in_a_poorer_plan():
    draws = divided(response(channels=2, draws=40, seed=4, s_shaped=True), 2)
    p = problem(
        draws,
        weeks=3,
        constraints=(Budget(baseline_total(draws, 3)),),
        granularity=Granularity.GEO_WEEK,
    )
    found = reach_goal(replace(p, risk=CVaR(0.2)), RoasTarget(1.5), most=1.5 * baseline_total(draws, 3), gap=2e-3)
    assert found.reached >= 1.5 * (1 - 1e-6)
    assert "is the largest budget found" in found.says


def test_a_roas_that_is_missed_is_not_called_kept():
    p = made()
    missed = words.roas(p, RoasTarget(1.4), 1.39, 100.0, None, all_of_it=False)
    assert missed.startswith("No plan was found that returns 1.4")


def test_s_shaped_curves_keep_an_honest_edge():
    p = made(SHAPED)
    found = reach_goal(p, LeastBudget(vs_baseline=1.0), gap=0.03)
    assert p.horizon.evaluate(found.allocation.row_spend).value >= found.target
    assert found.edge is None or found.edge < found.budget
    if found.edge is not None:
        g = np.random.default_rng(1)
        for _ in range(200):
            plan = p.row_baseline * g.uniform(0.1, 1.9, p.row_baseline.shape)
            plan *= found.edge / plan.sum()
            inside = (np.abs(plan.sum(1) / p.row_baseline.sum(1) - 1) <= 0.9).all() and (plan <= p.upper).all()
            assert not inside or p.horizon.evaluate(plan).value < found.target


def test_rounded_plans_still_reach_the_target():
    found = reach_goal(made(round_to=5.0), LeastBudget(vs_baseline=1.0))
    assert found.budget % 5.0 == pytest.approx(0.0, abs=1e-6)
    assert found.allocation.value >= found.target


def test_totals_are_decided_too():
    p = made(granularity=Granularity.TOTAL)
    found = reach_goal(p, LeastBudget(vs_baseline=1.0))
    assert found.allocation.value >= found.target
    assert found.budget <= TOTAL * (1 + 1e-6)


def test_goals_are_about_the_outcome():
    with pytest.raises(SpecError, match="about the outcome"):
        reach_goal(replace(made(), objective=Profit(0.5)), MroasFloor(1.0))
    assert isinstance(made().objective, Outcome)
    for bad in (
        LeastBudget,
        lambda: LeastBudget(1.0, 1.0),
        lambda: RoasTarget(0.0),
        lambda: MroasFloor(-1.0),
    ):
        with pytest.raises(SpecError):
            bad()


def test_a_contradiction_is_told_before_any_search():
    p = problem(DRAWS, weeks=5, constraints=(Budget(TOTAL), Bounds(("channel 0",), least=10 * TOTAL)))
    with pytest.raises(InfeasibleError, match="contradict"):
        reach_goal(p, LeastBudget(vs_baseline=1.0))


def test_under_a_risk_measure_the_target_is_of_the_cautious_value():
    p = replace(made(), risk=CVaR(0.25))
    found = reach_goal(p, LeastBudget(vs_baseline=1.0))
    assert plan_value(p, found.allocation.row_spend) >= found.target
    assert found.budget > reach_goal(made(), LeastBudget(vs_baseline=1.0)).budget
    assert 0.99 * found.budget <= found.edge < found.budget
    with pytest.raises(SpecError, match="about the outcome"):
        reach_goal(replace(made(), risk=ReachProbability(10.0)), LeastBudget(vs_baseline=1.0))


def test_a_floor_on_roas_is_kept_by_the_least_budget():
    free = reach_goal(made(), LeastBudget(vs_baseline=1.0))
    first = free.allocation.problem.horizon.per_channel(free.allocation.row_spend)[0].mean()
    roas = float(first / free.allocation.spend[0].sum())
    p = made()
    p = replace(p, constraints=(*p.constraints, RoasFloor(("channel 0",), 1.03 * roas)))
    found = reach_goal(p, LeastBudget(vs_baseline=1.0))
    spend = found.allocation.row_spend
    assert float(p.horizon.per_channel(spend)[0].mean() / spend[0].sum()) >= 1.03 * roas * (1 - 1e-5)
    assert found.budget >= free.budget * (1 - 1e-6)
    assert found.allocation.value >= found.target


def test_a_search_that_is_stopped_keeps_its_bracket():
    p = made()
    found = reach_goal(p, LeastBudget(vs_baseline=0.8), stop=lambda: True)
    assert p.horizon.evaluate(found.allocation.row_spend).value >= found.target * (1 - 1e-6)
    assert found.edge is None or found.edge < found.budget
