"""One small fit, in memory and as the run folder that ``mixwise fit`` would write."""

from __future__ import annotations

from pathlib import Path

import pytest

from mmm.response.draws import ResponseDraws
from mmm.response.storage import save_response
from mmm.runs import Manifest, staged_run, write_json
from tests.test_simulations.small_fit import make_response

SCENARIOS = """\
baseline: last_weeks
horizon: {start: 2027-01-04, weeks: 13}
margin: 0.4
scenarios:
  cut_tv_20:   [{channel: tv, change: -0.2}]
  front_load:  [{channels: all, flighting: front_loaded}]
  cpm_up:      [{channel: social, cost_per_exposure: +0.15}]
  weak_demand: [{demand: -10%}]
  tv_dark:     [{channel: tv, dark: true}]
"""
WARNING = {"name": "few", "severity": "warning", "says": "60 weeks for 12 parameters.", "do": "Bring more weeks."}


@pytest.fixture(scope="session")
def response() -> ResponseDraws:
    return make_response()


@pytest.fixture(scope="session")
def fits(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two fits' run folders."""
    root = tmp_path_factory.mktemp("fits")
    folders = []
    for name, seed in (("fit", 1), ("other", 2)):
        with staged_run(
            root / name, Manifest("fit", configuration={"spec": {"fiscal_year_start": 4}}, seed=seed)
        ) as folder:
            save_response(make_response(seed=seed), folder)
            write_json(folder / "summary.json", {"checks": [WARNING]})
        folders.append(root / name)
    return folders[0], folders[1]


@pytest.fixture
def scenario_file(tmp_path: Path) -> Path:
    path = tmp_path / "scenarios.yaml"
    path.write_text(SCENARIOS, encoding="utf-8")
    return path
