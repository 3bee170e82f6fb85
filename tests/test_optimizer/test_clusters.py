"""Weekly plans of S-shaped channels: the envelopes of clusters of draws are never below the response, in any box."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mmm.response.calendar import BaselineRule, business_as_usual
from mmm.response.clusters import clustered
from mmm.response.envelopes import line_curves, supported
from mmm.response.horizon import HorizonResponse
from mmm.response.units import decision_units
from mmm.transforms.saturation import Saturation
from optimizer import Budget, GroupShare, Profit, Ramp, allocate
from optimizer.solvers.bounds import support
from optimizer.solvers.boxes import BoxedSet, BoxSupport
from optimizer.solvers.clusters import ClusterEnvelope
from optimizer.solvers.conic import ConicSet
from optimizer.solvers.dispatch import Setting, better_of, own_envelopes
from optimizer.solvers.oracle import decide, oracle_of
from optimizer.solvers.solution import Goal, Solution, Status
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


@given(st.integers(0, 10_000), st.integers(1, 12), st.sampled_from(list(Saturation)))
@some
def test_planes_are_never_below_the_response_in_their_box(seed, clusters, form):
    rng = np.random.default_rng(seed)
    made = made_of(seed, spread=float(rng.uniform(0.1, 1.0)))
    draws = made.horizon.response
    if form is not Saturation.HILL:
        draws = replace(draws, paid=replace(draws.paid, saturation=(form,) * 2))
    horizon = type(made.horizon)(draws, made.calendar, week_value=rng.uniform(0.0, 2.0, len(made.horizon.week_value)))
    low, high = random_box(rng, made)
    found = clustered(horizon, made.upper, clusters)
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
    envelope = ClusterEnvelope(clustered(horizon, made.upper, 6), np.zeros(made.upper.shape), made.upper)
    for _ in range(30):
        plan = rng.uniform(0, 1, made.upper.shape) * made.upper
        assert envelope.at(plan).value >= horizon.evaluate(plan).value


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
    plan = allocate(made, gap=2e-3, time_limit=4.0)
    best = brute_force(made, steps)
    floor = max(abs(plan.value), 0.01 * made.constraints[0].total)
    assert plan.upper_bound >= best - 1e-9 * floor
    assert plan.value >= best - 2e-3 * floor
    assert plan.value <= plan.upper_bound
    assert "clusters" in plan.bound_method


@given(st.integers(0, 10_000), st.booleans())
@few
def test_random_plans_under_other_rows_stay_below_the_bound(seed, profit):
    draws = response(channels=3, draws=40, seed=seed, s_shaped=True)
    total = 0.7 * baseline_total(draws, 4)
    names = ("channel 0", "channel 1")
    constraints = (Budget(total, up_to=True), GroupShare("pair", names, max_share=0.9), Ramp(None, change=0.9))
    made = problem(draws, weeks=4, constraints=constraints, objective=Profit(0.8) if profit else None)
    plan = allocate(made, gap=1e-3, time_limit=2.0)
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


def test_the_lower_of_two_bounds_and_the_better_of_two_plans_are_kept():
    made = problem(response(seed=2, s_shaped=True), weeks=3)
    decision = decide(made)
    goal = Goal(1e-3, 1.0)
    worse = Solution(np.zeros(decision.shape), 1.0, 3.0, "one", Status.LOCAL, "", 4)
    better = Solution(np.ones(decision.shape), 2.0, 5.0, "other", Status.LOCAL, "", 5)
    for pair in ((worse, better), (better, worse)):
        found = better_of(*pair, goal)
        assert (found.value, found.upper_bound, found.bound_method, found.evaluations) == (2.0, 3.0, "one", 9)
        assert found.y is better.y
        assert found.status is Status.LOCAL
    late = better_of(worse, better, replace(goal, deadline=0.0))
    assert late.status is Status.TIME_LIMIT
    assert better_of(worse, replace(better, upper_bound=2.001), goal).status is Status.CERTIFIED


def test_beside_clusters_the_draws_own_envelopes_take_one_climb():
    made = made_of(5, weeks=3, level=0.5)
    decision = decide(made)
    feasible, oracle = ConicSet(made, decision), oracle_of(made, decision)
    start = feasible.project(decision.variables(made.row_baseline)).y
    goal = Goal(1e-3, 1.0)
    own = own_envelopes(Setting(made, oracle, feasible, start, support(feasible)), goal)
    assert own.upper_bound >= own.value >= oracle.value(start) - 1e-6 * own.value
    assert own.upper_bound >= brute_force(made, 9)
    assert "draws' concave envelopes" in own.bound_method
