"""Response curves with the observed range and where spend stands on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import plotly.graph_objects as go

from mmm.reporting.bands import Band, add_band
from mmm.reporting.palette import INK
from mmm.reporting.text import chart_text
from mmm.reporting.theme import Values, new_figure

#: Fill of the range of spend that the data holds.
OBSERVED = "#e6eaee"


@dataclass(frozen=True)
class Mark:
    """A point on a response curve: where spend stands, e.g. ``now`` or ``planned``."""

    x: float
    y: float
    colour: str = INK
    hollow: bool = False


def response_curve_chart(
    spend: Values,
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
