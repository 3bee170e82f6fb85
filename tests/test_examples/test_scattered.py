"""Six scattered sources become one panel that equals the truth, whatever was planted in them; each slip is named."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import date
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner

import mixwise
from mmm.data import read_panel
from mmm.data.proposing.command import run as propose
from mmm.exceptions import DataError
from mmm.model.spec import ModelSpec

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "examples" / "scattered"
TODAY = date(2026, 2, 1)
#: Warnings that no slip causes: they are about how much there is to learn from.
EXPECTED_WARNINGS = {"look_alike_name", "restated", "gaps_filled", "ledger_differs"}


@pytest.fixture(scope="module")
def panel():
    return read_panel(ModelSpec.from_yaml(HERE / "model.yaml"), HERE, today=TODAY)


@pytest.fixture(scope="module")
def truth():
    return pd.read_csv(HERE / "truth" / "weekly.csv", parse_dates=["week"])


def test_the_panel_is_the_truth(panel, truth):
    """To the last grosz; social, booked in dollars, to the rounding of two campaigns' cents at about four zloty."""
    assert panel.weeks.tolist() == [week.date() for week in truth["week"]]
    assert panel.geos == ("national",)
    assert panel.observed.all()
    np.testing.assert_allclose(panel.outcome[0], truth["revenue"], rtol=0, atol=1e-6)
    for channel, spend in zip(panel.channels, panel.spend[:, 0], strict=True):
        cents = 2 * 0.005 * 4.2 if channel == "social" else 1e-6
        np.testing.assert_allclose(spend, truth[f"{channel}_spend"], rtol=0, atol=cents, err_msg=channel)
    seen = {"search": "search_clicks", "video": "video_impressions", "social": "social_impressions"}
    for channel, exposure, based in zip(panel.channels, panel.exposure[:, 0], panel.exposure_based, strict=True):
        assert based == (channel in seen)
        if based:
            np.testing.assert_array_equal(exposure, truth[seen[channel]], err_msg=channel)
    for name, volume in zip(panel.organic_names, panel.organic[:, 0], strict=True):
        np.testing.assert_array_equal(volume, truth[name], err_msg=name)
    np.testing.assert_allclose(panel.controls[0, 0], truth["shelf_price"], rtol=1e-12)


def test_every_slip_is_named_and_nothing_else_is_warned_of(panel):
    rows = [line for line in (HERE / "README.md").read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    named = {name for row in rows for name in re.findall(r"`([a-z_]+)`", row.rsplit(" | ", 1)[-1])}
    assert len(named) >= 18
    found = {finding.name for finding in panel.report.findings}
    assert named <= found
    assert {f.name for f in panel.report.findings if f.severity == "warning"} == EXPECTED_WARNINGS
    assert named >= EXPECTED_WARNINGS


def test_rows_and_money_are_accounted_for(panel):
    ledger = panel.report.ledger
    assert ledger.rows_in == ledger.rows_used + sum(item.rows for item in ledger.excluded)
    training = next(item for item in ledger.excluded if "holds 1 other value than" in item.reason)
    assert training.spend["revenue"] == pytest.approx(105 * 9_999.99)
    copied = next(item for item in ledger.excluded if "is a copy of" in item.reason)
    assert copied.rows == len((HERE / "google-ads" / "2025-03.csv").read_text(encoding="utf-8").splitlines()) - 1
    off = [line for line in panel.report.reconciled if line.whole and not line.agrees]
    assert [(line.month, line.channel) for line in off] == [("2024-11", "radio")]
    assert off[0].difference == pytest.approx(-8_500)
    assert sum(line.whole for line in panel.report.reconciled) > 100


def test_check_exits_0_and_every_file_stands_in_the_manifest(tmp_path):
    done = CliRunner().invoke(
        mixwise.cli, ["check", str(HERE / "model.yaml"), "--out", str(tmp_path / "check"), "--json"]
    )
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["weeks"]["count"] == 104
    inputs = json.loads((tmp_path / "check" / "manifest.json").read_text(encoding="utf-8"))["inputs"]
    files = {path.relative_to(HERE).as_posix() for path in HERE.rglob("*") if path.is_file()}
    kept = {
        name for name in files if re.search(r"csv$|xlsx$|sqlite$", name) and not name.startswith(("truth", "check"))
    }
    assert kept <= set(inputs)


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("  gaps: no_spend  ", "missing"),
        ('date_format: "%G-W%V"', "may number ISO weeks"),
        ("time_zone: Europe/Warsaw", "is a time in a zone"),
        ("grain: daily", "neither daily nor weekly"),
        ("rates_file: rates.csv", "USD"),
        ("restated: latest", "2025-06"),
        ("channels: {Telewizja: tv}", "Telewizja"),
    ],
)
def test_without_a_declaration_the_files_are_refused_in_words(tmp_path, key, says):
    text = (HERE / "model.yaml").read_text(encoding="utf-8")
    assert text.count(key) == 1
    folder = tmp_path / "shop"
    shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("truth", "check"))
    lighter = re.sub(rf",? ?{re.escape(key)}", "", text)
    (folder / "model.yaml").write_text(lighter, encoding="utf-8")
    with pytest.raises(DataError, match=re.escape(says)):
        read_panel(ModelSpec.from_yaml(folder / "model.yaml"), folder, today=TODAY)


def test_init_proposes_the_sources_and_asks_the_rest(tmp_path):
    files = [HERE / name for name in ("agencja-tv-radio.csv", "mailings.csv", "rates.csv", "ledger.csv", "google-ads")]
    files += [HERE / name for name in ("meta-ads.xlsx", "call-centre.xlsx", "till.sqlite")]
    assert propose(tmp_path / "shop", files, quiet=True, today=TODAY) == 0
    spec = ModelSpec.from_yaml(tmp_path / "shop" / "model.yaml")
    assert {name: source.preset for name, source in spec.sources.items()} == {
        "agencja_tv_radio": "generic_long",
        "mailings": "email",
        "google_ads": "google_ads",
        "meta_ads": "meta",
        "call_centre": "call_centre",
        "till": "store_sales",
    }
    assert (spec.data.outcome, spec.currency) == ("revenue", "PLN")
    assert spec.sources["meta_ads"].sheet == "Campaigns"
    assert spec.sources["till"].table == "daily"
    assert spec.join.rates_file == "data/rates.csv"
    assert spec.join.ledger.file == "data/ledger.csv"
    assert set(spec.channels) == {"telewizja", "radio", "meta", "google_ads"}
    assert spec.organic == ("email_sends", "answered_calls")
    text = (tmp_path / "shop" / "model.yaml").read_text(encoding="utf-8")
    for asked in ("#time_zone: UTC", "#grain: daily", '#date_format: "%G-W%V"'):
        assert text.count(asked) == 1


def test_the_script_makes_the_committed_files_again(tmp_path):
    script = [sys.executable, str(HERE / "make.py"), str(tmp_path)]
    subprocess.run(script, check=True, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True)
    made = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    assert len(made) == 33
    for path in made:
        committed = HERE / path.relative_to(tmp_path)
        if path.suffix == ".csv":
            assert path.read_bytes() == committed.read_bytes(), path.name
        else:  # the versions of the libraries that wrote them stand in these
            assert contents(path) == contents(committed), path.name


def contents(path):
    if path.suffix == ".sqlite":
        with closing(sqlite3.connect(path)) as till:
            return till.execute("SELECT * FROM daily").fetchall()
    book = openpyxl.load_workbook(path)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}
