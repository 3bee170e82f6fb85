"""Which period of which geo each series is known in: what is missing stays missing, and no week is invented."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mmm.arrays import BoolArray, IntArray, WeekArray
from mmm.data.columns import Role
from mmm.data.joining.lines import NONE
from mmm.data.joining.names import SeriesNames
from mmm.data.joining.partial import PARTIAL, sparse_pieces
from mmm.data.joining.parts import lacking_parts
from mmm.data.joining.periods import Periods
from mmm.data.joining.pieces import UNUSED, Pieces, Reason
from mmm.data.joining.removed import other_lines, refuse_removed
from mmm.data.joining.untold import never_told, remedy_of_log, within
from mmm.data.joining.window import common_window, needed, sources_of
from mmm.data.log import ReadingLog, counted, listed
from mmm.data.privacy import safe
from mmm.data.reading import Gaps
from mmm.data.sources.facts import Facts
from mmm.data.spec import PanelSpec
from mmm.exceptions import DataError

_NO_OVERLAP = Reason(
    "no_overlap",
    "other sources have no figures yet, or no longer, in these periods",
    "Nothing, or ask for the missing part.",
)
_NO_OUTCOME = Reason(
    "no_outcome",
    "the outcome has no figure in this geo and period",
    "Add the outcome's rows, or nothing if the shop was closed.",
    "Money spent there explains nothing in the panel.",
)
_TORN = Reason(
    "source_gap",
    "another source has no row of this geo and period",
    "Add the missing rows; or declare data.gaps: no_spend if no row means that nothing was spent.",
)


@dataclass(frozen=True, eq=False)
class Known:
    """What is known on the axis of periods, N series, G geos, T periods.

    Attributes
    ----------
    axis : (T,) datetime64[D]
        First days of consecutive periods.
    rows : (G, T) bool
        Which geos and periods have a row in the table.
    given : (N, G, T) bool
        A source has a figure, or an empty cell.
    nothing : (N, G, T) bool
        Media without a row in a period that the source covers.
    gaps : (N, G, T) bool
        Missing rows that are to be filled, as ``data.gaps`` declares.
    """

    axis: WeekArray
    rows: BoolArray
    given: BoolArray
    nothing: BoolArray
    gaps: BoolArray


def refuse_absent(facts: Sequence[Facts], pieces: Pieces, names: SeriesNames, spec: PanelSpec) -> None:
    """Refuse columns of the model file that no source gives."""
    there = set(np.unique(pieces.series[pieces.used]).tolist())
    numbers = [n for n in range(len(names.all)) if n not in there]
    absent = [names.all[n][2] for n in numbers]
    if absent:
        refuse_removed(numbers, facts, pieces, names, spec)
        metrics = sorted({safe(text) for text in pieces.lines.metric.texts})
        raise DataError(
            f"no source gives {listed((repr(name) for name in absent), 8)}",
            where="sources",
            do=f"Name the column in a source's metrics. The sources give: {listed(metrics, 12)}; "
            f"of a long source, '<channel>_<metric>'.{never_told(spec)}{other_lines(facts, pieces, spec)}",
        )


def settle_known(
    pieces: Pieces, geos: int, names: SeriesNames, periods: Periods, spec: PanelSpec, log: ReadingLog
) -> Known:
    """Decide which geos and periods have a row, and set aside the figures of all others.

    Raises
    ------
    DataError
        Sources that cover very different periods, or a source that lacks periods or geos, without a declaration.
    """
    outcome = next(n for n, one in enumerate(names.all) if one[0] is Role.OUTCOME)
    own = pieces.used & (pieces.series == outcome)
    axis = periods.between(pieces.period[own].min(), pieces.period[own].max())
    given = _given(pieces, axis, geos, len(names.all))
    nothing = _nothing(pieces, axis, given, names, periods, spec)
    lacking = lacking_parts(pieces, axis, _covered_by_sparse(pieces, axis, geos, names, spec), names, spec)
    given, nothing = given & ~lacking, nothing & ~lacking
    rows = given[outcome].copy()
    if spec.data.gaps is Gaps.NO_SPEND:
        begun = np.logical_or.accumulate(rows, axis=1)
        rows = begun & np.logical_or.accumulate(rows[:, ::-1], axis=1)[:, ::-1]
    known = given | nothing
    first, stop = common_window(known, rows, axis, pieces, names, periods, spec)
    window = np.zeros(len(axis), dtype=bool)
    window[first:stop] = True
    with_outcome = rows.copy()
    rows = rows & window
    rows, gaps = _holes(known, rows, axis, pieces, names, periods, spec)
    _set_aside(pieces, axis, window, with_outcome, rows)
    found = Known(axis, rows, given, nothing & rows, gaps & rows)
    _say(found, pieces, names, periods, log)
    return found


def _at(pieces: Pieces, axis: WeekArray) -> tuple[IntArray, BoolArray]:
    """Return the place of each piece on the axis, (P,), and whether it is on it."""
    at = np.minimum(np.searchsorted(axis, pieces.period), len(axis) - 1)
    return at, np.asarray(axis[at] == pieces.period)


def _given(pieces: Pieces, axis: WeekArray, geos: int, series: int) -> BoolArray:
    at, on = _at(pieces, axis)
    given = np.zeros((series, geos, len(axis)), dtype=bool)
    use = pieces.used & on
    of_geo = use & (pieces.geo != NONE)
    given[pieces.series[of_geo], pieces.geo[of_geo], at[of_geo]] = True
    national = use & (pieces.geo == NONE)
    given[pieces.series[national], :, at[national]] = True
    return given


def _nothing(
    pieces: Pieces, axis: WeekArray, given: BoolArray, names: SeriesNames, periods: Periods, spec: PanelSpec
) -> BoolArray:
    """Mark media of long sources that have no row in a geo and period of which the source has others.

    A geo without any row of the source is missing there, not nil: a report of some geos says nothing of the others.
    """
    found = np.zeros_like(given)
    at, on = _at(pieces, axis)
    sparse = pieces.used & sparse_pieces(pieces, names, spec)
    lines, ends = pieces.lines, periods.ends(axis)
    for s in np.unique(pieces.source[sparse]):
        of_source = lines.source == s
        whole = (axis >= lines.first[of_source].min()) & (ends <= lines.last[of_source].max())
        covered = _covered(pieces, on & (pieces.source == s), at, given.shape[1:])
        for n in np.unique(pieces.series[sparse & (pieces.source == s)]):
            own = sparse & (pieces.source == s) & (pieces.series == n)
            national = (pieces.geo[own] == NONE).any()
            marked = (covered.any(axis=0) if national else covered) & whole
            found[n] |= marked & ~_without(pieces, own, on & (pieces.source == s), at, given.shape[1:])
    torn = [r + 1 for r, reason in enumerate(pieces.reasons) if reason.name == PARTIAL.name]
    cut = np.isin(pieces.reason, torn) & on & (pieces.series != NONE)
    for own, geo in ((cut & (pieces.geo == NONE), slice(None)), (cut & (pieces.geo != NONE), pieces.geo)):
        found[pieces.series[own], geo if isinstance(geo, slice) else geo[own], at[own]] = False
    return found & ~given


def _covered_by_sparse(pieces: Pieces, axis: WeekArray, geos: int, names: SeriesNames, spec: PanelSpec) -> BoolArray:
    """Mark where sources that leave out what was not active have any row, (S, G, T)."""
    found = np.zeros((len(pieces.lines.sources), geos, len(axis)), dtype=bool)
    at, on = _at(pieces, axis)
    for s in np.unique(pieces.source[pieces.used & sparse_pieces(pieces, names, spec)]):
        found[s] = _covered(pieces, on & (pieces.source == s), at, (geos, len(axis)))
    return found


def _covered(pieces: Pieces, of_source: BoolArray, at: IntArray, shape: tuple[int, ...]) -> BoolArray:
    """Mark the geos and periods of which a source has any row, (G, T); a national row is of every geo."""
    found = np.zeros(shape, dtype=bool)
    of_geo = of_source & (pieces.geo != NONE)
    found[pieces.geo[of_geo], at[of_geo]] = True
    written = pieces.lines.geo.codes[pieces.line] != NONE  # a geo that the outcome does not have is not national
    found[:, at[of_source & (pieces.geo == NONE) & ~written]] = True
    return found


def _without(pieces: Pieces, own: BoolArray, of_source: BoolArray, at: IntArray, shape: tuple[int, ...]) -> BoolArray:
    """Mark where a source has rows of a figure's names with other figures only, (G, T): missing there, not nil."""
    label = pieces.lines.label.codes[pieces.line]
    unused = [r + 1 for r, reason in enumerate(pieces.reasons) if reason.name == UNUSED]
    others = of_source & (pieces.used | np.isin(pieces.reason, unused)) & (label != NONE)
    others &= np.isin(label, label[own]) & ~own
    return _covered(pieces, others, at, shape)


