"""The same channel reported by two sources: a question, until the model file says that they add up."""

from __future__ import annotations

import numpy as np

from mmm.data.joining.names import SeriesNames
from mmm.data.joining.pieces import Pieces
from mmm.data.joining.spread import SUMMED
from mmm.data.log import ReadingLog, counted
from mmm.data.reading import name_key
from mmm.data.spec import PanelSpec
from mmm.exceptions import DataError, SpecError


def ask_about_twins(pieces: Pieces, names: SeriesNames, spec: PanelSpec, log: ReadingLog) -> None:
    """Refuse a series that several sources report, unless ``join.same`` says that they are parts of it.

    Raises
    ------
    DataError
        Names the sources, their totals and the periods that both report.
    SpecError
        ``join.same`` names a source or channel that there is not.
    """
    declared = _declared(names, pieces, spec)
    for n, (role, name, column) in enumerate(names.all):
        own = pieces.used & (pieces.series == n)
        sources = np.unique(pieces.source[own])
        if len(sources) < 2:
            continue
        texts = [pieces.lines.sources[s] for s in sources]
        allowed = declared.get(name_key(name), declared.get(name_key(column), frozenset()))
        periods = [set(np.unique(pieces.period[own & (pieces.source == s)]).tolist()) for s in sources]
        common = len(set.intersection(*periods))
        if role in SUMMED and set(texts) <= allowed:
            log.repaired(
                "added_up",
                f"'{column}' is the sum of {' and '.join(texts)}, as declared; "
                f"{counted(common, 'period')} hold figures of {'both' if len(texts) == 2 else 'all'}.",
                where=f"join.same, {name}",
                do="Nothing, if no sale or click is counted by both.",
            )
            continue
        totals = " and ".join(
            f"{text} ({pieces.value[own & (pieces.source == s)].sum():,.2f}, {len(p)} periods)"
            for s, text, p in zip(sources, texts, periods, strict=True)
        )
        if role not in SUMMED:
            raise DataError(
                f"the {role} '{column}' stands in {totals}",
                where="sources",
                do="Name it in the metrics of one source only.",
            )
        raise DataError(
            f"'{name}' ({column}) is reported by {totals}; {counted(common, 'period')} in common, so it may be the "
            "same money twice, or two parts",
            where="sources",
            do=f"Declare join.same: {{{name}: [{', '.join(texts)}]}} if they are parts and add up; otherwise remove it "
            "from one source (its metrics, or join.ignore), or give it a name of its own with join.channels.",
        )


def _declared(names: SeriesNames, pieces: Pieces, spec: PanelSpec) -> dict[str, frozenset[str]]:
    """Return what ``join.same`` allows, by the key of the channel or column."""
    known = {name_key(text) for _, name, column in names.all for text in (name, column)}
    sources = set(pieces.lines.sources)
    for name, some in spec.join.same.items():
        if name_key(name) not in known:
            raise SpecError(
                f"'{name}' is no channel and no column of the model file", where="join.same", do="Correct the name."
            )
        for source in some:
            if source not in sources:
                raise SpecError(
                    f"there is no source '{source}'",
                    where=f"join.same.{name}",
                    do=f"Name some of: {', '.join(sorted(sources))}.",
                )
    return {name_key(name): frozenset(some) for name, some in spec.join.same.items()}
