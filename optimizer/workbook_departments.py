"""The sheet of departments."""

from __future__ import annotations

from mmm.reporting.workbook import Book, Kind, Role
from optimizer.departments import Departments
from optimizer.report_departments import clash_words
from optimizer.report_facts import PlanFacts
from optimizer.report_words import department_heads


def write(found: Departments, book: Book, facts: PlanFacts) -> None:
    """Write the three plans by department, notes and clashes."""
    unit, money = facts.problem.unit, facts.currency
    sheet = book.sheet("Departments", [24, 16, 16, 16, 16, 16, 16, 16, 60])
    sheet.heading("Departments: separate plans, this plan, and planned together", found.says)
    heads = ["Department", *department_heads(money, unit), f"One more {money} of limit, {unit}"]
    sheet.header(3, heads)
    sheet.text(3, 8, "In words", bold=True, valign="bottom", bottom=1, indent=1)
    for row, one in enumerate(found.results, start=4):
        sheet.words(row, {0: one.department.name, 8: one.says})
        for col, value in enumerate((one.budget, one.planned, one.joint), start=1):
            sheet.number(row, col, value, Kind.MONEY, Role.MODEL)
        for col, value in enumerate((one.value_separate, one.value_planned, one.value_joint), start=4):
            sheet.number(row, col, value, Kind.COUNT, Role.MODEL)
        price = float("nan") if one.limit_price is None else one.limit_price
        sheet.number(row, 7, price, Kind.NUMBER, Role.MODEL)
    row = 5 + len(found.results)
    for text in (*found.notes, *clash_words(found)):
        sheet.paragraph(row, 0, 8, text, lines=1 + len(text) // 170)
        row += 1
    sheet.legend(row + 1)
    sheet.freeze(4, 1)
