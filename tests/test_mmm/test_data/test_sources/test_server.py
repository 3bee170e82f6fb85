"""Database servers, started by the test on loopback: the query is theirs to answer, and no secret is ever told."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from mmm.data import PanelSpec
from mmm.data.check_command import run as check
from mmm.data.room.source_rows import Found, SourceRows
from mmm.data.room.trace_command import Question, trace
from mmm.data.sources import server as reader
from tests.test_mmm.test_data.test_sources.room import figures, read, refused, write

pytest.importorskip("duckdb_extension_postgres_scanner", reason="the extra `databases` is not installed")
PASSWORD = "s3cret-Pass'word"  # noqa: S105
USER = "boss-of-shop"
_POSTGRES = ("usr/lib/postgresql/*/bin", "usr/local/pgsql/bin", "opt/homebrew/opt/postgresql*/bin")
WEEKS = "CREATE TABLE panel AS SELECT DATE '2024-01-01' + 7 * i AS week, CAST(i * 1.5 AS DECIMAL(10, 3)) AS tv_spend"


@dataclass(frozen=True)
class Server:
    """A server that runs, and the way to stop it."""

    kind: str
    port: int
    process: subprocess.Popen[bytes]

    def source(self, **changes: Any) -> dict[str, Any]:
        place = {
            "kind": self.kind, "host": "127.0.0.1", "port": self.port, "database": "shop",
            "user_from": "SHOP_USER", "password_from": "SHOP_PASSWORD",
        }  # fmt: skip
        return {"server": place | changes.pop("server", {}), **changes}

    def told(self, statement: str, database: str = "shop") -> None:
        """Let a PostgreSQL server do something, as its owner."""
        psql = _binary("psql", *_POSTGRES)
        assert psql is not None
        words = {**os.environ, "PGPASSWORD": PASSWORD, "PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": USER}
        subprocess.run([psql, "-qd", database, "-c", statement], check=True, capture_output=True, env=words)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _as_nobody(folder: Path) -> dict[str, Any]:
    """Say how a server is started that will not run as root."""
    if os.getuid():
        return {"cwd": folder}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"cwd": folder, "user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _binary(name: str, *folders: str) -> str | None:
    places = [str(path) for pattern in folders for path in Path("/").glob(pattern)]
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *sorted(places, reverse=True)]))


def _await(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, log.read_text()[-2000:]
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the server did not start")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A folder that another user can reach, with a name that is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="mixwise-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def _room(home: Path, name: str) -> Path:
    (home / name).mkdir()
    return home / name


@pytest.fixture(scope="module")
def postgres(home: Path) -> Iterator[Server]:
    """A PostgreSQL server of its own, on loopback."""
    initdb, postgres, psql = (_binary(name, *_POSTGRES) for name in ("initdb", "postgres", "psql"))
    if initdb is None or postgres is None or psql is None:
        pytest.skip("there is no PostgreSQL server on this machine")
    folder = _room(home, "pg")
    how, port = _as_nobody(folder), _free_port()
    (folder / "password").write_text(PASSWORD)
    (folder / "password").chmod(0o644)
    made = [initdb, "-D", "data", "-U", USER, "--pwfile=password", "-A", "scram-sha-256", "-E", "UTF8", "--no-locale"]
    subprocess.run([*made, "--no-sync"], check=True, capture_output=True, **how)
    options = [f"-p{port}", "-clisten_addresses=127.0.0.1", f"-cunix_socket_directories={folder}", "-cfsync=off"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([postgres, "-D", "data", *options], stdout=log, stderr=log, **how)
    try:
        _await(port, process, folder / "log")
        server = Server("postgres", port, process)
        for database, statement in (
            ("postgres", "CREATE DATABASE shop"),
            ("shop", f"{WEEKS}, 9.5 AS price FROM generate_series(0, 59) AS r(i)"),
            ("shop", "CREATE SCHEMA other; CREATE TABLE other.people (name TEXT)"),
        ):
            server.told(statement, database)
        yield server
    finally:
        _stop(process)


@pytest.fixture(scope="module")
def mysql(home: Path) -> Iterator[Server]:
    """A MySQL or MariaDB server of its own, on loopback."""
    pytest.importorskip("duckdb_extension_mysql_scanner", reason="the extra `databases` is not installed")
    maria, mysqld = _binary("mariadbd", "usr/sbin", "usr/libexec"), _binary("mysqld", "usr/sbin", "usr/libexec")
    client = _binary("mariadb", "usr/bin") or _binary("mysql", "usr/bin")
    daemon = maria or mysqld
    if daemon is None or client is None:
        pytest.skip("there is no MySQL or MariaDB server on this machine")
    folder = _room(home, "my")
    how, port = _as_nobody(folder), _free_port()
    data, end = f"--datadir={folder / 'data'}", f"--socket={folder / 's'}"
    if maria is None:
        made = [daemon, "--no-defaults", "--initialize-insecure", data]
    else:
        made = [_binary("mariadb-install-db", "usr/bin") or "mariadb-install-db", "--no-defaults", data]
        made += ["--auth-root-authentication-method=normal", "--skip-test-db"]
    subprocess.run(made, check=True, capture_output=True, **how)
    options = [f"--port={port}", "--bind-address=127.0.0.1", end, f"--pid-file={folder / 'pid'}", f"--tmpdir={folder}"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([daemon, "--no-defaults", data, *options], stdout=log, stderr=log, **how)
    try:
        _await(port, process, folder / "log")
        weeks = WEEKS.replace("'2024-01-01' + 7 * i", "'2024-01-01' + INTERVAL 7 * i DAY")
        quoted = PASSWORD.replace("'", "''")
        statements = (  # what is put together is the test's own
            f"CREATE DATABASE shop; USE shop; {weeks}, 9.5 AS price FROM (WITH RECURSIVE "  # noqa: S608
            "r AS (SELECT 0 AS i UNION ALL SELECT i + 1 FROM r WHERE i < 59) SELECT i FROM r) AS numbers; "
            f"CREATE USER '{USER}'@'%' IDENTIFIED BY '{quoted}'; GRANT ALL ON shop.* TO '{USER}'@'%';"
        )
        entered = [client, "--no-defaults", "-uroot", end, "-e", statements]
        subprocess.run(entered, check=True, capture_output=True)
        yield Server("mysql", port, process)
    finally:
        process.terminate()
        _stop(process)


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_USER", USER)
    monkeypatch.setenv("SHOP_PASSWORD", PASSWORD)


def _told(folder: Path, source: dict[str, Any]) -> str:
    """Return the one sentence of a refusal, without secrets."""
    told = refused(folder, source)
    for secret in (PASSWORD, USER, "s3cret", "wrong"):
        assert secret not in told
    assert "\n" not in told
    return told


def _checked(server: Server, folder: Path) -> Path:
    """Check a model of a file and a server's table."""
    till = "".join(f"{date(2024, 1, 1) + timedelta(7 * i)},{900 + 17 * (i % 7)}\n" for i in range(60))
    sources = {"till": {"file": "till.csv", "date": "week"}, "ads": {**server.source(table="panel"), "date": "week"}}
    model = {"data": {"outcome": "revenue"}, "channels": {"tv": {"spend": "tv_spend"}}, "sources": sources}
    write(folder, {"till.csv": "week,revenue\n" + till, "model.yaml": json.dumps(model)})
    check(folder / "model.yaml", None, spec_class=PanelSpec, quiet=True, as_json=False)
    return folder / "check"


