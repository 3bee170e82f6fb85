"""Geos of every source → those of the panel, which are the outcome's."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mmm.arrays import BoolArray, IntArray
from mmm.data.columns import Role
from mmm.data.joining.lines import NONE, Lines
from mmm.data.joining.look_alikes import look_key, plain_key
from mmm.data.joining.names import SeriesNames, are_counted, fits
from mmm.data.joining.pieces import Pieces, Reason
from mmm.data.log import ReadingLog, counted, listed
from mmm.data.panel import NATIONAL
from mmm.data.privacy import safe
from mmm.data.reading import name_key
from mmm.data.spec import Level, PanelSpec
from mmm.exceptions import DataError

_UNKNOWN = Reason(
    "geo_unknown",
    "the outcome has no such geo",
    "Map the name with join.geos, or add the geo's outcome.",
    "Money spent there explains nothing in the panel.",
)
#: Roles that hold for every geo where no geo is given.
_SHARED = (Role.CONTROL, Role.VALUE, Role.POPULATION, Role.ORGANIC)


def resolve_geos(pieces: Pieces, names: SeriesNames, spec: PanelSpec, log: ReadingLog) -> tuple[str, ...]:
    """Give every used piece the number of its geo, and return the geos of the panel.

    Raises
    ------
    DataError
        The outcome has geos and the model file does not say whether the panel has; or figures of a channel without a
        geo in a panel by geo.
    """
    lines = pieces.lines
    role = np.asarray([role for role, _, _ in names.all] + [None], dtype=object)[pieces.series]
    outcome = pieces.used & (role == Role.OUTCOME)
    chosen = _Chosen(lines, spec)
    if spec.data.geo is None:
        _refuse_undecided(chosen, lines, outcome)
        _say_added(lines, pieces.used, log)
        pieces.geo = np.zeros(len(pieces.line), dtype=np.int64)
        return (NATIONAL,)
    if (lines.geo.codes[outcome] == NONE).any():
        raise DataError(
            "the outcome has rows without a geo, and data.geo declares a panel by geo",
            where=f"source {lines.sources[lines.source[np.flatnonzero(outcome & (lines.geo.codes == NONE))[0]]]}",
            do="Name the source's geo column (geo) or its one geo (geo_is), or remove data.geo.",
        )
    geos = chosen.of_outcome(np.unique(chosen.codes[outcome]))
    numbers = chosen.numbers(geos)
    pieces.geo = numbers[chosen.codes]
    without = lines.geo.codes == NONE
    pieces.geo[without] = NONE
    unknown = ~without & (pieces.geo == NONE)
    _say_unknown(lines, unknown & pieces.used, log)
    pieces.set_aside(unknown, _UNKNOWN)
    _refuse_national(pieces, role, without, names, spec)
    chosen.say(geos, pieces.used, log)
    return geos


class GeoNames:
    """Finds the geo that ``join.geos`` makes of a source's name.

    Parameters
    ----------
    geos : mapping
        ``join.geos``.
    """

    def __init__(self, geos: Mapping[str, str]) -> None:
        self._declared = {name_key(name): target for name, target in geos.items()}
        self._kept = {name_key(target) for target in self._declared.values()}  # "*" stands for all others
        self._patterns = [(name, target) for name, target in geos.items() if "*" in name]

    def find(self, text: str) -> str | None:
        """Return what a name is declared to be, None where nothing is declared of it."""
        target = self._declared.get(name_key(text))
        if target is None and name_key(text) not in self._kept:
            return next((to for name, to in self._patterns if fits(text, name)), None)
        return target


class _Chosen:
    """The panel's spelling of each geo text: of sources, and then as it stands, for event logs, whose geos are final.

    Attributes
    ----------
    texts : list of str
        2G spellings of G texts.
    codes : (L,) ints
        Of each line, into ``texts``; -1 without a geo.
    """

    def __init__(self, lines: Lines, spec: PanelSpec) -> None:
        self.lines = lines
        names, found = GeoNames(spec.join.geos), lines.geo.texts
        targets = [*(names.find(text) for text in found), *(None for _ in found)]
        self.texts = [target or " ".join(text.split()) for target, text in zip(targets, (*found, *found), strict=True)]
        self.declared = [target is not None for target in targets]
        of_log = are_counted(lines.sources, spec)[lines.source] & (lines.geo.codes != NONE)
        self.codes = lines.geo.codes + np.where(of_log, len(found), 0)

    def of_outcome(self, codes: IntArray) -> tuple[str, ...]:
        """Return the panel's geos in alphabetical order: one spelling for names that differ in case or spaces."""
        spelling: dict[str, str] = {}
        for text in sorted(self.texts[code] for code in codes):
            spelling.setdefault(name_key(text), text)
        return tuple(sorted(spelling.values()))

    def numbers(self, geos: tuple[str, ...]) -> IntArray:
        """Return the panel's geo of each of ``texts``, and last -1, (2G + 1,); -1 where the panel has none."""
        tables = []
        for key in (name_key, plain_key, look_key):
            forms: dict[str, list[int]] = {}
            for g, name in enumerate(geos):
                forms.setdefault(key(name), []).append(g)
            tables.append((key, {form: same[0] for form, same in forms.items() if len(same) == 1}))
        found = [next((table[key(text)] for key, table in tables if key(text) in table), NONE) for text in self.texts]
        return np.asarray([*found, NONE], dtype=np.int64)

    def say(self, geos: tuple[str, ...], used: BoolArray, log: ReadingLog) -> None:
        """List spellings that were taken as the panel's."""
        numbers = self.numbers(geos)
        there = [code for code in np.unique(self.codes[used]) if code != NONE]
        merged: list[str] = []
        looks: list[str] = []
        for code in there:
            text, name = self.lines.geo.texts[code % len(self.lines.geo.texts)], geos[numbers[code]]
            if self.declared[code] or text == name:
                continue
            alike = plain_key(text) == plain_key(name)
            (merged if alike else looks).append(f"'{safe(text)}' as '{safe(name)}'")
        if merged:
            log.repaired(
                "geo_name",
                f"Geo names that differ in case or spaces only were taken as one: {listed(merged, 5)}.",
                where="join.geos",
            )
        if looks:
            log.warned(
                "look_alike_geo",
                f"Geo names with letters of another script that look the same were taken as one: {listed(looks, 5)}.",
                where="join.geos",
                means="Two systems write this place differently; another report may miss it.",
                do="Write the name with the same letters at its source.",
            )


