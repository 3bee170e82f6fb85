"""Plotly figures with one quiet theme. Names are escaped here; every axis says its unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from mmm.arrays import FloatArray
from mmm.reporting.palette import ACCENT, BASELINE, FAINT, INK, MUTED, RULE, channel_colours, fade, mix
from mmm.reporting.text import chart_text

#: Fill of the range of spend that the data holds.
OBSERVED = "#e6eaee"
FONT = '"Inter", "Segoe UI", "Helvetica Neue", Helvetica, Arial, "Liberation Sans", "Noto Sans", sans-serif'
_AXIS: dict[str, Any] = {
    "automargin": True,
    "fixedrange": True,
    "gridcolor": FAINT,
    "linecolor": RULE,
    "tickcolor": RULE,
    "tickfont": {"color": MUTED, "size": 12},
    "title": {"font": {"color": MUTED, "size": 12}, "standoff": 8},
    "zerolinecolor": RULE,
    "zerolinewidth": 1,
}
THEME = go.layout.Template(
    layout={
        "font": {"family": FONT, "size": 12.5, "color": INK},
        "paper_bgcolor": "white",
        "plot_bgcolor": "white",
        "colorway": list(channel_colours([str(i) for i in range(9)]).values()),
        "margin": {"l": 8, "r": 12, "t": 30, "b": 8, "pad": 2},
        "hovermode": "closest",
        "dragmode": False,
        "hoverlabel": {"bgcolor": "white", "bordercolor": RULE, "font": {"family": FONT, "color": INK, "size": 12}},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "xanchor": "left"},
        "xaxis": _AXIS | {"showgrid": False, "ticks": "outside", "ticklen": 4},
        "yaxis": _AXIS | {"showline": False},
        "bargap": 0.28,
    }
)


@dataclass(frozen=True)
class Band:
    """A line with its 90 % interval.

    Attributes
    ----------
    mean, low, high : (N,)
    colour : str, optional
        Hex colour; the page's accent by default.
    """

    mean: Sequence[float] | FloatArray
    low: Sequence[float] | FloatArray
    high: Sequence[float] | FloatArray
    colour: str | None = None


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

    values: Sequence[float] | FloatArray
    low: Sequence[float] | FloatArray | None = None
    high: Sequence[float] | FloatArray | None = None
    colour: str | Sequence[str] | None = None


@dataclass(frozen=True)
class Mark:
    """A point on a response curve: where spend stands, e.g. ``now`` or ``planned``."""

    x: float
    y: float
    colour: str = INK
    hollow: bool = False


def new_figure(unit: str = "", x_title: str = "") -> go.Figure:
    """Return an empty figure in the theme; the unit stands over the value axis, at the left."""
    figure = go.Figure()
    figure.update_layout(template=THEME)
    if unit:
        say_unit(figure, unit)
    if x_title:
        figure.update_xaxes(title_text=chart_text(x_title, 80))
    return figure


def say_unit(figure: go.Figure, unit: str) -> None:
    """Write the value axis's unit over the plot, left-aligned with the page."""
    figure.update_layout(
        title={
            "text": chart_text(unit, 90),
            "x": 0,
            "xref": "container",
            "xanchor": "left",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"t": 4},
            "font": {"size": 12, "color": MUTED},
        }
    )


def dates(x: Sequence[Any] | np.ndarray[Any, Any]) -> list[Any]:
    """Return an x axis for plotly: datetime64 as ISO days, everything else as it is."""
    array = np.asarray(x)
    return list(array.astype("datetime64[D]").astype(str)) if array.dtype.kind == "M" else list(array.tolist())


