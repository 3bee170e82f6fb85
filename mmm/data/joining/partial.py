"""Periods that a source covers in part, or that are not over: set aside and listed."""

from __future__ import annotations

from datetime import date

import numpy as np

from mmm.arrays import BoolArray, IntArray
from mmm.data.closed import closed_weekdays, is_closed
from mmm.data.grid import FLOWS
from mmm.data.joining.lines import NONE
from mmm.data.joining.names import SeriesNames
from mmm.data.joining.parts import settle_partial_parts
from mmm.data.joining.periods import Periods
from mmm.data.joining.pieces import Pieces, Reason
from mmm.data.log import counted, listed
from mmm.data.privacy import safe
from mmm.data.reading import Fill, Gaps
from mmm.data.sources.spec import SourceGrain
from mmm.data.spec import PanelSpec
from mmm.exceptions import DataError

_DAY = np.timedelta64(1, "D")
#: Of figures of periods that their source covers in part.
PARTIAL = Reason(
    "partial_week",
    "the source holds a part of this period only",
    "Nothing, or export whole weeks.",
)
_OF_ANOTHER = Reason(
    PARTIAL.name,
    "another source of the same sum holds a part of this period only",
    "Nothing, or export whole weeks of every source that join.same adds up.",
)


def drop_unfinished(pieces: Pieces, periods: Periods, spec: PanelSpec, today: date) -> None:
    """Set aside figures of the period in which today stands."""
    if spec.data.allow_future:
        return
    pieces.set_aside(
        periods.ends(pieces.period) >= np.datetime64(today),
        Reason(
            "week_not_over",
            f"the {periods.noun} is not over on {today}",
            f"Nothing: the next export will hold the whole {periods.noun}.",
        ),
    )


def sparse_pieces(pieces: Pieces, names: SeriesNames, spec: PanelSpec) -> BoolArray:
    """Say which pieces are of an export that leaves out what was not active, (P,).

    These are media of long sources, and of wide ones of which ``grain`` had to be declared, as of e-mails. Event logs
    are not: they say which counts are nil, and a count that is not told is missing.
    """
    flow = np.asarray([role in FLOWS for role, _, _ in names.all] + [False])
    declared = np.asarray(
        [s in spec.sources and spec.sources[s].grain is SourceGrain.DAILY for s in pieces.lines.sources]
    )
    events = {name for name, one in spec.sources.items() if one.events is not None}
    told = np.asarray([name in events for name in pieces.lines.sources], dtype=np.bool_)
    listed_only = (pieces.lines.label.codes[pieces.line] != NONE) | declared[pieces.source]
    return np.asarray(flow[pieces.series] & listed_only & ~told[pieces.source])


def drop_partial(pieces: Pieces, names: SeriesNames, periods: Periods, spec: PanelSpec) -> None:
    """Set aside figures of periods that their source covers in part.

    Media of a long source: an export lists what was active, so the source covers every day from its first row to its
    last. All else: every day of the period needs a row, of each geo.

    Raises
    ------
    DataError
        Days are missing between the first and the last of national figures, and ``data.gaps`` does not allow it.
    """
    filled = np.asarray([spec.data.fill_of(column) is Fill.ZERO for _, _, column in names.all] + [False])
    sparse = sparse_pieces(pieces, names, spec)
    open_ends = pieces.used & sparse & ~filled[pieces.series]
    lines = pieces.lines
    ends = periods.ends(pieces.period)
    cut = np.zeros(len(sparse), dtype=bool)
    for s in np.unique(pieces.source[open_ends]):
        of_source = lines.source == s
        first, last = lines.first[of_source].min(), lines.last[of_source].max()
        cut |= open_ends & (pieces.source == s) & ((pieces.period < first) | (ends > last))
    dense = pieces.used & ~sparse
    gaps = _uncovered(pieces, dense, periods)
    inside = np.zeros(len(dense), dtype=bool)
    if gaps.any():
        flow = np.asarray([role in FLOWS for role, _, _ in names.all] + [False])[pieces.series]
        inside = _inside(pieces, dense, periods)
        nothing = inside & filled[pieces.series]  # declared: a day without a row is a day of nothing
        if spec.data.gaps is Gaps.REFUSE and spec.data.geo is None:
            _refuse_holes(pieces, gaps & inside & ~nothing, names, periods)
        cut |= gaps & ~nothing & ~(flow & inside & (spec.data.gaps is Gaps.NO_SPEND))
    gone = settle_partial_parts(pieces, cut, inside, filled)
    pieces.set_aside(gone & cut, PARTIAL)
    pieces.set_aside(gone, _OF_ANOTHER)


