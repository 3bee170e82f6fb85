"""Totals of S-shaped channels: over-estimates are never below the curves, and branching certifies the best plan."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mmm.exceptions import InfeasibleError
from mmm.response.envelopes import line_curves, supported
from mmm.transforms.saturation import Saturation
from optimizer import Budget, Granularity, GroupBounds, GroupShare, Profit, StayWithin, allocate
from optimizer.solvers.bounds import support
from optimizer.solvers.branching import Rows
from optimizer.solvers.conic import ConicSet
from optimizer.solvers.oracle import Oracle, decide
from optimizer.solvers.separable import RowCurves
from optimizer.solvers.totals import ranges
from tests.test_optimizer.responses import baseline_total, problem, response

EXAMPLES = int(os.environ.get("MIXWISE_EXAMPLES", "25"))
some = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def totals(seed, *, channels=3, weeks=3, draws=24, level=0.8, **asked):
    made = response(channels=channels, draws=draws, seed=seed, s_shaped=True)
    constraints = asked.pop("constraints", None) or (Budget(level * baseline_total(made, weeks)),)
    return problem(made, weeks=weeks, constraints=constraints, granularity=Granularity.TOTAL, **asked)


def row_curves(made):
    decision = decide(made)
    feasible = ConicSet(made, decision)
    oracle = Oracle(made.horizon, decision, made.objective)
    return RowCurves(oracle, *ranges(feasible, support(feasible))), oracle, feasible


@given(st.integers(0, 10_000), st.sampled_from(list(Saturation)), st.integers(2, 12), st.floats(0.3, 6.0))
@some
def test_curves_are_never_below_the_response_and_touch_it_on_the_grid(seed, form, points, widest):
    draws = response(channels=2, draws=15, seed=seed, s_shaped=form is Saturation.HILL, spread=0.6)
    draws = replace(draws, paid=replace(draws.paid, saturation=(form,) * 2))
    horizon = problem(draws, weeks=4).horizon
    plan = horizon.calendar.baseline
    curves = line_curves(horizon, plan, np.tile(widest * np.linspace(0, 1, points) ** 1.5, (2, 1)))
    where, height = curves.vertices()
    fine = np.linspace(0, widest, 400)
    exact = np.array([horizon.per_unit(plan * y).mean(axis=1) for y in fine]).T
    above = np.array([np.interp(fine, x, h) for x, h in zip(where, height, strict=True)]) - exact
    size = exact.max()
    assert above.min() >= -1e-12 * size
    at = np.array([horizon.per_unit(plan * y).mean(axis=1) for y in curves.grid[0]]).T
    np.testing.assert_allclose(curves.value, at, atol=1e-12 * size)


def test_the_over_estimate_closes_in_with_the_square_of_the_step():
    horizon = totals(3).horizon
    plan = horizon.calendar.baseline
    errors = []
    for points in (17, 33, 65):
        curves = line_curves(horizon, plan, np.tile(np.linspace(0, 3, points), (3, 1)))
        where, height = curves.vertices()
        fine = np.linspace(0, 3, 700)
        exact = np.array([horizon.per_unit(plan * y).mean(axis=1) for y in fine]).T
        over = np.array([np.interp(fine, x, h) for x, h in zip(where, height, strict=True)])
        errors.append(float((over - exact).max()))
    assert errors[1] < 0.4 * errors[0]
    assert errors[2] < 0.4 * errors[1]


def test_some_rows_alone_have_the_same_curves():
    horizon = totals(5, channels=4).horizon
    grid = np.tile(np.linspace(0, 2, 5), (4, 1))
    whole = line_curves(horizon, horizon.calendar.baseline, grid)
    part = line_curves(horizon, horizon.calendar.baseline, grid[:2], np.array([1, 3]))
    np.testing.assert_allclose(part.value, whole.value[[1, 3]])
    np.testing.assert_allclose(part.left, whole.left[[1, 3]])


def test_any_multipliers_bound_every_plan():
    made = totals(7)
    curves, oracle, feasible = row_curves(made)
    rows, rng = Rows(feasible), np.random.default_rng(0)
    budget = made.constraints[0].total
    plans = rng.dirichlet(np.ones(3), 40) * budget / oracle.decision.factor.sum(axis=1)
    plans = plans[(plans <= feasible.upper[:, 0]).all(axis=1)]
    best = max(oracle.value(y[:, None]) for y in plans)
    for _ in range(30):
        duals = rng.normal(0, 30.0, len(feasible.rhs))
        assert rows.bound(curves, curves.low, curves.high, duals, np.zeros(0)) >= best


def test_refining_makes_a_curve_exact_there_and_nowhere_lower_than_it_is():
    made = totals(11)
    curves, oracle, _ = row_curves(made)
    y = 0.37 * curves.high
    before = curves.over(y)
    assert curves.refine(y, np.ones(3, dtype=bool))
    exact = oracle.response.per_unit(oracle.decision.spend(y[:, None])).mean(axis=1)
    np.testing.assert_allclose(curves.over(y), exact, rtol=1e-10)
    assert (before >= curves.over(y) * (1 - 1e-12)).all()
    assert not curves.refine(y, np.ones(3, dtype=bool))


def grid_best(made, steps, fits):
    """The best value over a grid of totals; ``fits(shares)`` says which satisfy the other constraints."""
    total = made.constraints[0].total
    shares = made.baseline / made.baseline.sum(axis=1, keepdims=True)
    curves = np.array([made.horizon.per_channel(shares * total * m / steps).mean(axis=1) for m in range(steps + 1)])
    weight, cost = made.objective.response_weight, float(made.objective.spend_weight[0])
    best = -np.inf
    for first in range(steps + 1):
        for second in range(steps + 1 - first):
            units = np.array([first, second, steps - first - second])
            spend = shares * (total * units / steps)[:, None]
            if (spend <= made.upper * (1 + 1e-12)).all() and fits(units / steps):
                best = max(best, weight * float(curves[units, range(3)].sum()) - cost * total)
    return best


@given(st.integers(0, 10_000), st.floats(0.5, 1.1), st.booleans())
@settings(some, max_examples=max(EXAMPLES // 2, 5))
def test_totals_under_several_rows_match_brute_force(seed, level, profit):
    draws = response(channels=3, draws=16, seed=seed, s_shaped=True)
    total = level * baseline_total(draws, 3)
    constraints = (
        Budget(total),
        GroupBounds("pair", ("channel 0", "channel 1"), least=0.2 * total, most=0.9 * total),
        GroupShare("last", ("channel 1", "channel 2"), min_share=0.3, max_share=0.95),
    )
    made = problem(
        draws,
        weeks=3,
        constraints=constraints,
        granularity=Granularity.TOTAL,
        objective=Profit(0.9) if profit else None,
    )
    try:
        plan = allocate(made, gap=5e-4)
    except InfeasibleError:
        # Caps may leave a group too little room; contradictions have their own tests.
        return
    best = grid_best(made, 60, lambda s: 0.2 <= s[0] + s[1] <= 0.9 and 0.3 <= s[1] + s[2] <= 0.95)
    floor = max(abs(plan.value), 0.01 * total)
    assert plan.value >= best - 1e-3 * floor
    assert plan.upper_bound >= best - 1e-9 * floor
    assert plan.gap <= 5e-4
    assert plan.certified


@given(st.integers(0, 10_000), st.sampled_from([6, 9]), st.floats(0.35, 1.0))
@settings(some, max_examples=max(EXAMPLES // 3, 5))
def test_many_channels_are_certified(seed, channels, level):
    plan = allocate(totals(seed, channels=channels, weeks=4, level=level), gap=5e-4)
    assert plan.gap <= 5e-4
    assert "branch and bound" in plan.bound_method


def test_a_constraint_with_helper_variables_is_bounded_too():
    draws = response(channels=3, draws=16, seed=4, s_shaped=True)
    total = baseline_total(draws, 3)
    made = problem(
        draws,
        weeks=3,
        constraints=(Budget(total, up_to=True), StayWithin(None, 0.2)),
        granularity=Granularity.TOTAL,
    )
    assert not ConicSet(made, decide(made)).plain
    plan = allocate(made, gap=1e-3)
    assert plan.certified
    moved = np.abs(plan.spend.sum(axis=1) - made.baseline.sum(axis=1)).sum()
    assert moved <= 2 * 0.2 * made.baseline.sum() * (1 + 1e-6)
    rng = np.random.default_rng(0)
    for _ in range(300):
        change = rng.normal(0, 0.1, 3) * made.baseline.sum(axis=1)
        change -= max(change.sum(), 0.0) / 3
        spend = made.baseline * (1 + change / made.baseline.sum(axis=1))[:, None]
        if np.abs(change).sum() <= 0.4 * made.baseline.sum() and (spend >= 0).all() and (spend <= made.upper).all():
            assert made.horizon.evaluate(spend).value <= plan.upper_bound * (1 + 1e-12)


def test_an_empty_box_is_recognised_by_proof():
    made = totals(2)
    curves, _, feasible = row_curves(made)
    rows = Rows(feasible)
    assert rows.relax(curves, 0.999 * curves.high, curves.high) is None
    assert rows.relax(curves, curves.low, 0.01 * curves.high) is None
    assert rows.relax(curves, curves.low, curves.high) is not None


def test_time_and_interrupts_leave_the_best_plan_and_its_bound():
    made = totals(9, channels=8, weeks=4, level=0.5)
    late = allocate(made, gap=1e-12, time_limit=0.0)
    assert np.isfinite(late.upper_bound)
    assert late.upper_bound >= late.value
    seen = []
    allocate(made, gap=1e-5, progress=seen.append)
    assert seen
    assert all(state.upper_bound >= state.value for state in seen)


def test_negative_weights_are_left_to_another_method():
    horizon = totals(1).horizon
    assert supported(horizon)
    beta = horizon.response.paid.beta.copy()
    beta[0, 0, 0] = -1.0
    draws = replace(horizon.response, paid=replace(horizon.response.paid, beta=beta))
    assert not supported(type(horizon)(draws, horizon.calendar))
