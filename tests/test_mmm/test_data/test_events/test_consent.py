"""Consent and opt-out come before counting: nobody without consent counts, and who opts out changes nobody else."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mmm.exceptions import DataError, SpecError
from tests.test_mmm.test_data.test_events.world import people_log, read

KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978"
GRANTED = {"column": "consent", "granted": ["yes", True]}


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10_000), st.integers(0, 400))
def test_a_log_counts_as_if_these_rows_had_never_been(seed: int, leaving: int) -> None:
    log = people_log(seed, rows=3_000, people=700, weeks=2)
    gone = sorted(set(log["person"]))[:leaving]
    with TemporaryDirectory() as name:
        folder = Path(name)
        pd.DataFrame({"person": [f" {person.upper()} " for person in gone]}).to_csv(folder / "out.csv", index=False)
        done = read(folder, log, consent=GRANTED, opt_out={"file": "out.csv"})
        kept = log[(log["consent"] == "yes") & ~log["person"].isin(gone)]
        # Two rows that count nothing keep the log's first and last day.
        frame = log.sort_values("time").iloc[[0, -1]].assign(event="frame")
        alone = read(folder, pd.concat([kept, frame]), file="kept.csv")
    assert done.facts.table.equals(alone.facts.table)
    assert done.facts.money_in == pytest.approx(alone.facts.money_in)
    (file,) = done.facts.files
    assert file.rows_in == file.rows_used + sum(one.rows for one in done.log.excluded) == len(log)


def test_everything_that_is_not_named_is_no_consent(tmp_path: Path) -> None:
    log = people_log(31)
    log["consent"] = ["yes", "Yes ", "no", "", "unknown", "true"] * (len(log) // 6)
    done = read(tmp_path, log, consent=GRANTED)
    assert done.finding("events_no_consent").startswith("3,000 rows")


def test_no_column_of_consent_is_warned_of(tmp_path: Path) -> None:
    assert "no_consent_column" in read(tmp_path, people_log(32)).names()


def test_a_consent_that_nobody_gave_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no row has a consent that counts"):
        read(tmp_path, people_log(33), consent={"column": "consent", "granted": ["granted"]})


def test_an_opt_out_list_that_fits_nobody_is_warned_of(tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("id\nnobody-1\nnobody-2\n")
    done = read(tmp_path, people_log(34), opt_out={"file": "out.csv"})
    assert done.finding("opt_out_unmatched") == "None of the 2 ids of out.csv occurs in the log."


def test_an_empty_opt_out_list_is_one(tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("id\n")
    done = read(tmp_path, people_log(34), opt_out={"file": "out.csv"})
    assert done.facts.table.equals(read(tmp_path).facts.table)


LISTS = {
    "no header": "person-00001\nperson-00002\n",
    "no header, marked": "\ufeffperson-00001\r\nperson-00002\r\n",
    "another name": "customer\nperson-00001\nperson-00002\n",
    "tabs": "id\nperson-00001\t\n\t person-00002\n",
    "no width": "id\nperson-00001\u200b\nper\u00adson-\u200b00002\n",
    "wide spaces": "id\n\u00a0person-00001\u3000\nperson-00002\v\n",
    "among columns": "why,Person \nmoved,person-00001\nasked,person-00002\u2060\n",
}


@pytest.mark.parametrize("text", LISTS.values(), ids=LISTS.keys())
def test_everybody_of_the_list_is_left_out(tmp_path: Path, text: str) -> None:
    log = people_log(34)
    (tmp_path / "out.csv").write_text(text, encoding="utf-8")
    done = read(tmp_path, log, opt_out={"file": "out.csv"})
    gone = log["person"].isin(["person-00001", "person-00002"])
    frame = log.sort_values("time").iloc[[0, -1]].assign(event="frame")
    assert done.facts.table.equals(read(tmp_path, pd.concat([log[~gone], frame]), file="kept.csv").facts.table)
    assert ("opt_out_header" in done.names()) == text.lstrip("\ufeff").startswith("person-00001")
    assert "opt_out_unmatched" not in done.names()


def test_what_cannot_be_seen_makes_no_other_person_and_no_other_consent(tmp_path: Path) -> None:
    log = people_log(34)
    plain = read(tmp_path, log, consent=GRANTED).facts.table
    odd = log.assign(person=log["person"] + "\t", consent=log["consent"] + "\u200b")
    odd.loc[::2, "person"] = "\ufeff" + log["person"]
    mixed = pd.concat([log.iloc[::3], odd.iloc[1::3], odd.iloc[2::3]])
    assert read(tmp_path, mixed, consent=GRANTED).facts.table.equals(plain)


@pytest.mark.parametrize(
    ("text", "opt_out", "says"),
    [
        ("zqx7-1,Jan Kowalski\nzqx7-2,Anna Nowak\n", {}, "the first line names no column 'person'"),
        ("zqx7-1\nzqx7-2\n", {"column": "id"}, "the first line names no column 'id'"),
        ("id\nzqx7-1\nzqx7-2,x\n", {}, "another number of fields"),
        ("id\nzqx7-1\r\nzqx7-2\r\n", {}, "its lines end in two ways"),
        ('id\nzqx7-1\n"zqx7-2\n', {}, "a quotation mark is opened"),
        ("id\n" + "zqx7-1\n" * 9_000 + "\udcff\n", {}, "the text is not UTF-8"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_where_it_is(
    tmp_path: Path, text: str, opt_out: dict[str, str], says: str
) -> None:
    (tmp_path / "out.csv").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(DataError, match=says) as refused:
        read(tmp_path, people_log(34), opt_out={"file": "out.csv", **opt_out})
    assert (refused.value.where or "").startswith("out.csv")
    whole = str(refused.value)
    assert "ids" in (refused.value.do or "")
    assert not [word for word in ("zqx7", "Jan", "Nowak", "memory_limit") if word in whole]


@pytest.mark.parametrize("hashed", [True, False])
def test_opt_outs_may_be_hashed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hashed: bool) -> None:
    log = people_log(35)
    gone = sorted(set(log["person"]))[:300]
    plain = [person.upper() for person in gone]
    digests = [hmac.new(KEY.encode(), person.encode(), hashlib.sha256).hexdigest().upper() for person in gone]
    (tmp_path / "out.csv").write_text("a;person\n" + "".join(f"1;{x}\n" for x in (digests if hashed else plain)))
    monkeypatch.setenv("LOG_KEY", KEY)
    opt_out = {"file": "out.csv", "hashed": hashed}
    done = read(tmp_path, log, opt_out=opt_out, identifiers_key_from="LOG_KEY")
    rows = int(log["person"].isin(gone).sum())
    assert done.finding("events_opted_out").startswith(f"{rows:,} rows")


def test_case_tells_people_apart_only_where_it_is_said(tmp_path: Path) -> None:
    log = people_log(36, channels={"search": 1.0}, geos={"north": 1.0}, weeks=1)
    log.loc[::2, "person"] = log["person"].str.upper()[::2]
    key = (min(read(tmp_path, log).table["first_day"]), "north", "search", "visitors")
    one = read(tmp_path).figures()[key]
    assert one == log[log["event"] == "touch"]["person"].str.lower().nunique()
    assert read(tmp_path, case_matters=True).figures()[key] == log[log["event"] == "touch"]["person"].nunique() > one


@pytest.mark.parametrize("key", [None, "short", "a" * 64, "abababababababababababababababababab"])
def test_a_key_that_can_be_guessed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str | None) -> None:
    if key is not None:
        monkeypatch.setenv("LOG_KEY", key)
    with pytest.raises(SpecError, match=r"the environment variable 'LOG_KEY' (is not set|holds a key)") as refused:
        read(tmp_path, people_log(37), identifiers="hash", identifiers_key_from="LOG_KEY")
    assert key is None or key not in str(refused.value)


def test_hashing_needs_the_name_of_a_key(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="name its environment variable"):
        read(tmp_path, people_log(37), identifiers="hash")
