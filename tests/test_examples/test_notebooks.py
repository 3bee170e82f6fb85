"""The notebooks on calibration and on geos run from the top, and end beside the truth."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient

from mmm.data import read_panel
from mmm.model.spec import ModelSpec

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
GEO = EXAMPLES / "geo"


def executed(folder: Path, name: str) -> nbformat.NotebookNode:
    """Run a notebook of a copy of the examples, top to bottom."""
    shutil.copytree(EXAMPLES, folder, ignore=shutil.ignore_patterns("output", "__pycache__", ".ipynb_checkpoints"))
    notebook = nbformat.read(folder / name, as_version=4)
    resources = {"metadata": {"path": str(folder)}}
    client = NotebookClient(notebook, timeout=300, kernel_name="python3", resources=resources)
    client.execute(env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"})
    return notebook


def shown(notebook: nbformat.NotebookNode, kind: str) -> list[str]:
    cells = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    return [str(output["data"][kind]) for output in cells if kind in output.get("data", {})]


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory):
    return executed(tmp_path_factory.mktemp("calibrated") / "examples", "calibrate_fit.ipynb")


@pytest.fixture(scope="module")
def regional(tmp_path_factory):
    return executed(tmp_path_factory.mktemp("regional") / "examples", "geo_panel.ipynb")


def held_of(text: str) -> int:
    return len(re.findall(r"\bTrue\b", text))


def test_calibration_narrows_what_was_tested_and_keeps_the_truth(calibrated) -> None:
    (beside,) = [text for text in shown(calibrated, "text/plain") if "width_left" in text]
    assert held_of(beside) >= 5  # of six 90 % intervals
    left = {
        line.split()[0]: float(line.split()[-1]) for line in beside.split("width_left")[1].splitlines() if line.split()
    }
    assert max(left["search"], left["social"]) < 0.7
    assert min(left["tv"], left["video"]) > 0.8
    described = "".join(shown(calibrated, "text/html"))
    for part in ("Your priors say", "digraph model", "calibrated_sd", "The fit"):
        assert part in described


def test_regions_are_fitted_and_held_to_their_truth(regional) -> None:
    said = "".join(o["text"] for cell in regional.cells for o in cell.get("outputs", []) if "text" in o)
    held, of = map(int, re.search(r"(\d+) of (\d+) regional intervals hold", said).groups())
    assert of == 18
    assert held >= 13
    (beside,) = [text for text in shown(regional, "text/plain") if "true_roas" in text]
    assert held_of(beside) >= 2  # of three
    assert len(shown(regional, "application/vnd.plotly.v1+json")) == 3


def test_the_regions_are_made_again_byte_for_byte(tmp_path) -> None:
    script = [sys.executable, str(GEO / "regenerate.py"), str(tmp_path)]
    subprocess.run(script, check=True, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True)
    for name in ("weekly.csv", "truth.json"):
        assert (tmp_path / name).read_bytes() == (GEO / name).read_bytes(), name


def test_a_missing_week_of_a_region_is_missing_and_national_money_is_counted_once() -> None:
    panel = read_panel(ModelSpec.from_yaml(GEO / "model.yaml"), GEO)
    lakes = panel.geos.index("Lakes")
    assert panel.observed.sum() == panel.observed.size - 5
    assert not panel.observed[lakes, 70:75].any()
    raw = pd.read_csv(GEO / "weekly.csv")
    national = raw.groupby("week")["tv_spend"].first().sum()
    lost = raw.groupby("week")["tv_spend"].first().iloc[70:75].sum() * panel.population[lakes] / panel.population.sum()
    assert panel.spend[panel.channels.index("tv")].sum() == pytest.approx(national - lost, rel=1e-9)
    truth = json.loads((GEO / "truth.json").read_text(encoding="utf-8"))
    assert set(truth["roas"]) == set(panel.channels)
    assert set(truth["roas_by_region"]["tv"]) == set(panel.geos)
