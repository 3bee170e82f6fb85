"""The workbook's sets: every combination of a grid, the inputs of a sweep, and what several fits say together."""

from __future__ import annotations

from collections.abc import Mapping

from mmm.reporting.palette import ACCENT, BASELINE
from mmm.reporting.workbook import Book, Kind, Role, Series, Sheet, cell, span
from simulations.compare import side_by_side
from simulations.grids import GridResults
from simulations.results import Estimate, ScenarioResults
from simulations.stacking import Stack
from simulations.tornado import SweepResults
from simulations.wording import outcome_heading, shown
from simulations.workbook_money import weeks_cell
from simulations.workbook_spend import FIRST, HEAD, write_estimate


def grid_sheet(book: Book, results: ScenarioResults, grid: GridResults) -> None:
    """Write every combination, the best first."""
    money = grid.points[0].profit_delta is not None
    axes = len(grid.axes)
    labels = [axis.name for axis in grid.axes]
    labels += [f"Spend, {results.currency}", "Change of spend", f"Difference: {outcome_heading(results)}", "5%", "95%"]
    labels += ["Probability of more"]
    if money:
        labels += [f"Difference in profit, {results.currency}", "5%", "95%", "Probability of more"]
        if results.discount_rate is not None:
            labels += [f"Present value, {results.currency}", "5%", "95%"]
        labels += ["Weeks to pay back", "Probability"]
    labels += ["ROAS", "Best of all", "Beyond the spend seen"]
    sheet = book.sheet("Combinations", (*(18 for _ in grid.axes), *(14 for _ in range(len(labels) - axes - 1)), 30))
    sheet.heading(
        "Every combination, the best first",
        "Results of the model, means with 90% intervals, carryover included. Best of all: in what share of the draws. "
        "ROAS is of what media make people want, even where supply limits what is sold.",
    )
    sheet.header(HEAD, labels, left=axes, height=46)
    for row, n in enumerate(grid.ranked, start=FIRST):
        found = grid.points[n]
        for col, (axis, option) in enumerate(zip(grid.axes, grid.at[n], strict=True)):
            sheet.text(row, col, axis.options[option])
        col = axes
        col = _numbers(sheet, row, col, Kind.MONEY, found.spend, found.spend_change)
        col = _estimate(sheet, row, col, found.delta, Kind.COUNT)
        col = _numbers(sheet, row, col, Kind.PERCENT, found.p_beats_bau)
        if money:
            col = _estimate(sheet, row, col, found.profit_delta, Kind.MONEY)
            col = _numbers(sheet, row, col, Kind.PERCENT, found.p_more_profit or 0.0)
            if results.discount_rate is not None:
                col = _estimate(sheet, row, col, found.npv, Kind.MONEY)
            if found.payback is not None:
                weeks_cell(sheet, row, col, found.payback.week)
                sheet.number(row, col + 1, found.payback.p, Kind.PERCENT, Role.MODEL)
            col += 2
        col = _numbers(sheet, row, col, Kind.RATIO, found.roas.mean if found.roas is not None else float("nan"))
        col = _numbers(sheet, row, col, Kind.PERCENT, float(grid.p_best[n]))
        sheet.text(row, col, ", ".join(found.unseen) or "no", indent=1)
    sheet.freeze(FIRST, axes)


