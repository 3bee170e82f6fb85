"""The notebook on simulated markets runs from the top, and shows what it says."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def shown(tmp_path_factory) -> str:
    """All that the notebook prints and tabulates, as text."""
    folder = tmp_path_factory.mktemp("market")
    shutil.copy(ROOT / "examples" / "simulate_market.ipynb", folder)
    notebook = nbformat.read(folder / "simulate_market.ipynb", as_version=4)
    client = NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}})
    client.execute(env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"})
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return "\n".join(str(o.get("text") or o.get("data", {}).get("text/plain", "")) for o in outputs)


def row(text: str, name: str) -> list[float]:
    line = re.search(rf"^{name} .*$", text, re.MULTILINE).group()
    return [float(number) for number in line.split()[1:]]


def test_experiments_are_honest_and_plans_are_bounded(shown: str) -> None:
    held, of = map(int, re.search(r"(\d+) of (\d+) intervals hold", shown).groups())
    assert of == 60
    assert held >= 45
    numbers = re.search(r"worth ([\d,]+); the best one ([\d,]+), at most ([\d,]+)", shown).groups()
    current, best, bound = (float(number.replace(",", "")) for number in numbers)
    assert current < best <= bound < 1.001 * best


def test_broken_worlds_mislead_and_the_truth_does_not(shown: str) -> None:
    errors = shown[shown.index("channel ") :]
    assert row(errors, "search_follows_demand")[3] > 3 > abs(row(errors, "well_informed")[3])
    tv, radio = row(errors, "collinear")[:2]
    assert tv < -1
    assert radio > 1
    assert "captured" in shown
    assert re.search(r"tv \+ radio +[1-9]", shown)
