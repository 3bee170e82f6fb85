"""Every example of docs/scenarios.md runs, and does what its comment says."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from mmm.response.draws import ResponseDraws
from simulations.future import Future
from simulations.patches import KINDS
from simulations.results import ScenarioResults
from simulations.run import simulate
from simulations.scenario import ScenarioSet
from tests.test_simulations.scenario_company import company

FOLDER = Path(__file__).parent / "scenario_files"
EXAMPLES = sorted(path.stem for path in FOLDER.glob("*.yaml"))


def company_of(name: str) -> ResponseDraws:
    return company(by_geo=name.endswith("_geos"))


@cache
def ran(name: str) -> ScenarioResults:
    return simulate(company_of(name), ScenarioSet.from_yaml(FOLDER / f"{name}.yaml"))


def gain(name: str, one: str, over: str | None = None) -> float:
    """Return a scenario's mean difference from business as usual, or from another scenario."""
    results = ran(name)
    usual = 0.0 if over is None else results.delta(results[over]).mean()
    return float(results.delta(results[one]).mean() - usual)


def future(name: str, one: str) -> Future:
    return ran(name)[one].future


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_runs_and_says_itself(name: str) -> None:
    results = ran(name)
    for one in results.scenarios:
        draws = results.delta(one)
        assert np.isfinite(draws).all()
        # The budget that follows the price buys what it bought: exactly nothing changes.
        assert (np.abs(draws).max() > 1) == (one.name != "same_exposures"), one.name
        assert np.isfinite(one.media).all()
        assert one.says.endswith(".")
        assert ".." not in one.says
        for note in one.future.notes:
            assert note.endswith(".")


@pytest.mark.parametrize("key", KINDS)
def test_every_kind_has_an_example(key: str) -> None:
    named = ScenarioSet.from_yaml(FOLDER / f"{key}.yaml").named
    assert any(isinstance(patch, KINDS[key]) for one in named for patch in one.patches)


@pytest.mark.parametrize("name", ["flighting", "shift", "shift_weeks"])
def test_timing_and_mix_keep_the_money(name: str) -> None:
    for one in ran(name).scenarios:
        assert one.spend.sum() == pytest.approx(ran(name).bau.spend.sum(), rel=1e-12)


def test_a_budget_is_spent_to_the_euro() -> None:
    assert ran("total")["budget_given"].spend.sum() == pytest.approx(280_000)
    assert future("total", "brand_given").spend[[0, 2], :6].sum() == pytest.approx(120_000)


def test_the_direction_of_every_example() -> None:
    assert gain("change", "cut_all_10") < 0 < gain("change", "search_up_20")
    assert gain("dark", "without_tv") < 0
    assert gain("launch", "podcast") > gain("launch", "podcast_for_tv")
    assert 0 < gain("rollout", "in_steps") < gain("rollout", "at_once")
    assert gain("rollout_with_geos", "north_first") > 0
    assert gain("cost_per_exposure", "social_dearer") < gain("cost_per_exposure", "same_exposures")
    assert gain("demand", "weak_and_cut") < gain("demand", "weak") < 0
    assert gain("competitor", "burst") < 0 < gain("competitor", "answered", "burst")
    assert gain("competitor_with_control", "undercut") < 0
    assert gain("control", "dearer") < 0 < gain("control", "a_little_less")
    assert gain("supply_cap", "short") < gain("supply_cap", "short_but_kept") <= 1e-6
    assert gain("supply_cap", "short_and_push", "short") > 0
    assert gain("merge", "together", "apart") > 0
    assert gain("optimise", "same_money") > 0
