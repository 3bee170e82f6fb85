"""One metric less another tells of nobody: of people who are in one count only, and of sums that hardly differ."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mmm.exceptions import DataError
from tests.test_mmm.test_data.test_events.world import people_log, read, weeks_of

TOUCH, BOTH = {"count": "people", "of": ["touch"]}, {"count": "people", "of": ["touch", "purchase"]}


@pytest.mark.parametrize(
    "second",
    [BOTH, {"count": "people"}, {"count": "people", "of": ["Touch ", "view"]}],
    ids=["more kinds", "all kinds", "written otherwise"],
)
def test_people_of_kinds_that_overlap_are_refused(tmp_path: Path, second: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="the difference of the two may be one person"):
        read(tmp_path, people_log(91), metrics={"visitors": TOUCH, "everyone": second})


def test_people_of_the_same_kinds_or_of_others_are_not(tmp_path: Path) -> None:
    metrics = {"visitors": TOUCH, "again": TOUCH, "buyers": {"count": "people", "of": ["purchase"]}}
    done = read(tmp_path, people_log(92, geos={"north": 1.0}), metrics=metrics)
    assert {key[3] for key in done.figures()} == {"visitors", "again", "buyers"}


@pytest.mark.parametrize("few", [0, 20, 80])
def test_sums_that_differ_for_few_people_are_not_shown(tmp_path: Path, few: int) -> None:
    """Gross less net is what was returned: by nobody, by 20 people, or by 80."""
    log = people_log(93, rows=8_000, people=4_000, channels={"search": 1.0}, geos={"north": 1.0})
    log = log[log["event"] == "purchase"].assign(week=weeks_of(log)).drop_duplicates(["week", "person"])
    place = log.groupby("week").cumcount()
    odd = place.lt(few) & log["week"].eq(log["week"].min())
    log = log.assign(net=np.where(odd, 0.5, 1.0) * log["value"]).drop(columns="week")
    metrics = {
        "gross": {"sum": "value", "of": ["purchase"]},
        "net": {"sum": "net", "of": ["purchase"]},
    }
    if few == 20:
        # With the only cell in which they differ, nothing can be left out that hides how few they are.
        with pytest.raises(DataError, match="two sums of 'gross, net' differ for fewer than 50 people"):
            read(tmp_path, pd.DataFrame(log), metrics=metrics)
        return
    done = read(tmp_path, pd.DataFrame(log), metrics=metrics)
    assert len(done.figures()) == 6


def test_the_rest_of_two_sums_is_of_enough_people_too(tmp_path: Path) -> None:
    """A week of 20 returns is left out together with one of 80."""
    log = people_log(94, rows=8_000, people=4_000, channels={"search": 1.0}, geos={"north": 1.0}, weeks=4)
    log = log[log["event"] == "purchase"].assign(week=weeks_of(log)).drop_duplicates(["week", "person"])
    place, week = log.groupby("week").cumcount(), log.groupby("week").ngroup()
    odd = place.lt(week.map({0: 80, 1: 20, 2: 80, 3: 0}))
    log = log.assign(net=np.where(odd, 0.5, 1.0) * log["value"]).drop(columns="week")
    metrics = {"gross": {"sum": "value", "of": ["purchase"]}, "net": {"sum": "net", "of": ["purchase"]}}
    done = read(tmp_path, log, metrics=metrics)
    shown = {key[0] for key in done.figures()}
    assert len(shown) == 2
    assert sorted(weeks_of(log).unique())[1] not in shown
