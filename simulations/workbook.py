"""The workbook that finance keeps: totals, months, quarters and differences of means are live formulas."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from mmm.reporting.workbook import Book, Kind, Role, money_decimals
from simulations.periods import Period
from simulations.results import ScenarioResults
from simulations.wording import outcome_heading, shown, span
from simulations.workbook_periods import PeriodSheet, calendar_sheet
from simulations.workbook_spend import SpendSheets
from simulations.workbook_summary import summary_sheet


def write_workbook(
    results: ScenarioResults, path: Path, *, fits: Mapping[str, ScenarioResults], details: Mapping[str, str]
) -> Path:
    """Write the workbook; arguments as in :func:`simulations.report.write_report`."""
    spends = [one.future.spend.sum() for one in results.all]
    # Figures of a thousand and more need no cents; smaller ones get the currency's.
    decimals = 0 if max(spends) >= 1_000 else money_decimals(results.currency, spends)
    title = f"Scenarios, {span(results)}"
    with Book(path, title=title, currency=results.currency, decimals=decimals) as book:
        months, quarters = (results.divided(kind) for kind in (Period.MONTH, Period.QUARTER))
        # Sheets stand in the order in which they are read; formulas refer forwards, so places are laid out first.
        week = PeriodSheet("Weekly", "Week by week", results.divided(Period.WEEK))
        spend = SpendSheets.placed(results)
        summary_sheet(book, results, week)
        week.write(book, results, spend)
        PeriodSheet("Monthly", "By month", months).write(book, results, week, days=1)
        first = 1 + len(months.labels)
        PeriodSheet("Quarterly", "By fiscal quarter", quarters).write(book, results, week, days=first)
        spend.write(book, results)
        calendar_sheet(book, results, months, quarters)
        if len(fits) > 1:
            _fits(book, fits)
        _assumptions(book, results)
        _manifest(book, details)
    return path


def _fits(book: Book, fits: Mapping[str, ScenarioResults]) -> None:
    from simulations.compare import side_by_side  # noqa: PLC0415

    sheet = book.sheet("Fits", (30, 30, 16, 16, 16, 16))
    first = next(iter(fits.values()))
    sheet.heading("The scenarios under each fit", f"Difference from business as usual, {outcome_heading(first)}.")
    sheet.header(3, ("Scenario", "Fit", "Mean", "5%", "95%", "Probability above zero"), left=2)
    for row, (_, found) in enumerate(side_by_side(fits).iterrows(), start=4):
        sheet.text(row, 0, shown(str(found["scenario"])))
        sheet.text(row, 1, str(found["fit"]))
        for col, key in enumerate(("mean", "q05", "q95"), start=2):
            sheet.number(row, col, float(found[key]), Kind.COUNT, Role.MODEL)
        sheet.number(row, 5, float(found["p_beats_bau"]), Kind.PERCENT, Role.MODEL)
    sheet.freeze(4, 2)


def _assumptions(book: Book, results: ScenarioResults) -> None:
    sheet = book.sheet("Assumptions", (34, 60, 34))
    sheet.heading("What the figures rest on")
    sheet.header(2, ("Scenario", "What changes"), left=2)
    row = 3
    for one in results.all:
        sheet.text(row, 0, shown(one.name))
        sheet.paragraph(row, 1, 2, one.says, lines=math.ceil(len(one.says) / 95))
        row += 1
    row += 1
    for sentence in results.assumptions:
        sheet.paragraph(row, 0, 2, sentence, lines=math.ceil(len(sentence) / 125))
        row += 1
    if not results.beyond:
        return
    row += 1
    sheet.text(row, 0, "Outside the weekly spend that the data have seen", bold=True)
    for flag in results.beyond:
        row += 1
        side = "above the most" if flag.above else "below the least"
        sheet.text(row, 0, shown(flag.scenario))
        sheet.text(
            row,
            1,
            f"{flag.channel}: {flag.planned:,.0f} {results.currency} a week in {flag.weeks} of {len(results.weeks)} "
            f"weeks, {side} seen, {flag.observed:,.0f}",
        )


def _manifest(book: Book, details: Mapping[str, str]) -> None:
    sheet = book.sheet("Manifest", (34, 90))
    sheet.heading("How to repeat this run")
    for row, (key, value) in enumerate(details.items(), start=2):
        sheet.text(row, 0, key, bold=True)
        sheet.text(row, 1, value)
