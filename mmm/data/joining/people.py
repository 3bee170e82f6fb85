"""People of two names do not add up to the people of both: a log counts them under one name, or not at all."""

from __future__ import annotations

import numpy as np

from mmm.data.events.spec import Count
from mmm.data.joining.names import SeriesNames
from mmm.data.joining.pieces import Pieces
from mmm.data.log import listed
from mmm.data.privacy import safe
from mmm.data.spec import PanelSpec
from mmm.exceptions import DataError


def refuse_added_people(pieces: Pieces, names: SeriesNames, spec: PanelSpec) -> None:
    """Refuse counts of people that the table would add up over channels or geos of one log: some are in both.

    Raises
    ------
    DataError
        Names the series, what would be added up, and what to write.
    """
    lines = pieces.lines
    for s, source in enumerate(lines.sources):
        events = spec.sources[source].events if source in spec.sources else None
        if events is None:
            continue
        people = {name for name, metric in events.metrics.items() if metric.count is Count.PEOPLE}
        own = np.flatnonzero(pieces.used & (pieces.source == s) & (pieces.value > 0))
        line = pieces.line[own]
        own = own[[lines.metric.texts[code] in people for code in lines.metric.codes[line]]]
        line = pieces.line[own]
        days = lines.first[line].astype(np.int64)
        cells = np.stack([pieces.series[own], pieces.geo[own], days], axis=1)
        parts = np.unique(np.column_stack([cells, lines.label.codes[line], lines.geo.codes[line]]), axis=0)
        _, at, count = np.unique(parts[:, :3], axis=0, return_index=True, return_counts=True)
        if not (count > 1).any():
            continue
        first = int(at[count > 1][0])
        same = parts[first : first + int(count[count > 1][0])]
        over_geos = len(np.unique(same[:, 4])) > 1
        words, codes = (lines.geo, same[:, 4]) if over_geos else (lines.label, same[:, 3])
        told = listed((f"'{safe(words.texts[code])}'" for code in np.unique(codes)), 5)
        raise DataError(
            f"the people of {told} would be added up to one '{names.all[int(same[0, 0])][2]}', and whoever is in two "
            "of them would count twice",
            where=f"source {source}",
            do=_remedy(source, over_geos=over_geos, national=spec.data.geo is None),
        )


def _remedy(source: str, *, over_geos: bool, national: bool) -> str:
    if over_geos and national:
        return f"Remove 'geo' from sources.{source}: then people are counted once over all geos."
    key = "join.geos" if over_geos else "join.channels"
    return f"Declare in {key} which of them are one: names are gathered before people are counted."
