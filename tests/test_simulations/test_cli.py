"""The commands as a person runs them: files, sentences, exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from mixwise import cli
from mmm.exceptions import MixwiseError, SpecError
from mmm.runs import open_run
from simulations import demo_command

ROOT = Path(__file__).resolve().parents[2]


def mixwise(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the program in a process of its own."""
    command = [sys.executable, ROOT / "mixwise.py", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=ROOT)


def test_simulate_writes_a_run_and_says_where(fits: tuple[Path, Path], scenario_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = mixwise("simulate", scenario_file, "--fit", fits[0], "--fit", fits[1], "--out", out)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("WARNING: The fit: 60 weeks for 12 parameters.")
    assert "The fit: 60 weeks for 12 parameters." in (out / "report.html").read_text(encoding="utf-8")
    assert "business as usual spends EUR" in done.stdout
    assert str(out / "report.html") in done.stdout
    assert done.stdout.strip().splitlines()[-1].startswith("Next: ")
    run = open_run(out, command="simulate")
    assert run.manifest["parent"] == open_run(fits[0], command="fit").hash
    assert set(run.manifest["configuration"]["fits"]) == {"fit", "other"}
    # The fiscal year is the model's where the scenarios do not say it.
    assert run.manifest["configuration"]["fiscal_year_start"] == 4
    assert "FY2027 Q4" in (out / "quarterly.csv").read_text(encoding="utf-8")
    names = {path.name for path in out.iterdir()}
    assert {"report.html", "scenarios.xlsx", "scenarios.json", "scenarios.csv", "fits.csv", "manifest.json"} <= names
    content = json.loads((out / "scenarios.json").read_text(encoding="utf-8"))
    assert set(content["fits"]) == {"fit", "other"}
    assert content["fits"]["fit"]["tv_dark"]["mean"] == pytest.approx(
        content["scenarios"]["tv_dark"]["delta_vs_bau"]["mean"]
    )


def test_grid_sweep_and_stack_reach_every_file(fits: tuple[Path, Path], scenario_file: Path, tmp_path: Path) -> None:
    more = (
        "discount_rate: 8%\nstack: {fit: 3, other: 1}\n"
        "grid:\n  tv: {channel: tv, change: {values: [-20%, 0, 20%]}}\n"
        "  radio: {kept: [], search_dark: [{channel: search, dark: true}]}\n"
        "sweep:\n  points: 16\n  inputs:\n    demand: {demand: {from: -10%, to: 5%}}\n"
    )
    scenario_file.write_text(more + scenario_file.read_text(encoding="utf-8"), encoding="utf-8")
    out = tmp_path / "out"
    done = mixwise("simulate", scenario_file, "--fit", fits[0], "--fit", fits[1], "--out", out)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Of 6 combinations 'tv" in done.stdout
    assert "'demand' moves the result" in done.stdout
    content = json.loads((out / "scenarios.json").read_text(encoding="utf-8"))
    assert content["stacked"]["weights"] == {"fit": 0.75, "other": 0.25}
    mixed = content["stacked"]["scenarios"]["tv_dark"]["delta_vs_bau"]["mean"]
    apart = [content["fits"][name]["tv_dark"]["mean"] for name in ("fit", "other")]
    assert mixed == pytest.approx(0.75 * apart[0] + 0.25 * apart[1])
    assert len(content["grid"]["combinations"]) == 6
    assert content["grid"]["axes"]["tv"] == ["−20%", "0%", "+20%"]
    assert content["sweep"]["result"] == "profit_delta"
    assert content["sweep"]["inputs"]["demand"]["low"]["at"] == "−10%"
    for block in (content["scenarios"]["tv_dark"], content["grid"]["combinations"][0]):
        assert {"revenue", "profit", "profit_delta", "npv", "p_more_npv", "payback"} <= set(block)
        assert set(block["payback"]) == {"week", "p"}
    assert len((out / "grid.csv").read_text(encoding="utf-8").splitlines()) == 7
    assert len((out / "sweep.csv").read_text(encoding="utf-8").splitlines()) == 33
    assert {"tornado.csv", "stacked.csv", "cash.csv"} <= {path.name for path in out.iterdir()}


def test_json_and_quiet(fits: tuple[Path, Path], scenario_file: Path, tmp_path: Path) -> None:
    given = ["simulate", str(scenario_file), "--fit", str(fits[0]), "--out", str(tmp_path / "out")]
    printed = CliRunner().invoke(cli, [*given, "--json"])
    assert printed.exit_code == 0
    written = json.loads((tmp_path / "out" / "scenarios.json").read_text(encoding="utf-8"))
    assert json.loads(printed.stdout) == written
    silent = CliRunner().invoke(cli, [*given, "--quiet"])
    assert (silent.exit_code, silent.output) == (0, "")
    # The same inputs and seed give the same figures.
    assert json.loads((tmp_path / "out" / "scenarios.json").read_text(encoding="utf-8")) == written


def test_bad_input_is_one_sentence(fits: tuple[Path, Path], scenario_file: Path, tmp_path: Path) -> None:
    text = scenario_file.read_text(encoding="utf-8").replace("channel: social", "channel: radio")
    scenario_file.write_text(text, encoding="utf-8")
    out = tmp_path / "out"
    done = mixwise("simulate", scenario_file, "--fit", fits[0], "--out", out)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        "mixwise: scenarios.yaml, line 7, scenarios.cpm_up.0.channel (with the fit 'fit'): the channel 'radio' is not "
        "a paid channel of the fit. Known: tv, search, social.\n"
    )
    assert not out.exists()


