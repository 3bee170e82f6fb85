"""``mixwise trace`` of figures from a database: its rows as they stand there, asked again and only read."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from openpyxl import Workbook

from mmm.data import PanelSpec
from mmm.data.check_command import run as check
from mmm.data.room.source_rows import Found, Shelf
from mmm.data.room.trace import placed
from mmm.data.room.trace_command import Question, run, trace
from mmm.data.sources.spec import Attach, ServerSpec, SourceSpec
from mmm.exceptions import DataError

FIRST = date(2024, 1, 1)
MODEL = """
data: {outcome: revenue}
sources:
  till: {file: till.csv, date: day}
  ads:  {file: FILE, ASKED, date: day, channel: campaign, metrics: {spend: cost}, rates: {USD: 0.5}}
channels:
  tv:     {spend: tv_spend}
  search: {spend: search_spend}
currency: EUR
"""
TABLE = "table: ads"
SELECT = "SELECT day, campaign, currency, sum(cost) AS cost FROM ads WHERE manager <> 'x' GROUP BY ALL ORDER BY 1, 2"
QUERY = f'query: "{SELECT}"'
LITE_QUERY = QUERY.replace("GROUP BY ALL", "GROUP BY 1, 2, 3")
ASKED = Question("2024-02-14", channel="tv")


def database(folder: Path, kind: str) -> Path:
    """Write a database of two campaigns a day, who manages them, and a table of people."""
    columns = "(day DATE, campaign TEXT, manager TEXT, cost DOUBLE PRECISION, currency TEXT)"
    rows = [
        (str(FIRST + timedelta(t)), name, "Grace Hopper", 10.0 + t + (name == "search"), "USD")
        for t in range(84)
        for name in ("TV", "search")
    ]
    path = folder / f"shop.{kind}"
    with closing(sqlite3.connect(path) if kind == "sqlite" else duckdb.connect(path)) as base:
        base.execute(f"CREATE TABLE ads {columns}")
        base.execute("CREATE TABLE people (name TEXT)")
        base.executemany("INSERT INTO ads VALUES (?, ?, ?, ?, ?)", rows)
        base.commit()
    return path


def checked(folder: Path, kind: str, asked: str = TABLE) -> Path:
    path = database(folder, kind)
    till = [f"{FIRST + timedelta(t)},{900 + 17 * (t % 6)}" for t in range(84)]
    (folder / "till.csv").write_text("\n".join(["day,revenue", *till]) + "\n", encoding="utf-8")
    (folder / "model.yaml").write_text(MODEL.replace("FILE", path.name).replace("ASKED", asked), encoding="utf-8")
    check(folder / "model.yaml", None, spec_class=PanelSpec, quiet=True, as_json=False)
    return folder / "check"


@pytest.mark.parametrize(
    ("kind", "asked"), [("sqlite", TABLE), ("sqlite", LITE_QUERY), ("duckdb", TABLE), ("duckdb", QUERY)]
)
def test_the_rows_of_a_database_are_shown(
    kind: str, asked: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = checked(tmp_path, kind, asked)
    found, rows = trace(folder, ASKED)
    assert found.figure == pytest.approx(0.5 * sum(10.0 + t for t in range(42, 49)))
    assert len(found.parts) == 7
    for part, source in zip(found.parts, rows, strict=True):
        ((number, cells),) = source.rows
        shown = dict(zip(source.header, cells, strict=True))
        assert number == part.row
        assert (shown["day"][:10], shown["campaign"], float(shown["cost"])) == (part.first_day, "TV", part.original)
        assert shown["currency"] == "USD"
        assert set(shown) == {"day", "campaign", "cost", "currency"}
    run(folder, ASKED, as_json=False)
    within = "table 'ads'" if asked == TABLE else "the query of 'ads'"
    assert f"shop.{kind}, {within}, row" in (printed := capsys.readouterr().out)
    assert "campaign: TV" in printed
    run(folder, ASKED, as_json=True)
    told = json.loads(written := capsys.readouterr().out)
    assert {part["found"] for part in told["parts"]} == {"the file is as it was"}
    assert all(len(part["lines"]) == 1 for part in told["parts"])
    assert "Hopper" not in printed + written


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_a_database_that_changed_or_is_gone_leaves_the_lineage(kind: str, tmp_path: Path) -> None:
    folder = checked(tmp_path, kind)
    path = tmp_path / f"shop.{kind}"
    with closing(sqlite3.connect(path) if kind == "sqlite" else duckdb.connect(path)) as base:
        base.execute("UPDATE ads SET cost = cost + 1")
        base.commit()
    found, rows = trace(folder, ASKED)
    assert found.added == pytest.approx(found.figure)
    assert {(one.found, one.rows) for one in rows} == {(Found.CHANGED, ())}
    path.unlink()
    assert {one.found for one in trace(folder, ASKED)[1]} == {Found.GONE}


def test_a_database_that_cannot_be_opened_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that refuses (another program holds the file, memory) leaves the lineage, with its sentence."""
    folder = checked(tmp_path, "duckdb")
    monkeypatch.setattr("mmm.data.sources.database.MAX_CELLS", 3)
    _, rows = trace(folder, ASKED)
    assert {one.found for one in rows} == {Found.CLOSED}
    run(folder, ASKED, as_json=False)
    printed = " ".join(capsys.readouterr().out.split())
    assert "(the rows cannot be shown: shop.duckdb, table ads: there are more than 3 cells." in printed
    assert "sources.ads.query" in printed


