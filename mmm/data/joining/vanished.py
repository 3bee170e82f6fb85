"""Rows that a later file of the same days no longer has: a renamed campaign would otherwise count twice."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mmm.arrays import BoolArray, IntArray
from mmm.data.joining.lines import NONE, Lines
from mmm.data.joining.pieces import Pieces, Reason
from mmm.data.joining.resolve import money_of
from mmm.data.joining.restated import keys_of
from mmm.data.joining.spec import Restated
from mmm.data.log import counted, listed
from mmm.data.privacy import safe
from mmm.data.spec import PanelSpec
from mmm.exceptions import DataError

_VANISHED = Reason(
    "vanished_rows",
    "a later file of the source covers these days and no longer has the row",
    "Nothing, if the campaign was renamed or its figures were taken back; if the later file holds only some campaigns "
    "or accounts, list the files as sources of their own, with join.same.",
    "Were the row kept, a renamed campaign would count twice.",
)


def drop_vanished(pieces: Pieces, came: BoolArray, spec: PanelSpec) -> None:
    """Settle named rows of a file on days that a later file of the source, which repeats others of them, has without.

    Files that share no row (one an account, one a campaign) are parts, and are left alone; so are rows of zeros, which
    exports leave out, and rows without a name or geo.

    Parameters
    ----------
    pieces : Pieces
    came : (P,) bool
        Figures before repeats were settled.
    spec : PanelSpec

    Raises
    ------
    DataError
        There are such rows, and ``join.restated`` does not say that the later file holds.
    """
    lines = pieces.lines
    named = came & ((lines.label.codes != NONE) | (lines.geo.codes != NONE))
    keys = keys_of(lines, metric=False)
    gone = np.zeros(len(keys), dtype=bool)
    for key, f, g in _pairs(lines, keys, named):
        found = pieces.used & np.isin(keys, key)
        active = found & (np.nan_to_num(pieces.value) != 0)
        gone |= found & np.isin(keys, keys[active])
        if spec.join.restated is Restated.REFUSE and active.any():
            _refuse(pieces, active, f, g, spec)
    pieces.set_aside(gone, _VANISHED)


def _pairs(lines: Lines, keys: IntArray, named: BoolArray) -> Iterator[tuple[IntArray, int, int]]:
    """Yield (keys that the later file lacks, the earlier file, the later one) of files that share rows."""
    at = np.flatnonzero(named)
    order = at[np.lexsort((lines.file[at], keys[at]))]
    key, file = keys[order], lines.file[order]
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = (np.diff(key) != 0) | (np.diff(file) != 0)
    key, file, one = key[fresh], file[fresh], order[fresh]
    last = np.searchsorted(key, key, side="right") - 1
    follows = np.flatnonzero(np.diff(key) == 0)
    before = np.concatenate([follows, np.flatnonzero(last > np.arange(len(key)))])
    after = np.concatenate([follows + 1, last[last > np.arange(len(key))]])
    if not len(before):
        return
    for f, g in np.unique(np.stack([file[before], file[after]], axis=1), axis=0):
        newer = one[file == g]
        first, stop = lines.first[newer].min(), lines.last[newer].max()
        within = (file == f) & (lines.first[one] >= first) & (lines.last[one] <= stop)
        lacking = within & (file[last] < g)
        if lacking.any():
            yield key[lacking], int(f), int(g)


def _refuse(pieces: Pieces, active: BoolArray, f: int, g: int, spec: PanelSpec) -> None:
    lines = pieces.lines
    i = int(np.flatnonzero(active)[0])
    words = lines.label if lines.label.codes[i] != NONE else lines.geo
    many, older, newer = int(active.sum()), lines.files[f][1].name, lines.files[g][1].name
    names = listed(repr(safe(words.texts[code])) for code in np.unique(words.codes[active]) if code != NONE)
    money = money_of(pieces, active & (lines.currency.codes != NONE), spec)
    raise DataError(
        f"{counted(many, 'figure')} of {names}{f' ({money})' if money else ''} in {older} "
        f"{'lies' if many == 1 else 'lie'} on days that {newer} has too, without these rows; a renamed campaign would "
        "count twice",
        where=f"source {lines.sources[lines.source[i]]}, {lines.place(i)}",
        do="Declare join.restated: latest if the later file by its name holds for all of its days; if the files hold "
        "different campaigns or accounts, list them as sources of their own, with join.same.",
    )
