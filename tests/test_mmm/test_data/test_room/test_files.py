"""What ``check`` leaves beside the page: the panel, the coverage, the campaigns, the report as JSON."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from mmm.data import PanelSpec
from mmm.data.check_command import run as check
from mmm.data.read import read_panel
from mmm.data.room.campaigns_csv import write_campaigns
from mmm.data.room.coverage import Coverage, coverage, coverage_findings
from mmm.data.room.lineage import lineage
from mmm.data.room.panel_csv import write_panel
from tests.test_mmm.test_data.book import TODAY, by_geo, geo_spec, read, same, spec, weekly
from tests.test_mmm.test_data.test_check import project
from tests.test_mmm.test_data.test_joining import facts as made

WEEKS = np.arange("2024-01-01", "2024-12-30", 7, dtype="datetime64[D]")[:40]


@pytest.mark.parametrize("geos", [False, True])
def test_the_panel_as_a_file_gives_the_same_panel(geos: bool, tmp_path: Path) -> None:
    declared = geo_spec("geo") if geos else spec()
    panel = read(tmp_path, by_geo(("10", "ä", "NA")) if geos else weekly(), declared)
    write_panel(panel, declared, tmp_path)
    again = declared.model_copy(update={"data": declared.data.model_copy(update={"file": "panel.csv"})})
    other = read_panel(again, tmp_path, today=TODAY)
    assert same(other, panel) or geos
    assert other.geos == tuple(dict.fromkeys(panel.geos))
    order = [other.geos.index(name) for name in panel.geos]
    assert np.allclose(other.spend[:, order], panel.spend)
    assert np.allclose(other.population[order], panel.population)


def test_cells_that_look_like_formulas_are_text(tmp_path: Path) -> None:
    declared = geo_spec("geo")
    panel = read(tmp_path, by_geo(("=1+1", "@north", "-5")), declared)
    write_panel(panel, declared, tmp_path)
    with (tmp_path / "panel.csv").open(encoding="utf-8", newline="") as handle:
        names = {row["region"] for row in csv.DictReader(handle)}
    assert names == {"'=1+1", "'@north", "'-5"}


def test_the_report_holds_sources_coverage_and_learning(tmp_path: Path) -> None:
    check(project(tmp_path), None, spec_class=PanelSpec, quiet=True, as_json=False)
    report = json.loads((tmp_path / "check" / "data_report.json").read_text(encoding="utf-8"))
    assert {path.name for path in (tmp_path / "check").iterdir()} == {
        "COMPLETE.json", "data_report.json", "lineage.parquet", "manifest.json", "panel.csv", "report.html",
    }  # fmt: skip
    (source,) = report["sources"]
    assert (source["source"], source["rows_in"], source["first_day"]) == ("weekly.csv", 60, "2024-01-01")
    assert source["money_in"] == report["ledger"]["spend_in"]
    assert report["coverage"]["sources"]["weekly.csv"]["rows"] == [1] * 60
    assert report["ledger_comparison"] == []
    assert [one["verdict"] for one in report["learning"]["media"]] == ["enough"] * 3


def test_rows_of_sources_are_counted_by_week(tmp_path: Path) -> None:
    """Against the rows that were given: a row with two figures counts once."""
    rows = made.daily({"spend": 2.0, "clicks": lambda t: 5.0 + t % 3}, label="search")
    rows += made.daily({"spend": lambda t: 1.0 + t % 4}, label="social")
    declared = made.spec(channels={"search": {"spend": "search_spend", "exposure": "search_clicks"},
                                   "social": {"spend": "social_spend"}})  # fmt: skip
    room = made.room(tmp_path, [made.till(), made.facts("ads", rows)], declared)
    found = coverage(lineage(room.joined.cells, room.panel, declared), room.panel.weeks, ["till", "ads", "none"])
    assert (found.rows[0] == 1).all()
    assert (found.rows[1] == 14).all()
    assert not found.rows[2].any()
    assert found.as_dict()["sources"]["ads"]["usual_rows"] == 14.0


@pytest.mark.parametrize(
    ("name", "change"),
    [("source_gap", {12: 0}), ("source_ends_early", {39: 0, 38: 0}), ("thin_weeks", {7: 3}), ("", {}), ("", {0: 0})],
)
def test_weeks_that_a_source_lacks(name: str, change: dict[int, int]) -> None:
    rows = np.full((1, 40), 10)
    for week, count in change.items():
        rows[0, week] = count
    assert [one.name for one in coverage_findings(Coverage(WEEKS, ("ads",), rows))] == ([name] if name else [])


def test_a_channel_in_flights_is_no_gap() -> None:
    rows = np.where(np.arange(40) % 8 < 4, 3, 0)[None]
    assert list(coverage_findings(Coverage(WEEKS, ("tv",), rows))) == []


def test_campaigns_stand_under_one_spelling(tmp_path: Path) -> None:
    rows = [row for name, size in (("Brand DE", 3.0), ("brand de", 2.0), ("=Generic", 5.0))
            for row in made.weekly({"spend": lambda t, size=size: size + t % 3}, label=name)]  # fmt: skip
    declared = made.spec(join={"campaigns": {"brand*": "search", "=Generic": "social"}})
    write_campaigns(made.room(tmp_path, [made.till(), made.facts("ads", rows)], declared).joined, tmp_path)
    with (tmp_path / "campaigns.csv").open(encoding="utf-8", newline="") as handle:
        lines = list(csv.DictReader(handle))
    assert [(one["channel"], one["campaign"]) for one in lines] == [("search", "Brand DE"), ("social", "'=Generic")]
    assert [float(one["share_of_channel"]) for one in lines] == [1.0, 1.0]
    write_campaigns(made.room(tmp_path, [made.till(), made.facts("ads", made.ads_rows())]).joined, tmp_path / "none")
    assert not (tmp_path / "none").exists()
