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
PROFIT = 13


def summary_sheet(book: Book, results: ScenarioResults, week: PeriodSheet) -> None:
    """Write the sheet."""
    with_profit = results.margin is not None and results.value is not None
    count = len(results.all)
    last = PROFIT + 4 if with_profit else PROFIT
    sheet = book.sheet("Summary", (28, *(14.5 for _ in range(last - 1))))
    sheet.heading(f"Scenarios, {span(results)}")
    sheet.paragraph(1, 0, min(last, 10) - 1, lead(results), lines=3)
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
    if with_profit:
        labels += [f"Difference in profit, {results.currency}", "5%", "95%", "Probability of more"]
    sheet.header(HEAD, labels, height=62)
    for s, one in enumerate(results.all):
        _row(sheet, results, week, s, one)
    end = FIRST + count
    if with_profit:
        _profit(sheet, results, end + 1)
    sheet.legend(end + 4)
    series = Series(
        f"={sheet.ref(HEAD, DELTA, HEAD, DELTA)}",
        sheet.ref(FIRST + 1, 0, end - 1, 0),
        sheet.ref(FIRST + 1, DELTA, end - 1, DELTA),
        ACCENT,
    )
    size = (760, 140 + 34 * count)
    sheet.column_chart(
        cell(end + 10, 0), [series], title="Difference from business as usual", unit=unit, horizontal=True, size=size
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
    sheet.formula(row, INSIDE, f"={cell(row, OUTCOME)}-{cell(FIRST, OUTCOME)}", inside, Kind.COUNT)
    after, delta = float(results.after_horizon(one).mean()), Estimate.of(results.delta(one))
    _figures(sheet, row, AFTER, (after,), Kind.COUNT)
    sheet.formula(row, DELTA, f"={cell(row, INSIDE)}+{cell(row, AFTER)}", delta.mean, Kind.COUNT)
    _figures(sheet, row, DELTA_LOW, (delta.q05, delta.q95), Kind.COUNT)
    _figures(sheet, row, ODDS, (p_positive(results.delta(one)),), Kind.PERCENT)


def _profit(sheet: Sheet, results: ScenarioResults, at: int) -> None:
    """Write margin and value as cells that may be changed, and the profit's mean as a formula of them."""
    margin, value = results.margin or 0.0, results.value or 0.0
    sheet.text(at, 0, "Profit before media, share of value")
    sheet.number(at, 1, margin, Kind.PERCENT)
    sheet.text(at + 1, 0, f"Value of an outcome unit, {results.currency}")
    sheet.number(at + 1, 1, value, Kind.NUMBER)
    for s, one in enumerate(results.scenarios, start=1):
        row, gain = FIRST + s, results.profit_delta(one)
        if gain is None:
            continue
        rate = f"{cell(at, 1, True, True)}*{cell(at + 1, 1, True, True)}"  # noqa: FBT003  (the kit's signature)
        formula = f"={rate}*{cell(row, DELTA)}-{cell(row, CHANGE)}"
        found = Estimate.of(gain)
        sheet.formula(row, PROFIT, formula, found.mean, Kind.MONEY)
        _figures(sheet, row, PROFIT + 1, (found.q05, found.q95), Kind.MONEY)
        _figures(sheet, row, PROFIT + 3, (p_positive(gain),), Kind.PERCENT)


def _figures(sheet: Sheet, row: int, col: int, values: tuple[float, ...], kind: Kind) -> None:
    for offset, value in enumerate(values):
        sheet.number(row, col + offset, value, kind, Role.MODEL)
