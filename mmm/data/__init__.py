"""Files → one validated panel. ``read_panel`` is the way in; the names below load when they are first used."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mmm.data.checks import check_rows
    from mmm.data.panel import Panel
    from mmm.data.read import read_panel
    from mmm.data.report import DataReport, Excluded, Ledger
    from mmm.data.spec import ChannelSpec, DataSpec, PanelSpec

_HOME = {
    "ChannelSpec": "spec",
    "DataReport": "report",
    "DataSpec": "spec",
    "Excluded": "report",
    "Ledger": "report",
    "Panel": "panel",
    "PanelSpec": "spec",
    "check_rows": "checks",
    "read_panel": "read",
}

__all__ = [
    "ChannelSpec",
    "DataReport",
    "DataSpec",
    "Excluded",
    "Ledger",
    "Panel",
    "PanelSpec",
    "check_rows",
    "read_panel",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'mmm.data' has no attribute '{name}'")
    return getattr(importlib.import_module(f"mmm.data.{_HOME[name]}"), name)
