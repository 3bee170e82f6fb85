"""The workbook's time: weeks from the model, months and fiscal quarters as live sums of the weeks by days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm.arrays import FloatArray
from mmm.reporting.palette import channel_colours
from mmm.reporting.workbook import Book, Kind, Role, Series, Sheet, cell, span
from simulations.periods import DAYS, RULE, Period, Periods
from simulations.report_weeks import charted
from simulations.results import ScenarioResults
from simulations.wording import outcome_heading, period_headings, shown
from simulations.workbook_spend import FIRST, HEAD, SpendSheets

CALENDAR = "Calendar"
SPEND, OUTCOME, LOW, HIGH, DELTA, DELTA_LOW, DELTA_HIGH = range(2, 9)


@dataclass(frozen=True)
class PeriodSheet:
    """Weeks, months or fiscal quarters: one block of rows a scenario, the horizon's sum at its foot.

    Attributes
    ----------
    name, title : str
        Of the sheet, and over it.
    periods : Periods
    """

    name: str
    title: str
    periods: Periods

    @property
    def size(self) -> int:
        """Number of periods."""
        return len(self.periods.labels)

    def top(self, scenario: int) -> int:
        """Return the first row of a scenario's block; 0 is business as usual."""
        return FIRST + scenario * (self.size + 1)

    def column(self, scenario: int, col: int) -> str:
        """Return the reference of a scenario's figures."""
        top = self.top(scenario)
        return f"'{self.name}'!{span(top, col, top + self.size - 1, col)}"

    def total(self, scenario: int, col: int) -> str:
        """Return the reference of a scenario's figure for the whole horizon."""
        return f"'{self.name}'!{cell(self.top(scenario) + self.size, col)}"

    def write(self, book: Book, results: ScenarioResults, source: SpendSheets | PeriodSheet, days: int = 0) -> None:
        """Write the sheet.

        Parameters
        ----------
        book : Book
        results : ScenarioResults
        source : SpendSheets or PeriodSheet
            Where spend comes from: the grid for weeks, the weekly sheet for months and quarters.
        days : int
            Column of the first period's days on the calendar sheet.
        """
        heading = outcome_heading(results)
        sheet = book.sheet(self.name, (26, 24, *(14 for _ in range(7))))
        sheet.heading(self.title, "" if self.periods.kind is Period.WEEK else RULE)
        figures = (f"Spend, {results.currency}", f"Outcome: {heading}", "5%", "95%", "Difference", "5%", "95%")
        sheet.header(HEAD, ("Scenario", self.periods.kind.value.capitalize(), *figures), left=2)
        for s in range(len(results.all)):
            self._block(sheet, results, s, source, days)
        end = self.top(len(results.all))
        sheet.legend(end + 1)
        if self.periods.kind is not Period.WEEK and results.scenarios:
            self._chart(sheet, results, cell(end + 5, 0))
        sheet.freeze(FIRST, 2)

    def _block(
        self, sheet: Sheet, results: ScenarioResults, s: int, source: SpendSheets | PeriodSheet, days: int
    ) -> None:
        one, periods = results.all[s], self.periods
        spend = periods.sums(one.future.spend.sum(axis=0))
        level = periods.sums(results.level(one))
        delta = periods.sums(one.expected) - periods.sums(results.bau.expected)
        for p, heading in enumerate(period_headings(periods)):
            row = self.top(s) + p
            sheet.text(row, 0, shown(one.name))
            if isinstance(source, SpendSheets):
                sheet.day(row, 1, results.weeks[p])
                sheet.formula(row, SPEND, f"={source.total_cell(s, p)}", float(spend[p]), Kind.MONEY)
                sheet.number(row, OUTCOME, float(level[p].mean()), Kind.COUNT, Role.MODEL)
            else:
                sheet.text(row, 1, heading)
                share = f"'{CALENDAR}'!{span(FIRST, days + p, FIRST + source.size - 1, days + p)}"
                for col, value, kind in ((SPEND, spend[p], Kind.MONEY), (OUTCOME, level[p].mean(), Kind.COUNT)):
                    sum_by_days = f"=SUMPRODUCT({share},{source.column(s, col)})/{DAYS}"
                    sheet.formula(row, col, sum_by_days, float(value), kind)
            base = cell(self.top(0) + p, OUTCOME)
            if one.capped is None:
                sheet.formula(row, DELTA, f"={cell(row, OUTCOME)}-{base}", float(delta[p].mean()), Kind.COUNT)
            else:
                # Where supply is limited, chance lifts no week above the limit: levels and differences part.
                sheet.number(row, DELTA, float(delta[p].mean()), Kind.COUNT, Role.MODEL)
            _interval(sheet, row, LOW, level[p])
            _interval(sheet, row, DELTA_LOW, delta[p])
        self._foot(sheet, s, shown(one.name), spend, level, delta)

    def _foot(self, sheet: Sheet, s: int, name: str, spend: FloatArray, level: FloatArray, delta: FloatArray) -> None:
        top, foot = self.top(s), self.top(s) + self.size
        sheet.text(foot, 0, name, bold=True)
        sheet.text(foot, 1, "Horizon", bold=True)
        totals = (
            (SPEND, spend.sum(), Kind.MONEY),
            (OUTCOME, level.sum(axis=0).mean(), Kind.COUNT),
            (DELTA, delta.sum(axis=0).mean(), Kind.COUNT),
        )
        for col, value, kind in totals:
            sheet.formula(foot, col, f"=SUM({span(top, col, foot - 1, col)})", float(value), kind, total=True)
        _interval(sheet, foot, LOW, level.sum(axis=0), total=True)
        _interval(sheet, foot, DELTA_LOW, delta.sum(axis=0), total=True)

    def _chart(self, sheet: Sheet, results: ScenarioResults, at: str) -> None:
        drawn = charted(results)
        colours = channel_colours([one.name for one in drawn])
        series = [
            Series(
                f"={sheet.ref(self.top(s), 0, self.top(s), 0)}", self.column(s, 1), self.column(s, DELTA), colours[name]
            )
            for s, name in enumerate(one.name for one in results.all)
            if name in colours
        ]
        title = "Difference from business as usual"
        sheet.column_chart(at, series, title=title, unit=outcome_heading(results))


