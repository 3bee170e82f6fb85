"""The public data sets read as they are, with the least model file that works."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import pytest

from mmm.config import load_yaml, parse
from mmm.data import PanelSpec, read_panel
from mmm.findings import Severity
from tests.test_mmm.test_data.book import TODAY, conserve

DATA = Path(__file__).parents[4] / "shared" / "data"
MODELS = Path(__file__).parents[3] / "benchmarks" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not beside the repository")

ROBYN: dict[str, Any] = {
    "data": {"file": "robyn_weekly.csv", "date": "DATE", "outcome": "revenue"},
    "channels": {
        "tv": {"spend": "tv_S"},
        "ooh": {"spend": "ooh_S"},
        "print": {"spend": "print_S"},
        "facebook": {"spend": "facebook_S", "exposure": "facebook_I"},
        "search": {"spend": "search_S", "exposure": "search_clicks_P"},
    },
    "organic": ["newsletter"],
    "controls": ["competitor_sales_B"],
}
MERIDIAN_CHANNELS = {f"c{i}": {"spend": f"Channel{i}_spend", "exposure": f"Channel{i}_impression"} for i in range(4)}
MERIDIAN_CONTROLS = ["competitor_activity_score_control", "sentiment_score_control"]
MERIDIAN: dict[str, Any] = {
    "data": {
        "file": "meridian_national_media.csv",
        "date": "time",
        "outcome": "conversions",
        "value_per_outcome": "revenue_per_conversion",
    },
    "channels": MERIDIAN_CHANNELS,
    "controls": MERIDIAN_CONTROLS,
    "currency": "USD",
}
PYMC: dict[str, Any] = {
    "data": {"file": "pymc_marketing_mmm_example.csv", "date": "date_week", "outcome": "y"},
    "channels": {"x1": {"spend": "x1"}, "x2": {"spend": "x2"}},
    "controls": ["event_1", "event_2"],
}
GEO: dict[str, Any] = MERIDIAN | {
    "data": MERIDIAN["data"] | {"file": "meridian_geo_media.csv", "geo": "geo", "population": "population"}
}
TWO_GEOS: dict[str, Any] = PYMC | {
    "data": {"file": "pymc_marketing_multidimensional.csv", "date": "date", "outcome": "y", "geo": "geo"}
}
RETAIL: dict[str, Any] = {
    "data": {"file": "retail_case_study.csv", "date": "wk_strt_dt", "outcome": "sales", "week_start": "sunday"},
    "channels": {"mail": {"spend": "mdsp_dm", "exposure": "mdip_dm"}, "online": {"spend": "mdsp_on"}},
    "controls": ["me_gas_dpg", "mrkdn_pdm"],
}


@needs_data
@pytest.mark.parametrize(
    ("plain", "shape", "first", "last"),
    [
        (ROBYN, (1, 208), "2015-11-23", "2019-11-11"),
        (MERIDIAN, (1, 156), "2021-01-25", "2024-01-15"),
        (PYMC, (1, 179), "2018-04-02", "2021-08-30"),
        (GEO, (20, 156), "2021-01-25", "2024-01-15"),
        (TWO_GEOS, (2, 159), "2022-06-06", "2025-06-16"),
        (RETAIL, (1, 209), "2014-08-03", "2018-07-29"),
    ],
    ids=lambda x: x["data"]["file"] if isinstance(x, dict) else "",
)
def test_public_data_reads_as_it_is(plain: dict[str, Any], shape: tuple[int, int], first: str, last: str) -> None:
    declared = PanelSpec.model_validate(plain)
    panel = read_panel(declared, DATA, today=TODAY)
    conserve(panel)
    assert panel.outcome.shape == shape
    assert (str(panel.weeks[0]), str(panel.weeks[-1])) == (first, last)
    assert panel.channels == tuple(plain["channels"])
    assert panel.report.ledger.excluded == ()
    assert all(finding.severity is not Severity.ERROR for finding in panel.report.findings)
    with (DATA / declared.data.file).open(newline="") as handle:
        rows = list(csv.DictReader(handle))
    for c, name in enumerate(panel.channels):
        column = plain["channels"][name]["spend"]
        assert float(panel.spend[c].sum()) == pytest.approx(math.fsum(float(row[column]) for row in rows), rel=1e-12)
    outcome = math.fsum(float(row[declared.data.outcome]) for row in rows)
    assert float(panel.outcome.sum()) == pytest.approx(outcome, rel=1e-12)
    assert panel.outcome_is_money


@needs_data
@pytest.mark.parametrize(
    ("name", "shape", "media", "controls"),
    [
        ("meridian_geo_media", (20, 156), 4, 2),
        ("meridian_geo_all_channels", (40, 156), 6, 3),
        ("pymc_marketing_multidimensional", (2, 159), 2, 2),
    ],
)
def test_the_committed_geo_models_read(name: str, shape: tuple[int, int], media: int, controls: int) -> None:
    declared = parse(PanelSpec, load_yaml(MODELS / name / "model.yaml"))
    panel = read_panel(declared, DATA, today=TODAY)
    conserve(panel)
    assert panel.outcome.shape == shape
    assert panel.observed.all()
    assert len(panel.channels) + len(panel.organic_names) == media
    assert len(panel.control_names) == controls
    assert panel.has_population is name.startswith("meridian")