@pytest.mark.parametrize("case", ["no_file", "no_fit", "twice", "not_ours"])
def test_other_bad_input(fits: tuple[Path, Path], scenario_file: Path, tmp_path: Path, case: str) -> None:
    out = tmp_path / "out"
    given = {
        "no_file": (tmp_path / "none.yaml", "--fit", fits[0]),
        "no_fit": (scenario_file, "--fit", tmp_path / "none"),
        "twice": (scenario_file, "--fit", fits[0], "--fit", fits[0]),
        "not_ours": (scenario_file, "--fit", fits[0]),
    }[case]
    if case == "not_ours":
        out.mkdir()
        (out / "diary.txt").write_text("mine", encoding="utf-8")
    done = CliRunner().invoke(cli, ["simulate", *map(str, given), "--out", str(out)])
    assert isinstance(done.exception, MixwiseError)
    assert done.exception.exit_code == 2
    assert done.exception.do
    assert not (out / "report.html").exists()
    if case == "not_ours":
        assert (out / "diary.txt").read_text(encoding="utf-8") == "mine"


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from mixwise import cli\n"
        "for name in ('simulate', 'market', 'demo'):\n"
        "    assert CliRunner().invoke(cli, [name, '--help']).exit_code == 0\n"
        "heavy = {'numpy', 'pandas', 'plotly', 'pymc', 'numba', 'pydantic'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr


def test_market_writes_data_and_truth_apart(tmp_path: Path) -> None:
    world = ROOT / "simulations" / "market" / "presets" / "starter.yaml"
    done = mixwise("market", world, "--out", tmp_path / "market")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "market" / "weekly.csv").is_file()
    assert "Next: mixwise check" in done.stdout


def test_the_demo_types_the_four_commands_in_order(tmp_path: Path) -> None:
    typed: list[str] = []
    out = tmp_path / "demo"

    def program(arguments: Sequence[str]) -> int:
        typed.append(arguments[0])
        assert Path(arguments[1]).is_file()
        if arguments[0] == "plan":
            folder = Path(arguments[-1])
            folder.mkdir()
            (folder / "plan.csv").write_text("week,channel,spend\n", encoding="utf-8")
        return 0

    assert demo_command.run(out, seed=1, quiet=False, mixwise=program) == 0
    assert typed == ["check", "fit", "plan", "simulate"]
    joined = (out / "company" / "scenarios_with_plan.yaml").read_text(encoding="utf-8")
    assert joined.endswith("  as_planned:       [{plan: plan.csv}]\n")
    assert not (out / "company" / "truth").exists()


@pytest.mark.parametrize(("codes", "expected", "steps"), [((0, 2), 2, 2), ((0, 1), 1, 2)])
def test_the_demo_stops_where_a_command_stops(
    tmp_path: Path, codes: tuple[int, ...], expected: int, steps: int
) -> None:
    left = list(codes)
    assert demo_command.run(tmp_path / "demo", seed=1, quiet=True, mixwise=lambda _: left.pop(0)) == expected
    assert len(left) == len(codes) - steps


def test_the_demo_keeps_off_other_folders(tmp_path: Path) -> None:
    (tmp_path / "diary.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(SpecError, match="holds other files"):
        demo_command.run(tmp_path, seed=1, quiet=True, mixwise=lambda _: 0)


def test_the_examples_scenarios_with_the_plan_are_understood(tmp_path: Path) -> None:
    """The line that the demo adds is one more scenario of the example's own file."""
    from simulations import ScenarioSet

    company = demo_command._copy(tmp_path / "demo")
    (tmp_path / "demo" / "plan").mkdir()
    (tmp_path / "demo" / "plan" / "plan.csv").write_text("week,channel,spend\n", encoding="utf-8")
    before = ScenarioSet.from_yaml(company / "scenarios.yaml").scenarios
    after = ScenarioSet.from_yaml(demo_command._join_plan(company, tmp_path / "demo")).scenarios
    assert list(after) == [*before, "as_planned"]
