"""Weeks are divided over months and fiscal quarters by days, and nothing is lost."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations.periods import Period, divide


def weeks_from(start: date, count: int) -> np.ndarray:
    return np.array([np.datetime64(start + timedelta(weeks=t)) for t in range(count)], dtype="datetime64[D]")


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.integers(1, 60), st.sampled_from(Period), st.integers(1, 12))
@settings(max_examples=60, deadline=None)
def test_sums_equal_totals(start: date, count: int, kind: Period, fiscal_year_start: int) -> None:
    periods = divide(weeks_from(start, count), kind, fiscal_year_start)
    np.testing.assert_array_equal(periods.days.sum(axis=0), 7)
    values = np.random.default_rng(0).normal(size=(count, 4))
    np.testing.assert_allclose(periods.sums(values).sum(axis=0), values.sum(axis=0), atol=1e-12)
    assert len(set(periods.labels)) == len(periods.labels)
    assert (periods.days.sum(axis=1) <= periods.full_days).all()


def test_a_quarter_that_starts_on_a_monday() -> None:
    periods = divide(weeks_from(date(2027, 1, 4), 13), Period.MONTH)
    assert periods.labels == ("2027-01", "2027-02", "2027-03", "2027-04")
    assert periods.days.sum(axis=1).tolist() == [28, 28, 31, 4]
    assert periods.full_days.tolist() == [31, 28, 31, 30]
    assert periods.partial == (True, False, False, True)


@pytest.mark.parametrize(
    ("start", "labels", "full"),
    [
        (1, ("2027 Q1", "2027 Q2"), [90, 91]),
        (4, ("FY2027 Q4", "FY2028 Q1"), [90, 91]),
        (2, ("FY2027 Q4", "FY2028 Q1"), [92, 89]),
    ],
)
def test_fiscal_quarters_bear_the_year_in_which_they_end(start: int, labels: tuple[str, ...], full: list[int]) -> None:
    periods = divide(weeks_from(date(2027, 1, 4), 13), Period.QUARTER, start)
    assert periods.labels == labels
    assert periods.full_days.tolist() == full
