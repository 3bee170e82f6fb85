"""``init --from`` runs nothing, overwrites nothing, echoes no personal value; whatever names hold, its YAML parses."""

from __future__ import annotations

import os
import pickle
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

import mixwise
from mmm.config import parse, parse_yaml
from mmm.data.proposing.channels import quoted
from mmm.data.proposing.command import run
from mmm.data.proposing.look import look
from mmm.data.spec import PanelSpec
from mmm.exceptions import DataError, SpecError
from tests.test_mmm.test_data.test_proposing.proposed import TODAY, propose, spec_of, weeks, wide, write

PERSON = "maria.kowalska@example.com"


def test_personal_columns_are_named_and_their_file_left_where_it_is(tmp_path, capsys):
    rows = [["week", "kontakt", "radio_spend"], *([f"2025-01-{6 + i:02}", PERSON, 5] for i in range(20))]
    people = write(tmp_path / "clients.csv", rows)
    assert run(tmp_path / "shop", [wide(tmp_path / "weekly.csv"), people], quiet=False, today=TODAY) == 0
    text = (tmp_path / "shop" / "model.yaml").read_text(encoding="utf-8")
    said = capsys.readouterr().out
    for told in (text, said):
        assert "column kontakt: 20 of 20 cells look like e-mail addresses" in " ".join(told.replace("#", "").split())
        assert PERSON not in told
    assert [path.name for path in (tmp_path / "shop" / "data").iterdir()] == ["weekly.csv"]


def test_one_personal_file_keeps_its_whole_folder_out(tmp_path):
    rows = [["date", "kontakt", "channel", "spend"], *([f"2025-01-{6 + i:02}", PERSON, "TV", 5] for i in range(9))]
    for name, kept in (("2025-01.csv", rows), ("2025-02.csv", [[*row[:1], *row[2:]] for row in rows])):
        write(tmp_path / "exports" / name, kept)
    text = propose(tmp_path / "shop", wide(tmp_path / "weekly.csv"), tmp_path / "exports")
    assert "NOT USED: data/exports/2025-01.csv, column kontakt" in " ".join(text.replace("#", "").split())
    assert PERSON not in text
    assert [path.name for path in (tmp_path / "shop" / "data").iterdir()] == ["weekly.csv"]


def till_of_customers(path: Path) -> None:
    with closing(sqlite3.connect(path)) as till, till:
        till.execute("CREATE TABLE daily (week TEXT, revenue REAL, tv_spend REAL)")
        till.executemany("INSERT INTO daily VALUES (?, ?, ?)", [(str(day), 900, 5) for day in weeks()])
        till.execute("CREATE TABLE customers (since TEXT, email TEXT)")
        till.executemany("INSERT INTO customers VALUES (?, ?)", [(str(day), PERSON) for day in weeks()])


def till_that_forgot(path: Path) -> None:
    till_of_customers(path)
    with closing(sqlite3.connect(path)) as till, till:
        till.execute("PRAGMA secure_delete = OFF")
        till.execute("DELETE FROM customers")


def warehouse(path: Path) -> None:
    with closing(duckdb.connect(path)) as base:
        base.execute(
            "CREATE TABLE daily AS SELECT DATE '2025-01-06' + CAST(i AS INT) AS day, 5 AS tv_spend, 9 AS revenue "
            "FROM range(99) t(i)"
        )
        base.execute("CREATE SCHEMA crm")
        base.execute(f"CREATE TABLE crm.people AS SELECT [{{'mail': '{PERSON}'}}] AS told, 1 AS n")


def book(path: Path) -> None:
    """Write a sheet with a table, and one without a line of names."""
    made = Workbook()
    made.active.append(["week", "revenue", "tv_spend"])
    for day in weeks():
        made.active.append([day, 900, 5])
    made.create_sheet("notes").append([PERSON])
    made.save(path)


def long_text(path: Path) -> None:
    path.write_bytes(b"week,revenue,note\n" + b"2025-01-06,900,x\n" * 400_000 + f"2025-01-06,900,{PERSON}\n".encode())


def long_columns(path: Path) -> None:
    mails = ["x"] * 25_000 + [PERSON]
    pq.write_table(pa.table({"week": ["2025-01-06"] * len(mails), "note": mails, "revenue": range(len(mails))}), path)