def two_tables(folder: Path) -> str:
    """Add a table to the database; returns the place of a row in the source ``ads`` and in ``more``."""
    with closing(sqlite3.connect(folder / "shop.sqlite")) as base:
        base.execute("CREATE TABLE more AS SELECT day, campaign, 1000 + cost AS cost FROM ads WHERE campaign = 'TV'")
        base.commit()
    return "shop.sqlite, table"


def two_sheets(folder: Path) -> str:
    """Write a workbook with the same rows in other figures on two sheets."""
    book = Workbook()
    book.remove(book.active)
    for name, more in (("ads", 0), ("more", 1000)):
        sheet = book.create_sheet(name)
        sheet.append(["day", "campaign", "cost"])
        for t in range(84):
            sheet.append([FIRST + timedelta(t), "TV", more + 10 + t])
            sheet.append([FIRST + timedelta(t), "search", more + 11 + t])
    book.save(folder / "shop.xlsx")
    model = (folder / "model.yaml").read_text(encoding="utf-8")
    model = model.replace("shop.sqlite, table: ads", "shop.xlsx, sheet: ads")
    (folder / "model.yaml").write_text(model, encoding="utf-8")
    return "shop.xlsx, sheet"


@pytest.mark.parametrize("two", [two_tables, two_sheets])
def test_two_tables_of_one_file_are_two_sources_and_each_is_named(two: Callable[[Path], str], tmp_path: Path) -> None:
    checked(tmp_path, "sqlite")
    place = two(tmp_path)
    more = f"  more: {{file: {place}: more, date: day, channel: campaign, metrics: {{spend: cost}}}}\n"
    model = (tmp_path / "model.yaml").read_text(encoding="utf-8")
    model = model.replace("channels:", more + "join: {same: {tv: [ads, more], search: [ads, more]}}\nchannels:", 1)
    (tmp_path / "model.yaml").write_text(model, encoding="utf-8")
    check(tmp_path / "model.yaml", None, spec_class=PanelSpec, quiet=True, as_json=False)
    found, rows = trace(tmp_path / "check", ASKED)
    assert {part.place.rsplit(", ", 1)[0] for part in found.parts} == {f"{place} 'ads'", f"{place} 'more'"}
    for part, source in zip(found.parts, rows, strict=True):
        assert part.place.startswith(f"{place} '{part.source}', row")
        ((_, cells),) = source.rows
        assert float(dict(zip(source.header, cells, strict=True))["cost"]) == part.original


def test_the_database_and_the_query_of_a_server_are_named(tmp_path: Path) -> None:
    part = trace(checked(tmp_path, "sqlite"), ASKED)[0].parts[0]
    server = ServerSpec(kind=Attach.POSTGRES, database="north")
    asked = placed(replace(part, file="postgres: 8c36"), SourceSpec(server=server, query="SELECT 1", date="day"))
    assert asked.place == f"postgres: 8c36, database 'north', the query of 'ads', row {part.row}"


def test_a_table_by_month_says_that_weeks_are_traced(tmp_path: Path) -> None:
    checked(tmp_path, "sqlite")
    model = (tmp_path / "model.yaml").read_text(encoding="utf-8")
    (tmp_path / "model.yaml").write_text(model + "join: {grain: month}\n", encoding="utf-8")
    check(tmp_path / "model.yaml", None, spec_class=PanelSpec, quiet=True, as_json=False)
    with pytest.raises(
        DataError, match=r"this is a table by month, and figures of weeks are traced. Remove join.grain"
    ):
        trace(tmp_path / "check", ASKED)


def test_rows_in_another_order_are_found_by_what_they_hold(tmp_path: Path) -> None:
    folder = checked(tmp_path, "duckdb")
    found, rows = trace(folder, ASKED)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    spec = PanelSpec.model_validate(manifest["configuration"])
    shelf = Shelf(tmp_path, spec, manifest["inputs"])
    for part, source in zip(found.parts, rows, strict=True):
        moved = replace(part, row=part.row - 40, last_row=part.row - 40)
        assert shelf.rows(moved, [found.series]).rows == source.rows
    other = replace(found.parts[0], original=1234.5)
    assert shelf.rows(other, [found.series]).found is Found.ANSWERS