def tick_weeks(figure: go.Figure, x: Sequence[Any] | np.ndarray[Any, Any]) -> None:
    """Put ticks on first days of weeks, at most seven; over more than a year plotly's own months serve."""
    array = np.asarray(x)
    if array.dtype.kind != "M" or not 1 < len(array) <= 60:
        return
    days = float((array[1] - array[0]) / np.timedelta64(1, "D")) * -(-len(array) // 7)
    figure.update_xaxes(
        tick0=str(array[0].astype("datetime64[D]")), dtick=days * 86_400_000, tickformat="%-d %b\n%Y", hoverformat="%-d %b %Y"
    )


def _numbers(values: Sequence[float] | FloatArray) -> list[float | None]:
    return [float(v) if np.isfinite(v) else None for v in np.asarray(values, dtype=float)]


def _colours(names: Sequence[str], colours: Mapping[str, str] | None) -> Mapping[str, str]:
    return colours if colours is not None else channel_colours(list(names))


def line_chart(
    x: Sequence[Any] | np.ndarray[Any, Any],
    series: Mapping[str, Sequence[float] | FloatArray],
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
            y=_numbers(values),
            name=chart_text(name),
            mode="lines",
            line={"color": palette.get(name, ACCENT), "width": 2, "dash": "dash" if name in dashed else "solid"},
            hovertemplate="%{y:,.4~g}",
        )
    tick_weeks(figure, x)
    figure.update_layout(hovermode="x unified")
    return figure


def add_band(figure: go.Figure, x: Sequence[Any] | np.ndarray[Any, Any], name: str, band: Band, **where: Any) -> None:
    """Add a mean line with its interval ribbon to a figure (``row=``, ``col=`` for subplots)."""
    colour = band.colour or ACCENT
    xs, low, high = dates(x), _numbers(band.low), _numbers(band.high)
    figure.add_scatter(
        x=xs, y=high, mode="lines", line={"width": 0}, showlegend=False, hoverinfo="skip", name="", **where
    )
    figure.add_scatter(
        x=xs,
        y=low,
        mode="lines",
        line={"width": 0},
        fill="tonexty",
        fillcolor=fade(colour, 0.18),
        showlegend=False,
        hoverinfo="skip",
        name="",
        **where,
    )
    figure.add_scatter(
        x=xs,
        y=_numbers(band.mean),
        customdata=list(zip(low, high, strict=True)),
        mode="lines",
        name=chart_text(name),
        line={"color": colour, "width": 2},
        hovertemplate="%{y:,.4~g} (%{customdata[0]:,.4~g} to %{customdata[1]:,.4~g})",
        **where,
    )


def band_chart(
    x: Sequence[Any] | np.ndarray[Any, Any],
    bands: Mapping[str, Band],
    *,
    unit: str,
    x_title: str = "",
    observed: Sequence[float] | FloatArray | None = None,
    observed_name: str = "observed",
) -> go.Figure:
    """Draw lines with 90 % ribbons; ``observed`` adds the measured values as dots."""
    figure = new_figure(unit, x_title)
    for name, band in bands.items():
        add_band(figure, x, name, band)
    if observed is not None:
        figure.add_scatter(
            x=dates(x),
            y=_numbers(observed),
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
        "array": _numbers(high - values),
        "arrayminus": _numbers(values - low),
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
    labels = _distinct([chart_text(name, 28) for name in names])
    for (name, bars), default in zip(series.items(), defaults, strict=False):
        colour = bars.colour if bars.colour is not None else default
        span = f" (%{{customdata[0]:{number_format}}} to %{{customdata[1]:{number_format}}})"
        has_interval = bars.low is not None and bars.high is not None
        figure.add_bar(
            y=labels,
            x=_numbers(bars.values),
            name=chart_text(name),
            orientation="h",
            marker={"color": colour if isinstance(colour, str) else list(colour)},
            error_x=_error(bars),
            customdata=list(zip(_numbers(bars.low), _numbers(bars.high), strict=True))
            if bars.low is not None and bars.high is not None
            else None,
            hovertemplate=f"%{{x:{number_format}}}{span if has_interval else ''}",
        )
    if reference is not None:
        figure.add_vline(x=reference, line={"color": MUTED, "width": 1, "dash": "dash"})
    figure.update_layout(barmode="group", hovermode="y unified" if len(series) > 1 else "closest", bargap=0.32)
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False)
    figure.update_xaxes(showgrid=True, ticks="", showline=False, zeroline=True, nticks=6)
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
    weeks: Sequence[Any] | np.ndarray[Any, Any],
    series: Mapping[str, Sequence[float] | FloatArray],
    *,
    unit: str,
    colours: Mapping[str, str] | None = None,
    line: Mapping[str, Sequence[float] | FloatArray] | None = None,
) -> go.Figure:
    """Draw one stacked column a week; ``line`` lays dashed lines over it, e.g. business as usual."""
    figure, palette = new_figure(unit), _colours(list(series), colours)
    for name, values in series.items():
        figure.add_bar(
            x=dates(weeks),
            y=_numbers(values),
            name=chart_text(name),
            marker={"color": palette.get(name, ACCENT), "line": {"color": "white", "width": 0.6}},
            hovertemplate="%{y:,.4~g}",
        )
    for name, values in (line or {}).items():
        figure.add_scatter(
            x=dates(weeks),
            y=_numbers(values),
            name=chart_text(name),
            mode="lines",
            line={"color": INK, "width": 1.6, "dash": "dash"},
            hovertemplate="%{y:,.4~g}",
        )
    tick_weeks(figure, weeks)
    figure.update_layout(barmode="relative", bargap=0.16, hovermode="x unified")
    return figure


