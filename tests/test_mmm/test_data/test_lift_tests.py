"""Experiments from ``tests.csv``: read strictly, compared with the panel, refused with row and column."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mmm.data import LiftTest, Panel, read_lift_tests
from mmm.data.log import ReadingLog
from mmm.exceptions import DataError
from mmm.findings import Finding, Severity
from tests.test_mmm.test_data.book import by_geo, geo_spec, named, read, weekly
from tests.test_mmm.test_data.test_unbalanced import without

HEADER = "channel,start,end,spend_change,lift,standard_error"


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Panel:
    return read(tmp_path_factory.mktemp("geo"), by_geo(), geo_spec())


@pytest.fixture(scope="module")
def nation(tmp_path_factory: pytest.TempPathFactory) -> Panel:
    return read(tmp_path_factory.mktemp("nation"), weekly())


def written(folder: Path, panel: Panel, *rows: str, more: str = "") -> tuple[tuple[LiftTest, ...], list[Finding]]:
    (folder / "tests.csv").write_bytes("\n".join([HEADER + more, *rows, ""]).encode())
    log = ReadingLog()
    return read_lift_tests(folder / "tests.csv", panel, log), log.findings


def called(findings: list[Finding], name: str) -> Finding:
    found = [finding for finding in findings if finding.name == name]
    assert found, [finding.name for finding in findings]
    return found[0]


def refused(folder: Path, panel: Panel, row: str, more: str = "") -> str:
    with pytest.raises(DataError) as caught:
        written(folder, panel, row, more=more)
    assert caught.value.do
    return str(caught.value)


def test_a_whole_row(tmp_path: Path, panel: Panel) -> None:
    rows = (
        "search,2024-03-04,2024-03-31,-900.5,-1200,350,2024-04-14,spring holdout,SOUTH; north",
        "tv,2024-06-03,2024-06-16,50,80,30,,,",
    )
    (one, other), findings = written(tmp_path, panel, *rows, more=",measured_to,name,geos")
    assert one == LiftTest(
        name="spring holdout",
        channel="search",
        geos=("north", "south"),
        start=np.datetime64("2024-03-04"),
        end=np.datetime64("2024-03-25"),
        measured_to=np.datetime64("2024-04-08"),
        spend_change=-900.5,
        lift=-1200.0,
        standard_error=350.0,
    )
    assert (other.name, other.geos, other.share) == ("tv 2024-06-03", (), 1.0)
    assert other.measured_to == other.end == np.datetime64("2024-06-10")
    assert [finding.severity for finding in findings] == [Severity.OK]


def test_it_is_read_with_the_panel(tmp_path: Path) -> None:
    row = "tv,2024-03-04,2024-03-31,-100,50,10"
    (tmp_path / "tests.csv").write_text(f"{HEADER}\n{row}\n", encoding="utf-8")
    made = read(tmp_path, by_geo(), geo_spec(lift_tests="tests.csv"))
    assert [test.lift for test in made.lift_tests] == [50.0]
    assert named(made, "lift_test_sign").where == "tests.csv, row 2"
    order = [list(Severity).index(finding.severity) for finding in made.report.findings]
    assert order == sorted(order)
    with pytest.raises(DataError, match=r"lift_tests: the file 'none\.csv' does not exist"):
        read(tmp_path, by_geo(), geo_spec(lift_tests="none.csv"))
    with pytest.raises(DataError, match="leads outside the project folder"):
        read(tmp_path, by_geo(), geo_spec(lift_tests="../tests.csv"))


def test_other_dialects(tmp_path: Path, panel: Panel) -> None:
    text = f"{HEADER};name\nsearch;4.3.2024;31.3.2024;-1.900,5;-1.200,25;350,5;Prüfung\n".replace(",", ";", 5)
    (tmp_path / "tests.csv").write_bytes(text.encode("cp1252"))
    log = ReadingLog()
    (one,) = read_lift_tests(tmp_path / "tests.csv", panel, log)
    assert (one.spend_change, one.lift, one.standard_error, one.name) == (-1900.5, -1200.25, 350.5, "Prüfung")
    assert str(one.start) == "2024-03-04"
    assert "day first" in called(log.findings, "date_order").says


def test_dates_snap_to_weeks_and_say_so(tmp_path: Path, panel: Panel) -> None:
    (one,), findings = written(tmp_path, panel, "search,2024-03-06,2024-03-20,-90,-12,3")
    assert (str(one.start), str(one.end)) == ("2024-03-04", "2024-03-18")
    assert "3 whole weeks" in called(findings, "lift_test_weeks").says


@pytest.mark.parametrize(("p", "geos"), [("+50%", ""), ("-30 %", "south"), ("-50%", "north;west")])
def test_a_percentage_of_what_would_have_been_spent(p: str, geos: str, tmp_path: Path, panel: Panel) -> None:
    """Spend that the test changed by p is in the panel: the change is what is left over the spend without it."""
    where = [panel.geos.index(name) for name in geos.split(";")] if geos else [0, 1, 2]
    fraction = float(p.rstrip(" %")) / 100
    usual = float(panel.spend[1][where, 20:24].sum())
    spend = panel.spend.copy()
    spend[np.ix_([1], where, range(20, 24))] *= 1 + fraction
    changed = Panel(**{name: getattr(panel, name) for name in panel.__dataclass_fields__} | {"spend": spend})
    (one,), findings = written(tmp_path, changed, f"search,2024-05-20,2024-06-16,{p},-5,5,{geos}", more=",geos")
    assert one.spend_change == pytest.approx(fraction * usual, rel=1e-9)
    assert f"{one.spend_change:,.2f} EUR over the test" in called(findings, "lift_test_percentage").says


def test_a_holdout_in_part_of_a_national_market(tmp_path: Path, nation: Panel) -> None:
    """A quarter of the market went dark: the other three quarters tell what would have been spent."""
    usual = float(nation.spend[0, 0, 20:24].sum())
    spend = nation.spend.copy()
    spend[0, 0, 20:24] *= 0.75
    changed = Panel(**{name: getattr(nation, name) for name in nation.__dataclass_fields__} | {"spend": spend})
    (one,), _ = written(tmp_path, changed, "tv,2024-05-20,2024-06-16,-100%,-5,5,25%", more=",share")
    assert one.share == 0.25
    assert one.spend_change == pytest.approx(-0.25 * usual, rel=1e-9)


def test_a_channel_switched_off_spent_as_in_the_eight_weeks_before(tmp_path: Path) -> None:
    book = without(by_geo(), lambda name, t: name == "south" and t in (14, 15))
    for i, row in enumerate(book.rows):
        if row[book.column("region")] == "south" and "2024-05-20" <= row[0] < "2024-06-17":
            book.put(i, "search_spend", "0").put(i, "clicks", "0")
    made = read(tmp_path, book, geo_spec())
    (one,), _ = written(tmp_path, made, "search,2024-05-20,2024-06-16,-100%,-500,90,south", more=",geos")
    seen = [t for t in range(12, 20) if t not in (14, 15)]
    assert one.spend_change == pytest.approx(-4 * made.spend[1, 1, seen].mean(), rel=1e-12)

    for i, row in enumerate(book.rows):
        if row[book.column("region")] == "south" and row[0] == "2024-05-20":
            book.put(i, "search_spend", f"{0.1 * 4 * made.spend[1, 1, seen].mean():.2f}")
    made = read(tmp_path, book, geo_spec())
    (one,), findings = written(tmp_path, made, "search,2024-05-20,2024-06-16,-100%,-500,90,south", more=",geos")
    assert one.spend_change == pytest.approx(-0.9 * 4 * made.spend[1, 1, seen].mean(), rel=1e-4)
    assert "The channel is said to have been off" in called(findings, "lift_test_spend").says


@pytest.mark.parametrize(
    ("row", "more", "says"),
    [
        ("serch,2024-03-04,2024-03-31,-9,-1,1", "", "row 2, column channel: 'serch' is not a paid channel"),
        ("serch,2024-03-04,2024-03-31,-9,-1,1", "", "Did you mean 'search'?"),
        ("news,2024-03-04,2024-03-31,-9,-1,1", "", "'news' is not a paid channel of the data; there are tv, search"),
        ("search,2024-03-04,2024-03-31,-9,-1,1,nort", ",geos", "Did you mean 'north'?"),
        ("search,2023-12-25,2024-03-31,-9,-1,1", "", "column start: 2023-12-25 is outside the weeks of the data"),
        ("search,2024-12-23,2025-03-31,-9,-1,1", "", "column end: 2025-03-31 is outside"),
        (
            "search,2024-12-23,2025-01-31,-9,-1,1,2025-05-01",
            ",measured_to",
            "column measured_to: 2025-05-01 is outside",
        ),
        ("search,2024-03-31,2024-03-04,-9,-1,1", "", "before it starts"),
        ("search,2024-03-04,2024-03-31,-9,-1,1,2024-03-20", ",measured_to", "before the test ends"),
        ("search,2024-03-04,2024-03-31,-9,-1,0", "", "column standard_error: 0 is no standard error"),
        ("search,2024-03-04,2024-03-31,-9,-1,-2", "", "-2 is no standard error"),
        ("search,2024-03-04,2024-03-31,-9,-1,1,0.5", ",share", "the data have geos"),
        ("search,2024-03-04,2024-03-31,-9,-1,1,1.5", ",share", "1.5 is no part of the market"),
        ("search,2024-03-04,2024-03-31,-9,-1,1,0", ",share", "0 is no part of the market"),
        ("search,2024-03-04,2024-03-31,1000000,5,1", "", "the test added 1,000,000.00 EUR, and "),
        ("search,2024-03-04,2024-03-31,0,-1,1", "", "the test changed no spend"),
        ("search,2024-03-04,2024-03-31,-120%,-1,1", "", "spend cannot fall by 120 %"),
        ("search,2024-03-04,2024-03-31,-100%,-1,1", "", "the channel is said to have been off, and "),
        ("search,2024-03-04,2024-03-31,-9,5%,1", "", "column lift: a percentage has no unit here"),
        ("search,2024-03-04,2024-03-31,-$9,-1,1", "", "'$' is not EUR"),
        ("search,2024-03-04,2024-03-31,some,-1,1", "", "row 2, column spend_change: 'some' is not a number"),
        ("search,2024-03-04,2024-03-31,,-1,1", "", "column spend_change: the number is missing"),
        ('search,2024-03-04,2024-03-31,"-1,234",-1,1', "", "can be read as 1.234 and as 1234"),
        ("search,04/03/2024,05/04/2024,-9,-1,1", "", "may be day first or month first"),
        ("search,,2024-03-31,-9,-1,1", "", "column start: the date is missing"),
        ("tv,2024-03-04,2024-03-31,-9,-1,1,north", ",geos", "declared to run only nationally, and the test names"),
        ("search,2024-03-04,2024-03-31,-9,-1,1,north", ",geo", "no such column is known: 'geo'"),
    ],
)
def test_refused_with_its_place(row: str, more: str, says: str, tmp_path: Path, panel: Panel) -> None:
    said = refused(tmp_path, panel, row, more)
    assert says in said
    assert said.startswith("tests.csv")
    assert "model file" not in said


def test_geos_of_national_data_are_refused_with_the_remedy(tmp_path: Path, nation: Panel) -> None:
    said = refused(tmp_path, nation, "tv,2024-03-04,2024-03-31,-9,-1,1,north", ",geos")
    assert "the data are national, and the test names geos" in said
    assert "give 'share'" in said


def test_a_column_that_is_not_there(tmp_path: Path, panel: Panel) -> None:
    (tmp_path / "tests.csv").write_text("channel,start,end,lift\ntv,2024-03-04,2024-03-31,5\n", encoding="utf-8")
    with pytest.raises(
        DataError, match=r"'spend_change', 'standard_error' are not in the file.*This file has no options"
    ):
        read_lift_tests(tmp_path / "tests.csv", panel)


def test_a_test_given_twice(tmp_path: Path, panel: Panel) -> None:
    row = "search,2024-03-04,2024-03-31,-9,-1,1"
    with pytest.raises(DataError, match=r"tests\.csv, row 3.*'search 2024-03-04' is the test in row 2 too"):
        written(tmp_path, panel, row, row)
    both, findings = written(tmp_path, panel, row + ",a", row + ",b", more=",name")
    assert len(both) == 2
    assert "'a' and 'b' measure 'search'" in called(findings, "lift_tests_overlap").says


@pytest.mark.parametrize(
    ("change", "lift", "odd"), [(-90, 40, True), (-90, -40, False), (-90, 15, False), (40, -40, True)]
)
def test_a_lift_against_the_spend(change: float, lift: float, odd: bool, tmp_path: Path, panel: Panel) -> None:
    _, findings = written(tmp_path, panel, f"search,2024-03-04,2024-03-31,{change},{lift},10")
    assert any(finding.name == "lift_test_sign" for finding in findings) is odd
    if odd:
        assert "negative lift" in called(findings, "lift_test_sign").do


def test_sizes_out_of_proportion_are_warned_of(tmp_path: Path, panel: Panel) -> None:
    _, findings = written(tmp_path, panel, "search,2024-03-04,2024-03-31,-900000,-10,10")
    assert "would have been spent on 'search'" in called(findings, "lift_test_size").says
    _, findings = written(tmp_path, panel, "search,2024-03-04,2024-03-31,-90,-1e9,10")
    assert "more than the whole outcome" in called(findings, "lift_test_size").says


def test_weeks_without_rows(tmp_path: Path) -> None:
    made = read(tmp_path, without(by_geo(), lambda name, t: name == "south" and 8 < t < 14), geo_spec())
    _, findings = written(tmp_path, made, "search,2024-02-26,2024-03-17,-9,-1,1,south", more=",geos")
    assert "2 geo-weeks" in called(findings, "lift_test_unobserved").says
    assert "have no row in its weeks" in refused(tmp_path, made, "search,2024-03-11,2024-03-31,-9,-1,1,south", ",geos")


def test_the_manifest_of_a_check_holds_the_experiments(tmp_path: Path) -> None:
    from mmm.data import PanelSpec
    from mmm.data.check_command import run
    from mmm.runs import open_run
    from tests.test_mmm.test_data.test_check import MODEL, project

    (tmp_path / "tests.csv").write_text(f"{HEADER}\ntv,2024-03-04,2024-03-31,-100,-50,10\n", encoding="utf-8")
    run(
        project(tmp_path, model=MODEL + "lift_tests: tests.csv\n"),
        None,
        spec_class=PanelSpec,
        quiet=True,
        as_json=False,
    )
    made = open_run(tmp_path / "check", command="check")
    assert set(made.manifest["inputs"]) == {"model.yaml", "weekly.csv", "tests.csv"}
    report = json.loads((tmp_path / "check" / "data_report.json").read_text(encoding="utf-8"))
    assert report["lift_tests"][0]["end"] == "2024-03-25"
    assert report["geo_weeks"] == {"observed": 60, "missing": 0}
