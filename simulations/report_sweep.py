"""The page's sweep: the tornado of inputs, each one's share of what is uncertain, and how far the result may lie."""

from __future__ import annotations

from mmm.reporting import charts
from mmm.reporting.numbers import percent, probability
from mmm.reporting.page import Chart, Column, Prose, Section, Table
from mmm.reporting.palette import ACCENT, BASELINE
from simulations.report_grid import result_heading
from simulations.report_tables import RIGHT, scale_of
from simulations.results import ScenarioResults
from simulations.tornado import Index, SweepResults
from simulations.wording import Scale, sweep_words, told_result

LOW, HIGH = "at the low end", "at the high end"


def sweep_section(results: ScenarioResults, sweep: SweepResults) -> Section:
    """Return the section."""
    return Section(
        "What moves the result",
        [_tornado(results, sweep), _table(results, sweep), Prose([_overall(results, sweep)])],
        lead=sweep_words(results) if results.scenarios else "",
    )


def _tornado(results: ScenarioResults, sweep: SweepResults) -> Chart:
    """Draw both ends of every input in one row, the widest on top."""
    names = [one.name for one in sweep.swings]
    bars = {
        LOW: charts.Bars(
            [one.low.mean for one in sweep.swings],
            [one.low.q05 for one in sweep.swings],
            [one.low.q95 for one in sweep.swings],
            BASELINE,
        ),
        HIGH: charts.Bars(
            [one.high.mean for one in sweep.swings],
            [one.high.q05 for one in sweep.swings],
            [one.high.q95 for one in sweep.swings],
            ACCENT,
        ),
    }
    plain = Scale(1.0, "", 0)
    what = result_heading(results, plain, is_profit=sweep.is_profit)
    figure = charts.bar_chart(names, bars, unit=what, reference=0)
    figure.update_layout(barmode="overlay")
    figure.update_traces(opacity=0.9)
    return Chart(
        figure,
        caption=(
            f"One input at a time, the others as in business as usual: {what} at both ends of its range, with 90% "
            "intervals. The widest swing stands on top."
        ),
        alt="; ".join(
            f"{one.name}: {plain.signed(one.low.mean)} at {one.at_low}, {plain.signed(one.high.mean)} at {one.at_high}"
            for one in sweep.swings
        ),
        height=charts.bar_height(len(names)) + 20,
    )


def _table(results: ScenarioResults, sweep: SweepResults) -> Table:
    scale = scale_of(found.mean for one in sweep.swings for found in (one.low, one.high))
    what = result_heading(results, scale, is_profit=sweep.is_profit)
    columns = [
        Column("Input"),
        Column("At the low end", RIGHT),
        Column("At the high end", RIGHT),
        Column("By itself", RIGHT),
        Column("With others", RIGHT),
    ]
    rows = [
        [
            one.name,
            f"{one.at_low}: {scale.difference(one.low)}",
            f"{one.at_high}: {scale.difference(one.high)}",
            _share(one.first),
            _share(one.total),
        ]
        for one in sweep.swings
    ]
    caption = (
        f"{what[:1].upper()}{what[1:]}, with 90% intervals over the draws. By itself and with others: the share of the "
        "result's variance that an input makes when all are drawn at once (first-order and total Sobol' index), with "
        "90% intervals over the points. Where the second is larger, inputs work on one another."
    )
    return Table(columns, rows, caption=caption)


def _share(index: Index) -> str:
    value, low, high = (percent(min(max(x, 0.0), 1.0), 0) for x in (index.value, index.low, index.high))
    return f"{value} ({low} to {high})"


def _overall(results: ScenarioResults, sweep: SweepResults) -> str:
    found = told_result(results, sweep.overall, is_profit=sweep.is_profit)
    return (
        f"All inputs at once, drawn evenly over their ranges and independent of one another: {found} over business as "
        f"usual, which is beaten with a probability of {probability(sweep.p_gain)}. Of this spread, "
        f"{probability(sweep.from_inputs)} of the variance comes from the inputs; the rest is what the data leave "
        f"open. {sweep.runs:,} runs on the same draws."
    )
