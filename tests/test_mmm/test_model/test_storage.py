"""Fits on disk: formats before and after this one, lift tests, and files that lie."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from mmm.data.lift_tests import LiftTest
from mmm.data.report import LedgerLine, SourceAccount
from mmm.exceptions import DataError
from mmm.model.fit import Fit
from mmm.model.fit_page import fit_page
from mmm.model.lift_test_json import lift_test_json, read_lift_test
from mmm.model.migrations import STEPS, migrate
from mmm.model.storage import FIT, FORMAT, POSTERIOR, save_fit

TEST = LiftTest(
    name="spring holdout",
    channel="tv",
    geos=("north", "south"),
    start=np.datetime64("2022-03-07"),
    end=np.datetime64("2022-03-28"),
    measured_to=np.datetime64("2022-04-11"),
    spend_change=-12_345.5,
    lift=-30_000.0,
    standard_error=4_000.0,
    share=0.25,
)


@pytest.fixture(scope="module")
def saved(fit: Fit, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fit on disk, written once."""
    folder = tmp_path_factory.mktemp("saved")
    save_fit(replace(fit, lift_tests=(TEST,)), folder)
    return folder


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    """A copy to damage."""
    return shutil.copytree(saved, tmp_path / "fit")


def rewrite(folder: Path, **changes: object) -> None:
    stored = json.loads((folder / FIT).read_text(encoding="utf-8"))
    kept = {**stored, **changes}
    (folder / FIT).write_text(json.dumps({k: v for k, v in kept.items() if v is not None}), encoding="utf-8")


def test_a_fit_comes_back_with_its_lift_tests(folder: Path, fit: Fit) -> None:
    found = Fit.load(folder)
    assert found.lift_tests == (TEST,)
    assert found.draws["posterior"].dataset.equals(fit.draws["posterior"].dataset)
    assert read_lift_test(json.loads(json.dumps(lift_test_json(TEST)))) == TEST


def test_a_fit_comes_back_with_its_sources_and_the_ledger(fit: Fit, tmp_path: Path) -> None:
    """What came from where and the company's ledger are kept, and shown with the sections of a check."""
    rows = tuple(range(1, fit.response.n_weeks + 1))
    ads = SourceAccount(
        "ads", ("a.csv", "b.csv"), 90, 80, date(2023, 1, 2), None, {"tv": 9.0}, {"tv": 8.0}, {"tv": 1.0}, rows, ("USD",)
    )
    line = LedgerLine("2023-02", "tv", 1000.0, 900.0, -100.0, agrees=False, whole=True)
    report = replace(fit.data_report, sources=(ads,), reconciled=(line,))
    told = replace(fit, data_report=report)
    (tmp_path / "fit").mkdir()
    save_fit(told, tmp_path / "fit")
    assert Fit.load(tmp_path / "fit").data_report == report
    sections = {section.title: section for section in fit_page(told).sections}
    assert [block.kind for block in sections["Where it came from"].blocks] == ["table", "chart"]
    assert "0 of 1 whole months agree" in sections["The company's ledger"].lead
    assert "Where it came from" not in {section.title for section in fit_page(fit).sections}


def test_a_fit_of_format_3_has_neither(folder: Path, fit: Fit) -> None:
    data = json.loads((folder / FIT).read_text(encoding="utf-8"))["data"]
    rewrite(folder, format=3, data={key: data[key] for key in data if key not in ("sources", "reconciled")})
    found = Fit.load(folder).data_report
    assert (found.sources, found.reconciled) == ((), ())
    assert found.ledger == fit.data_report.ledger


def test_a_fit_of_format_1_is_read(folder: Path, fit: Fit) -> None:
    rewrite(folder, format=1, lift_tests=None)
    found = Fit.load(folder)
    assert found.lift_tests == ()
    np.testing.assert_array_equal(found.roas, fit.roas)
    assert found.spec == fit.spec


def test_a_newer_format_is_refused_in_a_sentence(folder: Path) -> None:
    rewrite(folder, format=FORMAT + 1)
    with pytest.raises(DataError, match=f"has format {FORMAT + 1}, and this version of Mixwise reads up to {FORMAT}"):
        Fit.load(folder)


@pytest.mark.parametrize("given", [None, "2", 0, True, [1]])
def test_no_format_is_no_fit(folder: Path, given: object) -> None:
    rewrite(folder, format=given)
    with pytest.raises(DataError, match="not a fit that Mixwise wrote"):
        Fit.load(folder)


def test_every_format_leads_to_the_present_one() -> None:
    assert set(STEPS) == set(range(1, FORMAT))
    assert migrate({"format": 1}, where="fit.json", to=FORMAT)["format"] == FORMAT


@pytest.mark.parametrize("lies", [[{"name": "x"}], [3], "tests", [{**lift_test_json(TEST), "start": "soon"}]])
def test_damaged_lift_tests_are_refused(folder: Path, lies: object) -> None:
    rewrite(folder, lift_tests=lies)
    with pytest.raises(DataError, match="cannot be read"):
        Fit.load(folder)


def test_a_posterior_that_was_exchanged_is_refused(folder: Path) -> None:
    data = bytearray((folder / POSTERIOR).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / POSTERIOR).write_bytes(bytes(data))
    with pytest.raises(DataError, match="the posterior was changed"):
        Fit.load(folder)
