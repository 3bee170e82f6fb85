"""A log in a model with other sources: read once, and what it leaves out is neither nothing nor a riddle."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mmm.data import PanelSpec
from mmm.data.events.shared import refuse_shared_logs
from mmm.data.joining.joined import Room
from mmm.data.joining.room import read_room
from mmm.data.sources.spec import SourceSpec
from mmm.exceptions import DataError
from tests.test_mmm.test_data.test_events.world import people_log, weeks_of

WEEKS = 10
VISITS = {"visits": {"count": "events", "of": ["touch"]}}
EVENTS = {"person": "person", "kind": "event", "metrics": VISITS}
WEB: dict[str, Any] = {"file": "log.csv", "date": "time", "channel": "channel", "events": EVENTS}
NOISY = EVENTS | {"privacy": {"release": "told.json"}}
DAYS = {"file": "log.csv", "date": "time", "metrics": {"sales": "value"}}


@pytest.mark.parametrize(
    ("second", "do"),
    [
        (WEB | {"channel": None}, "Declare the metrics of both under one source"),
        (WEB | {"file": "*.csv"}, "Declare the metrics of both under one source"),
        (WEB | {"file": "copy.csv"}, "Declare the metrics of both under one source"),
        (DAYS, "Read it as a log of events only"),
        (WEB | {"events": NOISY}, None),
        (WEB | {"file": "other.csv"}, None),
    ],
    ids=["same", "pattern", "copy", "rows", "noise", "another"],
)
def test_a_log_is_read_by_one_source(tmp_path: Path, second: dict[str, Any], do: str | None) -> None:
    people_log(101, rows=50).to_csv(tmp_path / "log.csv", index=False)
    people_log(102, rows=50).to_csv(tmp_path / "other.csv", index=False)
    shutil.copy(tmp_path / "log.csv", tmp_path / "copy.csv")
    sources = {"web": SourceSpec.model_validate(WEB), "all": SourceSpec.model_validate(second)}
    if do is None:
        refuse_shared_logs(sources, tmp_path)
        return
    with pytest.raises(DataError, match=r"'all' and 'web' read the same log, \w+\.csv") as refused:
        refuse_shared_logs(sources, tmp_path)
    assert do in refused.value.do


def test_tables_of_one_database_are_different_logs(tmp_path: Path) -> None:
    (tmp_path / "shop.duckdb").write_bytes(b"\0" * 8 + b"DUCK")
    body = WEB | {"file": "shop.duckdb"}
    one, other = (SourceSpec.model_validate(body | {"table": table}) for table in ("touches", "orders"))
    refuse_shared_logs({"a": one, "b": other}, tmp_path)
    with pytest.raises(DataError, match="read the same log"):
        refuse_shared_logs({"a": one, "b": one}, tmp_path)


def _room(folder: Path, log: pd.DataFrame, **data: Any) -> Room:
    log.to_csv(folder / "log.csv", index=False)
    rng = np.random.default_rng(1)
    book = pd.DataFrame({"week": [date.fromisocalendar(2025, 2 + i, 1) for i in range(WEEKS)]})
    for name in ("revenue", "search_spend", "social_spend"):
        book[name] = rng.uniform(500, 900, WEEKS).round(2)
    book.to_csv(folder / "book.csv", index=False)
    channels = {name: {"spend": f"{name}_spend", "exposure": f"{name}_visits"} for name in ("search", "social")}
    sources = {"book": {"file": "book.csv", "date": "week"}, "web": WEB}
    body = {"data": {"outcome": "revenue"} | data, "channels": channels, "sources": sources}
    return read_room(PanelSpec.model_validate(body), folder, today=date(2025, 12, 31))


def _log(seed: int) -> pd.DataFrame:
    log = people_log(seed, rows=9_000, weeks=WEEKS, channels={"search": 0.6, "social": 0.4}, geos={"north": 1.0})
    return log.assign(event="touch")


def test_a_small_channel_costs_the_first_week_and_no_more(tmp_path: Path) -> None:
    log = _log(103)
    mondays = [date.fromisocalendar(2025, 2 + i, 1) for i in range(WEEKS)]
    listeners = [
        {"person": f"person-{i:05d}", "time": f"{day} 10:00:00", "event": "touch", "channel": "podcast"}
        for day in mondays
        for i in range(20)
    ]
    room = _room(tmp_path, pd.concat([log, pd.DataFrame(listeners)], ignore_index=True))
    assert list(room.panel.weeks.astype("O")) == mondays[1:]
    told = next(one for one in room.panel.report.findings if one.name == "events_given_up")
    assert "social, 2025-01-06" in told.says
    assert "join.channels" in told.do


@pytest.mark.parametrize("data", [{}, {"gaps": "no_spend"}], ids=["refuse", "fill"])
def test_what_a_log_left_out_is_not_offered_as_zero(tmp_path: Path, data: dict[str, str]) -> None:
    log = _log(104)
    thin = (log["channel"] == "social") & (weeks_of(log) == date(2025, 2, 3)) & (np.arange(len(log)) % 12 != 0)
    with pytest.raises(DataError, match=r"1 week missing of 'social_visits': 2025-02-03") as refused:
        _room(tmp_path, log[~thin], **data)
    assert "they were left out because they, or another cell" in refused.value.do
    assert "join.channels" in refused.value.do
    assert ": zero" not in refused.value.do
    assert "no_spend" not in refused.value.do


def test_a_channel_that_is_always_small_is_no_riddle(tmp_path: Path) -> None:
    log = _log(105)
    log = log[(log["channel"] == "search") | (np.arange(len(log)) % 30 == 0)]
    with pytest.raises(DataError, match="no source gives 'social_visits'") as refused:
        _room(tmp_path, log)
    assert "A channel of the log 'web' that is of too few people in every period is never told." in refused.value.do
