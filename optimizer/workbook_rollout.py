"""The sheet of the steps towards the plan."""

from __future__ import annotations

from mmm.reporting.workbook import Book, Kind, Role
from optimizer.report_facts import PlanFacts
from optimizer.rollout import Rollout


def write(found: Rollout, book: Book, facts: PlanFacts) -> None:
    """Write one row a step, its channels' totals beside it."""
    problem = facts.problem
    sheet = book.sheet("Steps", [12, 16, 16, 16, 14, *(13.5,) * len(problem.channels), 15])
    sheet.heading("Steps towards the plan", found.says)
    head = ["Step", f"Value, {problem.unit}", "Upper bound", "Gained", "Of the way"]
    sheet.header(3, [*head, *problem.channels, f"Total, {facts.currency}"])
    for row, one in enumerate(found.steps, start=4):
        sheet.text(row, 0, "today" if one.number == 0 else f"{one.number}")
        for col, value in enumerate((one.value, one.upper_bound, one.gained), start=1):
            sheet.number(row, col, value, Kind.COUNT, Role.MODEL)
        sheet.number(row, 4, float("nan") if one.share is None else one.share, Kind.PERCENT, Role.MODEL)
        for c, name in enumerate(problem.channels):
            sheet.number(row, 5 + c, one.totals[name], Kind.MONEY, Role.MODEL)
        sheet.number(row, 5 + len(problem.channels), sum(one.totals.values()), Kind.MONEY, Role.MODEL)
    sheet.legend(5 + len(found.steps))
    sheet.freeze(4, 1)
