"""Lines of ``join`` that fit nothing in the data: told, with the name that was meant where one is near."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from mmm.data.joining.look_alikes import look_key, look_letters, plain_key
from mmm.data.joining.names import SeriesNames, fits
from mmm.data.joining.pieces import Pieces
from mmm.data.log import ReadingLog, listed
from mmm.data.privacy import safe
from mmm.data.reading import name_key
from mmm.data.spec import PanelSpec

#: How alike two names are of which one was meant for the other, from 0 to 1.
_ALIKE = 0.8
#: Of how many letters a name is that may have been written with some of them in another order.
_LETTERS = 4
_WHAT = {
    "channels": ("channel or campaign", "Rows under the other name were taken as something else, or as nothing."),
    "campaigns": ("campaign", "Campaigns that it was written for went to another channel."),
    "ignore": ("channel or campaign", "Rows that were to be set aside stand in the panel."),
    "geos": ("geo", "Rows of the other name went to another geo, or to none."),
}


def tell_idle_lines(
    pieces: Pieces,
    names: SeriesNames,
    spec: PanelSpec,
    labels: Iterable[str],
    geos: Iterable[str],
    log: ReadingLog,
) -> None:
    """Tell lines of ``join.channels``, ``campaigns``, ``ignore``, ``geos`` and ``same`` that fit nothing.

    Parameters
    ----------
    pieces : Pieces
    names : SeriesNames
    spec : PanelSpec
    labels, geos : iterable of str
        Channels as the company's own account and event logs name them, and geos of event logs: ``join`` is for them
        too.
    log : ReadingLog
        A note; a warning where a name is so near that it may have been meant.
    """
    join, lines = spec.join, pieces.lines
    labels = list(dict.fromkeys((*lines.label.texts, *labels)))
    _tell("channels", [*join.channels], labels, _same_name, log)
    _tell("campaigns", [*join.campaigns], labels, _fits_or_looks, log)
    _tell("ignore", join.ignore, labels, fits, log)
    _tell("geos", [*join.geos], [*lines.geo.texts, *geos], fits, log)
    for name, sources in join.same.items():
        own = [n for n, (_, of, column) in enumerate(names.all) if name_key(name) in (name_key(of), name_key(column))]
        give = {lines.sources[s] for s in np.unique(pieces.source[np.isin(pieces.series, own)])}
        idle = [source for source in sources if source not in give]
        if idle:
            log.repaired(
                "idle_lines",
                f"{listed(map(repr, idle), 6)} of join.same give{'s' if len(idle) == 1 else ''} no figure of '{name}'.",
                where=f"join.same.{name}",
                do="Take it out of the line, or map the source's name of the channel with join.channels.",
            )


def _same_name(label: str, name: str) -> bool:
    """Say whether a declared name is found under a label, as :meth:`Channels.find` does."""
    return any(key(label) == key(name) for key in (name_key, plain_key, look_key))


def _fits_or_looks(label: str, pattern: str) -> bool:
    return fits(label, pattern) or fits(look_letters(label), look_letters(pattern))


def _tell(
    key: str, lines: Sequence[str], texts: Sequence[str], finds: Callable[[str, str], bool], log: ReadingLog
) -> None:
    idle = [line for line in lines if line.strip("*") and not any(finds(text, line) for text in texts)]
    free = [text for text in texts if not any(finds(text, line) for line in lines if line.strip("*"))]
    what, means = _WHAT[key]
    meant = {line: near for line in idle if (near := _near(line, free)) is not None}
    for line, near in meant.items():
        log.warned(
            "idle_lines",
            f"'{line}' of join.{key} fits no {what} of the sources; did you mean '{safe(near)}'?",
            where=f"join.{key}",
            means=means,
            do=f"Write it as the source does, or remove the line '{line}'.",
        )
    rest = [repr(line) for line in idle if line not in meant]
    if rest:
        log.repaired(
            "idle_lines",
            f"{listed(rest, 8)} of join.{key} fit{'s' if len(rest) == 1 else ''} no {what} of the sources.",
            where=f"join.{key}",
            do="Nothing, if it is for other exports; otherwise write the name as the source does.",
        )


def _near(line: str, texts: Sequence[str]) -> str | None:
    """Return the text that a line was most likely written for: of a pattern, by as many letters as it has."""
    wanted = look_key(line.strip("*"))
    if not wanted:
        return None
    scored = []
    for text in texts:
        form = look_key(text)
        if line.endswith("*") and not line.startswith("*"):
            form = form[: len(wanted)]
        elif line.startswith("*") and not line.endswith("*"):
            form = form[-len(wanted) :]
        swapped = len(wanted) >= _LETTERS and sorted(wanted) == sorted(form)
        scored.append((1.0 if swapped else difflib.SequenceMatcher(None, wanted, form).ratio(), text))
    best = max(scored, default=(0.0, ""))
    return best[1] if best[0] >= _ALIKE else None
