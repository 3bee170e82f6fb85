"""Plans under risk measures: values against other solvers, bounds against every plan that can be thought of."""

from __future__ import annotations

from dataclasses import replace

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, minimize

from mmm.exceptions import SolverError
from optimizer import Budget, ChangeVsBaseline, Convex, Granularity, allocate
from optimizer.assemble import checked_bound
from optimizer.risk import CVaR, Mean, MeanCVaR, MeanSd, ReachProbability, WorstFit
from optimizer.several import SeveralResponses
from optimizer.solvers.bounds import support
from optimizer.solvers.conic import ConicSet
from optimizer.solvers.cuts import Cut, CutBound
from optimizer.solvers.oracle import decide, oracle_of
from optimizer.solvers.tail_model import _root, _roots
from tests.test_optimizer.responses import baseline_total, problem, response

few = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def small(seed: int, risk, *, channels: int = 3, weeks: int = 3, s_shaped: bool = False, draws: int = 40, **given):
    posterior = response(channels=channels, draws=draws, seed=seed, spread=0.6, s_shaped=s_shaped)
    return replace(problem(posterior, weeks=weeks, **given), risk=risk)


def smooth_reference(made, level: float, weight: float) -> float:
    """SciPy's SLSQP on Rockafellar and Uryasev's form: variables x, η, z; every draw a constraint."""
    horizon, upper = made.horizon, made.upper
    reference = horizon.evaluate(made.baseline).per_draw
    count, cells = horizon.n_draws, upper.size
    scale, budget = made.baseline.mean(), made.constraints[0].total

    def spend(v):
        return (v[:cells] * scale).reshape(upper.shape)

    def uplift(v):
        return (horizon.evaluate(np.maximum(spend(v), 0)).per_draw - reference) / scale

    def slopes(v):
        jacobian = np.empty((count, cells))
        for s in range(count):
            weights = np.zeros(count)
            weights[s] = 1.0
            jacobian[s] = horizon.evaluate(np.maximum(spend(v), 0), 1, weights=weights).gradient.ravel()
        return jacobian

    def value(v):
        return -((1 - weight) * uplift(v).mean() + weight * (v[cells] - v[cells + 1 :].sum() / (level * count)))

    def gradient(v):
        tail = np.full(count, weight / (level * count))
        return np.concatenate([-(1 - weight) * slopes(v).mean(axis=0), [-weight], tail])

    def short(v):
        return v[cells + 1 :] - v[cells] + uplift(v)

    def short_slope(v):
        return np.hstack([slopes(v), -np.ones((count, 1)), np.eye(count)])

    start = np.concatenate([made.baseline.ravel() / scale, [0.0], np.full(count, 1.0)])
    total = LinearConstraint(np.concatenate([np.ones(cells), np.zeros(count + 1)]), budget / scale, budget / scale)
    boxes = [(0, u / scale) for u in upper.ravel()] + [(None, None)] + [(0, None)] * count
    found = minimize(
        value,
        start,
        jac=gradient,
        bounds=boxes,
        constraints=[total, {"type": "ineq", "fun": short, "jac": short_slope}],
        method="SLSQP",
        options={"maxiter": 300, "ftol": 1e-12},
    )
    return float(reference.mean() - scale * found.fun)


@pytest.mark.parametrize(("seed", "level", "weight"), [(1, 0.2, 1.0), (2, 0.35, 0.5), (3, 0.1, 1.0)])
def test_the_best_tail_agrees_with_another_solver(seed, level, weight):
    made = small(seed, MeanCVaR(level, weight), channels=2)
    plan = allocate(made, gap=1e-6)
    other = smooth_reference(made, level, weight)
    assert plan.gap <= 1e-6
    assert plan.value == pytest.approx(other, rel=1e-5)
    assert plan.upper_bound >= other * (1 - 1e-7)


@given(st.integers(0, 10_000), st.sampled_from([CVaR(0.15), MeanCVaR(0.3, 0.6), WorstFit(CVaR(0.5))]), st.booleans())
@few
def test_no_random_plan_is_above_the_bound(seed, risk, s_shaped):
    made = small(seed, risk, s_shaped=s_shaped, draws=24)
    plan = allocate(made)
    oracle = oracle_of(made, decide(made))
    rng = np.random.default_rng(seed)
    budget = made.constraints[0].total
    for sharp in (0.2, 1.0, 5.0):
        for _ in range(15):
            other = np.minimum(
                budget * rng.dirichlet(np.full(made.upper.size, sharp)).reshape(made.upper.shape), made.upper
            )
            value = oracle.value(oracle.decision.variables(other))
            assert value <= plan.upper_bound + 1e-9 * abs(plan.upper_bound)
    if not s_shaped:
        assert plan.certified


