"""Personal columns are refused wherever in a log they begin to be personal, and in whatever order its rows stand."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from mmm.exceptions import DataError
from tests.test_mmm.test_data.test_events.test_secrets import KEY
from tests.test_mmm.test_data.test_events.world import people_log, read

LOG = people_log(61)
#: Beyond what the beginning of a file shows.
LATE = 4_000
ADDRESS = "zqx7.maria@example.org"
LATER = {
    "an id": ("person", ADDRESS, "e-mail addresses"),
    "an address": ("contact", ADDRESS, "e-mail addresses"),
    "an address within text": ("note", f"asked us to write to <{ADDRESS}>, soon", "e-mail addresses"),
    "an address in another script": ("note", "мария@пример.рф", "e-mail addresses"),
    "telephone numbers": ("tel", "+49 30 1234567", "phone numbers"),
    "bare digits, called so": ("phone", "0301234567", "phone numbers"),
    "addresses of machines": ("where", "192.0.2.17", "IP addresses"),
    "devices": ("device", "1f0e9d8c-7b6a-4950-8877-665544332211", "device identifiers"),
}


def later(column: str, value: object, first: object = "") -> pd.DataFrame:
    """Return the log with a column of which only the last row is filled, or other than it was."""
    before = LOG[column] if column in LOG else pd.Series([first] * len(LOG), dtype=object)
    return LOG.assign(**{column: [*before[:-1], value]})


@pytest.mark.parametrize("file", ["log.csv", "log.parquet"])
@pytest.mark.parametrize("case", LATER)
def test_a_column_that_begins_harmless_is_refused(tmp_path: Path, case: str, file: str) -> None:
    column, value, kind = LATER[case]
    with pytest.raises(DataError, match=f"column {column}: the column holds {kind}") as refused:
        read(tmp_path, later(column, value), file=file)
    assert value not in str(refused.value)
    assert refused.value.exit_code == 2


def test_few_numbers_of_telephones_among_one_usual_word_are_refused(tmp_path: Path) -> None:
    numbers = [f"+49 30 {i:07d}" if i > LATE and i % 20 == 0 else "unknown" for i in range(len(LOG))]
    with pytest.raises(DataError, match="column tel: the column holds phone numbers"):
        read(tmp_path, LOG.assign(tel=numbers))


def test_whole_numbers_called_telephone_are_refused(tmp_path: Path) -> None:
    numbers = [0] * LATE + [49301234567 + i for i in range(len(LOG) - LATE)]
    with pytest.raises(DataError, match="column phone: the column holds phone numbers"):
        read(tmp_path, LOG.assign(phone=numbers), file="log.parquet")


def test_one_file_of_many_and_one_table_are_judged_whole(tmp_path: Path) -> None:
    import duckdb

    (tmp_path / "log").mkdir()
    LOG.to_parquet(tmp_path / "log" / "1.parquet")
    late = later("contact", ADDRESS)
    late.to_parquet(tmp_path / "log" / "2.parquet")
    with pytest.raises(DataError, match=r"log/2\.parquet, column contact: the column holds e-mail"):
        read(tmp_path, file="log")
    with duckdb.connect(str(tmp_path / "log.duckdb")) as database:
        database.execute("CREATE TABLE t AS SELECT * FROM late")
    for source in ({"table": "t"}, {"query": "SELECT *, contact AS more FROM t"}):
        with pytest.raises(DataError, match=r"log\.duckdb, column contact: the column holds e-mail"):
            read(tmp_path, file="log.duckdb", source=source)


def test_the_order_of_the_rows_changes_nothing(tmp_path: Path) -> None:
    late = later("contact", ADDRESS)
    said = set()
    for log in (late, late.iloc[::-1]):
        with pytest.raises(DataError) as refused:
            read(tmp_path, log)
        said.add(str(refused.value))
    assert len(said) == 1


def test_under_a_keyed_hash_it_is_named_and_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_KEY", KEY)
    late = later("person", ADDRESS).assign(contact=later("contact", ADDRESS)["contact"])
    done = read(tmp_path, late, identifiers="hash", identifiers_key_from="LOG_KEY")
    assert "person (e-mail addresses), contact (e-mail" in done.finding("identifiers")
    assert done.figures() == read(tmp_path, LOG, identifiers="hash", identifiers_key_from="LOG_KEY").figures()


def test_what_only_resembles_an_address_is_no_reason_to_refuse(tmp_path: Path) -> None:
    notes = ["", "@shop", "2 @ 3.50", "a@b", "see you @ 10.", "v1.2@main", "1.125.200.100"]
    log = LOG.assign(note=[notes[i % len(notes)] for i in range(len(LOG))], chance=[*["x"] * 5_999, "y"], cell0="z")
    log['odd "name", of Zoë'] = ""
    assert read(tmp_path, log).figures() == read(tmp_path, LOG).figures()
