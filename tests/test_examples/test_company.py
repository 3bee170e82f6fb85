"""The embedded example: comes from its world byte for byte, looks like a company, and its files agree."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mmm.data import read_panel
from mmm.model.spec import ModelSpec
from optimizer import Brief, allocate
from simulations import ScenarioSet, World, simulate, simulate_market
from simulations.market import command
from simulations.market.oracle import true_response

ROOT = Path(__file__).resolve().parents[2]
COMPANY = ROOT / "examples" / "company"
PAID = ("tv", "radio", "print", "social", "search", "video")


@pytest.fixture(scope="module")
def market():
    return simulate_market(World.from_yaml(COMPANY / "world.yaml"))


@pytest.fixture(scope="module")
def frame():
    return pd.read_csv(COMPANY / "weekly.csv", parse_dates=["week"])


def same_bytes(made: Path, committed: Path) -> None:
    for name in ("weekly.csv", "truth/truth.json", "truth/weekly.csv"):
        assert (made / name).read_bytes() == (committed / name).read_bytes(), name


def test_the_script_makes_the_committed_bytes_again(tmp_path):
    script = [sys.executable, str(COMPANY / "regenerate.py"), str(tmp_path)]
    subprocess.run(script, check=True, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True)
    same_bytes(tmp_path, COMPANY)
    assert (tmp_path / "tests.csv").read_bytes() == (COMPANY / "tests.csv").read_bytes()


def test_the_experiments_are_the_markets_with_an_honest_error(market):
    """Each study's lift is the true one, by rerunning the market without it, plus an error of the stated size."""
    spec = ModelSpec.from_yaml(COMPANY / "model.yaml").model_copy(update={"lift_tests": "tests.csv"})
    panel = read_panel(spec, COMPANY)
    assert [test.channel for test in panel.lift_tests] == ["search", "social"]
    for test in panel.lift_tests:
        spend = market.spend[market.names.index(test.channel)].copy()
        spend[(market.weeks >= test.start) & (market.weeks <= test.end)] = 0.0
        caused = market.effects()[test.channel] - market.effects({test.channel: spend})[test.channel]
        true = caused[(market.weeks >= test.start) & (market.weeks <= test.measured_to)].sum()
        assert abs(test.lift - true) < 3 * test.standard_error
        assert 0.1 < test.standard_error / true < 0.3


def test_the_market_command_makes_them_too(tmp_path):
    command.run(COMPANY / "world.yaml", tmp_path / "out", seed=None, quiet=True)
    same_bytes(tmp_path / "out", COMPANY)
    # The hand-written model file names the same columns as the generated one, and the holidays.
    assert ModelSpec.from_yaml(tmp_path / "out" / "model.yaml") == ModelSpec.from_yaml(COMPANY / "model.yaml")


def test_it_looks_like_a_company(frame):
    assert len(frame) == 156
    assert str(frame["week"].iloc[-1].date()) == "2026-10-05"
    assert (frame["week"].dt.day_of_week == 0).all()
    assert np.isfinite(frame.drop(columns="week").to_numpy(dtype=float)).all()
    assert frame["revenue"].between(1.4e6, 2.6e6).all()
    spend = frame[[f"{name}_spend" for name in PAID]]
    assert 0.05 < spend.to_numpy().sum() / frame["revenue"].sum() < 0.15
    cents = frame.filter(regex="revenue|spend").to_numpy() * 100
    assert np.allclose(cents, np.round(cents), atol=1e-4)
    # December is the peak, and summer is quiet.
    by_month = frame.groupby(frame["week"].dt.month)["revenue"].mean()
    assert by_month.idxmax() in (11, 12)
    assert by_month[[5, 6, 7, 8]].max() < by_month[12]
    # Leaflets stopped a year before the end; TV is flighted; search spend follows sales.
    assert (frame.loc[frame["week"] >= "2025-10-06", "print_spend"] == 0).all()
    assert (frame.loc[frame["week"] < "2025-10-06", "print_spend"] > 0).all()
    assert 40 < (frame["tv_spend"] == 0).sum() < 100
    assert frame["search_spend"].corr(frame["revenue"]) > 0.7


def test_the_truth_is_known_and_plausible(market):
    written = json.loads((COMPANY / "truth" / "truth.json").read_text(encoding="utf-8"))
    assert tuple(written["channels"]) == PAID
    for name, channel in written["channels"].items():
        assert 0.6 <= channel["roas"] <= 4
        assert channel["mroas"] < channel["roas"]
        assert channel["roas"] == pytest.approx(market.truth.roas[name], rel=1e-8)
    weekly = pd.read_csv(COMPANY / "truth" / "weekly.csv").drop(columns="week")
    recorded = pd.read_csv(COMPANY / "weekly.csv")["revenue"]
    assert np.allclose(weekly.sum(axis=1), recorded, atol=0.2)


def test_the_data_are_clean_and_the_files_agree():
    panel = read_panel(ModelSpec.from_yaml(COMPANY / "model.yaml"), COMPANY)
    assert panel.channels == PAID
    assert panel.organic_names == ("newsletter", "press")
    assert {str(f.severity) for f in panel.report.findings} <= {"ok", "note"}
    brief, scenarios = Brief.from_yaml(COMPANY / "brief.yaml"), ScenarioSet.from_yaml(COMPANY / "scenarios.yaml")
    assert brief.horizon.start == scenarios.horizon.start
    assert brief.budget.total == pytest.approx(panel.spend[..., -13:].sum(), rel=0.02)
    assert len(scenarios.scenarios) >= 5


def test_one_who_knew_the_truth_could_plan_and_compare(market):
    """The brief is feasible and worth planning, and every scenario can be run."""
    response = true_response(market)
    plan = allocate(Brief.from_yaml(COMPANY / "brief.yaml").problem(response))
    assert plan.certified
    assert plan.spend.sum() == pytest.approx(2_000_000)
    assert plan.value > 1.1 * plan.baseline_value
    results = simulate(response, ScenarioSet.from_yaml(COMPANY / "scenarios.yaml"))
    assert results["all_up_10"].effect.mean() > results.bau.effect.mean() > results["cut_tv_20"].effect.mean()
