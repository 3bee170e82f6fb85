"""``mixwise plan``: a folder that holds what it says, exit codes, and a brief that cannot be met."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from mmm.exceptions import DataError, InfeasibleError, SpecError
from mmm.response.calendar import read_spend_csv
from mmm.response.draws import ResponseDraws
from mmm.response.storage import save_response
from mmm.runs import Manifest, hash_file, open_run, staged_run, write_json
from optimizer.cli import plan
from tests.test_optimizer.plans import NAMES, awkward
from tests.test_optimizer.responses import START

BRIEF = f"""
horizon: {{start: {START}, weeks: 4}}
constraints:
  - {{channels: all, change_vs_baseline: 0.3, name: change}}
round_to: 10
"""


@pytest.fixture(scope="module")
def draws() -> ResponseDraws:
    return awkward()


@pytest.fixture(scope="module")
def fit(draws: ResponseDraws, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "fit"
    checks = [
        {"name": "max_rhat", "severity": "warning", "says": "R-hat reaches 1.03.", "do": "Run longer chains."},
        {"name": "bfmi", "severity": "ok", "says": "BFMI is 0.9.", "do": ""},
    ]
    with staged_run(folder, Manifest(command="fit", configuration={"spec": {"fiscal_year_start": 4}})) as stage:
        save_response(draws, stage)
        write_json(stage / "summary.json", {"checks": checks})
    return folder


def _call(fit: Path, folder: Path, brief: str, *more: str) -> Result:
    (folder / "brief.yaml").write_text(brief, encoding="utf-8")
    given = [str(folder / "brief.yaml"), "--fit", str(fit), "--out", str(folder / "plan"), *more]
    return CliRunner().invoke(plan, given)


@pytest.fixture(scope="module")
def done(fit: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    folder = tmp_path_factory.mktemp("planned")
    return _call(fit, folder, BRIEF), folder / "plan"


def test_the_folder_is_whole_and_names_its_fit(done: tuple[Result, Path], fit: Path) -> None:
    result, folder = done
    assert result.exit_code == 0, result.output
    run = open_run(folder, command="plan")
    assert run.manifest["parent"] == open_run(fit, command="fit").hash
    assert run.manifest["inputs"] == {"brief.yaml": hash_file(folder.parent / "brief.yaml")}
    assert run.manifest["configuration"]["brief"]["horizon"]["weeks"] == 4
    # The fiscal year is the model's where the brief does not say it.
    assert run.manifest["configuration"]["brief"]["fiscal_year_start"] == 4
    names = {path.name for path in folder.iterdir()}
    assert names == {"plan.json", "plan.csv", "plan.xlsx", "report.html", "manifest.json", "COMPLETE.json"}


def test_it_says_what_it_did_and_what_comes_next(done: tuple[Result, Path]) -> None:
    said = done[0].output
    for expected in ("R-hat reaches 1.03", "is expected to bring", "report.html", "plan.xlsx", "mixwise simulate"):
        assert expected in said
    assert "BFMI" not in said
    assert "\x1b[31m" not in said


def test_plan_json_keeps_the_contract(done: tuple[Result, Path]) -> None:
    content = json.loads((done[1] / "plan.json").read_text(encoding="utf-8"))
    keys = {
        "allocation", "totals", "value", "upper_bound", "gap", "gap_of_uplift", "bound_method", "baseline", "held_back",
        "uplift", "p_beats_baseline", "shadow_prices", "binding", "after_horizon", "extrapolation", "seconds",
        "evaluations",
    }  # fmt: skip
    assert keys <= set(content)
    assert set(content["totals"]) == set(NAMES)
    assert content["gap"] >= 0


def test_plan_csv_is_the_plan_and_can_be_read_back(done: tuple[Result, Path], draws: ResponseDraws) -> None:
    content = json.loads((done[1] / "plan.json").read_text(encoding="utf-8"))
    text = (done[1] / "plan.csv").read_text(encoding="utf-8")
    assert not any(cell.startswith(("=", "+", "-", "@")) for line in text.splitlines() for cell in line.split(","))
    weeks = START + 7 * np.arange(4)
    shown = tuple(name.replace("\x1b[31m", "") for name in draws.channels)
    spend = read_spend_csv(done[1] / "plan.csv", shown, weeks)
    assert spend.sum(axis=1).tolist() == pytest.approx(list(content["totals"].values()), abs=1e-6)


def test_json_is_all_that_is_printed(fit: Path, tmp_path: Path) -> None:
    result = _call(fit, tmp_path, BRIEF, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["totals"].keys() == set(NAMES)


def test_quiet_prints_nothing(fit: Path, tmp_path: Path) -> None:
    result = _call(fit, tmp_path, BRIEF, "--quiet")
    assert (result.exit_code, result.output) == (0, "")


def test_infeasible_names_the_conflict_and_leaves_nothing(fit: Path, tmp_path: Path) -> None:
    brief = BRIEF.replace("round_to: 10", "budget: {total: 100}")
    result = _call(fit, tmp_path, brief)
    assert isinstance(result.exception, InfeasibleError)
    assert result.exception.exit_code == 3
    assert len(result.exception.conflict) == 2
    assert not (tmp_path / "plan").exists()


def test_a_gap_that_is_not_reached_is_exit_4(tmp_path: Path) -> None:
    with staged_run(tmp_path / "fit", Manifest(command="fit")) as stage:
        save_response(awkward(s_shaped=True), stage)
    result = _call(tmp_path / "fit", tmp_path, BRIEF, "--gap", "1e-9", "--time-limit", "1")
    assert result.exit_code == 4, result.output
    assert open_run(tmp_path / "plan", command="plan").hash


@pytest.mark.parametrize(
    ("brief", "kind", "says"),
    [
        ("horizon: {start: 2026-01-05, weeks: 4}\nbudgets: 3\n", SpecError, "budgets"),
        ("horizon: {start: 2026-01-06, weeks: 4}\n", SpecError, "Monday"),
        ("horizon: {start: 2026-01-05, weeks: 4}\nconstraints: [{channel: tv, max: 3}]\n", SpecError, "'tv'"),
    ],
)
def test_a_brief_that_is_not_understood(fit: Path, tmp_path: Path, brief: str, kind: type, says: str) -> None:
    result = _call(fit, tmp_path, brief)
    assert isinstance(result.exception, kind)
    assert says in str(result.exception)


def test_a_fit_that_was_changed_is_refused(fit: Path, tmp_path: Path) -> None:
    result = _call(fit.parent / "nowhere", tmp_path, BRIEF)
    assert isinstance(result.exception, DataError)


def test_the_command_line_and_its_help_are_quick_to_load() -> None:
    code = (
        "import sys; from optimizer.cli import plan; plan.main(['--help'], standalone_mode=False);"
        "loaded = [m for m in ('pymc', 'pytensor', 'arviz', 'numba', 'cvxpy', 'pandas', 'plotly') if m in sys.modules];"
        "sys.exit(str(loaded) if loaded else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "brief.yaml" in done.stdout


def test_it_says_the_answers_to_what_the_brief_asks_beside_the_plan(fit: Path, tmp_path: Path) -> None:
    brief = f"horizon: {{start: {START}, weeks: 4}}\ngoal: {{least_budget: {{vs_baseline: 1.02}}}}\nnear_best: 0\n"
    result = _call(fit, tmp_path, brief)
    assert result.exit_code == 0, result.output
    written = json.loads((tmp_path / "plan" / "plan.json").read_text(encoding="utf-8"))
    assert f"goal: {written['goal']['says']}" in result.output
    assert not any("gives no budget" in note for note in written["notes"])


def test_what_is_wrong_with_a_goal_names_file_and_line(fit: Path, tmp_path: Path) -> None:
    brief = f"horizon: {{start: {START}, weeks: 4}}\ngoal: {{least_budget: {{vs_baseline: 90}}}}\n"
    result = _call(fit, tmp_path, brief)
    assert isinstance(result.exception, InfeasibleError)
    assert "brief.yaml, line 2, goal: no plan brings" in str(result.exception)


def test_one_fit_for_the_worst_of_several_is_said(fit: Path, tmp_path: Path) -> None:
    brief = f"horizon: {{start: {START}, weeks: 4}}\nobjective: {{risk: worst_fit}}\nnear_best: 0\n"
    assert _call(fit, tmp_path, brief).exit_code == 0
    written = json.loads((tmp_path / "plan" / "plan.json").read_text(encoding="utf-8"))
    assert any("One fit is given" in note for note in written["notes"])


def test_steps_that_a_constraint_forbids_are_said_without_repeating_themselves(fit: Path, tmp_path: Path) -> None:
    brief = (
        f"horizon: {{start: {START}, weeks: 4}}\nnear_best: 0\nrollout: {{steps: 2, change: 0.01}}\n"
        f"budget: {{total: 1}}\n"
    )
    result = _call(fit, tmp_path, brief)
    assert result.exit_code == 0, result.output
    said = json.loads((tmp_path / "plan" / "plan.json").read_text(encoding="utf-8"))["rollout"]["says"]
    assert "change 'step' to" not in said
    assert f"rollout: {said}" in result.output
