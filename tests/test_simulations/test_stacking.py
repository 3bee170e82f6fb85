"""Several fits as one answer: the mixture's own moments, and where its weights come from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mmm.exceptions import SpecError
from mmm.response.storage import save_response
from mmm.runs import Manifest, Run, open_run, staged_run, write_json
from simulations import simulate
from simulations.results import ScenarioResults
from simulations.simulate_command import run
from simulations.stacking import stack_weights, stacked
from tests.test_simulations.small_fit import make_response, make_set
from tests.test_simulations.test_scenario_file import HEAD, read

SET = make_set(
    {"cut": [{"channel": "tv", "change": -0.2}], "none": [], "moved": [{"shift": "20%", "from": "tv", "to": "search"}]},
    margin=0.4,
    discount_rate=0.1,
)


@pytest.fixture(scope="module")
def fits() -> dict[str, ScenarioResults]:
    return {
        "one": simulate(make_response(per_chain=20), SET),
        "other": simulate(make_response(per_chain=35, seed=2), SET),
        "third": simulate(make_response(per_chain=10, seed=3), SET),
    }


def test_the_mixture_has_its_moments(fits: dict[str, ScenarioResults]) -> None:
    weights = {"one": 0.5, "other": 0.3, "third": 0.2}
    found = {one.scenario: one for one in stacked(fits, weights).scenarios}
    for name in ("cut", "moved"):
        deltas = {fit: results.delta(results[name]) for fit, results in fits.items()}
        mean = sum(weights[fit] * draws.mean() for fit, draws in deltas.items())
        second = sum(weights[fit] * (draws**2).mean() for fit, draws in deltas.items())
        between = sum(weights[fit] * (draws.mean() - mean) ** 2 for fit, draws in deltas.items())
        assert found[name].delta.mean == pytest.approx(mean)
        assert found[name].from_form == pytest.approx(between / (second - mean**2))
        assert found[name].p_beats_bau == pytest.approx(
            sum(weights[fit] * (draws > 0).mean() for fit, draws in deltas.items())
        )
        gains = [weights[fit] * results[name].cash.npv.mean() for fit, results in fits.items()]
        assert found[name].npv is not None
        assert found[name].npv.mean == pytest.approx(sum(gains))
    assert (found["none"].delta.mean, found["none"].from_form) == (0.0, 0.0)
    assert found["none"].p_beats_bau == pytest.approx(0.5)


def test_a_fit_with_all_the_weight_is_the_answer(fits: dict[str, ScenarioResults]) -> None:
    found = stacked(fits, {"one": 0.0, "other": 1.0, "third": 0.0}).scenarios[0]
    draws = fits["other"].delta(fits["other"]["cut"])
    assert found.delta.mean == pytest.approx(draws.mean())
    low, high = np.quantile(draws, (0.05, 0.95), method="inverted_cdf")
    assert (found.delta.q05, found.delta.q95) == pytest.approx((low, high))
    assert found.from_form == pytest.approx(0.0, abs=1e-12)


def make_run(root: Path, name: str, crps: list[float] | None, *, week: str = "2026-01-05", own: bool = True) -> Run:
    """Write a fit's folder, with what its backtest found."""
    with staged_run(root / name, Manifest("fit")) as folder:
        write_json(folder / "summary.json", {})
    run = open_run(root / name, command="fit")
    if crps is not None:
        folds = [{"first_week": week, "weeks": 4 + 4 * n, "crps": value} for n, value in enumerate(crps)]
        manifest = Manifest("validate", parent=run.hash if own else "another")
        with staged_run(root / name / "validation", manifest) as folder:
            write_json(folder / "validation.json", {"checks": {"backtest": {"folds": folds}}})
    return run


def test_weights_follow_the_backtests(tmp_path: Path) -> None:
    """1 / CRPS², the CRPS over all weeks: 1 and (4 · 1 + 8 · 2.5) / 12 = 2 weigh 4 to 1."""
    runs = {"good": make_run(tmp_path, "good", [1.0, 1.0]), "poor": make_run(tmp_path, "poor", [1.0, 2.5])}
    assert stack_weights("backtest", runs, where=SET.where) == pytest.approx({"good": 0.8, "poor": 0.2})
    assert stack_weights("equal", runs, where=SET.where) == {"good": 0.5, "poor": 0.5}
    given = stack_weights({"good": 3, "poor": 1}, runs, where=SET.where)
    assert given == {"good": 0.75, "poor": 0.25}


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("absent", "has no backtest"),
        ("another", "has no backtest"),
        ("weeks", "are of other weeks"),
    ],
)
def test_backtests_that_cannot_be_compared_are_refused(tmp_path: Path, kind: str, says: str) -> None:
    other = {
        "absent": lambda: make_run(tmp_path, "other", None),
        "another": lambda: make_run(tmp_path, "other", [1.0], own=False),
        "weeks": lambda: make_run(tmp_path, "other", [1.0], week="2025-01-06"),
    }[kind]()
    runs = {"fit": make_run(tmp_path, "fit", [1.0]), "other": other}
    with pytest.raises(SpecError, match=says) as caught:
        stack_weights("backtest", runs, where=SET.where)
    assert caught.value.where == "stack"
    assert "stack: equal" in str(caught.value.do)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"fit": 1.0}, "'other' has no weight"),
        ({"fit": 1.0, "other": 1.0, "third": 1.0}, "no fit named 'third'"),
        ({"fit": 0.0, "other": 0.0}, "all 0"),
    ],
)
def test_weights_are_of_the_fits(tmp_path: Path, given: dict[str, float], says: str) -> None:
    runs = {name: make_run(tmp_path, name, None) for name in ("fit", "other")}
    with pytest.raises(SpecError, match=says):
        stack_weights(given, runs, where=SET.where)


@pytest.mark.parametrize("text", ["stack: loo\n", "stack: {fit: -1}\n", "stack: {}\n", "stack: 3\n"])
def test_another_rule_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SpecError) as caught:
        read(tmp_path, text + HEAD + "  a: [{demand: 0.1}]\n")
    assert str(caught.value.where).startswith("scenarios.yaml, line 1, stack")


def test_weights_of_a_single_fit_are_of_it(tmp_path: Path) -> None:
    with staged_run(tmp_path / "fit", Manifest("fit")) as folder:
        save_response(make_response(per_chain=10), folder)
        write_json(folder / "summary.json", {"checks": []})
    path = tmp_path / "scenarios.yaml"
    path.write_text(HEAD + "  a: [{demand: 0.1}]\nstack: {spring: 1}\n", encoding="utf-8")
    with pytest.raises(SpecError, match="there is no fit named 'spring'") as caught:
        run(path, [tmp_path / "fit"], tmp_path / "out", seed=0, quiet=True, as_json=False)
    assert caught.value.exit_code == 2
