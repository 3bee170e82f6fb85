"""An event log among the sources: merged counts are listed, and a count that is not told is missing, not zero."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from mmm.exceptions import DataError
from tests.test_mmm.test_data.test_joining.facts import (
    FIRST,
    WEEKS,
    Row,
    ads_rows,
    conserve,
    facts,
    named,
    room,
    spec,
    till,
    weekly,
)

CHATS = {"chats": {"file": "log.csv", "channel": "channel", "events": {"person": "id"}}}


def told(weeks: range, label: str = "chat") -> list[Row]:
    """Make counts by week, as a log gives them; each stands for many rows."""
    return [Row(FIRST + timedelta(weeks=t), {"visits": 100.0 + t % 9}, 7, label=label, rows=300) for t in weeks]


def test_what_was_merged_is_set_aside_and_listed(tmp_path):
    log = facts("chats", [*told(range(WEEKS)), *weekly({"visits": 60.0}, label="other")])
    made = room(tmp_path, [till(), facts("ads", ads_rows()), log], spec(sources=CHATS, organic=["chat_visits"]))
    conserve(made)
    assert made.panel.organic[0, 0, 3] == 103.0
    found = named(made.panel.report.findings, "merged_counts")
    assert found.says == "26 rows excluded: counts of too few people, which were merged over channels."


def test_a_count_that_is_not_told_is_missing(tmp_path):
    some = [t for t in range(WEEKS) if t != 11]
    rows = [Row(FIRST + timedelta(weeks=t), {"visits": 100.0 + t % 9}, 7, label="chat", rows=300) for t in some]
    rows += told(range(WEEKS), "web")
    log = facts("chats", rows)
    given = [till(), facts("ads", ads_rows()), log]
    with pytest.raises(DataError, match=r"source chats: 1 week missing of 'chat_visits': 2024-03-18"):
        room(tmp_path, given, spec(sources=CHATS, organic=["chat_visits", "web_visits"]))
    line = spec(sources=CHATS, organic=["chat_visits", "web_visits"], data={"missing": {"chat_visits": "interpolate"}})
    made = room(tmp_path, given, line)
    conserve(made)
    assert made.panel.organic[0, 0, 11] == pytest.approx((101.0 + 103.0) / 2)
    assert made.panel.weeks[11].item() == date(2024, 3, 18)
