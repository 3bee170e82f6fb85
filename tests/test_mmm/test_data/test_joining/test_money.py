"""Restatements, currencies, the company's ledger, and the way back to campaigns."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

import pytest

from mmm.data.joining.campaigns import campaign_shares
from mmm.exceptions import DataError
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
    room,
    spec,
    till,
    weekly,
)


def exported(overlap: float, file: str, first: int, last: int) -> list[Row]:
    """Make some weeks of both channels as one file; the last of them times ``overlap``."""
    rows = []
    for row in ads_rows():
        t = (row.first - FIRST).days // 7
        if first <= t < last:
            figures = {name: value * overlap for name, value in row.figures.items()}
            rows.append(Row(row.first, figures, 7, label=row.label, file=file))
    return rows


def test_overlapping_exports_are_counted_once(tmp_path):
    rows = [*exported(1, "2024-9.csv", 0, 15), *exported(1, "2024-10.csv", 12, WEEKS)]
    made = room(tmp_path, [till(), facts("ads", rows)])
    conserve(made)
    assert made.panel.spend[0, 0].sum() == pytest.approx(333.0)
    listed = [item for item in made.panel.report.ledger.excluded if "the same figures" in item.reason]
    assert [item.rows for item in listed] == [6]
    assert listed[0].where.startswith("2024-10.csv")  # 9 comes before 10


def test_restatements_are_refused_or_taken_and_always_listed(tmp_path):
    rows = [*exported(1, "2024-9.csv", 0, 15), *exported(2, "2024-10.csv", 12, WEEKS)]
    with pytest.raises(DataError) as caught:
        room(tmp_path, [till(), facts("ads", rows)])
    said = str(caught.value)
    assert "source ads: 6 figures differ between 2024-9.csv and 2024-10.csv" in said
    assert "search_spend 41.00 before, 82.00 after" in said
    assert "Declare join.restated: latest" in said
    made = room(tmp_path, [till(), facts("ads", rows)], spec(join={"restated": "latest"}))
    conserve(made)
    assert made.panel.spend[0, 0, 12:15].tolist() == [2 * (10.0 + t % 7) for t in range(12, 15)]
    assert made.panel.spend[0, 0, :12].tolist() == [10.0 + t % 7 for t in range(12)]
    assert "2024-04-01 search_spend 16.00 → 32.00" in named(made.panel.report.findings, "restated").says
    listed = [item for item in made.panel.report.ledger.excluded if "restates" in item.reason]
    assert sum(item.rows for item in listed) == 6
    assert sum(item.spend["search"] for item in listed) == 41.0


def test_the_same_number_in_another_currency_is_no_repeat(tmp_path):
    later = Row(FIRST, {"spend": 10.0}, 7, label="search", file="2025-02-01.csv", currency="USD")
    rows = [*ads_rows(file="2025-01-01.csv"), later]
    declared = spec(data={"rates": {"USD": 0.5}}, join={"restated": "latest"})
    made = room(tmp_path, [till(), facts("ads", rows)], declared)
    conserve(made)
    assert made.panel.spend[0, 0, 0] == 5.0
    assert made.panel.report.ledger.spend_in["search"] == pytest.approx(333.0 + 5.0)


def test_restated_money_is_listed_in_the_panels_currency(tmp_path):
    rows = [*ads_rows(), Row(FIRST, {"spend": 30.0}, 7, label="social", file="0.csv", currency="USD")]
    declared = spec(data={"rates": {"USD": 0.5}}, join={"restated": "latest"})
    made = room(tmp_path, [till(), facts("ads", rows)], declared)
    conserve(made)
    listed = [item for item in made.panel.report.ledger.excluded if "restates" in item.reason]
    assert listed[0].spend == {"social": 15.0}


def test_rows_of_one_file_are_parts_and_add_up(tmp_path):
    rows = [*ads_rows(), *weekly({"spend": 1.5}, label="search")]
    made = room(tmp_path, [till(), facts("ads", rows)])
    conserve(made)
    assert made.panel.spend[0, 0].sum() == pytest.approx(333.0 + 1.5 * WEEKS)


def dollars() -> list[Row]:
    """Make the search channel in dollars, the other in the panel's euros."""
    return [
        *weekly({"spend": 10.0}, label="search", currency="USD"),
        *weekly({"spend": lambda t: 5.0 + t % 3}, label="social"),
    ]


