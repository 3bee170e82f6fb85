"""ROAS floors and CPA ceilings: met, priced, and no plan on a grid is better."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mmm.exceptions import InfeasibleError, SpecError
from optimizer import Budget, allocate
from optimizer.constraints_response import CpaCeiling, RoasFloor
from optimizer.risk import CVaR, MeanSd
from optimizer.solvers.oracle import decide, oracle_of
from tests.test_optimizer.responses import baseline_total, problem, response

WEEKS = 2


def made_with(*floors, s_shaped: bool = False, seed: int = 3, up_to: bool = True, **given):
    draws = response(channels=2, draws=32, seed=seed, s_shaped=s_shaped)
    budget = Budget(baseline_total(draws, WEEKS), up_to=up_to, name="budget")
    return problem(draws, weeks=WEEKS, constraints=(budget, *floors), **given)


def roas(made, spend, rows=slice(None)) -> float:
    return float(made.horizon.per_channel(spend)[rows].mean(axis=1).sum() / spend[rows].sum())


def best_of_grid(made, allowed, steps: int = 14) -> float:
    """The best value over a grid of weeks, among plans that ``allowed`` lets through."""
    total, best = made.constraints[0].total, -np.inf
    oracle = oracle_of(made, decide(made))
    grid = np.linspace(0, 1, steps)
    cells = np.array(np.meshgrid(*[grid] * 4, indexing="ij")).reshape(4, -1).T * made.upper.ravel()
    for row in cells[cells.sum(axis=1) <= total * (1 + 1e-12)]:
        spend = row.reshape(2, WEEKS)
        if spend.sum() > 0 and allowed(spend):
            best = max(best, oracle.value(oracle.decision.variables(spend)))
    return best


@pytest.mark.parametrize("times", [1.05, 1.3])
def test_a_floor_in_total_is_met_and_no_plan_is_better(times):
    free = made_with()
    floor = times * roas(free, allocate(free).spend)
    made = made_with(RoasFloor(None, floor, name="floor"))
    plan = allocate(made, gap=1e-5)
    assert roas(made, plan.spend) >= floor * (1 - 1e-6)
    assert plan.gap <= 1e-5
    assert "floor" in plan.binding
    grid = best_of_grid(made, lambda spend: roas(made, spend) >= floor)
    assert plan.value >= grid * (1 - 1e-3)
    assert plan.upper_bound >= grid


def test_the_price_of_a_floor_is_its_finite_difference():
    free = made_with()
    floor = 1.2 * roas(free, allocate(free).spend)
    values = [allocate(made_with(RoasFloor(None, floor + 0.01 * s, name="floor")), gap=1e-8).value for s in (1, 0, -1)]
    price = allocate(made_with(RoasFloor(None, floor, name="floor")), gap=1e-8).shadow_prices["floor"].value
    low, high = sorted([values[1] - values[0], values[2] - values[1]])
    assert low * (1 - 0.02) <= price <= high * (1 + 0.02)


def test_floors_of_single_channels_and_ceilings_hold_together_with_a_tail():
    free = made_with()
    spend = allocate(free).spend
    floor, ceiling = 1.2 * roas(free, spend, slice(0, 1)), 0.8 / roas(free, spend, slice(1, 2))
    for risk in (free.risk, CVaR(0.3)):
        made = made_with(RoasFloor(("channel 0",), floor), CpaCeiling(("channel 1",), ceiling))
        plan = allocate(replace(made, risk=risk), gap=1e-4)
        brought, paid = made.horizon.per_channel(plan.spend).mean(axis=1), plan.spend.sum(axis=1)
        assert brought[0] >= floor * paid[0] * (1 - 1e-6)
        assert paid[1] <= ceiling * brought[1] * (1 + 1e-6)
        assert plan.certified


def test_a_ceiling_counts_units_not_their_value():
    floor = CpaCeiling(None, 4.0)
    assert floor.worth(1.0, 5.0) == pytest.approx(0.8)
    assert RoasFloor(None, 2.0).worth(5.0, 1.0) == pytest.approx(2.5)


def test_s_shaped_floors_are_met_and_bounded():
    free = made_with(s_shaped=True)
    floor = 1.1 * roas(free, allocate(free).spend)
    made = made_with(RoasFloor(None, floor), s_shaped=True)
    plan = allocate(made)
    assert roas(made, plan.spend) >= floor * (1 - 1e-6)
    grid = best_of_grid(made, lambda spend: roas(made, spend) >= floor, steps=9)
    assert plan.upper_bound >= grid
    assert plan.value >= grid * (1 - 1e-2)


def test_a_floor_that_no_plan_meets_is_said():
    with pytest.raises(InfeasibleError, match="no plan meets") as caught:
        allocate(made_with(RoasFloor(None, 50.0, name="dream"), up_to=False))
    assert "dream" in caught.value.conflict[0]


def test_a_rounded_plan_still_meets_its_floor():
    free = made_with()
    floor = 1.1 * roas(free, allocate(free).spend)
    made = made_with(RoasFloor(None, floor), round_to=0.01)
    plan = allocate(made)
    assert roas(made, plan.spend) >= floor * (1 - 2e-6)


def test_a_floor_beside_a_locally_solved_measure_is_refused():
    with pytest.raises(SpecError, match="only locally solved"):
        allocate(replace(made_with(RoasFloor(None, 1.0)), risk=MeanSd(1.0)))


@pytest.mark.parametrize("make", [lambda: RoasFloor(None, 0.0), lambda: CpaCeiling(None, float("nan"))])
def test_limits_of_nothing_are_refused(make):
    with pytest.raises(SpecError):
        make()
