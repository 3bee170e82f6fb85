"""The sheets of the frontiers: every point, and how its plan divides the money."""

from __future__ import annotations

from mmm.reporting.palette import ACCENT
from mmm.reporting.workbook import Book, Kind, Role, Series
from optimizer.frontier import BudgetFrontier
from optimizer.report_facts import PlanFacts
from optimizer.report_frontier import Frontiers, frontier_lead, risk_lead
from optimizer.risk_frontier import RiskFrontier


def write(found: Frontiers, book: Book, facts: PlanFacts) -> None:
    """Write a sheet for each frontier."""
    if found.budgets is not None:
        _budgets(found.budgets, book, facts)
    if found.risk is not None:
        _risk(found.risk, book, facts)


def _budgets(found: BudgetFrontier, book: Book, facts: PlanFacts) -> None:
    problem = facts.problem
    sheet = book.sheet("Other budgets", [16, 16, 16, 16, 14, 22, *(13.5,) * len(problem.channels)])
    sheet.heading("The best plan at other budgets", frontier_lead(found, facts))
    money = facts.currency
    head = [f"Budget, {money}", f"Planned, {money}", f"Value, {problem.unit}", "Upper bound", f"Next {money} brings"]
    sheet.header(3, [*head, "By", *problem.channels], left=0)
    for row, point in enumerate(found.points, start=4):
        for col, value in enumerate((point.budget, point.spend)):
            sheet.number(row, col, value, Kind.MONEY, Role.MODEL)
        sheet.number(row, 2, point.value, Kind.COUNT, Role.MODEL)
        sheet.number(row, 3, point.upper_bound, Kind.COUNT, Role.MODEL)
        sheet.number(row, 4, float("nan") if point.marginal is None else point.marginal, Kind.NUMBER, Role.MODEL)
        sheet.text(row, 5, point.marginal_kind, indent=1)
        for c, total in enumerate(problem.by_channel(point.plan).sum(axis=1)):
            sheet.number(row, 6 + c, float(total), Kind.MONEY, Role.MODEL)
    last = 3 + len(found.points)
    sheet.legend(last + 2)
    sheet.freeze(4, 1)
    if found.points:
        series = Series("value", sheet.ref(4, 0, last, 0), sheet.ref(4, 2, last, 2), ACCENT)
        sheet.column_chart(f"A{last + 9}", [series], title="Value of the best plan by budget", unit=problem.unit)


def _risk(found: RiskFrontier, book: Book, facts: PlanFacts) -> None:
    problem = facts.problem
    sheet = book.sheet("Risk", [16, 16, 16, 16, 16, *(13.5,) * len(problem.channels)])
    sheet.heading("What caution costs", risk_lead(found, facts))
    unit = problem.unit
    head = ["Weight of the tail", f"Mean uplift, {unit}", "Worst draws", "Mean, held back", "Worst draws, held back"]
    sheet.header(3, [*head, *problem.channels])
    for row, point in enumerate(found.points, start=4):
        sheet.number(row, 0, point.weight, Kind.PERCENT, Role.MODEL)
        for col, value in enumerate((point.mean, point.tail, point.held_mean, point.held_tail), start=1):
            sheet.number(row, col, value, Kind.COUNT, Role.MODEL)
        for c, total in enumerate(problem.by_channel(point.plan).sum(axis=1)):
            sheet.number(row, 5 + c, float(total), Kind.MONEY, Role.MODEL)
    sheet.legend(5 + len(found.points))
    sheet.freeze(4, 1)