def tornado_sheet(book: Book, results: ScenarioResults, sweep: SweepResults) -> None:
    """Write the inputs, the widest swing first, with a chart of both ends."""
    what = f"difference in profit, {results.currency}" if sweep.is_profit else f"difference: {outcome_heading(results)}"
    kind = Kind.MONEY if sweep.is_profit else Kind.COUNT
    sheet = book.sheet("Sensitivity", (28, 12, 16, 14, 14, 12, 16, 14, 14, 14, 12, 12, 12, 12, 12, 12))
    sheet.heading(
        "What moves the result",
        f"One input at a time, {what}; then its share of the result's variance over all inputs.",
    )
    labels = ("Input", "Low end", "Result there", "5%", "95%", "High end", "Result there", "5%", "95%", "Swing")
    shares = ("By itself", "5%", "95%", "With others", "5%", "95%")
    sheet.header(HEAD, (*labels, *shares))
    last = FIRST + len(sweep.swings) - 1
    for row, one in enumerate(sweep.swings, start=FIRST):
        sheet.text(row, 0, one.name)
        sheet.text(row, 1, one.at_low, align="right")
        write_estimate(sheet, row, 2, one.low, kind)
        sheet.text(row, 5, one.at_high, align="right")
        write_estimate(sheet, row, 6, one.high, kind)
        sheet.formula(row, 9, f"=ABS({cell(row, 6)}-{cell(row, 2)})", one.width, kind)
        for col, index in ((10, one.first), (13, one.total)):
            _numbers(sheet, row, col, Kind.PERCENT, index.value, index.low, index.high)
    foot = last + 2
    sheet.text(foot, 0, "All inputs at once", bold=True)
    write_estimate(sheet, foot, 2, sweep.overall, kind)
    sheet.text(foot + 1, 0, "Probability of more than business as usual")
    sheet.number(foot + 1, 2, sweep.p_gain, Kind.PERCENT, Role.MODEL)
    sheet.text(foot + 2, 0, "Share of the variance from the inputs")
    sheet.number(foot + 2, 2, sweep.from_inputs, Kind.PERCENT, Role.MODEL)
    series = [
        Series(f"={sheet.ref(HEAD, col - 1, HEAD, col - 1)}", sheet.ref(FIRST, 0, last, 0), values, colour)
        for col, values, colour in (
            (2, sheet.ref(FIRST, 2, last, 2), BASELINE),
            (6, sheet.ref(FIRST, 6, last, 6), ACCENT),
        )
    ]
    size = (760, 140 + 40 * len(sweep.swings))
    sheet.column_chart(
        cell(foot + 5, 0), series, title="The result at both ends of each range", unit=what, horizontal=True, size=size
    )
    sheet.freeze(FIRST, 1)


def fits_sheet(book: Book, fits: Mapping[str, ScenarioResults], stack: Stack | None) -> None:
    """Write each scenario under each fit, and under all of them with weights that may be changed."""
    sheet = book.sheet("Fits", (30, 30, 16, 16, 16, 16, 18))
    first = next(iter(fits.values()))
    sheet.heading("The scenarios under each fit", f"Difference from business as usual, {outcome_heading(first)}.")
    row = HEAD
    if stack is not None:
        sheet.header(row, ("Weight of each fit",), left=1)
        for step, (name, weight) in enumerate(stack.weights.items(), start=1):
            sheet.text(row + step, 0, name)
            sheet.number(row + step, 1, weight, Kind.PERCENT)
        row += len(stack.weights) + 2
    labels = ("Scenario", "Fit", "Mean", "5%", "95%", "Probability above zero")
    sheet.header(row, (*labels, "Variance between fits") if stack is not None else labels, left=2)
    mixed = {} if stack is None else {one.scenario: one for one in stack.scenarios}
    for scenario, found in side_by_side(fits).groupby("scenario", sort=False):
        top = row + 1
        for row, (_, line) in enumerate(found.iterrows(), start=top):
            sheet.text(row, 0, shown(str(scenario)))
            sheet.text(row, 1, str(line["fit"]))
            write_estimate(sheet, row, 2, Estimate(line["mean"], line["q05"], line["q95"]), Kind.COUNT)
            sheet.number(row, 5, float(line["p_beats_bau"]), Kind.PERCENT, Role.MODEL)
        one = mixed.get(str(scenario))
        if one is None:
            continue
        row += 1
        sheet.text(row, 0, shown(one.scenario), bold=True)
        sheet.text(row, 1, "all together", bold=True)
        share = span(HEAD + 1, 1, HEAD + len(fits), 1)
        mean = f"=SUMPRODUCT({share},{span(top, 2, row - 1, 2)})/SUM({share})"
        sheet.formula(row, 2, mean, one.delta.mean, Kind.COUNT, total=True)
        _numbers(sheet, row, 3, Kind.COUNT, one.delta.q05, one.delta.q95)
        _numbers(sheet, row, 5, Kind.PERCENT, one.p_beats_bau, one.from_form)
    sheet.freeze(FIRST, 2)


def _numbers(sheet: Sheet, row: int, col: int, kind: Kind, *values: float) -> int:
    """Write the model's figures side by side; return the column after them."""
    for offset, value in enumerate(values):
        sheet.number(row, col + offset, value, kind, Role.MODEL)
    return col + len(values)


def _estimate(sheet: Sheet, row: int, col: int, found: Estimate | None, kind: Kind) -> int:
    write_estimate(sheet, row, col, found, kind)
    return col + 3
