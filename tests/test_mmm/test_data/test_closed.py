"""A business that is closed on Sundays has whole weeks all the same; single days without a row are asked about."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from mmm.data import read_panel
from mmm.data.closed import closed_weekdays, with_closed_ends
from mmm.exceptions import DataError
from tests.test_mmm.test_data.book import TODAY, weekly
from tests.test_mmm.test_data.book import spec as spec_of_file
from tests.test_mmm.test_data.test_joining.facts import (
    FIRST,
    WEEKS,
    ads_rows,
    conserve,
    daily,
    facts,
    named,
    room,
    spec,
)

SUNDAY, CHRISTMAS = 6, date(2024, 2, 14)


def open_days(*closed: int, without: tuple[date, ...] = ()) -> list[date]:
    days = [FIRST + timedelta(days=n) for n in range(7 * WEEKS)]
    return [day for day in days if day.weekday() not in closed and day not in without]


def till(days: list[date]):
    rows = [row for row in daily({"revenue": lambda t: 100.0 + t % 11}) if row.first in set(days)]
    return rows, facts("till", rows, money=("revenue",))


@pytest.mark.parametrize("closed", [(SUNDAY,), (5, SUNDAY), (0,)])
def test_days_that_never_have_a_row_are_days_of_nothing(closed: tuple[int, ...], tmp_path: Path) -> None:
    rows, sold = till(open_days(*closed))
    made = room(tmp_path, [sold, facts("ads", ads_rows())])
    conserve(made)
    assert len(made.panel.weeks) == WEEKS
    assert made.panel.outcome.sum() == pytest.approx(sum(row.figures["revenue"] or 0.0 for row in rows))


def test_one_day_without_a_row_is_asked_about_and_can_be_nothing(tmp_path: Path) -> None:
    rows, sold = till(open_days(SUNDAY, without=(CHRISTMAS,)))
    given = [sold, facts("ads", ads_rows())]
    with pytest.raises(DataError, match=r"till, revenue: 1 day missing: 2024-02-14\. .*missing: \{revenue: zero\}"):
        room(tmp_path, given)
    made = room(tmp_path, given, spec(data={"missing": {"revenue": "zero"}}))
    conserve(made)
    assert made.panel.outcome.sum() == pytest.approx(sum(row.figures["revenue"] or 0.0 for row in rows))


@pytest.mark.parametrize("gaps", [None, "no_spend"])
def test_one_file_of_open_days(gaps: str | None, tmp_path: Path) -> None:
    book = weekly(140, step=1)
    at = book.column("week")
    book.rows = [row for row in book.rows if date.fromisoformat(row[at]).weekday() != SUNDAY]
    (tmp_path / "weekly.csv").write_text(book.text())
    declared = spec_of_file(**({"data": {"gaps": gaps}} if gaps else {}))
    panel = read_panel(declared, tmp_path, today=TODAY)
    assert len(panel.weeks) == 20
    assert panel.outcome.sum() == pytest.approx(sum(float(cell) for cell in book.cells("revenue")))
    assert "Sundays" in named(panel.report.findings, "closed_days").says
    assert panel.report.ledger.rows_used == 120


def test_four_days_a_week_are_no_business_hours() -> None:
    days = np.asarray(open_days(1, 3, 5, 6), dtype="datetime64[D]")
    assert not closed_weekdays(days).any()
    few = np.asarray(open_days(SUNDAY)[:12], dtype="datetime64[D]")
    assert not closed_weekdays(few).any()


def test_a_week_may_end_on_a_closed_day() -> None:
    days = np.asarray(open_days(SUNDAY), dtype="datetime64[D]")
    ends, one = with_closed_ends(days), np.timedelta64(1, "D")
    assert (ends[0], ends[-1]) == (days[0] - one, days[-1] + one)
