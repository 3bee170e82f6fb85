"""Figures of a fit; notebooks and the report share them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mmm.arrays import FloatArray
from mmm.model.checks_priors import prior_interval
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
from mmm.reporting.palette import BASELINE, channel_colours
from mmm.response import metrics
from mmm.response.draws import RECENT_WEEKS

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from mmm.model.fit import Fit

#: How far beyond the observed weekly spend a response curve is drawn.
REACH = 1.5


def interval(draws: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return mean, 5 % and 95 % over the last axis."""
    low, high = np.quantile(draws, [0.05, 0.95], axis=-1)
    return draws.mean(axis=-1), low, high


def roas(fit: Fit) -> Figure:
    """Draw ROAS posterior (mean) and prior (median) with 90 % intervals."""
    names = fit.response.channels
    mean, low, high = interval(fit.roas)
    prior = np.array([prior_interval(m, s) for m, s in zip(fit.priors.roas_mu, fit.priors.roas_sigma, strict=True)])
    colours = channel_colours(list(names))
    bars = {
        "fit": Bars(mean, low, high, [colours[name] for name in names]),
        "prior": Bars(prior[:, 0], prior[:, 1], prior[:, 2], BASELINE),
    }
    unit = f"{metrics.value_unit(fit.response)} per {fit.response.currency}"
    return bar_chart(names, bars, unit=unit, reference=1.0 if fit.response.outcome_is_money else None)


def by_week(fit: Fit) -> Figure:
    """Draw the observed outcome on the predictive interval."""
    found = fit.predictive
    bands = {"fit with 90% interval": Band(found.mean, found.low, found.high)}
    unit = f"{fit.response.outcome_name} per week"
    return band_chart(fit.response.weeks, bands, unit=unit, observed=found.observed)


def residuals(fit: Fit) -> Figure:
    """Draw what the fit leaves unexplained by week."""
    weeks, unit = fit.response.weeks, f"{fit.response.outcome_name} per week"
    return line_chart(weeks, {"observed − fit": fit.predictive.residual}, unit=unit)


def baseline(fit: Fit) -> Figure:
    """Draw the baseline with its 90 % interval beside the observed outcome."""
    found = fit.predictive
    bands = {"baseline with 90% interval": Band(found.baseline_mean, found.baseline_low, found.baseline_high, BASELINE)}
    unit = f"{fit.response.outcome_name} per week"
    return band_chart(fit.response.weeks, bands, unit=unit, observed=found.observed)


def contributions(fit: Fit) -> Figure:
    """Draw mean weekly contributions stacked: baseline, organic media, paid channels."""
    response = fit.response
    value = response.value_per_outcome.mean(axis=0)
    series = {"baseline": fit.predictive.baseline_mean * value}
    for name in (*response.organic.names, *response.channels):
        series[name] = metrics.weekly_contribution(response, name).to_numpy().mean(axis=-1)
    colours = {**channel_colours([*response.channels, *response.organic.names]), "baseline": BASELINE}
    unit = f"{metrics.value_unit(response)} per week"
    return stacked_weeks(response.weeks, series, unit=unit, colours=colours)


def response_curve(fit: Fit, channel: str) -> Figure:
    """Draw weekly outcome against steady weekly spend, the observed range shaded, today's mean spend marked."""
    response = fit.response
    c = response.channels.index(channel)
    weekly = response.spend[c].sum(axis=0)
    top = float(weekly.max())
    now = float(weekly[-RECENT_WEEKS:].mean())
    spend = np.linspace(0.0, REACH * top, 61)
    mean, low, high = interval(metrics.response_curve(response, channel, spend).to_numpy())
    unit = f"{metrics.value_unit(response)} per week"
    points = {"mean of the last 13 weeks": Mark(now, float(np.interp(now, spend, mean)))}
    colour = channel_colours(list(response.channels))[channel]
    return response_curve_chart(
        spend,
        Band(mean, low, high, colour),
        unit=unit,
        x_title=f"{response.currency} per week",
        points=points,
        observed=(float(weekly[weekly > 0].min()), top),
    )