def _refuse_undecided(chosen: _Chosen, lines: Lines, outcome: BoolArray) -> None:
    """Ask whether the panel is by geo, where the outcome is and nothing says so."""
    codes = np.unique(chosen.codes[outcome])
    there = {name_key(chosen.texts[code]): chosen.texts[code] for code in codes if code != NONE}
    if len(there) > 1:
        source = lines.sources[lines.source[np.flatnonzero(outcome & (lines.geo.codes != NONE))[0]]]
        raise DataError(
            f"the outcome has {len(there)} geos ({listed(map(safe, there.values()))}), and nothing says whether the "
            "panel is by geo",
            where=f"source {source}",
            do="Declare data.geo: geo for a panel by geo, or join.geos: {'*': national} to add them up.",
        )


def _say_added(lines: Lines, used: BoolArray, log: ReadingLog) -> None:
    for s, name in enumerate(lines.sources):
        codes = np.unique(lines.geo.codes[used & (lines.source == s)])
        there = [safe(lines.geo.texts[code]) for code in codes if code != NONE]
        if len(there) > 1:
            log.repaired(
                "geos_added",
                f"{counted(len(there), 'geo')} were added up to national figures ({listed(there)}); controls and the "
                "like were averaged.",
                where=f"source {name}",
                do="Nothing, or declare data.geo for a panel by geo.",
            )


def _say_unknown(lines: Lines, unknown: BoolArray, log: ReadingLog) -> None:
    for s in np.unique(lines.source[unknown]):
        codes = np.unique(lines.geo.codes[unknown & (lines.source == s)])
        log.warned(
            "geo_unknown",
            f"{counted(len(codes), 'geo')} that the outcome does not have: "
            f"{listed((repr(safe(lines.geo.texts[code])) for code in codes), 12)}.",
            where=f"source {lines.sources[s]}",
            means="Their rows are listed as excluded: money spent there explains nothing in the panel.",
            do="Map the names with join.geos, or add the geos' outcome.",
        )


def _refuse_national(pieces: Pieces, role: np.typing.NDArray[np.object_], without: BoolArray, names: SeriesNames,
                     spec: PanelSpec) -> None:  # fmt: skip
    """Refuse figures without a geo, but for what holds for every geo and for channels that run only nationally."""
    for i in np.flatnonzero(without & pieces.used & ~np.isin(role, _SHARED)):
        kind, name, column = names.all[pieces.series[i]]
        channel = spec.channels.get(name)
        if channel is not None and channel.level is Level.NATIONAL:
            continue
        raise DataError(
            f"the {kind} '{column}' has no geo, and the panel is by geo",
            where=pieces.lines.place(int(i)),
            do=f"Name the geo column of the source '{pieces.lines.sources[pieces.lines.source[i]]}' (geo), its one geo "
            f"(geo_is), or declare level: national for the channel '{name}'.",
        )
