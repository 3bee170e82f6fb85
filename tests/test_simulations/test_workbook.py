"""The workbook recalculates in LibreOffice to the same figures, without an error cell."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pytest

from mmm.response.draws import ResponseDraws
from simulations import simulate
from simulations.digest import digest
from simulations.results import ScenarioResults
from simulations.stacking import stacked
from simulations.workbook import write_workbook
from tests.test_simulations.small_fit import make_response, make_set
from tests.test_simulations.test_grids import GRID
from tests.test_simulations.test_sweeps import INPUTS

SOFFICE = shutil.which("soffice")
PATCHES = {
    "cut_tv_20": [{"channel": "tv", "change": -0.2}],
    "tv_dark": [{"channel": "tv", "dark": True}],
    "=cmd|' /C calc'!A0": [{"channels": "all", "flighting": "burst"}],
    "short": [{"supply_cap": 110_000.0}],
}
SET = {"margin": 0.4, "discount_rate": 0.08, "grid": GRID, "sweep": {"inputs": INPUTS, "points": 16}}


@pytest.fixture(scope="module")
def results(response: ResponseDraws) -> ScenarioResults:
    return simulate(response, make_set(PATCHES, fiscal_year_start=4, **SET))


@pytest.fixture(scope="module")
def book(results: ScenarioResults, tmp_path_factory: pytest.TempPathFactory) -> Path:
    fits = {"fit": results, "other": simulate(make_response(seed=2), make_set(PATCHES, **SET))}
    path = tmp_path_factory.mktemp("book") / "scenarios.xlsx"
    stack = stacked(fits, {"fit": 0.7, "other": 0.3})
    return write_workbook(results, path, fits=fits, stack=stack, details={"Seed": "0"})


def without_cached_values(book: Path, to: Path) -> Path:
    """Drop the values that formulas carry, so that a reader must calculate them."""
    with zipfile.ZipFile(book) as source, zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename.startswith("xl/worksheets/"):
                content = re.sub(rb"</f><v>[^<]*</v>", b"</f>", content)
            target.writestr(entry, content)
    return to


def test_the_sheets_and_what_is_live(book: Path, results: ScenarioResults) -> None:
    found = openpyxl.load_workbook(book)
    assert found.sheetnames == [
        "Summary",
        "Money",
        "Weekly",
        "Monthly",
        "Quarterly",
        "Cash flow",
        "Spend by channel",
        "Weekly spend",
        "Returns",
        "Combinations",
        "Sensitivity",
        "Calendar",
        "Fits",
        "Assumptions",
        "Manifest",
    ]
    summary = found["Summary"]
    assert summary["A8"].value == list(PATCHES)[2]
    assert summary["A8"].data_type == "s"
    assert summary["B6"].value == "='Weekly'!C32"
    assert summary["J6"].value == "=H6+I6"
    values = openpyxl.load_workbook(book, data_only=True)["Summary"]
    assert values["B6"].value == pytest.approx(results["cut_tv_20"].spend.sum())
    assert values["J6"].value == pytest.approx(results.delta(results["cut_tv_20"]).mean())


def test_money_follows_the_cash_flow(book: Path, results: ScenarioResults) -> None:
    values, formulas = openpyxl.load_workbook(book, data_only=True), openpyxl.load_workbook(book)
    rows = {row[0].value: [cell.value for cell in row] for row in values["Money"].iter_rows(min_row=5, max_row=9)}
    for one in results.scenarios:
        found = digest(results, one)
        assert found.profit_delta is not None
        assert found.npv is not None
        assert rows[one.name][4] == pytest.approx(found.profit_delta.mean)
        assert rows[one.name][8] == pytest.approx(found.npv.mean)
    assert formulas["Money"]["E6"].value.startswith("='Cash flow'!")
    assert formulas["Cash flow"]["G11"].value == "=SUM($F$10:$F$11)"
    assert formulas["Cash flow"]["B4"].value == 0.4
    # Where the cash flow's mean pays back, week by week, it says so as the mean path of the model does.
    cash = results["cut_tv_20"].cash
    assert cash is not None
    assert cash.path[0].min() > 0
    foot = next(row for row in values["Cash flow"].iter_rows(min_row=10) if row[2].value == "All weeks")
    assert (foot[0].value, foot[6].value) == ("cut_tv_20", 0)


def test_every_combination_and_input_is_listed(book: Path, results: ScenarioResults) -> None:
    values = openpyxl.load_workbook(book, data_only=True)
    assert results.grid is not None
    assert results.sweep is not None
    combinations = values["Combinations"]
    best = results.grid.points[results.grid.ranked[0]]
    assert best.profit_delta is not None
    assert combinations["C5"].value == pytest.approx(best.spend)
    assert combinations["I5"].value == pytest.approx(best.profit_delta.mean)
    assert combinations.max_row == 4 + len(results.grid.points)
    assert [values["Sensitivity"][f"A{row}"].value for row in (5, 6, 7)] == [one.name for one in results.sweep.swings]


def test_the_weights_of_fits_may_be_changed(book: Path) -> None:
    sheet = openpyxl.load_workbook(book)["Fits"]
    assert [sheet["B5"].value, sheet["B6"].value] == [0.7, 0.3]
    assert sheet["C11"].value == "=SUMPRODUCT($B$5:$B$6,$C$9:$C$10)/SUM($B$5:$B$6)"


def test_charts_are_native(book: Path) -> None:
    found = openpyxl.load_workbook(book)
    assert [
        len(found[name]._charts) for name in ("Summary", "Monthly", "Quarterly", "Spend by channel", "Sensitivity")
    ] == [1] * 5


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
def test_libreoffice_recalculates_the_same_figures(book: Path, tmp_path: Path) -> None:
    bare = without_cached_values(book, tmp_path / "bare.xlsx")
    assert all(
        cell.value is None
        for sheet in openpyxl.load_workbook(bare, data_only=True)
        for row in openpyxl.load_workbook(bare)[sheet.title].iter_rows()
        for formula in row
        if formula.data_type == "f"
        for cell in [sheet[formula.coordinate]]
    )
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    subprocess.run(
        [
            SOFFICE,
            profile,
            "--headless",
            "--convert-to",
            "xlsx:Calc MS Excel 2007 XML",
            "--outdir",
            tmp_path / "out",
            bare,
        ],
        check=True,
        capture_output=True,
        timeout=240,
    )
    formulas = openpyxl.load_workbook(book)
    written = openpyxl.load_workbook(book, data_only=True)
    calculated = openpyxl.load_workbook(tmp_path / "out" / "bare.xlsx", data_only=True)
    live = 0
    for sheet in formulas:
        for row in sheet.iter_rows():
            for cell in row:
                found = calculated[sheet.title][cell.coordinate].value
                assert not (isinstance(found, str) and found.startswith("#")), (sheet.title, cell.coordinate, found)
                if cell.data_type == "f":
                    live += 1
                    expected = written[sheet.title][cell.coordinate].value
                    same = expected if isinstance(expected, str) else pytest.approx(expected, rel=1e-9, abs=1e-4)
                    assert found == same, (sheet.title, cell.coordinate)
    assert live > 300
