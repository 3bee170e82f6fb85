"""Sources that are parts of one series, by ``join.same``: weeks that a part covers in part, or lacks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mmm.arrays import BoolArray, IntArray, WeekArray
from mmm.data.columns import Role
from mmm.data.joining.lines import NONE
from mmm.data.joining.names import SeriesNames
from mmm.data.joining.periods import Periods
from mmm.data.joining.pieces import Pieces
from mmm.data.log import ReadingLog, counted, listed
from mmm.data.reading import Fill, Gaps
from mmm.data.spec import PanelSpec
from mmm.exceptions import DataError


def sums_of_sources(pieces: Pieces) -> Iterator[tuple[int, IntArray]]:
    """Yield each series that several sources give figures of, and their numbers."""
    every = len(pieces.lines.sources)
    series, source = np.divmod(np.unique(pieces.series[pieces.used] * every + pieces.source[pieces.used]), every)
    for n, many in zip(*np.unique(series, return_counts=True), strict=True):
        if many > 1 and n != NONE:
            yield int(n), source[series == n]


def settle_partial_parts(pieces: Pieces, cut: BoolArray, inside: BoolArray, filled: BoolArray) -> BoolArray:
    """Return what is to be set aside where one of several sources covers a period in part, (P,).

    At the ends of the series the period is partial for all of them. Where a part begins or ends among the figures of
    the others, what it has of the period counts, as nothing counts before and after it.

    Parameters
    ----------
    pieces : Pieces
    cut : (P,) bool
        Of a period that their source covers in part.
    inside : (P,) bool
        Of those, where days are missing between the first and the last of the source.
    filled : (N + 1,) bool
        Series of which ``data.missing`` says that nothing is zero; the last stands for none.
    """
    gone = cut.copy()
    for n, _ in sums_of_sources(pieces):
        own = np.flatnonzero(pieces.used & (pieces.series == n))
        key = np.stack([pieces.geo[own], pieces.period[own].astype(np.int64)])
        _, group = np.unique(key, axis=1, return_inverse=True)
        many = int(group.max()) + 1
        torn = (np.bincount(group, cut[own], many) > 0) & (np.bincount(group, ~cut[own], many) > 0)
        broken = np.bincount(group, cut[own] & inside[own], many) > 0
        days = pieces.period[own]
        last = (np.bincount(group, (days == days.min()) | (days == days.max()), many) > 0) & ~filled[n]
        gone[own[(torn & ~broken & ~last)[group]]] = False
        gone[own[(torn & (broken | last))[group]]] = True
    return gone


def lacking_parts(
    pieces: Pieces, axis: WeekArray, covered: BoolArray, names: SeriesNames, spec: PanelSpec
) -> BoolArray:
    """Mark where one of several sources of a series has no row between its first and its last, (N, G, T).

    Parameters
    ----------
    pieces : Pieces
    axis : (T,) datetime64[D]
    covered : (S, G, T) bool
        Where each source that leaves out what was not active has any row.
    names : SeriesNames
    spec : PanelSpec

    Raises
    ------
    DataError
        A source has no row of any geo in such a period, and nothing is declared of it.
    """
    found = np.zeros((len(names.all), *covered.shape[1:]), dtype=bool)
    if spec.data.gaps is Gaps.NO_SPEND:
        return found
    at = np.minimum(np.searchsorted(axis, pieces.period), len(axis) - 1)
    on = pieces.used & (axis[at] == pieces.period)
    for n, sources in sums_of_sources(pieces):
        role, _, column = names.all[n]
        if role is not Role.OUTCOME and spec.data.fill_of(column) is not Fill.REFUSE:
            continue
        for s in sources:
            given = covered[s].copy()
            own = on & (pieces.series == n) & (pieces.source == s)
            given[pieces.geo[own & (pieces.geo != NONE)], at[own & (pieces.geo != NONE)]] = True
            given[:, at[own & (pieces.geo == NONE)]] = True
            life = np.logical_or.accumulate(given, axis=1) & np.logical_or.accumulate(given[:, ::-1], axis=1)[:, ::-1]
            absent = life.any(axis=0) & ~given.any(axis=0)
            if absent.any():
                _refuse(pieces.lines.sources[s], column, axis[absent], role)
            found[n] |= life & ~given
    return found


def _refuse(source: str, column: str, weeks: WeekArray, role: Role) -> None:
    declare = "" if role is Role.OUTCOME else f"; or declare data.missing: {{{column}: zero}} if no row means nothing"
    raise DataError(
        f"'{column}' is a sum, and its part of this source is missing in {counted(len(weeks), 'period')} between its "
        f"first and its last: {listed(weeks)}",
        where=f"source {source}",
        do=f"Add the rows, of 0 if there was nothing{declare}.",
    )


def warn_of_parts(pieces: Pieces, names: SeriesNames, periods: Periods, log: ReadingLog) -> None:
    """Warn where one source begins later or ends earlier than the others: there its part counts as nothing."""
    for n, sources in sums_of_sources(pieces):
        own = pieces.used & (pieces.series == n)
        spans = {int(s): _span(pieces, own & (pieces.source == s)) for s in sources}
        first, last = min(a for a, _ in spans.values()), max(b for _, b in spans.values())
        texts = pieces.lines.sources
        short = [f"{texts[s]} has {a} to {b}" for s, (a, b) in spans.items() if a > first or b < last]
        if not short:
            continue
        edges = [edge for s, span in spans.items() for edge in _edges(texts[s], span, (first, last), periods)]
        held = f"; of {listed(edges, 6)}" if edges else ""
        log.warned(
            "part_missing",
            f"'{names.all[n][2]}' is the sum of sources that do not cover the same time: of {first} to {last}, "
            f"{listed(short)}{held}.",
            where=f"sources {' and '.join(texts[s] for s in sources)}",
            means="Where a source has no figures yet, or no longer, the sum holds the part of the others alone.",
            do="Nothing, if it ran only then; otherwise ask for its missing part, or cut the others to the same time.",
        )


def _span(pieces: Pieces, own: BoolArray) -> tuple[np.datetime64, np.datetime64]:
    """Return the first and last day of a source's part: of its figures in use."""
    return pieces.first[own].min(), pieces.last[own].max()


def _edges(
    source: str, span: tuple[np.datetime64, np.datetime64], whole: tuple[np.datetime64, np.datetime64], periods: Periods
) -> Iterator[str]:
    """Say the periods in which a part begins or ends among the figures of the others."""
    for day, begins in ((span[0], True), (span[1], False)):
        start = periods.starts(np.asarray([day]))
        end = periods.ends(start)[0]
        inner = day > start[0] and day > whole[0] if begins else day < end and day < whole[1]
        if inner:
            days = int((end - day if begins else day - start[0]).astype(np.int64)) + 1
            length = int((end - start[0]).astype(np.int64)) + 1
            yield f"the {periods.noun} of {start[0]} {source} has {days} of {length} days"
