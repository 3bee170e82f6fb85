"""A log beside a weekly file: its counts stand in the panel, its accounts in the ledger."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mmm.data import PanelSpec
from mmm.data.joining.joined import Room
from mmm.data.joining.room import read_room
from tests.test_mmm.test_data.test_events.world import people_log, weeks_of

WEEKS = 16


def test_counts_of_a_log_stand_in_the_panel(tmp_path: Path) -> None:
    log = people_log(71, rows=16_000, weeks=WEEKS, channels={"Search": 0.55, "social": 0.44, "rare": 0.01})
    log.to_csv(tmp_path / "log.csv", index=False)
    weeks = [date.fromisocalendar(2025, 2 + i, 1) for i in range(WEEKS)]
    rng = np.random.default_rng(1)
    book = pd.DataFrame({"week": weeks, "revenue": rng.uniform(9e3, 1.1e4, WEEKS).round(2)})
    for name in ("search", "social"):
        book[f"{name}_spend"] = rng.uniform(500, 900, WEEKS).round(2)
    book.to_csv(tmp_path / "book.csv", index=False)
    spec = PanelSpec.model_validate(
        {
            "data": {"outcome": "revenue"},
            "channels": {
                name: {"spend": f"{name}_spend", "exposure": f"{name}_visits"} for name in ("search", "social")
            },
            "sources": {
                "book": {"file": "book.csv", "date": "week"},
                "web": {
                    "file": "log.csv",
                    "date": "time",
                    "channel": "channel",
                    "events": {
                        "person": "person",
                        "kind": "event",
                        "metrics": {"visits": {"count": "events", "of": ["touch"]}},
                        "consent": {"column": "consent", "granted": ["yes"]},
                    },
                },
            },
        }
    )
    room = read_room(spec, tmp_path, today=date(2025, 12, 31))
    counted = log[(log["event"] == "touch") & (log["consent"] == "yes")].assign(week=weeks_of(log))
    cells = room.joined.cells.to_pandas()
    for channel, name in (("Search", "search"), ("social", "social")):
        own = cells[cells["series"] == f"{name}_visits"].groupby("week")["value"].sum()
        expected = counted[counted["channel"] == channel].groupby("week").size()
        assert own.to_dict() == pytest.approx(expected.to_dict())
    assert len(room.panel.weeks) == WEEKS
    account = next(one for one in room.joined.sources if one.source == "web")
    assert account.rows_in == len(log)
    ledger = room.panel.report.ledger
    assert ledger.rows_in == ledger.rows_used + sum(one.rows for one in ledger.excluded)
    assert "no_consent_column" not in {finding.name for finding in room.panel.report.findings}


def _room(folder: Path, log: pd.DataFrame, join: dict[str, Any], **events: Any) -> Room:
    """Join a log of one channel with its book."""
    log.to_csv(folder / "log.csv", index=False)
    weeks = [date.fromisocalendar(2025, 2 + i, 1) for i in range(WEEKS)]
    rng = np.random.default_rng(1)
    book = pd.DataFrame({"week": weeks, "revenue": rng.uniform(9e3, 1.1e4, WEEKS).round(2)})
    book["search_spend"] = rng.uniform(500, 900, WEEKS).round(2)
    book.to_csv(folder / "book.csv", index=False)
    declared = {"person": "person", "kind": "event", "metrics": {"visitors": {"count": "people", "of": ["touch"]}}}
    body = {
        "data": {"outcome": "revenue"},
        "channels": {"search": {"spend": "search_spend", "exposure": "search_visitors"}},
        "join": join,
        "sources": {
            "book": {"file": "book.csv", "date": "week"},
            "web": {"file": "log.csv", "date": "time", "channel": "channel", "events": declared | events},
        },
    }
    return read_room(PanelSpec.model_validate(body), folder, today=date(2025, 12, 31))


def test_lines_of_join_that_a_log_needs_are_not_idle_and_what_was_merged_catches_none(tmp_path: Path) -> None:
    log = people_log(72, rows=12_000, weeks=WEEKS, channels={"Google": 0.5, "Se-arch": 0.48, "rare": 0.01, "few": 0.01})
    join = {"channels": {"Google": "search"}, "campaigns": {"*": "search"}, "ignore": ["rare", "few"]}
    made = _room(tmp_path, log, join)
    found = {one.name: one.says for one in made.panel.report.findings}
    assert "idle_lines" not in found
    assert "'Google' as 'search', 'Se-arch' as 'search'" in found["events_names"]
    touches = log[(log["event"] == "touch") & log["channel"].isin(["Google", "Se-arch"])].assign(week=weeks_of(log))
    expected = touches.groupby("week")["person"].nunique().to_list()
    assert made.panel.exposure[0, 0].tolist() == expected


@pytest.mark.parametrize("ids", ["event", "session", "person"])
def test_ids_that_never_occur_again_are_warned_of(tmp_path: Path, ids: str) -> None:
    log = people_log(73, rows=6_000, people=900, weeks=WEEKS, channels={"search": 1.0})
    if ids == "event":
        log["person"] = [f"e{i}" for i in range(len(log))]
    elif ids == "session":
        log["person"] += log["time"].str[:10]
    found = {one.name: one.says for one in _room(tmp_path, log, {}).panel.report.findings}
    assert ("events_no_return" in found) == (ids != "person")
    assert ids == "person" or "occurs in a second week" in found["events_no_return"]