def test_a_missing_rate_is_named_with_its_day_and_remedy(tmp_path):
    asked = (
        r"money is in USD, the panel is in EUR, and there is no rate for USD on 2024-01-01\. Give sources\.ads\.rates"
    )
    with pytest.raises(DataError, match=asked):
        room(tmp_path, [till(), facts("ads", dollars())])


def test_rates_of_a_source_come_before_those_of_a_file_and_of_all(tmp_path):
    (tmp_path / "rates.csv").write_text("date,currency,rate\n2023-12-30,USD,0.9\n2024-02-05,usd,0.8\n")
    of_all = spec(data={"rates": {"USD": 0.5}})
    assert room(tmp_path, [till(), facts("ads", dollars())], of_all).panel.spend[0, 0, 0] == 5.0
    dated = spec(data={"rates": {"USD": 0.5}}, join={"rates_file": "rates.csv"})
    made = room(tmp_path, [till(), facts("ads", dollars())], dated)
    conserve(made)
    assert made.panel.spend[0, 0, 4:6].tolist() == [9.0, 8.0]
    assert "rates.csv" in made.panel.inputs
    says = named(made.panel.report.findings, "rates").says
    assert says == "260.00 USD in 26 figures became 213.00 EUR (1 USD is 0.8 to 0.9 EUR)."
    own = spec(
        data={"rates": {"USD": 0.5}},
        join={"rates_file": "rates.csv"},
        sources={"ads": {"file": "ads.csv", "channel": "campaign", "rates": {"USD": 2.0}}},
    )
    assert room(tmp_path, [till(), facts("ads", dollars())], own).panel.spend[0, 0, 0] == 20.0


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("2024-02-05,USD,0.8", r"USD has no rate on 2024-01-01: the first is of 2024-02-05"),
        ("2024-01-01,USD,0", "the rate is not above zero"),
        ("2024-01-01,dollar,1", "'DOLLAR' is no currency code"),
        ("2024-01-01,USD,1\n2024-01-01,USD,2", "USD has two rates on 2024-01-01"),
        ("2024-01-01,USD,1\n2024-01-01,EUR,0.93", "the rate of EUR, the panel's own currency, is 0.93"),
    ],
)
def test_a_file_of_rates_is_read_strictly(tmp_path, line, says):
    (tmp_path / "rates.csv").write_text(f"date,currency,rate\n{line}\n2024-01-01,GBP,1.1\n")
    with pytest.raises(DataError, match=says):
        room(tmp_path, [till(), facts("ads", dollars())], spec(join={"rates_file": "rates.csv"}))


def test_a_rate_for_a_hundred_units_is_a_question(tmp_path):
    """As central banks quote forints; a column of ones, or of names, is none."""
    declared, given = spec(join={"rates_file": "rates.csv"}), [till(), facts("ads", dollars())]
    (tmp_path / "rates.csv").write_text(
        "date,currency,unit,rate,name\n2024-01-01,USD,1,0.9,dollar\n2024-01-01,HUF,1,1,\n"
    )
    assert room(tmp_path, given, declared).panel.spend[0, 0, 0] == 9.0
    (tmp_path / "rates.csv").write_text("date,currency,unit,rate\n2024-01-01,USD,1,0.9\n2024-01-01,HUF,100,1.1\n")
    with pytest.raises(DataError, match=r"rates\.csv, row 3, column unit: the rate seems to be for 100 units"):
        room(tmp_path, given, declared)


