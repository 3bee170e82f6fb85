"""How the plan's page shows the budget that a goal needs."""

from __future__ import annotations

from functools import partial

from mmm.reporting.numbers import significant
from mmm.reporting.page import Align, Column, Section, Table
from mmm.reporting.workbook import Book
from optimizer.goals import LeastBudget, Reached
from optimizer.inverse_words import figure
from optimizer.report_facts import PlanFacts

_RIGHT = partial(Column, align=Align.RIGHT)


def sections(found: Reached, facts: PlanFacts) -> list[Section]:
    """Return the section: the answer, and what it rests on."""
    problem, money = facts.problem, facts.problem.frame.money
    least = isinstance(found.aim, LeastBudget)

    def said(value: float) -> str:
        return figure(problem, value) if least else significant(value, 5)

    rows = [
        ("Asked for", said(found.target), "the planning draws' mean, or the brief's own measure of risk"),
        ("Reached", said(found.reached), "of the plan on this page, recomputed"),
        ("Budget", money(found.budget), "found by solving the problem at several budgets"),
        ("Budgets solved", f"{found.tried}", "each with its own bound"),
    ]
    if found.edge is not None:
        name, reach = ("Proven too small", "or a smaller") if least else ("Proven too large", "or a larger")
        rows.insert(3, (name, money(found.edge), f"this {reach} budget cannot reach the goal"))
    table = Table([Column("Figure"), _RIGHT("Value"), Column("What it is")], rows)
    return [Section("The budget that the goal needs", [table], found.says)]


def no_sheet(found: object, book: Book, facts: PlanFacts) -> None:
    """Write no sheet: the page's figures are all there is."""
