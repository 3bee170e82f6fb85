"""National channels of a source that repeats the national figure in every geo's row: it is counted once."""

from __future__ import annotations

import numpy as np

from mmm.data.joining.lines import NONE
from mmm.data.joining.names import SeriesNames, is_national
from mmm.data.joining.pieces import Pieces, Reason
from mmm.data.log import ReadingLog
from mmm.data.privacy import safe
from mmm.data.spec import PanelSpec
from mmm.exceptions import DataError

_SAME = 1e-6
_REPEAT = Reason("national_repeat", "the national figure, repeated in another geo's row, counts once")


def count_national_once(pieces: Pieces, names: SeriesNames, spec: PanelSpec, log: ReadingLog) -> None:
    """Keep one of the equal figures that the rows of a date hold for a national channel, without its geo.

    Raises
    ------
    DataError
        The rows of one date differ.
    """
    if spec.data.geo is None:
        return
    lines = pieces.lines
    national = np.append(is_national(names, spec), False)
    at = np.flatnonzero(pieces.used & national[pieces.series] & (pieces.geo != NONE))
    if not len(at):
        return
    days = [lines.last.astype(np.int64), lines.first.astype(np.int64)]
    keys = [lines.metric.codes, lines.label.codes, *days, lines.source]
    order = at[np.lexsort([lines.row[at], lines.file[at], lines.geo.codes[at], *(key[at] for key in keys)])]
    fresh = np.ones(len(order), dtype=bool)  # the first of each figure
    fresh[1:] = np.any([np.diff(key[order]) != 0 for key in keys], axis=0)
    place = fresh.copy()  # the first of each geo's rows of it, which are parts that add up
    place[1:] |= np.diff(lines.geo.codes[order]) != 0
    of_place = np.cumsum(place) - 1
    amounts = np.bincount(of_place, np.nan_to_num(pieces.value[order]))
    told = np.bincount(of_place, np.isfinite(pieces.value[order]))
    start = np.flatnonzero(place)
    usual = of_place[np.maximum.accumulate(np.where(fresh, np.arange(len(order)), 0))]
    low, high = amounts[usual[start]], amounts
    differ = np.flatnonzero(np.abs(low - high) > _SAME * np.maximum(np.abs(low), np.abs(high)))
    if len(differ):
        other = int(differ[0])
        same = int(usual[start[other]])
        a, b = int(order[start[same]]), int(order[start[other]])
        there, here = (
            f"{f'{amounts[p]:,.10g}' if told[p] else 'nothing'} in '{safe(lines.geo.texts[lines.geo.codes[i]])}'"
            for p, i in ((same, a), (other, b))
        )
        raise DataError(
            f"'{names.all[pieces.series[a]][1]}' is declared to run only nationally, and on {lines.first[a]} its rows "
            f"differ: {there} ({lines.place(a)}), {here}",
            where=lines.place(b),
            do="Write the national figure in every geo's row, or remove 'level: national' if the column holds each "
            "geo's own.",
        )
    kept = of_place == usual
    pieces.geo[order[kept]] = NONE
    gone = np.zeros(len(pieces.line), dtype=bool)
    gone[order[~kept]] = True
    for s in np.unique(pieces.source[gone]):
        channels = sorted({names.all[n][1] for n in np.unique(pieces.series[gone & (pieces.source == s)])})
        log.repaired(
            "national_channel",
            f"{' and '.join(channels)} run only nationally: the rows of a date repeat one figure, counted once.",
            where=f"source {lines.sources[s]}",
        )
    pieces.set_aside(gone, _REPEAT)
