"""Small multiples: one row a series over a shared x axis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from mmm.reporting.bands import Band, add_band
from mmm.reporting.palette import ACCENT, INK, channel_colours, fade, for_line
from mmm.reporting.text import chart_text
from mmm.reporting.theme import THEME, Axis, Values, dates, plain_numbers, say_unit, tick_weeks


def small_multiples(
    x: Axis,
    series: Mapping[str, Values | Band],
    *,
    unit: str = "",
    colours: Mapping[str, str] | None = None,
    height_each: int = 96,
) -> go.Figure:
    """Draw one small row a series over a shared x axis, each on its own scale; readable on a phone.

    The figure's height is set; give the page ``height=int(figure.layout.height)``.
    """
    names = list(series)
    palette = colours if colours is not None else channel_colours(names)
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
            add_band(figure, x, name, replace(values, colour=values.colour or colour), row=row, col=1)
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
    x: Axis,
    name: str,
    values: Values,
    colour: str,
    row: int,
) -> None:
    figure.add_scatter(
        x=dates(x),
        y=plain_numbers(values),
        name=chart_text(name),
        mode="lines",
        line={"color": for_line(colour), "width": 1.4},
        fill="tozeroy",
        fillcolor=fade(colour, 0.16),
        hovertemplate="%{x}: %{y:,.4~g}<extra></extra>",
        row=row,
        col=1,
    )
