"""The sheet of weeks: planned and business-as-usual spend, week by channel, with live totals both ways."""

from __future__ import annotations

from dataclasses import dataclass

from mmm.arrays import FloatArray
from mmm.reporting.workbook import Book, Kind, Role, Series, Sheet, cell, column_name, span
from optimizer.report_facts import PlanFacts


@dataclass(frozen=True)
class WeekSheet:
    """Where the weekly figures stand.

    Attributes
    ----------
    planned, baseline : tuple of str
        One range of weeks a channel, for formulas on other sheets.
    """

    planned: tuple[str, ...]
    baseline: tuple[str, ...]


def write_weeks(book: Book, facts: PlanFacts) -> WeekSheet:
    """Write both grids and the stacked chart."""
    problem = facts.problem
    channels, weeks = problem.baseline.shape
    sheet = book.sheet("Weekly phasing", [14, *(13.5,) * channels, 15])
    sheet.heading(
        "Weekly phasing", f"Planned spend by week of the horizon, {facts.currency}; each week by its first day."
    )
    header = 3
    planned = _grid(sheet, facts, facts.allocation.spend, header, Role.INPUT)
    foot = header + weeks + 1
    sheet.text(foot + 1, 0, "Check", italic=True)
    rows, columns = span(header + 1, channels + 1, header + weeks, channels + 1), span(foot, 1, foot, channels)
    sheet.formula(foot + 1, channels + 1, f"=ROUND(SUM({rows})-SUM({columns}),2)", 0.0, Kind.MONEY)
    sheet.text(foot + 1, 1, "total of the weeks less total of the channels: must be 0", italic=True)
    second = foot + 4
    sheet.text(second - 1, 0, f"Business as usual in the same weeks, {facts.currency}", bold=True)
    baseline = _grid(sheet, facts, problem.baseline, second, Role.REFERENCE)
    last = _volumes(sheet, facts, second + weeks + 1)
    sheet.legend(last + 2)
    sheet.freeze(header + 1, 1)
    sheet.column_chart(
        f"A{last + 8}",
        [
            Series(
                f"={sheet.ref(header, c + 1, header, c + 1)}",
                sheet.ref(header + 1, 0, header + weeks, 0),
                sheet.ref(header + 1, c + 1, header + weeks, c + 1),
                channel.colour,
            )
            for c, channel in enumerate(facts.channels)
        ],
        title="Planned spend by week",
        unit=f"{facts.currency} a week",
        stacked=True,
        weeks=True,
        size=(960, 420),
    )
    return WeekSheet(planned, baseline)


def _volumes(sheet: Sheet, facts: PlanFacts, row: int) -> int:
    """Write what the money serves or buys, where the model sees that, below a row; return the last row written."""
    bought = facts.allocation.volumes
    if not bought:
        return row
    says = "What the plan serves or buys, in each channel's own unit (it does not follow changed cells)"
    sheet.text(row + 3, 0, says, bold=True)
    header = row + 4
    sheet.header(header, ["Week of", *bought])
    for t, week in enumerate(facts.problem.weeks, header + 1):
        sheet.day(t, 0, week)
        for c, series in enumerate(bought.values(), 1):
            sheet.number(t, c, series[t - header - 1], Kind.COUNT, Role.REFERENCE)
    foot = header + len(facts.problem.weeks) + 1
    sheet.text(foot, 0, "Total", bold=True, top=1)
    for c, series in enumerate(bought.values(), 1):
        sheet.formula(foot, c, f"=SUM({span(header + 1, c, foot - 1, c)})", series.sum(), Kind.COUNT, total=True)
    return foot


def _grid(sheet: Sheet, facts: PlanFacts, spend: FloatArray, header: int, role: Role) -> tuple[str, ...]:
    channels, weeks = spend.shape
    sheet.header(header, ["Week of", *facts.problem.channels, "Total"])
    for t, week in enumerate(facts.problem.weeks):
        row = header + 1 + t
        sheet.day(row, 0, week)
        for c in range(channels):
            sheet.number(row, c + 1, spend[c, t], Kind.MONEY, role)
        sheet.formula(row, channels + 1, f"=SUM({cell(row, 1)}:{cell(row, channels)})", spend[:, t].sum(), Kind.MONEY)
    foot = header + weeks + 1
    sheet.text(foot, 0, "Total", bold=True, top=1)
    for c in range(channels):
        column = column_name(c + 1)
        total = f"=SUM({column}{header + 2}:{column}{foot})"
        sheet.formula(foot, c + 1, total, spend[c].sum(), Kind.MONEY, total=True)
    across = f"=SUM({cell(foot, 1)}:{cell(foot, channels)})"
    sheet.formula(foot, channels + 1, across, spend.sum(), Kind.MONEY, total=True)
    return tuple(sheet.ref(header + 1, c + 1, header + weeks, c + 1) for c in range(channels))
