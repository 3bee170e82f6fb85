"""The reporting kit: numbers in words, charts, one offline HTML page, workbooks. Every ``report.py`` builds on it."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mmm.reporting.page import (
        Align,
        Card,
        Cards,
        Chart,
        Column,
        FindingsList,
        Gallery,
        Page,
        Prose,
        Section,
        Table,
        Tone,
        render,
        write_page,
    )

_HOMES = {
    name: "mmm.reporting.page"
    for name in (
        "Align",
        "Card",
        "Cards",
        "Chart",
        "Column",
        "FindingsList",
        "Gallery",
        "Page",
        "Prose",
        "Section",
        "Table",
        "Tone",
        "render",
        "write_page",
    )
}

__all__ = [
    "Align",
    "Card",
    "Cards",
    "Chart",
    "Column",
    "FindingsList",
    "Gallery",
    "Page",
    "Prose",
    "Section",
    "Table",
    "Tone",
    "render",
    "write_page",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'mmm.reporting' has no attribute '{name}'")
    return getattr(importlib.import_module(_HOMES[name]), name)
