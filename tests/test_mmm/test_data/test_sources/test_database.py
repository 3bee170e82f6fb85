"""Database files: one table or one SELECT, read and nothing else."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from tests.test_mmm.test_data.test_sources.room import LONG, figures, named, read, refused

TRUTH = {
    ("2024-01-01", "A", "spend"): 10.5,
    ("2024-01-02", "B", "spend"): 1.234,
    ("2024-01-03", "B", "spend"): None,
    ("2024-01-01", "A", "clicks"): 3.0,
    ("2024-01-02", "B", "clicks"): 4.0,
    ("2024-01-03", "B", "clicks"): 0.0,
}
VALUES = "('2024-01-01', 'A', 10.5, 3), ('2024-01-02', 'B', 1.234, 4), ('2024-01-03', 'B', NULL, 0)"
SQLITE = {"file": "shop.sqlite", **LONG}
DUCK = {"file": "shop.duckdb", **LONG}


@pytest.fixture
def shop(tmp_path: Path, stock: Path) -> Path:
    """A folder of one's own with the two databases."""
    shutil.copytree(stock, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DuckDB and an SQLite file with a table of ads, a table of people and a view that would read a file."""
    tmp_path = tmp_path_factory.mktemp("stock")
    (tmp_path / "secret.csv").write_text("Day,Campaign,Cost,Clicks\n2024-01-01,stolen,1,1\n")
    columns = "(Day {}, Campaign TEXT, Cost DOUBLE PRECISION, Clicks INTEGER)"
    with closing(sqlite3.connect(tmp_path / "shop.sqlite")) as lite, lite:
        lite.execute(f"CREATE TABLE ads {columns.format('TEXT')}")
        lite.execute(f"INSERT INTO ads VALUES {VALUES}")  # noqa: S608
        lite.execute("CREATE TABLE people (name TEXT)")
    with closing(duckdb.connect(tmp_path / "shop.duckdb")) as duck:
        duck.execute(f"CREATE TABLE ads {columns.format('DATE')}")
        duck.execute(f"INSERT INTO ads VALUES {VALUES}")  # noqa: S608
        duck.execute("CREATE SCHEMA other; CREATE TABLE other.people (name TEXT)")
        duck.execute(f"CREATE VIEW thief AS SELECT * FROM read_csv('{tmp_path / 'secret.csv'}')")  # noqa: S608
    return tmp_path


@pytest.mark.parametrize("source", [SQLITE, DUCK], ids=["sqlite", "duckdb"])
class TestBoth:
    def test_a_table(self, source: dict[str, object], shop: Path) -> None:
        facts, _ = read(shop, source | {"table": "ADS"})
        assert figures(facts) == TRUTH
        assert facts.files[0].name == source["file"]
        assert len(facts.files[0].sha256) == 64
        assert facts.files[0].bytes == (shop / str(source["file"])).stat().st_size

    def test_a_query(self, source: dict[str, object], shop: Path) -> None:
        query = "WITH x AS (SELECT * FROM ads WHERE Campaign = 'B') SELECT Day, Campaign, Cost, Clicks FROM x"
        facts, _ = read(shop, source | {"query": query})
        assert set(facts.table["label"].to_pylist()) == {"B"}

    def test_several_tables_are_a_question(self, source: dict[str, object], shop: Path) -> None:
        told = refused(shop, source)
        assert "'ads'" in told
        assert "sources.ads.table or sources.ads.query" in told
        assert "'ads'" in refused(shop, source | {"table": "adds"})

    @pytest.mark.parametrize(
        "query",
        [
            "DELETE FROM ads", "DROP TABLE ads", "SELECT 1; SELECT 2", "ATTACH 'x.db' AS x", "PRAGMA writable_schema=1",
            "CREATE TABLE x (y INT)", "INSERT INTO ads VALUES ('2024-02-01','Z',1,1)", "SELECT FROM WHERE", "VACUUM",
            "SELECT nope FROM ads", "SELECT * FROM nope", "COPY ads TO 'x.csv'", "SELECT load_extension('x')", "--",
        ],
    )  # fmt: skip
    def test_nothing_but_one_select(self, source: dict[str, object], query: str, shop: Path) -> None:
        before = {path.name: path.read_bytes() for path in shop.iterdir()}
        told = refused(shop, source | {"query": query})
        assert "one SELECT" in told or "sources.ads.query" in told
        assert {path.name: path.read_bytes() for path in shop.iterdir()} == before

    def test_a_file_of_another_name(self, source: dict[str, object], shop: Path) -> None:
        (shop / str(source["file"])).rename(shop / "export.csv")
        facts, log = read(shop, source | {"file": "export.csv", "table": "ads"})
        assert figures(facts) == TRUTH
        assert "database" in named(log, "file_extension").says

    def test_damage(self, source: dict[str, object], shop: Path) -> None:
        path = shop / str(source["file"])
        path.write_bytes(path.read_bytes()[:100] + b"\xff" * 3000)
        assert "damaged" in refused(shop, source | {"table": "ads"})

    def test_a_database_has_no_sheet(self, source: dict[str, object], shop: Path) -> None:
        assert "has no sheet" in refused(shop, source | {"sheet": "ads"})


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM thief", "SELECT * FROM read_csv('secret.csv')", "SELECT * FROM 'secret.csv'",
        "SELECT * FROM read_text('secret.csv')", "SELECT * FROM glob('*')", "FROM sniff_csv('secret.csv')",
    ],
)  # fmt: skip
def test_a_query_reads_no_other_file(query: str, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop)
    told = refused(shop, DUCK | {"query": query})
    assert "stolen" not in told
    assert "cannot be answered" in told


def test_a_query_reads_no_value_of_this_program(shop: Path) -> None:
    ads_of_python = duckdb.sql("SELECT 1 AS Day")  # noqa: F841
    assert "cannot be answered" in refused(shop, DUCK | {"query": "SELECT * FROM ads_of_python"})


def test_a_table_of_another_schema(shop: Path) -> None:
    assert "no rows" in refused(shop, DUCK | {"table": "other.people"})


def test_text_that_is_no_text(shop: Path) -> None:
    with closing(sqlite3.connect(shop / "shop.sqlite")) as lite, lite:
        lite.execute("UPDATE ads SET Campaign = CAST(x'ff95fe' AS TEXT)")
    assert "damaged" in refused(shop, SQLITE | {"table": "ads"})
    with closing(sqlite3.connect(shop / "shop.sqlite")) as lite, lite:
        lite.execute("UPDATE ads SET Campaign = x'ff95fe'")
    assert "bytes, not plain values" in refused(shop, SQLITE | {"table": "ads"})


def test_a_query_of_a_text_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Day,Campaign,Cost,Clicks\n2024-01-01,A,1,1\n2024-01-02,A,1,1\n")
    assert "has no query" in refused(tmp_path, {"file": "a.csv", **LONG, "query": "SELECT 1"})
