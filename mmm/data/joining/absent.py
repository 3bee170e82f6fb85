"""A part that always reports and vanishes for some weeks, as a store of a till: the sum is low there, and told.

A part is a store, where a column of the till tells stores apart, a channel's or campaign's name, a place where several
are added up, or else the rows of a date, which are counted. It is judged by its own regularity: the same number of rows
week after week, fewer for at most eight weeks, and then the same number again. What comes and goes, as flights,
mailings and receipts do, never is as regular, and nothing is said of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from mmm.arrays import BoolArray, FloatArray, IntArray, WeekArray
from mmm.data.columns import Role, is_money
from mmm.data.joining.lines import NONE, Lines, Words
from mmm.data.joining.look_alikes import look_key
from mmm.data.joining.names import SeriesNames
from mmm.data.joining.periods import Periods
from mmm.data.joining.pieces import Pieces
from mmm.data.joining.spread import SUMMED
from mmm.data.log import ReadingLog, counted, listed
from mmm.data.privacy import safe
from mmm.data.spec import PanelSpec

#: Periods of the same number of rows before a gap and after it, and on one of its sides; the longest gap.
_SOME, _MANY, _LONGEST = 3, 6, 8
#: Share of a part's neighbouring periods with the same number of rows from which it is regular.
_STEADY = 0.75
#: Gaps of one part beyond which it pauses now and then. Times from which parts of media begin to pause, or parts of an
#: outcome, if they are more than a share of all, beyond which pauses are usual: stopping a campaign is no odd thing.
_GAPS, _PAUSE, _PAUSING = 2, 3, 0.2
#: Share of the regular parts that have one gap together, from which it is no pause.
_TOGETHER = 0.25
#: Share of the whole below which a part is not told of.
_SMALL = 0.02
_TOLD = 4


@dataclass(frozen=True, eq=False)
class _Whole:
    """What the parts of one series of one source and geo gave, P parts, T periods with all their dates.

    Attributes
    ----------
    source, series, geo : int
    parts : (P,) ints
        Codes.
    periods : (T,) datetime64[D]
    rows : (P, T)
    value : (P, T)
    dates : int
        That a period usually has.
    """

    source: int
    series: int
    geo: int
    parts: IntArray
    periods: WeekArray
    rows: FloatArray
    value: FloatArray
    dates: int

    @property
    def lives(self) -> BoolArray:
        """From the first to the last period of each part, (P, T)."""
        there = self.rows > 0
        begun = np.logical_or.accumulate(there, axis=1)
        return np.asarray(begun & np.logical_or.accumulate(there[:, ::-1], axis=1)[:, ::-1])


@dataclass(frozen=True)
class _Gap:
    """Periods in which a part has too few rows.

    Attributes
    ----------
    source, geo, part : int
        Codes.
    periods : tuple
    had, usual : int
        Rows in these periods, and in as many others.
    """

    source: int
    geo: int
    part: int
    periods: tuple[np.datetime64, ...]
    had: int
    usual: int


def warn_of_absent_parts(
    pieces: Pieces, geos: tuple[str, ...], names: SeriesNames, periods: Periods, spec: PanelSpec, log: ReadingLog
) -> None:
    """Warn of weeks in which a part that always reports has no rows, or far fewer; say what it usually brings.

    Parameters
    ----------
    pieces : Pieces
        Settled: those that are used stand in the panel.
    geos : tuple of str
    names : SeriesNames
    periods : Periods
    spec : PanelSpec
    log : ReadingLog
        A warning a source; a note where many parts of it pause now and then.
    """
    events = {name for name, one in spec.sources.items() if one.events is not None}
    found: dict[int, dict[_Gap, list[tuple[int, float, float]]]] = {}
    regular: dict[int, set[int]] = {}
    pauses: dict[int, set[np.datetime64]] = {}
    for whole in _wholes(pieces, names, periods):
        if pieces.lines.sources[whole.source] in events:
            continue
        steady = np.flatnonzero(_steady(whole))
        regular.setdefault(whole.source, set()).update(whole.parts[steady].tolist())
        pauses.setdefault(whole.source, set()).update(_pauses(whole))
        for p in steady:
            for at in _gaps(whole.rows[p], whole.dates, alone=len(whole.parts) == 1):
                gap, brings, share = _measured(whole, int(p), at)
                if share >= _SMALL and _whole_falls(whole, at, gap):
                    found.setdefault(whole.source, {}).setdefault(gap, []).append((whole.series, brings, share))
    for s, gaps in found.items():
        torn = len({gap.part for gap in gaps})
        sold = any(names.all[n][0] is Role.OUTCOME for brings in gaps.values() for n, _, _ in brings)
        times = len({gap.periods for gap in gaps}) if sold else len(pauses[s])
        usual = times >= _PAUSE and (not sold or torn > _PAUSING * len(regular[s]))
        usual &= _together(gaps) < max(_PAUSE + 1, _TOGETHER * len(regular[s]))
        _say(s, gaps, usual, pieces, geos, names, periods, spec, log)


def _wholes(pieces: Pieces, names: SeriesNames, periods: Periods) -> Iterator[_Whole]:
    """Yield what parts there are of each series, source and geo, by whole periods."""
    lines = pieces.lines
    summed = np.asarray([role in SUMMED for role, _, _ in names.all] + [False])
    usable = np.flatnonzero(pieces.used & summed[pieces.series])
    line, first = np.unique(pieces.line[usable], return_index=True)
    piece = usable[first]
    part = _part_codes(lines)[line]
    keys = [pieces.source[piece], pieces.series[piece], pieces.geo[piece]]
    order = np.lexsort([part, *keys[::-1]])
    bounds = np.flatnonzero(np.any([np.diff(key[order]) != 0 for key in keys], axis=0)) + 1
    for own in np.split(order, bounds) if len(order) else []:
        parts, of_part = np.unique(part[own], return_inverse=True)
        axis, at = np.unique(periods.starts(lines.first[line[own]]), return_inverse=True)
        shape = (len(parts), len(axis))
        if shape[1] < 2 * _SOME:
            continue
        days = np.unique(lines.first[line[own]])
        dates = np.bincount(np.searchsorted(axis, days, side="right") - 1, minlength=shape[1])
        usual = int(np.median(dates))
        cell = of_part * shape[1] + at
        sums = [
            np.bincount(cell, weights, int(np.prod(shape))).reshape(shape)[:, dates >= usual]
            for weights in (lines.rows[line[own]].astype(np.float64), np.nan_to_num(pieces.value[piece[own]]))
        ]
        one = piece[own[0]]
        yield _Whole(
            int(pieces.source[one]), int(pieces.series[one]), int(pieces.geo[one]), parts, axis[dates >= usual],
            sums[0], sums[1], usual,
        )  # fmt: skip


def _part_codes(lines: Lines) -> IntArray:
    """Return what part each line is of, (L,): its label, its name of a part, and its geo as written, where it has them.

    Spellings that look the same are one part: it has the number of the first of them.
    """
    label, part, geo = (_first_of_look(words) for words in (lines.label, lines.part, lines.geo))
    named = np.where(part == NONE, 0, len(lines.label.texts) + part + 1)
    return np.where(label == NONE, named, label + 1) * (len(lines.geo.texts) + 1) + geo + 1


def _name_of(part: int, lines: Lines, geo: str) -> str:
    """Name a part, ``'Brand' of 'Radom'``: empty where nothing but the panel's geo names it."""
    name, place = divmod(part, len(lines.geo.texts) + 1)
    texts = [("", *lines.label.texts, *lines.part.texts)[name], ("", *lines.geo.texts)[place]]
    if look_key(texts[1]) == look_key(geo):
        texts.pop()
    return " of ".join(f"'{safe(text)}'" for text in texts if text)


