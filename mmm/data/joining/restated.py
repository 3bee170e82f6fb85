"""The same figure given twice by one source: repeats are set aside, restatements refused or, where declared, taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mmm.arrays import BoolArray, FloatArray, IntArray
from mmm.data.joining.file_names import Later, NameOrder
from mmm.data.joining.lines import NONE, Lines
from mmm.data.joining.look_alikes import plain_key
from mmm.data.joining.names import SeriesNames
from mmm.data.joining.pieces import Pieces, Reason
from mmm.data.joining.spec import Restated
from mmm.data.log import ReadingLog, counted, listed
from mmm.data.reading import name_key
from mmm.data.spec import PanelSpec
from mmm.exceptions import DataError

#: Relative difference below which two figures are the same.
_SAME = 1e-9
_REPEATED = Reason(
    "repeated_rows",
    "another file of the source holds the same figures",
    "Nothing, if the exports overlap; or remove the older file.",
)
_RESTATED = Reason(
    "restated_rows",
    "a later file of the source restates the figure",
    "Nothing, or remove the older file.",
)


@dataclass(frozen=True, eq=False)
class _Given:
    """What each file says under each key, K entries, by key and then by file.

    Attributes
    ----------
    key, file : (K,) ints
    value : (K,)
        Sum over the file's lines; NaN where all are empty.
    mark : (K,)
        The same with each currency weighed by another number: it differs where only the currency does.
    one : (K,) ints
        The first line of each.
    of_line : (L,) ints
        Entry of each line.
    """

    key: IntArray
    file: IntArray
    value: FloatArray
    mark: FloatArray
    one: IntArray
    of_line: IntArray


def settle_repeats(pieces: Pieces, names: SeriesNames, spec: PanelSpec, log: ReadingLog) -> None:
    """Settle figures that a source gives twice for the same days, geo, name and metric.

    Rows of one file are parts and add up: what stands twice in it was settled while it was read. Between files of a
    source the same figure is a repeat, and another one a restatement: of the file that is later in the order of names,
    numbers in them counting as numbers.

    Raises
    ------
    DataError
        A restatement where ``join.restated`` does not allow it.
    """
    keys = keys_of(pieces.lines)
    given = _given(pieces, keys)
    repeated = np.flatnonzero(np.diff(given.key) == 0)  # entry i and i + 1 share the key
    if not len(repeated):
        return
    first = np.searchsorted(given.key, given.key)  # first file of each key
    last = np.searchsorted(given.key, given.key, side="right") - 1
    same = _same(given, first)
    # Where one figure of a row is restated, the later file's whole row holds.
    row = _row_of_key(pieces.lines, keys)[given.key]
    torn_row = np.zeros(row.max() + 1, dtype=bool)
    np.logical_or.at(torn_row, row, ~same)
    many = last > first
    torn = torn_row[row] & many
    repeat = many & ~torn & (np.arange(len(first)) > first)
    restated = torn & (np.arange(len(first)) < last)
    if restated.any():
        _judge(pieces, given, torn, last, names, spec, log)
    pieces.set_aside(repeat[given.of_line], _REPEATED)
    pieces.set_aside(restated[given.of_line], _RESTATED)


def _same(given: _Given, other: IntArray) -> BoolArray:
    """Say which entries say the same as another entry, in the same currency, (K,)."""
    return _alike(given.value, given.value[other]) & _alike(given.mark, given.mark[other])


def _alike(a: FloatArray, b: FloatArray) -> BoolArray:
    """Say which figures are the same; two empty cells are."""
    both = np.isnan(a) & np.isnan(b)
    return np.asarray(both | (np.abs(a - b) <= _SAME * np.maximum(np.abs(a), np.abs(b))))


def _row_of_key(lines: Lines, keys: IntArray) -> IntArray:
    """Return, for each key, the number of its days, geo and name: its key without the metric."""
    without = keys_of(lines, metric=False)
    found = np.zeros(int(keys.max()) + 1, dtype=np.int64)
    found[keys] = without
    return found


def keys_of(lines: Lines, *, metric: bool = True) -> IntArray:
    """Number (source, days, geo, name, metric) of each line, (L,); without the metric where that is asked."""
    parts = [
        lines.metric.codes if metric else np.zeros(len(lines), dtype=np.int64),
        lines.label.keyed([name_key(text) for text in lines.label.texts]),
        lines.geo.keyed([plain_key(text) for text in lines.geo.texts]),
        lines.last.astype(np.int64),
        lines.first.astype(np.int64),
        lines.source,
    ]
    order = np.lexsort(parts)
    fresh = np.ones(len(lines), dtype=bool)
    fresh[1:] = np.any([np.diff(part[order]) != 0 for part in parts], axis=0)
    key = np.empty(len(lines), dtype=np.int64)
    key[order] = np.cumsum(fresh) - 1
    return key


def _given(pieces: Pieces, keys: IntArray) -> _Given:
    """Sum what each file says under each key, over lines that are used."""
    lines = pieces.lines
    there = np.flatnonzero(pieces.used)
    order = there[np.lexsort((lines.file[there], keys[there]))]
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = (np.diff(keys[order]) != 0) | (np.diff(lines.file[order]) != 0)
    entry = np.cumsum(fresh) - 1
    known = np.isfinite(lines.value[order])
    many = int(fresh.sum())
    amounts = np.where(known, lines.value[order], 0.0)
    value, mark = (
        np.bincount(entry, amounts, many),
        np.bincount(entry, amounts * (2 + lines.currency.codes[order]), many),
    )
    for sums in (value, mark):
        sums[np.bincount(entry, known, many) == 0] = np.nan
    of_line = np.zeros(len(lines), dtype=np.int64)
    of_line[order] = entry
    one = order[fresh]
    return _Given(keys[one], lines.file[one], value, mark, one, of_line)


def _judge(
    pieces: Pieces, given: _Given, torn: BoolArray, last: IntArray, names: SeriesNames, spec: PanelSpec, log: ReadingLog
) -> None:
    """Refuse restatements, or list what they change, source by source."""
    lines = pieces.lines
    older = np.flatnonzero(torn & (np.arange(len(last)) < last) & ~_same(given, last))
    newer = last[older]
    sources = lines.source[given.one[older]]
    for s in np.unique(sources):
        own = sources == s
        before, after = given.one[older[own]], given.one[newer[own]]
        pairs = sorted({(int(lines.file[a]), int(lines.file[b])) for a, b in zip(before, after, strict=True)})
        files = listed(f"{lines.files[a][1].name} and {lines.files[b][1].name}" for a, b in pairs)
        changes = _changes(pieces, before, given.value[older[own]], given.value[newer[own]], names)
        many = counted(int(own.sum()), "figure")
        if spec.join.restated is Restated.REFUSE:
            raise DataError(
                f"{many} differ{'s' if own.sum() == 1 else ''} between {files}: {changes}",
                where=f"source {lines.sources[s]}",
                do="Declare join.restated: latest to take the file that is later by its name, or remove the older one; "
                "if the files are parts of one whole (accounts, countries), list them as sources of their own, with "
                "join.same.",
            )
        _refuse_doubtful_order(lines, pairs)
        log.warned(
            "restated",
            f"{many} {'was' if own.sum() == 1 else 'were'} restated ({files}; the later by its name holds): {changes}.",
            where=f"source {lines.sources[s]}",
            means="What was fitted or planned on the earlier figures may no longer hold.",
            do="Ask why the figures changed, if the change is large; late conversions and credits are the usual cause.",
        )


def _refuse_doubtful_order(lines: Lines, pairs: Sequence[tuple[int, int]]) -> None:
    """Refuse to take a second file for the later where its name can be read two ways, or its figures end before."""
    source = lines.files[pairs[0][0]][0]
    own = [i for i, (s, _) in enumerate(lines.files) if s == source]
    order = NameOrder([lines.files[i][1].name for i in own])
    ends = np.zeros(len(lines.files), dtype=np.int64)
    np.maximum.at(ends, lines.file, lines.last.astype(np.int64))
    for first, second in pairs:
        surely = order.later(first - own[0], second - own[0])
        if surely is Later.DATED or (surely is Later.NAMED and ends[second] >= ends[first]):
            continue
        a, b = (lines.files[i][1].name for i in (first, second))
        why = "the date in a name can be read two ways"
        if surely is Later.NAMED:
            until, before = (np.datetime64(int(ends[i]), "D") for i in (second, first))
            why = f"{b} is it by its name, but its figures end on {until}, and those of {a} on {before}"
        raise DataError(
            f"which of {a} and {b} is the later export is not sure: {why}",
            where=f"source {lines.sources[source]}",
            do="Put the day of the export into the names, as 2024-03-31, or remove the older file.",
        )


def _changes(pieces: Pieces, line: IntArray, before: FloatArray, after: FloatArray, names: SeriesNames) -> str:
    """Say totals before and after by series, then the changes by period and series, the largest first."""
    series = pieces.series[line]
    old, new = np.nan_to_num(before), np.nan_to_num(after)
    totals = []
    for n in np.unique(series):
        mine = series == n
        totals.append(f"{names.all[n][2]} {old[mine].sum():,.2f} before, {new[mine].sum():,.2f} after")
    days = pieces.lines.first[line]
    by: dict[tuple[str, str], list[float]] = {}
    for day, n, a, b in zip(days, series, old, new, strict=True):
        both = by.setdefault((str(day), names.all[n][2]), [0.0, 0.0])
        both[0] += a
        both[1] += b
    ranked = sorted(by.items(), key=lambda item: (-abs(item[1][1] - item[1][0]), item[0]))
    told = [f"{day} {column} {a:,.2f} → {b:,.2f}" for (day, column), (a, b) in ranked]
    unit = " (money in the source's currency)" if (pieces.lines.currency.codes[line] != NONE).any() else ""
    return f"{'; '.join(totals)}{unit}; {listed(told, 6)}"
