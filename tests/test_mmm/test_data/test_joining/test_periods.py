"""Weeks, months and retail calendars; figures of longer periods divided by days."""

from __future__ import annotations

import calendar
import csv
import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmm.data.joining.join import join
from mmm.data.joining.periods import Periods, fiscal_months
from mmm.data.joining.spec import FiscalCalendar, PanelGrain
from mmm.data.joining.table_command import check_table
from mmm.data.log import ReadingLog
from mmm.exceptions import DataError, SpecError
from tests.test_mmm.test_data.test_joining.facts import (
    FIRST,
    TODAY,
    WEEKS,
    Row,
    ads_days,
    ads_rows,
    conserve,
    facts,
    named,
    revenue,
    room,
    spec,
    spread_by_day,
    till,
    till_days,
    weekly,
)

DAYS = np.arange("2019-06-01", "2026-06-01", dtype="datetime64[D]")
FISCAL = FiscalCalendar(pattern="4-4-5", starts=date(2024, 2, 4), long_years=(-1,))


@given(st.integers(0, 6))
def test_weeks_start_on_their_day(first):
    periods = Periods(PanelGrain.WEEK, first)
    starts = periods.starts(DAYS)
    assert all(day.item().weekday() == first for day in starts[:30])
    assert ((DAYS - starts).astype(int) < 7).all()
    assert (periods.ends(starts) - starts == np.timedelta64(6, "D")).all()


def test_months_are_those_of_the_calendar():
    periods = Periods(PanelGrain.MONTH, 0)
    starts = periods.starts(DAYS)
    for day, start, end in zip(DAYS, starts, periods.ends(starts), strict=True):
        one = day.item()
        assert start.item() == one.replace(day=1)
        assert end.item() == one.replace(day=calendar.monthrange(one.year, one.month)[1])


def test_a_retail_calendar_has_whole_weeks_and_long_years():
    bounds, years, numbers = fiscal_months(FISCAL, DAYS[0], DAYS[-1])
    weeks = np.diff(bounds).astype(int) // 7
    assert (np.diff(bounds).astype(int) % 7 == 0).all()
    assert bounds[0] <= DAYS[0]
    assert bounds[-1] > DAYS[-1]
    at = int(np.flatnonzero(bounds == np.datetime64("2024-02-04"))[0])
    assert numbers[at] == 1
    assert weeks[at : at + 12].tolist() == [4, 4, 5] * 4
    assert weeks[at - 12 : at].tolist() == [4, 4, 5, 4, 4, 5, 4, 4, 5, 4, 4, 6]  # 53 weeks: the last month has one more
    assert str(bounds[at - 12]) == "2023-01-29"
    assert years[at - 1] == 2023


