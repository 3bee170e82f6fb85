"""The workbook's cash flow: profit over business as usual by week, its present value and payback, as live formulas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm.arrays import FloatArray
from mmm.reporting.palette import MUTED
from mmm.reporting.workbook import Book, Kind, Role, Sheet, cell, span
from mmm.response.calendar import WEEK
from optimizer.objectives import YEAR
from simulations.finance import Cash
from simulations.results import ScenarioDraws, ScenarioResults
from simulations.wording import outcome_heading, shown
from simulations.workbook_periods import DELTA as WEEK_DELTA
from simulations.workbook_periods import SPEND as WEEK_SPEND
from simulations.workbook_periods import PeriodSheet
from simulations.workbook_spend import HEAD

NAME = "Cash flow"
#: Where the terms stand: label in column 0, figure in column 1.
MARGIN, VALUE, RATE = HEAD, HEAD + 1, HEAD + 2
FIRST = HEAD + 6
#: Money by which a sum is behind; less is rounding.
BEHIND = 0.005
#: Column of each figure.
NUMBER, FROM, OUTCOME, SPENT, GAIN, SO_FAR, LOW, HIGH, FACTOR, PRESENT = range(1, 11)


@dataclass(frozen=True)
class CashSheet:
    """One block of N weeks a scenario, the carryover's included, its sums in the row under it.

    Attributes
    ----------
    weeks, horizon : int
        N, and how many of them are of the horizon.
    """

    weeks: int
    horizon: int

    @staticmethod
    def placed(results: ScenarioResults) -> CashSheet | None:
        """Lay the sheet out; None where profit is not known."""
        paths = [one.cash.path for one in results.scenarios if one.cash is not None]
        if not paths or results.margin is None:
            return None
        # Weeks in which nothing comes in any more are left out.
        moving = np.any([np.diff(path, axis=1).any(axis=0) for path in paths], axis=0)
        last = int(np.flatnonzero(moving)[-1]) + 2 if moving.any() else 0
        return CashSheet(max(last, len(results.weeks)), len(results.weeks))

    def top(self, scenario: int) -> int:
        """Return the first row of a scenario's block; 1 is the first scenario."""
        return FIRST + (scenario - 1) * (self.weeks + 1)

    @staticmethod
    def term(row: int) -> str:
        """Return the reference of the margin, the value or the rate."""
        return f"'{NAME}'!{cell(row, 1, True, True)}"  # noqa: FBT003  (the kit's signature)

    def total(self, scenario: int, col: int) -> str:
        """Return the reference of a scenario's sum."""
        return f"'{NAME}'!{cell(self.top(scenario) + self.weeks, col)}"

    def write(self, book: Book, results: ScenarioResults, week: PeriodSheet) -> None:
        """Write the sheet; ``week`` is where outcomes and spend by week stand."""
        sheet = book.sheet(NAME, (34, 11, 13, *(15 for _ in range(8))))
        sheet.heading(
            "Profit over business as usual, week by week",
            "In the horizon it follows the weekly sheet; after it the carryover comes in. Change a blue figure and the "
            "rest follows.",
        )
        self._terms(sheet, results)
        sheet.header(
            FIRST - 1,
            (
                "Scenario",
                "Week",
                "Week from",
                f"Difference: {outcome_heading(results)}",
                f"Difference in spend, {results.currency}",
                f"Difference in profit, {results.currency}",
                "Up to here",
                "5%",
                "95%",
                "Discount factor",
                f"Present value, {results.currency}",
            ),
            left=3,
            height=46,
        )
        for s, one in enumerate(results.scenarios, start=1):
            if one.cash is not None:
                self._block(sheet, results, week, s, one, one.cash)
        sheet.legend(self.top(len(results.scenarios) + 1) + 1)
        sheet.freeze(FIRST, 3)

    @staticmethod
    def _terms(sheet: Sheet, results: ScenarioResults) -> None:
        sheet.text(MARGIN, 0, "Profit before media, share of value")
        sheet.number(MARGIN, 1, results.margin or 0.0, Kind.PERCENT)
        sheet.text(VALUE, 0, f"Value of an outcome unit, {results.currency}")
        sheet.number(VALUE, 1, results.value or 0.0, Kind.NUMBER)
        sheet.text(RATE, 0, "Discount rate a year")
        sheet.number(RATE, 1, results.discount_rate or 0.0, Kind.PERCENT)

    def _block(
        self, sheet: Sheet, results: ScenarioResults, week: PeriodSheet, s: int, one: ScenarioDraws, cash: Cash
    ) -> None:
        top, name = self.top(s), shown(one.name)
        margin, value, rate = (cell(row, 1, True, True) for row in (MARGIN, VALUE, RATE))  # noqa: FBT003
        unit = (results.margin or 0.0) * (results.value or 0.0)
        so_far = cash.path[0, : self.weeks]
        gain = np.diff(so_far, prepend=0.0)
        inside = (one.expected - results.bau.expected).mean(axis=1)
        spent = one.future.spend.sum(axis=0) - results.bau.future.spend.sum(axis=0)
        factors = (1.0 + (results.discount_rate or 0.0)) ** (-7.0 * np.arange(self.weeks) / YEAR)
        # At another price a unit's worth differs from week to week: the model's figure stands then.
        priced = bool((one.future.price != 1.0).any())
        for t in range(self.weeks):
            row, there = top + t, week.top(s) + t
            sheet.text(row, 0, name)
            sheet.number(row, NUMBER, float(t + 1), Kind.COUNT, Role.REFERENCE)
            sheet.day(row, FROM, results.weeks[0] + t * WEEK)
            if t < self.horizon:
                usual = f"'{week.name}'!{cell(week.top(0) + t, WEEK_SPEND)}"
                sheet.formula(row, OUTCOME, f"='{week.name}'!{cell(there, WEEK_DELTA)}", float(inside[t]), Kind.COUNT)
                difference = f"='{week.name}'!{cell(there, WEEK_SPEND)}-{usual}"
                sheet.formula(row, SPENT, difference, float(spent[t]), Kind.MONEY)
            else:
                sheet.number(row, OUTCOME, float(gain[t]) / unit, Kind.COUNT, Role.MODEL)
                sheet.number(row, SPENT, 0.0, Kind.MONEY, Role.REFERENCE)
            if priced and t < self.horizon:
                sheet.number(row, GAIN, float(gain[t]), Kind.MONEY, Role.MODEL)
            else:
                worth = f"={margin}*{value}*{cell(row, OUTCOME)}-{cell(row, SPENT)}"
                sheet.formula(row, GAIN, worth, float(gain[t]), Kind.MONEY)
            sum_so_far = f"=SUM({span(top, GAIN, row, GAIN)})"
            sheet.formula(row, SO_FAR, sum_so_far, float(so_far[t]), Kind.MONEY)
            for col, level in ((LOW, cash.path[1, t]), (HIGH, cash.path[2, t])):
                sheet.number(row, col, float(level), Kind.MONEY, Role.MODEL)
            power = f"=(1+{rate})^(-7*({cell(row, NUMBER)}-1)/{YEAR})"
            sheet.formula(row, FACTOR, power, float(factors[t]), Kind.NUMBER)
            present = f"={cell(row, GAIN)}*{cell(row, FACTOR)}"
            sheet.formula(row, PRESENT, present, float(gain[t] * factors[t]), Kind.MONEY)
        outcome = float(inside.sum() + gain[self.horizon :].sum() / unit)
        self._foot(sheet, top, name, (outcome, float(spent.sum())), (gain, np.asarray(factors)))

    def _foot(
        self, sheet: Sheet, top: int, name: str, sums: tuple[float, float], flow: tuple[FloatArray, FloatArray]
    ) -> None:
        foot, (outcome, spent), (gain, factors) = top + self.weeks, sums, flow
        sheet.text(foot, 0, name, bold=True)
        sheet.text(foot, FROM, "All weeks", bold=True)
        for col, total, kind in (
            (OUTCOME, outcome, Kind.COUNT),
            (SPENT, spent, Kind.MONEY),
            (GAIN, float(gain.sum()), Kind.MONEY),
            (PRESENT, float(gain @ factors), Kind.MONEY),
        ):
            sheet.formula(foot, col, f"=SUM({span(top, col, foot - 1, col)})", total, kind, total=True)
        behind = np.flatnonzero(np.cumsum(gain) < -BEHIND)
        last = int(behind[-1]) + 1 if len(behind) else 0
        # The last week that is behind, and then what is said of it: 0, a number of weeks, or never.
        weeks, level = span(top, NUMBER, foot - 1, NUMBER), span(top, SO_FAR, foot - 1, SO_FAR)
        found = f"SUMPRODUCT(MAX(({level}<-{BEHIND})*{weeks}))"
        words = f'=IF({found}=0,0,IF({found}={self.weeks},"never",{found}+1))'
        said: float | str = 0.0 if last == 0 else "never" if last == self.weeks else float(last + 1)
        sheet.formula(foot, SO_FAR, words, said, Kind.COUNT, total=True)
        sheet.text(foot, LOW, "← weeks in which the mean pays back", font_color=MUTED)
