"""Which row of a database gave a part of a cell: by its number, or by what it holds where rows come in no order."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pyarrow as pa

from mmm.arrays import IntArray
from mmm.data.reading import name_key
from mmm.data.room.trace import Part
from mmm.data.sources.draft import Draft
from mmm.data.table import TextTable

_SAME = 1e-9


@dataclass(frozen=True, eq=False)
class DatabaseRows:
    """The rows that a table or a query gives now, with the figures that were read from them.

    Attributes
    ----------
    table : TextTable
        Columns that the model reads.
    draft : Draft
        The same rows, understood.
    given : set of int
        Records that stand for a part already: two parts alike are two rows.
    """

    table: TextTable
    draft: Draft
    given: set[int] = field(default_factory=set)

    def find(self, part: Part) -> tuple[int, ...]:
        """Return the places in ``table`` of the rows that gave a part; none where no row holds its days and figure."""
        own = self._fitting(part, np.flatnonzero((self.draft.row >= part.row) & (self.draft.row <= part.last_row)))
        if not len(own):  # the same rows may come in another order: a query without ORDER BY promises none
            every = self._fitting(part, np.arange(len(self.draft.row)))
            own = np.asarray([i for i in every.tolist() if i not in self.given][:1], dtype=np.int64)
        self.given.update(own.tolist())
        return tuple(self._place[int(row)] for row in self.draft.row[own])

    @cached_property
    def _place(self) -> dict[int, int]:
        return {row: i for i, row in enumerate(self.table.rows)}

    def _fitting(self, part: Part, at: IntArray) -> IntArray:
        """Return those of some records that are of a part's days and label and hold its figure."""
        draft, label = self.draft, name_key(part.label)
        days = draft.days[at]
        at = at[(days >= np.datetime64(part.first_day)) & (days <= np.datetime64(part.last_day)) & draft.used[at]]
        labels = draft.label.take(pa.array(at)).to_pylist()
        at = at[np.asarray([name_key(text or "") == label for text in labels], dtype=np.bool_)]
        holds = np.zeros(len(at), dtype=np.bool_)
        for one in draft.figures:
            there = np.isin(at, one.at)
            values = one.values[np.searchsorted(one.at, at[there])]
            if part.original is None:
                holds[there] |= np.isnan(values)
            else:
                holds[there] |= np.abs(values - part.original) <= _SAME * max(1.0, abs(part.original))
        return np.asarray(at[holds], dtype=np.int64)
