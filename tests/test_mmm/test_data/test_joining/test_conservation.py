"""Whatever the sources hold: nothing is lost, their order changes nothing, and a plain pandas join gives the same."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mmm.data import PanelSpec
from mmm.data.joining.draft import Draft
from mmm.data.joining.join import draft, join
from mmm.data.joining.joined import Joined
from mmm.data.log import ReadingLog
from mmm.data.sources.facts import Facts
from tests.test_mmm.test_data.test_joining.facts import FIRST, TODAY, Row, facts, revenue, spec, weekly

LABELS = ("search", "Social", "se-arch", "test 1", "brand x", "brand y")
CHANNEL = {"search": "search", "se-arch": "search", "Social": "social", "brand x": "social", "brand y": "social"}
RATE = {"EUR": 1.0, "USD": 0.9, "JPY": 0.006}
WEEKS = 12

#: A row of an export: the day it starts, how long, which label, in which file and currency, and its money.
rows = st.tuples(
    st.integers(-10, 7 * WEEKS + 10),
    st.sampled_from((1, 7, 30)),
    st.sampled_from(LABELS),
    st.integers(0, 2),
    st.sampled_from(tuple(RATE)),
    st.one_of(st.floats(-50, 1e6), st.sampled_from((0.0, 12.0))),
)


def declared() -> PanelSpec:
    """Declare both exports, months spread by day, and what the labels are."""
    long = {"file": "x.csv", "channel": "campaign", "spread": "by_day"}
    return spec(
        data={"rates": {"USD": 0.9, "JPY": 0.006}, "missing": {"search_spend": "zero", "social_spend": "zero"}},
        sources={"ads": long, "more": long},
        join={
            "campaigns": {"brand *": "social"},
            "ignore": ["test *"],
            "restated": "latest",
            "same": {"search": ["ads", "more"], "social": ["ads", "more"]},
        },
    )


def exported(name: str, given_rows: list[tuple[int, int, str, int, str, float]], floor: float = 1.0) -> Facts:
    """Make the facts of one export; a floor of spend in every week keeps both channels alive."""
    made = [
        Row(
            FIRST + timedelta(days=start),
            {"spend": money},
            days,
            label=label,
            file=f"{name} 2025-01-1{file}.csv",
            currency=code,
        )
        for start, days, label, file, code, money in given_rows
    ]
    for label in ("search", "Social"):
        made += weekly({"spend": floor}, WEEKS, label=label, file=f"{name} 2025-01-10.csv")
    return facts(name, made)


def sold() -> Facts:
    return facts("till", weekly({"revenue": revenue}, WEEKS), money=("revenue",))


def spend_of(joined: Joined | Draft, channel: str) -> np.ndarray:
    return next(one.values for one in joined.columns.series if one.name == channel and one.role == "spend")  # noqa: PD011


def brute_force(table: pd.DataFrame) -> dict[str, np.ndarray]:
    """Join day by day in pandas: the latest file of each key, converted, divided by days, summed to weeks."""
    table = table[~table.label.str.startswith("test")].copy()
    table["channel"] = table.label.map(CHANNEL)
    key = ["source", "first", "days", "label", "file"]
    summed = table.groupby([*key, "channel", "code"], as_index=False)["money"].sum()
    row = ["source", "first", "days", "label"]
    gone = vanished(summed, row)
    latest = summed.groupby(row)["file"].transform("max")
    summed = summed[(summed.file == latest) & ~pd.MultiIndex.from_frame(summed[row]).isin(gone)]
    out = {name: np.zeros(WEEKS) for name in ("search", "social")}
    for one in summed.itertuples():
        for d in range(one.days):
            day = (one.first - FIRST).days + d
            if 0 <= day < 7 * WEEKS:
                out[one.channel][day // 7] += one.money * RATE[one.code] / one.days
    return out


def vanished(summed: pd.DataFrame, row: list[str]) -> list[tuple[Any, ...]]:
    """Return rows of a file, within the days of a later one that repeats others of them, that it no longer has."""
    files = {name: {tuple(one) for one in part[row].itertuples(index=False)} for name, part in summed.groupby("file")}
    found = []
    for name, given_rows in files.items():
        for later, others in files.items():
            if name >= later or not given_rows & others:
                continue
            first, stop = min(key[1] for key in others), max(key[1] + timedelta(days=key[2]) for key in others)
            still = set[tuple[Any, ...]]().union(*(keys for file, keys in files.items() if file >= later))
            found += [key for key in given_rows - still if key[1] >= first and key[1] + timedelta(days=key[2]) <= stop]
    return found


def as_table(name: str, made: Facts) -> pd.DataFrame:
    frame = made.table.to_pandas()
    days = [(last - first).days + 1 for first, last in zip(frame.first_day, frame.last_day, strict=True)]
    files = [made.files[i].name for i in frame.file]
    columns = {"first": frame.first_day, "days": days, "label": frame.label, "code": frame.currency}
    return pd.DataFrame({"source": name, "file": files, **columns, "money": frame.value})


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(rows, max_size=14), st.lists(rows, max_size=14))
def test_nothing_is_lost_and_pandas_agrees(first, second):
    ads, more = exported("ads", first), exported("more", second)
    log = ReadingLog()
    joined = join([sold(), ads, more], declared(), Path(), TODAY, log)
    expected = brute_force(pd.concat([as_table("ads", ads), as_table("more", more)]))
    for name, values in expected.items():
        size = np.abs(values).sum() + 1.0
        assert np.abs(spend_of(joined, name) - values).max() < 1e-9 * size
    rows_in = sum(account.rows_in for account in joined.sources)
    assert rows_in == sum(account.rows_used for account in joined.sources) + sum(item.rows for item in log.excluded)
    for name in expected:
        total = sum(account.money_in.get(name, 0.0) for account in joined.sources)
        excluded = sum(item.spend.get(name, 0.0) for item in log.excluded)
        assert abs(total - spend_of(joined, name).sum() - excluded) < 1e-9 * (abs(total) + 1e6)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(rows, min_size=1, max_size=15), st.randoms(use_true_random=False))
def test_neither_order_of_sources_nor_of_rows_matters(some, random):
    ads, more = exported("ads", some), exported("more", [])
    shuffled = list(range(len(ads.table)))
    random.shuffle(shuffled)
    mixed = Facts("ads", ads.files, ads.table.take(shuffled), ads.money_in)
    one = draft([sold(), ads, more], declared(), Path(), TODAY, ReadingLog())
    other = draft([more, mixed, sold()], declared(), Path(), TODAY, ReadingLog())
    for name in ("search", "social"):
        assert np.array_equal(spend_of(one, name), spend_of(other, name))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sets(st.tuples(st.integers(0, 2), st.integers(0, WEEKS - 1)), max_size=12))
def test_what_a_geo_does_not_report_stays_missing(holes):
    geos = ("north", "south", "west")
    kept = {g: [t for t in range(WEEKS) if (g, t) not in holes] for g in range(3)}
    if not all(kept.values()) or len({t for weeks in kept.values() for t in weeks}) < WEEKS:
        return
    made = [Row(FIRST + timedelta(weeks=t), {"revenue": revenue(t) + g}, 7, geo=geos[g]) for g in kept for t in kept[g]]
    paid = [
        Row(FIRST + timedelta(weeks=t), {"spend": 1.0 + g}, 7, geo=geos[g], label=label)
        for g in range(3)
        for t in range(WEEKS)
        for label in ("search", "social")
    ]
    log = ReadingLog()
    given_facts = [facts("till", made, money=("revenue",)), facts("ads", paid)]
    joined = join(given_facts, spec(data={"geo": "geo"}), Path(), TODAY, log)
    there = set(zip(joined.columns.geo, joined.columns.days.astype(date), strict=True))
    assert there == {(geos[g], FIRST + timedelta(weeks=t)) for g in kept for t in kept[g]}
    excluded = sum(item.spend.get("search", 0.0) for item in log.excluded)
    assert excluded == sum(1.0 + g for g, _ in holes)
