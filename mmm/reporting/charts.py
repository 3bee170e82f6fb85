"""Plotly figures with one quiet theme. Names are escaped here; every axis says its unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from mmm.reporting.bands import Band, add_band
from mmm.reporting.curves import Mark, response_curve_chart
from mmm.reporting.multiples import small_multiples
from mmm.reporting.palette import ACCENT, BASELINE, INK, MUTED, channel_colours, for_line
from mmm.reporting.text import chart_text
from mmm.reporting.theme import THEME, Axis, Values, dates, new_figure, plain_numbers, tick_weeks

__all__ = [
    "THEME",
    "Band",
    "Bars",
    "Mark",
    "add_band",
    "band_chart",
    "bar_chart",
    "bar_height",
    "channel_colours",
    "line_chart",
    "new_figure",
    "response_curve_chart",
    "small_multiples",
    "stacked_weeks",
]


@dataclass(frozen=True)
class Bars:
    """One bar a category, with an optional interval.

    Attributes
    ----------
    values : (N,)
    low, high : (N,), optional
        Ends of the 90 % interval.
    colour : str or sequence of str, optional
        One hex colour for all, or one a category.
    """

    values: Values
    low: Values | None = None
    high: Values | None = None
    colour: str | Sequence[str] | None = None


def _colours(names: Sequence[str], colours: Mapping[str, str] | None) -> Mapping[str, str]:
    return colours if colours is not None else channel_colours(list(names))


def line_chart(
    x: Axis,
    series: Mapping[str, Values],
    *,
    unit: str,
    x_title: str = "",
    colours: Mapping[str, str] | None = None,
    dashed: Sequence[str] = (),
) -> go.Figure:
    """Draw lines over weeks (or any x). A gap (NaN) stays a gap; names in ``dashed`` are drawn dashed."""
    figure, palette = new_figure(unit, x_title), _colours(list(series), colours)
    for name, values in series.items():
        figure.add_scatter(
            x=dates(x),
            y=plain_numbers(values),
            name=chart_text(name),
            mode="lines",
            line={
                "color": for_line(palette.get(name, ACCENT)),
                "width": 2,
                "dash": "dash" if name in dashed else "solid",
            },
            hovertemplate="%{y:,.4~g}",
        )
    tick_weeks(figure, x)
    figure.update_layout(hovermode="x unified")
    return figure


def band_chart(
    x: Axis,
    bands: Mapping[str, Band],
    *,
    unit: str,
    x_title: str = "",
    observed: Values | None = None,
    observed_name: str = "observed",
) -> go.Figure:
    """Draw lines with 90 % ribbons; ``observed`` adds the measured values as dots."""
    figure = new_figure(unit, x_title)
    for name, band in bands.items():
        add_band(figure, x, name, band)
    if observed is not None:
        figure.add_scatter(
            x=dates(x),
            y=plain_numbers(observed),
            name=chart_text(observed_name),
            mode="markers",
            marker={"color": INK, "size": 4},
            hovertemplate="%{y:,.4~g}",
        )
    tick_weeks(figure, x)
    figure.update_layout(hovermode="x unified")
    return figure


def _error(bars: Bars) -> dict[str, Any] | None:
    if bars.low is None or bars.high is None:
        return None
    values, low, high = (np.asarray(v, dtype=float) for v in (bars.values, bars.low, bars.high))
    return {
        "type": "data",
        "symmetric": False,
        "array": plain_numbers(high - values),
        "arrayminus": plain_numbers(values - low),
        "color": INK,
        "thickness": 1.2,
        "width": 4,
    }


def bar_chart(
    names: Sequence[str],
    series: Mapping[str, Bars],
    *,
    unit: str,
    number_format: str = ",.4~g",
    reference: float | None = None,
) -> go.Figure:
    """Draw horizontal bars by category, first name on top; several series stand beside each other.

    Parameters
    ----------
    names : sequence of str
        N categories.
    series : Mapping
        Name → :class:`Bars` of N values.
    unit : str
    number_format : str
        d3 format of the figures in the hover.
    reference : float, optional
        A dashed line, e.g. 1 for a ROAS that pays back.
    """
    figure = new_figure(unit)
    defaults = (ACCENT, BASELINE) if len(series) <= 2 else tuple(channel_colours(list(series)).values())
    labels = _distinct([chart_text(name, 22) for name in names])
    for (name, bars), default in zip(series.items(), defaults, strict=False):
        colour = bars.colour if bars.colour is not None else default
        span = f" (%{{customdata[0]:{number_format}}} to %{{customdata[1]:{number_format}}})"
        has_interval = bars.low is not None and bars.high is not None
        figure.add_bar(
            y=labels,
            x=plain_numbers(bars.values),
            name=chart_text(name),
            orientation="h",
            marker={"color": colour if isinstance(colour, str) else list(colour)},
            error_x=_error(bars),
            customdata=list(zip(plain_numbers(bars.low), plain_numbers(bars.high), strict=True))
            if bars.low is not None and bars.high is not None
            else None,
            hovertemplate=f"%{{x:{number_format}}}{span if has_interval else ''}",
        )
    if reference is not None:
        figure.add_vline(x=reference, line={"color": MUTED, "width": 1, "dash": "dash"})
    figure.update_layout(barmode="group", hovermode="y unified" if len(series) > 1 else "closest", bargap=0.32)
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False)
    figure.update_xaxes(showgrid=True, ticks="", showline=False, zeroline=True, nticks=5, tickangle=0)
    return figure


def _distinct(labels: Sequence[str]) -> list[str]:
    """Keep categories apart whose shortened names agree."""
    seen: dict[str, int] = {}
    result = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        result.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return result


def bar_height(n_names: int, n_series: int = 1) -> int:
    """Return a fitting height in pixels for :func:`bar_chart`."""
    return 80 + n_names * (20 + 14 * n_series)


def stacked_weeks(
    weeks: Axis,
    series: Mapping[str, Values],
    *,
    unit: str,
    colours: Mapping[str, str] | None = None,
    line: Mapping[str, Values] | None = None,
) -> go.Figure:
    """Draw one stacked column a week; ``line`` lays dashed lines over it, e.g. business as usual."""
    figure, palette = new_figure(unit), _colours(list(series), colours)
    for name, values in series.items():
        figure.add_bar(
            x=dates(weeks),
            y=plain_numbers(values),
            name=chart_text(name),
            marker={"color": palette.get(name, ACCENT), "line": {"color": "white", "width": 0.6}},
            hovertemplate="%{y:,.4~g}",
        )
    for name, values in (line or {}).items():
        figure.add_scatter(
            x=dates(weeks),
            y=plain_numbers(values),
            name=chart_text(name),
            mode="lines",
            line={"color": INK, "width": 1.6, "dash": "dash"},
            hovertemplate="%{y:,.4~g}",
        )
    tick_weeks(figure, weeks)
    figure.update_layout(barmode="relative", bargap=0.16, hovermode="x unified")
    return figure
