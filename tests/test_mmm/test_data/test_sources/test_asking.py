"""What a database is asked, and what of its answer is told: no cell, no login, and nothing endless."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from mmm.config import load_yaml, parse
from mmm.data import PanelSpec
from mmm.data.privacy import safe, variable_shown
from mmm.data.sources import asking
from mmm.data.sources.server import _bare
from mmm.exceptions import MixwiseError, SpecError
from tests.test_mmm.test_data.test_sources.room import LONG, read, refused

PEOPLE = ("Jan Kowalski", "+48 601 234 567", "jan@post.example")
_ENDLESS = "WITH RECURSIVE t(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM t)"
ENDLESS = f"CREATE VIEW ads AS {_ENDLESS} SELECT count(*) AS n FROM t"  # noqa: S608
#: Of a model file with one source.
PLAIN = "data: {outcome: revenue}\nchannels: {tv: {spend: tv_spend}}\ncurrency: EUR\n"


def load(path: Path) -> None:
    """Read the one source of a model file."""
    spec = parse(PanelSpec, load_yaml(path))
    read(path.parent, spec.sources["ads"].model_dump(exclude_unset=True), currency="EUR")


@pytest.mark.parametrize("person", PEOPLE)
def test_a_cell_that_a_database_quotes_is_not_told(person: str, tmp_path: Path) -> None:
    with closing(duckdb.connect(str(tmp_path / "shop.duckdb"))) as base:
        base.execute("CREATE TABLE ads AS SELECT DATE '2024-01-01' AS Day, ? AS who", [person])
    query = "SELECT Day, CAST(who AS DOUBLE) AS Cost FROM ads"
    source = {"file": "shop.duckdb", **LONG, "channel_is": "tv", "query": query}
    with pytest.raises(MixwiseError) as told:
        read(tmp_path, {key: value for key, value in source.items() if key != "channel"})
    assert "cannot be answered" in str(told.value)
    error: BaseException | None = told.value
    while error is not None:
        assert person not in str(error)
        error = error.__cause__ or error.__context__


def test_what_the_query_names_itself_is_told(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "shop.sqlite")) as base, base:
        base.execute("CREATE TABLE ads (Day text)")
    source = {"file": "shop.sqlite", **LONG, "query": "SELECT costs FROM ads"}
    assert "costs" in refused(tmp_path, source)


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_a_view_that_never_ends_is_left(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "PATIENCE", 0.3)
    path = tmp_path / f"shop.{kind}"
    with closing((sqlite3 if kind == "sqlite" else duckdb).connect(str(path))) as base:
        base.execute(ENDLESS)
    told = refused(tmp_path, {"file": path.name, **LONG, "table": "ads"})
    assert "gave no row in" in told
    assert "Write the view's rows to a table" in told


def test_rows_that_come_late_but_come_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Patience is for the first row: whoever answers is not hurried."""
    monkeypatch.setattr(asking, "PATIENCE", 30.0)
    with closing(duckdb.connect(str(tmp_path / "shop.duckdb"))) as base:
        base.execute("CREATE TABLE ads AS SELECT DATE '2024-01-01' + i::INT AS Day, 'A' AS Campaign, 1.5 AS Cost, 1 AS "
                     "Clicks FROM range(300) t(i)")  # fmt: skip
    facts, _ = read(tmp_path, {"file": "shop.duckdb", **LONG, "table": "ads"})
    assert len(facts.table) == 600


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        ("SELECT 1;", "SELECT 1"),
        ("SELECT 1 -- all", "SELECT 1 -- all"),
        ("SELECT 1; -- all ;", "SELECT 1"),
        ("SELECT ';'", "SELECT ';'"),
        ("SELECT 1 ; /* x */ ; ", "SELECT 1"),
    ],
)
def test_a_query_is_sent_without_its_last_semicolon(query: str, sent: str) -> None:
    assert _bare(query) == sent + "\n"


class TestLogins:
    """Passwords and keys that a person types in the wrong place are never printed."""

    TYPED = "hunter2secret"

    @pytest.mark.parametrize(
        "source",
        [
            "{file: 'postgres://bob:hunter2secret@localhost/shop', date: d}",
            "{file: 'postgres://bob:p@hunter2secret/x@localhost/shop', date: d}",
            "{server: {kind: postgres, host: 'bob:hunter2secret@db', database: shop}, query: SELECT 1, date: d}",
            "{server: {kind: postgres, host: 'hunter2secret db', database: shop}, query: SELECT 1, date: d}",
            "{server: {kind: postgres, database: 'x://b:hunter2secret@db'}, query: SELECT 1, date: d}",
            "{server: {kind: 'postgres://bob:hunter2secret@db', database: d}, query: SELECT 1, date: d}",
            "{server: 'postgres://bob:hunter2secret@db', query: SELECT 1, date: d}",
            "{server: {kind: postgres, database: d, password_from: hunter2secret}, query: SELECT 1, date: d}",
            "{file: a.csv, date: d, events: {person: p, identifiers: hash, identifiers_key_from: 1hunter2secret}}",
            "{file: a.csv, date: d, events: {person: p, identifiers: hash, identifiers_key_from: hunter2secret}}",
        ],
    )
    def test_are_not_told(self, source: str, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_text("d,p\n2024-01-01,1\n")
        path = tmp_path / "model.yaml"
        path.write_text(f"{PLAIN}sources: {{ads: {source}}}\n")
        with pytest.raises(MixwiseError) as told:
            load(path)
        assert self.TYPED not in str(told.value)
        assert told.value.exit_code == 2
        assert told.value.where
        assert told.value.do

    def test_names_of_variables_are_told(self) -> None:
        assert variable_shown("SHOP_PASSWORD") == "'SHOP_PASSWORD'"
        assert self.TYPED not in variable_shown(self.TYPED)
        assert safe("see postgres://bob:x@db/shop", 99) == "see postgres://…@db/shop"

    def test_a_host_is_a_name(self, tmp_path: Path) -> None:
        path = tmp_path / "model.yaml"
        path.write_text(f"{PLAIN}sources: {{a: {{server: {{kind: postgres, host: 'a@b', database: d}}, table: t}}}}\n")
        with pytest.raises(SpecError, match=r"sources\.a\.server\.host: a host is a name or an address"):
            load(path)
