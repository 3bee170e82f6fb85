"""The three examples run as written, in their order, on a copy of the folder: analyst, planner, finance."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from mmm.model.spec import ModelSpec

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
NOTEBOOK = "fit_model.ipynb"


@pytest.fixture(scope="session")
def environment():
    return os.environ | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}


@pytest.fixture(scope="session")
def analysed(tmp_path_factory, environment):
    """A copy of the examples after the notebook was run top to bottom, and the notebook with its outputs."""
    folder = tmp_path_factory.mktemp("clone") / "examples"
    shutil.copytree(EXAMPLES, folder, ignore=shutil.ignore_patterns("output", "__pycache__", ".ipynb_checkpoints"))
    notebook = nbformat.read(folder / NOTEBOOK, as_version=4)
    client = NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}})
    client.execute(env=environment)
    return folder, notebook


@pytest.fixture(scope="session")
def planned(analysed, environment):
    folder, _ = analysed
    return folder, run(folder / "quarterly_plan.py", environment)


def run(script: Path, environment: dict[str, str]) -> str:
    # Started elsewhere on purpose: the scripts find their files by their own place.
    done = subprocess.run([sys.executable, str(script)], env=environment, cwd="/", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def outputs(notebook, kind):
    found = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    return [output["data"][kind] for output in found if kind in output.get("data", {})]


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.glob("*.ipynb")))
def test_notebooks_are_committed_without_outputs(name):
    notebook = nbformat.read(EXAMPLES / name, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
    assert "widgets" not in notebook.metadata


def test_the_notebook_fits_shows_and_saves(analysed):
    folder, notebook = analysed
    assert (folder / "output" / "fit" / "response.nc").is_file()
    tables = "".join(outputs(notebook, "text/html"))
    assert "Panel" in tables
    assert "true_roas" in tables
    assert len(outputs(notebook, "application/vnd.plotly.v1+json")) >= 5
    assert not [o for cell in notebook.cells for o in cell.get("outputs", []) if o.output_type == "error"]


def test_the_planners_script_prints_and_saves_a_plan(planned):
    folder, said = planned
    assert "Certified" in said
    assert "of profit (90 % interval" in said
    assert "budget:" in said
    with (folder / "output" / "plan.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    channels = ModelSpec.from_yaml(folder / "company" / "model.yaml").channels
    assert len(rows) == 13 * len(channels)
    assert sum(float(row["spend"]) for row in rows) == pytest.approx(2_000_000, abs=1)


def test_finance_compares_the_plan_with_the_scenarios(planned, environment):
    folder, _ = planned
    said = run(folder / "review_scenarios.py", environment)
    with (folder / "output" / "scenarios.csv").open(encoding="utf-8") as file:
        rows = {row["scenario"]: row for row in csv.DictReader(file)}
    assert len(rows) == 9
    assert float(rows["cut_tv_20"]["mean"]) < 0 < float(rows["all_up_10"]["mean"])
    assert float(rows["as_planned"]["p_more_profit"]) > 0.5
    assert "Most likely to earn more than business as usual" in said


def test_a_script_without_a_fit_says_what_to_run_first(tmp_path, environment):
    shutil.copy(EXAMPLES / "quarterly_plan.py", tmp_path)
    shutil.copytree(EXAMPLES / "company", tmp_path / "company")
    done = subprocess.run(
        [sys.executable, str(tmp_path / "quarterly_plan.py")], env=environment, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert "Run 'mixwise fit' first." in done.stderr