def _first_of_look(words: Words) -> IntArray:
    """Return codes in which texts that look the same share that of the first, (L,)."""
    first: dict[str, int] = {}
    same = [first.setdefault(look_key(text), i) for i, text in enumerate(words.texts)]
    return np.asarray([*same, NONE], dtype=np.int64)[words.codes]


def _steady(whole: _Whole) -> BoolArray:
    """Say which parts have mostly the same number of rows as in the period before, and once fewer, (P,)."""
    rows, lives = whole.rows, whole.lives
    if rows.shape[1] < 2 * _SOME:
        return np.zeros(len(rows), dtype=bool)
    both = lives[:, 1:] & lives[:, :-1]
    same = both & (rows[:, 1:] == rows[:, :-1])
    return np.asarray(same.sum(axis=1) >= np.maximum(_STEADY * both.sum(axis=1), _SOME))


def _together(gaps: Iterable[_Gap]) -> int:
    """Return how many parts at most have the same gap, as when an account is left out of an export."""
    parts: dict[tuple[np.datetime64, ...], set[int]] = {}
    for gap in gaps:
        parts.setdefault(gap.periods, set()).add(gap.part)
    return max(map(len, parts.values()))


def _pauses(whole: _Whole) -> WeekArray:
    """Return the periods from which on some part has no row and comes back."""
    silent = (whole.rows[:, 1:] == 0) & whole.lives[:, 1:] & (whole.rows[:, :-1] > 0)
    return np.asarray(whole.periods[1:][silent.any(axis=0)])


def _gaps(rows: FloatArray, dates: int, *, alone: bool) -> list[IntArray]:
    """Return the periods of each gap in a part's number of rows, (T,); none where it pauses now and then.

    Parameters
    ----------
    alone : bool
        The source has no names of parts: then rows of a date are parts, and there must be several.
    """
    life = np.flatnonzero(rows)
    inner = rows[life[0] : life[-1] + 1]
    starts = np.concatenate([[0], np.flatnonzero(np.diff(inner)) + 1])
    stops = np.append(starts[1:], len(inner))
    levels = [(int(a), int(b), float(inner[a])) for a, b in zip(starts, stops, strict=True) if b - a >= _SOME]
    found = []
    for k, (first, stop, level) in enumerate(levels):
        again = next((one for one in levels[k + 1 :] if one[2] >= level), None)
        if again is None or again[2] > level or not 0 < again[0] - stop <= _LONGEST:
            continue
        missing = level - inner[stop : again[0]]
        deep = np.flatnonzero(missing >= max(1.0, dates / 2))
        if len(deep) and max(stop - first, again[1] - again[0]) >= _MANY and (level > dates or not alone):
            found.append(life[0] + stop + deep)
    return found if len(found) <= _GAPS else []


