"""Organic activity without a geo in a panel by geo: split over the geos that the panel has."""

from __future__ import annotations

import numpy as np

from mmm.arrays import FloatArray
from mmm.data.columns import Role
from mmm.data.joining.cells import Parts
from mmm.data.joining.known import Known
from mmm.data.joining.lines import NONE
from mmm.data.joining.names import SeriesNames
from mmm.data.joining.pieces import Pieces
from mmm.data.log import ReadingLog


def share_organic(
    values: FloatArray, parts: Parts, pieces: Pieces, known: Known, names: SeriesNames, log: ReadingLog
) -> None:
    """Split organic activity without a geo over the geos, by population or in equal parts.

    Figures of the same series that have a geo stay in it. The share of a geo in a week in which it has no row is in no
    row either, and is told: it reached people of whom the panel holds no outcome.

    Parameters
    ----------
    values : (N, G, T)
        Of the table; the series' cells are written anew.
    parts : Parts
        Their values are written anew.
    pieces : Pieces
    known : Known
    names : SeriesNames
    log : ReadingLog
    """
    there = known.rows.any(axis=1)
    national = pieces.geo[parts.piece] == NONE
    if there.sum() < 2:
        return
    people = next((i for i, one in enumerate(names.all) if one[0] is Role.POPULATION), None)
    share = _shares(values, known, people)
    shape = known.rows.shape
    for n in np.unique(parts.series[national]):
        if names.all[n][0] is not Role.ORGANIC:
            continue
        own = parts.series == n
        mine = own & national
        _, first = np.unique(parts.piece[mine], return_index=True)
        whole = float(np.nansum(parts.value[mine][first]))
        parts.value[mine] *= share[parts.geo[mine]]
        told = np.flatnonzero(own & ~np.isnan(parts.value))
        cell = np.ravel_multi_index((parts.geo[told], parts.period[told]), shape)
        sums = np.bincount(cell, parts.value[told], int(np.prod(shape))).reshape(shape)
        some = np.bincount(cell, minlength=int(np.prod(shape))).reshape(shape) > 0
        values[n][some] = sums[some]
        lost = 1.0 - float(np.nansum(parts.value[mine])) / whole if whole else 0.0
        beside = f"; {100 * lost:.1f} % of it falls on weeks in which a geo has no row, and is not in the panel"
        log.repaired(
            "national_organic",
            f"'{names.all[n][2]}' has no geo{' in some rows' if (own & ~national).any() else ''} and was split over "
            f"{int(there.sum())} geos "
            f"{'in equal parts, because no population is given' if people is None else 'by population'}"
            f"{beside if lost > 1e-9 else ''}.",
            where="sources",
            do="Nothing, or name the source's geo column.",
        )


def _shares(values: FloatArray, known: Known, people: int | None) -> FloatArray:
    """Return each geo's share, (G,): by population, or equal; none for a geo that the panel does not have."""
    there = known.rows.any(axis=1).astype(np.float64)
    if people is None:
        return there / there.sum()
    seen = known.rows & np.isfinite(values[people])
    sizes = np.where(seen, values[people], 0.0).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
    return sizes / sizes.sum() if sizes.sum() > 0 else there / there.sum()
