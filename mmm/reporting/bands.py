"""A line with its interval ribbon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from mmm.reporting.palette import ACCENT, fade, for_line
from mmm.reporting.text import chart_text
from mmm.reporting.theme import Axis, Values, dates, plain_numbers


@dataclass(frozen=True)
class Band:
    """A line with its 90 % interval.

    Attributes
    ----------
    mean, low, high : (N,)
    colour : str, optional
        Hex colour; the page's accent by default.
    """

    mean: Values
    low: Values
    high: Values
    colour: str | None = None


def add_band(figure: go.Figure, x: Axis, name: str, band: Band, **where: Any) -> None:
    """Add a mean line with its interval ribbon to a figure (``row=``, ``col=`` for subplots)."""
    colour = band.colour or ACCENT
    xs, low, high = dates(x), plain_numbers(band.low), plain_numbers(band.high)
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
        y=plain_numbers(band.mean),
        customdata=list(zip(low, high, strict=True)),
        mode="lines",
        name=chart_text(name),
        line={"color": for_line(colour), "width": 2},
        hovertemplate="%{y:,.4~g} (%{customdata[0]:,.4~g} to %{customdata[1]:,.4~g})",
        **where,
    )
