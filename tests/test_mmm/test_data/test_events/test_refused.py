"""What a log may not be, each in one sentence with its remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mmm.config import parse, parse_yaml
from mmm.data.sources.spec import SourceSpec
from mmm.exceptions import MixwiseError, SpecError
from tests.test_mmm.test_data.test_events.world import people_log, read

LOG = people_log(51)
MANY = LOG.assign(channel=[f"click-{i}" for i in range(len(LOG))])
CASES: dict[str, tuple[pd.DataFrame, dict[str, Any], str]] = {
    "person is an e-mail address": (LOG.assign(person=LOG["person"] + "@x.org"), {}, "the column holds e-mail"),
    "an unused column of telephone numbers": (LOG.assign(tel=["+49 30 1234567"] * len(LOG)), {}, "holds phone numbers"),
    "device ids by name": (LOG.rename(columns={"person": "idfa"}), {"person": "idfa"}, "holds device identifiers"),
    "no such column": (LOG.drop(columns="geo"), {}, "the column 'geo' is not in the file"),
    "too many channels": (MANY, {}, "too many for channels or geos"),
    "no event of the kind": (LOG, {"metrics": {"calls": {"count": "events", "of": ["call"]}}}, "no event of the kinds"),
    "the id used twice": (LOG, {"kind": "person"}, "the person's id and something else too"),
    "numbers without a unit": (LOG.assign(time=range(len(LOG))), {}, "have no readable time"),
    "two readings": (LOG.assign(value="1.234"), {}, "can be read two ways, as in 1.234"),
    "day first": (LOG.assign(time="13/01/2025"), {}, "have no readable time"),
    "a week that is not whole": (LOG.assign(time="2025-01-07 10:00:00"), {}, "no whole week is left"),
    "a zone that nobody declared": (LOG.assign(time="2025-01-07T10:00:00Z"), {}, "depends on the zone of the business"),
    "no rows": (LOG.iloc[:0], {}, "a header and no rows"),
    "a preset": (LOG, {"source": {"preset": "meta"}}, "a log of events takes no 'preset'"),
    "an unknown zone": (LOG, {"source": {"time_zone": "Europe/Nowhere"}}, "the time zone 'Europe/Nowhere' is not"),
    "a table of text": (LOG, {"source": {"table": "t"}}, "table and query are of DuckDB files"),
    "opt-outs outside the folder": (LOG, {"opt_out": {"file": "../out.csv"}}, "leads outside the project folder"),
    "no opt-out file": (LOG, {"opt_out": {"file": "out.csv"}}, "the file 'out.csv' does not exist"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_log_is_refused_in_a_sentence(tmp_path: Path, case: str) -> None:
    log, asked, says = CASES[case]
    with pytest.raises(MixwiseError) as refused:
        read(tmp_path, log, **asked)
    assert says in str(refused.value)
    assert refused.value.exit_code == 2
    assert refused.value.where
    assert refused.value.do


def test_decimal_ids_and_texts_beside_parquet_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MixwiseError, match="the column holds decimal numbers"):
        read(tmp_path, LOG.assign(person=1.5), file="log.parquet")
    LOG.to_csv(tmp_path / "more.csv", index=False)
    with pytest.raises(MixwiseError, match="either text or Parquet, and here are both"):
        read(tmp_path, file="*.*")


def test_a_first_line_that_is_a_row_is_not_told(tmp_path: Path) -> None:
    LOG.assign(person="Jan Kowalski").to_csv(tmp_path / "log.csv", index=False, header=False)
    with pytest.raises(MixwiseError, match="the first line does not name its columns") as refused:
        read(tmp_path)
    assert "Jan" not in str(refused.value)
    assert refused.value.exit_code == 2


def test_whole_numbers_serve_as_ids(tmp_path: Path) -> None:
    numbers = LOG["person"].str[-5:].astype(int)
    plain = read(tmp_path, LOG).figures()
    assert read(tmp_path, LOG.assign(person=numbers), file="log.parquet").figures() == plain
    assert read(tmp_path, LOG.assign(person=numbers)).figures() == plain


@pytest.mark.parametrize(
    ("events", "says"),
    [
        ("minimum_people: 10", "web.yaml, line 3, events.minimum_people: figures of fewer than 50 people"),
        ("metrics: {a: {count: clicks}}", "events.metrics.a.count"),
        ("metrics: {a: {count: events, sum: value}}", "either counts"),
        ("metrics: {a: {count: events, of: [touch]}}", "the column that names them (kind)"),
        ("identifiers: hash", "name its environment variable in identifiers_key_from"),
        ("privacy: {epsilon: 1.0}", "the key 'release' is missing"),
        ("privacy: {release: a.json, keys: declared}", "channels and geos are named"),
        ("consent: {column: ok, granted: []}", "at least 1"),
        ("memory_limit: lots", "events.memory_limit"),
        ("persons: id", "the key 'persons' is not known"),
    ],
)
def test_what_is_declared_is_checked_with_its_line(tmp_path: Path, events: str, says: str) -> None:
    text = f"file: log.csv\ndate: time\nevents: {{person: id, {events}}}\n"
    with pytest.raises(SpecError) as refused:
        parse(SourceSpec, parse_yaml(text, tmp_path / "web.yaml"))
    assert says in str(refused.value)


def test_declared_in_yaml(tmp_path: Path) -> None:
    text = (
        "file: log.csv\ndate: time\nchannel: channel\nevents:\n  person: id\n  kind: event\n"
        "  metrics:\n    visits: {count: events, of: [touch, 1]}\n  consent: {column: ok, granted: [yes, true, 1]}\n"
    )
    events = parse(SourceSpec, parse_yaml(text, tmp_path / "web.yaml")).events
    assert events is not None
    assert events.consent is not None
    assert events.consent.granted == ("yes", "true", "1")
    assert events.metrics["visits"].of == ("touch", "1")