def test_a_rate_long_before_the_figures_is_told(tmp_path):
    """Two rates years apart do not make years usual."""
    (tmp_path / "rates.csv").write_text("date,currency,rate\n2019-12-29,USD,0.9\n2024-06-03,USD,0.8\n")
    made = room(tmp_path, [till(), facts("ads", dollars())], spec(join={"rates_file": "rates.csv"}))
    told = named(made.panel.report.findings, "old_rates").says
    assert "Figures of 2024-01-01 to 2024-05-27 in USD were converted by rates more than 100 days old" in told
    assert "(of 2019-12-29): 220.00 of 260.00 USD" in told


def test_yen_and_rupiah_are_converted_like_all_money(tmp_path):
    rows = rupiah_and_yen()
    declared = spec(data={"rates": {"IDR": 0.00006, "JPY": 0.00625}})
    made = room(tmp_path, [till(), facts("ads", rows)], declared)
    conserve(made)
    assert made.panel.spend[0, 0, 0] == pytest.approx(90.0)
    assert made.panel.spend[1, 0, 0] == pytest.approx(10.0)


def rupiah_and_yen() -> list[Row]:
    return [*weekly({"spend": 1_500_000.0}, label="search", currency="IDR"),
            *weekly({"spend": lambda t: 1600.0 + t}, label="social", currency="JPY")]  # fmt: skip


@pytest.mark.parametrize(
    ("rates", "where"),
    [
        ({"IDR": 16_000.0, "JPY": 0.00625}, r"data\.rates: the rate of IDR .* is 16000 EUR"),
        ({"IDR": 0.00006, "JPY": 160.0}, r"data\.rates: the rate of JPY .* is 160 EUR"),
    ],
)
def test_a_rate_that_is_turned_round_is_named_with_what_to_write(tmp_path, rates, where):
    with pytest.raises(DataError, match=where + r".* instead of"):
        room(tmp_path, [till(), facts("ads", rupiah_and_yen())], spec(data={"rates": rates}))


def test_a_rate_of_a_file_that_is_turned_round_is_named_by_its_day(tmp_path):
    (tmp_path / "rates.csv").write_text(
        "date,currency,rate\n2024-01-01,JPY,0.006\n2024-01-01,IDR,0.00006\n2024-03-04,IDR,16500\n"
    )
    asked = r"rates\.csv, IDR, on 2024-03-04: the rate of IDR looks turned round.*: 6\.06061e-05 instead of 16500"
    with pytest.raises(DataError, match=asked):
        room(tmp_path, [till(), facts("ads", rupiah_and_yen())], spec(join={"rates_file": "rates.csv"}))


def test_a_rate_near_one_that_turns_is_told(tmp_path):
    (tmp_path / "rates.csv").write_text("date,currency,rate\n2024-01-01,GBP,1.17\n2024-02-05,GBP,0.8547\n")
    rows = [replace(row, currency="GBP") for row in ads_rows()]
    told = room(tmp_path, [till(), facts("ads", rows)], spec(join={"rates_file": "rates.csv"}))
    said = named(told.panel.report.findings, "turned_rates").says
    assert "GBP is 1.17 on 2024-01-01 and 0.8547 on 2024-02-05: one is about the other turned round" in said


@pytest.mark.parametrize("rate", [20_000.0, 0.00005])
def test_a_little_known_currency_is_judged_by_the_other_money_of_its_channel(tmp_path, rate):
    amount = 10.0 / rate
    rows = [*ads_rows(), *weekly({"spend": amount}, label="search", currency="LAK")]
    made = room(tmp_path, [till(), facts("ads", rows)], spec(data={"rates": {"LAK": rate}}))
    assert made.panel.spend[0, 0, 0] == pytest.approx(20.0)
    with pytest.raises(DataError, match=r"data\.rates: the rate of LAK looks turned round: by it a figure in LAK"):
        room(tmp_path, [till(), facts("ads", rows)], spec(data={"rates": {"LAK": 1 / rate}}))