def test_totals_match_brute_force():
    made = small(5, CVaR(0.2), channels=2, granularity=Granularity.TOTAL)
    plan = allocate(made, gap=1e-6)
    oracle, total = oracle_of(made, decide(made)), made.constraints[0].total
    shares = made.baseline / made.baseline.sum(axis=1, keepdims=True)
    tried = []
    for part in np.linspace(0, 1, 401):
        spend = shares * total * np.array([[part], [1 - part]])
        if (spend <= made.upper).all():
            tried.append(oracle.value(oracle.decision.variables(spend)))
    assert max(tried) <= plan.upper_bound
    assert plan.value >= max(tried) * (1 - 1e-6)


def test_a_tail_of_all_draws_is_the_mean():
    mean, tail = allocate(small(7, Mean())), allocate(small(7, CVaR(1.0)))
    assert tail.value == pytest.approx(mean.value, rel=2e-3)


def test_the_worst_of_fits_is_balanced_or_decided_by_one():
    calm, bold = (response(channels=2, draws=24, seed=seed) for seed in (1, 2))
    bold = replace(calm, paid=replace(bold.paid, media=calm.paid.media))
    one, two = (problem(draws, weeks=2) for draws in (calm, bold))
    both = SeveralResponses([one.horizon, two.horizon])
    held = SeveralResponses([one.held_back, two.held_back])
    made = replace(one, horizon=both, held_back=held, risk=WorstFit())
    plan = allocate(made, gap=1e-6)
    total, base = made.constraints[0].total, made.row_baseline
    start = [fit.evaluate(base).value for fit in both.fits]
    grid = []
    steps = np.linspace(0, 1, 9)
    for a in steps:
        for b in steps:
            for c in steps:
                spend = total * np.array([[a * b, a * (1 - b)], [(1 - a) * c, (1 - a) * (1 - c)]])
                if (spend <= made.upper).all():
                    gains = [fit.evaluate(spend).value - s for fit, s in zip(both.fits, start, strict=True)]
                    grid.append(np.mean(start) + min(gains))
    assert plan.value >= max(grid) * (1 - 1e-6)
    assert plan.gap <= 1e-6


def test_prices_are_finite_differences():
    made = small(11, CVaR(0.25), channels=2, weeks=2)
    plan, move = allocate(made, gap=1e-8), 1e-3 * made.constraints[0].total
    sides = [
        allocate(replace(made, constraints=(Budget(made.constraints[0].total + side * move),)), gap=1e-8).value
        for side in (-1, 1)
    ]
    left, right = (plan.value - sides[0]) / move, (sides[1] - plan.value) / move
    price = plan.shadow_prices["budget"].value
    slack = 0.02 * abs(left)
    assert min(left, right) - slack <= price <= max(left, right) + slack


def test_mean_less_sd_is_bounded_by_the_mean():
    mean, made = allocate(small(4, Mean())), small(4, MeanSd(0.8))
    plan = allocate(made)
    oracle = oracle_of(made, decide(made))
    assert plan.value <= mean.upper_bound
    assert plan.upper_bound == pytest.approx(mean.upper_bound, rel=1e-2)
    assert plan.value >= oracle.value(oracle.decision.variables(mean.spend)) - 1e-9
    assert "mean" in plan.bound_method


def test_reaching_a_target_reports_the_exact_share():
    made = small(6, ReachProbability(3.0), draws=60, constraints=None)
    plan = allocate(made)
    uplift = made.horizon.evaluate(plan.spend).per_draw - made.horizon.evaluate(made.baseline).per_draw
    assert plan.value == pytest.approx(float((uplift >= 3.0).mean()))
    assert plan.value <= plan.upper_bound <= 1.0
    mean = allocate(replace(made, risk=Mean())).spend
    gained = made.horizon.evaluate(mean).per_draw - made.horizon.evaluate(made.baseline).per_draw
    assert plan.value >= float((gained >= 3.0).mean())
    assert plan.problem.value_unit == "of all draws"


def test_a_target_out_of_reach_is_proved_so():
    draws = response(channels=2, draws=40, seed=1)
    total = baseline_total(draws, 3)
    made = problem(draws, weeks=3, constraints=(Budget(total), ChangeVsBaseline(None, 0.02)))
    plan = allocate(replace(made, risk=ReachProbability(50 * total)))
    assert plan.value == 0.0
    assert plan.upper_bound < 0.1


def test_a_wrong_bound_is_caught():
    made = small(1, CVaR(0.2), channels=2)
    plan = allocate(made)
    with pytest.raises(SolverError, match="upper bound"):
        checked_bound(plan.value * (1 - 1e-4), plan.value, 1.0)


@given(st.integers(0, 10_000))
@few
def test_tangents_bound_whatever_multipliers_the_solver_gives(seed):
    made = small(seed, Mean(), draws=16)
    decision = decide(made)
    feasible = ConicSet(made, decision)
    rng = np.random.default_rng(seed)
    slopes = [rng.standard_normal(decision.shape) for _ in range(4)]
    bound = CutBound(feasible, support(feasible))
    for slope in slopes:
        bound.add(Cut(float(rng.standard_normal()), slope))
    cuts, budget = bound.cuts, made.constraints[0].total
    most = bound.most()
    for _ in range(50):
        spend = budget * rng.dirichlet(np.ones(made.upper.size)).reshape(made.upper.shape)
        if (spend <= made.upper).all():
            y = decision.variables(spend)
            assert min(cut.at(y) for cut in cuts) <= most + 1e-9


