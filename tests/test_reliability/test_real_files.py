"""All eight public data sets are read through a model file each; they lie beside the repository, or are skipped."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import common, real_data
from mmm import ModelSpec
from mmm.data import Panel, read_panel
from mmm.findings import Severity
from optimizer.brief import Brief
from simulations.scenario import ScenarioSet

#: Weeks, geos, channels of each.
SHAPES = {
    "robyn_weekly": (208, 1, 5),
    "meridian_national_media": (156, 1, 4),
    "pymc_marketing_mmm_example": (179, 1, 2),
    "retail_case_study": (209, 1, 10),
    "pymc_marketing_multidimensional": (159, 2, 2),
    "meridian_geo_media": (156, 20, 4),
    "meridian_geo_media_rf": (156, 20, 4),
    "meridian_geo_all_channels": (156, 40, 5),
}


def test_every_data_set_has_its_three_files_and_is_measured() -> None:
    folders = {path.name: path for path in real_data.CONFIGURATIONS.iterdir() if path.is_dir()}
    assert set(folders) == set(real_data.NAMES) == set(SHAPES)
    for name, folder in folders.items():
        assert {path.name for path in folder.iterdir()} == {"model.yaml", "brief.yaml", "scenarios.yaml"}, name
        spec = ModelSpec.from_yaml(folder / "model.yaml")
        assert spec.data.file == f"{name}.csv"
        brief = Brief.from_yaml(folder / "brief.yaml")
        assert ScenarioSet.from_yaml(folder / "scenarios.yaml").horizon == brief.horizon


@pytest.fixture(scope="module", params=sorted(SHAPES))
def read(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ModelSpec, Panel]:
    name = str(request.param)
    data = common.dataset(name)
    if data is None:
        pytest.skip(f"{name}.csv is not in ../shared/data, beside the repository")
    folder = tmp_path_factory.mktemp(name)
    shutil.copyfile(data, folder / data.name)
    shutil.copyfile(real_data.CONFIGURATIONS / name / "model.yaml", folder / "model.yaml")
    spec = ModelSpec.from_yaml(folder / "model.yaml")
    return name, spec, read_panel(spec, folder)


def test_it_is_read_whole_and_its_money_is_the_file_s(read: tuple[str, ModelSpec, Panel]) -> None:
    name, spec, panel = read
    assert (panel.n_weeks, len(panel.geos), len(panel.channels)) == SHAPES[name]
    assert not [finding for finding in panel.report.findings if finding.severity is Severity.ERROR]
    ledger = panel.report.ledger
    assert ledger.rows_in == ledger.rows_used + sum(item.rows for item in ledger.excluded)
    rows = pd.read_csv(common.DATA / f"{name}.csv")
    assert ledger.rows_in == len(rows)
    for i, channel in enumerate(panel.channels):
        column = spec.channels[channel].spend
        assert column is not None
        assert panel.spend[i].sum() == pytest.approx(float(rows[column].sum()), rel=1e-9), channel


def test_the_plan_s_weeks_follow_the_data(read: tuple[str, ModelSpec, Panel]) -> None:
    name, _, panel = read
    brief = Brief.from_yaml(real_data.CONFIGURATIONS / name / "brief.yaml")
    assert np.datetime64(brief.horizon.start) == panel.weeks[-1] + np.timedelta64(7, "D")


def test_reach_times_frequency_is_the_exposure_that_is_modelled() -> None:
    if common.dataset("meridian_geo_media_rf") is None:
        pytest.skip("meridian_geo_media_rf.csv is not in ../shared/data, beside the repository")
    path = common.DATA / "meridian_geo_media_rf.csv"
    rows = pd.read_csv(path)
    bought = rows["Channel3_reach"] * rows["Channel3_frequency"]
    np.testing.assert_allclose(bought, rows["Channel3_impression"], atol=0.5)


def test_the_tables_of_the_result_hold_a_row_a_data_set_and_what_failed() -> None:
    checks = [
        {"name": "max_rhat", "severity": "ok", "says": "", "where": ""},
        {"name": "prior_conflict", "severity": "warning", "says": "", "where": "tv"},
        {"name": "prior_conflict", "severity": "warning", "says": "", "where": "radio"},
    ]
    done = {"exit": 0, "wall_s": 2.0, "cpu_s": 1.5, "peak_mb": 9.0}
    row = {"name": "a", "load_before": 0.4, "steps": {"check": done, "fit": done | {"exit": 2}}, "posterior_bytes": 0}
    row |= real_data.results(Path("nowhere")) | {"health": checks}
    steps, quality, health = (
        make([row]).rows[0] for make in (real_data.steps_table, real_data.quality_table, real_data.health_table)
    )
    assert steps[1:4] == ["exit 0, 2.00 s (1.50 CPU)", "exit 2, 2.00 s (1.50 CPU)", "not run"]
    assert quality[1] == "–"
    assert health == ["a", 3, 1, "–", "prior_conflict ×2", "–"]
