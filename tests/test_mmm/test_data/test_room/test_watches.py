"""What the panel says of itself: quiet where nothing is broken, and loud where one assumption is."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from mmm.config import load_yaml, parse
from mmm.data.checks import check_panel
from mmm.data.panel import Panel
from mmm.data.read import read_panel
from mmm.data.watch_base import leftover, robust_fit, season_columns, year_end
from mmm.data.watch_breaks import level_change, outcome_break, pettitt
from mmm.data.watch_demand import follows, is_rare, unsteady
from mmm.data.watch_learning import learning
from mmm.data.watch_rates import rate_findings
from mmm.data.watch_season import calendar_share
from mmm.data.watch_together import Together, sums_of_others, together
from mmm.findings import Severity
from mmm.model.spec import ModelSpec
from mmm.templates import init_command
from simulations.market.files import write_data, write_model
from simulations.market.presets import preset
from simulations.market.simulate import simulate_market


@cache
def market(name: str, seed: int) -> Panel:
    """Return the panel of a simulated company, read from its file."""
    drawn = simulate_market(preset(name), seed)
    with TemporaryDirectory() as made:
        folder = Path(made)
        write_data(drawn, folder)
        declared = parse(ModelSpec, load_yaml(write_model(drawn, folder)))
        return read_panel(declared, folder, today=date(2030, 1, 1))


def warned(panel: Panel, *, notes: bool = False) -> set[str]:
    kinds = (Severity.WARNING, Severity.NOTE) if notes else (Severity.WARNING,)
    return {one.name for one in check_panel(panel, "weekly.csv") if one.severity in kinds}


@pytest.mark.parametrize("seed", range(1, 7))
def test_nothing_is_said_where_nothing_is_broken(seed: int) -> None:
    """Seeds that were not chosen: of 40 clean markets two raise one warning, at the level of the tests."""
    assert warned(market("clean", seed)) == set()


@pytest.mark.parametrize(
    ("name", "finding"),
    [
        ("collinear", "collinear_channels"),
        ("fixed_mix", "collinear_channels"),
        ("outliers", "outliers"),
        ("heavy_tails", "outliers"),
        ("level_shift", "outcome_break"),
        ("trend_break", "outcome_break"),
        ("promotion_with_tv", "unsteady_with_channel"),
        ("demand_driven_search", "spend_follows_outcome"),
        ("short_data", "short_history"),
        ("new_channel", "young_channel"),
    ],
)
def test_a_broken_assumption_is_said(name: str, finding: str) -> None:
    assert finding in warned(market(name, 1), notes=True)


def test_a_group_is_named_whole() -> None:
    (one,) = [f for f in check_panel(market("fixed_mix", 1), "weekly.csv") if f.name == "collinear_channels"]
    assert "tv, radio, social and search move together" in one.says
    assert "no channel ever moves alone" in one.says
    assert one.means
    assert one.do


def test_the_break_is_dated_and_sized() -> None:
    panel = market("level_shift", 1)  # a seventh is missing from 2024-10-14 on
    found = outcome_break(leftover(panel) or pytest.fail("nothing left"))
    assert abs(int(found.week) - int(np.searchsorted(panel.weeks, np.datetime64("2024-10-14")))) <= 2
    assert found.size == pytest.approx(-0.15, abs=0.04)
    assert not found.bends
    assert outcome_break(leftover(market("trend_break", 1)) or pytest.fail("nothing left")).bends


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 6), st.integers(0, 10_000), st.floats(0.0, 0.9))
def test_variance_inflation_is_that_of_a_regression(media: int, seed: int, shared: float) -> None:
    rng = np.random.default_rng(seed)
    series = rng.gamma(2.0, 1.0, (media, 80)) + shared * 5 * rng.gamma(2.0, 1.0, 80)
    panel = with_media(series)
    found = together(panel)
    for i in range(media):
        design = np.column_stack([np.ones(80), np.delete(series, i, axis=0).T])
        rest = series[i] - design @ np.linalg.lstsq(design, series[i])[0]
        assert found.inflation[i] == pytest.approx(series[i].var() / (rest**2).mean(), rel=1e-5)


def with_media(series: np.ndarray) -> Panel:
    """Return a clean market's panel with these channels instead, (C, 80)."""
    panel = market("clean", 1).cut(0, series.shape[1])
    names = tuple(f"m{i}" for i in range(len(series)))
    spend = np.asarray(series, dtype=np.float64)[:, None, :]
    return replace(panel, channels=names, spend=spend, exposure=spend, exposure_based=np.zeros(len(series), dtype=bool))


def test_a_sum_of_three_is_one_group_and_the_free_one_stays_out() -> None:
    rng = np.random.default_rng(3)
    free = rng.gamma(2.0, 1.0, (4, 80))
    panel = with_media(np.vstack([free, free[:3].sum(axis=0) + 0.05 * rng.random(80)]))
    found = together(panel)
    assert [sorted(group) for group in sums_of_others(found, set())] == [[0, 1, 2, 4]]
    (said,) = [f for f in check_panel(panel, "f") if f.name == "collinear_channels"]
    assert "m3" not in said.says
    assert "move together as a group" in said.says
    assert sums_of_others(Together((), np.zeros((0, 0)), np.zeros(0), 1.0), set()) == []


