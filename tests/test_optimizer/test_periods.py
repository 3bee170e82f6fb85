"""Weeks to months, quarters and fiscal quarters: each week once, by its first day."""

from __future__ import annotations

from datetime import date, timedelta

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.periods import Per, periods

CALENDAR = (Per.MONTH, Per.QUARTER, Per.FISCAL_QUARTER)


def weeks_from(first: str | date, count: int) -> np.ndarray:
    return np.datetime64(first, "D") + 7 * np.arange(count)


def test_a_quarter_of_thirteen_weeks_is_three_whole_months() -> None:
    made = periods(weeks_from("2027-01-04", 13), Per.MONTH)
    assert made.labels == ("2027-01", "2027-02", "2027-03")
    np.testing.assert_array_equal(made.inside, [4, 4, 5])
    np.testing.assert_array_equal(made.lasts, [4, 4, 5])
    np.testing.assert_array_equal(made.part, 1.0)
    assert made.says(prorated=True) == "in every month (a week counts in the month of its first day)"


def test_a_month_cut_by_the_horizon_holds_its_part() -> None:
    made = periods(weeks_from("2027-01-18", 4), Per.MONTH)
    assert made.labels == ("2027-01", "2027-02")
    np.testing.assert_array_equal(made.part, [0.5, 0.5])
    said = made.says(prorated=True)
    assert "of 2027-01, 2 of 4 weeks lie in the horizon, and 2/4 of the sum holds there" in said
    assert "of 2027-02, 2 of 4 weeks" in said
    assert "of the sum" not in made.says(prorated=False)


def test_fiscal_quarters_follow_the_fiscal_year() -> None:
    weeks = weeks_from("2027-01-04", 26)
    assert periods(weeks, Per.QUARTER).labels == ("2027 Q1", "2027 Q2")
    april = periods(weeks, Per.FISCAL_QUARTER, 4)
    assert april.labels == ("FY2027 Q4", "FY2028 Q1")
    november = periods(weeks, Per.FISCAL_QUARTER, 11)
    assert november.labels == ("FY2027 Q1", "FY2027 Q2", "FY2027 Q3")
    np.testing.assert_array_equal(november.inside, [4, 13, 9])
    np.testing.assert_array_equal(november.lasts, [13, 13, 13])
    assert periods(weeks, Per.FISCAL_QUARTER, 1).labels == ("2027 Q1", "2027 Q2")


def test_the_horizon_and_single_weeks_are_periods_too() -> None:
    weeks = weeks_from("2027-01-04", 5)
    np.testing.assert_array_equal(periods(weeks, Per.HORIZON).member, np.ones((5, 1)))
    np.testing.assert_array_equal(periods(weeks, Per.WEEK).member, np.eye(5))
    assert periods(weeks, Per.HORIZON).says(prorated=True) == "over the horizon"
    assert periods(weeks, Per.WEEK).says(prorated=True) == "in every week"


@given(
    first=st.dates(date(2020, 1, 1), date(2030, 12, 31)),
    count=st.integers(1, 60),
    per=st.sampled_from(CALENDAR),
    start=st.integers(1, 12),
)
def test_every_week_lies_in_one_period_that_is_never_longer_than_it_lasts(
    first: date, count: int, per: Per, start: int
) -> None:
    made = periods(weeks_from(first, count), per, start)
    np.testing.assert_array_equal(made.member.sum(axis=1), 1.0)
    assert (made.inside <= made.lasts).all()
    # Only the first and the last period can be cut.
    np.testing.assert_array_equal(made.inside[1:-1], made.lasts[1:-1])
    assert set(made.lasts) <= ({4.0, 5.0} if per is Per.MONTH else {12.0, 13.0, 14.0})
    # Grouped by hand.
    months = 1 if per is Per.MONTH else 3
    shift = start - 1 if per is Per.FISCAL_QUARTER else 0
    days = [first + timedelta(days=7 * t) for t in range(count)]
    by_hand = [(day.year * 12 + day.month - 1 - shift) // months for day in days]
    assert [by_hand[t] == by_hand[0] for t in range(count)] == [bool(m) for m in made.member[:, 0]]
    assert len(set(by_hand)) == len(made.labels)


@pytest.mark.parametrize("per", list(Per))
def test_expressions_add_up_as_arrays_do(per: Per) -> None:
    made = periods(weeks_from("2027-01-04", 7), per)
    plan = np.arange(21.0).reshape(3, 7)
    np.testing.assert_allclose(made.rows(cp.Constant(plan)).value, made.totals(plan))
    assert made.totals(plan).sum() == plan.sum()
