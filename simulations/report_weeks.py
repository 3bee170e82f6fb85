"""The page's weekly part: outcome bands, differences and spend."""

from __future__ import annotations

import numpy as np

from mmm.reporting import charts
from mmm.reporting.page import Chart, Gallery, Section
from mmm.reporting.palette import ACCENT, BASELINE, channel_colours
from mmm.reporting.text import chart_text
from simulations.results import Estimate, ScenarioDraws, ScenarioResults
from simulations.wording import outcome_heading, shown, told

#: Scenarios that charts show; tables show all.
CHARTED = 9


def charted(results: ScenarioResults) -> tuple[ScenarioDraws, ...]:
    """Return the scenarios that charts show, in their order: those that differ most."""
    ranked = sorted(results.scenarios, key=lambda one: -abs(float(results.delta(one).mean())))
    kept = {one.name for one in ranked[:CHARTED]}
    return tuple(one for one in results.scenarios if one.name in kept)


def few(results: ScenarioResults) -> str:
    """Say that charts show some scenarios only, where they do."""
    total = len(results.scenarios)
    return f" Shown are the {CHARTED} of {total} scenarios that differ most." if total > CHARTED else ""


def week_section(results: ScenarioResults) -> Section:
    """Return the section: levels with the band of business as usual, each scenario's difference, spend."""
    drawn = charted(results)
    colours = channel_colours([one.name for one in drawn])
    return Section(
        "Week by week",
        [
            _levels(results, drawn, colours),
            Gallery([_difference(results, one, colours[one.name]) for one in drawn]),
            *_spend(results, drawn, colours),
        ],
        lead="The difference of a scenario is known much better than the outcome itself: what both share cancels out.",
    )


def _levels(results: ScenarioResults, drawn: tuple[ScenarioDraws, ...], colours: dict[str, str]) -> Chart:
    heading, usual = outcome_heading(results), shown(results.bau.name)
    noisy = results.level(results.bau)
    low, high = np.quantile(noisy, (0.05, 0.95), axis=1)
    band = charts.Band(noisy.mean(axis=1), low, high, ACCENT)
    figure = charts.band_chart(results.weeks, {usual: band}, unit=f"{heading} a week")
    for one in drawn:
        figure.add_scatter(
            x=results.weeks.astype("datetime64[D]").astype(str).tolist(),
            y=results.level(one).mean(axis=1).tolist(),
            name=chart_text(shown(one.name)),
            mode="lines",
            line={"color": colours[one.name], "width": 1.6},
            hovertemplate="%{y:,.4~g}",
        )
    return Chart(
        figure,
        caption=(
            f"{heading} a week: the means of the scenarios over the 90% band of business as usual, residual noise "
            f"included.{few(results)}"
        ),
        alt=f"Weekly {heading} of business as usual with its 90% band, and of {len(drawn)} scenarios.",
    )


def _difference(results: ScenarioResults, one: ScenarioDraws, colour: str) -> Chart:
    delta = one.expected - results.bau.expected
    low, high = np.quantile(delta, (0.05, 0.95), axis=1)
    band = charts.Band(delta.mean(axis=1), low, high, colour)
    figure = charts.band_chart(results.weeks, {shown(one.name): band}, unit=f"{outcome_heading(results)} a week")
    figure.add_hline(y=0, line={"color": BASELINE, "width": 1, "dash": "dash"})
    figure.update_xaxes(nticks=4)
    figure.update_layout(showlegend=False)
    total = told(results, Estimate.of(results.in_horizon(one)))
    return Chart(
        figure,
        caption=f"In the horizon: {total}.",
        alt=f"Weekly difference of {shown(one.name)} from business as usual with its 90% band; in total {total}.",
        height=220,
        title=f"{shown(one.name)}: difference",
    )


def _spend(results: ScenarioResults, drawn: tuple[ScenarioDraws, ...], colours: dict[str, str]) -> list[Chart]:
    """Return one chart of the scenarios whose weekly total differs from business as usual; none where none does."""
    usual, total = shown(results.bau.name), results.bau.future.spend.sum(axis=0)
    moved = [one for one in drawn if not np.allclose(one.future.spend.sum(axis=0), total, rtol=1e-9, atol=0)]
    if not moved:
        return []
    series = {usual: total} | {shown(one.name): one.future.spend.sum(axis=0) for one in moved}
    palette = {usual: ACCENT} | {shown(one.name): colours[one.name] for one in moved}
    unit = f"spend a week, {results.currency}"
    figure = charts.line_chart(results.weeks, series, unit=unit, colours=palette, dashed=(usual,))
    figure.update_yaxes(rangemode="tozero")
    chart = Chart(
        figure,
        caption="Spend a week over all channels. Scenarios whose total is that of business as usual are not drawn.",
        alt=f"Weekly spend of business as usual and of {len(moved)} scenarios.",
        height=300,
    )
    return [chart]
