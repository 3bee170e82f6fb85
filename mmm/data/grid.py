"""Columns → a regular grid of geos by dates, with what stands in no row, or in an empty cell, refused or filled."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mmm.arrays import BoolArray, FloatArray, IntArray
from mmm.data.calendar import Axis, Grain, refuse_gaps
from mmm.data.columns import Columns, Role, Series
from mmm.data.log import ReadingLog, counted, listed
from mmm.data.rows import RowAccount
from mmm.data.spec import DataSpec, Fill, Gaps
from mmm.exceptions import DataError

_FLOWS = (Role.SPEND, Role.EXPOSURE, Role.ORGANIC)


@dataclass(frozen=True, eq=False)
class Grid:
    """Row numbers on the regular axis.

    Attributes
    ----------
    axis : Axis
        D dates.
    geos : tuple of str
    rows : (G, D) ints
        Index of the row of each geo and date; -1 where there is none.
    """

    axis: Axis
    geos: tuple[str, ...]
    rows: IntArray

    @classmethod
    def of(cls, columns: Columns, axis: Axis, geos: tuple[str, ...], geo: IntArray, account: RowAccount) -> Grid:
        """Place every used row on the axis."""
        rows = np.full((len(geos), len(axis.days)), -1, dtype=np.int64)
        used = np.flatnonzero(account.used)
        steps = (columns.days[used] - axis.days[0]).astype(np.int64) // axis.grain.days
        rows[geo[used], steps] = used
        return cls(axis, geos, rows)

    def values(self, series: Series) -> FloatArray:
        """Return one series on the grid, (G, D); NaN where there is no row or an empty cell."""
        placed = np.full(self.rows.shape, np.nan)
        there = self.rows >= 0
        placed[there] = series.values[self.rows[there]]
        return placed

    def cut(self, first: int, stop: int) -> Grid:
        """Return the grid from one date index to another."""
        return replace(self, axis=Axis(self.axis.days[first:stop], self.axis.grain), rows=self.rows[:, first:stop])

    def outside(self, first: int, stop: int) -> IntArray:
        """Return the rows that :meth:`cut` with the same arguments leaves out."""
        left = np.concatenate([self.rows[:, :first].ravel(), self.rows[:, stop:].ravel()])
        return left[left >= 0]


def fill_of(series: Series, spec: DataSpec) -> Fill:
    """Return what is declared for the empty cells of a series; the outcome is filled only where it is named."""
    if series.role is Role.OUTCOME and isinstance(spec.missing, Fill):
        return Fill.REFUSE
    return spec.fill_of(series.column)


def overlap(grid: Grid, columns: Columns, spec: DataSpec) -> tuple[int, int]:
    """Return the first date index, and the one after the last, at which outcome and media both have figures.

    Raises
    ------
    DataError
        There is no such date.
    """
    outcome = np.zeros(len(grid.axis.days), dtype=bool)
    media = np.zeros(len(grid.axis.days), dtype=bool)
    for series in columns.series:
        if series.role is Role.OUTCOME:
            outcome |= np.isfinite(grid.values(series)).any(axis=0)
        elif series.role in _FLOWS:
            there = np.isfinite(grid.values(series)) | ((grid.rows >= 0) & (fill_of(series, spec) is not Fill.REFUSE))
            media |= there.any(axis=0)
    both = np.flatnonzero(outcome & media)
    if len(both) == 0:
        raise DataError(
            "the outcome and the media have no date in common",
            where=columns.table.file,
            do="Give a file in which both are filled for the same weeks.",
        )
    return int(both[0]), int(both[-1]) + 1


def _line(values: FloatArray, known: BoolArray) -> FloatArray:
    """Put a straight line through the unknown dates of one geo, (D,)."""
    at = np.arange(len(values), dtype=np.float64)
    return np.interp(at, at[known], values[known])


def fill_gaps(grid: Grid, columns: Columns, spec: DataSpec, log: ReadingLog) -> dict[int, FloatArray]:
    """Return every series on the grid, (G, D), with dates without a row refused or filled as declared.

    Raises
    ------
    DataError
        Missing dates, without a declaration or at the edge of a geo.
    """
    file = columns.table.file
    absent = grid.rows < 0
    for g, name in enumerate(grid.geos):
        who = "" if len(grid.geos) == 1 else f" for the geo '{name}'"
        if spec.gaps is Gaps.REFUSE or absent[g, 0] or absent[g, -1]:
            refuse_gaps(grid.axis, ~absent[g], who, file)
    if absent.any():
        noun = "day" if grid.axis.grain is Grain.DAILY else "week"
        log.warned(
            "gaps_filled",
            f"{counted(int(absent.sum()), f'missing {noun}')} filled without spend or activity, outcome and controls "
            f"on a straight line: {listed(grid.axis.days[absent.any(axis=0)])}.",
            where=file,
            means="The model sees figures that nobody measured.",
            do="Ask for the missing rows; the weeks count as evidence that spend of zero changes nothing.",
        )
    found: dict[int, FloatArray] = {}
    for number, series in enumerate(columns.series):
        values = grid.values(series)
        for series_of_geo, gone in zip(values, absent, strict=True):
            known = np.isfinite(series_of_geo)
            line = _line(series_of_geo, known) if gone.any() and known.any() else series_of_geo
            series_of_geo[gone] = 0.0 if series.role in _FLOWS else line[gone]
        found[number] = values
    return found


def fill_cells(
    values: FloatArray, series: Series, grid: Grid, columns: Columns, spec: DataSpec, log: ReadingLog
) -> FloatArray:
    """Refuse or fill the empty cells of a series, (G, D).

    Raises
    ------
    DataError
        An empty cell without a declared fill, or before any figure that could fill it.
    """
    empty = ~np.isfinite(values)
    if not empty.any():
        return values
    fill = fill_of(series, spec)
    rows = np.sort(grid.rows[empty])
    place = columns.table.place(int(rows[0]), series.column)
    more = f" ({counted(len(rows) - 1, 'more cell')} of this column too)" if len(rows) > 1 else ""
    if fill is Fill.REFUSE:
        choices = "zero" if series.role is Role.SPEND else "zero, previous or interpolate"
        raise DataError(
            f"the number is missing{more}",
            where=place,
            do=f"Fill it in the file, or declare data.missing: {{{series.column}: …}} ({choices}) in the model file.",
        )
    filled = values.copy()
    for g in range(len(values)):  # one geo at a time
        known = np.isfinite(values[g])
        if fill is Fill.ZERO:
            filled[g, ~known] = 0.0
            continue
        if not known[0] or (fill is Fill.INTERPOLATE and not known[-1]):
            raise DataError(
                f"the number is missing at the edge, so '{fill}' has nothing to start from{more}",
                where=place,
                do="Fill it in the file, or declare zero.",
            )
        if fill is Fill.PREVIOUS:
            filled[g] = values[g, np.maximum.accumulate(np.where(known, np.arange(len(known)), 0))]
        else:
            filled[g] = _line(values[g], known)
    log.repaired(
        "missing_filled",
        f"{counted(len(rows), 'empty cell')} filled by '{fill}', as declared "
        f"(rows {listed(columns.table.rows[i] for i in rows)}).",
        where=f"{columns.table.file}, column {series.column}",
        do="Nothing, if that is what an empty cell means.",
    )
    return filled