@pytest.mark.parametrize(
    ("name", "made", "place"),
    [
        ("till.sqlite", till_of_customers, ", table 'customers', column email: 60 of 60 cells look like e-mail"),
        ("old.sqlite", till_that_forgot, ": an e-mail address stands here"),
        ("base.duckdb", warehouse, ", table people, column told: an e-mail address stands here"),
        ("book.xlsx", book, ", a cell of a sheet: an e-mail address stands here"),
        ("long.csv", long_text, ", line 400002: an e-mail address stands here"),
        ("long.parquet", long_columns, ", column note: an e-mail address stands here"),
    ],
    ids=["a table", "deleted rows", "a schema", "a sheet", "beyond the head", "beyond the first rows"],
)
def test_a_file_with_an_address_anywhere_is_named_and_not_copied(tmp_path, monkeypatch, name, made, place):
    monkeypatch.setattr("mmm.data.proposing.look.MAX_BYTES", 100_000)
    made(tmp_path / name)
    text = " ".join(propose(tmp_path / "shop", tmp_path / name, wide(tmp_path / "weekly.csv")).replace("#", "").split())
    assert f"NOT USED: data/{name}{place}" in text
    assert PERSON not in text
    assert [path.name for path in (tmp_path / "shop" / "data").iterdir()] == ["weekly.csv"]


def test_a_clean_table_of_a_database_that_stays_where_it_is_is_used(tmp_path):
    (tmp_path / "shop").mkdir()
    till_of_customers(tmp_path / "shop" / "till.sqlite")
    assert spec_of(propose(tmp_path / "shop", tmp_path / "shop" / "till.sqlite")).sources["till"].table == "daily"


def test_a_file_of_which_nothing_is_used_is_not_copied(tmp_path):
    log = write(
        tmp_path / "log.csv", [["time", "customer", "event"], *([day, f"u{day:%j}", "visit"] for day in weeks())]
    )
    text = propose(tmp_path / "shop", wide(tmp_path / "weekly.csv"), log)
    assert "NOT USED: data/log.csv: nothing in it is spend" in text
    assert [path.name for path in (tmp_path / "shop" / "data").iterdir()] == ["weekly.csv"]


@pytest.mark.parametrize("cell", ["Grace Hopper", "Grace O'Hopper"])
def test_what_a_cell_says_is_not_written_into_the_model_file(tmp_path, cell):
    rows = [["week", "channel", "spend"], *([day, "TV", 5] for day in weeks())]
    rows[30][2] = cell
    weekly = wide(tmp_path / "weekly.csv")
    text = propose(tmp_path / "shop", write(tmp_path / "media.csv", rows), weekly)
    assert "QUESTION: data/media.csv, row 31, column spend: '…' is not a number." in text
    for name, kept in (("a.csv", rows[:40]), ("b.csv", rows[:1] + rows[40:])):  # of a folder, the last is looked at
        write(tmp_path / "exports" / name, kept)
    told = propose(tmp_path / "other", tmp_path / "exports", weekly)
    assert "The check says so far: data/exports/a.csv, row 31, column spend: '…' is not a number." in told
    text += told
    assert "Hopper" not in text


class Harm:
    def __reduce__(self):
        return os.mkdir, ("harm-was-done",)


def test_nothing_in_a_file_is_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "weekly.pkl").write_bytes(pickle.dumps(Harm()))
    text = propose(tmp_path / "shop", wide(tmp_path / "weekly.csv"), tmp_path / "weekly.pkl")
    assert "NOT USED: data/weekly.pkl: this is a pickle or joblib file" in text
    assert not (tmp_path / "harm-was-done").exists()
    assert not (tmp_path / "shop" / "data" / "weekly.pkl").exists()


def test_nothing_is_overwritten_and_nothing_is_written_in_vain(tmp_path):
    weekly = wide(tmp_path / "weekly.csv")
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "model.yaml").write_text("mine", encoding="utf-8")
    with pytest.raises(SpecError, match=r"'model\.yaml' is here already"):
        run(tmp_path / "shop", [weekly], quiet=True)
    (tmp_path / "b" / "data").mkdir(parents=True)
    (tmp_path / "b" / "data" / "weekly.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(SpecError, match=r"'weekly\.csv' is here already"):
        run(tmp_path / "b", [weekly], quiet=True)
    assert (tmp_path / "b" / "data" / "weekly.csv").read_text(encoding="utf-8") == "mine"
    (tmp_path / "empty.csv").write_text("", encoding="utf-8")
    with pytest.raises(DataError, match=r"no file holds a table that can be used\. data/empty\.csv: the file is empty"):
        run(tmp_path / "c", [tmp_path / "empty.csv"], quiet=True)
    with pytest.raises(DataError, match="there is no such file"):
        run(tmp_path / "c", [tmp_path / "none.csv"], quiet=True)
    assert not (tmp_path / "c").exists()


def test_files_inside_the_folder_stay_where_they_are(tmp_path):
    weekly = wide(tmp_path / "shop" / "exports" / "weekly.csv")
    assert spec_of(propose(tmp_path / "shop", weekly)).data.file == "exports/weekly.csv"
    assert not (tmp_path / "shop" / "data").exists()


def test_the_command(tmp_path):
    weekly = wide(tmp_path / "weekly.csv")
    done = CliRunner().invoke(mixwise.cli, ["init", str(tmp_path / "shop"), "--from", str(weekly)])
    assert done.exit_code == 0, done.output
    assert "copied    data/weekly.csv" in done.output
    assert "mixwise check" in done.output
    done = CliRunner().invoke(mixwise.cli, ["init", str(tmp_path / "other"), str(weekly)])
    assert done.exit_code == 2
    assert "--from" in done.output


@pytest.mark.parametrize(
    ("lines", "header"),
    [
        (["Report", "made in May", "", "week;tv spend", "2025-01-06;1,5", "2025-01-13;2,5"], ("week", "tv spend")),
        (["week\ttv", "2025-01-06\t1", "2025-01-13\t2"], ("week", "tv")),
        (['"a, b",week', "1,2025-01-06", "2,2025-01-13"], ("a, b", "week")),
        (["2024,2025,channel,week", "1,2,TV,2025-01-06", "3,4,TV,2025-01-13"], ("2024", "2025", "channel", "week")),
    ],
    ids=["preamble", "tab", "quoted", "years"],
)
def test_the_header_is_found_without_knowing_a_name(tmp_path, lines, header):
    path = tmp_path / "x.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert look(path, "x.csv")[0].table.header == header


NAMES = st.text(st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=12).filter(lambda text: text.strip())


@settings(max_examples=120, deadline=None)
@given(NAMES)
def test_any_text_is_one_yaml_value(text):
    assert parse_yaml(f"{quoted('k')}: [{quoted(text)}]", Path("x")).data == {"k": [text]}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(NAMES, min_size=2, max_size=5, unique=True))