def test_media_in_step_with_the_season_are_said() -> None:
    weeks = market("clean", 1).weeks[:156]
    season = 3 + season_columns(weeks)[:, :2].sum(axis=1)
    rng = np.random.default_rng(1)
    panel = with_media(np.stack([season[:156], rng.gamma(2.0, 1.0, 156)]))
    (one,) = [f for f in check_panel(panel, "f") if f.name == "seasonal_spend"]
    assert one.severity is Severity.WARNING
    assert one.where == "f, m0"
    assert calendar_share(np.ones(156), season_columns(weeks)) == 0.0
    assert calendar_share(rng.normal(size=156), season_columns(weeks)) < 0.2
    assert learning(panel, together(panel))[0].verdict == "little that is its own"


def test_weeks_before_christmas() -> None:
    weeks = np.array(["2023-12-04", "2023-12-11", "2023-12-18", "2023-12-25", "2024-01-01"], dtype="datetime64[D]")
    assert year_end(weeks).tolist() == [True, True, True, True, False]


def test_robust_regression_forgives_a_few_weeks() -> None:
    rng = np.random.default_rng(0)
    design = np.column_stack([np.ones(100), rng.normal(size=100)])
    target = design @ [2.0, 3.0] + 0.1 * rng.normal(size=100)
    target[:5] += 50.0
    assert robust_fit(design, target) == pytest.approx([2.0, 3.0], abs=0.08)


def test_a_level_that_changes_for_good() -> None:
    series = np.concatenate([np.full(20, 10.0), np.full(20, 31.0)]) * np.random.default_rng(1).uniform(0.9, 1.1, 40)
    assert pettitt(series)[0] == 20
    at, before, after = level_change(series, 2.5, 1e-4) or pytest.fail("no change was found")
    assert (at, round(after / before)) == (20, 3)
    assert level_change(series[:20], 2.5, 1e-4) is None
    assert level_change(series, 5.0, 1e-4) is None


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_pettitt_is_the_sum_of_signs(seed: int) -> None:
    series = np.random.default_rng(seed).integers(0, 9, 25).astype(float)
    paths = [abs(sum(np.sign(a - b) for a in series[:t] for b in series[t:])) for t in range(1, 25)]
    at, p = pettitt(series)
    assert paths[at - 1] == max(paths)
    assert p == pytest.approx(min(1.0, 2 * np.exp(-6 * max(paths) ** 2 / (25**3 + 25**2))))


def exposed(cost: np.ndarray) -> Panel:
    panel = with_media(np.random.default_rng(2).gamma(4.0, 100.0, (1, len(cost))))
    return replace(panel, spend=panel.exposure * cost, exposure_based=np.ones(1, dtype=bool))


def test_the_price_of_an_exposure() -> None:
    usual = np.random.default_rng(5).uniform(0.9, 1.1, 80)
    assert list(rate_findings(exposed(usual))) == []
    jumped = np.where(np.arange(80) < 45, usual, 2.0 * usual)
    (jump,) = rate_findings(exposed(jumped))
    assert jump.name == "cost_jump"
    assert str(market("clean", 1).weeks[45]) in jump.says
    odd = usual.copy()
    odd[30] *= 10
    (one,) = rate_findings(exposed(odd))
    assert one.name == "cost_outliers"
    assert str(market("clean", 1).weeks[30]) in one.says


def chances() -> Iterator[tuple[float, float]]:
    for seed in range(200):
        rng = np.random.default_rng(seed)
        left, calendar = rng.normal(size=120), np.ones((120, 1))
        yield follows(rng.gamma(2.0, 1.0, 120), left, calendar)[1], unsteady(left, rng.random(120) < 0.5)[1]


def test_chances_are_even_where_nothing_follows() -> None:
    """Both chances are uniform for white noise: a fifth of them below 0.2, within four standard errors."""
    found = np.array(list(chances()))
    assert (found < 0.2).mean(axis=0) == pytest.approx([0.2, 0.2], abs=4 * np.sqrt(0.2 * 0.8 / 200))


def test_what_is_rare_is_what_the_chance_says() -> None:
    """The short way, by the normal's lighter tail, never says other than Student's distribution itself."""
    for freedom in (20, 38, 100, 400):
        for t in np.linspace(-4, 6, 201):
            for level in (0.02, 0.002, 0.0001):
                assert is_rare(float(t), freedom, level) == (special.stdtr(freedom, -t) <= level)


def test_a_check_that_finds_nothing_loads_no_special_functions(tmp_path: Path) -> None:
    """`mixwise check` of the template: they take longer to load than the rest of the findings to compute."""
    init_command.run(tmp_path / "shop", quiet=True)
    code = (
        "import sys; from pathlib import Path\n"
        "from mmm.data.check_command import run; from mmm.data.spec import PanelSpec\n"
        "run(Path(sys.argv[1]), None, spec_class=PanelSpec, quiet=True, as_json=False)\n"
        "assert 'mmm.data.watch_demand' in sys.modules\n"
        "assert 'scipy.special' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "shop" / "model.yaml")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_too_few_weeks_say_nothing() -> None:
    panel = market("clean", 1).cut(0, 30)
    assert leftover(panel) is None
    assert not {"outcome_break", "unsteady_with_channel", "spend_follows_outcome"} & warned(panel)
