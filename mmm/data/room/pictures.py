"""Maps of colours: names by weeks, and names by names."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from mmm.arrays import FloatArray, WeekArray
from mmm.data.room.coverage import Coverage
from mmm.data.watch_together import Together
from mmm.reporting import Chart
from mmm.reporting.charts import new_figure
from mmm.reporting.palette import ACCENT, CAUTION, mix
from mmm.reporting.text import chart_text
from mmm.reporting.theme import dates, tick_weeks

_MOST_NAMES = 60
LIGHT = mix(ACCENT, "#ffffff", 0.6)
PALE = mix(ACCENT, "#ffffff", 0.85)
MISSING = mix(CAUTION, "#ffffff", 0.35)
#: Media beyond which the map of correlations holds no figures.
_MOST_FIGURES = 10
#: What stands for a week without a row, below every share.
_NONE = -0.2
Scale = Sequence[tuple[float, str]]


def weeks_map(
    weeks: WeekArray,
    names: Sequence[str],
    values: FloatArray,
    scale: Scale,
    top: float,
    *,
    said: Sequence[Sequence[str]] | None = None,
) -> go.Figure:
    """Draw names by weeks as colours, (N, T); NaN shows the amber behind.

    Parameters
    ----------
    weeks : (T,) datetime64[D]
    names : N names
    values : (N, T)
    scale : pairs of share of ``top`` and colour
    top : float
    said : (N, T) texts, optional
        What a cell says when it is pointed at, instead of its value.
    """
    shown_names = [chart_text(name, 24) for name in names]
    each = int(np.clip(900 / len(names), 6, 18))
    figure = new_figure()
    cells = said if said is not None else [[f"{x:.3g}" for x in row] for row in values]
    figure.add_heatmap(
        x=dates(weeks),
        y=list(range(len(names))),
        z=[[float(x) if np.isfinite(x) else None for x in row] for row in values],
        zmin=0.0,
        zmax=top,
        colorscale=[list(pair) for pair in scale],
        showscale=False,
        customdata=[[f"{name}, {week}: {cell}" for week, cell in zip(weeks, row, strict=True)]
                    for name, row in zip(shown_names, cells, strict=True)],
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    step = -(-len(names) // _MOST_NAMES)
    shown = list(range(0, len(names), step))
    figure.update_yaxes(
        autorange="reversed",
        tickvals=shown,
        ticktext=[shown_names[i] for i in shown],
        showgrid=False,
        zeroline=False,
        tickfont={"size": 10},
    )
    figure.update_layout(height=60 + each * len(names), plot_bgcolor=MISSING)
    tick_weeks(figure, weeks)
    return figure


def coverage_chart(found: Coverage, noun: str = "week") -> Chart:
    """Return the picture of which source covers which week, or other period."""
    share = np.where(found.rows > 0, found.share, _NONE)
    said = [[f"{count:,} rows" if count else "no row" for count in row] for row in found.rows.tolist()]
    edge = -_NONE / 2 / (1.0 - _NONE)  # of the scale, between no row and few
    scale = [(0.0, MISSING), (edge, MISSING), (edge, "#ffffff"), (1.0, ACCENT)]
    figure = weeks_map(found.weeks, found.sources, share, scale, 1.0, said=said)
    figure.update_traces(xgap=0, ygap=3, zmin=_NONE)
    figure.update_layout(height=44 + 24 * len(found.sources), plot_bgcolor="white", margin={"t": 8})
    missing = int((found.rows == 0).sum())
    return Chart(
        figure=figure,
        title=f"{noun.title()}s that each source covers",
        caption=f"Dark: as many rows as a usual {noun} of that source; lighter: fewer. "
        + (
            f"Amber: no row ({missing:,} of {found.rows.size:,} source-{noun}s)."
            if missing
            else f"No {noun} is without."
        ),
        alt=f"Map of sources by {noun}s that shows how many rows each has.",
        height=int(figure.layout.height),
    )


def together_chart(found: Together) -> Chart:
    """Return the picture of how the media correlate."""
    names = [chart_text(name, 14) for name in found.names]
    each = int(np.clip(460 / max(len(names), 1), 16, 44))
    figure = new_figure()
    texts = [[f"{x:.2f}" if i != j else "" for j, x in enumerate(row)] for i, row in enumerate(found.correlation)]
    full = [chart_text(name, 40) for name in found.names]
    figure.add_heatmap(
        x=list(range(len(names))),
        y=list(range(len(names))),
        z=[[None if i == j else float(x) for j, x in enumerate(row)] for i, row in enumerate(found.correlation)],
        zmin=-1.0,
        zmax=1.0,
        colorscale=[[0.0, CAUTION], [0.5, "#ffffff"], [1.0, ACCENT]],
        showscale=False,
        text=texts,
        texttemplate="%{text}" if len(names) <= _MOST_FIGURES else None,
        textfont={"size": 11},
        customdata=[[f"{one} and {other}: {found.correlation[i, j]:.2f}" for j, other in enumerate(full)]
                    for i, one in enumerate(full)],
        hovertemplate="%{customdata}<extra></extra>",
        xgap=1,
        ygap=1,
    )  # fmt: skip
    places = list(range(len(names)))
    figure.update_yaxes(autorange="reversed", tickvals=places, ticktext=names, showgrid=False, tickfont={"size": 11})
    figure.update_xaxes(tickvals=places, ticktext=names, tickangle=-45, tickfont={"size": 11}, ticks="")
    figure.update_xaxes(zeroline=False)
    figure.update_yaxes(zeroline=False)
    figure.update_layout(height=84 + each * len(names), margin={"t": 8})
    return Chart(
        figure=figure,
        title="How the media move together",
        caption="Correlation of the media as the model sees them, from −1 (amber) over 0 (white) to 1 (blue); "
        f"condition number {found.condition:.3g} (under 10 is good, over 30 is bad: Belsley, Kuh & Welsch, 1980).",
        alt=f"Map of correlations of {len(names)} media.",
        height=int(figure.layout.height),
    )