@pytest.mark.parametrize("kind", ["cone", "helper variables"])
def test_sets_with_cones_or_helper_variables_are_certified_too(kind):
    made = small(9, CVaR(0.25), weeks=2)
    base, total = made.baseline, made.constraints[0].total
    limits = {
        "cone": lambda x: [cp.norm(cp.vec(x - base, order="F")) <= 0.1 * total],
        "helper variables": lambda x: [cp.sum(cp.abs(x - base)) <= 0.15 * total],
    }
    made = replace(made, constraints=(*made.constraints, Convex(limits[kind], name="near")))
    plan = allocate(made)
    free = allocate(small(9, CVaR(0.25), weeks=2))
    assert plan.certified
    assert plan.value <= free.upper_bound
    oracle, rng = oracle_of(made, decide(made)), np.random.default_rng(0)
    for _ in range(60):
        other = base + rng.standard_normal(base.shape) * 0.02 * total
        other = np.clip(other * total / other.sum(), 0, made.upper)
        far = np.linalg.norm(other - base) / 0.1 if kind == "cone" else np.abs(other - base).sum() / 0.15
        if far <= total and abs(other.sum() - total) <= 1e-9 * total:
            assert oracle.value(oracle.decision.variables(other)) <= plan.upper_bound


@pytest.mark.parametrize("granularity", [Granularity.WEEK, Granularity.TOTAL])
def test_fits_that_agree_on_little_are_certified_too(granularity):
    """Steps by one fit's weights are poor plans of the other, and nothing else told the model so."""
    first, second = (response(channels=3, draws=draws, seed=seed) for draws, seed in ((40, 1), (56, 51)))
    second = replace(second, spend=first.spend, paid=replace(second.paid, media=first.paid.media))
    one, two = (problem(draws, weeks=3, granularity=granularity) for draws in (first, second))
    both, held = (SeveralResponses(pair) for pair in ((one.horizon, two.horizon), (one.held_back, two.held_back)))
    plan = allocate(replace(one, horizon=both, held_back=held, risk=WorstFit()))
    assert plan.certified
    # The worst of the fits is never above their mean.
    assert plan.value <= allocate(replace(one, horizon=both, held_back=held)).upper_bound


def test_a_band_that_left_the_bend_indefinite_is_no_obstacle():
    # Curves that are infinitely steep at nothing: slopes lie on both sides of 1, and one channel earns little.
    draws = response(seed=5, s_shaped=True, carry=(0.05, 0.9))
    slope = draws.paid.slope.copy()
    slope[:, :, ::2] = 0.45
    beta = draws.paid.beta.copy()
    beta[1] *= 1e-3
    draws = replace(draws, paid=replace(draws.paid, slope=slope, beta=beta))
    made = replace(problem(draws, weeks=13), risk=CVaR(0.1))
    found = allocate(made, time_limit=20)
    assert np.isfinite(found.value)
    assert found.upper_bound >= found.value
    assert found.spend.sum() == pytest.approx(made.baseline.sum(), rel=1e-6)


def test_roots_of_indefinite_matrices_are_of_the_nearest_one():
    rng = np.random.default_rng(0)
    half = rng.standard_normal((4, 2))
    singular = half @ half.T - 1e-8 * np.eye(4)
    root = _root(singular)
    np.testing.assert_allclose(root @ root.T, singular, atol=1e-7)
    definite = half @ half.T + np.eye(4)
    np.testing.assert_allclose(_root(definite) @ _root(definite).T, definite)


def test_bends_that_a_band_left_indefinite_have_roots_near_them():
    # What one sees of a curve that is infinitely steep at nothing: the weeks without spend bend by orders of magnitude
    # more, and the carryover that a band leaves out is what made the whole definite.
    week = np.array([1e8, 1e8, 1.0, 1.0])
    share = np.array([[1, 0.8, 0, 0], [0.8, 1, 0.8, 0], [0, 0.8, 1, 0.8], [0, 0, 0.8, 1.0]])
    bend = np.sqrt(week[:, None] * week[None, :]) * share
    with pytest.raises(np.linalg.LinAlgError):
        np.linalg.cholesky(bend)
    (root,) = _roots(bend[None])
    assert np.isfinite(root).all()
    scaled = (root @ root.T) / np.sqrt(week[:, None] * week[None, :])
    values, vectors = np.linalg.eigh(share)
    np.testing.assert_allclose(scaled, vectors @ np.diag(np.maximum(values, 0.0)) @ vectors.T, atol=1e-6)