def _uncovered(pieces: Pieces, which: BoolArray, periods: Periods) -> BoolArray:
    """Say which pieces are of a source, series, geo and period that has not every day, (P,)."""
    at = np.flatnonzero(which)
    gaps = np.zeros(len(which), dtype=bool)
    if not len(at):
        return gaps
    keys = [pieces.period[at].astype(np.int64), pieces.geo[at], pieces.series[at], pieces.source[at]]
    days = [pieces.last[at].astype(np.int64), pieces.first[at].astype(np.int64)]
    order = np.lexsort([*days, *keys])
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = np.any([np.diff(key[order]) != 0 for key in keys], axis=0)
    group = np.cumsum(fresh) - 1
    new = fresh.copy()
    new[1:] |= np.any([np.diff(day[order]) != 0 for day in days], axis=0)
    covered = np.bincount(group, np.where(new, pieces.spans[at][order], 0))
    period = pieces.period[at][order][fresh]
    length = (periods.ends(period) - period).astype(np.int64) + 1 - _shut(pieces, at[order][fresh], which, periods)
    short = np.zeros(len(order), dtype=bool)
    short[order] = (covered < length)[group]
    gaps[at] = short
    return gaps


def _shut(pieces: Pieces, at: IntArray, which: BoolArray, periods: Periods) -> IntArray:
    """Return how many days of each piece's period are of a day of the week that its daily source never has, (N,)."""
    shut = np.zeros(len(at), dtype=np.int64)
    keys = np.stack([pieces.source, pieces.series])
    for s, n in np.unique(keys[:, at], axis=1).T:
        own = which & (pieces.source == s) & (pieces.series == n)
        if (pieces.first[own] != pieces.last[own]).any():
            continue
        closed = closed_weekdays(pieces.first[own])
        if closed.any():
            mine = np.flatnonzero((pieces.source[at] == s) & (pieces.series[at] == n))
            starts = pieces.period[at[mine]]
            ends = periods.ends(starts)
            shut[mine] = [
                int(is_closed(np.arange(a, b + _DAY), closed).sum()) for a, b in zip(starts, ends, strict=True)
            ]
    return shut


def _inside(pieces: Pieces, which: BoolArray, periods: Periods) -> BoolArray:
    """Say which pieces are of a period between the first and the last that their source, series and geo has days of."""
    at = np.flatnonzero(which)
    inside = np.zeros(len(which), dtype=bool)
    keys = np.stack([pieces.geo[at], pieces.series[at], pieces.source[at]])
    _, group = np.unique(keys, axis=1, return_inverse=True)
    first = np.full(group.max() + 1, np.iinfo(np.int64).max)
    last = np.full(group.max() + 1, np.iinfo(np.int64).min)
    np.minimum.at(first, group, pieces.first[at].astype(np.int64))
    np.maximum.at(last, group, pieces.last[at].astype(np.int64))
    starts, ends = pieces.period[at].astype(np.int64), periods.ends(pieces.period[at]).astype(np.int64)
    inside[at] = (starts >= first[group]) & (ends <= last[group])
    return inside


def _refuse_holes(pieces: Pieces, holes: BoolArray, names: SeriesNames, periods: Periods) -> None:
    """Refuse days that are missing inside national figures; the first source with such days is named."""
    if not holes.any():
        return
    i = int(np.flatnonzero(holes)[0])
    own = pieces.used & (pieces.source == pieces.source[i]) & (pieces.series == pieces.series[i])
    there = np.concatenate([
        np.arange(a, b + 1)
        for a, b in zip(pieces.first[own].astype(np.int64), pieces.last[own].astype(np.int64), strict=True)
    ])  # fmt: skip
    torn = np.unique(pieces.period[own & holes])
    wanted = np.concatenate([
        np.arange(a, b + 1)
        for a, b in zip(torn.astype(np.int64), periods.ends(torn).astype(np.int64), strict=True)
    ])  # fmt: skip
    days = there.astype("datetime64[D]")
    absent = np.setdiff1d(wanted, there).astype("datetime64[D]")
    absent = absent[~is_closed(absent, closed_weekdays(days))]
    column = safe(names.all[pieces.series[i]][2])
    raise DataError(
        f"{counted(len(absent), 'day')} missing: {listed(absent)}",
        where=f"source {pieces.lines.sources[pieces.source[i]]}, {column}",
        do=f"Add the rows; or declare data.missing: {{{column}: zero}} if there was nothing on them, as on holidays; "
        "or data.gaps: no_spend (no spend or activity in them; weeks of the outcome without these days on a line).",
    )
