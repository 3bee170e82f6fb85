"""The money of owned channels in a lineage: each part of the volume times what serving it cost in that week."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mmm.arrays import IntArray
from mmm.data.panel import Panel
from mmm.data.spec import PanelSpec

if TYPE_CHECKING:
    import pyarrow as pa


def money_of(volume: str) -> str:
    """Return the name under which a lineage holds what serving a volume cost."""
    return f"{volume} × cost of service"


def money_lines(whole: pa.Table, at: IntArray, names: list[str], panel: Panel, spec: PanelSpec) -> list[pa.Table]:
    """Return the lines of what owned channels cost, a table a channel.

    Parameters
    ----------
    whole : pyarrow.Table
        Lines of the panel's columns, N of :func:`mmm.data.room.lineage.schema`.
    at : (N,) ints
        Flat index of each line's cell in (S, G, T).
    names : list of str
        The S columns.
    panel : Panel
    spec : PanelSpec

    Returns
    -------
    list of pyarrow.Table
        The lines of the volume, as money; ``original`` is the volume. Where the cost stands in a column of daily rows,
        a part is priced at its week's mean cost of a unit, so that the parts add up to the panel's spend.
    """
    import pyarrow as pa  # noqa: PLC0415

    found = []
    for name, channel in spec.channels.items():
        if channel.volume is None or name not in panel.channels:
            continue
        c, size = panel.channels.index(name), panel.observed.size
        mine = np.flatnonzero(at // size == names.index(channel.volume))
        cell = at[mine] % size
        spend, volume = panel.spend[c].ravel()[cell], panel.exposure[c].ravel()[cell]
        cost = np.divide(spend, volume, out=np.zeros(len(cell)), where=volume != 0)
        lines = whole.take(pa.array(mine))
        given = {
            "series": pa.array([money_of(channel.volume)] * len(mine), pa.string()),
            "value": pa.array(cost * lines["value"].to_numpy()),
            "original": lines["value"],
            "currency": pa.nulls(len(mine), pa.string()),
            "figure": pa.array(spend),
        }
        for column, values in given.items():
            lines = lines.set_column(lines.column_names.index(column), column, values)
        found.append(lines)
    return found
