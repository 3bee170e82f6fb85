"""The page's grid: every combination of changes, the best ones by name, and how spend and result go together."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from mmm.reporting import charts
from mmm.reporting.numbers import probability
from mmm.reporting.page import Block, Chart, Column, Section, Table
from mmm.reporting.palette import ACCENT, BASELINE, GOOD
from mmm.reporting.text import chart_text, join_names
from simulations.digest import Digest
from simulations.grids import GridResults
from simulations.report_tables import RIGHT, scale_of
from simulations.results import Estimate, ScenarioResults
from simulations.wording import Scale, combination, grid_words, more, outcome_heading

#: Combinations that the page lists; the workbook and grid.csv hold all.
LISTED = 15
#: Options that a two-way table may have on a side.
SIDE = 12


def grid_section(results: ScenarioResults, grid: GridResults) -> Section:
    """Return the section."""
    scale = scale_of(result_of(found).mean for found in grid.points)
    blocks: list[Block] = [_scatter(results, grid)]
    if len(grid.axes) == 2 and max(len(axis.options) for axis in grid.axes) <= SIDE:
        blocks.append(_two_way(results, grid, scale))
    blocks.append(_ranked(results, grid, scale))
    return Section("All combinations", blocks, lead=grid_words(results) if results.scenarios else "")


def result_of(found: Digest) -> Estimate:
    """Return what combinations are ranked by: the difference in profit where it is known, else in the outcome."""
    return found.profit_delta or found.delta


def result_heading(results: ScenarioResults, scale: Scale, *, is_profit: bool) -> str:
    """Name the result and its unit: ``difference in profit, EUR thousand``."""
    if is_profit:
        return f"difference in profit, {scale.unit(results.currency)}"
    return f"difference in {outcome_heading(results, scale)}"


def _scatter(results: ScenarioResults, grid: GridResults) -> Chart:
    """Draw every combination by its spend and its result."""
    is_profit = grid.points[0].profit_delta is not None
    plain = Scale(1.0, "", 0)
    figure = charts.new_figure(
        result_heading(results, plain, is_profit=is_profit), f"spend in the horizon, {results.currency}"
    )
    best = grid.ranked[0]
    beyond = [n for n, found in enumerate(grid.points) if found.unseen and n != best]
    inside = [n for n, found in enumerate(grid.points) if not found.unseen and n != best]
    _dots(figure, grid, inside, "within the spend seen so far", {"color": ACCENT, "size": 7, "opacity": 0.75})
    _dots(figure, grid, beyond, "beyond it", {"color": BASELINE, "size": 7, "symbol": "circle-open"})
    _dots(figure, grid, [best], "the first", {"color": GOOD, "size": 12, "symbol": "diamond"})
    figure.add_hline(y=0, line={"color": BASELINE, "width": 1, "dash": "dash"})
    usual = float(results.bau.spend.sum())
    figure.add_vline(x=usual, line={"color": BASELINE, "width": 1, "dash": "dash"})
    return Chart(
        figure,
        caption=(
            "Each combination by what it spends and what it changes, means over the draws; the dashed lines are "
            "business as usual. Open dots have weeks of more spend on a channel than the data have seen."
        ),
        alt=f"{len(grid.points)} combinations by spend and {result_heading(results, plain, is_profit=is_profit)}.",
        height=340,
    )


def _dots(figure: go.Figure, grid: GridResults, which: Sequence[int], name: str, marker: dict[str, object]) -> None:
    if not which:
        return
    found = [result_of(grid.points[n]) for n in which]
    figure.add_scatter(
        x=[grid.points[n].spend for n in which],
        y=[one.mean for one in found],
        customdata=[
            [chart_text(combination(grid, n), 90), one.q05, one.q95] for n, one in zip(which, found, strict=True)
        ],
        mode="markers",
        marker=marker,
        name=name,
        hovertemplate="%{customdata[0]}<br>%{y:,.4~g} (%{customdata[1]:,.4~g} to %{customdata[2]:,.4~g})",
    )


def _two_way(results: ScenarioResults, grid: GridResults, scale: Scale) -> Table:
    down, across = grid.axes
    cells = {at: result_of(found) for at, found in zip(grid.at, grid.points, strict=True)}
    rows = [
        [f"{down.name} {option}", *(scale.difference(cells[i, j]) for j in range(len(across.options)))]
        for i, option in enumerate(down.options)
    ]
    what = result_heading(results, scale, is_profit=grid.points[0].profit_delta is not None)
    return Table(
        [Column(""), *(Column(f"{across.name} {option}", RIGHT) for option in across.options)],
        rows,
        caption=f"{what[:1].upper()}{what[1:]}, with 90% intervals.",
    )


def _ranked(results: ScenarioResults, grid: GridResults, scale: Scale) -> Table:
    profit = grid.points[0].profit_delta is not None
    money = scale_of(found.spend for found in grid.points)
    what = result_heading(results, scale, is_profit=profit)
    columns = [
        *(Column(axis.name) for axis in grid.axes),
        Column(f"Spend, {money.unit(results.currency)}", RIGHT),
        Column(f"{what[:1].upper()}{what[1:]}", RIGHT),
        Column("Probability of more", RIGHT),
        Column("Best of all", RIGHT),
        Column("Beyond the spend seen"),
    ]
    rows = []
    for n in grid.ranked[:LISTED]:
        found = grid.points[n]
        p_more = found.p_more_profit if found.p_more_profit is not None else found.p_beats_bau
        rows.append(
            [
                *(axis.options[o] for axis, o in zip(grid.axes, grid.at[n], strict=True)),
                money.plain(found.spend),
                scale.difference(result_of(found)),
                more(result_of(found), p_more),
                probability(float(grid.p_best[n])),
                join_names(found.unseen) if found.unseen else "no",
            ]
        )
    count = len(grid.points)
    some = f"The first {LISTED} of {count:,}; the workbook and grid.csv hold all. " if count > LISTED else ""
    caption = (
        f"{some}Means with 90% intervals, carryover included. Best of all: the share of the draws in which the "
        "combination comes out first; where several are close, none of them is far above the rest."
    )
    return Table(columns, rows, caption=caption)