def _holes(
    known: BoolArray,
    rows: BoolArray,
    axis: WeekArray,
    pieces: Pieces,
    names: SeriesNames,
    periods: Periods,
    spec: PanelSpec,
) -> tuple[BoolArray, BoolArray]:
    """Refuse, fill or take out rows in which a source has nothing; returns rows and what is to be filled, (N, G, T)."""
    gaps = np.zeros_like(known)
    fills = spec.data.gaps is Gaps.NO_SPEND
    rows = rows.copy()
    outcome = next(n for n, one in enumerate(names.all) if one[0] is Role.OUTCOME)
    if fills:
        gaps[outcome] = rows & ~known[outcome]
    for n in needed(names, spec):
        missing = rows & ~known[n]
        if not missing.any():
            continue
        never = ~known[n].any(axis=1) & rows.any(axis=1)
        if never.any():
            _refuse_geos(pieces, n, int(never.sum()), names, spec)
        untold = remedy_of_log(pieces, n, spec)
        if fills:
            gaps[n] = missing if untold is None else missing & ~within(known[n])
            missing = missing & ~gaps[n]
        whole = missing.any(axis=0) & ~((known[n] | gaps[n]) & rows).any(axis=0)
        if whole.any():
            raise DataError(
                f"{counted(int(whole.sum()), periods.noun)} missing of '{names.all[n][2]}': {listed(axis[whole])}",
                where=f"source {sources_of(pieces, n)}",
                do=untold
                or f"Add the rows; or declare data.missing: {{{names.all[n][2]}: zero}} if no row means nothing, or "
                "data.gaps: no_spend for all sources (no spend or activity; controls on a straight line).",
            )
        rows &= ~missing
    return rows, gaps


