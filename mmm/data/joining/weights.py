"""Figures that are averaged and not added up: what each weighs in its cell."""

from __future__ import annotations

import numpy as np

from mmm.arrays import FloatArray, IntArray
from mmm.data.columns import Role
from mmm.data.joining.cells import Parts
from mmm.data.joining.lines import NONE
from mmm.data.joining.look_alikes import look_key
from mmm.data.joining.names import SeriesNames
from mmm.data.joining.pieces import Pieces
from mmm.data.joining.spread import SUMMED
from mmm.data.log import ReadingLog, counted, listed
from mmm.data.privacy import safe


def weighted(
    pieces: Pieces, parts: Parts, cell: IntArray, geos: tuple[str, ...], names: SeriesNames, log: ReadingLog
) -> Parts:
    """Divide averaged figures by their weight, so that the parts of a cell add up to its average.

    Controls weigh by days; a value per outcome by the outcome of the same days, a cost of service by the volume, where
    every figure of the cell has one. People are averaged over the days of one place, and added over places that
    ``join.geos`` makes one.

    Parameters
    ----------
    pieces : Pieces
    parts : Parts
    cell : (Q,) ints
        Of each part.
    geos : tuple of str
    names : SeriesNames
    log : ReadingLog
        Places whose people were added are listed.
    """
    value = parts.value.copy()
    spans = pieces.spans[parts.piece].astype(np.float64)
    for n, (role, name, _) in enumerate(names.all):
        own = np.flatnonzero((parts.series == n) & ~np.isnan(parts.value))
        if role in SUMMED or not len(own):
            continue
        if role is Role.POPULATION:
            value[own] = _people(pieces, parts, own, cell[own], geos, log)
            continue
        _, group = np.unique(cell[own], return_inverse=True)
        weights = spans[own]
        companion = _companion(role, name, names)
        if companion is not None:
            amounts = _amounts(pieces, parts, own, companion)
            usable = np.bincount(group, np.isnan(amounts)) == 0
            usable &= np.bincount(group, np.nan_to_num(amounts)) > 0
            weights = np.where(usable[group], np.nan_to_num(amounts), weights)
        value[own] *= weights / np.bincount(group, weights)[group]
    return Parts(parts.piece, parts.series, parts.geo, parts.period, value)


def _people(
    pieces: Pieces, parts: Parts, own: IntArray, cell: IntArray, geos: tuple[str, ...], log: ReadingLog
) -> FloatArray:
    """Average people over the days of a place, and add over the places that became one geo.

    Where some places of a geo have no figure in a period, those that have are raised by what they are of all of them
    elsewhere: the geo does not shrink because a row is missing.
    """
    lines, value = pieces.lines, parts.value[own]
    spans = pieces.spans[parts.piece[own]].astype(np.float64)
    place = lines.geo.keyed([look_key(text) for text in lines.geo.texts])[pieces.line[parts.piece[own]]] + 1
    many = int(place.max()) + 1
    _, here = np.unique(cell * many + place, return_inverse=True)
    value = value * spans / np.bincount(here, spans)[here]
    homes, home = np.unique(parts.geo[own] * many + place, return_inverse=True)
    _, periods = np.unique(np.stack([home, cell]), axis=1, return_inverse=True)
    first = np.unique(periods, return_index=True)[1]  # one of each place and period
    mean = np.bincount(home, value) / np.bincount(home[first])
    whole = np.bincount(homes // many, mean)[parts.geo[own]]
    cells, at = np.unique(cell, return_inverse=True)
    there = np.bincount(at[first], mean[home[first]], len(cells))[at]
    several = np.bincount(homes // many)[parts.geo[own]] > 1
    for g in np.unique(parts.geo[own[several]]):
        codes = np.unique(lines.geo.codes[pieces.line[parts.piece[own[parts.geo[own] == g]]]])
        told = listed((f"'{safe(lines.geo.texts[code])}'" for code in codes if code != NONE), 8)
        log.repaired(
            "people_added",
            f"The people of {counted(len(codes), 'place')} were added up to geo '{safe(geos[g])}': {told}.",
            where="join.geos",
        )
    return np.asarray(value * np.where(there > 0, whole / np.where(there > 0, there, 1.0), 1.0))


def _companion(role: Role, name: str, names: SeriesNames) -> int | None:
    """Return the series that weighs another: the outcome for its value, the volume for its cost."""
    wanted = {Role.VALUE: (Role.OUTCOME, None), Role.COST: (Role.EXPOSURE, name)}.get(role)
    if wanted is None:
        return None
    kind, of = wanted
    return next((n for n, one in enumerate(names.all) if one[0] is kind and of in (None, one[1])), None)


def _amounts(pieces: Pieces, parts: Parts, own: IntArray, companion: int) -> FloatArray:
    """Return the companion's figure for the same geo and days of each part; NaN where there is none."""
    other = np.flatnonzero((parts.series == companion) & ~np.isnan(parts.value))

    def key(at: IntArray) -> IntArray:
        first = pieces.first[parts.piece[at]].astype(np.int64)
        span = pieces.spans[parts.piece[at]]
        return (first * 1000 + span) * 100_000 + parts.geo[at]

    keys, group = np.unique(key(other), return_inverse=True)
    sums = np.bincount(group, np.maximum(parts.value[other], 0.0), len(keys))
    if not len(keys):
        return np.full(len(own), np.nan)
    at = np.minimum(np.searchsorted(keys, key(own)), len(keys) - 1)
    return np.where(keys[at] == key(own), sums[at], np.nan)
