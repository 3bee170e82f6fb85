"""The workbook's money: profit, present value and payback of every scenario; means follow the cash flow."""

from __future__ import annotations

from math import isfinite

from mmm.reporting.workbook import Book, Kind, Role, Sheet
from simulations.digest import Digest, digest
from simulations.results import Estimate, ScenarioResults
from simulations.wording import shown
from simulations.workbook_cash import GAIN, NAME, PRESENT, CashSheet
from simulations.workbook_spend import FIRST, HEAD, write_estimate


def money_sheet(book: Book, results: ScenarioResults, cash: CashSheet) -> None:
    """Write the sheet; ``cash`` is where profit over business as usual stands by week."""
    money = results.currency
    labels = ["Scenario"]
    if not results.outcome_is_money:
        labels += [f"Revenue in the horizon, {money}", "5%", "95%"]
    labels += [f"Profit in the horizon, {money}", "5%", "95%"]
    labels += [f"Difference in profit, {money}", "5%", "95%", "Probability of more"]
    if results.discount_rate is not None:
        labels += [f"Present value of it, {money}", "5%", "95%", "Probability of more"]
    labels += ["Weeks to pay back", "Probability of it"]
    sheet = book.sheet("Money", (28, *(14.5 for _ in labels[1:])))
    sheet.heading(
        "What scenarios leave",
        f"Profit before media is a share of the outcome's value; media spend is taken off. Margin, value and discount "
        f"rate stand on the sheet '{NAME}' and may be changed there. Weeks to pay back are a median; 0: nothing is "
        "ever laid out.",
    )
    sheet.header(HEAD, labels, height=46)
    for s, one in enumerate(results.all):
        _row(sheet, results, cash, s, digest(results, one))
    sheet.legend(FIRST + len(results.all) + 1)
    sheet.freeze(FIRST, 1)


def _row(sheet: Sheet, results: ScenarioResults, cash: CashSheet, s: int, found: Digest) -> None:
    row, col = FIRST + s, 1
    sheet.text(row, 0, shown(found.name))
    for estimate in (None if results.outcome_is_money else found.revenue, found.profit):
        if estimate is not None:
            write_estimate(sheet, row, col, estimate, Kind.MONEY)
            col += 3
    if not s or found.profit_delta is None or found.payback is None:
        return
    col = _live(sheet, row, col, f"={cash.total(s, GAIN)}", found.profit_delta, found.p_more_profit)
    if found.npv is not None:
        col = _live(sheet, row, col, f"={cash.total(s, PRESENT)}", found.npv, found.p_more_npv)
    weeks_cell(sheet, row, col, found.payback.week)
    sheet.number(row, col + 1, found.payback.p, Kind.PERCENT, Role.MODEL)


def weeks_cell(sheet: Sheet, row: int, col: int, week: float) -> None:
    """Write the weeks to pay back, or that half of the draws or more never get there."""
    if isfinite(week):
        sheet.number(row, col, week, Kind.COUNT, Role.MODEL)
    else:
        sheet.text(row, col, "never", align="right")


def _live(sheet: Sheet, row: int, col: int, formula: str, found: Estimate, p: float | None) -> int:
    """Write a live mean with its interval and the chance of more than 0; return the column after them."""
    sheet.formula(row, col, formula, found.mean, Kind.MONEY)
    for offset, value in enumerate((found.q05, found.q95), start=1):
        sheet.number(row, col + offset, value, Kind.MONEY, Role.MODEL)
    sheet.number(row, col + 3, p or 0.0, Kind.PERCENT, Role.MODEL)
    return col + 4
