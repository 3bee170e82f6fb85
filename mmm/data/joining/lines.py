"""The figures of all sources as plain arrays, in an order that neither sources nor files decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from mmm.arrays import IntArray, WeekArray
from mmm.data.joining.file_names import file_keys
from mmm.data.sources.facts import Facts, SourceFile

#: Code of a text that is not given.
NONE = -1


@dataclass(frozen=True, eq=False)
class Words:
    """Texts of one column, and the number of each line's.

    Attributes
    ----------
    texts : tuple of str
        Sorted, without repeats.
    codes : (L,) ints
        -1 where none is given.
    """

    texts: tuple[str, ...]
    codes: IntArray

    @classmethod
    def of(cls, column: pa.ChunkedArray) -> Words:
        """Number the texts of a column."""
        encoded = pa.chunked_array(column, type=pa.string()).combine_chunks().dictionary_encode()
        if isinstance(encoded, pa.ChunkedArray):  # an empty table
            encoded = encoded.combine_chunks()
        found = encoded.dictionary.to_pylist()
        texts = sorted(set(found))
        place = {text: i for i, text in enumerate(texts)}
        rank = np.asarray([place[text] for text in found] + [NONE], dtype=np.int64)
        raw = encoded.indices.fill_null(len(found)).to_numpy(zero_copy_only=False).astype(np.int64)
        return cls(tuple(texts), rank[raw])

    def take(self, order: IntArray) -> Words:
        """Return the words of these lines, in this order."""
        return Words(self.texts, self.codes[order])

    def keyed(self, key: Sequence[str]) -> IntArray:
        """Return codes that are equal where the keys of the texts are, (L,).

        Parameters
        ----------
        key : sequence of str
            Of each text.
        """
        place = {text: i for i, text in enumerate(sorted(set(key)))}
        return np.asarray([*(place[text] for text in key), NONE], dtype=np.int64)[self.codes]


@dataclass(frozen=True, eq=False)
class Lines:
    """L figures of S sources.

    Attributes
    ----------
    sources : S names, sorted
    files : tuple of (source number, SourceFile)
        F files, by source and then in the order of :func:`mmm.data.joining.file_names.file_keys`.
    source, file : (L,) ints
    row, last_row, rows : (L,) ints
        Lines of the file, and how many rows were added up.
    first, last : (L,) datetime64[D]
        Days that a figure covers, both included.
    geo, label, metric, currency : Words
    value : (L,)
        NaN where the cell is empty.
    part : Words
        Of a wide source whose rows add up, as a till's store, where a column tells.
    """

    sources: tuple[str, ...]
    files: tuple[tuple[int, SourceFile], ...]
    source: IntArray
    file: IntArray
    row: IntArray
    last_row: IntArray
    rows: IntArray
    first: WeekArray
    last: WeekArray
    geo: Words
    label: Words
    metric: Words
    currency: Words
    value: np.typing.NDArray[np.float64]
    part: Words

    def __len__(self) -> int:
        return len(self.value)

    @classmethod
    def of(cls, facts: Sequence[Facts]) -> Lines:
        """Put the figures of all sources together."""
        ordered = sorted(facts, key=lambda one: one.source)
        files: list[tuple[int, SourceFile]] = []
        numbers: list[IntArray] = []
        for s, one in enumerate(ordered):
            keys = file_keys([file.name for file in one.files])
            rank = sorted(range(len(one.files)), key=keys.__getitem__)
            place = np.empty(len(rank) + 1, dtype=np.int64)
            place[rank] = np.arange(len(rank)) + len(files)
            numbers.append(place[one.table["file"].to_numpy().astype(np.int64)])
            files += [(s, one.files[i]) for i in rank]
        table = pa.concat_tables([one.table for one in ordered])
        file = np.concatenate(numbers)
        source = np.repeat(np.arange(len(ordered)), [len(one.table) for one in ordered])

        def ints(name: str) -> IntArray:
            return np.asarray(table[name].to_numpy().astype(np.int64))

        def days(name: str) -> WeekArray:
            return np.asarray(table[name].to_numpy().astype("datetime64[D]"))

        geo, label, metric, currency = (Words.of(table[name]) for name in ("geo", "label", "metric", "currency"))
        part = Words.of(
            pa.chunked_array(
                [pa.nulls(len(one.table), pa.string()) if one.parts is None else one.parts for one in ordered],
                pa.string(),
            )
        )
        value = table["value"].cast(pa.float64()).to_numpy().astype(np.float64)
        row, last_row, rows, first, last = (
            ints("row"),
            ints("last_row"),
            ints("rows"),
            days("first_day"),
            days("last_day"),
        )
        words = np.zeros(len(value), dtype=np.int64)
        for word in (geo, label, metric, currency):
            words = words * (len(word.texts) + 1) + word.codes + 1
        spans = first.astype(np.int64) * 100_000 + (last - first).astype(np.int64)
        order = np.lexsort((value, words, spans, last_row, row, file))
        return cls(
            tuple(one.source for one in ordered),
            tuple(files),
            source[order],
            file[order],
            row[order],
            last_row[order],
            rows[order],
            first[order],
            last[order],
            geo.take(order),
            label.take(order),
            metric.take(order),
            currency.take(order),
            value[order],
            part.take(order),
        )

    def place(self, i: int) -> str:
        """Name a line's place for a message: file, row or rows."""
        rows = f"row {self.row[i]}" if self.row[i] == self.last_row[i] else f"rows {self.row[i]} to {self.last_row[i]}"
        return f"{self.files[self.file[i]][1].name}, {rows}"

    def groups(self) -> tuple[IntArray, IntArray]:
        """Number the rows (or rows added up) that lines come from.

        Returns
        -------
        group : (L,) ints
        rows : (number of groups,) ints
            Rows of the file in each.
        """
        alone = self.row == self.last_row
        keys = [np.where(alone, 0, key) for key in (self.label.codes, self.geo.codes)]
        keys += [np.where(alone, 0, day.astype(np.int64)) for day in (self.last, self.first)]
        keys += [self.last_row, self.row, self.file]
        order = np.lexsort(keys)
        fresh = np.ones(len(self), dtype=bool)
        fresh[1:] = np.any([np.diff(key[order]) != 0 for key in keys], axis=0)
        group = np.empty(len(self), dtype=np.int64)
        group[order] = np.cumsum(fresh) - 1
        rows = np.zeros(int(fresh.sum()), dtype=np.int64)
        np.maximum.at(rows, group, self.rows)
        return group, rows