def _traced(run: Path) -> SourceRows:
    """Trace a figure of the server's table; the lineage stands whatever became of the rows."""
    found, (rows,) = trace(run, Question("2024-01-17", channel="tv"))
    assert found.figure == found.parts[0].value == 3.0
    assert not any(secret in rows.says for secret in (PASSWORD, USER, "s3cret", "wrong"))
    return rows


class TestPostgres:
    def test_a_weekly_panel_from_a_table(self, postgres: Server, tmp_path: Path) -> None:
        facts, _ = read(tmp_path, postgres.source(table="public.panel"))
        found = figures(facts)
        assert len(found) == 120
        assert found["2024-01-15", None, "tv_spend"] == 3.0
        assert facts.table["last_day"].to_pylist()[0] == date(2024, 1, 7)
        assert facts.files[0].name.startswith("postgres: ")
        assert facts.files[0].rows_in == 60
        again, _ = read(tmp_path, postgres.source(table="public.panel"))
        assert again.files == facts.files

    def test_a_query_is_the_servers_to_answer(self, postgres: Server, tmp_path: Path) -> None:
        query = "SELECT date_trunc('month', week)::date AS week, sum(tv_spend) AS tv_spend FROM panel GROUP BY 1;"
        facts, _ = read(tmp_path, postgres.source(query=query, grain="monthly"))
        assert figures(facts)["2024-02-01", None, "tv_spend"] == 1.5 * (5 + 6 + 7 + 8)
        assert facts.money_in["tv_spend", "EUR"] == 1.5 * sum(range(60))

    def test_nothing_can_be_written(self, postgres: Server, tmp_path: Path) -> None:
        query = "SELECT DATE '2024-01-01' AS week, current_setting('transaction_read_only') AS tv_spend"
        assert "'on' is not a number" in _told(tmp_path, postgres.source(query=query, grain="weekly"))
        for statement in (
            "DELETE FROM panel",
            "SELECT 1; DROP TABLE panel",
            "WITH x AS (DELETE FROM panel RETURNING *) SELECT * FROM x",
            "SELECT nextval('nope')",
            "COPY panel TO '/tmp/stolen'",
        ):
            told = _told(tmp_path, postgres.source(query=statement))
            assert "sources.ads.query" in told
        assert read(tmp_path, postgres.source(table="panel"))[0].files[0].rows_in == 60

    def test_rows_are_traced(self, postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        run = _checked(postgres, tmp_path)
        before = _traced(run)
        assert (before.found, before.header) == (Found.SAME, ("week", "tv_spend"))
        ((number, (week, spend)),) = before.rows
        assert (number, week[:10], float(spend)) == (3, "2024-01-15", 3.0)
        postgres.told("UPDATE panel SET tv_spend = 4 WHERE tv_spend = 3")
        assert _traced(run).says == "the database answers otherwise than it did: its rows are not shown"
        postgres.told("UPDATE panel SET tv_spend = 3 WHERE tv_spend = 4")  # an updated row comes last
        after = _traced(run)
        assert [cells for _, cells in after.rows] == [(week, spend)]
        assert after.rows[0][0] == 60
        monkeypatch.setenv("SHOP_PASSWORD", "wrong")
        assert "the rows cannot be shown: sources.ads.server: the PostgreSQL server does not let" in _traced(run).says
        monkeypatch.delenv("SHOP_PASSWORD")
        assert "'SHOP_PASSWORD' is not set" in _traced(run).says

    def test_wrong_password(self, postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SHOP_PASSWORD", "wrong")
        assert "does not let this user in" in _told(tmp_path, postgres.source(table="panel"))

    def test_no_password(self, postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("SHOP_PASSWORD")
        told = _told(tmp_path, postgres.source(table="panel"))
        assert "'SHOP_PASSWORD' is not set" in told
        assert "sources.ads.server.password_from" in told

    def test_missing_things(self, postgres: Server, tmp_path: Path) -> None:
        assert "no table 'panels'" in _told(tmp_path, postgres.source(table="panels"))
        assert '"nope" does not exist' in _told(tmp_path, postgres.source(query="SELECT nope FROM panel"))
        assert "no database 'store'" in _told(tmp_path, postgres.source(table="panel", server={"database": "store"}))
        assert "sources.ads (PostgreSQL): there are columns and no rows" in _told(
            tmp_path, postgres.source(table="other.people")
        )
        query = "SELECT week, tv_spend AS tv FROM panel"
        assert "sources.ads.metrics" in _told(tmp_path, postgres.source(query=query))
        assert "table or a query" in _told(tmp_path, postgres.source())

    def test_no_server(self, tmp_path: Path) -> None:
        server = {"kind": "postgres", "host": "127.0.0.1", "port": _free_port(), "database": "shop"}
        told = _told(tmp_path, {"server": server | {"user_from": "SHOP_USER"}, "table": "panel"})
        assert "no PostgreSQL server answers at 127.0.0.1" in told

    def test_a_package_that_is_missing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(reader.duckdb, "__version__", "0.0.0")
        server = {"kind": "postgres", "database": "shop"}
        assert "mixwise[databases]" in _told(tmp_path, {"server": server, "table": "panel"})


class TestMysql:
    def test_a_weekly_panel(self, mysql: Server, tmp_path: Path) -> None:
        facts, _ = read(tmp_path, mysql.source(table="panel"))
        assert len(figures(facts)) == 120
        assert figures(facts)["2024-01-15", None, "tv_spend"] == 3.0
        query = "SELECT `week`, SUM(tv_spend) AS tv_spend FROM panel GROUP BY `week` ORDER BY 1 LIMIT 10"
        assert len(read(tmp_path, mysql.source(query=query))[0].table) == 10

    def test_rows_are_traced(self, mysql: Server, tmp_path: Path) -> None:
        rows = _traced(_checked(mysql, tmp_path))
        assert [(number, float(cells[1])) for number, cells in rows.rows] == [(3, 3.0)]

    def test_nothing_can_be_written(self, mysql: Server, tmp_path: Path) -> None:
        for statement in ("DELETE FROM panel", "SELECT 1; DROP TABLE panel", "SELECT 1 INTO OUTFILE '/tmp/stolen'"):
            assert "sources.ads.query" in _told(tmp_path, mysql.source(query=statement))
        assert read(tmp_path, mysql.source(table="panel"))[0].files[0].rows_in == 60

    def test_refusals(self, mysql: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        assert "no table 'panels'" in _told(tmp_path, mysql.source(table="panels"))
        assert "nope" in _told(tmp_path, mysql.source(query="SELECT nope FROM panel"))
        told = _told(tmp_path, mysql.source(table="panel", server={"database": "store"}))
        assert "no database 'store'" in told or "does not let this user in" in told
        told = _told(tmp_path, mysql.source(table="panel", server={"port": _free_port()}))
        assert "no MySQL server answers" in told
        monkeypatch.setenv("SHOP_PASSWORD", "wrong")
        assert "does not let this user in" in _told(tmp_path, mysql.source(table="panel"))
