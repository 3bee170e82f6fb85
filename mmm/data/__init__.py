"""Files → one validated panel. ``read_panel`` is the way in; the names below load when they are first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmm.lazy import lazy_exports

if TYPE_CHECKING:
    from mmm.data.checks import check_rows
    from mmm.data.lift_tests import LiftTest
    from mmm.data.panel import Panel
    from mmm.data.read import read_panel
    from mmm.data.read_lift_tests import read_lift_tests
    from mmm.data.report import DataReport, Excluded, Ledger
    from mmm.data.spec import ChannelSpec, DataSpec, PanelSpec

__all__ = [
    "ChannelSpec",
    "DataReport",
    "DataSpec",
    "Excluded",
    "Ledger",
    "LiftTest",
    "Panel",
    "PanelSpec",
    "check_rows",
    "read_lift_tests",
    "read_panel",
]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "ChannelSpec": "mmm.data.spec",
        "DataReport": "mmm.data.report",
        "DataSpec": "mmm.data.spec",
        "Excluded": "mmm.data.report",
        "Ledger": "mmm.data.report",
        "LiftTest": "mmm.data.lift_tests",
        "Panel": "mmm.data.panel",
        "PanelSpec": "mmm.data.spec",
        "check_rows": "mmm.data.checks",
        "read_lift_tests": "mmm.data.read_lift_tests",
        "read_panel": "mmm.data.read",
    },
)
