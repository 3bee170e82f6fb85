"""Rows that carry a date and repeat others: a total of a date's regions or campaigns, a summary of a whole period.

A word for total in the place of a name is not enough (a brand is called Total), and figures alone are not either. Where
both agree, the row is set aside; where a sure word stands and the figures do not add up, that is a question.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mmm.arrays import BoolArray, IntArray
from mmm.data.log import ReadingLog, counted, listed
from mmm.data.period_totals import summaries
from mmm.data.privacy import safe
from mmm.data.reading import Totals, name_key
from mmm.data.total_names import Dated, Names, TotalRows
from mmm.data.total_words import Sure, is_blank, total_word, totalled
from mmm.exceptions import DataError

#: Share of the total rows of one word that must add up for the others to be totals too.
_NEARLY_ALL = 0.8
#: Rows by which a mere likeness is tried before all are looked at; the share of them, and then of all, that adds up.
_TRIED, _SOME, _CLEAR = 5, 0.6, 0.95
#: Different figures by which a mere likeness is more than one coincidence.
_VARIED = 5
#: Different cells up to which each is looked at, and characters of the longest.
_MOST, _LONGEST = 50_000, 60


def find_totals(dated: Dated, log: ReadingLog) -> list[TotalRows]:
    """Find the rows that repeat others of their date, or of all dates of their period.

    Parameters
    ----------
    dated : Dated
    log : ReadingLog
        A warning where a total differs from its rows.

    Raises
    ------
    DataError
        A word for total stands in a row whose figures are no sum, or a row covers the dates of others.
    """
    if dated.reading.totals is Totals.KEEP:
        return []
    names = Names(dated)
    return [*summaries(names), *_Search(names, log).words()]


@dataclass(frozen=True, eq=False)
class _Compared:
    """Candidates against the rows that they may be the sum of, (M,) each."""

    adds: BoolArray
    beside: IntArray
    tested: BoolArray
    some: BoolArray


class _Search:
    """Looks for totals in one table; what is found no longer counts as a part of others."""

    def __init__(self, names: Names, log: ReadingLog) -> None:
        self.names, self.log = names, log
        self.dated, self.table, self.days = names.dated, names.table, names.days

    def words(self) -> Iterator[TotalRows]:
        """Yield the totals of each date, word by word: sure words first, then likely ones."""
        told: dict[Sure, list[tuple[int, str]]] = {Sure.YES: [], Sure.MAYBE: []}
        for i in self.names.dims:
            if i in self.dated.passed or i in self.dated.fixed:
                continue
            for key, kind in self._likely(i):
                told[kind].append((i, key))
        if not any(told.values()):
            return
        sure = self._any(told[Sure.YES])
        every = sure | self._any(told[Sure.MAYBE])
        for kind, found in told.items():
            for i, key in found:
                alike = [self._has(i, other) for at, other in found if at == i]
                yield from self._judged(i, key, kind, [sure | np.any(alike, axis=0), every, self._has(i, key)])

    def _likely(self, i: int) -> list[tuple[str, Sure]]:
        """Return the cells of a column that may stand for a total; not where the whole column says one thing."""
        cells = self.names.different[i]
        if len(cells) < 2 or len(cells) > _MOST:
            return []
        found = [(cell, total_word(cell)) for cell in sorted(cells) if cell and len(cell) <= _LONGEST]
        likely = {name_key(cell): sure for cell, sure in found if sure is not None}
        blank = [name_key(cell) for cell in cells if is_blank(cell)]
        if blank and 2 * sum(is_blank(cell) for cell in self.names.cells[i]) <= len(self.table):
            likely |= dict.fromkeys(blank, Sure.MAYBE)
        return list(likely.items())

    def _has(self, i: int, key: str) -> BoolArray:
        codes, numbers = self.names.code(i)
        return np.asarray(codes == numbers[key])

    def _any(self, words: Sequence[tuple[int, str]]) -> BoolArray:
        """Return which rows have one of some words, (N,); an empty cell is no word."""
        found = np.zeros(len(self.table), dtype=bool)
        for i, key in words:
            if key:
                found |= self._has(i, key)
        return found

    def _judged(self, i: int, key: str, sure: Sure, apart: list[BoolArray]) -> Iterator[TotalRows]:
        """Decide what the rows of one word are; ``apart`` are rows that may be no part of it, one choice each."""
        at = np.flatnonzero(self._has(i, key) & self.names.left)
        if not len(at):
            return
        if sure is Sure.MAYBE and self._compared(at[:_TRIED], i, apart, sure).adds.mean() < _SOME:
            return
        found = self._compared(at, i, apart, sure)
        judged = found.tested & ((found.beside > 0) | found.some)
        share = found.adds[judged].mean() if judged.sum() > 1 else 0.0
        whole = share > _CLEAR and np.median(found.beside[judged]) > 1
        declared = self.dated.declared(i, key)
        if not (found.beside > 0).any() or ((declared or sure is Sure.MAYBE) and not whole):
            return  # a name of its own
        leave_out = self.dated.reading.totals is Totals.LEAVE_OUT
        if not leave_out:
            if sure is Sure.MAYBE and self._is_flat(at):
                self._say_flat(i, at)
                return
            self._ask(i, at, found, judged, declared=declared)
        self._say_different(i, at[judged & ~found.adds])
        self.names.left[at] = False
        cell = safe(self.names.cells[i][at[0]])
        shown = f"'{cell}'" if cell else "an empty cell"
        where = f"the column '{safe(self.table.header[i])}'"
        yield TotalRows(at, f"{shown} in {where} stands for a total of other rows of the date")

    def _ask(self, i: int, at: IntArray, found: _Compared, judged: BoolArray, *, declared: bool) -> None:
        """Refuse a word for total whose figures say otherwise."""
        row = int(at[0])
        shown = f"'{safe(self.names.cells[i][row])}'"
        wrong = judged & ~found.adds
        if declared:
            says = f"{shown} is named in the model file, and is the sum of each date's other rows: it counts twice"
        elif not self.names.judged:
            says = f"{shown} looks like a total of the date's other rows, and no figure of the source can show it"
        elif judged.any() and found.adds[judged].mean() < _NEARLY_ALL:
            row = int(at[wrong][0])
            many = f"{counted(int(wrong.sum()), 'row')} of {judged.sum():,}"
            says = f"{shown} looks like a total, and in {many} its figures are not the sum of the date's other rows"
        elif (wrong & (found.beside == 0) & found.some).any():
            row = int(at[wrong & (found.beside == 0) & found.some][0])
            says = f"{shown} is a total of other rows, and on this date ({self.days[row]}) there are no others"
        else:
            return
        raise DataError(
            says,
            where=self.table.place(row, safe(self.table.header[i])),
            do=f"Declare {self.dated.key}: leave_out if these rows repeat others, or {self.dated.key}: keep if it is a "
            "name of its own.",
        )

    def _say_different(self, i: int, at: IntArray) -> None:
        if not len(at):
            return
        self.log.warned(
            "total_differs",
            f"{counted(len(at), 'total row')} of a date {'differs' if len(at) == 1 else 'differ'} from the sum of its "
            f"other rows: {listed(self.days[at])}.",
            where=self.table.place(int(at[0]), safe(self.table.header[i])),
            means="Rows of these dates may be missing from the file.",
            do="Compare the file with the system it came from.",
        )

    def _is_flat(self, at: IntArray) -> bool:
        """Say whether rows hold hardly more than one figure: the same budget every day is a sum once, by chance."""
        return all(len(np.unique(np.nan_to_num(one.values[at]))) < _VARIED for one in self.names.judged)

    def _say_flat(self, i: int, at: IntArray) -> None:
        cell = safe(self.names.cells[i][at[0]])
        shown = f"'{cell}'" if cell else "An empty cell"
        self.log.warned(
            "may_be_total",
            f"{shown} in the column '{safe(self.table.header[i])}' stands beside other rows of the date, always "
            f"with the same sum, in {counted(len(at), 'row')}; it was taken as a name of its own.",
            where=self.table.place(int(at[0]), safe(self.table.header[i])),
            means="If it is a total of the others, its figures count twice.",
            do=f"Declare {self.dated.key}: leave_out if it is a total, {self.dated.key}: keep if it is none.",
        )

    def _compared(self, at: IntArray, i: int, apart: list[BoolArray], sure: Sure) -> _Compared:
        """Compare rows with the sums of others of their dates: of those that agree in all names, in some, in none.

        Where the word is not sure, a name that is read binds: a campaign without ad groups is no sum of others.
        """
        adds, beside = np.zeros(len(at), dtype=bool), np.zeros(len(at), dtype=np.int64)
        near = self.names.left & np.isin(self.days, self.days[at])
        free = np.stack(
            [np.ones(len(at), dtype=bool) if d == i else self.names.free_in(d)[at] for d in self.names.dims], axis=1
        )
        patterns, which = np.unique(free, axis=0, return_inverse=True)
        for p, pattern in enumerate(patterns):
            own = np.flatnonzero(which.ravel() == p)
            bound = [d for d, is_free in zip(self.names.dims, pattern, strict=True) if not is_free]
            some = [d for d in bound if d in self.dated.named or d in self.dated.fixed]
            none = some if some and sure is Sure.MAYBE else [d for d in bound if d in self.dated.fixed]
            part = totalled(self.names.cells[i][at[own[0]]])
            codes, numbers = self.names.code(i)
            for out in apart:
                base = near & ~out
                bases = [base] if part not in numbers else [base, base & (codes == numbers[part])]
                for rows in bases:
                    for columns in dict.fromkeys(map(tuple, (bound, some, none))):
                        told, n = self._adds(at[own], np.flatnonzero(rows), columns)
                        better = told & ~adds[own]
                        beside[own] = np.where(better | (~adds[own] & (n > 0)), n, beside[own])
                        adds[own] |= told
        tested = np.any([np.isfinite(one.values[at]) for one in self.names.judged] or [np.zeros(len(at), bool)], axis=0)
        some_ = np.any([np.nan_to_num(one.values[at]) != 0 for one in self.names.judged] or [tested], axis=0)
        return _Compared(adds, beside, tested, some_)

    def _adds(self, at: IntArray, base: IntArray, columns: Sequence[int]) -> tuple[BoolArray, IntArray]:
        """Say which rows are the sum of those of their date that agree in some columns, and how many those are."""
        rows = np.concatenate([at, base])
        group = np.unique(self.days[rows], return_inverse=True)[1].astype(np.int64)
        for d in columns:
            codes = self.names.code(d)[0][rows]
            group = np.unique(group * (codes.max(initial=0) + 1) + codes, return_inverse=True)[1].astype(np.int64)
        own, of = group[: len(at)], group[len(at) :]
        size = int(group.max(initial=0)) + 1
        n = np.bincount(of, minlength=size)[own]
        sums = [np.bincount(of, np.nan_to_num(one.values[base]), minlength=size)[own] for one in self.names.judged]
        return self.names.agree(at, sums, n, base), n
