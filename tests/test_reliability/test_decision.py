"""The decision benchmark's own arithmetic: tasks, rules, oracles and figures are right before they judge anybody."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from benchmarks.decision import best, figures, judge, rules, tables, tasks, worlds
from simulations.backtest import Claim
from simulations.market.planning import PlanTask, plan_task
from simulations.market.protocol import SimulatedMarket
from simulations.results import Estimate

WEEKS = 13


@pytest.fixture(scope="module")
def market() -> SimulatedMarket:
    return worlds.market_of(worlds.RANDOM, 7)


@pytest.fixture(scope="module")
def task(market: SimulatedMarket) -> PlanTask:
    return plan_task(market)


def test_the_question_names_columns_that_are_in_the_file_and_nothing_of_the_truth(
    market: SimulatedMarket, task: PlanTask, tmp_path_factory: pytest.TempPathFactory
) -> None:
    said = tasks.question(market, task, 1)
    frame = pd.read_csv(tasks.write_csv(market, tmp_path_factory.mktemp("task")))
    named = [said["outcome"], *said["controls"], *said["organic"], *(one["spend"] for one in said["channels"])]
    assert set(named) <= set(frame.columns)
    assert set(said) == {
        "data", "outcome", "value", "geos", "channels", "controls", "organic", "baseline", "tail", "change", "seed",
    }  # fmt: skip


def test_answers_to_another_market_do_not_count(market: SimulatedMarket, task: PlanTask) -> None:
    other = worlds.market_of(worlds.RANDOM, 8)
    assert tasks.digest(market, task) == tasks.digest(worlds.market_of(worlds.RANDOM, 7), task)
    assert tasks.digest(market, task) != tasks.digest(other, plan_task(other))


TASK = plan_task(worlds.market_of(worlds.RANDOM, 7))


@given(st.lists(st.floats(0.0, 10.0), min_size=5, max_size=5))
@example([0.0, 0.0, 0.0, 0.0, 5e-324])
def test_rules_keep_the_budget_and_the_bounds(roas: list[float]) -> None:
    task = TASK
    stated = {name: {"mean": one} for name, one in zip(task.calendar.channels, roas, strict=True)}
    for plan in rules.answers(task, stated).values():
        assert best.keeps(plan, task)


def test_a_rule_follows_what_it_is_named_after(task: PlanTask) -> None:
    totals = task.calendar.baseline.sum(axis=1)
    found = rules.within(np.array([1.0, 1.0, 1.0, 1.0, 1.0]), task)
    free = (found > (1 - task.change) * totals * 1.001) & (found < (1 + task.change) * totals * 0.999)
    assert np.ptp(found[free]) <= 1e-6 * task.budget
    far = rules.within(np.array([1e6, 1.0, 1.0, 1.0, 1e-6]), task)
    assert far[0] == pytest.approx(1.3 * totals[0])
    assert far[4] == pytest.approx(0.7 * totals[4])


def test_the_best_totals_are_the_best_of_a_grid(market: SimulatedMarket, task: PlanTask) -> None:
    found = best.by_totals(market, task, [task.calendar.baseline])
    assert best.keeps(found, task)
    value = market.plan_value(task.calendar, found)
    totals = task.calendar.baseline.sum(axis=1)
    for shares in itertools.product((0.7, 1.0, 1.3), repeat=len(totals) - 1):
        plan = totals * np.array([*shares, 1.0])
        plan[-1] = task.budget - plan[:-1].sum()
        if abs(plan[-1] / totals[-1] - 1.0) > task.change:
            continue
        even = np.repeat(plan[:, None] / WEEKS, WEEKS, axis=1)
        assert market.plan_value(task.calendar, even) <= value * (1 + 1e-4)


def test_an_answer_is_judged_by_what_the_market_does(market: SimulatedMarket, task: PlanTask) -> None:
    weeks = best.by_totals(market, task, [task.calendar.baseline])
    values = judge.Values.of(market, task, judge.Truths(weeks, weeks))
    true = market.truth.roas
    roas = {name: Estimate(1.1 * one, 0.9 * one, 1.3 * one) for name, one in true.items()}
    said = judge.Answer(roas, Claim(weeks, Estimate(0.0, -1.0, 1.0)), 0.5)
    row = judge.replay(market, task, said, values)
    assert row["regret"] == pytest.approx(0.0, abs=1e-12)
    assert row["split_regret"] == pytest.approx(0.0, abs=1e-12)
    assert row["realised"] == pytest.approx(row["possible"])
    assert all(row["covered"].values())
    assert list(row["roas_error"].values()) == pytest.approx([0.1] * len(true))
    kept = judge.replay_plan(market, task, task.calendar.baseline, values)
    assert kept["realised"] == pytest.approx(0.0)
    assert not kept["worse"]
    assert "covered" not in kept


def _row(tool: str, seed: int, regret: float, **more: object) -> dict[str, object]:
    row = {
        "world": "a",
        "seed": seed,
        "tool": tool,
        "regret": regret,
        "split_regret": regret / 2,
        "realised": 0.2 - regret,
    }
    return row | {"possible": 0.2, "worse": regret > 0.2} | more


def test_figures_are_means_with_their_errors() -> None:
    found = figures.figures([_row("x", 1, 0.1), _row("x", 2, 0.3), _row("x", 3, 0.05, failed="no fit")])
    assert found["regret"] == pytest.approx(0.15)
    assert found["regret_se"] == pytest.approx(np.std([0.1, 0.3, 0.05], ddof=1) / np.sqrt(3))
    assert found["captured"] == pytest.approx((0.6 - 0.45) / 0.6)
    assert found["worse"] == pytest.approx(1 / 3)
    assert found["failed"] == 1


def test_a_comparison_takes_the_markets_that_both_answered() -> None:
    rows = [_row("x", 1, 0.1), _row("x", 2, 0.1), _row("y", 2, 0.4), _row("y", 3, 0.0)]
    found = figures.paired(rows, "x", "y")
    assert found is not None
    assert (found["markets"], found["better"]) == (1, 1.0)
    assert found["more"] == pytest.approx(0.3)
    assert figures.paired(rows, "x", "z") is None


def test_the_headline_compares_tools_on_the_same_markets() -> None:
    known = {"roas_error": {"tv": 0.2}, "covered": {"tv": True}}
    rows = [_row("x", 1, 0.1, **known), _row("y", 1, 0.2), _row("x", 2, 0.5, **known)]
    same, whole = tables.headline(rows, ("x", "y", "z"), ("x", "y"), ("a note",))
    assert [line[0] for line in same.rows] == ["x", "y"]
    shown = dict(zip(same.columns, same.rows[0], strict=True))
    assert (shown["markets"], shown["regret"]) == (1, "10.0 %")
    assert shown["ROAS error, median"] == "20 %"
    assert shown["uplift claimed / realised"] == "– / 10.0 %"
    assert "a note" in same.notes
    assert dict(zip(whole.columns, whole.rows[0], strict=True))["markets"] == 2
    assert len(tables.headline(rows[:2], ("x", "y"), ("x", "y"), ())) == 1


def test_every_world_has_its_line() -> None:
    rows = [_row("x", 1, 0.1), _row("y", 1, 0.2), _row("x", 1, 0.3, world="b")]
    table = tables.by_world(rows, ("x", "y"))[0]
    assert [list(line) for line in table.rows] == [["a", "1", "10.0 %", "20.0 %"], ["b", "1", "30.0 %", tables.NONE]]
