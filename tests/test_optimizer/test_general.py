"""Channels that work on each other: derivatives, synergy certified, a multiplying outcome honest about its bound."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmm.exceptions import SpecError
from mmm.response.coupled import CoupledHorizon, Interplay
from mmm.response.horizon import HorizonResponse
from mmm.response.interplays import LogOutcome, Synergy
from optimizer.constraints import Budget
from optimizer.constraints_response import RoasFloor
from optimizer.problem import AllocationProblem, Granularity
from optimizer.risk import MeanSd, ReachProbability, WorstFit
from optimizer.several import SeveralResponses
from optimizer.solve import allocate
from tests.test_optimizer.responses import baseline_total, problem, response


def coupled(made: AllocationProblem, interplay: Callable[[HorizonResponse], Interplay]) -> AllocationProblem:
    """Return the problem with an interplay between channels."""
    planning, held = (CoupledHorizon(one, interplay(one)) for one in (made.horizon, made.held_back))
    return replace(made, horizon=planning, held_back=held)


def synergy(horizon: HorizonResponse) -> Synergy:
    return Synergy(((0, 1),), np.random.default_rng(0).uniform(0.2, 0.8, (1, horizon.n_draws)))


def multiplying(horizon: HorizonResponse) -> LogOutcome:
    most = horizon.evaluate(horizon.calendar.baseline).per_draw
    return LogOutcome(np.maximum(0.7 * most, 1e-6))


@pytest.mark.parametrize("kind", ["synergy", "log"])
def test_gradients_are_the_differences(kind: str) -> None:
    made = problem(response())
    horizon = coupled(made, synergy if kind == "synergy" else multiplying).horizon
    spend = made.baseline * 1.2
    here = horizon.evaluate(spend, 2)
    assert here.gradient is not None
    for c, t in itertools.product(range(3), (0, 3)):
        step = 1e-5 * spend[c, t]
        up, down = spend.copy(), spend.copy()
        up[c, t] += step
        down[c, t] -= step
        slope = (horizon.evaluate(up).value - horizon.evaluate(down).value) / (2 * step)
        assert here.gradient[c, t] == pytest.approx(slope, rel=1e-6)


def brute_force(made: AllocationProblem, total: float, steps: int = 60) -> float:
    """Return the best value over a grid of channel totals, spread as the baseline."""
    shape = made.baseline / made.baseline.sum(axis=1, keepdims=True)
    cap = (made.upper / np.maximum(shape, 1e-12)).min(axis=1)
    grid = np.linspace(0.0, total, steps + 1)
    values = [
        made.horizon.evaluate(np.array([a, b, total - a - b])[:, None] * shape).value
        for a, b in itertools.product(grid, grid)
        if a + b <= total * (1 + 1e-12) and (np.array([a, b, total - a - b]) <= cap * (1 + 1e-9)).all()
    ]
    return max(values)


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 40))
def test_synergy_is_certified(seed: int) -> None:
    draws = response(seed=seed)
    total = baseline_total(draws)
    made = problem(draws, constraints=(Budget(total),), granularity=Granularity.TOTAL)
    made = coupled(made, synergy)
    found = allocate(made)
    best = brute_force(made, total)
    assert found.certified
    assert found.upper_bound >= best * (1 - 1e-9)
    assert found.value >= best * (1 - 1e-3)
    assert found.spend.sum() == pytest.approx(total, rel=1e-6)


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 40))
def test_a_multiplying_outcome_gets_a_good_plan_and_no_bound(seed: int) -> None:
    draws = response(seed=seed)
    total = baseline_total(draws)
    made = problem(draws, constraints=(Budget(total),), granularity=Granularity.TOTAL)
    made = coupled(made, multiplying)
    found = allocate(made)
    assert found.value >= brute_force(made, total) * (1 - 1e-3)
    assert found.bound_method == "none"
    assert found.to_json()["upper_bound"] is None
    assert not found.certified


def test_the_whole_is_not_the_sum_of_what_channels_lose() -> None:
    made = problem(response())
    made = coupled(made, synergy)
    found = allocate(made)
    held = made.held_back.evaluate(found.spend).per_draw
    assert found.held_back_value == pytest.approx(held.mean())
    assert sum(c.value.mean for c in found.channels.values()) > held.mean()


def test_measures_that_are_not_concave_get_no_tangent_bound() -> None:
    made = coupled(problem(response(seed=3, draws=40)), synergy)
    mean = allocate(made)
    found = allocate(replace(made, risk=MeanSd(2.0)))
    assert found.bound_method.startswith("the best mean")
    assert found.upper_bound == pytest.approx(mean.upper_bound, rel=1e-3)
    share = allocate(replace(made, risk=ReachProbability(0.5 * (mean.value - mean.baseline_value))))
    assert share.bound_method == "none"
    assert not share.certified


def test_a_floor_on_a_coupled_response_is_refused_rather_than_left_out() -> None:
    draws = response(seed=3, draws=40)
    budget = Budget(baseline_total(draws), up_to=True)
    made = problem(draws, constraints=(budget, RoasFloor(None, 1_000.0)))
    for interplay in (synergy, multiplying):
        with pytest.raises(SpecError, match="channels work on each other"):
            allocate(coupled(made, interplay))


def test_several_coupled_responses_are_coupled() -> None:
    made = coupled(problem(response(seed=3, draws=40)), multiplying)
    both = replace(
        made,
        horizon=SeveralResponses([made.horizon, made.horizon]),
        held_back=SeveralResponses([made.held_back, made.held_back]),
        risk=WorstFit(),
    )
    assert not both.horizon.separable
    assert allocate(both).value == pytest.approx(allocate(made).value, rel=1e-3)