def _interval(sheet: Sheet, row: int, col: int, draws: FloatArray, *, total: bool = False) -> None:
    for offset, value in enumerate(np.quantile(draws, (0.05, 0.95))):
        sheet.number(row, col + offset, float(value), Kind.COUNT, Role.MODEL, total=total)


def calendar_sheet(book: Book, results: ScenarioResults, months: Periods, quarters: Periods) -> None:
    """Write the days that each week has in each month and quarter; months start in column 1, quarters after them."""
    headings = (*period_headings(months), *period_headings(quarters))
    sheet = book.sheet(CALENDAR, (14, *(13 for _ in headings)))
    sheet.heading("Days of each week in each month and fiscal quarter", RULE)
    sheet.header(HEAD, ("Week from", *headings), height=45)
    days = np.concatenate([months.days, quarters.days])
    last = FIRST + len(results.weeks)
    for t, week in enumerate(results.weeks):
        sheet.day(FIRST + t, 0, week)
        for index, value in enumerate(days[:, t]):
            sheet.number(FIRST + t, 1 + index, float(value), Kind.COUNT, Role.MODEL)
    sheet.text(last, 0, "Horizon", bold=True)
    for index, column in enumerate(days):
        where = span(FIRST, 1 + index, last - 1, 1 + index)
        sheet.formula(last, 1 + index, f"=SUM({where})", float(column.sum()), Kind.COUNT, total=True)
    sheet.freeze(FIRST, 1)
