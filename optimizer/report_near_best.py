"""How the plan's page shows which channels barely matter."""

from __future__ import annotations

from functools import partial

from mmm.reporting import charts
from mmm.reporting.numbers import count, percent
from mmm.reporting.page import Align, Block, Chart, Column, Prose, Section, Table
from mmm.reporting.palette import ACCENT
from mmm.reporting.text import isolate, join_parts
from optimizer.near_best import BARELY, NearBest
from optimizer.report_facts import PlanFacts

_RIGHT = partial(Column, align=Align.RIGHT)
#: Rows that the page shows; the workbook has all.
SHOWN = 40


def lead(found: NearBest) -> str:
    """Say which channels barely matter."""
    free = [isolate(one.name) for one in found.ranges if one.barely_matters]
    within = f"within {percent(found.share)} of the plan's value"
    if not free:
        return f"No channel's total could be moved by {percent(BARELY, 0)} either way and stay {within}."
    verb = "barely matters" if len(free) == 1 else "barely matter"
    return f"{join_parts(free, limit=6)} {verb}: {percent(BARELY, 0)} less or more stays {within}."


def sections(found: NearBest, facts: PlanFacts) -> list[Section]:
    """Return the section with every channel's range."""
    shown = sorted(found.ranges, key=lambda one: -one.planned)[:SHOWN]
    rows = [
        (one.name, count(one.planned), count(one.low.total), count(one.high.total), _room(one.planned, one.low.total),
         _room(one.planned, one.high.total), "yes" if one.barely_matters else "")
        for one in shown
    ]  # fmt: skip
    heads = ("Planned", "From", "To", "Change down", "Change up")
    table = Table(
        [Column("Channel"), *map(_RIGHT, heads), Column("Barely matters")],
        rows,
        f"What a channel alone may spend over the horizon, {facts.currency}, the others making way as they best can",
    )
    figure = charts.bar_chart(
        [one.name for one in shown],
        {
            "planned": charts.Bars(
                [one.planned for one in shown],
                [one.low.total for one in shown],
                [one.high.total for one in shown],
                colour=ACCENT,
            )
        },
        unit=f"{facts.currency} over {len(facts.problem.weeks)} weeks",
    )
    said = "; ".join(one.says for one in shown)
    chart = Chart(
        figure, "Bars: the plan. Lines: the range within the share of the best.", said, charts.bar_height(len(shown))
    )
    attained = (
        "Both ends of every range are plans that keep every constraint, with their value recomputed over the planning "
        "draws. One channel moves at a time: two ends at once are seldom possible."
    )
    notes = [attained]
    if not found.complete:
        notes.append("The time was up before every channel was looked at: those left show the plan alone.")
    blocks: list[Block] = [chart, table, Prose(notes)]
    return [Section("Which channels barely matter", blocks, lead(found))]


def _room(planned: float, end: float) -> str:
    return percent(end / planned - 1.0, 0, signed=True) if planned >= 1 else "–"
