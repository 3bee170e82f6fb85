"""Departments' plans put together: the money is theirs, and what overlap costs is the model's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mmm.exceptions import DataError, SpecError
from mmm.response.draws import ResponseDraws
from mmm.response.horizon import HorizonResponse
from simulations.future import Future, Setting
from simulations.merging import overlap_cost, read_department
from simulations.run import simulate
from simulations.scenario import ScenarioSet

HEAD = "horizon: {start: 2027-01-04, weeks: 4}\nscenarios:\n"
DAYS = ("2027-01-04", "2027-01-11", "2027-01-18", "2027-01-25")


def write(folder: Path, name: str, **plans: list[float]) -> None:
    rows = [f"{day},{channel},{x}" for channel, plan in plans.items() for day, x in zip(DAYS, plan, strict=True)]
    (folder / name).write_text("\n".join(["week,channel,spend", *rows]) + "\n", encoding="utf-8")


def read(folder: Path, text: str) -> ScenarioSet:
    (folder / "scenarios.yaml").write_text(HEAD + text + "\n", encoding="utf-8")
    return ScenarioSet.from_yaml(folder / "scenarios.yaml")


def merged(folder: Path, response: ResponseDraws, patches: str = "{merge: [brand.csv, trade.csv]}") -> Future:
    scenarios = read(folder, f"  a: [{patches}]")
    return scenarios.future(scenarios.named[0], response, scenarios.calendar(response))


def test_plans_add_up_and_the_rest_is_kept(response: ResponseDraws, tmp_path: Path) -> None:
    write(tmp_path, "brand.csv", tv=[4_000, 0, 0, 4_000])
    write(tmp_path, "trade.csv", tv=[0, 0, 1_000, 1_000], search=[500] * 4)
    found = merged(tmp_path, response)
    usual = Future.as_usual(read(tmp_path, "  a: []").calendar(response))
    np.testing.assert_allclose(found.spend[0], [4_000, 0, 1_000, 5_000])
    np.testing.assert_allclose(found.spend[1], 500)
    np.testing.assert_array_equal(found.spend[2], usual.spend[2])
    assert found.notes[0] == "social: in none of the merged plans, spend kept."
    assert set(read(tmp_path, "  a: [{merge: [brand.csv, trade.csv]}]").files()) == {"brand.csv", "trade.csv"}


def test_the_clash_costs_what_each_reckons_with_less_what_both_bring(response: ResponseDraws, tmp_path: Path) -> None:
    write(tmp_path, "brand.csv", tv=[9_000, 9_000, 0, 0], social=[3_000] * 4)
    write(tmp_path, "trade.csv", tv=[9_000, 0, 9_000, 0], search=[5_000] * 4)
    scenarios = read(
        tmp_path,
        "  dark: [{channels: all, dark: true}]\n"
        "  brand: [{channels: all, dark: true}, {merge: [brand.csv, nothing.csv]}]\n"
        "  trade: [{channels: all, dark: true}, {merge: [trade.csv, nothing.csv]}]\n"
        "  both: [{channels: all, dark: true}, {merge: [brand.csv, trade.csv]}]",
    )
    write(tmp_path, "nothing.csv", tv=[0] * 4)
    results = simulate(response, scenarios)
    # By whole scenarios, without the parts: only television is in both plans.
    alone = results.delta(results["brand"]) + results.delta(results["trade"]) - results.delta(results["dark"])
    expected = alone - results.delta(results["both"])
    calendar = scenarios.calendar(response)
    plans = {
        name: read_department(tmp_path / name, response.channels, calendar.weeks)[0]
        for name in ("brand.csv", "trade.csv")
    }
    both = results["both"].future
    shared, cost = overlap_cost(both, plans, Setting(response, calendar, tmp_path))
    assert shared.tolist() == [True, False, False]
    np.testing.assert_allclose(cost, expected, rtol=1e-7)
    assert (cost > 0).all()
    (said,) = [note for note in both.notes if "the cost of the clash" in note]
    assert f"{cost.mean():,.0f} EUR less" in said
    assert "spend on tv." in said
    (heavy,) = [note for note in both.notes if "a quarter above" in note]
    assert "in 2027-01-04." in heavy


def test_prices_of_the_scenario_hold_in_the_clash(response: ResponseDraws, tmp_path: Path) -> None:
    write(tmp_path, "brand.csv", tv=[9_000] * 4)
    write(tmp_path, "trade.csv", tv=[9_000] * 4)
    scenarios = read(tmp_path, "  a: [{channel: tv, cost_per_exposure: +100%}, {merge: [brand.csv, trade.csv]}]")
    calendar = scenarios.calendar(response)
    future = scenarios.future(scenarios.named[0], response, calendar)
    horizon = HorizonResponse(response, calendar, cost_factor=future.cost)
    half = np.zeros_like(future.spend)
    half[0] = 9_000
    _, cost = overlap_cost(future, {"a": half, "b": half}, Setting(response, calendar, tmp_path))
    np.testing.assert_allclose(cost, 2 * horizon.per_channel(half)[0] - horizon.per_channel(2 * half)[0], rtol=1e-9)


def test_plans_apart_cost_one_another_nothing(response: ResponseDraws, tmp_path: Path) -> None:
    write(tmp_path, "brand.csv", tv=[4_000, 1, 1, 1])
    write(tmp_path, "trade.csv", search=[1, 1, 1, 4_000])
    notes = " ".join(merged(tmp_path, response).notes)
    assert "No channel is in more than one of brand.csv and trade.csv" in notes
    assert "a quarter above" not in notes


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("trade.csv", "week,channel,spend\n2027-01-04,radio,5\n", "'radio' is not in the fit"),
        ("trade.csv", "week,channel,spend\n2027-03-08,tv,5\n", "not a week of the horizon"),
        ("trade.csv", "week,channel\n2027-01-04,tv\n", "'spend' is missing"),
        ("trade.csv", "week,channel,spend\n", "has no row"),
        ("other.csv", "", "the file 'trade.csv' does not exist"),
    ],
)
def test_a_plan_that_is_not_understood_is_named(
    response: ResponseDraws, tmp_path: Path, name: str, content: str, says: str
) -> None:
    write(tmp_path, "brand.csv", tv=[1] * 4)
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises((SpecError, DataError), match=says) as caught:
        merged(tmp_path, response)
    assert "trade.csv" in str(caught.value)
