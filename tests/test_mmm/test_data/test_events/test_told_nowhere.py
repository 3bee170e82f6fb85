"""The whole way, ``check`` and ``trace``: what few people wrote into a log stands in no file, page, or line shown."""

from __future__ import annotations

import re
import traceback
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner

import mixwise
from mmm.exceptions import MixwiseError
from tests.test_mmm.test_data.test_events.world import people_log

WEEKS = 16
MARK = "zqx7"
ADDRESS = f"{MARK}.maria@example.org"


def room(folder: Path, log: pd.DataFrame, **events: object) -> Path:
    """Write a log, a weekly file beside it, and their model file."""
    log.to_parquet(folder / "log.parquet")
    rng = np.random.default_rng(1)
    book = pd.DataFrame({"week": [date.fromisocalendar(2025, 2 + i, 1) for i in range(WEEKS)]})
    for name, level in (("revenue", 9e3), ("search_spend", 500), ("social_spend", 600)):
        book[name] = rng.uniform(level, 1.4 * level, WEEKS).round(2)
    book.to_csv(folder / "book.csv", index=False)
    declared = {"person": "person", "kind": "event", "metrics": {"visits": {"count": "events", "of": ["touch"]}}}
    names = ("search", "social")
    body = {
        "data": {"outcome": "revenue"},
        "channels": {name: {"spend": f"{name}_spend", "exposure": f"{name}_visits"} for name in names},
        "join": {"campaigns": {"search *": "search", "*": "social"}},
        "sources": {
            "book": {"file": "book.csv", "date": "week"},
            "web": {"file": "log.parquet", "date": "time", "channel": "channel", "events": declared | events},
        },
    }
    (folder / "model.yaml").write_text(yaml.safe_dump(body, sort_keys=False))
    return folder / "model.yaml"


def said_and_written(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run a command; returns its exit code, and all that it said, refused with or wrote, as text."""
    done = CliRunner().invoke(mixwise.cli, list(arguments))
    refused = done.exception
    assert refused is None or isinstance(refused, MixwiseError), refused
    whole = "" if refused is None else "".join(traceback.format_exception(refused))
    mine = ("log.parquet", "book.csv", "model.yaml", "optout.csv")
    written = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name not in mine}
    lineage = [pd.read_parquet(path).to_csv() for path in written if path.suffix == ".parquet"]
    text = "".join(raw.decode("utf-8", "replace") for raw in written.values())
    code = 0 if refused is None else refused.exit_code
    return code, "\n".join([done.output, whole, text, *lineage, *(path.name for path in written)])


def test_nothing_of_few_people_is_written_or_shown(tmp_path: Path) -> None:
    log = people_log(72, rows=16_000, weeks=WEEKS, channels={"search a": 0.5, "social": 0.5})
    log["person"] = [f"{MARK}-{person}" for person in log["person"]]
    for column, rows in (("event", range(0, 400, 11)), ("consent", range(5, 400, 13))):
        log.loc[list(rows), column] = f"{MARK} {column} of a person"
    log["comment"] = f"{MARK} wants it back"
    (tmp_path / "optout.csv").write_text("person\n" + "\n".join(log["person"][:50]))
    model = room(tmp_path, log, consent={"column": "consent", "granted": ["yes", "no"]}, opt_out={"file": "optout.csv"})
    code, told = said_and_written(tmp_path, "check", str(model))
    assert code == 0, told[-1_500:]
    assert {path.name for path in (tmp_path / "check").iterdir()} >= {"panel.csv", "lineage.parquet"}
    assert MARK not in told
    asked = ("--week", "2025-02-03", "--channel", "search", "--exposure")
    code, told = said_and_written(tmp_path, "trace", str(model.parent / "check"), *asked)
    assert code == 0, told[-1_500:]
    assert re.search(r"log\.parquet, cell \d+, \d+ rows of the log\n", told) is not None
    assert MARK not in told


@pytest.mark.parametrize("column", ["channel", "event", "consent", "comment", "person"])
def test_one_address_at_the_end_of_a_log_stops_the_check_and_is_not_said(tmp_path: Path, column: str) -> None:
    log = people_log(73, rows=6_000, weeks=WEEKS).assign(comment="")
    log.loc[5_999, column] = ADDRESS
    model = room(tmp_path, log, consent={"column": "consent", "granted": ["yes"]})
    code, told = said_and_written(tmp_path, "check", str(model))
    assert code == 2
    assert f"column {column}: the column holds e-mail addresses" in " ".join(told.split())
    assert MARK not in told
