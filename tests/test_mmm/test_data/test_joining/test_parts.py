"""Sources that are parts of one channel: weeks that one of them covers in part, or lacks."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mmm.data.sources.facts import Facts
from mmm.exceptions import DataError
from tests.test_mmm.test_data.test_joining.facts import (
    FIRST,
    WEEKS,
    Row,
    ads_rows,
    by_geo,
    conserve,
    daily,
    facts,
    geo_ads,
    geo_till,
    named,
    room,
    spec,
    till,
    weekly,
)

THURSDAY = FIRST + timedelta(weeks=8, days=3)


def parts(**data: Any) -> Any:
    return spec(
        data=data,
        sources={"more": {"file": "more.csv", "date": "day", "channel": "campaign"}},
        join={"same": {"search": ["ads", "more"]}},
    )


def more(rows: list[Row]) -> Facts:
    return facts("more", rows)


def test_a_part_that_begins_within_a_week_counts_with_the_days_it_has(tmp_path: Path) -> None:
    rows = daily({"spend": 2.0}, 7 * WEEKS - 59, THURSDAY, label="search")
    made = room(tmp_path, [till(), facts("ads", ads_rows()), more(rows)], parts())
    conserve(made)
    search = made.panel.spend[0, 0]
    assert search[7:10].tolist() == [10.0 + 7 % 7, 10.0 + 8 % 7 + 4 * 2.0, 10.0 + 9 % 7 + 7 * 2.0]
    told = named(made.panel.report.findings, "part_missing")
    assert "more has 2024-02-29 to 2024-06-30; of the week of 2024-02-26 more has 4 of 7 days" in told.says
    assert not made.panel.report.ledger.excluded


def test_a_part_that_ends_within_the_last_week_takes_the_week_with_it(tmp_path: Path) -> None:
    rows = daily({"spend": 2.0}, 7 * WEEKS - 4, label="search")
    made = room(tmp_path, [till(), facts("ads", ads_rows()), more(rows)], parts())
    conserve(made)
    assert made.panel.n_weeks == WEEKS - 1
    assert made.panel.spend[0, 0, -1] == 10.0 + (WEEKS - 2) % 7 + 14.0
    listed = {item.reason: item.spend for item in made.panel.report.ledger.excluded if item.spend}
    assert listed["the source holds a part of this period only"] == {"search": 6.0}
    assert listed["another source of the same sum holds a part of this period only"] == {"search": 14.0}


def test_a_week_that_a_part_lacks_between_its_first_and_its_last_is_asked_about(tmp_path: Path) -> None:
    rows = [row for t, row in enumerate(weekly({"spend": 2.0}, label="search")) if t not in (9, 10)]
    given = [till(), facts("ads", ads_rows()), more(rows)]
    asked = (
        r"source more: 'search_spend' is a sum, and its part of this source is missing in 2 periods between its first "
        r"and its last: 2024-03-04, 2024-03-11\. Add the rows, of 0 if there was nothing; or declare data\.missing"
    )
    with pytest.raises(DataError, match=asked):
        room(tmp_path, given, parts())
    for declared in ({"gaps": "no_spend"}, {"missing": {"search_spend": "zero"}}):
        made = room(tmp_path, given, parts(**declared))
        conserve(made)
        assert made.panel.spend[0, 0, 8:11].tolist() == [10.0 + 8 % 7 + 2.0, 10.0 + 9 % 7, 10.0 + 10 % 7]


def test_a_geo_of_which_a_part_lacks_a_week_is_missing_in_it(tmp_path: Path) -> None:
    geos = {"north": 2.0, "south": 2.0}
    rows = [
        row
        for geo in geos
        for t, row in enumerate(weekly({"spend": 2.0}, label="search", geo=geo))
        if (t, geo) != (9, "south")
    ]
    made = room(tmp_path, [geo_till(geos), facts("ads", geo_ads(geos)), more(rows)], parts(**by_geo()))
    conserve(made)
    assert made.panel.observed.sum() == 2 * WEEKS - 1
    assert not made.panel.observed[1, 9]
    assert "another source has no row" in named(made.panel.report.findings, "source_gap").says
