"""The workbook's first sheet: every scenario on a row, against business as usual."""

from __future__ import annotations

from mmm.reporting.palette import ACCENT
from mmm.reporting.workbook import Book, Kind, Role, Series, Sheet, cell
from mmm.response.probability import p_positive
from simulations.results import Estimate, ScenarioDraws, ScenarioResults
from simulations.wording import lead, outcome_heading, shown, span
from simulations.workbook_periods import OUTCOME as WEEK_OUTCOME
from simulations.workbook_periods import SPEND as WEEK_SPEND
from simulations.workbook_periods import PeriodSheet
from simulations.workbook_spend import FIRST, HEAD

#: Column of each figure.
SPEND, CHANGE, SHARE, OUTCOME, LOW, HIGH, INSIDE, AFTER, DELTA, DELTA_LOW, DELTA_HIGH, ODDS = range(1, 13)


def summary_sheet(book: Book, results: ScenarioResults, week: PeriodSheet) -> None:
    """Write the sheet."""
    count = len(results.all)
    sheet = book.sheet("Summary", (28, *(14.5 for _ in range(ODDS))))
    sheet.heading(f"Scenarios, {span(results)}")
    sheet.paragraph(1, 0, 9, lead(results), lines=3)
    unit = outcome_heading(results)
    labels = [
        "Scenario",
        f"Spend, {results.currency}",
        "Change of spend",
        "… in %",
        f"Outcome in the horizon: {unit}",
        "5%",
        "95%",
        "Difference in the horizon",
        "Difference after the horizon",
        f"Difference altogether: {unit}",
        "5%",
        "95%",
        "Probability of more",
    ]
    sheet.header(HEAD, labels, height=62)
    for s, one in enumerate(results.all):
        _row(sheet, results, week, s, one)
    end = FIRST + count
    sheet.legend(end + 1)
    if results.scenarios:
        series = Series(
            f"={sheet.ref(HEAD, DELTA, HEAD, DELTA)}",
            sheet.ref(FIRST + 1, 0, end - 1, 0),
            sheet.ref(FIRST + 1, DELTA, end - 1, DELTA),
            ACCENT,
        )
        size = (760, 140 + 34 * count)
        sheet.column_chart(
            cell(end + 7, 0), [series], title="Difference from business as usual", unit=unit, horizontal=True, size=size
        )
    sheet.freeze(FIRST, 1)


def _row(sheet: Sheet, results: ScenarioResults, week: PeriodSheet, s: int, one: ScenarioDraws) -> None:
    row = FIRST + s
    outcome, inside = results.outcome(one), float(results.in_horizon(one).mean())
    spend, usual = float(one.spend.sum()), float(results.bau.spend.sum())
    sheet.text(row, 0, shown(one.name))
    sheet.formula(row, SPEND, f"={week.total(s, WEEK_SPEND)}", spend, Kind.MONEY)
    sheet.formula(row, OUTCOME, f"={week.total(s, WEEK_OUTCOME)}", outcome.mean, Kind.COUNT)
    _figures(sheet, row, LOW, (outcome.q05, outcome.q95), Kind.COUNT)
    if not s:
        return
    base, share = cell(FIRST, SPEND), spend / usual - 1 if usual else 0.0
    sheet.formula(row, CHANGE, f"={cell(row, SPEND)}-{base}", spend - usual, Kind.MONEY)
    sheet.formula(row, SHARE, f"=IF({base}=0,0,{cell(row, CHANGE)}/{base})", share, Kind.CHANGE)
    if one.capped is None:
        sheet.formula(row, INSIDE, f"={cell(row, OUTCOME)}-{cell(FIRST, OUTCOME)}", inside, Kind.COUNT)
    else:
        _figures(sheet, row, INSIDE, (inside,), Kind.COUNT)
    after, delta = float(results.after_horizon(one).mean()), Estimate.of(results.delta(one))
    _figures(sheet, row, AFTER, (after,), Kind.COUNT)
    sheet.formula(row, DELTA, f"={cell(row, INSIDE)}+{cell(row, AFTER)}", delta.mean, Kind.COUNT)
    _figures(sheet, row, DELTA_LOW, (delta.q05, delta.q95), Kind.COUNT)
    _figures(sheet, row, ODDS, (p_positive(results.delta(one)),), Kind.PERCENT)


def _figures(sheet: Sheet, row: int, col: int, values: tuple[float, ...], kind: Kind) -> None:
    for offset, value in enumerate(values):
        sheet.number(row, col + offset, value, kind, Role.MODEL)
