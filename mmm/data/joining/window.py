"""The periods that every source covers: those at the ends are cut, or asked about where they are many."""

from __future__ import annotations

import numpy as np

from mmm.arrays import BoolArray, WeekArray
from mmm.data.columns import Role
from mmm.data.joining.names import SeriesNames
from mmm.data.joining.partial import sparse_pieces
from mmm.data.joining.periods import Periods
from mmm.data.joining.pieces import Pieces
from mmm.data.joining.untold import remedy_of_log
from mmm.data.log import listed
from mmm.data.reading import Fill, Gaps
from mmm.data.spec import PanelSpec
from mmm.exceptions import DataError

#: Periods at either end that one source may lack before it is a question.
_ENDS = 4


def needed(names: SeriesNames, spec: PanelSpec) -> list[int]:
    """Return the series whose missing figures no ``data.missing`` fills."""
    return [
        n
        for n, (role, _, column) in enumerate(names.all)
        if role is not Role.OUTCOME and spec.data.fill_of(column) is Fill.REFUSE
    ]


def sources_of(pieces: Pieces, n: int) -> str:
    """Name the sources of a series."""
    found = np.unique(pieces.source[pieces.series == n])
    return listed(pieces.lines.sources[s] for s in found)


def common_window(
    known: BoolArray,
    rows: BoolArray,
    axis: WeekArray,
    pieces: Pieces,
    names: SeriesNames,
    periods: Periods,
    spec: PanelSpec,
) -> tuple[int, int]:
    """Return the first period that all series are known in, and the one after the last.

    Parameters
    ----------
    known : (N, G, T) bool
    rows : (G, T) bool
        Of the outcome.
    axis : (T,) datetime64[D]
    pieces : Pieces
    names : SeriesNames
    periods : Periods
    spec : PanelSpec

    Raises
    ------
    DataError
        A source covers more than four periods less than the outcome, or none that it has.
    """
    spans: dict[int, tuple[int, int]] = {}
    for n in needed(names, spec):
        there = np.flatnonzero((known[n] & rows).any(axis=0))
        if not len(there):
            raise DataError(
                f"'{names.all[n][2]}' has no {periods.noun} in common with the outcome",
                where=f"source {sources_of(pieces, n)}",
                do="Give sources of the same time, or correct the dates of one of them.",
            )
        spans[n] = _open_ends(int(there[0]), int(there[-1]), n, axis, pieces, names, spec)
    first = max((span[0] for span in spans.values()), default=0)
    last = min((span[1] for span in spans.values()), default=len(axis) - 1)
    if not spec.join.overlap:
        _ask(spans, axis, pieces, names, periods, spec)
    if first > last:
        raise DataError(
            f"no {periods.noun} is covered by every source", where="sources", do="Give sources of the same time."
        )
    return first, last + 1


def _open_ends(
    first: int, last: int, n: int, axis: WeekArray, pieces: Pieces, names: SeriesNames, spec: PanelSpec
) -> tuple[int, int]:
    """Return the periods that a series is known in, (first, last).

    Where ``data.gaps`` says that no row means no spend, an export of active media alone is known beyond its first and
    last row as well, unless it breaks off within a period.
    """
    mine = pieces.series == n
    if spec.data.gaps is Gaps.REFUSE or not sparse_pieces(pieces, names, spec)[mine & pieces.used].any():
        return first, last
    torn = [r + 1 for r, reason in enumerate(pieces.reasons) if reason.name == "partial_week"]
    cut = pieces.period[mine & np.isin(pieces.reason, torn)]
    before, after = (cut < axis[first]).any(), (cut > axis[last]).any()
    return (first if before else 0), (last if after else len(axis) - 1)


def _ask(
    spans: dict[int, tuple[int, int]],
    axis: WeekArray,
    pieces: Pieces,
    names: SeriesNames,
    periods: Periods,
    spec: PanelSpec,
) -> None:
    """Ask about sources that cover much less than the outcome."""
    late = [n for n, span in spans.items() if span[0] > _ENDS]
    early = [n for n, span in spans.items() if len(axis) - 1 - span[1] > _ENDS]
    if not (late or early):
        return
    told = [f"'{names.all[n][2]}' ({sources_of(pieces, n)}) begins on {axis[spans[n][0]]}" for n in late]
    told += [f"'{names.all[n][2]}' ({sources_of(pieces, n)}) ends with the {periods.noun} of {axis[spans[n][1]]}"
             for n in early]  # fmt: skip
    overlap = f"join.overlap: true to keep only the {periods.noun}s that every source covers."
    zero = f"data.missing: {{{names.all[(late or early)[0]][2]}: zero}} if there was nothing, or "
    if remedy_of_log(pieces, (late or early)[0], spec) is not None:
        zero = ""  # what a log leaves out for being of few people is not nothing
    raise DataError(
        f"the outcome covers {axis[0]} to {axis[-1]}, but {listed(told, 8)}: what was spent outside is not known",
        where="sources",
        do=f"Declare {zero}{overlap}",
    )
