"""The workbook's spend: a grid by week and channel, channel totals over it, and what each channel returns."""

from __future__ import annotations

from dataclasses import dataclass

from mmm.reporting.palette import channel_colours
from mmm.reporting.workbook import Book, Kind, Role, Series, Sheet, cell, span
from simulations.results import Estimate, ScenarioResults
from simulations.wording import outcome_heading, shown, supply_words

HEAD = 3
FIRST = HEAD + 1
GRID = "Weekly spend"


@dataclass(frozen=True)
class SpendSheets:
    """Where the grid's cells stand: one block of T rows a scenario, channels from column 2, the total after them."""

    channels: int
    weeks: int

    @staticmethod
    def placed(results: ScenarioResults) -> SpendSheets:
        """Lay the sheets out."""
        return SpendSheets(len(results.channels), len(results.weeks))

    def rows(self, scenario: int) -> tuple[int, int]:
        """Return the first and last row of a scenario's block."""
        first = FIRST + scenario * self.weeks
        return first, first + self.weeks - 1

    def total_cell(self, scenario: int, week: int) -> str:
        """Return the reference of a week's total."""
        return f"'{GRID}'!{cell(self.rows(scenario)[0] + week, 2 + self.channels)}"

    def channel_range(self, scenario: int, channel: int) -> str:
        """Return the reference of a channel's weeks."""
        first, last = self.rows(scenario)
        return f"'{GRID}'!{span(first, 2 + channel, last, 2 + channel)}"

    def write(self, book: Book, results: ScenarioResults) -> None:
        """Write the three sheets."""
        self._totals(book, results)
        self._grid(book, results)
        _returns(book, results)

    def _totals(self, book: Book, results: ScenarioResults) -> None:
        names = [shown(one.name) for one in results.all]
        sheet = book.sheet("Spend by channel", (24, *(16 for _ in names)))
        sheet.heading("Spend by channel", f"In the horizon, {results.currency}; sums of the weekly grid.")
        sheet.header(HEAD, ("Channel", *names))
        last = FIRST + self.channels - 1
        for c, channel in enumerate(results.channels):
            sheet.text(FIRST + c, 0, channel)
            for s, one in enumerate(results.all):
                sheet.formula(FIRST + c, 1 + s, f"=SUM({self.channel_range(s, c)})", float(one.spend[c]), Kind.MONEY)
        sheet.text(last + 1, 0, "All channels", bold=True)
        sheet.text(last + 2, 0, "Against business as usual")
        for s, one in enumerate(results.all):
            total, usual = float(one.spend.sum()), float(results.bau.spend.sum())
            where = span(FIRST, 1 + s, last, 1 + s)
            sheet.formula(last + 1, 1 + s, f"=SUM({where})", total, Kind.MONEY, total=True)
            here, base = cell(last + 1, 1 + s), cell(last + 1, 1)
            share = total / usual - 1 if usual else 0.0
            sheet.formula(last + 2, 1 + s, f"=IF({base}=0,0,{here}/{base}-1)", share, Kind.CHANGE)
        colours = channel_colours(list(results.channels))
        series = [
            Series(
                f"={sheet.ref(FIRST + c, 0, FIRST + c, 0)}",
                sheet.ref(HEAD, 1, HEAD, len(names)),
                sheet.ref(FIRST + c, 1, FIRST + c, len(names)),
                colours[channel],
            )
            for c, channel in enumerate(results.channels)
        ]
        sheet.column_chart(
            cell(last + 5, 0), series, title="Spend by scenario and channel", unit=results.currency, stacked=True
        )
        sheet.freeze(FIRST, 1)

    def _grid(self, book: Book, results: ScenarioResults) -> None:
        sheet = book.sheet(GRID, (26, 13, *(14 for _ in range(self.channels + 1))))
        sheet.heading("Weekly spend", f"{results.currency} a week. Totals on the other sheets follow these figures.")
        sheet.header(HEAD, ("Scenario", "Week", *results.channels, "All channels"), left=2)
        for s, one in enumerate(results.all):
            first = self.rows(s)[0]
            for t, week in enumerate(results.weeks):
                row = first + t
                sheet.text(row, 0, shown(one.name))
                sheet.day(row, 1, week)
                for c in range(self.channels):
                    sheet.number(row, 2 + c, float(one.future.spend[c, t]), Kind.MONEY)
                total = float(one.future.spend[:, t].sum())
                where = span(row, 2, row, 1 + self.channels)
                sheet.formula(row, 2 + self.channels, f"=SUM({where})", total, Kind.MONEY)
        legend = self.rows(len(results.all) - 1)[1] + 2
        sheet.legend(legend)
        sheet.freeze(FIRST, 2)


def _returns(book: Book, results: ScenarioResults) -> None:
    sheet = book.sheet("Returns", (26, 20, 14, *(13 for _ in range(9))))
    sheet.heading(
        "What channels return in each scenario",
        f"Incremental outcome of the horizon's spend ({outcome_heading(results)}), carryover included; ROAS and mROAS "
        f"in {results.return_unit}. Means with 90% intervals.{supply_words(results)}",
    )
    figures = [f"{name} {part}" for name in ("Incremental", "ROAS", "mROAS") for part in ("mean", "5%", "95%")]
    sheet.header(HEAD, ("Scenario", "Channel", f"Spend, {results.currency}", *figures), left=2)
    row = FIRST
    for one in results.all:
        for c, channel in (*enumerate(results.channels), (None, "All channels")):
            which = slice(None) if c is None else slice(c, c + 1)
            sheet.text(row, 0, shown(one.name), bold=c is None)
            sheet.text(row, 1, channel, bold=c is None)
            sheet.number(row, 2, float(one.spend[which].sum()), Kind.MONEY, Role.MODEL)
            write_estimate(sheet, row, 3, Estimate.of(one.media[which].sum(axis=0)), Kind.COUNT)
            write_estimate(sheet, row, 6, results.roas(one, c), Kind.RATIO)
            write_estimate(sheet, row, 9, results.mroas(one, c), Kind.RATIO)
            row += 1
    sheet.freeze(FIRST, 2)


def write_estimate(sheet: Sheet, row: int, col: int, found: Estimate | None, kind: Kind) -> None:
    """Write mean, 5% and 95% side by side; dashes where there is no estimate."""
    values = (found.mean, found.q05, found.q95) if found is not None else (float("nan"),) * 3
    for offset, value in enumerate(values):
        sheet.number(row, col + offset, value, kind, Role.MODEL)
