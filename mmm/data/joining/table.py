"""Pieces → the joined table, a row a period and geo, and the cells that say where each figure comes from."""

from __future__ import annotations

import numpy as np

from mmm.arrays import BoolArray, FloatArray, IntArray
from mmm.data.columns import Columns, Role, Series
from mmm.data.grid import FLOWS
from mmm.data.joining.cells import Parts
from mmm.data.joining.joined import JOINED, JoinedTable
from mmm.data.joining.known import Known
from mmm.data.joining.lines import NONE
from mmm.data.joining.names import SeriesNames
from mmm.data.joining.organic import share_organic
from mmm.data.joining.pieces import Pieces
from mmm.data.joining.spread import SUMMED
from mmm.data.joining.weights import weighted
from mmm.data.log import ReadingLog, counted
from mmm.data.panel import NATIONAL
from mmm.data.privacy import safe
from mmm.data.reading import Fill
from mmm.data.spec import PanelSpec
from mmm.exceptions import DataError


def make_table(
    pieces: Pieces, known: Known, geos: tuple[str, ...], names: SeriesNames, spec: PanelSpec, log: ReadingLog
) -> tuple[Columns, Parts]:
    """Add up or average every cell.

    Returns
    -------
    columns : Columns
        A row for each place of ``known.rows``, geo by geo.
    parts : Parts

    Raises
    ------
    DataError
        A cell of which one figure is missing and others are not.
    """
    parts = _parts(pieces, known, names, spec)
    shape = known.given.shape
    cell = np.ravel_multi_index((parts.series, parts.geo, parts.period), shape)
    empty = np.isnan(parts.value)
    summed = np.asarray([role in SUMMED for role, _, _ in names.all])
    _refuse_torn(pieces, parts, cell, empty & summed[parts.series], names)
    _say_averaged(pieces, parts, cell, empty & np.logical_not(summed[parts.series]), names, log)
    parts = weighted(pieces, parts, cell, geos, names, log)
    total = np.bincount(cell, np.where(empty, 0.0, parts.value), int(np.prod(shape))).reshape(shape)
    counted_in = np.bincount(cell[~empty], minlength=int(np.prod(shape))).reshape(shape)
    values = np.where(counted_in > 0, total, np.nan)
    values[known.nothing] = 0.0
    share_organic(values, parts, pieces, known, names, log)
    for n, (role, _, _) in enumerate(names.all):
        _fill_gaps(values[n], known.gaps[n], role)
    return _columns(values, pieces, parts, known, geos, names), parts


def _parts(pieces: Pieces, known: Known, names: SeriesNames, spec: PanelSpec) -> Parts:
    """Place used pieces in cells; empty cells of columns that ``data.missing`` fills with zero become zero here."""
    used = np.flatnonzero(pieces.used)
    geos = known.rows.shape[0]
    national = pieces.geo[used] == NONE
    count = np.where(national, geos, 1)
    piece = np.repeat(used, count)
    step = np.arange(len(piece)) - np.repeat(np.cumsum(count) - count, count)
    geo = np.where(pieces.geo[piece] == NONE, step, pieces.geo[piece])
    period = np.searchsorted(known.axis, pieces.period[piece])
    there = known.rows[geo, period]
    piece, geo, period = piece[there], geo[there], period[there]
    zero = np.asarray([spec.data.fill_of(column) is Fill.ZERO and role is not Role.OUTCOME
                       for role, _, column in names.all])  # fmt: skip
    value = pieces.value[piece]
    value = np.where(np.isnan(value) & zero[pieces.series[piece]], 0.0, value)
    return Parts(piece, pieces.series[piece], geo, period, value)


def _refuse_torn(pieces: Pieces, parts: Parts, cell: IntArray, empty: BoolArray, names: SeriesNames) -> None:
    """Refuse sums of which one figure is missing and others are not."""
    if not empty.any():
        return
    full = np.unique(cell[~np.isnan(parts.value)])
    torn = np.flatnonzero(empty & np.isin(cell, full))
    if not len(torn):
        return
    line = int(pieces.line[parts.piece[torn[0]]])
    column = names.all[parts.series[torn[0]]][2]
    more = f" ({len(torn) - 1:,} more figures of this kind too)" if len(torn) > 1 else ""
    outcome = names.all[parts.series[torn[0]]][0] is Role.OUTCOME
    declare = f", or declare data.missing: {{{column}: zero}} in the model file" if not outcome else ""
    raise DataError(
        f"the number is missing, while others of the same period are there{more}",
        where=f"{pieces.lines.place(line)}, {safe(column)}",
        do=f"Fill it in the source{declare}.",
    )


def _say_averaged(
    pieces: Pieces, parts: Parts, cell: IntArray, empty: BoolArray, names: SeriesNames, log: ReadingLog
) -> None:
    """List empty cells of averaged figures whose period has others: the average is of those that are there."""
    full = np.unique(cell[~np.isnan(parts.value)])
    left = np.flatnonzero(empty & np.isin(cell, full))
    for n in np.unique(parts.series[left]):
        own = np.unique(parts.piece[left[parts.series[left] == n]])
        log.repaired(
            "left_out_of_average",
            f"{counted(len(own), 'empty cell')} of '{safe(names.all[n][2])}' {'is' if len(own) == 1 else 'are'} left "
            "out of an average over others of the same period.",
            where=pieces.lines.place(int(pieces.line[own[0]])),
            do="Fill it in the source if the figure moves from day to day.",
        )


def _fill_gaps(values: FloatArray, gaps: BoolArray, role: Role) -> None:
    """Fill missing rows as ``data.gaps: no_spend`` says, (G, T) in place."""
    if role in FLOWS:
        values[gaps] = 0.0
        return
    every = np.arange(values.shape[1])
    for g in np.flatnonzero(gaps.any(axis=1)):
        there = np.flatnonzero(np.isfinite(values[g]))
        if len(there):
            values[g, gaps[g]] = np.interp(every[gaps[g]], there, values[g, there])


def _columns(
    values: FloatArray, pieces: Pieces, parts: Parts, known: Known, geos: tuple[str, ...], names: SeriesNames
) -> Columns:
    geo, period = np.nonzero(known.rows)
    days = known.axis[period]
    by_geo = geos != (NATIONAL,)
    places = tuple(
        f"week {day}" + (f", geo {safe(geos[g])}" if by_geo else "") for day, g in zip(days, geo, strict=True)
    )
    table = JoinedTable(
        file=JOINED,
        header=tuple(column for _, _, column in names.all),
        rows=tuple(range(1, len(geo) + 1)),
        cells=((),) * len(geo),
        typed=True,
        places=places,
        origins=_origins(pieces, parts, known, names),
    )
    series = tuple(
        Series(role, name, column, values[n][geo, period]) for n, (role, name, column) in enumerate(names.all)
    )
    return Columns(table, days, tuple(geos[g] for g in geo), series, rows_in=len(geo))


def _origins(pieces: Pieces, parts: Parts, known: Known, names: SeriesNames) -> dict[tuple[int, str], str]:
    """Name the file and row of every empty cell, by row of the table and column."""
    number = np.cumsum(known.rows.ravel()).reshape(known.rows.shape) - 1
    return {
        (int(number[parts.geo[q], parts.period[q]]), names.all[parts.series[q]][2]): pieces.lines.place(
            int(pieces.line[parts.piece[q]])
        )
        for q in np.flatnonzero(np.isnan(parts.value))
    }
