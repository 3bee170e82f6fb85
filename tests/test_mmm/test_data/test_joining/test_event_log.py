"""An event log among the sources: merged counts are listed, and a count that is not told is missing, not zero."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from mmm.data.events.spec import OTHER
from mmm.exceptions import DataError
from tests.test_mmm.test_data.test_joining.facts import (
    FIRST,
    WEEKS,
    Row,
    ads_rows,
    by_geo,
    conserve,
    facts,
    geo_ads,
    geo_till,
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
    log = facts("chats", [*told(range(WEEKS)), *weekly({"visits": 60.0}, label=OTHER)])
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


BY_GEO = {"chats": {"file": "log.csv", "channel": "channel", "geo": "region", "events": {"person": "id"}}}


def test_what_a_log_s_names_mean_is_decided_once(tmp_path):
    """Its names are the model's: lines of join that map those again, or catch what is left, are not for them."""
    join = {"channels": {"chat": "search"}, "campaigns": {"*": "search"}}
    log = facts("chats", [*told(range(WEEKS)), *weekly({"visits": 60.0}, label=OTHER)])
    asked = spec(sources=CHATS, organic=["chat_visits", "search_visits"], join=join)
    with pytest.raises(DataError, match="'search_visits'"):
        room(tmp_path, [till(), facts("ads", ads_rows()), log], asked)
    made = room(
        tmp_path, [till(), facts("ads", ads_rows()), log], spec(sources=CHATS, organic=["chat_visits"], join=join)
    )
    conserve(made)
    assert made.panel.organic[0, 0, 3] == 103.0
    assert named(made.panel.report.findings, "merged_counts")


def test_a_log_s_geos_are_decided_once(tmp_path):
    visits = {"north": 65.0, "south": 70.0}
    rows = [row for geo, many in visits.items() for row in weekly({"visits": many}, geo=geo, label="chat")]
    written = {"n": 2.0, "north": 2.0}
    given = [geo_till(written), facts("ads", geo_ads(written)), facts("chats", rows)]
    join = {"geos": {"n": "north", "north": "south"}}
    made = room(tmp_path, given, spec(sources=BY_GEO, organic=["chat_visits"], data=by_geo(), join=join))
    assert made.panel.geos == ("north", "south")
    assert made.panel.organic[0, :, 3].tolist() == [65.0, 70.0]


@pytest.mark.parametrize(
    ("labels", "geos", "says"),
    [
        (("chat", "Chat_"), (None,), "the people of 'Chat_', 'chat' would be added up to one 'chat_visits'"),
        (("chat",), ("a", "b"), "the people of 'a', 'b' would be added up .* Remove 'geo' from sources.chats"),
    ],
)
def test_people_of_two_names_are_not_added_up(tmp_path, labels, geos, says):
    rows = [row for label in labels for geo in geos for row in weekly({"visits": 60.0}, geo=geo, label=label)]
    given = [till(), facts("ads", ads_rows()), facts("chats", rows)]
    events = {"person": "id", "metrics": {"visits": {"count": "people"}}}
    sources = {"chats": BY_GEO["chats"] | {"events": events}}
    with pytest.raises(DataError, match=says):
        room(tmp_path, given, spec(sources=sources, organic=["chat_visits"]))
    sources = {"chats": BY_GEO["chats"]}
    assert room(tmp_path, given, spec(sources=sources, organic=["chat_visits"])).panel.organic[0, 0, 3] == 120.0
