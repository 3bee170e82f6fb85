"""What is known of rows that may be totals of others: their names, and whether figures are the sum of some."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from mmm.arrays import BoolArray, FloatArray, IntArray, WeekArray
from mmm.data.numbers import Kind, read_cell
from mmm.data.reading import Reading, name_key
from mmm.data.table import TextTable
from mmm.data.total_words import Sure, is_blank, total_word

#: Different cells by which a column is taken for names or for numbers.
_SEEN = 200


@dataclass(frozen=True, eq=False)
class Amount:
    """Figures that add up.

    Attributes
    ----------
    name : str
    values : (N,)
        NaN where a row has none.
    is_money : bool
    """

    name: str
    values: FloatArray
    is_money: bool


@dataclass(frozen=True, eq=False)
class TotalRows:
    """Rows that repeat others, (M,) places, and why they were set aside."""

    at: IntArray
    reason: str


@dataclass(frozen=True, eq=False)
class Dated:
    """What is known of a table whose rows may be totals of others.

    Attributes
    ----------
    table : TextTable
    days : (N,) datetime64[D]
        Of each row; rows of one day are one group.
    amounts : sequence of Amount
        Of all columns that add up.
    figures : collection of int
        Columns that are read as figures or dates: no names.
    named : collection of int
        Columns of geos, channels and the like that are read.
    fixed : collection of int
        Columns that always part rows, as the metric of each.
    passed : collection of int
        Columns in which no total is looked for: their values are declared.
    declared : callable
        Whether a cell of a column is a name that the model file has.
    meant : (N,) bool
        False for rows that are set aside already.
    reading : Reading
    key : str
        How the key is called, as in ``data.totals``.
    """

    table: TextTable
    days: WeekArray
    amounts: Sequence[Amount]
    figures: Collection[int]
    named: Collection[int]
    meant: BoolArray
    reading: Reading
    fixed: Collection[int] = ()
    passed: Collection[int] = ()
    declared: Callable[[int, str], bool] = lambda _, __: False
    key: str = "data.totals"


@dataclass(eq=False)
class Names:
    """The names in a table's rows, and its figures.

    Attributes
    ----------
    dated : Dated
    """

    dated: Dated
    _codes: dict[int, tuple[IntArray, dict[str, int]]] = field(default_factory=dict)
    _free: dict[int, BoolArray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.table, self.days = self.dated.table, self.dated.days
        self.left = self.dated.meant.copy()
        others = [i for i in range(len(self.table.header)) if i not in self.dated.figures]
        self.cells = {i: [cell.strip() for cell in self.table.column(i)] for i in others}
        self.different = {i: frozenset(cells) for i, cells in self.cells.items()}
        self.dims = [i for i in others if i in self.dated.named or i in self.dated.fixed or self._holds_names(i)]
        money = [one for one in self.dated.amounts if one.is_money]
        self.money, self.judged = bool(money), money or list(self.dated.amounts)

    def _holds_names(self, i: int) -> bool:
        """Say whether a column that is not read holds names: more than numbers and blanks."""
        some = list(islice((cell for cell in self.different[i] if cell), _SEEN))
        return sum(read_cell(cell).kind is Kind.NUMBER for cell in some) * 2 < len(some)

    def code(self, i: int) -> tuple[IntArray, dict[str, int]]:
        """Return a column's names as numbers, (N,), and the number of each name."""
        if i not in self._codes:
            keys = {cell: name_key(cell) for cell in self.different[i]}
            numbers = {key: n for n, key in enumerate(sorted(set(keys.values())))}
            of = {cell: numbers[key] for cell, key in keys.items()}
            self._codes[i] = np.asarray([of[cell] for cell in self.cells[i]], dtype=np.int64), numbers
        return self._codes[i]

    def free_in(self, d: int) -> BoolArray:
        """Say in which rows a cell tells nothing about which others the row is the sum of, (N,)."""
        if d not in self._free:
            codes, numbers = self.code(d)
            told = d not in self.dated.fixed
            none = [told and (is_blank(key) or total_word(key) is Sure.YES) for key in numbers]
            self._free[d] = np.asarray(none, dtype=bool)[codes]
        return self._free[d]

    def agree(self, at: IntArray, sums: Sequence[FloatArray], n: IntArray, base: IntArray) -> BoolArray:
        """Say which rows equal sums of n rows: in all money, or, without money, in some figure that is not zero."""
        if not self.judged:
            return np.zeros(len(at), dtype=bool)
        agree, some = [], []
        for one, total in zip(self.judged, sums, strict=True):
            value = one.values[at]
            known = np.isfinite(value)
            rounded = (_step(value) + n * _step(one.values[base])) / 2  # both are written with so many decimals
            off = np.abs(np.nan_to_num(value) - total)
            agree.append(~known | (off <= rounded * (n > 0) + 1e-9 * np.maximum(1.0, np.abs(total))))
            some.append(known & (np.nan_to_num(value) != 0))
        every = np.all(agree, axis=0)
        if self.money:
            return np.asarray(every)
        return np.asarray(every | np.any(np.asarray(agree) & np.asarray(some), axis=0))


def _step(values: FloatArray) -> float:
    """Return the size of the last decimal that figures are written with: 1, 0.1 or 0.01."""
    known = values[np.isfinite(values)]
    for decimals in (0, 1):
        if np.all(np.abs(known - np.round(known, decimals)) <= 1e-9 * np.maximum(1.0, np.abs(known))):
            return float(10.0**-decimals)
    return 0.01
