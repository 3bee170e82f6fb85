"""A week's or a month's figure among those of days is a question, not a figure of one day."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.test_mmm.test_data.test_sources.room import LONG, read, refused, write

HEAD = "Day,Campaign,Cost,Clicks\n"
DAYS = [date(2024, 1, 1) + timedelta(days=n) for n in range(120)]
MONTHS = [date(2024, month, 1) for month in range(1, 5)]


def rows(days: list[date], name: str) -> str:
    """Write a row a day, with figures that differ."""
    return "".join(f"{day},{name},{n % 11}.5,{n}\n" for n, day in enumerate(days))


def on(weekday: int, many: int = 10) -> list[date]:
    """Return dates a week apart; Monday 0."""
    return [day for day in DAYS if day.weekday() == weekday][:many]


@pytest.mark.parametrize(("tv", "says"), [(on(6), "Sundays only, 2024-01-07"), (MONTHS, "one a month, 2024-01-01")])
def test_a_coarser_channel_is_a_question(tv: list[date], says: str, tmp_path: Path) -> None:
    write(tmp_path, {"a.csv": HEAD + rows(DAYS, "search") + rows(tv, "tv")})
    told = refused(tmp_path, {"file": "a.csv", **LONG})
    assert f"the dates of 'tv' are {says}" in told
    assert "sources.ads.grain: daily" in told
    facts, _ = read(tmp_path, {"file": "a.csv", "grain": "daily", **LONG})
    assert facts.table["first_day"] == facts.table["last_day"]


def test_a_coarser_file_is_a_question(tmp_path: Path) -> None:
    write(tmp_path, {"ex/1.csv": HEAD + rows(on(6, 5), "search"), "ex/2.csv": HEAD + rows(DAYS[40:], "search")})
    told = refused(tmp_path, {"file": "ex", **LONG})
    assert told.startswith("ex/1.csv: the dates of the file are Sundays only")


@pytest.mark.parametrize("tv", [on(0), on(2, 7), DAYS[30:33]])
def test_weeks_of_the_panel_a_few_dates_and_short_flights_are_none(tv: list[date], tmp_path: Path) -> None:
    write(tmp_path, {"a.csv": HEAD + rows(DAYS, "search") + rows(tv, "tv")})
    facts, _ = read(tmp_path, {"file": "a.csv", **LONG})
    assert len(facts.table) == 2 * (len(DAYS) + len(tv))
