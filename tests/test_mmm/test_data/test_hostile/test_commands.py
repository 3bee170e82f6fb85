"""The list through the commands that a person types: exit codes, one sentence, and what the written files hold."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import openpyxl
import pytest

from mmm.response.storage import save_response
from mmm.runs import Manifest, open_run, staged_run, write_json
from tests.test_mmm.test_data.test_hostile.attacks import contacts
from tests.test_mmm.test_data.test_hostile.case import Case, load
from tests.test_mmm.test_data.test_hostile.catalogue import CASES
from tests.test_mmm.test_data.test_hostile.commands import command
from tests.test_optimizer.plans import NAMES, awkward
from tests.test_optimizer.responses import START

#: Those whose names, letters or signs reach page and terminal; all others are read without a page.
SHOWN = [case for case in CASES if case.number in {67, 74}]


@pytest.mark.parametrize("case", SHOWN, ids=str)
def test_check_accepts_writes_and_adds_up(case: Case, tmp_path: Path) -> None:
    model = case.project(tmp_path)
    said = command("check", model, "--out", tmp_path / "out")
    assert (said.code, said.err) == (0, "")
    assert "\x1b" not in said.out
    content = json.loads((tmp_path / "out" / "data_report.json").read_text(encoding="utf-8"))
    ledger, panel = content["ledger"], load(model)
    assert ledger["rows_in"] == ledger["rows_used"] + sum(item["rows"] for item in ledger["excluded"])
    for name, money in ledger["spend_in"].items():
        out = sum(item["spend"].get(name, 0.0) for item in ledger["excluded"])
        assert abs(money - ledger["spend_used"][name] - out) <= 1e-9 * max(1.0, abs(money))
        assert abs(content["channels"][name]["spend"] - panel.spend[panel.channels.index(name)].sum()) < 1e-6
    assert open_run(tmp_path / "out", command="check")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "<img src=x" not in page
    assert "\x1b" not in page


@pytest.mark.parametrize("case", [case for case in CASES if case.number == 63], ids=str)
def test_a_person_is_never_echoed(case: Case, tmp_path: Path) -> None:
    said = command("check", case.project(tmp_path))
    assert said.code == 2
    assert not any(cell in said.err + said.out for cell in contacts(case.what))


@pytest.fixture(scope="module")
def fit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder as ``mixwise fit`` leaves it, of channels whose names attack whoever shows them."""
    folder = tmp_path_factory.mktemp("fit") / "fit"
    with staged_run(folder, Manifest(command="fit", configuration={"spec": {}})) as stage:
        save_response(awkward(), stage)
        write_json(stage / "summary.json", {"checks": []})
    return folder


def _brief(folder: Path, text: str) -> Path:
    path = folder / "brief.yaml"
    path.write_text(f"horizon: {{start: {START}, weeks: 4}}\n{text}", encoding="utf-8")
    return path


def test_54_contradictory_constraints_name_the_smallest_set(fit: Path, tmp_path: Path) -> None:
    brief = _brief(
        tmp_path,
        """budget: {total: 100}
constraints:
  - {channels: all, change_vs_baseline: 0.3, name: change}
  - {channels: ["راديو"], max: 1000000000, name: ceiling}
""",
    )
    said = command("plan", brief, "--fit", fit, "--out", tmp_path / "plan")
    assert said.code == 3
    assert said.out == ""
    assert said.err.startswith("mixwise: ")
    assert "change" in said.err
    assert "budget" in said.err
    assert "ceiling" not in said.err
    assert "Traceback" not in said.err
    assert not (tmp_path / "plan").exists()


def test_55_and_67_what_is_written_holds_names_as_text(fit: Path, tmp_path: Path) -> None:
    brief = _brief(tmp_path, "constraints:\n  - {channels: all, change_vs_baseline: 0.3, name: change}\n")
    said = command("plan", brief, "--fit", fit, "--out", tmp_path / "plan")
    assert (said.code, said.err) == (0, "")
    assert "\x1b[31m" not in said.out
    with (tmp_path / "plan" / "plan.csv").open(encoding="utf-8", newline="") as handle:
        cells = [cell for row in csv.reader(handle) for cell in row]
    assert "'=cmd()" in cells
    assert not any(cell.startswith(("=", "+", "@", "\t", "\r")) for cell in cells)
    book = openpyxl.load_workbook(tmp_path / "plan" / "plan.xlsx")
    found = [cell for sheet in book for row in sheet.iter_rows() for cell in row if "cmd()" in str(cell.value)]
    assert found
    assert {cell.data_type for cell in found} == {"s"}
    page = (tmp_path / "plan" / "report.html").read_text(encoding="utf-8")
    assert NAMES[0] not in page
    assert "\x1b" not in page