def test_whatever_channels_are_called_the_proposal_parses(tmp_path_factory, names):
    """Channel names of any script, with quotation marks, colons, hashes, line breaks or terminal codes."""
    folder = tmp_path_factory.mktemp("named")
    cells = ['"' + name.replace('"', '""') + '"' for name in names]
    rows = [["week", "channel", "spend"]]
    rows += [[f"2025-0{1 + i // 28}-{1 + i % 28:02}", cell, 5 + i] for i in range(40) for cell in cells]
    media = folder / "media.csv"
    media.write_bytes("".join(",".join(map(str, row)) + "\n" for row in rows).encode())
    with suppress(DataError):  # of a file of which no table can be made
        run(folder / "it", [media], quiet=True, today=TODAY)
    if not (folder / "it" / "model.yaml").exists():
        with pytest.raises(DataError, match="no file holds a table"):
            run(folder / "it", [media], quiet=True, today=TODAY)
        return
    text = (folder / "it" / "model.yaml").read_text(encoding="utf-8")
    assert parse(PanelSpec, parse_yaml(text, folder / "it" / "model.yaml")).channels


PIECES = st.sampled_from(
    [
        "week",
        "date",
        "channel",
        "spend",
        "revenue",
        "2025-01-06",
        "01/02/2025",
        "1.234",
        "1,5",
        "-",
        "5%",
        "€7",
        "TV",
        '"',
    ]
)
TABLES = st.lists(st.lists(PIECES | st.text(max_size=4), min_size=1, max_size=5), min_size=1, max_size=9)


@settings(max_examples=50, deadline=None)
@given(st.one_of(st.binary(max_size=200), TABLES.map(lambda rows: "\n".join(";".join(row) for row in rows).encode())))
def test_any_bytes_give_a_proposal_that_parses_or_a_sentence(tmp_path_factory, raw):
    folder = tmp_path_factory.mktemp("bytes")
    (folder / "any.csv").write_bytes(raw)
    try:
        run(folder / "it", [folder / "any.csv"], quiet=True, today=TODAY)
    except DataError:
        assert not (folder / "it").exists()
        return
    text = (folder / "it" / "model.yaml").read_text(encoding="utf-8")
    parse(PanelSpec, parse_yaml(text, folder / "it" / "model.yaml"))


def test_large_files_are_looked_at_from_their_beginning(tmp_path, monkeypatch):
    monkeypatch.setattr("mmm.data.proposing.look.MAX_BYTES", 50_000)
    days = np.arange("1995-01-01", "2055-01-01", dtype="datetime64[D]")
    spend = np.random.default_rng(1).random(len(days))
    pq.write_table(pa.table({"date": days, "spend": spend}), tmp_path / "media.parquet")
    found = look(tmp_path / "media.parquet", "media.parquet")[0]
    assert (found.whole, len(found.table), found.table.cells[0][0]) == (False, 20_000, "1995-01-01")
    (tmp_path / "media.csv").write_bytes(b"date,spend\n" + b"2025-01-06,5.25\n" * 10_000)
    found = look(tmp_path / "media.csv", "media.csv")[0]
    assert (found.whole, len(found.table)) == (False, (50_000 - 11) // 16)
    run(tmp_path / "shop", [wide(tmp_path / "sales.csv"), tmp_path / "media.csv"], quiet=True, today=TODAY)
