"""The workbook that finance keeps: totals, months, quarters and differences of means are live formulas."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from mmm.reporting.workbook import Book, money_decimals
from simulations.periods import Period
from simulations.results import ScenarioResults
from simulations.stacking import Stack
from simulations.wording import notes, shown, span
from simulations.workbook_cash import CashSheet
from simulations.workbook_money import money_sheet
from simulations.workbook_periods import PeriodSheet, calendar_sheet
from simulations.workbook_sets import fits_sheet, grid_sheet, tornado_sheet
from simulations.workbook_spend import SpendSheets
from simulations.workbook_summary import summary_sheet


def write_workbook(
    results: ScenarioResults,
    path: Path,
    *,
    fits: Mapping[str, ScenarioResults],
    stack: Stack | None = None,
    details: Mapping[str, str],
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
        cash = CashSheet.placed(results)
        summary_sheet(book, results, week)
        if cash is not None:
            money_sheet(book, results, cash)
        week.write(book, results, spend)
        PeriodSheet("Monthly", "By month", months).write(book, results, week, days=1)
        first = 1 + len(months.labels)
        PeriodSheet("Quarterly", "By fiscal quarter", quarters).write(book, results, week, days=first)
        if cash is not None:
            cash.write(book, results, week)
        spend.write(book, results)
        if results.grid is not None:
            grid_sheet(book, results, results.grid)
        if results.sweep is not None:
            tornado_sheet(book, results, results.sweep)
        calendar_sheet(book, results, months, quarters)
        if len(fits) > 1:
            fits_sheet(book, fits, stack)
        _assumptions(book, results)
        _manifest(book, details)
    return path


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
    for note in notes(results):
        row += 1
        sheet.words(row, {0: note.where, 1: note.says})
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