def booked(rows: list[Row], *, but: dict[tuple[str, str], float]) -> str:
    """Write the company's account of some daily rows, with differences."""
    sums: dict[tuple[str, str], float] = {}
    for row in rows:
        key = (row.first.strftime("%Y-%m"), str(row.label).title())
        sums[key] = sums.get(key, 0.0) + float(row.figures["spend"] or 0.0)
    lines = [
        f"{month},{channel},{amount + but.get((month, channel), 0.0):.2f}" for (month, channel), amount in sums.items()
    ]
    return "\n".join(["month,channel,spend", *lines]) + "\n"


def test_the_ledger_of_the_company_is_compared_month_by_month(tmp_path):
    rows = ads_days(lambda t: 1.0 + t % 9, 2.0)
    declared = spec(join={"ledger": {"file": "ledger.csv"}})
    (tmp_path / "ledger.csv").write_text(booked(rows, but={}))
    agreed = room(tmp_path, [till(), facts("ads", rows)], declared)
    conserve(agreed)
    assert all(line.agrees and line.whole for line in agreed.panel.report.reconciled)
    assert len(agreed.panel.report.reconciled) == 12
    assert "ledger.csv" in agreed.panel.inputs
    named(agreed.panel.report.findings, "ledger_agrees")
    lines = booked(rows, but={}).splitlines()[1:]
    months = {line[:7]: 0.0 for line in lines}
    for line in lines:
        months[line[:7]] += float(line.rsplit(",", 1)[1])
    totals = "".join(f"{month},Łącznie,{amount:.2f}\n" for month, amount in months.items()) + "Total,,9\n"
    (tmp_path / "ledger.csv").write_text(booked(rows, but={}) + totals)
    once = room(tmp_path, [till(), facts("ads", rows)], declared)
    assert once.panel.report.reconciled == agreed.panel.report.reconciled
    assert "'Łącznie' in the column 'channel'" in named(once.panel.report.findings, "dated_totals").says
    (tmp_path / "ledger.csv").write_text(booked(rows, but={("2024-03", "Search"): 12.5}) + "2024-03,Radio,70\n")
    apart = room(tmp_path, [till(), facts("ads", rows)], declared)
    odd = [line for line in apart.panel.report.reconciled if not line.agrees]
    assert [(line.month, line.channel, line.difference) for line in odd] == [
        ("2024-03", "Radio", -70.0),
        ("2024-03", "search", pytest.approx(-12.5)),
    ]
    assert "'Radio' 70.00" in named(apart.panel.report.findings, "ledger_unknown").says
    assert "2024-03 Radio -70.00 EUR" in named(apart.panel.report.findings, "ledger_differs").says


def test_weeks_that_straddle_months_are_divided_by_days(tmp_path):
    (tmp_path / "ledger.csv").write_text("month,channel,spend\n2024-02,search,1\n2024-02,social,1\n2024-07,search,9\n")
    made = room(tmp_path, [till(), facts("ads", ads_rows())], spec(join={"ledger": {"file": "ledger.csv"}}))
    line = next(x for x in made.panel.report.reconciled if x.channel == "search" and x.month == "2024-02")
    weeks = [10.0 + t % 7 for t in range(WEEKS)]
    by_day = {FIRST + timedelta(days=7 * t + d): weeks[t] / 7 for t in range(WEEKS) for d in range(7)}
    assert line.panel == pytest.approx(math.fsum(x for day, x in by_day.items() if day.month == 2))
    july = next(x for x in made.panel.report.reconciled if x.month == "2024-07")
    assert not july.whole
    assert "1 month of the company's account" in named(made.panel.report.findings, "ledger_partial").says


