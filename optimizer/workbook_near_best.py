"""The sheet of ranges near the best plan."""

from __future__ import annotations

from mmm.reporting.numbers import percent
from mmm.reporting.workbook import Book, Kind, Role
from optimizer.near_best import NearBest
from optimizer.report_facts import PlanFacts
from optimizer.report_near_best import lead


def write(found: NearBest, book: Book, facts: PlanFacts) -> None:
    """Write one row a channel."""
    sheet = book.sheet("Near the best", [26, 15, 15, 15, 14, 80])
    sheet.heading(f"Within {percent(found.share)} of the plan's value", lead(found))
    money = facts.currency
    labels = ["Channel", f"Planned, {money}", f"From, {money}", f"To, {money}", "Barely matters"]
    sheet.header(3, labels)
    sheet.text(3, 5, "In words", bold=True, valign="bottom", bottom=1, indent=1)
    for row, one in enumerate(found.ranges, start=4):
        sheet.words(row, {0: one.name, 4: "yes" if one.barely_matters else "", 5: one.says})
        for col, value in enumerate((one.planned, one.low.total, one.high.total), start=1):
            sheet.number(row, col, value, Kind.MONEY, Role.MODEL)
    sheet.legend(5 + len(found.ranges))
    sheet.freeze(4, 1)
