"""The panel's figures by the model file's column: what a lineage adds up to."""

from __future__ import annotations

import numpy as np

from mmm.arrays import FloatArray
from mmm.data.columns import Role, roles
from mmm.data.panel import Panel
from mmm.data.spec import PanelSpec

#: Roles whose weeks are the sum of their rows; the others are averaged.
SUMMED = (Role.OUTCOME, Role.SPEND, Role.EXPOSURE, Role.ORGANIC)


def role_of(spec: PanelSpec) -> dict[str, Role]:
    """Return column of the model file → what it is for."""
    return {column: role for role, _, column in roles(spec)}


def figures(panel: Panel, spec: PanelSpec) -> dict[str, FloatArray]:
    """Return column of the model file → (G, T) figures of the panel, without columns that were left out.

    The population is one figure a geo, not one a week, and is not among them.
    """
    found: dict[str, FloatArray] = {}
    for role, name, column in roles(spec):
        if role is Role.OUTCOME:
            found[column] = panel.outcome
        elif role is Role.VALUE:
            found[column] = panel.value_per_outcome
        elif role in (Role.SPEND, Role.EXPOSURE) and name in panel.channels:
            series = panel.spend if role is Role.SPEND else panel.exposure
            found[column] = series[panel.channels.index(name)]
        elif role is Role.ORGANIC and name in panel.organic_names:
            found[column] = panel.organic[panel.organic_names.index(name)]
        elif role is Role.CONTROL and name in panel.control_names:
            found[column] = panel.controls[panel.control_names.index(name)]
    return {column: np.asarray(values, dtype=np.float64) for column, values in found.items()}
