"""Rows over amounts and on/off switches: how constraints that need whole numbers are written down, free of any solver.

Columns are the decided amounts y (U, K) first, in their own scale, then switches (1 where something is spent) and
other whole numbers, in the order in which constraints ask for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from mmm.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class IntegerColumns:
    """The finished columns and rows ``low ≤ matrix @ v ≤ high``.

    Attributes
    ----------
    matrix : (rows, N) sparse
    low, high : (rows,)
    lower, upper : (N,)
        Box of each column.
    whole : (N,)
        Whether it is a whole number.
    owner : tuple of tuple of int
        The plan's rows that each column is about; empty where it is about several channels.
    """

    matrix: sp.csr_matrix
    low: FloatArray
    high: FloatArray
    lower: FloatArray
    upper: FloatArray
    whole: BoolArray
    owner: tuple[tuple[int, ...], ...]


class IntegerRows:
    """Collects columns and rows.

    Parameters
    ----------
    per_y : (U, K)
        Money of one unit of each amount.
    upper : (U, K)
        Box above each amount; below it is 0.
    """

    def __init__(self, per_y: FloatArray, upper: FloatArray) -> None:
        self.per_y = np.broadcast_to(per_y, upper.shape)
        self.upper = upper
        self.amount: IntArray = np.arange(upper.size).reshape(upper.shape)
        #: Switches by the plan's rows that they are about: (K,) columns each.
        self.switches: dict[tuple[int, ...], IntArray] = {}
        self._box: list[tuple[float, float, bool, tuple[int, ...]]] = []
        for u, row in enumerate(upper):
            self._box += [(0.0, float(most), False, (u,)) for most in row]
        self._rows: list[tuple[IntArray, FloatArray, float, float]] = []

    def add(self, columns: Sequence[int] | IntArray, factors: FloatArray | float, low: float, high: float) -> None:
        """Add ``low ≤ Σ factors · columns ≤ high``."""
        picked = np.asarray(columns, dtype=np.int64)
        self._rows.append((picked, np.broadcast_to(np.asarray(factors, dtype=np.float64), picked.shape), low, high))

    def column(self, most: float, owner: tuple[int, ...], *, whole: bool = True) -> int:
        """Add a column between 0 and ``most`` and return its number."""
        self._box.append((0.0, most, whole, owner))
        return len(self._box) - 1

    def switch(self, rows: tuple[int, ...]) -> IntArray:
        """Return the columns, (K,), that are 1 where any of some rows of the plan spends something."""
        if rows not in self.switches:
            periods = self.upper.shape[1]
            on = np.array([self.column(1.0, rows) for _ in range(periods)])
            for u in rows:
                for k in range(periods):
                    self.add([self.amount[u, k], on[k]], np.array([1.0, -self.upper[u, k]]), -np.inf, 0.0)
            self.switches[rows] = on
        return self.switches[rows]

    def finished(self) -> IntegerColumns:
        """Return what was collected."""
        size = len(self._box)
        index = np.repeat(np.arange(len(self._rows)), [len(row[0]) for row in self._rows])
        empty = np.zeros(0)
        columns = np.concatenate([row[0] for row in self._rows]) if self._rows else empty.astype(np.int64)
        factors = np.concatenate([row[1] for row in self._rows]) if self._rows else empty
        return IntegerColumns(
            matrix=sp.csr_matrix((factors, (index, columns)), shape=(len(self._rows), size)),
            low=np.array([row[2] for row in self._rows]),
            high=np.array([row[3] for row in self._rows]),
            lower=np.array([one[0] for one in self._box]),
            upper=np.array([one[1] for one in self._box]),
            whole=np.array([one[2] for one in self._box], dtype=np.bool_),
            owner=tuple(one[3] for one in self._box),
        )


@dataclass(frozen=True, eq=False)
class Cells:
    """What one constraint sees of :class:`IntegerRows`: its own channels, and K decided periods.

    Attributes
    ----------
    model : IntegerRows
    rows : tuple of tuple of int
        The plan's rows that each of its channels is made of.
    weekly : bool
        Whether weeks are decided; else totals, and K = 1.
    """

    model: IntegerRows
    rows: tuple[tuple[int, ...], ...]
    weekly: bool

    def on(self, channel: int) -> IntArray:
        """Return the channel's switches, (K,)."""
        return self.model.switch(self.rows[channel])

    def money(self, channel: int, k: int) -> tuple[IntArray, FloatArray]:
        """Return the columns and factors whose sum is the channel's money in a period."""
        rows = list(self.rows[channel])
        return self.model.amount[rows, k], self.model.per_y[rows, k]

    def most(self, channel: int, k: int) -> float:
        """Return the most that the channel can spend in a period, money."""
        rows = list(self.rows[channel])
        return float((self.model.per_y[rows, k] * self.model.upper[rows, k]).sum())

    def floor(self, channel: int, least: float) -> None:
        """Spend at least this sum wherever the channel is on."""
        for k, on in enumerate(self.on(channel)):
            columns, factors = self.money(channel, k)
            self.model.add([*columns, on], np.append(factors, -least) / max(least, float(factors.max())), 0.0, np.inf)

    def several(self, channel: int, k: int, amount: float) -> None:
        """Spend a whole number of a sum."""
        columns, factors = self.money(channel, k)
        count = self.model.column(np.floor(self.most(channel, k) / amount * (1 + 1e-12)), self.rows[channel])
        self.model.add([*columns, count], np.append(factors / amount, -1.0), 0.0, 0.0)

    def any_of(self, channel: int, periods: Sequence[int] | IntArray) -> int:
        """Return a column that is 1 exactly where the channel is on in any of some periods."""
        on = self.on(channel)[np.asarray(periods)]
        if len(on) == 1:
            return int(on[0])
        active = self.model.column(1.0, self.rows[channel])
        for one in on:
            self.model.add([one, active], np.array([1.0, -1.0]), -np.inf, 0.0)
        self.model.add([active, *on], np.append(1.0, -np.ones(len(on))), -np.inf, 0.0)
        return active
