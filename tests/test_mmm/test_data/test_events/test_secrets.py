"""No id, e-mail address or telephone number occurs in anything that is told, written or left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

import pandas as pd
import pytest

from mmm.exceptions import DataError, MixwiseError
from tests.test_mmm.test_data.test_events.world import Read, people_log, read

MARK = "zqx7"
DEVICE = "1f0e9d8c-7b6a-4950-8877-665544332211"
KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978"


def marked(seed: int = 41) -> pd.DataFrame:
    """Make a log whose people are e-mail addresses with a mark."""
    log = people_log(seed)
    return log.assign(person=[f"{MARK}.{person}@example.org" for person in log["person"]])


def told(done: Read) -> str:
    """Return everything that a reading tells, as text."""
    findings = [finding.as_dict() for finding in done.log.findings]
    excluded = [f"{one.where} {one.reason} {one.rows} {dict(one.spend)}" for one in done.log.excluded]
    facts = done.facts
    return json.dumps([findings, excluded, facts.table.to_pylist(), repr(facts.files), repr(facts)], default=str)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of temporary files of one's own."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.parametrize("noise", [False, True])
def test_no_id_is_told_or_written(
    tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], noise: bool
) -> None:
    log = marked()
    log["phone"] = [f"+49 30 {i:07d}" for i in range(len(log))]
    log.to_csv(tmp_path / "log.csv", index=False)
    (tmp_path / "out.csv").write_text("person\n" + "\n".join(log["person"][:80]))
    monkeypatch.setenv("LOG_KEY", KEY)
    privacy = {"release": "told.json", "largest": {"revenue": 100}} if noise else None
    done = read(
        tmp_path,
        opt_out={"file": "out.csv"},
        identifiers="hash",
        identifiers_key_from="LOG_KEY",
        privacy=privacy,
        memory_limit="100MB",
    )
    shown = capfd.readouterr()
    written = [path for path in tmp_path.rglob("*") if path.is_file() and path.name not in ("log.csv", "out.csv")]
    assert [path.name for path in written] == (["told.json"] if noise else [])
    everything = told(done) + shown.out + shown.err + "".join(path.read_text() for path in written)
    for secret in (MARK, "example.org", "+49", KEY, log["person"][0].split("@")[0]):
        assert secret not in everything
    assert "phone (phone numbers)" in done.finding("identifiers")
    assert not list(temporary.iterdir())


def _cut(text: str, row: int, change: str) -> str:
    lines = text.splitlines()
    lines[row] = change
    return "\n".join(lines) + "\n"


BROKEN = {
    "fields": (f"{MARK}-1,2025-01-07 10:00:00,touch,search,north,yes,,{MARK}", "row has another number of fields"),
    "quote": (f'{MARK}-1,"{MARK},touch,search,north,yes,', "a quotation mark is opened"),
    "time": (f"{MARK}-1,{MARK},touch,search,north,yes,", "1 row have no readable time"),
    "number": (f"{MARK}-1,2025-01-07 10:00:00,purchase,search,north,yes,{MARK}", "1 cell of counted events are no"),
    "empty": (f"{MARK}-1,2025-01-07 10:00:00,purchase,search,north,yes,", "that 'revenue' adds up have no number"),
    "channel": (
        f"{MARK}-1,2025-01-07 10:00:00,touch,{MARK}@example.org,north,yes,",
        "the column holds e-mail addresses",
    ),
    "device": (f"{MARK}-1,2025-01-07 10:00:00,touch,{MARK} {DEVICE},north,yes,", "1 value look like personal data"),
    "kind": (
        f"{MARK}-1,2025-01-07 10:00:00,{MARK}@example.org,search,north,yes,",
        "column event: the column holds e-m",
    ),
    "consent": (
        f"{MARK}-1,2025-01-07 10:00:00,touch,search,north,{MARK}@example.org,",
        "column consent: the column hol",
    ),
    "bytes": (f"{MARK}-1,2025-01-07 10:00:00,touch,\udcff{MARK},north,yes,", "the text is not UTF-8"),
    "zone": (f"{MARK}-1,2025-01-07T10:00:00+02:00,touch,search,north,yes,", "1 row name a time zone and"),
    "future": (f"{MARK}-1,2031-01-07 10:00:00,touch,search,north,yes,", "events after today"),
}


@pytest.mark.parametrize("case", BROKEN)
@pytest.mark.parametrize("row", [3_000])
def test_no_error_quotes_the_log(tmp_path: Path, temporary: Path, case: str, row: int) -> None:
    line, says = BROKEN[case]
    text = people_log(42).to_csv(index=False)
    (tmp_path / "log.csv").write_bytes(_cut(text, row, line).encode(errors="surrogateescape"))
    with pytest.raises(MixwiseError, match=says) as refused:
        read(tmp_path, consent={"column": "consent", "granted": ["yes"]})
    whole = "".join(traceback.format_exception(refused.value))
    seen: BaseException | None = refused.value
    while seen is not None:
        whole += repr(seen) + str(seen)
        seen = seen.__cause__ or seen.__context__
    assert MARK not in whole
    assert refused.value.exit_code == 2
    assert refused.value.where is not None
    assert refused.value.do
    assert not list(temporary.iterdir())


def test_a_damaged_parquet_file_is_refused_without_its_bytes(tmp_path: Path) -> None:
    marked().to_parquet(tmp_path / "log.parquet")
    raw = bytearray((tmp_path / "log.parquet").read_bytes())
    raw[200:6_000] = b"\x9f" * 5_800
    (tmp_path / "log.parquet").write_bytes(bytes(raw))
    with pytest.raises(DataError) as refused:
        read(tmp_path, file="log.parquet", identifiers="refuse")
    assert MARK not in "".join(traceback.format_exception(refused.value))


def test_a_query_reaches_no_other_file(tmp_path: Path) -> None:
    import duckdb

    (tmp_path / "secret.csv").write_text(f"person,time,channel,geo,event,value\n{MARK},2025-01-06,a,b,touch,1\n")
    with duckdb.connect(str(tmp_path / "log.duckdb")) as database:
        database.execute("CREATE TABLE t AS SELECT 1 AS person")
    for query in (f"SELECT * FROM read_csv('{tmp_path}/secret.csv')", "SELECT 1); SELECT (2", "DROP TABLE t"):
        with pytest.raises(DataError) as refused:
            read(tmp_path, file="log.duckdb", source={"query": query})
        assert MARK not in str(refused.value)


INTERRUPTED = """
import sys
from pathlib import Path
from tests.test_mmm.test_data.test_events.world import read
print("ready", flush=True)
read(Path(sys.argv[1]), file="log.parquet", memory_limit="200MB")
"""


@pytest.mark.skipif(os.name == "nt", reason="SIGINT is sent as a terminal does on POSIX")
def test_ctrl_c_leaves_nothing_behind(tmp_path: Path) -> None:
    import duckdb

    duckdb.connect().execute(
        f"""COPY (SELECT 'p' || (i * 7919 % 300000) AS person, TIMESTAMP '2025-01-06' + to_seconds(i % 1814400) AS time,
        'touch' AS event, 'search' AS channel, 'north' AS geo, 1.0 AS value FROM range(3000000) AS t(i))
        TO '{tmp_path}/log.parquet'"""
    )
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    root = Path(__file__).resolve().parents[4]
    child = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(tmp_path)],
        cwd=root,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    until = time.monotonic() + 120
    while not list(temporary.glob("mixwise-events-*")) and child.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    (folder,) = temporary.glob("mixwise-events-*")
    assert folder.stat().st_mode & 0o777 == 0o700
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=120)
    assert child.returncode != 0
    assert not list(temporary.iterdir())


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="folders of killed runs are told by their owner")
def test_what_a_killed_run_left_is_removed(tmp_path: Path, temporary: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    dead, alive = temporary / f"mixwise-events-{gone.pid}-x", temporary / f"mixwise-events-{os.getpid()}-x"
    for folder in (dead, alive):
        folder.mkdir()
    read(tmp_path, people_log(43))
    assert sorted(path.name for path in temporary.iterdir()) == [alive.name]
