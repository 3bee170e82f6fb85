"""The front door: what loads when, the public names, and a clear word when another package has our name."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = ("pymc", "pytensor", "arviz", "nutpie")


def loaded_after(code: str) -> set[str]:
    """Run code in a fresh interpreter and return which of the sampler's libraries it loaded."""
    probe = f"{code}\nimport sys\nprint('LOADED', *[m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, cwd=ROOT, check=True)
    return set(done.stdout.splitlines()[-1].split()[1:])


def command_line(*args: str) -> str:
    return f"from click.testing import CliRunner\nimport mixwise\nCliRunner().invoke(mixwise.cli, {list(args)!r})"


@pytest.mark.parametrize(
    "code",
    [
        "import mmm",
        "import mmm, optimizer\nmmm.load_response, mmm.roas, optimizer.allocate, optimizer.Brief",
        "import mmm\nmmm.predict, mmm.decomposition, mmm.table, mmm.response_curves, mmm.weekly_contributions",
        "import mmm\nmmm.Parameter, mmm.LiftTest, mmm.read_lift_tests, mmm.equations, mmm.ModelSpec, mmm.Fit",
        "import simulations\nsimulations.simulate, simulations.ScenarioSet, simulations.simulate_market",
        command_line("--help"),
        command_line("plan", "--help"),
        command_line("simulate", "--help"),
        command_line("fit", "--help"),
    ],
)
def test_the_sampler_stays_outside(code: str) -> None:
    assert loaded_after(code) == set()


def test_the_probe_can_fail() -> None:
    assert "pytensor" in loaded_after("import mmm.transforms.graph")


def test_public_names() -> None:
    import mmm
    import optimizer
    import simulations

    named = {"read_panel", "ModelSpec", "fit_model", "Fit", "ResponseDraws", "load_response"}
    assert named | {"response_curve", "roas", "mroas", "contribution"} <= set(mmm.__all__)
    before = {"describe_model", "model_graph", "equations", "prior_table", "prior_sentences", "Parameter"}
    after = {"predict", "decomposition", "table", "response_curves", "weekly_contributions", "validate"}
    several = {"compare_fits", "stacking_weights", "stack_responses"}
    assert before | after | several | {"LiftTest", "read_lift_tests"} <= set(mmm.__all__)
    assert {"Brief", "AllocationProblem", "allocate", "Allocation"} <= set(optimizer.__all__)
    assert {"Scenario", "ScenarioSet", "simulate", "compare", "World", "simulate_market", "backtest"} <= set(
        simulations.__all__
    )
    for package in (mmm, optimizer, simulations):
        for name in package.__all__:
            assert getattr(package, name) is not None
        with pytest.raises(AttributeError, match="no_such_name"):
            getattr(package, "no_such_name")  # noqa: B009


def test_nothing_imports_the_front_door() -> None:
    """mixwise is the top floor; import-linter cannot hold a module, so this does."""
    for path in ROOT.glob("*/**/*.py"):
        if path.relative_to(ROOT).parts[0] in ("mmm", "optimizer", "simulations"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            names = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
            names |= {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
            assert "mixwise" not in names, path


def test_every_command_is_there_with_its_summary() -> None:
    import mixwise

    assert list(mixwise.COMMANDS) == list(mixwise.SUMMARIES)
    with mixwise.cli.make_context("mixwise", ["--version"], resilient_parsing=True) as ctx:
        for name in mixwise.COMMANDS:
            command = mixwise.cli.get_command(ctx, name)
            assert command is not None
            assert command.help


def run_cli(*args: str, cwd: Path | None = None, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    code = f"import sys; sys.path.insert(0, {str(path)!r})\n" if path else "import sys\n"
    code += f"sys.argv = ['mixwise', *{list(args)!r}]\nimport mixwise\nmixwise.main()"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=cwd or ROOT)


def test_a_shadowing_package_is_named(tmp_path: Path) -> None:
    (tmp_path / "optimizer").mkdir()
    (tmp_path / "optimizer" / "__init__.py").write_text("", encoding="utf-8")
    done = run_cli("--help", path=tmp_path)
    assert done.returncode == 2
    assert "'optimizer'" in done.stderr
    assert str(tmp_path) in done.stderr
    assert "Traceback" not in done.stderr


def test_exit_codes_and_sentences(tmp_path: Path) -> None:
    assert run_cli("--help").returncode == 0
    wrong = run_cli("fitt")
    assert wrong.returncode == 2
    assert "fitt" in wrong.stderr
    missing = run_cli("check", str(tmp_path / "model.yaml"))
    assert missing.returncode == 2
    assert "does not exist" in missing.stderr
    assert "Traceback" not in missing.stderr