def _refuse_geos(pieces: Pieces, n: int, many: int, names: SeriesNames, spec: PanelSpec) -> None:
    column = names.all[n][2]
    raise DataError(
        f"{counted(many, 'geo')} of the outcome never {'has' if many == 1 else 'have'} a row of '{column}'",
        where=f"source {sources_of(pieces, n)}",
        do=remedy_of_log(pieces, n, spec)
        or f"Add the rows, declare data.missing: {{{column}: zero}} if there was nothing, or map names with join.geos.",
    )


def _set_aside(pieces: Pieces, axis: WeekArray, window: BoolArray, with_outcome: BoolArray, rows: BoolArray) -> None:
    """Set aside figures that have no row in the table, each for its reason."""
    at, on = _at(pieces, axis)
    geo = np.maximum(pieces.geo, 0)
    national = pieces.geo == NONE

    def there(table: BoolArray) -> BoolArray:
        return np.asarray(np.where(national, table.any(axis=0)[at], table[geo, at]))

    pieces.set_aside(~on | ~window[at], _NO_OVERLAP)
    pieces.set_aside(~there(with_outcome), _NO_OUTCOME)
    pieces.set_aside(~there(rows), _TORN)


def _say(known: Known, pieces: Pieces, names: SeriesNames, periods: Periods, log: ReadingLog) -> None:
    """List media that were taken as nothing, and gaps that were filled."""
    unit = periods.noun if known.rows.shape[0] == 1 else f"geo-{periods.noun}"
    for s, source in enumerate(pieces.lines.sources):
        own = [n for n in np.unique(pieces.series[pieces.used & (pieces.source == s)]) if known.nothing[n].any()]
        if own:
            told = [f"{names.all[n][2]} in {int(known.nothing[n].sum()):,}" for n in own]
            log.repaired(
                "no_row_nothing_spent",
                f"Where the export has rows of others and none of a channel, nothing ran: {listed(told, 8)} {unit}s.",
                where=f"source {source}",
                do="Nothing, if the export lists only what was active.",
            )
    filled = known.gaps.any(axis=0)
    if filled.any():
        dates = known.axis[filled.any(axis=0)]
        told = [names.all[n][2] for n in np.flatnonzero(known.gaps.any(axis=(1, 2)))]
        log.warned(
            "gaps_filled",
            f"{counted(int(filled.sum()), f'missing {unit}')} filled in {listed(told, 6)}, as declared: no spend or "
            f"activity, outcome and controls on a straight line: {listed(dates)}.",
            where="sources",
            means="The model sees figures that nobody measured.",
            do="Ask for the missing rows; the weeks count as evidence that spend of zero changes nothing.",
        )
