"""The look that all charts share, and how values reach plotly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from mmm.arrays import FloatArray
from mmm.reporting.palette import FAINT, INK, MUTED, RULE, channel_colours
from mmm.reporting.text import chart_text

#: Numbers along a series; NaN is a gap.
Values = Sequence[float] | FloatArray
#: Weeks (datetime64) or any x.
Axis = Sequence[Any] | np.ndarray[Any, Any]
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


def dates(x: Axis) -> list[Any]:
    """Return an x axis for plotly: datetime64 as ISO days, everything else as it is."""
    array = np.asarray(x)
    return list(array.astype("datetime64[D]").astype(str)) if array.dtype.kind == "M" else list(array.tolist())


def tick_weeks(figure: go.Figure, x: Axis) -> None:
    """Put ticks on first days of weeks or months, at most seven; of more than 60, plotly's own ticks serve."""
    array = np.asarray(x)
    if array.dtype.kind != "M" or not 1 < len(array) <= 60:
        return
    every = -(-len(array) // 7)
    if len(set(np.diff(array).tolist())) > 1:  # months
        shown = [str(day) for day in array[::every].astype("datetime64[D]")]
        figure.update_xaxes(tickmode="array", tickvals=shown, tickformat="%-d %b\n%Y", hoverformat="%-d %b %Y")
        return
    days = float((array[1] - array[0]) / np.timedelta64(1, "D")) * every
    figure.update_xaxes(
        tick0=str(array[0].astype("datetime64[D]")),
        dtick=days * 86_400_000,
        tickformat="%-d %b\n%Y",
        hoverformat="%-d %b %Y",
    )


def plain_numbers(values: Values) -> list[float | None]:
    """Return numbers for plotly, missing ones as None."""
    return [float(v) if np.isfinite(v) else None for v in np.asarray(values, dtype=float)]
