"""Sources become one panel: what is joined, what is asked, and that nothing is lost."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from mmm.data.joining.room import read_room
from mmm.data.log import ReadingLog
from mmm.exceptions import DataError, SpecError
from tests.test_mmm.test_data.test_joining.facts import (
    FIRST,
    WEEKS,
    Row,
    ads_days,
    ads_rows,
    conserve,
    daily,
    facts,
    named,
    revenue,
    room,
    spec,
    till,
    till_days,
    weekly,
)


def test_two_sources_of_weeks_are_one_panel(tmp_path):
    made = room(tmp_path, [till(), facts("ads", ads_rows())])
    conserve(made)
    panel = made.panel
    assert panel.weeks[0].item() == FIRST
    assert panel.n_weeks == WEEKS
    assert panel.outcome[0].tolist() == [revenue(t) for t in range(WEEKS)]
    assert panel.spend[0, 0].tolist() == [10.0 + t % 7 for t in range(WEEKS)]
    assert panel.spend[1, 0].tolist() == [5.0 + t % 3 for t in range(WEEKS)]
    assert panel.inputs == {"a.csv": panel.inputs["a.csv"]}
    assert len(panel.source_hash) == 64
    assert [account.source for account in panel.report.sources] == ["ads", "till"]


def test_the_order_of_sources_and_files_changes_nothing(tmp_path):
    half = [Row(r.first, r.figures, r.days, label=r.label, file=f"{1 + (i % 3)}.csv") for i, r in enumerate(ads_rows())]
    one = room(tmp_path, [till(), facts("ads", half)])
    other = room(tmp_path, [facts("ads", half[::-1]), till()])
    assert np.array_equal(one.panel.spend, other.panel.spend)
    assert np.array_equal(one.panel.outcome, other.panel.outcome)
    assert one.panel.source_hash == other.panel.source_hash


def test_days_and_weeks_meet_in_weeks(tmp_path):
    made = room(tmp_path, [till(), facts("ads", ads_days(lambda t: 1.0 + t % 10, 2.0))])
    conserve(made)
    spent = np.asarray([1.0 + t % 10 for t in range(7 * WEEKS)]).reshape(WEEKS, 7).sum(axis=1)
    assert np.allclose(made.panel.spend[0, 0], spent, rtol=1e-12)
    assert "182 days were gathered into weeks from Monday" in named(made.panel.report.findings, "daily_to_weekly").says


def test_partial_weeks_at_the_ends_are_excluded_and_listed(tmp_path):
    start = FIRST - timedelta(days=3)
    days = 7 * WEEKS + 5
    made = room(tmp_path, [till_days(days, start), facts("ads", ads_days(4.0, 1.0, days, start))])
    conserve(made)
    assert made.panel.n_weeks == WEEKS
    assert made.panel.weeks[0].item() == FIRST
    listed = [item for item in made.panel.report.ledger.excluded if "part of this period" in item.reason]
    assert sum(item.rows for item in listed) == 5 * 3
    assert sum(item.spend.get("search", 0.0) for item in listed) == pytest.approx(4.0 * 5)


def test_the_week_that_is_not_over_is_left_out(tmp_path):
    made = room(tmp_path, [till(), facts("ads", ads_rows())], today=FIRST + timedelta(weeks=WEEKS - 1, days=3))
    conserve(made)
    assert made.panel.n_weeks == WEEKS - 1
    assert named(made.panel.report.findings, "week_not_over").says.startswith("2 rows excluded: the week is not over")


def test_days_after_today_are_refused_by_source_and_row(tmp_path):
    with pytest.raises(DataError, match=r"a\.csv, row 11: 17 dates after today \(2024-03-01\): 2024-03-04"):
        room(tmp_path, [till()], today=date(2024, 3, 1))


def test_a_channel_without_a_row_ran_nothing_where_its_export_has_others(tmp_path):
    search = [row for row in ads_rows() if row.label == "search"]
    social = [row for row in ads_rows() if row.label == "social"][5:9]
    made = room(tmp_path, [till(), facts("ads", [*search, *social])])
    conserve(made)
    assert made.panel.spend[1, 0, :5].tolist() == [0.0] * 5
    assert made.panel.spend[1, 0, 5] > 0
    assert "social_spend in 22 weeks" in named(made.panel.report.findings, "no_row_nothing_spent").says


def test_a_week_that_a_wide_source_lacks_is_missing_and_asked_about(tmp_path):
    media = facts("media", [r for i, r in enumerate(weekly({"search_spend": 5.0, "social_spend": 1.0})) if i != 7],
                  money=("search_spend", "social_spend"))  # fmt: skip
    declared = spec(sources={"media": {"file": "m.csv", "date": "week"}})
    with pytest.raises(
        DataError, match=r"source media: 1 week missing of 'search_spend': 2024-02-19\. .*data\.missing"
    ):
        room(tmp_path, [till(), media], declared)
    filled = spec(data={"gaps": "no_spend"}, sources={"media": {"file": "m.csv", "date": "week"}})
    made = room(tmp_path, [till(), media], filled)
    conserve(made)
    assert made.panel.spend[0, 0, 7] == 0.0
    assert "search_spend, social_spend" in named(made.panel.report.findings, "gaps_filled").says


def test_a_missing_week_of_the_outcome_is_filled_only_where_declared(tmp_path):
    rows = [row for t, row in enumerate(weekly({"revenue": revenue})) if t != 7]
    given = [facts("till", rows, money=("revenue",)), facts("ads", ads_rows())]
    with pytest.raises(DataError, match=r"1 week missing: 2024-02-19"):
        room(tmp_path, given)
    made = room(tmp_path, given, spec(data={"gaps": "no_spend"}))
    conserve(made)
    assert made.panel.outcome[0, 7] == pytest.approx((revenue(6) + revenue(8)) / 2)
    assert made.panel.spend[0, 0, 7] == 10.0  # the spend of that week is known, and stays


def test_an_empty_cell_is_named_by_its_file_and_row(tmp_path):
    rows = ads_rows()
    rows[3] = Row(rows[3].first, {"spend": None}, days=7, label="search")
    with pytest.raises(
        DataError, match=r"week 2024-01-22, column search_spend \(a\.csv, row 5\): the number is missing"
    ):
        room(tmp_path, [till(), facts("ads", rows)])
    made = room(tmp_path, [till(), facts("ads", rows)], spec(data={"missing": {"search_spend": "zero"}}))
    assert made.panel.spend[0, 0, 3] == 0.0


def test_an_empty_cell_among_filled_ones_is_not_taken_for_nothing(tmp_path):
    rows = ads_days(4.0, 1.0)
    rows[10] = Row(rows[10].first, {"spend": None}, label="search")
    with pytest.raises(DataError, match=r"a\.csv, row 12, search_spend: the number is missing, while others"):
        room(tmp_path, [till(), facts("ads", rows)])
    made = room(tmp_path, [till(), facts("ads", rows)], spec(data={"missing": {"search_spend": "zero"}}))
    assert made.panel.spend[0, 0, 1] == pytest.approx(6 * 4.0)


def test_a_hole_in_national_days_is_refused_with_its_days(tmp_path):
    rows = [row for i, row in enumerate(daily({"revenue": revenue})) if i not in (30, 31)]
    with pytest.raises(DataError, match=r"source till, revenue: 2 days missing: 2024-01-31, 2024-02-01"):
        room(tmp_path, [facts("till", rows, money=("revenue",)), facts("ads", ads_rows())])


def test_a_source_that_ends_a_little_early_cuts_the_panel(tmp_path):
    made = room(tmp_path, [till(), facts("ads", ads_rows(WEEKS - 2))])
    conserve(made)
    assert made.panel.n_weeks == WEEKS - 2
    assert named(made.panel.report.findings, "no_overlap").says.startswith("2 rows excluded")


def test_a_source_that_covers_much_less_is_a_question(tmp_path):
    late = [
        *weekly({"spend": 3.0}, WEEKS, label="search"),
    ]
    video = weekly({"spend": 2.0}, 10, FIRST + timedelta(weeks=16), label="social")
    declared = {"tube": {"file": "t.csv", "date": "week", "channel": "channel"}}
    given = [till(), facts("ads", late), facts("tube", video)]
    with pytest.raises(DataError, match=r"'social_spend' \(tube\) begins on 2024-04-22: what was spent outside"):
        room(tmp_path, given, spec(sources=declared))
    cut = room(tmp_path, given, spec(sources=declared, join={"overlap": True}))
    conserve(cut)
    assert cut.panel.n_weeks == 10
    whole = room(tmp_path, given, spec(sources=declared, data={"missing": {"social_spend": "zero"}}))
    conserve(whole)
    assert whole.panel.n_weeks == WEEKS
    assert whole.panel.spend[1, 0].sum() == 20.0


def test_what_no_source_gives_is_asked_for(tmp_path):
    with pytest.raises(DataError, match=r"sources: no source gives 'price'\. .*The sources give: revenue, spend"):
        room(tmp_path, [till(), facts("ads", ads_rows())], spec(controls=["price"]))


def test_figures_that_the_model_does_not_name_are_listed(tmp_path):
    rows = [Row(r.first, {**r.figures, "clicks": 3.0}, r.days, label=r.label) for r in ads_rows()]
    made = room(tmp_path, [till(), facts("ads", rows)])
    conserve(made)
    assert "clicks" in named(made.panel.report.findings, "unused_figures").says
    assert made.panel.report.ledger.rows_used == 3 * WEEKS


def test_one_channel_in_two_sources_is_a_question(tmp_path):
    bing = facts("bing", weekly({"spend": 2.0}, label="search"))
    sources = {"bing": {"file": "b.csv", "date": "week", "channel": "channel"}}
    given = [till(), facts("ads", ads_rows()), bing]
    asked = (
        r"'search' \(search_spend\) is reported by ads \(333\.00, 26 periods\) and bing \(52\.00, 26 periods\); "
        r"26 periods in common.*join\.same: \{search: \[ads, bing\]\}"
    )
    with pytest.raises(DataError, match=asked):
        room(tmp_path, given, spec(sources=sources))
    made = room(tmp_path, given, spec(sources=sources, join={"same": {"search": ["ads", "bing"]}}))
    conserve(made)
    assert made.panel.spend[0, 0].sum() == pytest.approx(385.0)
    with pytest.raises(SpecError, match="there is no source 'yahoo'"):
        room(tmp_path, given, spec(sources=sources, join={"same": {"search": ["ads", "yahoo"]}}))


def test_late_data_is_suspected(tmp_path):
    rows = [Row(r.first, r.figures, label=f"search {k}") for k in range(5) for r in daily({"spend": 1.0 + k})]
    last = FIRST + timedelta(weeks=WEEKS - 1)
    late = [row for row in rows if row.first < last or row.label == "search 0"]
    social = [row for row in ads_rows() if row.label == "social"]
    made = room(tmp_path, [till(), facts("ads", [*late, *social])], spec(join={"campaigns": {"search *": "search"}}))
    conserve(made)
    assert "has 22 % of its usual rows" in named(made.panel.report.findings, "late_data").says


def test_a_table_by_month_is_not_fitted(tmp_path):
    with pytest.raises(
        SpecError, match=r"model\.yaml, join\.grain: models are fitted to weeks, and join\.grain is month"
    ):
        read_room(spec(join={"grain": "month"}), tmp_path, name="model.yaml")


def test_the_log_of_reading_is_kept(tmp_path):
    log = ReadingLog()
    log.repaired("bom", "A byte-order mark was removed.", where="till.csv")
    made = room(tmp_path, [till(), facts("ads", ads_rows())], log=log)
    assert named(made.panel.report.findings, "bom").where == "till.csv"
