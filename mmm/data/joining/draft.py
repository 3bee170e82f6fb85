"""The joined table with all that is needed to say what became of every row once the panel is made."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from mmm.arrays import BoolArray, FloatArray
from mmm.data.columns import Columns, Role
from mmm.data.joining.account import account_for, list_excluded
from mmm.data.joining.aside import AsideMoney, with_aside
from mmm.data.joining.cells import Parts, make_cells
from mmm.data.joining.joined import Joined
from mmm.data.joining.known import Known
from mmm.data.joining.lines import NONE
from mmm.data.joining.names import SeriesNames, is_national
from mmm.data.joining.periods import Periods
from mmm.data.joining.pieces import Pieces, Reason
from mmm.data.panel import Panel
from mmm.data.report import Excluded
from mmm.data.spec import PanelSpec
from mmm.exceptions import DataError
from mmm.findings import Finding

_LEFT = Reason("left_out", "the panel does not hold this geo and week", "See the findings on geos and weeks.")


@dataclass(frozen=True, eq=False)
class Draft:
    """All sources on their way into one panel.

    Attributes
    ----------
    spec : PanelSpec
    names : SeriesNames
    periods : Periods
    geos : tuple of str
    pieces : Pieces
    known : Known
    columns : Columns
    parts : Parts
    inputs : Mapping
        Name of each file → SHA-256.
    aside : tuple of AsideMoney
        Of rows that were set aside while they were read.
    written : tuple of two tuples of str
        Channels and geos as event logs write them.
    """

    spec: PanelSpec
    names: SeriesNames
    periods: Periods
    geos: tuple[str, ...]
    pieces: Pieces
    known: Known
    columns: Columns
    parts: Parts
    inputs: Mapping[str, str] = field(default_factory=dict)
    aside: tuple[AsideMoney, ...] = ()
    written: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    def keep(self, panel: Panel) -> BoolArray:
        """Set aside what a panel left out; returns its rows on the draft's axis, (G, T)."""
        rows = np.zeros_like(self.known.rows)
        at = np.flatnonzero(np.isin(self.known.axis, panel.weeks))
        for g, geo in enumerate(panel.geos):
            rows[self.geos.index(geo), at] = panel.observed[g]
        rows &= self.known.rows
        pieces = self.pieces
        period = np.minimum(np.searchsorted(self.known.axis, pieces.period), len(self.known.axis) - 1)
        there = np.where(pieces.geo == NONE, rows.any(axis=0)[period], rows[np.maximum(pieces.geo, 0), period])
        pieces.set_aside(~there, _LEFT)
        return rows

    def settle(self, rows: BoolArray | None = None, panel: Panel | None = None) -> Joined:
        """Account for every row, check it, and write where every cell comes from.

        Parameters
        ----------
        rows : (G, T) bool, optional
            That stand in the panel. Default: every row of the table.
        panel : Panel, optional
            Whose split of national channels the cells then follow.
        """
        rows = self.known.rows if rows is None else rows
        keep = rows[self.parts.geo, self.parts.period]
        national = is_national(self.names, self.spec) & (len(self.geos) > 1)
        sources = with_aside(account_for(self.pieces, national, self.names, self._sums(rows)), self.aside)
        parts = self.parts if panel is None or not national.any() else self._split(panel, national)
        cells = make_cells(self.pieces, parts, self.known, self.geos, self.names, keep)
        return Joined(self.columns, cells, sources, inputs=self.inputs)

    def excluded(self) -> tuple[list[Excluded], list[Finding]]:
        """List what was set aside since the sources were read."""
        return list_excluded(self.pieces, self.names)

    def gross(self, channel: str) -> float:
        """Return the sum of the sizes of a channel's spend: rounding is judged by it."""
        number = [n for n, (role, name, _) in enumerate(self.names.all) if role is Role.SPEND and name == channel]
        return float(np.nansum(np.abs(self.pieces.value[np.isin(self.pieces.series, number)])))

    def _sums(self, rows: BoolArray) -> FloatArray:
        """Return the sum of each series over rows of the table, (N,), without gaps that were filled."""
        geo, period = np.nonzero(self.known.rows)
        there = rows[geo, period] & ~self.known.gaps[:, geo, period]
        series = zip(self.columns.series, there, strict=True)
        return np.asarray([math.fsum(np.nan_to_num(one.values[own])) for one, own in series])

    def _split(self, panel: Panel, national: BoolArray) -> Parts:
        """Give the parts of national channels the share that the panel gave to each geo."""
        value = self.parts.value.copy()
        place = {geo: g for g, geo in enumerate(panel.geos)}
        week = {day: t for t, day in enumerate(panel.weeks)}
        for n in np.flatnonzero(national):
            role, name, _ = self.names.all[n]
            if name not in panel.channels:
                continue
            c = panel.channels.index(name)
            figures = panel.spend[c] if role is Role.SPEND else panel.exposure[c]
            mine = np.flatnonzero(self.parts.series == n)
            cell = np.ravel_multi_index((self.parts.geo[mine], self.parts.period[mine]), self.known.rows.shape)
            sums = np.bincount(cell, np.nan_to_num(value[mine]), self.known.rows.size)
            for q, total in zip(mine, sums[cell], strict=True):
                g = place.get(self.geos[self.parts.geo[q]])
                t = week.get(self.known.axis[self.parts.period[q]])
                if g is not None and t is not None and total:
                    value[q] *= figures[g, t] / total
        return replace(self.parts, value=value)


def refuse_empty(pieces: Pieces) -> None:
    """Refuse sources of which no figure is left."""
    if not pieces.used.any():
        raise DataError("no figure of any source is left", where="sources", do="Check their dates and names.")