def response_curve_chart(
    spend: Sequence[float] | FloatArray,
    band: Band,
    *,
    unit: str,
    x_title: str,
    points: Mapping[str, Mark] | None = None,
    observed: tuple[float, float] | None = None,
) -> go.Figure:
    """Draw a response curve with its interval, named points on it, and the observed range of spend shaded."""
    figure = new_figure(unit, x_title)
    if observed is not None:
        figure.add_vrect(x0=observed[0], x1=observed[1], fillcolor=OBSERVED, line_width=0, layer="below")
        figure.add_scatter(
            x=[None], y=[None], name="observed range", mode="markers", marker={"color": OBSERVED, "symbol": "square"}
        )
    add_band(figure, spend, "response with 90% interval", band)
    for name, mark in (points or {}).items():
        figure.add_scatter(
            x=[mark.x],
            y=[mark.y],
            name=chart_text(name),
            mode="markers",
            marker={
                "size": 11,
                "color": "white" if mark.hollow else mark.colour,
                "line": {"color": mark.colour, "width": 2.2},
            },
            hovertemplate="%{x:,.4~g} → %{y:,.4~g}",
        )
    figure.update_xaxes(rangemode="tozero", nticks=5)
    figure.update_yaxes(rangemode="tozero", nticks=5)
    return figure


def small_multiples(
    x: Sequence[Any] | np.ndarray[Any, Any],
    series: Mapping[str, Sequence[float] | FloatArray | Band],
    *,
    unit: str = "",
    colours: Mapping[str, str] | None = None,
    height_each: int = 96,
) -> go.Figure:
    """Draw one small row a series over a shared x axis, each on its own scale; readable on a phone.

    The figure's height is set; give the page ``height=int(figure.layout.height)``.
    """
    names = list(series)
    palette = _colours(names, colours)
    rows = max(1, len(names))
    height = 40 + rows * height_each
    titles = [chart_text(name, 60) for name in names]
    spacing = min(0.34 / rows, 28 / height) if rows > 1 else 0.0
    figure = make_subplots(rows=rows, cols=1, shared_xaxes=True, vertical_spacing=spacing, subplot_titles=titles)
    figure.update_layout(template=THEME, height=height, showlegend=False)
    figure.update_annotations(x=0, xanchor="left", font={"size": 12, "color": INK}, yshift=1)
    for row, name in enumerate(names, start=1):
        values, colour = series[name], palette.get(name, ACCENT)
        if isinstance(values, Band):
            add_band(figure, x, name, Band(values.mean, values.low, values.high, values.colour or colour), row=row, col=1)
        else:
            _add_area(figure, x, name, values, colour, row)
    figure.update_yaxes(rangemode="tozero", nticks=3)
    tick_weeks(figure, x)
    figure.update_layout(margin={"t": 44 if unit else 24})
    if unit:
        say_unit(figure, unit)
    return figure


def _add_area(
    figure: go.Figure,
    x: Sequence[Any] | np.ndarray[Any, Any],
    name: str,
    values: Sequence[float] | FloatArray,
    colour: str,
    row: int,
) -> None:
    figure.add_scatter(
        x=dates(x),
        y=_numbers(values),
        name=chart_text(name),
        mode="lines",
        line={"color": mix(colour, "#000000", 0.1), "width": 1.4},
        fill="tozeroy",
        fillcolor=fade(colour, 0.16),
        hovertemplate="%{x}: %{y:,.4~g}<extra></extra>",
        row=row,
        col=1,
    )
