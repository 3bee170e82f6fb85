"""The certificate, the figures beside it, and what is done when time or arithmetic run out."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from mmm.exceptions import SolverError
from mmm.response.probability import p_positive, standard_error
from optimizer import Bounds, Budget, ChangeVsBaseline, Granularity, Per, Profit, Ramp, allocate
from optimizer.assemble import checked_bound
from optimizer.solvers.bounds import LinearSupport, dual_value
from optimizer.solvers.conic import ConicSet
from optimizer.solvers.oracle import decide
from tests.test_optimizer.responses import baseline_total, problem, response

DRAWS = response(channels=4, draws=40, seed=3)
TOTAL = baseline_total(DRAWS, 6)


@pytest.fixture(scope="module")
def found():
    constraints = (Budget(TOTAL), ChangeVsBaseline(None, 0.4), Ramp(None, 0.5))
    return allocate(problem(DRAWS, weeks=6, constraints=constraints))


def test_plan_json_keeps_the_contract(found):
    plan = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert set(plan) >= {
        "allocation", "totals", "value", "upper_bound", "gap", "gap_of_uplift", "bound_method", "baseline", "held_back",
        "uplift", "p_beats_baseline", "shadow_prices", "binding", "after_horizon", "extrapolation", "seconds",
        "evaluations",
    }  # fmt: skip
    assert len(plan["allocation"]) == 4 * 6
    assert plan["allocation"][0] == {"week": "2026-01-05", "channel": "channel 0", "spend": found.spend[0, 0]}
    assert sum(row["spend"] for row in plan["allocation"]) == pytest.approx(TOTAL)
    assert set(plan["baseline"]) == {"value", "totals"}
    assert set(plan["held_back"]) == {"value", "baseline_value"}
    assert set(plan["uplift"]) == {"mean", "q05", "q95"}
    assert all(set(price) >= {"value", "kind"} for price in plan["shadow_prices"].values())


def test_held_back_figures_come_from_the_other_half(found):
    made = found.problem
    held, base = (made.held_back.evaluate(x).per_draw for x in (found.spend, made.baseline))
    assert found.held_back_value == pytest.approx(held.mean())
    assert found.uplift.mean == pytest.approx((held - base).mean())
    assert found.p_beats_baseline == p_positive(held - base)
    assert found.held_back_value != found.value
    mine = made.horizon.evaluate(found.spend)
    assert found.value == pytest.approx(mine.value)
    assert found.monte_carlo_error == pytest.approx(standard_error(mine.per_draw, made.horizon.response.chain))
    assert found.gap_of_uplift == pytest.approx(
        (found.upper_bound - found.value) / (found.upper_bound - found.baseline_value)
    )


def test_the_part_after_the_horizon(found):
    inside, after = found.problem.horizon.within_and_after(found.spend)
    assert found.after_horizon == pytest.approx(after.mean())
    assert inside.mean() + after.mean() == pytest.approx(found.value)


def test_channel_figures_add_up(found):
    assert sum(c.value.mean for c in found.channels.values()) == pytest.approx(found.held_back_value)
    for c in found.channels.values():
        assert c.roas.mean == pytest.approx(c.value.mean / c.spend)
        # Concave curves: the last unit brings less than the average one.
        assert c.mroas.mean < c.roas.mean


def test_the_page_in_a_notebook_escapes_names(found):
    named = replace(found, channels={"<b>tv</b>": found.channels["channel 0"]})
    assert "&lt;b&gt;tv" in named._repr_html_()
    assert "<b>tv" not in named._repr_html_()


def test_binding_constraints_are_named_and_only_they_have_a_price(found):
    assert "budget" in found.binding
    for name, price in found.shadow_prices.items():
        assert (price.value != 0) <= (name in found.binding)
        assert price.kind == "dual"
        assert re.search(r" (brings|costs) EUR\N{NO-BREAK SPACE}[0-9][^ ]*\.$", price.says)


def test_profit_stops_where_a_unit_of_spend_no_longer_pays():
    made = problem(DRAWS, weeks=6, constraints=(Budget(1.4 * TOTAL, up_to=True),), objective=Profit(0.5))
    plan = allocate(made)
    assert plan.certified
    gradient = 0.5 * made.horizon.evaluate(plan.spend, 1).gradient
    inside = (plan.spend > 1e-6) & (plan.spend < made.upper * (1 - 1e-6))
    if plan.spend.sum() < 1.4 * TOTAL * (1 - 1e-6):
        np.testing.assert_allclose(gradient[inside], 1.0, rtol=1e-2)
    assert plan.value == pytest.approx(0.5 * made.horizon.evaluate(plan.spend).value - plan.spend.sum())


def test_a_baseline_that_breaks_the_constraints_is_still_compared():
    plan = allocate(problem(DRAWS, weeks=6, constraints=(Budget(0.5 * TOTAL),)))
    assert plan.baseline_value > plan.value
    assert plan.gap_of_uplift is None
    assert plan.p_beats_baseline == 0.0
    json.dumps(plan.to_json(), allow_nan=False)


def test_a_wrong_bound_is_caught():
    with pytest.raises(SolverError, match="below the plan's recomputed value"):
        checked_bound(99.9, 100.0, 1.0)
    assert checked_bound(100.0 - 1e-9, 100.0, 1.0) == 100.0


def test_a_planted_wrong_bound_never_becomes_a_plan(monkeypatch):
    true = LinearSupport.most
    monkeypatch.setattr(LinearSupport, "most", lambda self, g: true(self, g) * 0.98)
    with pytest.raises(SolverError, match="below the plan's recomputed value"):
        allocate(problem(DRAWS, weeks=6))


@pytest.mark.parametrize("seed", range(5))
def test_any_duals_in_the_cone_give_a_bound(seed):
    made = problem(DRAWS, weeks=6, constraints=(Budget(TOTAL), ChangeVsBaseline(None, 0.4), Ramp(None, 0.5)))
    feasible = ConicSet(made, decide(made))
    g = np.random.default_rng(seed)
    gradient = g.normal(size=feasible.upper.shape)
    duals = g.normal(size=len(feasible.rhs))
    duals[feasible.zero :] = abs(duals[feasible.zero :])
    support = LinearSupport(feasible)
    y = feasible.support(gradient).y
    best = float((gradient * y).sum())
    assert dual_value(feasible, gradient, duals, None) >= best
    assert best - 1e-6 * abs(best) <= support.most(gradient) <= best + 1e-6 * max(abs(best), 1.0)


def test_the_time_limit_returns_the_best_plan_and_its_gap():
    seen = []
    plan = allocate(problem(DRAWS, weeks=6), time_limit=0.0, progress=seen.append)
    assert plan.gap > 0
    assert np.isfinite(plan.upper_bound)
    assert plan.value <= plan.upper_bound
    assert plan.spend.sum() == pytest.approx(TOTAL)
    assert any(finding.name == "time_limit" for finding in plan.findings)
    assert seen
    assert seen[0].upper_bound >= seen[0].value


def test_s_shaped_plans_carry_an_honest_bound_and_resolved_prices():
    draws = response(channels=2, draws=12, seed=8, s_shaped=True)
    total = baseline_total(draws, 4)
    plan = allocate(problem(draws, weeks=4, constraints=(Budget(total, up_to=True), ChangeVsBaseline(None, 0.8))))
    assert "envelope" in plan.bound_method
    assert plan.value <= plan.upper_bound
    assert plan.shadow_prices["budget"].kind == (
        "re-solved locally at ±1 %" if "budget" in plan.binding else "local dual"
    )
    assert plan.value >= plan.baseline_value


def test_rounding_keeps_the_constraints_and_states_both_gaps():
    constraints = (Budget(round(TOTAL, -1)), ChangeVsBaseline(None, 0.3), Bounds(("channel 0",), least=7.0))
    made = problem(DRAWS, weeks=6, constraints=constraints, round_to=1.0)
    plan = allocate(made)
    np.testing.assert_array_equal(plan.spend, np.round(plan.spend))
    assert plan.spend.sum() == constraints[0].total
    base = made.baseline.sum(axis=1)
    assert (abs(plan.spend.sum(axis=1) - base) <= 0.3 * base * (1 + 1e-6)).all()
    assert plan.gap_before_rounding <= 1e-3
    assert plan.gap >= plan.gap_before_rounding
    assert any("Rounded" in note for note in plan.notes)
    assert plan.status.endswith("before smoothing and rounding.")
    assert "rounding" not in allocate(replace(made, round_to=None)).status


def test_an_odd_budget_leaves_one_odd_cell():
    total = np.floor(TOTAL) + 0.37
    plan = allocate(problem(DRAWS, weeks=6, constraints=(Budget(total),), round_to=1.0))
    odd = abs(plan.spend - np.round(plan.spend)) > 1e-6
    assert odd.sum() == 1
    assert plan.spend.sum() == pytest.approx(total, rel=1e-9)
    assert "odd" in plan.notes[-1]


def test_totals_are_rounded_as_totals():
    plan = allocate(
        problem(DRAWS, weeks=6, constraints=(Budget(np.floor(TOTAL)),), round_to=1.0, granularity=Granularity.TOTAL)
    )
    totals = plan.spend.sum(axis=1)
    np.testing.assert_allclose(totals, np.round(totals), atol=1e-8)


def test_what_cannot_be_rounded_is_left_and_said():
    made = problem(DRAWS, weeks=6, constraints=(Budget(TOTAL), ChangeVsBaseline(None, 1e-4)), round_to=1e5)
    plan = allocate(made)
    assert any("Not rounded" in note for note in plan.notes)
    assert [finding.name for finding in plan.findings if finding.name == "not_rounded"]
    assert plan.spend.sum() == pytest.approx(TOTAL)


@pytest.mark.parametrize("s_shaped", [False, True])
def test_smoothing_gives_up_no_more_than_was_offered(s_shaped):
    draws = response(channels=3, draws=30, seed=4, s_shaped=s_shaped)
    plain = problem(draws, weeks=8)
    sharp, smooth = allocate(plain), allocate(replace(plain, smooth=0.005))
    assert smooth.value >= sharp.value * (1 - 0.0051)
    scale = plain.frame.typical[:, None]
    rough = [float((np.diff(plan.spend / scale, axis=1) ** 2).sum()) for plan in (sharp, smooth)]
    assert rough[1] <= rough[0]
    assert not np.isclose(rough[1], rough[0]) or rough[0] < 1e-9


def test_the_same_problem_gives_the_same_plan():
    made = problem(DRAWS, weeks=6)
    np.testing.assert_array_equal(allocate(made).spend, allocate(made).spend)


def test_the_gaps_floor_is_in_the_objectives_unit():
    # S-shaped weeks leave a gap, and small ones leave it soon.
    draws = response(channels=2, draws=12, seed=8, s_shaped=True)
    constraints = (Budget(1e3 * baseline_total(draws, 4)), ChangeVsBaseline(None, 0.8))
    # Spends are large against the outcome: 1 % of the budget is more than the plan brings, as a number.
    poor = replace(draws, spend=1e3 * draws.spend)
    poor = replace(poor, paid=replace(poor.paid, media=1e3 * poor.paid.media))
    poor = replace(poor, paid=replace(poor.paid, half_saturation=1e3 * poor.paid.half_saturation))
    made = problem(poor, weeks=4, constraints=constraints)
    orders = replace(made, outcome_is_money=False, outcome_name="orders")
    found = allocate(orders)
    assert found.gap > 1e-3
    assert found.value < 0.01 * constraints[0].total
    assert found.gap == pytest.approx((found.upper_bound - found.value) / found.value)
    assert found.gap_base == "its value"
    money = allocate(replace(orders, outcome_is_money=True))
    assert money.gap == pytest.approx((money.upper_bound - money.value) / (0.01 * constraints[0].total))
    assert money.gap_base == "1% of the budget"
    dear = allocate(replace(orders, money_per_outcome=1e3))
    assert (dear.gap, dear.gap_base) == (pytest.approx(found.gap), "its value")
    priced = allocate(replace(orders, money_per_outcome=1.25))
    assert priced.gap == pytest.approx((priced.upper_bound - priced.value) / (0.008 * constraints[0].total))
    assert priced.gap_base == "what 1% of the budget is worth in orders"


def test_a_plan_equal_to_the_baseline_is_a_draw():
    made = problem(DRAWS, weeks=6, constraints=(Budget(TOTAL), ChangeVsBaseline(None, 0.0, Per.WEEK)))
    found = allocate(made)
    assert found.p_beats_baseline == 0.5
    assert (found.uplift.q05, found.uplift.q95) == (0.0, 0.0)
