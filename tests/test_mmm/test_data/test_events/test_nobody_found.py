"""Nobody is found: not in small cells, not by subtracting what is shown from what is listed, not between metrics."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mmm.data.events.spec import OTHER
from mmm.exceptions import DataError
from tests.test_mmm.test_data.test_events.world import METRICS, Read, people_log, read, weeks_of

SHARES = st.lists(st.floats(0.005, 1.0), min_size=2, max_size=5)
FEW = {"max_examples": 6, "deadline": None, "suppress_health_check": [HealthCheck.too_slow]}


def _shares(weights: list[float], prefix: str) -> dict[str, float]:
    total = sum(weights)
    return {f"{prefix}{i}": weight / total for i, weight in enumerate(weights)}


def _people_behind(log: pd.DataFrame, done: Read, kind: str, metric: str) -> tuple[list[int], set[str], int]:
    """Return people behind each shown figure of a kind, who is left out, and how many of their rows."""
    own = log[(log["event"] == kind) & (log["consent"] == "yes")].assign(week=weeks_of(log))
    cells = dict(list(own.groupby(["week", "geo", "channel"])))
    figures = {key[:3]: value for key, value in done.figures().items() if key[3] == metric and value}
    people = [cells.pop(key)["person"].nunique() for key in list(figures) if key[2] != OTHER]
    for (week, geo, label), value in figures.items():
        if label == OTHER:
            # Which channels were merged is told nowhere: they are some of those that are not shown.
            mine = [key for key in cells if key[:2] == (week, geo)]
            merged = pd.concat([cells.pop(key) for key in mine])
            people.append(merged["person"].nunique())
            told = merged["value"].sum() if metric == "revenue" else len(merged)
            assert value == pytest.approx(told)
    left = pd.concat(cells.values()) if cells else own.iloc[:0]
    return people, set(left["person"]), len(left)


@settings(**FEW)
@given(st.integers(0, 10_000), SHARES, st.lists(st.floats(0.005, 1.0), min_size=1, max_size=3), st.booleans())
def test_no_figure_and_no_remainder_is_of_fewer_than_50_people(
    seed: int, channels: list[float], geos: list[float], known: bool
) -> None:
    log = people_log(seed, rows=3_000, people=700, weeks=2, channels=_shares(channels, "c"), geos=_shares(geos, "g"))
    with TemporaryDirectory() as folder:
        consent = {"column": "consent", "granted": ["yes"]}
        done = read(Path(folder), log, consent=consent, totals_known=known)
    (file,) = done.facts.files
    assert file.rows_in == file.rows_used + sum(one.rows for one in done.log.excluded)
    for kind, metric, names in (("touch", "visits", "visits, visitors"), ("purchase", "revenue", "revenue")):
        people, left, rows = _people_behind(log, done, kind, metric)
        assert min(people) >= 50
        assert not left or len(left) >= 50
        listed = [one for one in done.log.excluded if one.reason.startswith(f"their cells of {names} ")]
        assert sum(one.rows for one in listed) == rows
    if known:
        _totals_tell_nothing(log, done)


def _totals_tell_nothing(log: pd.DataFrame, done: Read) -> None:
    """A total of geo and week less what is shown of it is of nobody, or of 50 people or more."""
    own = log[(log["event"] == "touch") & (log["consent"] == "yes")].assign(week=weeks_of(log))
    shown = {key[:3] for key, value in done.figures().items() if key[3] == "visits" and value}
    for (week, geo), cell in own.groupby(["week", "geo"]):
        rest = cell[[(week, geo, channel) not in shown for channel in cell["channel"]]]
        total_is_shown = any(key[:2] == (week, geo) for key in shown)
        if total_is_shown and len(rest):
            assert rest["person"].nunique() >= 50


def test_one_small_cell_takes_another_with_it(tmp_path: Path) -> None:
    """The total of what is listed would otherwise be the one small cell."""
    log = people_log(21, channels={"search": 0.5, "social": 0.5}, geos={"north": 1.0}, weeks=2)
    podcast = pd.DataFrame(
        {
            "person": [f"listener-{i}" for i in range(20)],
            "time": "2025-01-08 10:00:00",
            "event": "touch",
            "channel": "podcast",
            "geo": "north",
            "consent": "yes",
            "value": np.nan,
        }
    )
    both = pd.concat([log, podcast], ignore_index=True)
    done = read(tmp_path, both)
    listed = [one for one in done.log.excluded if "visits" in one.reason]
    assert [one.rows for one in listed] != [20]
    people, left, _ = _people_behind(both.assign(consent="yes"), done, "touch", "visits")
    assert len(left) >= 50
    assert min(people) >= 50


def test_metrics_that_share_events_tell_no_difference(tmp_path: Path) -> None:
    """All events less touches are purchases: where purchases are of few people, both are left out."""
    log = people_log(22, geos={"north": 1.0}, channels={"search": 0.5, "social": 0.5})
    rare = (log["event"] == "purchase") & (log["channel"] == "social") & (np.arange(len(log)) % 12 != 0)
    metrics = {"all": {"count": "events"}, "visits": {"count": "events", "of": ["touch"]}}
    done = read(tmp_path, log[~rare], metrics=metrics)
    kept = log[~rare].assign(week=weeks_of(log))
    for (week, geo, label, metric), value in done.figures().items():
        if metric != "all" or label == OTHER:
            continue
        cell = kept[(kept["week"] == week) & (kept["geo"] == geo) & (kept["channel"] == label)]
        bought = cell[cell["event"] == "purchase"]["person"].nunique()
        assert value == len(cell)
        assert bought == 0 or bought >= 50


def test_a_sum_that_one_person_makes_is_warned_of(tmp_path: Path) -> None:
    log = people_log(23, channels={"search": 0.5, "social": 0.5}, geos={"north": 1.0})
    assert "events_dominated" not in read(tmp_path, log).names()
    log.loc[log[log["event"] == "purchase"].index[0], "value"] = 1e6
    assert read(tmp_path, log).finding("events_dominated") == "In 1 cell one person gives more than half of a sum."


@pytest.mark.parametrize("few", [49, 50])
def test_fifty_is_the_least(tmp_path: Path, few: int) -> None:
    log = pd.DataFrame(
        {
            "person": [f"p{i}" for day in range(7) for i in range(few)],
            "time": [f"2025-01-{6 + day:02} 10:00:00" for day in range(7) for i in range(few)],
            "channel": "search",
        }
    )
    asked: dict[str, Any] = {"kind": None, "metrics": {"people": {"count": "people"}}, "source": {"geo": None}}
    if few < 50:
        with pytest.raises(DataError, match="of fewer than 50 people in every channel, geo and period"):
            read(tmp_path, log, **asked)
        return
    assert list(read(tmp_path, log, **asked).figures().values()) == [50.0]
    with pytest.raises(DataError, match="fewer than 60 people"):
        read(tmp_path, minimum_people=60, **asked)
    with pytest.raises(ValueError, match="fewer than 50 people would tell of single ones"):
        read(tmp_path, minimum_people=49, **asked)


def test_a_total_beside_its_parts_is_refused(tmp_path: Path) -> None:
    metrics = METRICS | {"all": {"count": "events", "by_channel": False}}
    with pytest.raises(ValueError, match="a total less its parts"):
        read(tmp_path, people_log(), metrics=metrics)


def test_small_reasons_are_told_together(tmp_path: Path) -> None:
    log = people_log(24)
    (tmp_path / "out.csv").write_text(f"person\n{log['person'][0]}\n")
    log.loc[:2, "person"] = ""
    done = read(tmp_path, log, opt_out={"file": "out.csv"}, consent={"column": "consent", "granted": ["yes"]})
    reasons = [one.reason for one in done.log.excluded]
    assert not any(reason.startswith(("they are of people who opted out", "they name no person")) for reason in reasons)
    assert any("no consent" in reason and "no person" in reason and "opted out" in reason for reason in reasons)


@pytest.mark.parametrize("rare", ["person", "opt-out"])
def test_one_person_set_aside_is_told_with_fifty_others(tmp_path: Path, rare: str) -> None:
    """Where nothing else is set aside, a cell is: rows in less rows used would be the rows of one person."""
    log = people_log(25, channels={"search": 0.5, "social": 0.5}, geos={"north": 1.0}, weeks=4)
    (tmp_path / "out.csv").write_text(f"person\n{log['person'][40] if rare == 'opt-out' else 'nobody'}\n")
    if rare == "person":
        log.loc[40, "person"] = ""
    done = read(tmp_path, log, opt_out={"file": "out.csv"})
    (one,) = done.log.excluded
    (file,) = done.facts.files
    assert file.rows_in == file.rows_used + one.rows
    assert one.reason.startswith("their cells of ")
    assert one.rows > 50
    # The model has no column of purchases or of social: a cell of these goes, and none that it uses.
    assert "events_given_up" not in done.names()


def test_a_reason_of_few_people_goes_to_the_next_larger(tmp_path: Path) -> None:
    log = people_log(26)
    (tmp_path / "out.csv").write_text(f"person\n{log['person'][0]}\n")
    log.loc[log.index % 20 == 3, "event"] = "unsubscribe"
    done = read(tmp_path, log, opt_out={"file": "out.csv"})
    reasons = [one.reason for one in done.log.excluded]
    assert "no metric counts events of their kind; or they are of people who opted out" in reasons


def _with_few(log: pd.DataFrame, people: int, **cell: object) -> pd.DataFrame:
    """Add a channel of few people, the same in every week."""
    weeks = sorted(weeks_of(log).unique())
    rows = [
        {"person": f"person-{i:05d}", "time": f"{week} 10:00:00", "event": "touch", "geo": "north", "consent": "yes"}
        | cell
        for week in weeks
        for i in range(people)
    ]
    return pd.concat([log, pd.DataFrame(rows)], ignore_index=True)


@pytest.mark.parametrize("spare", [True, False])
def test_a_small_channel_takes_with_it_what_the_model_has_no_use_for(tmp_path: Path, spare: bool) -> None:
    channels = {"search": 0.5, "social": 0.25, "display": 0.25} if spare else {"search": 0.5, "social": 0.5}
    log = people_log(27, channels=channels, geos={"north": 1.0}, weeks=5)
    log = _with_few(log[log["event"] == "touch"], 20, channel="podcast")
    asked = {name: {"spend": f"{name}_cost", "exposure": f"{name}_visits"} for name in ("search", "social")}
    metrics = {"visits": {"count": "events", "of": ["touch"]}}
    done = read(tmp_path, log, metrics=metrics, spec={"channels": asked})
    weeks = sorted(weeks_of(log).unique())
    there = {label: [(week, "north", label, "visits") in done.figures() for week in weeks] for label in channels}
    assert there["search"] == [True] * 5 if spare else there["search"][1:] == [True] * 4
    if spare:
        assert there["social"] == [True] * 5
        assert there["display"].count(False) == 1
        assert "events_given_up" not in done.names()
    else:
        # In the first week, so that the panel has no hole.
        assert sorted([there["search"][0], there["social"][0]]) == [False, True]
        assert there["social"][1:] == [True] * 4
        assert "1 cell of enough people was left out: visits of " in done.finding("events_given_up")
        assert f", north, {weeks[0]}." in done.finding("events_given_up")
    (listed,) = done.log.excluded
    assert listed.rows > 100
