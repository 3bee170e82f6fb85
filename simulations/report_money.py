"""The page's money: profit, present value and payback of every scenario, and how profit builds up week by week."""

from __future__ import annotations

import numpy as np

from mmm.reporting import charts
from mmm.reporting.numbers import MISSING, percent, probability
from mmm.reporting.page import Chart, Column, Section, Table
from mmm.reporting.palette import BASELINE, channel_colours
from mmm.response.calendar import WEEK
from simulations.digest import Digest, Payback
from simulations.report_tables import RIGHT, scale_of
from simulations.report_weeks import charted, few
from simulations.results import Estimate, ScenarioResults
from simulations.wording import Scale, more, shown, weeks

#: Share of the largest gain below which the weeks after the horizon are no longer drawn.
DRAWN = 0.002


def money_section(results: ScenarioResults, digests: tuple[Digest, ...]) -> Section:
    """Return what scenarios leave after media spend; for results with a margin.

    Parameters
    ----------
    results : ScenarioResults
    digests : tuple of Digest
        Of business as usual and every scenario.
    """
    rate = results.discount_rate
    lead = (
        f"Profit is {results.margin:.0%} of the outcome's value, less media spend. The difference from business as "
        "usual counts what the horizon's media still add after it."
    )
    if rate is not None:
        lead += (
            f" Present value discounts each week's difference to the horizon's first day, at {percent(rate)} a year."
        )
    return Section("In money", [_table(results, digests), _path(results)], lead=lead)


def payback_words(found: Payback | None) -> str:
    """Say when an outlay has come back, and how surely."""
    if found is None:
        return MISSING
    if found.week == 0:
        return "nothing to pay back" if found.p >= 0.995 else f"at once; {probability(found.p)}"
    said = weeks(int(found.week)) if np.isfinite(found.week) else "no"
    return f"{said}; {probability(found.p)}"


def _table(results: ScenarioResults, digests: tuple[Digest, ...]) -> Table:
    def scale(name: str) -> Scale:
        return scale_of(found.mean for one in digests if (found := getattr(one, name)) is not None)

    revenue, profit, gain, npv = (scale(name) for name in ("revenue", "profit", "profit_delta", "npv"))
    money = results.currency
    columns = [Column("Scenario")]
    if not results.outcome_is_money:
        columns.append(Column(f"Revenue in the horizon, {revenue.unit(money)}", RIGHT))
    columns += [
        Column(f"Profit in the horizon, {profit.unit(money)}", RIGHT),
        Column(f"Difference in profit, {gain.unit(money)}", RIGHT),
        Column("Probability of more", RIGHT),
    ]
    if results.discount_rate is not None:
        columns.append(Column(f"Present value of the difference, {npv.unit(money)}", RIGHT))
    columns.append(Column("Pays back in; probability", RIGHT))
    rows = []
    for index, one in enumerate(digests):
        row = [shown(one.name)]
        if not results.outcome_is_money:
            row.append(_said(revenue, one.revenue))
        row.append(_said(profit, one.profit))
        if index:
            odds = MISSING if one.profit_delta is None else more(one.profit_delta, one.p_more_profit or 0.0)
            row += [_said(gain, one.profit_delta, signed=True), odds]
            row += [_said(npv, one.npv, signed=True)] if results.discount_rate is not None else []
            row.append(payback_words(one.payback))
        rows.append([*row, *(MISSING,) * (len(columns) - len(row))])
    caption = (
        "Means with 90% intervals; levels hold residual noise, differences do not. Pays back: the median number of "
        "weeks from the first day after which the difference in profit, summed up, is never below zero again, "
        "carryover included; then the probability that it gets there at all."
    )
    return Table(columns, rows, caption=caption)


def _said(scale: Scale, found: Estimate | None, *, signed: bool = False) -> str:
    if found is None:
        return MISSING
    return scale.difference(found) if signed else scale.level(found)


def _path(results: ScenarioResults) -> Chart:
    """Draw profit over business as usual up to each week, as far after the horizon as it still moves."""
    drawn = [one for one in charted(results) if one.cash is not None]
    paths = {one.name: one.cash.path for one in drawn if one.cash is not None}
    colours = channel_colours([one.name for one in charted(results)])
    horizon = len(results.weeks)
    last = horizon
    for path in paths.values():
        moving = np.flatnonzero(np.abs(path[0] - path[0, -1]) > DRAWN * max(np.abs(path[0]).max(), 1e-9))
        last = max(last, int(moving[-1]) + 2 if len(moving) else 0)
    length = min(last, min((path.shape[1] for path in paths.values()), default=horizon))
    dates = results.weeks[0] + WEEK * np.arange(length)
    figure = charts.line_chart(
        dates,
        {shown(name): path[0, :length] for name, path in paths.items()},
        unit=f"profit over business as usual so far, {results.currency}",
        colours={shown(name): colours[name] for name in paths},
    )
    figure.add_hline(y=0, line={"color": BASELINE, "width": 1, "dash": "dash"})
    if length > horizon:
        figure.add_vline(x=str(results.weeks[-1] + WEEK), line={"color": BASELINE, "width": 1, "dash": "dot"})
    after = " The dotted line is the end of the horizon; after it only carryover comes in." if length > horizon else ""
    return Chart(
        figure,
        caption=f"Profit over business as usual up to the end of each week, means over the draws.{after}{few(results)}",
        alt="; ".join(
            f"{shown(name)}: {path[0, horizon - 1]:+,.0f} {results.currency} at the end of the horizon, "
            f"{path[0, -1]:+,.0f} in the end"
            for name, path in paths.items()
        ),
        height=320,
    )
