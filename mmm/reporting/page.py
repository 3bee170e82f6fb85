"""One offline HTML file from frozen blocks. Blocks hold plain text: everything is cleaned and escaped when rendered."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from mmm.findings import Finding, by_severity
from mmm.reporting import palette
from mmm.reporting.text import clean, shorten

if TYPE_CHECKING:
    import jinja2
    from plotly.graph_objects import Figure


class Align(StrEnum):
    """How a column stands; figures go right."""

    LEFT = "left"
    RIGHT = "right"


class Tone(StrEnum):
    """What a card says at a glance; the words must say it too."""

    NEUTRAL = "neutral"
    GOOD = "good"
    CAUTION = "caution"
    BAD = "bad"


@dataclass(frozen=True)
class Prose:
    """Plain paragraphs."""

    paragraphs: Sequence[str]
    kind: ClassVar[str] = "prose"


@dataclass(frozen=True)
class Card:
    """One key figure: label, formatted value with its unit, and a note that says what it means."""

    label: str
    value: str
    note: str = ""
    tone: Tone = Tone.NEUTRAL


@dataclass(frozen=True)
class Cards:
    """A row of cards."""

    cards: Sequence[Card]
    kind: ClassVar[str] = "cards"


@dataclass(frozen=True)
class Chart:
    """A plotly figure with what it shows in words.

    Attributes
    ----------
    figure : plotly Figure
        Its legend is drawn by the page, outside the plot, so that it wraps on a phone.
    caption : str
        What to see in it, with the unit.
    alt : str
        The same for those who cannot see it.
    height : int
        Pixels.
    title : str
        Short heading above the plot; wanted in a :class:`Gallery`.
    """

    figure: Figure
    caption: str
    alt: str
    height: int = 360
    title: str = ""
    kind: ClassVar[str] = "chart"


@dataclass(frozen=True)
class Gallery:
    """Small charts beside each other, as many as the width allows: one on a phone, two or three on a desk."""

    charts: Sequence[Chart]
    kind: ClassVar[str] = "gallery"


@dataclass(frozen=True)
class Column:
    """Heading and alignment of a table's column."""

    label: str
    align: Align = Align.LEFT


@dataclass(frozen=True)
class Table:
    """Cells are formatted strings; the first column names the row. ``total`` is set apart at the foot."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    caption: str = ""
    total: Sequence[str] = ()
    kind: ClassVar[str] = "table"

    def __post_init__(self) -> None:
        for row in (*self.rows, *((self.total,) if self.total else ())):
            if len(row) != len(self.columns):
                raise ValueError(f"a row has {len(row)} cells, the table {len(self.columns)} columns: {tuple(row)!r}")


@dataclass(frozen=True)
class FindingsList:
    """Findings, gravest first, each with its next step."""

    findings: Sequence[Finding]
    kind: ClassVar[str] = "findings"

    @property
    def ordered(self) -> tuple[Finding, ...]:
        """The findings by severity."""
        return by_severity(self.findings)


Block = Prose | Cards | Chart | Gallery | Table | FindingsList


@dataclass(frozen=True)
class Section:
    """A heading, one leading sentence and blocks."""

    title: str
    blocks: Sequence[Block]
    lead: str = ""


@dataclass(frozen=True)
class Page:
    """A report.

    Attributes
    ----------
    title : str
    lead : str
        The answer in one or two sentences.
    sections : sequence of Section
    details : Mapping
        Facts for whoever repeats the run (file hashes, versions, seed); folded at the foot.
    cards : Cards, optional
        Key figures under the lead.
    kicker : str
        Small line over the title, e.g. ``Mixwise · plan``.
    language : str
        BCP 47 code of the text.
    """

    title: str
    lead: str
    sections: Sequence[Section]
    details: Mapping[str, str] = field(default_factory=dict)
    cards: Cards | None = None
    kicker: str = "Mixwise"
    language: str = "en-GB"


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
    """Return one entry for every named trace of a figure that has more than one; none if the figure hides its legend."""
    if figure.layout.showlegend is False:
        return ()
    entries: dict[str, LegendEntry] = {}
    for trace in figure.data:
        if trace.name and trace.showlegend is not False:
            entry = _entry(trace)
            entries.setdefault(entry.name, entry)
    return tuple(entries.values()) if len(entries) > 1 else ()


def _script_json(value: str) -> str:
    """Make JSON safe inside a script element: no ``<``, ``>`` or ``&`` remains."""
    return value.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def figure_json(figure: Figure) -> str:
    """Return a figure's data and layout as JSON for a script element, without its own legend and size."""
    content = json.loads(figure.to_json(validate=False, engine="json") or "{}")
    layout = content.get("layout", {}) | {"showlegend": False, "autosize": True}
    for fixed in ("width", "height"):
        layout.pop(fixed, None)
    return _script_json(json.dumps({"data": content.get("data", []), "layout": layout}, separators=(",", ":")))


def _finalize(value: Any) -> Any:
    """Clean every text that enters the page; markup made by the templates stays."""
    return clean(value) if type(value) is str else value


@cache
def _environment() -> jinja2.Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("mmm.reporting", "templates"),
        autoescape=True,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"figure_json": figure_json, "legend": legend, "shorten": shorten}
    return environment


@cache
def _asset(name: str) -> str:
    return (Path(__file__).parent / "templates" / name).read_text(encoding="utf-8")


@cache
def _plotly_js() -> str:
    """Return plotly.js; no ``</script`` in it may end the element early."""
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs()).replace("</script", "<\\/script")


def _has_chart(page: Page) -> bool:
    return any(isinstance(block, (Chart, Gallery)) for section in page.sections for block in section.blocks)


def render(page: Page) -> str:
    """Return the page as one HTML document that loads nothing from anywhere.

    plotly.js is inlined once, and only where there is a chart.
    """
    from markupsafe import Markup

    # The three are our own files and plotly's, not text that anybody wrote into a data file.
    return _environment().get_template("page.html.j2").render(
        page=page,
        css=Markup(_asset("page.css")),
        script=Markup(_asset("page.js")),
        plotly_js=Markup(_plotly_js()) if _has_chart(page) else "",
    )


def write_page(page: Page, path: str | Path) -> Path:
    """Write the page as UTF-8 and return its path."""
    path = Path(path)
    path.write_text(render(page), encoding="utf-8")
    return path