def _whole_falls(whole: _Whole, at: IntArray, gap: _Gap) -> bool:
    """Say whether all parts together have fewer rows too: otherwise another has taken the part's place."""
    every = whole.rows.sum(axis=0)
    usual = float(np.median(np.delete(every, at))) * len(at)
    return float(every[at].sum()) <= usual - (gap.usual - gap.had) / 2


def _measured(whole: _Whole, p: int, at: IntArray) -> tuple[_Gap, float, float]:
    """Return a gap, what the missing rows usually bring in it, and their share of a period's usual whole."""
    near = np.setdiff1d(np.arange(max(0, at[0] - 8), min(len(whole.periods), at[-1] + 9)), at)
    usual = float(np.median(whole.rows[p, near]))
    missing = usual * len(at) - float(whole.rows[p, at].sum())
    brings = float(np.median(whole.value[p, near])) * missing / usual
    every = float(np.median(whole.value[:, near].sum(axis=0))) * len(at)
    gap = _Gap(
        whole.source, whole.geo, int(whole.parts[p]), tuple(whole.periods[at]),
        int(whole.rows[p, at].sum()), int(usual * len(at)),
    )  # fmt: skip
    return gap, brings, brings / every if every > 0 else 0.0


def _say(
    s: int,
    gaps: dict[_Gap, list[tuple[int, float, float]]],
    usual: bool,  # noqa: FBT001
    pieces: Pieces,
    geos: tuple[str, ...],
    names: SeriesNames,
    periods: Periods,
    spec: PanelSpec,
    log: ReadingLog,
) -> None:
    """Tell the gaps of one source, the largest first."""
    source = pieces.lines.sources[s]
    ranked = sorted(gaps.items(), key=lambda item: -max(share for _, _, share in item[1]))
    told = [_told(gap, brings, pieces, geos, names, periods, spec) for gap, brings in ranked]
    torn = {gap.part for gap in gaps}
    if usual:
        log.repaired(
            "parts_pause",
            f"{counted(len(torn), 'part')} of the source that otherwise report every {periods.noun} pause now and "
            f"then: {listed(told, _TOLD)}.",
            where=f"source {source}",
            do="Nothing, if campaigns were stopped or stores closed then; otherwise ask for the missing rows.",
        )
        return
    log.warned(
        "part_absent",
        f"A part that reports every {periods.noun} before and after is missing: {listed(told, _TOLD)}.",
        where=f"source {source}, {_before(ranked[0][0], pieces)}",
        means=f"If these rows are missing from the export, the {periods.noun}'s figure is too low, and the fall is "
        "credited to whatever else moved then.",
        do="Ask for the missing rows; nothing, if it was closed or stopped then.",
    )


def _before(gap: _Gap, pieces: Pieces) -> str:
    """Name the last row of the part before its gap."""
    lines = pieces.lines
    own = (lines.source == gap.source) & (_part_codes(lines) == gap.part) & (lines.first < gap.periods[0])
    at = np.flatnonzero(own)
    return f"after {lines.place(int(at[np.argmax(lines.first[at])]))}"


def _told(
    gap: _Gap,
    brings: list[tuple[int, float, float]],
    pieces: Pieces,
    geos: tuple[str, ...],
    names: SeriesNames,
    periods: Periods,
    spec: PanelSpec,
) -> str:
    """Say one gap: which part, which periods, how many rows, and what they usually bring."""
    geo = geos[gap.geo] if gap.geo != NONE else ""
    who = _name_of(gap.part, pieces.lines, geo) or "it"
    place = f" in '{safe(geo)}'" if geo and len(geos) > 1 else ""
    what = "no row" if gap.had == 0 else f"{gap.had:,} of the usual {gap.usual:,} rows"
    figures = []
    for n, amount, share in brings[:3]:
        role, _, column = names.all[n]
        money = f" {spec.currency}" if is_money(role, spec) else ""
        figures.append(f"{amount:,.2f}{money} of {column} ({100 * share:.0f} %)")
    missing = "such rows usually bring" if gap.had == 0 else "the missing ones usually bring"
    return f"{who}{place} has {what} in {_weeks(gap.periods, periods.noun)}; {missing} {' and '.join(figures)}"


def _weeks(some: tuple[np.datetime64, ...], noun: str) -> str:
    """Name periods: ``the week of 2024-02-19``."""
    return f"the {noun}{'' if len(some) == 1 else 's'} of {listed(some)}"
