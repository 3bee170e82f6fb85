"""From brief.yaml to a problem: every key, and every mistake with its place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mmm.exceptions import MixwiseError, SpecError
from optimizer import (
    Booked,
    Bounds,
    Brief,
    Budget,
    ChangeVsBaseline,
    Granularity,
    GroupBounds,
    GroupShare,
    Per,
    Ramp,
    allocate,
)
from tests.test_optimizer.responses import START, baseline_total, response

DRAWS = response(channels=3, draws=16)


def write(folder: Path, text: str) -> Brief:
    path = folder / "brief.yaml"
    path.write_text(text)
    return Brief.from_yaml(path)


def stated(folder: Path, constraint: str):
    brief = write(folder, f"horizon: {{start: 2026-01-05, weeks: 4}}\nconstraints:\n  - {constraint}\n")
    return brief.problem(DRAWS)


def test_the_least_brief_plans_the_baselines_total(tmp_path):
    made = write(tmp_path, "horizon: {start: 2026-01-05, weeks: 4}\n").problem(DRAWS)
    (budget,) = made.constraints
    assert isinstance(budget, Budget)
    assert budget.total == pytest.approx(baseline_total(DRAWS, 4))
    assert not budget.up_to
    assert made.granularity is Granularity.WEEK
    assert made.weeks[0] == START
    assert "no budget" in made.notes[0]
    assert made.horizon.n_draws == made.held_back.n_draws == 8 or made.horizon.n_draws + made.held_back.n_draws == 16


def test_a_budget_taken_from_the_baseline_is_a_multiple_that_can_be_booked(tmp_path):
    text = "horizon: {start: 2026-01-05, weeks: 4}\nround_to: 5\n"
    total = write(tmp_path, text).problem(DRAWS).constraints[0].total
    assert total % 5 == 0
    assert 0 <= baseline_total(DRAWS, 4) - total < 5


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("{channels: all, change_vs_baseline: 0.3}", ChangeVsBaseline(None, 0.3)),
        (
            "{channels: [channel 1], change_vs_baseline: 0.3, per: week}",
            ChangeVsBaseline(("channel 1",), 0.3, Per.WEEK),
        ),
        ("{channel: channel 0, min: 1, max: 2_000}", Bounds(("channel 0",), 1, 2000)),
        ("{channels: all, max: 9, per: week, name: cap}", Bounds(None, None, 9, Per.WEEK, name="cap")),
        (
            "{group: brand, channels: [channel 0, channel 1], min_share: 0.4}",
            GroupShare("brand", ("channel 0", "channel 1"), 0.4),
        ),
        (
            "{group: brand, channels: [channel 0, channel 2], max: 7}",
            GroupBounds("brand", ("channel 0", "channel 2"), None, 7),
        ),
        ("{channels: all, ramp: 0.2}", Ramp(None, change=0.2)),
        ("{channel: channel 0, ramp: {amount: 50}}", Ramp(("channel 0",), amount=50)),
    ],
)
def test_constraints_as_written(tmp_path, written, expected):
    assert stated(tmp_path, written).constraints[1] == expected


def test_booked_weeks(tmp_path):
    made = stated(tmp_path, "{channel: channel 0, booked: {2026-01-05: 0, 2026-01-12: 30}}")
    assert isinstance(made.constraints[1], Booked)
    assert made.booked == {(0, 0): 0.0, (0, 1): 30.0}
    same = stated(tmp_path, "{channel: channel 1, booked: {weeks: [2026-01-12, 2026-01-26], spend: 4}}")
    assert same.booked == {(1, 1): 4.0, (1, 3): 4.0}


def test_extrapolation_is_allowed_by_name(tmp_path):
    made = stated(tmp_path, "{channel: channel 1, allow_extrapolation: true}")
    assert len(made.constraints) == 1
    assert made.observed_range.allowed == ("channel 1",)
    cap = 1.5 * DRAWS.observed_max()
    assert made.upper[0, 0] == pytest.approx(cap[0])
    assert made.upper[1, 0] > cap[1]


def test_profit_values_the_outcome(tmp_path):
    text = (
        "horizon: {start: 2026-01-05, weeks: 4}\nobjective: {maximise: profit, margin: 0.4}\n"
        "future: {value_per_outcome: 5, cost_per_exposure: {channel 1: 1.1}}\n"
    )
    orders = replace(DRAWS, outcome_is_money=False, outcome_name="orders")
    made = write(tmp_path, text).problem(orders)
    plain = write(tmp_path, "horizon: {start: 2026-01-05, weeks: 4}\n").problem(orders)
    mine, theirs = made.horizon.per_channel(made.baseline).mean(1), plain.horizon.per_channel(made.baseline).mean(1)
    assert mine[0] == pytest.approx(5 * theirs[0])
    assert mine[1] < 5 * theirs[1]
    assert made.objective.response_weight == 0.4
    assert made.unit == "EUR"


def test_a_baseline_and_a_bridge_from_files(tmp_path):
    mine = "2026-01-19,channel 0,12.5\n2026-01-26,channel 2,3\n2026-01-19,channel 1,0\n"
    between = "2026-01-05,channel 1,8\n2026-01-05,channel 0,0\n2026-01-05,channel 2,0\n"
    (tmp_path / "mine.csv").write_text(f"week,channel,spend\n{mine}")
    (tmp_path / "between.csv").write_text(f"week,channel,spend\n{between}")
    text = "horizon: {start: 2026-01-19, weeks: 2}\nbaseline: mine.csv\nbridge: between.csv\nbudget: {total: 10}\n"
    made = write(tmp_path, text).problem(DRAWS)
    np.testing.assert_array_equal(made.baseline, [[12.5, 0], [0, 0], [0, 3]])
    np.testing.assert_array_equal(made.calendar.bridge, [[0, 0], [8, 0], [0, 0]])
    assert "between.csv" in made.notes[0]


HEAD = "horizon: {start: 2026-01-05, weeks: 4}\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("budget: {total: 5}\n", ["horizon", "missing"]),
        ("horizon: {start: 2025-12-01, weeks: 4}\n", ["horizon.start", "inside the data"]),
        ("horizon: {start: 2026-01-07, weeks: 4}\n", ["horizon.start", "Monday"]),
        ("horizon: {start: 5, weeks: 4}\n", ["horizon.start", "2027-01-04"]),
        (HEAD + "budget: {total: 0}\n", ["line 2", "budget.total"]),
        (HEAD + "objective: {maximise: npv}\n", ["npv needs the key 'margin' or 'cost_of_goods'"]),
        (HEAD + "objective: {maximise: npv, margin: 0.4}\n", ["npv needs the key 'discount_rate'"]),
        (HEAD + "objective: {maximise: profit, margin: 0.4, cost_of_goods: 3}\n", ["not both"]),
        (HEAD + "objective: {maximise: profit, cost_of_goods: 3}\n", ["costs 3 and brings 1: nothing is left"]),
        (HEAD + "objective: {maximise: profit}\n", ["margin"]),
        (HEAD + "objective: {risk: median}\n", ["objective.risk", "{cvar: 0.1}"]),
        (HEAD + "objective: {risk: {cvar: 0.1, mean_sd: 1}}\n", ["objective.risk", "give one of cvar"]),
        (HEAD + "granularity: day\n", ["granularity"]),
        (HEAD + "colour: red\n", ["'colour' is not known"]),
        (HEAD + "baseline: whatever\n", ["baseline", "same_weeks_last_year"]),
        (HEAD + "baseline: ../outside.csv\n", ["outside"]),
        (HEAD + "future: {cost_per_exposure: {radio: 1.1}}\n", ["future.cost_per_exposure.radio", "channel 0"]),
        (
            HEAD + "constraints: [{channel: radio, max: 5}]\n",
            ["brief.yaml, line 2, constraints.0.channel", "radio", "channel 0"],
        ),
        (HEAD + "constraints: [{channel: channel 0, min: 5, max: 3}]\n", ["constraints.0", "above the maximum"]),
        (HEAD + "constraints: [{channel: channel 0, min: -5}]\n", ["constraints.0.min"]),
        (HEAD + "constraints: [{channel: channel 0}]\n", ["constraints.0", "say what is limited"]),
        (HEAD + "constraints: [{max: 3}]\n", ["constraints.0", "channels"]),
        (HEAD + "constraints: [{channel: channel 0, max: 3, ramp: 1}]\n", ["one constraint says one thing"]),
        (
            HEAD + "constraints: [{channels: all, max: 3, name: a}, {channels: all, min: 1, name: a}]\n",
            ["the name 'a'"],
        ),
        (HEAD + "constraints: [{channel: channel 0, booked: {2027-01-05: 3}}]\n", ["2027-01-05", "not a week"]),
        (
            HEAD + "constraints: [{channels: all, max_share: 0.5}]\n",
            ["constraints.0", "Name the channels of the group"],
        ),
        (
            HEAD + "constraints: [{channels: [channel 2, channel 0, channel 1], min_share: 0.5}]\n",
            ["constraints.0", "all channels together"],
        ),
        (
            HEAD + "constraints: [{channel: channel 0, booked: {weeks: [2026-01-05, 2026-01-05], spend: 3}}]\n",
            ["constraints", "booked twice"],
        ),
        (
            HEAD + "constraints: [{group: g, channels: [channel 0], change_vs_baseline: 0.1}]\n",
            ["'group' is for", "'change_vs_baseline'"],
        ),
        (HEAD + "constraints: [{group: g, channels: [channel 0], ramp: 0.1}]\n", ["'group' is for", "'ramp'"]),
        (
            HEAD + "constraints: [{group: g, channels: [channel 0], allow_extrapolation: true}]\n",
            ["'group' is for", "'allow_extrapolation'"],
        ),
        (
            HEAD + "future: {cost_per_exposure: {channel 1: 0.15}}\n",
            ["line 2", "future.cost_per_exposure.channel 1", "write 1.15 for 15 % dearer"],
        ),
        (HEAD + "future: {cost_per_exposure: {channel 1: 15}}\n", ["write 1.15 for 15 % dearer"]),
        (
            HEAD + "future: {value_per_outcome: 5}\n",
            ["future.value_per_outcome", "'revenue' is money already", "Remove"],
        ),
        (
            HEAD + "bridge: between.csv\n",
            ["bridge", "nothing lies between the data and the horizon", "Remove 'bridge'"],
        ),
        (HEAD + "smooth: 2\n", ["smooth"]),
        (HEAD + "round_to: 1e9\n", ["round_to", "less than one multiple"]),
        (HEAD + "round_to: 0\n", ["round_to"]),
    ],
)
def test_mistakes_are_named_with_their_place(tmp_path, text, words):
    (tmp_path / "between.csv").write_text("week,channel,spend\n")
    with pytest.raises(MixwiseError) as caught:
        write(tmp_path, text).problem(DRAWS)
    assert caught.value.exit_code == 2
    for word in words:
        assert word in str(caught.value)


def test_profit_needs_a_value_of_the_outcome(tmp_path):
    brief = write(tmp_path, HEAD + "objective: {maximise: profit, margin: 0.5}\n")
    with pytest.raises(SpecError, match="no value in EUR"):
        brief.problem(replace(DRAWS, outcome_is_money=False))


def test_what_fills_the_bridge_is_said(tmp_path):
    rows = (f"2026-01-{day},channel {c},1\n" for day in (19, 26) for c in range(3))
    (tmp_path / "mine.csv").write_text("week,channel,spend\n" + "".join(rows))
    head = "horizon: {start: 2026-01-19, weeks: 2}\n"
    made = write(tmp_path, head + "baseline: mine.csv\n").problem(DRAWS)
    np.testing.assert_array_equal(made.calendar.bridge, DRAWS.spend[:, 0, -2:])
    assert made.notes[-1].endswith("filled with the last 2 weeks of data.")
    assert write(tmp_path, head).problem(DRAWS).notes[-1].endswith("filled with the baseline.")


def test_the_cap_is_on_pressure_and_follows_planned_prices(tmp_path):
    text = HEAD + "budget: {total: 1e6, up_to: true}\nfuture: {cost_per_exposure: {channel 1: 1.2}}\n"
    made = write(tmp_path, text).problem(DRAWS)
    observed = DRAWS.observed_max() * [1.0, 1.2, 1.0]
    np.testing.assert_allclose(made.upper[:, 0], 1.5 * observed)
    assert "at the planned prices" in made.observed_range.sentence(made.frame)
    found = allocate(made)
    # More always brings more: every week reaches its cap, which is 1.5 times the pressure that was observed.
    assert [c.extrapolation for c in found.channels.values()] == pytest.approx([1.5] * 3, rel=1e-6)
    says = {finding.where: finding.says for finding in found.findings}
    assert "at the planned prices" in says["channel 1"]
    assert "at the planned prices" not in says["channel 0"]
    plain = write(tmp_path, HEAD).problem(DRAWS)
    assert "planned prices" not in plain.observed_range.sentence(plain.frame)
