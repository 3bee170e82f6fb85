"""Figures of the long checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mmm.model.validation.backtest import Backtest
from mmm.model.validation.confounder import Sensitivities
from mmm.model.validation.placebo import Placebos
from mmm.reporting.charts import Band, Bars, band_chart, bar_chart, line_chart
from mmm.reporting.palette import ACCENT, BASELINE, MUTED

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def forecasts(found: Backtest) -> Figure:
    """Draw every fold's forecast, what came, and the seasonal-naive forecast."""
    weeks, mean, low, high, naive, observed = (
        np.concatenate([getattr(fold, name) for fold in found.folds])
        for name in ("weeks", "mean", "low", "high", "naive", "observed")
    )
    bands = {"forecast with 90% interval": Band(mean, low, high)}
    figure = band_chart(weeks, bands, unit=f"{found.unit} per week", observed=observed)
    figure.add_scatter(
        x=[str(week) for week in weeks],
        y=naive.tolist(),
        name="same week last year",
        mode="lines",
        line={"color": MUTED, "width": 1.4, "dash": "dash"},
        hovertemplate="%{y:,.4~g}",
    )
    return figure


def placebos(found: Placebos) -> Figure:
    """Draw the share of the outcome of real channels and placebos, in percent."""
    made_up = [one.share for one in found.placebos]
    names = [*found.real, *(f"made up {i + 1}" for i in range(len(made_up)))]
    draws = [100.0 * share for share in (*found.real.values(), *made_up)]
    ends = np.array([np.quantile(share, [0.05, 0.95]) for share in draws])
    colours = [ACCENT] * len(found.real) + [BASELINE] * len(made_up)
    bars = {"share of the outcome": Bars([share.mean() for share in draws], ends[:, 0], ends[:, 1], colours)}
    return bar_chart(names, bars, unit="% of the outcome", reference=100.0 * found.bar)


def hidden_causes(found: Sensitivities) -> Figure:
    """Draw each channel's ROAS, in percent of the fit's, against the strength of a hidden cause."""
    strengths = np.unique(np.concatenate([one.strengths for one in found.channels]))
    series = {}
    for one in found.channels:
        values = np.full(len(strengths), np.nan)
        values[np.searchsorted(strengths, one.strengths)] = 100.0 * one.roas / one.roas[0]
        series[one.channel] = values
    x = [f"{100 * strength:g}" for strength in strengths]
    figure = line_chart(
        100.0 * strengths, series, unit="% of the fit's ROAS", x_title="strength of the hidden cause, %"
    )
    figure.add_hline(y=50.0, line={"color": MUTED, "width": 1, "dash": "dash"})
    figure.update_traces(mode="lines+markers")
    figure.update_xaxes(tickvals=[float(value) for value in x], ticktext=x)
    figure.update_yaxes(rangemode="tozero")
    return figure
