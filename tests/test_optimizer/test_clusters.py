"""Weekly plans of S-shaped channels: the envelopes of clusters of draws are never below the response, in any box."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mmm.response.calendar import BaselineRule, business_as_usual
from mmm.response.centred import centred
from mmm.response.clusters import clustered, joined
from mmm.response.envelopes import line_curves, supported
from mmm.response.horizon import HorizonResponse
from mmm.response.units import decision_units
from mmm.transforms.saturation import Saturation
from optimizer import Budget, GroupShare, Profit, Ramp, allocate
from optimizer.solvers import hulls
from optimizer.solvers.bounds import support
from optimizer.solvers.boxes import BoxedSet, BoxSupport
from optimizer.solvers.clusters import ClusterEnvelope
from optimizer.solvers.conic import ConicSet
from optimizer.solvers.oracle import decide, oracle_of
from optimizer.solvers.relaxation import Best, Relaxation
from optimizer.solvers.shaving import Shaver
from optimizer.solvers.solution import Goal
from tests.test_mmm.test_response.make_geos import unbalanced
from tests.test_optimizer.responses import baseline_total, problem, response

EXAMPLES = int(os.environ.get("MIXWISE_EXAMPLES", "25"))
some = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
few = settings(some, max_examples=max(EXAMPLES // 3, 5))


def made_of(seed, *, channels=2, weeks=4, draws=24, level=0.8, **asked):
    made = response(channels=channels, draws=draws, seed=seed, s_shaped=True, spread=asked.pop("spread", 0.3))
    constraints = asked.pop("constraints", None) or (Budget(level * baseline_total(made, weeks)),)
    return problem(made, weeks=weeks, constraints=constraints, **asked)


def random_box(rng, made):
    ends = rng.uniform(0, 1, (2, *made.upper.shape)) * made.upper
    return ends.min(axis=0), ends.max(axis=0)


@given(st.integers(0, 10_000), st.integers(1, 12), st.sampled_from(list(Saturation)), st.booleans())
@some
def test_planes_are_never_below_the_response_in_their_box(seed, clusters, form, around):
    rng = np.random.default_rng(seed)
    made = made_of(seed, spread=float(rng.uniform(0.1, 1.0)))
    draws = made.horizon.response
    if form is not Saturation.HILL:
        draws = replace(draws, paid=replace(draws.paid, saturation=(form,) * 2))
    horizon = type(made.horizon)(draws, made.calendar, week_value=rng.uniform(0.0, 2.0, len(made.horizon.week_value)))
    low, high = random_box(rng, made)
    found = clustered(horizon, made.upper, clusters)
    if around:
        found = centred(horizon, found, made.upper, made.upper * rng.uniform(0, 1, made.upper.shape) ** 3)
    envelope = ClusterEnvelope(found, low, high)
    plans = low + (high - low) * rng.uniform(0, 1, (12, *low.shape)) ** rng.uniform(0.3, 3.0)
    plans = np.concatenate([plans, low[None], high[None]])
    exact = np.array([horizon.evaluate(plan).value for plan in plans])
    size = max(np.abs(exact).max(), 1e-9)
    for plan in plans:
        here = envelope.at(plan)
        assert here.value >= horizon.evaluate(plan).value - 1e-9 * size
        planes = np.array([here.value + (here.gradient * (other - plan)).sum() for other in plans])
        assert (planes >= exact - 1e-9 * size).all()
        assert np.linalg.eigvalsh(here.hessian).max() <= 1e-9 * max(np.abs(here.hessian).max(), 1e-300)


def test_more_clusters_and_smaller_boxes_are_tighter():
    made = made_of(3, weeks=6, draws=160)
    plan = 0.5 * made.upper
    exact = made.horizon.evaluate(plan).value
    above = []
    for clusters in (1, 4, 20):
        found = clustered(made.horizon, made.upper, clusters)
        above.append(ClusterEnvelope(found, 0 * plan, made.upper).at(plan).value - exact)
    assert above[0] > above[1] > above[2] > 0
    found = clustered(made.horizon, made.upper, 20)
    narrow = ClusterEnvelope(found, 0.45 * made.upper, 0.55 * made.upper).at(plan).value - exact
    assert narrow < above[2]


def test_single_draws_in_a_point_box_are_exact():
    made = made_of(8, draws=16)
    plan = 0.4 * made.upper
    found = clustered(made.horizon, made.upper, 1000)
    assert len(found.row) == 2 * made.horizon.n_draws
    close = ClusterEnvelope(found, plan, plan).at(plan).value
    # The curves' corners are all that is between the two.
    assert close == pytest.approx(made.horizon.evaluate(plan).value, rel=2e-3)


def test_effects_that_differ_by_week_and_draw_are_covered():
    made = made_of(5, draws=40)
    rng = np.random.default_rng(0)
    horizon = made.horizon
    blocks = horizon._blocks
    factor = rng.uniform(0.5, 1.5, (len(blocks.alpha), len(horizon.week_value), horizon.n_draws))
    horizon._blocks = replace(blocks, factor=factor)
    horizon._reference = horizon._totals(np.zeros(horizon.shape))
    found = clustered(horizon, made.upper, 6)
    around = centred(horizon, found, made.upper, 0.3 * made.upper)
    for clusters in (found, around, joined((found, around), np.array([1, 0]))):
        envelope = ClusterEnvelope(clusters, np.zeros(made.upper.shape), made.upper)
        for _ in range(30):
            plan = rng.uniform(0, 1, made.upper.shape) * made.upper
            assert envelope.at(plan).value >= horizon.evaluate(plan).value


def test_wide_clusters_lose_little_at_the_plan_that_they_are_centred_on():
    made = made_of(4, weeks=6, draws=160, spread=0.5)
    rng = np.random.default_rng(2)
    plan = 0.4 * made.upper * rng.uniform(0.8, 1.2, made.upper.shape)
    exact = made.horizon.evaluate(plan).value
    found = clustered(made.horizon, made.upper, 2)
    around = centred(made.horizon, found, made.upper, plan)
    plain, close = (ClusterEnvelope(one, 0 * plan, made.upper).at(plan).value - exact for one in (found, around))
    assert 0 < close < 0.5 * plain
    rows = [ClusterEnvelope(one, 0 * plan, made.upper).rows(plan)[0] for one in (found, around)]
    mixed = ClusterEnvelope(joined((found, around), np.array([0, 1])), 0 * plan, made.upper)
    np.testing.assert_allclose(mixed.rows(plan)[0], [rows[0][0], rows[1][1]], rtol=1e-12)


def test_rows_whose_range_stays_are_taken_over():
    made = made_of(6, weeks=5, draws=40)
    found = clustered(made.horizon, made.upper, 5)
    zero, smaller, plan = 0 * made.upper, made.upper.copy(), 0.3 * made.upper
    smaller[1, 2] *= 0.5
    first = ClusterEnvelope(found, zero, made.upper)
    fresh, taken = (ClusterEnvelope(found, zero, smaller, like=like) for like in (None, first))
    assert taken.at(plan).value == fresh.at(plan).value < first.at(plan).value


@given(st.integers(0, 10_000))
@some
def test_smooth_curves_through_corners_are_concave_and_have_their_slopes(seed):
    rng = np.random.default_rng(seed)
    x = np.cumsum(rng.uniform(0.01, 1.0, 12))
    h = np.cumsum(rng.normal(size=12))
    px, ph, flat = np.empty(14), np.empty(14), np.empty(14, dtype=np.bool_)
    n = hulls.hull(x, h, x[0], x[-1], px, ph, flat)
    at = np.linspace(x[0], x[-1], 400)
    found = np.array([hulls.line(px, ph, flat, n, u) for u in at])
    assert (found[:, 0] >= np.interp(at, px[:n], ph[:n]) - 1e-9).all()
    assert (np.diff(found[:, 1]) <= 1e-9).all()
    assert (found[:, 2] <= 1e-12).all()
    for u, (height, slope, _) in zip(at, found, strict=True):
        assert (height + slope * (at - u) >= found[:, 0] - 1e-9).all()


@given(st.integers(0, 10_000), st.floats(0.3, 1.0))
@few
def test_what_is_shaved_off_holds_no_better_plan(seed, level):
    made = made_of(seed, weeks=3, draws=20, level=level)
    decision = decide(made)
    feasible, oracle = ConicSet(made, decision), oracle_of(made, decision)
    goal = Goal(2e-2, 1.0)
    plan = allocate(made, gap=1e-3, time_limit=1.0)
    best = Best(decision.variables(plan.spend), oracle.value(decision.variables(plan.spend)))
    shaver = Shaver(np.zeros(feasible.upper.shape), feasible.upper)
    for _ in range(2):
        around = centred(made.horizon, clustered(made.horizon, made.upper, 20), made.upper, plan.spend)
        shaver.round(Relaxation(oracle, feasible, around), best, goal)
    shaved, rng = shaver.shaved, np.random.default_rng(seed)
    assert (shaved.low <= best.y).all()
    assert (shaved.high >= best.y).all()
    assert goal.relative(shaved.closed, best.value) <= goal.gap
    for _ in range(200):
        y = feasible.project(feasible.upper * rng.dirichlet(np.ones(6)).reshape(2, 3) * rng.uniform(0, 6)).y
        if feasible.violation(y) <= 1e-7 and ((y < shaved.low) | (y > shaved.high)).any():
            assert oracle.value(y) <= shaved.closed + 1e-6 * abs(shaved.closed)


def test_ranges_are_shaved_where_a_plan_must_choose():
    made = made_of(21, channels=4, weeks=3, draws=60, level=0.35)
    feasible, oracle = ConicSet(made, decide(made)), oracle_of(made, decide(made))
    plan = allocate(made, gap=1e-3, time_limit=1.0)
    best = Best(oracle.decision.variables(plan.spend), plan.value)
    shaver = Shaver(np.zeros(feasible.upper.shape), feasible.upper)
    relaxation = Relaxation(oracle, feasible, clustered(made.horizon, made.upper, 60))
    assert shaver.round(relaxation, best, Goal(0.05, 1.0)) > 0
    assert (shaver.shaved.high < feasible.upper).any()


def test_a_box_bounds_linear_functions_and_knows_when_it_is_empty():
    made = made_of(2, channels=3)
    feasible = ConicSet(made, decide(made))
    boxed = BoxedSet(feasible)
    bound, whole = BoxSupport(boxed), support(feasible)
    rng = np.random.default_rng(1)
    for _ in range(20):
        gradient = rng.normal(size=feasible.upper.shape)
        boxed.move(np.zeros_like(feasible.upper), feasible.upper)
        bound.move()
        assert bound.most(gradient) == pytest.approx(whole.most(gradient), rel=1e-9)
        inside = feasible.project(rng.uniform(0, 1, feasible.upper.shape) * feasible.upper).y
        boxed.move(0.9 * inside, np.minimum(1.1 * inside + 1e-6, feasible.upper))
        bound.move()
        assert not boxed.empty
        assert bound.most(gradient) >= (gradient * inside).sum() - 1e-6 * np.abs(gradient * inside).sum()
        assert bound.most(gradient) <= whole.most(gradient) + 1e-9
    boxed.move(0.9 * feasible.upper, feasible.upper)
    assert boxed.empty
    boxed.move(np.zeros_like(feasible.upper), 0.01 * feasible.upper)
    assert boxed.empty


def brute_force(made, steps):
    """The best value over a grid of plans of two channels that spend the whole budget."""
    total, weeks = made.constraints[0].total, len(made.weeks)
    units = np.stack(np.meshgrid(*[np.arange(steps + 1)] * weeks, indexing="ij"), axis=-1).reshape(-1, weeks)
    units = units[units.sum(axis=1) <= steps]
    best = np.full((2, steps + 1), -np.inf)
    for row in units:
        spend = np.tile(total * row / steps, (2, 1))
        values = made.horizon.per_channel(spend).mean(axis=1)
        fits = (spend <= made.upper).all(axis=1)
        best[fits, row.sum()] = np.maximum(best[fits, row.sum()], values[fits])
    return max(best[0, m] + best[1, steps - m] for m in range(steps + 1))


@given(st.integers(0, 10_000), st.sampled_from([(1, 60), (2, 20), (3, 9)]), st.floats(0.4, 1.1))
@few
def test_small_plans_match_brute_force(seed, size, level):
    weeks, steps = size
    made = made_of(seed, weeks=weeks, draws=12, level=level)
    plan = allocate(made, gap=2e-3, time_limit=1.5)
    best = brute_force(made, steps)
    floor = max(abs(plan.value), 0.01 * made.constraints[0].total)
    assert plan.upper_bound >= best - 1e-9 * floor
    assert plan.value >= best - 2e-3 * floor
    assert plan.value <= plan.upper_bound
    assert "envelopes" in plan.bound_method


@given(st.integers(0, 10_000), st.booleans())
@few
def test_random_plans_under_other_rows_stay_below_the_bound(seed, profit):
    draws = response(channels=3, draws=40, seed=seed, s_shaped=True)
    total = 0.7 * baseline_total(draws, 4)
    names = ("channel 0", "channel 1")
    constraints = (Budget(total, up_to=True), GroupShare("pair", names, max_share=0.9), Ramp(None, change=0.9))
    made = problem(draws, weeks=4, constraints=constraints, objective=Profit(0.8) if profit else None)
    plan = allocate(made, gap=1e-3, time_limit=1.0)
    feasible, rng = ConicSet(made, decide(made)), np.random.default_rng(seed)
    for _ in range(15):
        near = feasible.decision.variables(plan.spend) * rng.uniform(0.3, 1.7, (3, 4))
        spend = feasible.decision.spend(feasible.polish(feasible.project(near).y))
        value = made.objective.response_weight * made.horizon.evaluate(spend).value - made.objective.cost(spend)
        assert value <= plan.upper_bound + 1e-6 * abs(plan.upper_bound)


def test_cutting_boxes_lowers_the_bound_and_time_is_kept():
    # At this budget one channel is neither on nor off in the relaxation.
    made = made_of(21, channels=4, weeks=3, draws=60, level=0.35)
    seen = []
    free = allocate(made, gap=1e-3, progress=seen.append)
    first = next(state for state in seen if state.phase == "envelopes")
    assert free.upper_bound < first.upper_bound
    assert all(state.upper_bound >= state.value for state in seen)
    hurried = allocate(made, gap=1e-9, time_limit=0.0)
    assert np.isfinite(hurried.upper_bound)
    assert hurried.upper_bound >= free.value


@pytest.mark.parametrize("by_geo", [False, True])
def test_geos_that_end_and_demand_that_differs_by_draw_are_covered(by_geo):
    draws = unbalanced(slopes=True, demand=True)
    start = draws.weeks[-1] + np.timedelta64(7, "D")
    calendar = business_as_usual(draws, start, 4, BaselineRule.LAST_WEEKS)
    units = decision_units(draws, by_geo=by_geo)
    horizon = HorizonResponse(draws, units.calendar(calendar, draws.geo_shares()), units=units)
    assert supported(horizon)
    most = 2.0 * horizon.calendar.baseline + 1.0
    envelope = ClusterEnvelope(clustered(horizon, most, 5), np.zeros(most.shape), most)
    curves = line_curves(horizon, most, np.tile(np.linspace(0, 1, 9), (len(most), 1)))
    rng = np.random.default_rng(3)
    for share in np.linspace(0, 1, 9):
        rows = horizon.per_unit(share * most).mean(axis=1)
        np.testing.assert_allclose(curves.value[:, round(8 * share)], rows, rtol=1e-9, atol=1e-6)
    for _ in range(20):
        plan = most * rng.uniform(0, 1, most.shape)
        exact = horizon.evaluate(plan).value
        assert envelope.at(plan).value >= exact - 1e-9 * abs(exact)
