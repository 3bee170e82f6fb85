"""Two exports in one file: dates on which every name stands twice, among dates on which each stands once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mmm.arrays import IntArray, WeekArray
from mmm.data.log import ReadingLog, counted
from mmm.data.privacy import safe
from mmm.data.sources.draft import Draft, amounts
from mmm.data.sources.layout import Layout
from mmm.data.sources.repeats import figure_columns
from mmm.data.sources.wording import money_told
from mmm.data.table import TextTable
from mmm.exceptions import DataError

#: Share of a date's names that stand twice where exports overlap, and the most elsewhere; how few dates say nothing.
_TWICE, _ELSEWHERE, _FEW = 0.9, 0.02, 2


def overlapping(days: WeekArray, names: IntArray, rows: IntArray) -> WeekArray:
    """Return the dates on which nearly all names stand twice, if they follow one another and no others are like them.

    Parameters
    ----------
    days : (N,) datetime64[D]
    names : (N,) int
        Who each line is of, on its date.
    rows : (N,) int
        How many rows each line is.

    Returns
    -------
    (D,) datetime64[D]
        Empty where there are none, or where they are the rule.
    """
    every, day = np.unique(days, return_inverse=True)
    who, first = np.unique(np.stack([day, names], axis=1), axis=0, return_inverse=True)
    times = np.bincount(first.ravel(), rows, len(who))
    share = np.bincount(who[:, 0], times == 2, len(every)) / np.bincount(who[:, 0], minlength=len(every))
    more = np.bincount(who[:, 0], times > 1, len(every)) / np.bincount(who[:, 0], minlength=len(every))
    at = np.flatnonzero(share >= _TWICE)
    if not _FEW <= len(at) <= len(every) // 2 or at[-1] - at[0] + 1 != len(at) or (more > _ELSEWHERE).sum() != len(at):
        return every[:0]
    return np.asarray(every[at])


def ask_about_overlap(
    draft: Draft, table: TextTable, layout: Layout, places: Mapping[str, int], currency: str, log: ReadingLog
) -> None:
    """Ask about dates that two exports in one file both have; of a source whose rows are said to add up, warn.

    Raises
    ------
    DataError
        Names the dates and the first row that stands there again.
    """
    figures = figure_columns(table, layout, places)
    keep = [i for i in range(len(table.header)) if i not in figures]
    used = np.flatnonzero(draft.used)
    known: dict[tuple[str, ...], int] = {}
    names = np.asarray(
        [known.setdefault(tuple(table.cells[i][k] for k in keep), len(known)) for i in used], dtype=np.int64
    )
    found = overlapping(draft.days[used], names, np.ones(len(used), dtype=np.int64))
    if len(found):
        within = used[np.isin(draft.days[used], found)]
        own = names[np.isin(draft.days[used], found)]
        again = within[np.setdiff1d(np.arange(len(own)), np.unique(own, return_index=True)[1])]
        tell_overlap(draft, found, again, layout, currency, log)


def tell_overlap(
    draft: Draft, days: WeekArray, again: IntArray, layout: Layout, currency: str, log: ReadingLog
) -> None:
    """Say that rows, (M,) places, stand on dates that have the same names already."""
    which = np.zeros(len(draft.used), dtype=bool)
    which[again] = True
    money = amounts(money_told(draft.money(which), currency))
    says = (
        f"on {counted(len(days), 'date')} ({days[0]} to {days[-1]}) nearly every name stands twice, with other "
        "figures, and on no other date: this looks like two exports in one file"
        f"{f'; the later rows have {money}' if money else ''}"
    )
    where = f"{draft.file}, row {draft.row[again].min()}, column {safe(layout.date)}"
    do = "Delete the older rows of these dates; or declare data.repeats: add if both count."
    if layout.source.repeats is None:
        raise DataError(says, where=where, do=do)
    log.warned(
        "overlapping_exports",
        f"{says[0].upper()}{says[1:]}.",
        where=where,
        means="If the later rows restate the earlier ones, these dates are counted twice.",
        do="Delete the older rows of these dates, if only the later ones hold.",
    )
