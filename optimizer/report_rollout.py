"""How the plan's page shows the steps towards it, and what was fixed in mid-course."""

from __future__ import annotations

from functools import partial

from mmm.reporting import charts
from mmm.reporting.numbers import MISSING, count, percent
from mmm.reporting.page import Align, Chart, Column, Section, Table
from optimizer import report_words as words
from optimizer.replan import Replan
from optimizer.report_facts import PlanFacts
from optimizer.rollout import Rollout

_RIGHT = partial(Column, align=Align.RIGHT)


def sections(found: Rollout, facts: PlanFacts) -> list[Section]:
    """Return the section: what each step spends and yields."""
    problem = facts.problem
    rows = [
        (
            "today" if one.number == 0 else f"{one.number}",
            count(one.value),
            MISSING if one.number == 0 else count(one.upper_bound),
            MISSING if one.number == 0 else count(one.gained, signed=True),
            MISSING if one.share is None else percent(one.share, 0),
            *(count(one.totals[name]) for name in problem.channels),
        )
        for one in found.steps
    ]
    heads = (f"Value, {problem.unit}", "Upper bound", "Gained", "Of the way", *problem.channels)
    caption = (
        f"Each step is the best plan of the horizon in which no channel's total changes by more than "
        f"{percent(found.change, 0)} since the step before; channels in {facts.currency}"
    )
    table = Table([Column("Step"), *map(_RIGHT, heads)], rows, caption)
    figure = charts.bar_chart(
        [row[0] for row in rows],
        {"value": charts.Bars([one.value for one in found.steps])},
        unit=f"{words.value_name(problem)}, {problem.unit}",
    )
    chart = Chart(figure, "Value of each step's plan.", found.says, charts.bar_height(len(rows)))
    return [Section("Steps towards the plan", [chart, table], found.says)]


def replan_sections(found: Replan, facts: PlanFacts) -> list[Section]:
    """Return the section on the weeks gone and the money left."""
    gone = found.weeks_gone
    spend = facts.allocation.spend
    rows = [
        (name, count(float(spend[c, :gone].sum())), count(found.left_by_channel[name]))
        for c, name in enumerate(facts.problem.channels)
    ]
    table = Table(
        [Column("Channel"), _RIGHT("Spent"), _RIGHT("Left to spend")],
        rows,
        f"{facts.currency}; {gone} weeks gone, {found.weeks_left} left",
        total=("Total", count(found.spent), count(found.left)),
    )
    return [Section("What is spent and what is left", [table], found.says)]
