"""The sheet of channels: business as usual against the plan in live formulas, with returns and observed range."""

from __future__ import annotations

from dataclasses import dataclass

from mmm.reporting.workbook import Book, Kind, Role, Sheet, cell, span
from optimizer import report_words as words
from optimizer.report_facts import ChannelFacts, PlanFacts
from optimizer.workbook_weeks import WeekSheet

_HEADER = 3
_FIRST = _HEADER + 1
#: Columns of the upper table.
_BASELINE, _PLANNED, _CHANGE, _RELATIVE, _SHARE_BEFORE, _SHARE, _OBSERVED = range(1, 8)


@dataclass(frozen=True)
class ChannelSheet:
    """Where totals and columns of channels stand, for formulas and charts on other sheets."""

    names: str
    baseline: str
    planned: str
    baseline_column: str
    planned_column: str


def write_channels(book: Book, facts: PlanFacts, weeks: WeekSheet) -> ChannelSheet:
    """Write one row a channel and a total."""
    problem, count = facts.problem, len(facts.channels)
    sheet = book.sheet("Channels", [24, *(13.0,) * 12])
    sheet.heading("Channels", f"Over the horizon's {len(problem.weeks)} weeks; money in {facts.currency}.")
    heads = ["Channel", "Business as usual", "Planned", "Change", "Change, %", "Share before", "Share planned"]
    at = ", at the planned prices" if problem.frame.repriced else ""
    heads += [f"Smallest observed week{at}", f"Largest observed week{at}", "Largest planned week"]
    heads += ["Against what was observed"]
    sheet.header(_HEADER, heads)
    total = _FIRST + count
    for place, channel in enumerate(facts.channels):
        row = _FIRST + place
        sheet.text(row, 0, channel.name)
        sheet.formula(row, _BASELINE, f"=SUM({weeks.baseline[place]})", channel.plan.baseline_spend, Kind.MONEY)
        sheet.formula(row, _PLANNED, f"=SUM({weeks.planned[place]})", channel.plan.spend, Kind.MONEY)
        _live(sheet, row, total, channel.plan.baseline_spend, channel.plan.spend, facts)
        _observed(sheet, row, channel, weeks.planned[place])
    sheet.text(total, 0, "Total", bold=True, top=1)
    for column, value in ((_BASELINE, facts.baseline_spend), (_PLANNED, facts.budget)):
        formula = f"=SUM({span(_FIRST, column, total - 1, column)})"
        sheet.formula(total, column, formula, value, Kind.MONEY, total=True)
    _live(sheet, total, total, facts.baseline_spend, facts.budget, facts, bold=True)
    after = _returns(sheet, facts, total + 3)
    sheet.legend(after + 1)
    sheet.freeze(0, 1)
    last = total - 1
    return ChannelSheet(
        names=sheet.ref(_FIRST, 0, last, 0),
        baseline=sheet.ref(total, _BASELINE, total, _BASELINE),
        planned=sheet.ref(total, _PLANNED, total, _PLANNED),
        baseline_column=sheet.ref(_FIRST, _BASELINE, last, _BASELINE),
        planned_column=sheet.ref(_FIRST, _PLANNED, last, _PLANNED),
    )


def _live(
    sheet: Sheet, row: int, total: int, baseline: float, planned: float, facts: PlanFacts, *, bold: bool = False
) -> None:
    was, now = cell(row, _BASELINE), cell(row, _PLANNED)
    sheet.formula(row, _CHANGE, f"={now}-{was}", planned - baseline, Kind.MONEY, total=bold)
    change = planned / baseline - 1.0 if baseline else ""
    sheet.formula(row, _RELATIVE, f'=IF({was}=0,"",{now}/{was}-1)', change, Kind.CHANGE, total=bold)
    for column, source, part, whole in (
        (_SHARE_BEFORE, _BASELINE, baseline, facts.baseline_spend),
        (_SHARE, _PLANNED, planned, facts.budget),
    ):
        of = span(total, source, total, source)
        share = part / whole if whole else ""
        sheet.formula(row, column, f'=IF({of}=0,"",{cell(row, source)}/{of})', share, Kind.PERCENT, total=bold)


def _returns(sheet: Sheet, facts: PlanFacts, row: int) -> int:
    """Write the lower table, of the model's results, and return the row after it."""
    unit = words.return_unit(facts.problem)
    sheet.text(row, 0, "Returns: mean and 90% interval over the held-back draws", bold=True)
    groups = ("ROAS, planned", "mROAS, business as usual", "mROAS, planned")
    labels = [f"{group}, {unit}" for group in groups] + [f"Uplift, {words.outcome_axis(facts.problem)}"]
    for place, label in enumerate(labels):
        sheet.text(row + 1, 1 + 3 * place, label, bold=True, font_size=9.5, indent=1)
    sheet.header(row + 2, ["Channel", *("mean", "from", "to") * 4], height=16)
    row += 3
    for channel in facts.channels:
        plan = channel.plan
        sheet.text(row, 0, channel.name)
        for place, one in enumerate((plan.roas, plan.baseline_mroas, plan.mroas, channel.uplift)):
            figures = (float("nan"),) * 3 if one is None else (one.mean, one.q05, one.q95)
            for step, value in enumerate(figures):
                sheet.number(row, 1 + 3 * place + step, value, Kind.COUNT if place == 3 else Kind.RATIO, Role.MODEL)
        row += 1
    note = "ROAS is what the planned spend brings over that spend; mROAS is the return of the next unit of money."
    sheet.text(row, 0, note, font_size=9.5)
    return row + 1


def _observed(sheet: Sheet, row: int, channel: ChannelFacts, planned: str) -> None:
    sheet.number(row, _OBSERVED, channel.observed_min, Kind.MONEY, Role.REFERENCE)
    sheet.number(row, _OBSERVED + 1, channel.plan.observed_max, Kind.MONEY, Role.REFERENCE)
    sheet.formula(row, _OBSERVED + 2, f"=MAX({planned})", channel.plan.max_week, Kind.MONEY)
    largest, seen = cell(row, _OBSERVED + 2), cell(row, _OBSERVED + 1)
    value = "beyond" if channel.plan.max_week > channel.plan.observed_max else "within"
    sheet.formula(row, _OBSERVED + 3, f'=IF({largest}>{seen},"beyond","within")', value, Kind.COUNT)
