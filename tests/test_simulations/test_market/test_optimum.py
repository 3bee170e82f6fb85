"""The best plan by the truth: certified where the truth is a response, searched elsewhere, feasible always."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy.optimize import linprog

from simulations.backtest import Claim, backtest, plan_task
from simulations.market import preset, simulate_market
from simulations.market.optimum import _Climb, best_plan, oracle
from simulations.market.planning import OBSERVED, books
from simulations.results import Estimate

from .worlds import ALWAYS_ON, one_channel

CHANNELS = {
    "tv": {"spend": ALWAYS_ON, "adstock": 0.5, "roas": 2.5},
    "radio": {"spend": ALWAYS_ON, "adstock": 0.2, "roas": 1.0},
    "social": {"spend": ALWAYS_ON, "roas": 1.6},
}


@dataclass(frozen=True)
class Known:
    """What a fitter returns who knows the truth."""

    roas: dict[str, Estimate]


def world(**changes):
    return one_channel(channels=CHANNELS, **changes)


def linear(name):
    return CHANNELS[name] | {"saturation": {"form": "linear"}}


WORLDS = {
    "additive": world(),
    "synergy": world(synergy=[{"channels": ["tv", "radio"], "strength": 1.0}]),
    "capacity": world(capacity={"binds": 0.4}, unrecorded={"sd": 0.05}),
    "linear": one_channel(channels={name: linear(name) for name in CHANNELS}),
    "drift": one_channel(channels=CHANNELS | {"tv": CHANNELS["tv"] | {"drift_to": 0.2}}),
}


@pytest.fixture(scope="module")
def found():
    made = {}
    for name, spec in WORLDS.items():
        market = simulate_market(spec)
        task = plan_task(market, weeks=6)
        made[name] = market, task, best_plan(market, task, starts=1)
    return made


@pytest.mark.parametrize("name", WORLDS)
def test_the_best_plan_keeps_the_task_and_beats_the_current_one(found, name):
    market, task, plan = found[name]
    totals, baseline = plan.spend.sum(axis=1), task.calendar.baseline.sum(axis=1)
    assert totals.sum() == pytest.approx(task.budget)
    assert (np.abs(totals - baseline) <= task.change * baseline * (1 + 1e-6)).all()
    assert (plan.spend >= 0).all()
    assert (plan.spend <= task.most_a_week[:, None] * (1 + 1e-6)).all()
    assert plan.value == pytest.approx(market.plan_value(task.calendar, plan.spend))
    assert plan.value > market.plan_value(task.calendar, task.calendar.baseline)
    rng = np.random.default_rng(0)
    for _ in range(20):
        other = _feasible(task, rng)
        assert market.plan_value(task.calendar, other) <= plan.value * (1 + 1e-6)


def _feasible(task, rng):
    """Move money between two channels, as far as the task allows, and spread it as it was."""
    baseline = task.calendar.baseline
    giver, taker = rng.permutation(len(baseline))[:2]
    totals = baseline.sum(axis=1)
    money = rng.uniform(0, task.change) * min(totals[giver], totals[taker])
    plan = baseline.copy()
    plan[giver] *= 1 - money / totals[giver]
    plan[taker] *= 1 + money / totals[taker]
    return plan


def test_a_bound_is_given_only_where_the_truth_is_a_response(found):
    for name in ("additive", "drift"):
        plan = found[name][2]
        assert plan.value <= plan.upper_bound <= 1.001 * plan.value
    for name in ("synergy", "capacity", "linear"):
        assert found[name][2].upper_bound is None
        assert "lower bound of the optimum" in found[name][2].method


def test_the_search_finds_what_the_optimiser_certifies(found):
    market, task, certified = found["additive"]
    climb = _Climb(market, task)
    searched = [climb.plan(start) for start in climb.starts(1)]
    values = market.plan_values(task.calendar, np.stack(searched))
    assert values.max() == pytest.approx(certified.value, rel=5e-4)


def test_the_search_solves_a_linear_market(found):
    """The value is linear in the plan, so a linear programme knows the optimum."""
    market, task, plan = found["linear"]
    shape = task.calendar.baseline.shape
    each = [np.zeros(shape) for _ in range(shape[0] * shape[1])]
    for number, one in enumerate(each):
        one.ravel()[number] = 1.0
    gain = market.plan_values(task.calendar, np.stack(each))
    totals = task.calendar.baseline.sum(axis=1)
    rows = np.kron(np.eye(shape[0]), np.ones(shape[1]))
    best = linprog(
        -gain,
        A_ub=np.concatenate([rows, -rows]),
        b_ub=np.concatenate([totals * (1 + task.change), -totals * (1 - task.change)]),
        A_eq=np.ones((1, gain.size)),
        b_eq=[task.budget],
        bounds=[(0, most) for most in np.repeat(task.most_a_week, shape[1])],
    )
    assert plan.value == pytest.approx(-best.fun, rel=1e-4)


def test_an_oracle_regrets_nothing(found):
    market, task, _ = found["additive"]
    known = Known({name: Estimate(value, value, value) for name, value in market.truth.roas.items()})
    result = backtest(market, lambda _: known, lambda _, task: Claim(oracle(market, task)), task=task, oracle=oracle)
    assert result.regret == 0
    assert result.captured == pytest.approx(1.0)


def test_the_task_is_told_from_the_books():
    market = simulate_market(one_channel({"books_error": 0.5, "adstock": 0.5}))
    task = plan_task(market, weeks=4)
    told = market.frame["tv_spend"].to_numpy()
    assert books(market)[0] == pytest.approx(told)
    assert task.calendar.baseline[0] == pytest.approx(told[-4:])
    assert task.calendar.tail[0, :4] == pytest.approx(told[-4:])
    assert task.most_a_week[0] == pytest.approx(OBSERVED * told.max())
    assert not np.allclose(told, market.spend[0])


def test_a_market_of_consumers_has_an_oracle_too():
    world = preset("consumers_starter")
    market = simulate_market(world.model_copy(update={"weeks": 40}))
    task = plan_task(market, weeks=1, change=0.2)
    plan = best_plan(market, task, starts=0)
    totals, baseline = plan.spend.sum(axis=1), task.calendar.baseline.sum(axis=1)
    assert totals.sum() == pytest.approx(task.budget)
    assert (np.abs(totals - baseline) <= task.change * baseline + 1e-6 * task.budget).all()
    assert plan.upper_bound is None
    assert plan.value > market.plan_value(task.calendar, task.calendar.baseline)


def test_a_task_without_a_largest_week_has_none(found):
    market, task, plan = found["linear"]
    free = best_plan(market, replace(task, most_a_week=None), starts=0)
    assert free.value >= plan.value * (1 - 1e-6)