def test_weeks_over_a_months_end_are_no_difference_but_missing_money_is(tmp_path):
    """A true account by day agrees with figures by week; an invoice that is not in them does not."""
    days = daily({"spend": lambda t: 1.0 + (t * 37 % 101)}, label="search")
    weeks = [
        Row(FIRST + timedelta(weeks=t), {"spend": sum(row.figures["spend"] for row in days[7 * t : 7 * t + 7])},
            days=7, label="search")
        for t in range(WEEKS)
    ]  # fmt: skip
    social = daily({"spend": lambda t: 2.0 + t % 3}, label="social")
    declared = spec(join={"ledger": {"file": "ledger.csv"}})
    given = [till(), facts("ads", [*weeks, *social])]
    (tmp_path / "ledger.csv").write_text(booked([*days, *social], but={}))
    agreed = room(tmp_path, given, declared)
    named(agreed.panel.report.findings, "ledger_agrees")
    assert any(abs(line.difference) > 0.01 * line.ledger for line in agreed.panel.report.reconciled if line.whole)
    (tmp_path / "ledger.csv").write_text(booked([*days, *social], but={("2024-03", "Search"): 900.0}))
    apart = [line for line in room(tmp_path, given, declared).panel.report.reconciled if line.whole and not line.agrees]
    assert {line.channel for line in apart} == {"search"}


def test_the_ledger_follows_a_retail_calendar(tmp_path):
    (tmp_path / "ledger.csv").write_text("month,channel,spend\n2024-P01,search,49\n2024-P02,social,24\n")
    sunday = FIRST - timedelta(days=1)
    social = weekly({"spend": lambda t: 5 + t % 3}, first=sunday, label="social")
    rows = [*weekly({"spend": 12.25}, first=sunday, label="search"), *social]
    join = {"calendar": {"pattern": "4-4-5", "starts": "2024-02-04"}, "ledger": {"file": "ledger.csv"}}
    sold = facts("till", weekly({"revenue": lambda t: 100.0 + t % 5}, first=sunday), money=("revenue",))
    made = room(tmp_path, [sold, facts("ads", rows)], spec(join=join))
    found = {(x.month, x.channel): x for x in made.panel.report.reconciled}
    assert found["2024-P01", "search"].agrees
    assert found["2024-P01", "search"].panel == pytest.approx(49.0)
    assert found["2024-P02", "social"].panel == pytest.approx(sum(5 + t % 3 for t in range(9, 13)))


def test_a_channel_s_money_has_shares_of_its_campaigns(tmp_path):
    rows = [
        *weekly({"spend": 30.0}, label="Brand"),
        *weekly({"spend": lambda t: 10.0 if t >= 13 else 90.0}, label="Generic"),
        *weekly({"spend": lambda t: 5.0 + t % 3}, label="social"),
    ]
    made = room(
        tmp_path, [till(), facts("ads", rows)], spec(join={"channels": {"Brand": "search", "Generic": "search"}})
    )
    shares = campaign_shares(made.joined, "search", weeks=13)
    assert [(one.campaign, one.source, one.share) for one in shares] == [
        ("Brand", "ads", 0.75),
        ("Generic", "ads", 0.25),
    ]
    with pytest.raises(DataError, match="no spend of 'radio'"):
        campaign_shares(made.joined, "radio")


def test_a_national_value_weighs_by_the_outcome(tmp_path):
    sold = [
        Row(FIRST + timedelta(days=t), {"orders": 1.0 + t % 7 + t // 7, "worth": 10.0 + t % 7})
        for t in range(7 * WEEKS)
    ]
    declared = spec(data={"outcome": "orders", "value_per_outcome": "worth"})
    made = room(tmp_path, [facts("till", sold, money=("worth",)), facts("ads", ads_rows())], declared)
    conserve(made)
    money = sum((1.0 + d) * (10.0 + d) for d in range(7))
    assert made.panel.outcome[0, 0] * made.panel.value_per_outcome[0, 0] == pytest.approx(money)
