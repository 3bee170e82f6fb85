"""Days of which a daily source says nothing."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.test_mmm.test_data.test_sources.room import named, read, write

SOURCE = {"file": "a.csv", "date": "day", "channel": "campaign", "metrics": {"spend": "spend"}}
DAYS = [date(2024, 1, 1) + timedelta(days=n) for n in range(70)]


def _told(folder: Path, days: list[date], **source: str) -> dict[str, str]:
    lines = [f"{day},{name},{day.day + n}" for day in days for n, name in enumerate("AB")]
    write(folder, {"a.csv": "\n".join(["day,campaign,spend", *lines]) + "\n"})
    _, log = read(folder, SOURCE | source)
    return {finding.name: finding.says for finding in log.findings}


@pytest.mark.parametrize("gone", [(16,), (16, 17), (16, 30, 31)])
def test_a_hole_is_told(gone: tuple[int, ...], tmp_path: Path) -> None:
    told = _told(tmp_path, [day for n, day in enumerate(DAYS) if n not in gone])
    assert "2024-01-17" in told["silent_days"]
    assert f"On {len(gone)} day" in told["silent_days"]


def test_a_shop_closed_on_sundays(tmp_path: Path) -> None:
    told = _told(tmp_path, [day for n, day in enumerate(DAYS) if day.weekday() < 6])
    assert "no rows on Sundays" in told["closed_days"]
    assert "silent_days" not in told
    told = _told(tmp_path, [day for n, day in enumerate(DAYS) if day.weekday() < 6 and n != 16])
    assert set(told) == {"closed_days", "silent_days"}


@pytest.mark.parametrize(
    ("days", "source"),
    [
        (DAYS, {}),
        ([*DAYS[:20], *DAYS[34:]], {}),  # a pause of two weeks
        (DAYS[::3], {"grain": "daily"}),  # mailings
        (DAYS[::7], {}),
    ],
)
def test_pauses_and_days_of_their_own_are_not(days: list[date], source: dict[str, str], tmp_path: Path) -> None:
    assert not _told(tmp_path, days, **source)


def test_the_finding_names_the_file(tmp_path: Path) -> None:
    write(tmp_path, {"a.csv": "day,campaign,spend\n" + "".join(f"{d},A,1\n" for d in DAYS if d.day != 9)})
    assert named(read(tmp_path, SOURCE)[1], "silent_days").where == "a.csv"