@pytest.mark.parametrize(("pattern", "weeks"), [("4-4-5", [4, 4, 5]), ("4-5-4", [4, 5, 4]), ("5-4-4", [5, 4, 4])])
def test_every_pattern_of_a_quarter(pattern, weeks):
    one = FiscalCalendar(pattern=pattern, starts=date(2024, 2, 4))
    bounds, _, _ = fiscal_months(one, np.datetime64("2024-02-04"), np.datetime64("2025-01-01"))
    assert (np.diff(bounds).astype(int) // 7)[:12].tolist() == weeks * 4


def test_a_panel_of_a_retail_calendar(tmp_path):
    sunday = FIRST - timedelta(days=1)
    join_spec = {"calendar": {"pattern": "4-4-5", "starts": "2024-02-04"}}
    given_rows = [facts("till", weekly({"revenue": revenue}, first=sunday), money=("revenue",)),
                  facts("ads", ads_rows(first=sunday))]  # fmt: skip
    made = room(tmp_path, given_rows, spec(join=join_spec))
    conserve(made)
    assert made.panel.weeks[0].item() == sunday
    with pytest.raises(
        SpecError, match=r"the fiscal year starts on 2024-02-04, a Sunday, and data\.week_start is monday"
    ):
        room(tmp_path, given_rows, spec(data={"week_start": "monday"}, join=join_spec))


def test_weeks_of_two_rules_are_a_question(tmp_path):
    sunday = FIRST - timedelta(days=1)
    sources = [till(), facts("ads", ads_rows(WEEKS + 1, sunday))]
    asked = (
        r"source ads, a\.csv, row \d+: the weeks of the source start on Sunday and the panel's on Monday, as those of"
    )
    with pytest.raises(DataError, match=asked):
        room(tmp_path, sources)
    with pytest.raises(DataError, match=r"source till.* start on Monday and the panel's on Sunday, as those of ads do"):
        room(tmp_path, sources, spec(data={"week_start": "sunday"}))
    made = room(tmp_path, sources, spread_by_day())
    conserve(made)
    assert made.panel.n_weeks == WEEKS
    whole = [10.0 + t % 7 for t in range(WEEKS + 1)]
    expected = [6 / 7 * whole[t] + 1 / 7 * whole[t + 1] for t in range(WEEKS)]
    assert np.allclose(made.panel.spend[0, 0], expected)


def months(**more):
    """Make a row a month of 2024's first half."""
    return [Row(date(2024, m, 1), {"spend": 310.0 * m}, calendar.monthrange(2024, m)[1], **more) for m in range(1, 8)]


def test_months_in_a_panel_of_weeks_need_a_declaration(tmp_path):
    rows = [*months(label="search"), *months(label="social")]
    asked = (
        r"the figure of 2024-01-01 to 2024-01-31 covers 31 days, in more than one week of the panel\. .*spread: by_day"
    )
    with pytest.raises(DataError, match=asked):
        room(tmp_path, [till(), facts("ads", rows)])
    made = room(tmp_path, [till(), facts("ads", rows)], spread_by_day())
    conserve(made)
    assert made.panel.spend[0, 0, 0] == pytest.approx(70.0)  # seven days of 310 / 31
    assert "14 figures of 29 to 31 days were divided by days" in named(made.panel.report.findings, "spread_by_day").says
    account = next(one for one in made.joined.sources if one.source == "ads")
    assert account.money_in["search"] == pytest.approx(310.0 * 28, abs=1e-9)


def test_the_table_can_be_made_by_month_and_by_day(tmp_path):
    given_facts = [till_days(), facts("ads", ads_days(2.0, 3.0))]
    by_month = join(given_facts, spec(join={"grain": "month"}), tmp_path, TODAY, ReadingLog())
    assert by_month.columns.days.astype(str).tolist() == [f"2024-0{m}-01" for m in range(1, 7)]
    spend = next(s.values for s in by_month.columns.series if s.column == "search_spend")
    assert spend.tolist() == [2.0 * calendar.monthrange(2024, m)[1] for m in range(1, 7)]
    by_day = join(given_facts, spec(join={"grain": "day"}), tmp_path, TODAY, ReadingLog())
    assert len(by_day.columns.days) == 7 * WEEKS


def test_the_table_by_month_is_checked_and_written(tmp_path):
    out = tmp_path / "out"
    days = [FIRST + timedelta(days=t) for t in range(7 * WEEKS)]
    till_csv = "\n".join(["day,revenue", *(f"{day},{revenue(t)}" for t, day in enumerate(days))])
    ads_csv = "\n".join(
        ["day,campaign,spend", *(f"{day},{name},2.5" for day in days for name in ("=search", "social"))]
    )
    (tmp_path / "till.csv").write_text(till_csv + "\n")
    (tmp_path / "ads.csv").write_text(ads_csv + "\n")
    (tmp_path / "model.yaml").write_text("name: months\n")
    declared = spec(join={"grain": "month", "channels": {"=search": "search"}})
    assert check_table(declared, tmp_path / "model.yaml", out, quiet=True, as_json=False) == 0
    with (out / "table.csv").open() as file:
        table = list(csv.DictReader(file))
    assert [row["month"] for row in table] == [f"2024-0{m}-01" for m in range(1, 7)]
    assert float(table[1]["search_spend"]) == 2.5 * 29
    report = json.loads((out / "data_report.json").read_text())
    assert report["periods"] == {"first": "2024-01-01", "last": "2024-06-01", "count": 6}
    assert [source["rows_used"] for source in report["sources"]] == [2 * 7 * WEEKS, 7 * WEEKS]
    assert report["coverage"]["months"][:2] == ["2024-01-01", "2024-02-01"]
    assert report["coverage"]["sources"]["till"]["rows"][:2] == [31, 29]
    manifest = json.loads((out / "manifest.json").read_text())
    assert set(manifest["inputs"]) == {"model.yaml", "till.csv", "ads.csv"}


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(0.01, 1e9), min_size=7, max_size=7),
    st.integers(0, 6),
)
def test_division_by_days_conserves_money(amounts, shift):
    first = date(2024, 1, 1) + timedelta(days=shift)
    rows, day = [], first
    for k, amount in enumerate(amounts):
        rows.append(Row(day, {"spend": amount}, 28 + k % 4, label="search"))
        day += timedelta(days=28 + k % 4)
    other = weekly({"spend": lambda t: 1.0 + t % 3}, 40, date(2023, 12, 18), label="social")
    sold = facts("till", weekly({"revenue": revenue}, 40, date(2023, 12, 18)), money=("revenue",))
    declared = spread_by_day(data={"missing": {"search_spend": "zero"}})
    joined = join([sold, facts("ads", [*rows, *other])], declared, Path(), TODAY, ReadingLog())
    total = next(s.values for s in joined.columns.series if s.column == "search_spend")
    assert abs(np.nansum(total) - sum(amounts)) < max(0.005, 1e-12 * sum(amounts))
