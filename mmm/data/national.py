"""Channels that run only nationally, in a file by geo: the rows repeat one figure, which is counted once and split."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from mmm.arrays import FloatArray, IntArray
from mmm.data.columns import Columns, Role, Series
from mmm.data.log import ReadingLog
from mmm.data.rows import geo_codes
from mmm.data.spec import Fill, Level, PanelSpec
from mmm.exceptions import DataError

#: Relative difference below which two cells hold the same figure.
_SAME = 1e-6


@dataclass(frozen=True, eq=False)
class NationalSplit:
    """How national figures were divided.

    Attributes
    ----------
    channels : tuple of str
        Channels with ``level: national``, where the file has more than one geo.
    shares : Mapping
        Geo → its part of the national figure, by population; the parts of all geos of the file add up to 1.
    unrowed : Mapping
        Channel → money of geos that have no row on a date: it was spent, and stands in no geo of the panel.
    """

    channels: tuple[str, ...] = ()
    shares: Mapping[str, float] = field(default_factory=dict)
    unrowed: Mapping[str, float] = field(default_factory=dict)


def split_national(columns: Columns, spec: PanelSpec, log: ReadingLog) -> tuple[Columns, NationalSplit]:
    """Divide the figures of national channels over the rows of their date.

    Parameters
    ----------
    columns : Columns
    spec : PanelSpec
    log : ReadingLog
        What was done, and the money of geos without a row, are listed here.

    Returns
    -------
    columns : Columns
        In which each row of a national channel holds its geo's share.
    split : NationalSplit

    Raises
    ------
    DataError
        The rows of one date hold different figures.
    """
    names = tuple(name for name, channel in spec.channels.items() if channel.level is Level.NATIONAL)
    geos, geo = geo_codes(columns.geo)
    if not names or len(geos) == 1:
        return columns, NationalSplit()
    days, day = np.unique(columns.days, return_inverse=True)
    there = np.zeros((len(geos), len(days)), dtype=np.bool_)
    there[geo, day] = True
    shares = _shares(columns, geo, len(geos))
    series: list[Series] = []
    unrowed: dict[str, float] = {}
    for one in columns.series:
        if one.name not in names or one.role not in (Role.SPEND, Role.EXPOSURE):
            series.append(one)
            continue
        figures = _one_a_day(one, columns, day, len(days), spec)
        series.append(replace(one, values=one.values * shares[geo]))
        if one.role is Role.SPEND:
            absent = np.where(there.all(axis=0), 0.0, 1.0 - shares @ there)
            unrowed[one.name] = math.fsum(figures * absent)
            _say(one, columns, spec, math.fsum(figures), len(geos), unrowed[one.name], log)
    split = NationalSplit(names, dict(zip(geos, shares.tolist(), strict=True)), unrowed)
    return replace(columns, series=tuple(series)), split


def _shares(columns: Columns, geo: IntArray, n_geos: int) -> FloatArray:
    """Return each geo's share of the population, (G,); equal parts where none is given."""
    population = next((s.values for s in columns.series if s.role is Role.POPULATION), None)
    if population is None:
        return np.full(n_geos, 1.0 / n_geos)
    people = np.where(np.isfinite(population), np.maximum(population, 0.0), 0.0)
    counts = np.bincount(geo, weights=np.isfinite(population), minlength=n_geos)
    means = np.bincount(geo, weights=people, minlength=n_geos) / np.maximum(counts, 1)
    return means / means.sum() if means.sum() > 0 else np.full(n_geos, 1.0 / n_geos)


def _one_a_day(series: Series, columns: Columns, day: IntArray, n_days: int, spec: PanelSpec) -> FloatArray:
    """Return the national figure of every date, (D,); refuse dates on which the rows differ."""
    zero = spec.data.fill_of(series.column) is Fill.ZERO
    values = np.nan_to_num(series.values) if zero else series.values
    known = np.isfinite(values)
    low, high = np.zeros(n_days), np.zeros(n_days)
    low[day[known]] = high[day[known]] = values[known]  # any figure of the date, to start from
    np.minimum.at(low, day[known], values[known])
    np.maximum.at(high, day[known], values[known])
    differ = np.flatnonzero((high - low) > _SAME * np.maximum(np.abs(low), np.abs(high)))
    if len(differ):
        rows = np.flatnonzero(day == differ[0])
        least, most = (rows[int(i)] for i in (np.nanargmin(values[rows]), np.nanargmax(values[rows])))
        first, second = min(least, most), max(least, most)
        more = f" (and on {len(differ) - 1} more dates)" if len(differ) > 1 else ""
        raise DataError(
            f"'{series.name}' is declared to run only nationally, and on {columns.days[first]} its rows differ{more}: "
            f"{values[first]:,.10g} in '{columns.geo[first]}' (row {columns.table.rows[first]}) and "
            f"{values[second]:,.10g} in '{columns.geo[second]}'",
            where=columns.table.place(int(second), series.column),
            do="Write the national figure in every geo's row, or remove 'level: national' "
            "if the column holds each geo's own.",
        )
    return (low + high) / 2


def _say(
    series: Series, columns: Columns, spec: PanelSpec, total: float, n_geos: int, unrowed: float, log: ReadingLog
) -> None:
    where = f"{columns.table.file}, column {series.column}"
    by_people = spec.data.population is not None
    how = "by population" if by_people else "in equal parts, because no population is given"
    log.repaired(
        "national_channel",
        f"'{series.name}' runs only nationally: the rows of a date repeat one figure, which was counted once "
        f"({total:,.2f} {spec.currency} in all) and split over {n_geos} geos {how}.",
        where=where,
        do="Nothing: its effect is learned from the weeks, as in national data."
        if by_people
        else "Give data.population, so that the split follows the people.",
    )
    if unrowed:
        log.exclude(where, "the share of geos that have no row on a date", spend={series.name: unrowed})
