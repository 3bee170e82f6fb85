"""One file's figures before the dates of its source are understood as a whole; an account of its rows and money."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from mmm.arrays import BoolArray, FloatArray, IntArray, WeekArray
from mmm.data.log import ReadingLog, counted, listed
from mmm.data.sources.facts import SourceFile
from mmm.data.sources.wording import money_told


@dataclass(frozen=True, eq=False)
class Figures:
    """One metric of one file.

    Attributes
    ----------
    metric : str
    at : (M,) int
        Which record of the draft each figure stands in.
    values : (M,)
        NaN where the cell is empty.
    currency : (M,) array of str, or None
        ISO codes of money.
    """

    metric: str
    at: IntArray
    values: FloatArray
    currency: pa.Array | None = None

    def money(self, which: BoolArray) -> dict[tuple[str, str], float]:
        """Return (metric, currency) → money in the chosen figures, (M,) bool."""
        if self.currency is None:
            return {}
        codes = self.currency.dictionary_encode()
        numbers = np.asarray(codes.indices)
        known = which & np.isfinite(self.values)
        return {
            (self.metric, code): math.fsum(self.values[known & (numbers == i)])
            for i, code in enumerate(codes.dictionary.to_pylist())
        }


@dataclass(frozen=True, eq=False)
class SetAside:
    """Records of a draft that were set aside: the finding's name, place and reason as the ledger has them, places."""

    name: str
    where: str
    reason: str
    at: IntArray


@dataclass(frozen=True, eq=False)
class Draft:
    """One file's records: rows, or rows that were summed while a large file was read.

    Attributes
    ----------
    file : str
    sha256 : str
    bytes : int
    rows_in : int
        Data rows of the file, with those that hold no figures (blank rows, totals).
    row, last_row, rows : (N,) int
        First and last line of each record, and how many rows it is.
    days : (N,) datetime64[D]
    geo, label : (N,) array of str or None
    figures : tuple of Figures
    used : (N,) bool
        False where a record was set aside, and listed.
    part : (N,) array of str, optional
        Which part of the whole a record is, as a till's store, where a column tells.
    dated : str
        Name of the column of dates.
    aside : list of SetAside
    """

    file: str
    sha256: str
    bytes: int
    rows_in: int
    row: IntArray
    last_row: IntArray
    rows: IntArray
    days: WeekArray
    geo: pa.Array
    label: pa.Array
    figures: tuple[Figures, ...]
    used: BoolArray
    part: pa.Array | None = None
    dated: str = ""
    aside: list[SetAside] = field(default_factory=list)

    @property
    def rows_used(self) -> int:
        """Rows that give figures."""
        return int(self.rows[self.used].sum())

    def account(self) -> SourceFile:
        """Return the file with its rows in and used."""
        return SourceFile(self.file, self.sha256, self.rows_in, self.rows_used, self.bytes)

    def money(self, which: BoolArray | None = None) -> dict[tuple[str, str], float]:
        """Return (metric, currency) → money of the chosen records, (N,) bool; of all of them by default."""
        chosen = np.ones(len(self.row), dtype=bool) if which is None else which
        found: dict[tuple[str, str], float] = {}
        for one in self.figures:
            found |= one.money(chosen[one.at])
        return found

    def exclude(
        self, which: BoolArray, name: str, reason: str, log: ReadingLog, *, currency: str, do: str | None = None
    ) -> None:
        """Set records aside, (N,) bool: in the ledger with rows and money by metric, in the report with the reason."""
        gone = which & self.used
        if not gone.any():
            return
        self.used[gone] = False
        rows, money = int(self.rows[gone].sum()), money_told(self.money(gone), currency)
        where = f"{self.file}, {rows_named(self.row[gone], rows)}"
        log.exclude(where, reason, rows=rows, spend=money)
        self.aside.append(SetAside(name, where, reason, np.flatnonzero(gone)))
        told = f", with {amounts(money)}" if any(money.values()) else ""
        log.repaired(name, f"{counted(rows, 'row')} excluded{told}: {reason}.", where=where, do=do or "Nothing.")


def rows_named(first: Iterable[int], rows: int) -> str:
    """Name rows by the lines of the first of them: ``rows 3, 4, 9 and 12 more``."""
    some = [int(row) for row in list(first)[:3]]
    more = rows - len(some)
    return f"row{'' if rows == 1 else 's'} {listed(some)}" + (f" and {more:,} more" if more > 0 else "")


def amounts(money: Mapping[str, float]) -> str:
    """Say money by metric: ``1,200.00 of spend``."""
    return ", ".join(f"{value:,.2f} of {name}" for name, value in money.items() if value)


def add_money(accounts: Iterable[Mapping[tuple[str, str], float]]) -> dict[tuple[str, str], float]:
    """Add accounts of money up, exactly."""
    parts: dict[tuple[str, str], list[float]] = {}
    for account in accounts:
        for key, value in account.items():
            parts.setdefault(key, []).append(value)
    return {key: math.fsum(values) for key, values in parts.items()}
