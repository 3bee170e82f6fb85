"""The plan's workbook: its formulas are live, their values right, here and recalculated by LibreOffice."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from mmm.response.draws import ResponseDraws
from optimizer.allocation import Allocation
from optimizer.workbook import write_plan_workbook
from tests.test_optimizer.plans import NAMES, awkward, planned

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
SHEETS = ["Decision", "Weekly phasing", "Channels", "Constraints", "Assumptions", "Manifest"]


@pytest.fixture(scope="module")
def draws() -> ResponseDraws:
    return awkward()


@pytest.fixture(scope="module")
def allocation(draws: ResponseDraws) -> Allocation:
    return planned(draws, round_to=100.0)


@pytest.fixture(scope="module")
def path(draws: ResponseDraws, allocation: Allocation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("book") / "plan.xlsx"
    return write_plan_workbook(allocation, draws, target, details={"Fit": "run ab", "=Seed": "=1"})


@pytest.fixture(scope="module")
def recalculated(path: Path) -> Workbook:
    if OFFICE is None:
        pytest.skip("no LibreOffice on this machine")
    folder = path.parent / "recalculated"
    # Cached values are thrown away first: what is read back is LibreOffice's own arithmetic.
    bare = path.parent / "bare" / path.name
    bare.parent.mkdir()
    openpyxl.load_workbook(path).save(bare)
    profile = f"-env:UserInstallation={(path.parent / 'profile').as_uri()}"
    command = [OFFICE, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(folder), str(bare)]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    return openpyxl.load_workbook(folder / path.name, data_only=True)


def _formulas(path: Path) -> list[tuple[str, str]]:
    book = openpyxl.load_workbook(path)
    return [(s.title, c.coordinate) for s in book for row in s.iter_rows() for c in row if c.data_type == "f"]


def test_sheets_and_native_charts(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == SHEETS
    assert [len(book[name]._charts) for name in ("Decision", "Weekly phasing")] == [1, 1]


def test_totals_shares_and_changes_are_formulas(path: Path, allocation: Allocation) -> None:
    cells = _formulas(path)
    by_sheet = {name: [at for sheet, at in cells if sheet == name] for name in SHEETS}
    weeks, channels = 4, len(NAMES)
    assert len(by_sheet["Weekly phasing"]) == 2 * (weeks + channels + 1) + 1 + len(allocation.volumes)
    assert len(by_sheet["Channels"]) == channels * 8 + 6
    assert len(by_sheet["Decision"]) == 3


def test_cached_totals_are_the_plans(path: Path, allocation: Allocation) -> None:
    book = openpyxl.load_workbook(path, data_only=True)
    _agrees(book, allocation)


def test_volumes_stand_below_the_money(path: Path, allocation: Allocation) -> None:
    sheet = openpyxl.load_workbook(path, data_only=True)["Weekly phasing"]
    (row,) = (cell.row for cell in sheet["A"] if str(cell.value or "").startswith("What the plan serves or buys"))
    for c, series in enumerate(allocation.volumes.values(), 2):
        figures = [sheet.cell(row + 2 + t, c).value for t in range(len(series))]
        assert figures == pytest.approx(series.tolist())
        assert sheet.cell(row + 2 + len(series), c).value == pytest.approx(series.sum())


def _agrees(book: Workbook, allocation: Allocation) -> None:
    plan, channels = allocation.to_json(), book["Channels"]
    rows = {channels.cell(5 + i, 1).value: 5 + i for i in range(len(NAMES))}
    for (name, total), shown in zip(plan["totals"].items(), rows, strict=True):
        row = rows[shown]
        before = plan["baseline"]["totals"][name]
        assert channels.cell(row, 3).value == pytest.approx(total, abs=1e-6)
        assert channels.cell(row, 2).value == pytest.approx(before, abs=1e-6)
        assert channels.cell(row, 4).value == pytest.approx(total - before, abs=1e-6)
        if before:
            assert channels.cell(row, 5).value == pytest.approx(total / before - 1.0, abs=1e-9)
        assert channels.cell(row, 7).value == pytest.approx(total / sum(plan["totals"].values()), abs=1e-9)
        largest = max(one["spend"] for one in plan["allocation"] if one["channel"] == name)
        assert channels.cell(row, 10).value == pytest.approx(largest)
        seen = "beyond" if plan["extrapolation"][name] is None or plan["extrapolation"][name] > 1 else "within"
        assert channels.cell(row, 11).value == seen
    assert book["Decision"]["B5"].value == pytest.approx(sum(plan["totals"].values()))
    weekly = book["Weekly phasing"]
    assert weekly.cell(10, len(NAMES) + 2).value == 0


def test_recalculation_agrees_and_has_no_error(recalculated: Workbook, path: Path, allocation: Allocation) -> None:
    _agrees(recalculated, allocation)
    cached = openpyxl.load_workbook(path, data_only=True)
    for sheet, at in _formulas(path):
        mine, theirs = cached[sheet][at].value, recalculated[sheet][at].value
        assert not str(theirs).startswith(("#", "Err:")), (sheet, at)
        if isinstance(mine, float | int):
            assert theirs == pytest.approx(mine, rel=1e-9, abs=1e-6), (sheet, at)
        else:
            assert (theirs or "") == (mine or ""), (sheet, at)


def test_names_are_text_on_every_sheet(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    found = [
        c for s in book for row in s.iter_rows() for c in row if str(c.value).startswith(("=cmd()", "=Seed", "=cap"))
    ]
    assert len(found) >= 5
    assert all(cell.data_type == "s" for cell in found)
    assert not any("\x1b" in str(c.value) for s in book for row in s.iter_rows() for c in row)


def test_model_results_are_marked_and_explained(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    uplift = next(row for row in book["Decision"].iter_rows() if str(row[0].value).startswith("Uplift"))
    assert uplift[1].fill.fgColor.rgb == "FFF3EFE4"
    words = [str(cell.value) for row in book["Decision"].iter_rows() for cell in row]
    assert any("do NOT recalculate" in word for word in words)


def test_panes_print_setup_and_widths(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    assert book["Weekly phasing"].freeze_panes == "B5"
    assert book["Weekly phasing"].print_title_rows == "$4:$4"
    assert all(sheet.page_setup.paperSize == 9 for sheet in book)
    assert all(sheet.sheet_properties.pageSetUpPr.fitToPage for sheet in book)
