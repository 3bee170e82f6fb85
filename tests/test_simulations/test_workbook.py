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
from simulations.results import ScenarioResults
from simulations.workbook import write_workbook
from tests.test_simulations.small_fit import make_response, make_set

SOFFICE = shutil.which("soffice")
PATCHES = {
    "cut_tv_20": [{"channel": "tv", "change": -0.2}],
    "tv_dark": [{"channel": "tv", "dark": True}],
    "=cmd|' /C calc'!A0": [{"channels": "all", "flighting": "burst"}],
}


@pytest.fixture(scope="module")
def results(response: ResponseDraws) -> ScenarioResults:
    return simulate(response, make_set(PATCHES, margin=0.4, fiscal_year_start=4))


@pytest.fixture(scope="module")
def book(results: ScenarioResults, tmp_path_factory: pytest.TempPathFactory) -> Path:
    other = simulate(make_response(seed=2), make_set(PATCHES, margin=0.4))
    path = tmp_path_factory.mktemp("book") / "scenarios.xlsx"
    return write_workbook(results, path, fits={"fit": results, "other": other}, details={"Seed": "0"})


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
        "Weekly",
        "Monthly",
        "Quarterly",
        "Spend by channel",
        "Weekly spend",
        "Returns",
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


def test_charts_are_native(book: Path) -> None:
    found = openpyxl.load_workbook(book)
    assert [len(found[name]._charts) for name in ("Summary", "Monthly", "Quarterly", "Spend by channel")] == [
        1,
        1,
        1,
        1,
    ]


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
                    assert found == pytest.approx(expected, rel=1e-9, abs=1e-4), (sheet.title, cell.coordinate)
    assert live > 300
