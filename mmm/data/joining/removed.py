"""A column that no source gives because ``join.ignore`` or a source's ``only`` took all of its rows away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mmm.data.joining.lines import NONE
from mmm.data.joining.names import Channels, SeriesNames, fits
from mmm.data.joining.pieces import Pieces
from mmm.data.joining.resolve import IGNORED
from mmm.data.log import listed
from mmm.data.privacy import safe
from mmm.data.sources.facts import Facts
from mmm.data.spec import PanelSpec
from mmm.exceptions import DataError


@dataclass(frozen=True)
class _Removed:
    """A name whose rows were set aside, and by which line: its key in the model file, and what is written there."""

    series: int
    text: str
    key: str
    line: str
    says: str


def refuse_removed(
    absent: Sequence[int], facts: Sequence[Facts], pieces: Pieces, names: SeriesNames, spec: PanelSpec
) -> None:
    """Refuse columns that have no row because the model file set all of them aside; it names the line that did.

    Parameters
    ----------
    absent : sequence of int
        Series without any figure.
    facts : sequence of Facts
    pieces : Pieces
    names : SeriesNames
    spec : PanelSpec

    Raises
    ------
    DataError
    """
    plain = Channels(spec.model_copy(update={"join": spec.join.model_copy(update={"ignore": ()})}), names)
    found = [
        one
        for one in (*_ignored(pieces, plain, names, spec), *_left_out(facts, plain, names, spec))
        if one.series in absent
    ]
    if not found:
        return
    n = found[0].series
    own = [one for one in found if one.series == n and one.key == found[0].key]
    labels = listed(dict.fromkeys(f"'{safe(one.text)}'" for one in own), 4)
    _, name, column = names.all[n]
    lines = listed(dict.fromkeys(one.line for one in own), 3)
    raise DataError(
        f"no row of '{column}' is left: those of {labels} are set aside {own[0].says}",
        where=own[0].key,
        do=f"Change {own[0].key} ({lines}) so that it keeps them, or take '{name}' out of the model file.",
    )


def other_lines(facts: Sequence[Facts], pieces: Pieces, spec: PanelSpec) -> str:
    """Say which lines of the model file set rows aside whose names no channel has; empty where none does."""
    told = []
    if IGNORED in pieces.reasons:
        told.append(f"join.ignore ({listed(map(repr, spec.join.ignore), 4)})")
    told += [f"sources.{one.source}.only" for one in facts if any(aside.name == "only" for aside in one.aside)]
    return f" Rows were set aside by {' and '.join(told)}: look there too." if told else ""


def _ignored(pieces: Pieces, plain: Channels, names: SeriesNames, spec: PanelSpec) -> Iterator[_Removed]:
    """Yield names that ``join.ignore`` set aside and that a channel has."""
    lines = pieces.lines
    number = [r + 1 for r, reason in enumerate(pieces.reasons) if reason == IGNORED]
    line = pieces.line[np.isin(pieces.reason, number)]
    for label, metric in np.unique(np.stack([lines.label.codes[line], lines.metric.codes[line]]), axis=1).T:
        text = lines.label.texts[label]
        pattern = next(one for one in spec.join.ignore if fits(text, one))
        n = _series_of(text, lines.metric.texts[metric], plain, names)
        yield _Removed(n, text, "join.ignore", f"'{pattern}'", f"by its line '{pattern}'")


def _left_out(facts: Sequence[Facts], plain: Channels, names: SeriesNames, spec: PanelSpec) -> Iterator[_Removed]:
    """Yield names that a source's ``only`` left out and that a channel has."""
    for one in facts:
        only = spec.sources[one.source].only if one.source in spec.sources else {}
        for aside in one.aside:
            if aside.name != "only":
                continue
            pairs = aside.table.select(["label", "metric"]).group_by(["label", "metric"]).aggregate([]).to_pylist()
            for pair in pairs:
                if pair["label"] is None:
                    continue
                n = _series_of(pair["label"], pair["metric"], plain, names)
                written = ", ".join(f"{column}: [{', '.join(values)}]" for column, values in only.items())
                key = f"sources.{one.source}.only"
                yield _Removed(n, pair["label"], key, f"{{{written}}}", f"because {aside.reason}")


def _series_of(label: str, metric: str, plain: Channels, names: SeriesNames) -> int:
    match = plain.find(label, [metric])
    found = names.long(match.target, metric) if match.target else None
    return NONE if found is None else found
