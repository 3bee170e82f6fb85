"""Which series each figure belongs to: every name is found, declared, or asked about; none is dropped in silence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm.arrays import BoolArray, IntArray
from mmm.data.events.spec import OTHER
from mmm.data.joining.lines import NONE, Lines
from mmm.data.joining.names import Channels, How, Match, SeriesNames, are_counted
from mmm.data.joining.pieces import UNUSED, Pieces, Reason
from mmm.data.log import ReadingLog, counted, listed
from mmm.data.privacy import safe
from mmm.data.spec import PanelSpec
from mmm.exceptions import DataError

#: Of names that the model file sets aside.
IGNORED = Reason("ignored", "the name is set aside by join.ignore")
_MERGED = Reason("merged_counts", "counts of too few people, which were merged over channels")
_UNUSED = Reason(
    UNUSED,
    "the model file names no such figure",
    "Nothing, or name it under channels, organic or controls.",
)


@dataclass(frozen=True)
class _Found:
    """What one name of one source stands for.

    Attributes
    ----------
    source : int
    label : int
        Codes.
    match : Match
    """

    source: int
    label: int
    match: Match


def resolve_series(pieces: Pieces, names: SeriesNames, spec: PanelSpec, log: ReadingLog) -> None:
    """Give every piece the number of its series; set aside what the model does not use, and list it.

    Raises
    ------
    DataError
        Names that no channel has: all of them, with their rows and money, and what to write.
    """
    lines = pieces.lines
    key = (lines.source * (len(lines.label.texts) + 1) + lines.label.codes + 1) * max(1, len(lines.metric.texts))
    combos, at, of_line = np.unique(key + lines.metric.codes, return_index=True, return_inverse=True)
    found = _labels(lines, at, Channels(spec, names), spec)
    number = np.full(len(combos), NONE, dtype=np.int64)
    how = np.full(len(combos), How.SAME, dtype=object)
    for c, i in enumerate(at):
        metric = lines.metric.texts[lines.metric.codes[i]]
        if lines.label.codes[i] == NONE:
            series = names.wide(metric)
        else:
            match = found[int(lines.source[i]), int(lines.label.codes[i])].match
            how[c] = match.how
            series = names.long(match.target, metric) if match.target else None
        number[c] = NONE if series is None else series
    _ask(pieces, np.asarray(how == How.UNKNOWN)[of_line], spec, Channels(spec, names))
    pieces.series = number[of_line]
    pieces.set_aside(np.asarray(how == How.IGNORED)[of_line], IGNORED)
    pieces.set_aside(np.asarray(how == How.MERGED)[of_line], _MERGED)
    _say_unused(pieces, spec, log)
    pieces.set_aside(pieces.series == NONE, _UNUSED)
    _say_names(lines, list(found.values()), log)


def _labels(lines: Lines, at: IntArray, channels: Channels, spec: PanelSpec) -> dict[tuple[int, int], _Found]:
    """Find every name of every source, with all the metrics that it comes with.

    The names of an event log were mapped before people were counted. What it merged because too few people were in it
    is nobody's question: it is set aside, and listed.
    """
    metrics: dict[tuple[int, int], list[str]] = {}
    for i in at:
        if lines.label.codes[i] != NONE:
            place = (int(lines.source[i]), int(lines.label.codes[i]))
            metrics.setdefault(place, []).append(lines.metric.texts[lines.metric.codes[i]])
    found = {}
    of_log = are_counted(lines.sources, spec)
    for (s, label), given in metrics.items():
        text = lines.label.texts[label]
        if of_log[s]:
            match = Match(How.MERGED) if text == OTHER else channels.final(text, given)
        else:
            match = channels.find(text, given)
        found[s, label] = _Found(s, label, match)
    return found


def money_of(pieces: Pieces, which: BoolArray, spec: PanelSpec) -> str:
    """Say the money of some pieces, currency by currency: ``1,200.00 EUR and 30.00 USD``; empty where there is none."""
    codes = pieces.lines.currency.codes[pieces.line]
    sums = {
        text: float(np.nansum(pieces.value[which & (codes == c)]))
        for c, text in enumerate(pieces.lines.currency.texts)
        if (which & (codes == c)).any()
    }
    ordered = sorted(sums.items(), key=lambda item: (item[0] != spec.currency, item[0]))
    return " and ".join(f"{money:,.2f} {code}" for code, money in ordered)


def _ask(pieces: Pieces, unknown: BoolArray, spec: PanelSpec, channels: Channels) -> None:
    """Ask about names that no channel has: one error that lists them all, the most money first."""
    if not unknown.any():
        return
    lines = pieces.lines
    told: list[tuple[float, str, str]] = []
    for label in np.unique(lines.label.codes[unknown]):
        which = unknown & (lines.label.codes == label)
        text = safe(lines.label.texts[label])
        where = listed(lines.sources[s] for s in np.unique(lines.source[which]))
        money = money_of(pieces, which, spec)
        near = channels.nearest(lines.label.texts[label])
        about = [counted(int(which.sum()), "figure") + f" of {where}", *([money] if money else [])]
        about += [f"nearest: {near}"] if near else []
        size = float(np.nansum(np.abs(pieces.value[which])))
        told.append((-size, f"'{text}' ({', '.join(about)})", f"{_quoted(text)}: {near or '…'}"))
    told.sort()
    several = len(told) > 1
    raise DataError(
        f"{counted(len(told), 'name')} of channels or campaigns "
        f"{'are' if several else 'is'} not in the model file: {listed((one[1] for one in told), 40)}",
        where="join.channels",
        do=f"Declare join.channels: {{{', '.join(one[2] for one in told[:3])}{', …' if len(told) > 3 else ''}}}, "
        "roll campaigns up with join.campaigns: {'pattern *': channel}, or set rows aside with join.ignore.",
    )


def _quoted(text: str) -> str:
    """Return a name as YAML reads it back."""
    return "'" + text.replace("'", "''") + "'"


def _say_unused(pieces: Pieces, spec: PanelSpec, log: ReadingLog) -> None:
    """List figures that the model file does not name, with their money."""
    lines = pieces.lines
    unused = (pieces.series == NONE) & pieces.used
    for s in np.unique(lines.source[unused]):
        which = unused & (lines.source == s)
        metrics = [lines.metric.texts[m] for m in np.unique(lines.metric.codes[which])]
        money = money_of(pieces, which, spec)
        log.repaired(
            UNUSED,
            f"{counted(len(metrics), 'kind')} of figures that the model file does not name: "
            f"{listed(map(safe, metrics), 8)}{f' ({money})' if money else ''}.",
            where=f"source {lines.sources[s]}",
            do="Nothing, or name them under channels, organic or controls.",
        )


def _say_names(lines: Lines, found: list[_Found], log: ReadingLog) -> None:
    """Say which names were taken as which channel, where they are not written alike."""

    def pairs(s: int, how: How) -> list[str]:
        return [
            f"'{safe(lines.label.texts[one.label])}' as '{safe(one.match.target)}'"
            for one in found
            if one.source == s and one.match.how is how
        ]

    for s, name in enumerate(lines.sources):
        case, looks, rolled = (pairs(s, how) for how in (How.CASE, How.LOOKS, How.CAMPAIGN))
        if case:
            log.repaired(
                "channel_name",
                f"Names that differ in case, spaces or hyphens only were taken as the model's: {listed(case, 5)}.",
                where=f"source {name}",
            )
        if looks:
            log.warned(
                "look_alike_name",
                f"Names with letters of another script that look the same were taken as the model's: "
                f"{listed(looks, 5)}.",
                where=f"source {name}",
                means="Two systems write this channel differently; another report may count it twice or not at all.",
                do="Write the name with the same letters at its source.",
            )
        if rolled:
            log.repaired(
                "campaigns",
                f"{counted(len(rolled), 'campaign')} rolled up to channels by join.campaigns: {listed(rolled, 5)}.",
                where=f"source {name}",
            )
