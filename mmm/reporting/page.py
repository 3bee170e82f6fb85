"""One offline HTML file from frozen blocks. Blocks hold plain text: everything is cleaned and escaped when rendered."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from mmm.reporting.blocks import (
    Align,
    Block,
    Card,
    Cards,
    Chart,
    Check,
    CheckGroup,
    Checklist,
    Column,
    FindingsList,
    Gallery,
    Page,
    Prose,
    Section,
    Table,
    Tone,
)
from mmm.reporting.legend import legend, shared_legend
from mmm.reporting.text import clean

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

__all__ = [
    "Align",
    "Block",
    "Card",
    "Cards",
    "Chart",
    "Check",
    "CheckGroup",
    "Checklist",
    "Column",
    "FindingsList",
    "Gallery",
    "Page",
    "Prose",
    "Section",
    "Table",
    "Tone",
    "figure_json",
    "render",
    "write_page",
]


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
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("mmm.reporting", "templates"),
        autoescape=True,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"figure_json": figure_json, "legend": legend, "shared_legend": shared_legend}
    return environment


@cache
def _asset(name: str) -> str:
    return (Path(__file__).parent / "templates" / name).read_text(encoding="utf-8")


@cache
def _plotly_js() -> str:
    """Return plotly.js; no ``</script`` in it may end the element early."""
    return str(get_plotlyjs()).replace("</script", "<\\/script")


def _has_chart(page: Page) -> bool:
    return any(isinstance(block, (Chart, Gallery)) for section in page.sections for block in section.blocks)


def render(page: Page) -> str:
    """Return the page as one HTML document that loads nothing from anywhere.

    plotly.js is inlined once, and only where there is a chart.
    """
    trusted = {"css": _asset("page.css"), "script": _asset("page.js"), "plotly_js": ""}
    if _has_chart(page):
        trusted["plotly_js"] = _plotly_js()
    # Our own files and plotly's: nothing in them comes from a data file.
    marked = {name: Markup(text) for name, text in trusted.items()}  # noqa: S704  # nosec B704
    return _environment().get_template("page.html.j2").render(page=page, **marked)


def write_page(page: Page, path: str | Path) -> Path:
    """Write the page as UTF-8 and return its path."""
    path = Path(path)
    path.write_text(render(page), encoding="utf-8")
    return path
