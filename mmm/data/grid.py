"""Columns → a regular grid of geos by dates, with what stands in no row, or in an empty cell, refused or filled."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mmm.arrays import BoolArray, FloatArray, IntArray
from mmm.data.calendar import Axis, Grain
from mmm.data.closed import closed_weekdays, is_closed
from mmm.data.columns import Columns, Role, Series
from mmm.data.log import ReadingLog, counted, listed
from mmm.data.rows import RowAccount
from mmm.data.spec import DataSpec, Fill, Gaps
from mmm.exceptions import DataError

#: Roles of which a missing row, where declared, means nothing.
FLOWS = (Role.SPEND, Role.EXPOSURE, Role.ORGANIC)


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

    def closed(self) -> BoolArray:
        """Return which dates are of a day of the week that never has a row, (D,); none of weekly data."""
        days = self.axis.days
        there = (self.rows >= 0).any(axis=0)
        if self.axis.grain is not Grain.DAILY or not there.any():
            return np.zeros(len(days), dtype=bool)
        return is_closed(days, closed_weekdays(days[there]))

    def known(self) -> BoolArray:
        """Return which dates have a row, (G, D), or are closed days of a week that has one."""
        there = self.rows >= 0
        closed = self.closed()
        if not closed.any():
            return there
        weeks = np.add.reduceat(there, np.arange(0, there.shape[1], 7), axis=1) > 0
        return np.asarray(there | (closed & np.repeat(weeks, 7, axis=1)[:, : there.shape[1]]))

    def with_closed(self, first: int, stop: int) -> tuple[int, int]:
        """Return a range of dates with the closed days right before it and after it."""
        closed = self.closed()
        while first > 0 and closed[first - 1]:
            first -= 1
        while stop < len(closed) and closed[stop]:
            stop += 1
        return first, stop

    def cut(self, first: int, stop: int) -> Grid:
        """Return the grid from one date index to another."""
        return replace(self, axis=Axis(self.axis.days[first:stop], self.axis.grain), rows=self.rows[:, first:stop])

    def without(self, gone: BoolArray) -> Grid:
        """Return the grid with the rows at these places, (G, D), taken out."""
        return replace(self, rows=np.where(gone, -1, self.rows))

    def of_geos(self, kept: BoolArray) -> Grid:
        """Return the grid of some of its geos, (G,)."""
        names = tuple(name for name, keep in zip(self.geos, kept, strict=True) if keep)
        return replace(self, geos=names, rows=self.rows[kept])

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
        elif series.role in FLOWS:
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


def presence(grid: Grid, spec: DataSpec) -> BoolArray:
    """Return which dates of each geo count as known, (G, D): those with a row, and gaps that are declared as no spend.

    Before a geo's first row and after its last nothing is declared: nobody knows the outcome there.
    """
    there = grid.known()
    if spec.gaps is Gaps.REFUSE:
        return there
    begun = np.logical_or.accumulate(there, axis=1)
    goes_on = np.logical_or.accumulate(there[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(begun & goes_on, dtype=np.bool_)


def fill_gaps(grid: Grid, present: BoolArray, columns: Columns, log: ReadingLog) -> dict[int, FloatArray]:
    """Return every series on the grid, (G, D): known dates without a row are filled as declared, unknown ones are NaN.

    Parameters
    ----------
    grid : Grid
    present : (G, D) bool
        Of :func:`presence`.
    columns : Columns
    log : ReadingLog
        The filled dates are listed here.
    """
    missing = present & (grid.rows < 0)
    shut = missing & grid.closed()
    gaps = missing & ~shut
    if shut.any():
        names = listed(dict.fromkeys(f"{day.item():%A}s" for day in grid.axis.days[shut.any(axis=0)][:7]), 3)
        log.repaired(
            "closed_days",
            f"There are no rows on {names}: they count as days of nothing.",
            where=columns.table.file,
            do="Nothing, if the business is closed then.",
        )
    if gaps.any():
        noun = "day" if grid.axis.grain is Grain.DAILY else "week"
        log.warned(
            "gaps_filled",
            f"{counted(int(gaps.sum()), f'missing {noun}')} filled without spend or activity, outcome and controls "
            f"on a straight line: {listed(grid.axis.days[gaps.any(axis=0)])}.",
            where=columns.table.file,
            means="The model sees figures that nobody measured.",
            do="Ask for the missing rows; the weeks count as evidence that spend of zero changes nothing.",
        )
    found: dict[int, FloatArray] = {}
    for number, series in enumerate(columns.series):
        values = grid.values(series)
        for series_of_geo, gone, closed in zip(values, missing, shut, strict=True):
            known = np.isfinite(series_of_geo)
            line = _line(series_of_geo, known) if gone.any() and known.any() else series_of_geo
            series_of_geo[gone] = 0.0 if series.role in FLOWS else line[gone]
            if series.role is Role.OUTCOME:
                series_of_geo[closed] = 0.0
        found[number] = values
    return found


def fill_cells(
    values: FloatArray, series: Series, grid: Grid, columns: Columns, spec: DataSpec, log: ReadingLog
) -> FloatArray:
    """Refuse or fill the empty cells of a series, (G, D); dates without a row stay as they are.

    Raises
    ------
    DataError
        An empty cell without a declared fill, or before any figure that could fill it.
    """
    empty = ~np.isfinite(values) & (grid.rows >= 0)
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
    filled = np.where(empty, 0.0, values)
    if fill is not Fill.ZERO:
        for g in np.flatnonzero(empty.any(axis=1)):  # one geo at a time
            known = np.isfinite(values[g])
            ends = np.flatnonzero(known | empty[g])[[0, -1]]
            if not known[ends[0]] or (fill is Fill.INTERPOLATE and not known[ends[1]]):
                raise DataError(
                    f"the number is missing at the edge, so '{fill}' has nothing to start from{more}",
                    where=place,
                    do="Fill it in the file, or declare zero.",
                )
            if fill is Fill.PREVIOUS:
                last = np.maximum.accumulate(np.where(known, np.arange(len(known)), 0))
                filled[g, empty[g]] = values[g, last[empty[g]]]
            else:
                filled[g, empty[g]] = _line(values[g], known)[empty[g]]
    log.repaired(
        "missing_filled",
        f"{counted(len(rows), 'empty cell')} filled by '{fill}', as declared "
        f"(rows {listed(columns.table.rows[i] for i in rows)}).",
        where=f"{columns.table.file}, column {series.column}",
        do="Nothing, if that is what an empty cell means.",
    )
    return filled
