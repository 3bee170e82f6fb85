"""Figures of a fit; notebooks and the report share them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mmm.model import plots_data
from mmm.model.priors import Z95
from mmm.reporting.charts import (
    Band,
    Bars,
    Mark,
    band_chart,
    bar_chart,
    line_chart,
    response_curve_chart,
    stacked_weeks,
)
from mmm.reporting.palette import ACCENT, BASELINE, channel_colours
from mmm.response import metrics
from mmm.response.draws import RECENT_WEEKS

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from mmm.model.fit import Fit


def roas(fit: Fit) -> Figure:
    """Draw ROAS posterior (mean) and prior (median) with 90 % intervals."""
    table, names = plots_data.roas(fit), fit.response.channels
    colours = channel_colours(list(names))
    mean, low, high, prior, prior_low, prior_high = table.to_numpy().T
    bars = {
        "fit": Bars(mean, low, high, [colours[name] for name in names]),
        "prior": Bars(prior, prior_low, prior_high, BASELINE),
    }
    unit = f"{metrics.value_unit(fit.response)} per {fit.response.currency}"
    return bar_chart(names, bars, unit=unit, reference=1.0 if fit.response.outcome_is_money else None)


def roas_in_geos(fit: Fit, channel: str) -> Figure:
    """Draw one channel's ROAS by geo with 90 % intervals; dashed: over all geos."""
    table = plots_data.roas_by_geo(fit).loc[channel].dropna()
    colour = channel_colours(list(fit.response.channels))[channel]
    mean, low, high = (table[name].to_numpy(dtype=np.float64) for name in ("mean", "q05", "q95"))
    bars = Bars(mean, low, high, colour)
    unit = f"{metrics.value_unit(fit.response)} per {fit.response.currency}"
    everywhere = float(fit.roas[fit.response.channels.index(channel)].mean())
    return bar_chart([str(geo) for geo in table.index], {channel: bars}, unit=unit, reference=everywhere)


def roas_by_geo(fit: Fit) -> Figure:
    """Draw every channel's ROAS by geo with 90 % intervals, channels beside each other."""
    response = fit.response
    colours = channel_colours(list(response.channels))
    mean, low, high = plots_data.interval(metrics.roas(response, by_geo=True).to_numpy())
    bars = {name: Bars(mean[c], low[c], high[c], colours[name]) for c, name in enumerate(response.channels)}
    unit = f"{metrics.value_unit(response)} per {response.currency}"
    return bar_chart(response.geos, bars, unit=unit)


def by_week(fit: Fit) -> Figure:
    """Draw the observed outcome on the predictive interval."""
    table = plots_data.by_week(fit)
    mean, low, high = (table[name].to_numpy() for name in ("mean", "q05", "q95"))
    bands = {"fit with 90% interval": Band(mean, low, high)}
    return band_chart(fit.response.weeks, bands, unit=_weekly(fit), observed=table["observed"].to_numpy())


def residuals(fit: Fit) -> Figure:
    """Draw what the fit leaves unexplained by week."""
    left = plots_data.by_week(fit)["residual"].to_numpy()
    return line_chart(fit.response.weeks, {"observed − fit": left}, unit=_weekly(fit))


def baseline(fit: Fit) -> Figure:
    """Draw the baseline with its 90 % interval beside the observed outcome."""
    table = plots_data.by_week(fit)
    mean, low, high = (table[f"baseline_{name}"].to_numpy() for name in ("mean", "q05", "q95"))
    bands = {"baseline with 90% interval": Band(mean, low, high, BASELINE)}
    return band_chart(fit.response.weeks, bands, unit=_weekly(fit), observed=table["observed"].to_numpy())


def contributions(fit: Fit) -> Figure:
    """Draw mean weekly contributions stacked: baseline, organic media, paid channels."""
    response, table = fit.response, plots_data.contributions(fit)
    series = {str(name): table[name].to_numpy() for name in table}
    colours = {**channel_colours([*response.channels, *response.organic.names]), "baseline": BASELINE}
    unit = f"{metrics.value_unit(response)} per week"
    return stacked_weeks(response.weeks, series, unit=unit, colours=colours)


def response_curve(fit: Fit, channel: str) -> Figure:
    """Draw weekly outcome against steady weekly spend, the observed range shaded, today's mean spend marked."""
    response, table = fit.response, plots_data.response_curve(fit, channel)
    weekly = response.spend[response.channels.index(channel)].sum(axis=0)
    now = float(weekly[-RECENT_WEEKS:].mean())
    spend, mean = table.index.to_numpy(dtype=np.float64), table["mean"].to_numpy()
    colour = channel_colours(list(response.channels))[channel]
    return response_curve_chart(
        spend,
        Band(mean, table["q05"].to_numpy(), table["q95"].to_numpy(), colour),
        unit=f"{metrics.value_unit(response)} per week",
        x_title=f"{response.currency} per week",
        points={"mean of the last 13 weeks": Mark(now, float(np.interp(now, spend, mean)))},
        observed=(float(weekly[weekly > 0].min()), float(weekly.max())),
    )


def calibration(fit: Fit) -> Figure:
    """Draw how far the left-out weeks' probabilities are from uniform: the share at or below each, minus it.

    The ribbon holds the curve of a calibrated model at nine points of ten (binomial).
    """
    pit = np.sort(plots_data.calibration(fit)["pit"].to_numpy())
    level = np.linspace(0.0, 1.0, 101)
    share = np.searchsorted(pit, level, side="right") / len(pit) - level
    spread = Z95 * np.sqrt(level * (1.0 - level) / len(pit))
    bands = {"calibrated, 90% of the time": Band(np.zeros_like(level), -spread, spread, BASELINE)}
    figure = band_chart(level, bands, unit="share of weeks at or below, minus expected", x_title="probability")
    figure.add_scatter(x=list(level), y=list(share), mode="lines", name="this fit", line={"color": ACCENT, "width": 2})
    return figure


def _weekly(fit: Fit) -> str:
    return f"{fit.response.outcome_name} per week"
