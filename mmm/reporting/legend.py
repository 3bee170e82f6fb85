"""The legend that a page draws beside a figure, so that it wraps on a phone."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mmm.reporting import palette
from mmm.reporting.blocks import Chart

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


@dataclass(frozen=True)
class LegendEntry:
    """A name, its colour and the mark that stands for it: ``line``, ``dash``, ``dot``, ``ring`` or ``box``."""

    name: str
    colour: str
    mark: str


def _entry(trace: Any) -> LegendEntry:
    """Say how one plotly trace is to be named in the page's legend."""
    content = trace.to_plotly_json()
    line, marker = content.get("line", {}), content.get("marker", {})
    name = html.unescape(str(content["name"]))
    colour = marker.get("color")
    colour = colour if isinstance(colour, str) else palette.MUTED
    if content["type"] != "scatter" or marker.get("symbol") == "square":
        return LegendEntry(name, colour, "box")
    if content.get("fill") or content.get("stackgroup"):
        return LegendEntry(name, content.get("fillcolor", line.get("color", colour)), "box")
    if "lines" not in content.get("mode", "lines"):
        ring = marker.get("line", {}).get("color", colour)
        return LegendEntry(name, ring, "ring" if colour == "white" else "dot")
    return LegendEntry(name, line.get("color", colour), "line" if line.get("dash", "solid") == "solid" else "dash")


def legend(figure: Figure) -> tuple[LegendEntry, ...]:
    """Return one entry for each named trace; none if there is only one, or if the figure hides its legend."""
    if figure.layout.showlegend is False:
        return ()
    entries: dict[str, LegendEntry] = {}
    for trace in figure.data:
        if trace.name and trace.showlegend is not False:
            entry = _entry(trace)
            entries.setdefault(entry.name, entry)
    return tuple(entries.values()) if len(entries) > 1 else ()


def shared_legend(charts: Sequence[Chart]) -> tuple[LegendEntry, ...]:
    """Return one legend for a gallery if all its charts have the same entries; a colour that differs turns grey."""
    legends = [legend(chart.figure) for chart in charts]
    marks = {tuple((entry.name, entry.mark) for entry in entries) for entries in legends}
    if len(legends) < 2 or len(marks) != 1:
        return ()
    result = []
    for same in zip(*legends, strict=True):
        one_colour = len({entry.colour for entry in same}) == 1
        result.append(same[0] if one_colour else replace(same[0], colour=palette.MUTED))
    return tuple(result)
