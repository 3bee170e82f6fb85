"""How the plan's page shows what departments cost, gain and where they clash."""

from __future__ import annotations

from functools import partial

from mmm.reporting import charts
from mmm.reporting.numbers import count, percent
from mmm.reporting.page import Align, Block, Chart, Column, Prose, Section, Table
from mmm.reporting.palette import ACCENT, BASELINE, GOOD
from mmm.reporting.text import isolate, join_names
from optimizer import report_words as words
from optimizer.departments import HEAVY, Clash, Departments
from optimizer.report_facts import PlanFacts

_RIGHT = partial(Column, align=Align.RIGHT)


def sections(found: Departments, facts: PlanFacts) -> list[Section]:
    """Return the section: the three plans by department, limits in words, clashes."""
    problem = facts.problem
    rows = [
        (
            one.department.name,
            *(count(value) for value in (one.budget, one.planned, one.joint)),
            *(count(value) for value in (one.value_separate, one.value_planned, one.value_joint)),
            one.says,
        )
        for one in found.results
    ]
    heads = words.department_heads(facts.currency, problem.unit)
    table = Table(
        [Column("Department"), *map(_RIGHT, heads), Column("What its limit costs")],
        rows,
        "What each department spends and brings when each plans alone, in this plan, and planned together without the "
        "departments' limits; mean of the planning draws",
    )
    figure = charts.bar_chart(
        [one.department.name for one in found.results],
        {
            "separate": charts.Bars([one.budget for one in found.results], colour=BASELINE),
            "planned": charts.Bars([one.planned for one in found.results], colour=ACCENT),
            "joint": charts.Bars([one.joint for one in found.results], colour=GOOD),
        },
        unit=f"{facts.currency} over {len(problem.weeks)} weeks",
    )
    said = "; ".join(f"{isolate(one.department.name)}: {one.says}" for one in found.results)
    chart = Chart(figure, "Money by department in the three plans.", said, charts.bar_height(len(found.results), 3))
    blocks: list[Block] = [chart, table, Prose([*found.notes, *clash_words(found)])]
    return [Section("Departments", blocks, found.says)]


def clash_words(found: Departments) -> list[str]:
    """Say in which weeks departments clash, and which are quiet."""
    definition = (
        f"A week clashes where at least two departments each spend {percent(HEAVY - 1.0, 0)} more than their own mean "
        "week or above; it is quiet where every department spends less than its own mean week."
    )
    alone = f"Planned separately: {_listed(found.clashes)}"
    if found.quiet:
        alone += f" Quiet: {join_names([words.short_day(week) for week in found.quiet], 8)}."
    return [definition, alone, f"In this plan: {_listed(found.clashes_planned)}"]


def _listed(clashes: tuple[Clash, ...]) -> str:
    if not clashes:
        return "no week clashes."
    weeks = [f"{words.short_day(one.week)} ({join_names(one.departments)})" for one in clashes]
    shown = weeks[:8]
    more = f" and {len(weeks) - 8} more" if len(weeks) > 8 else ""
    return f"{len(weeks)} week{'s' if len(weeks) > 1 else ''}: {'; '.join(shown)}{more}."
