"""A file as a table of text: nothing is interpreted yet, and every row knows its place in the file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date


class Exact(str):
    """A cell that held a number or a date, not text: ``1.234`` has one reading then."""

    __slots__ = ()


@dataclass(frozen=True)
class TextTable:
    """Header and cells of one file, as text.

    Attributes
    ----------
    file : str
        Name, without folders.
    header : tuple of str
        C column names, as in the file but for spaces around them.
    rows : tuple of int
        N places: the line of each record in the file, from 1 (the row of the table in Parquet).
    cells : tuple of tuple of str
        N × C.
    typed : bool
        True where every cell is to be read as :class:`Exact`.
    source_hash : str
        SHA-256 of the file's bytes.
    day_zero : date
        Day number 0 of a spreadsheet: another one in a workbook that counts from 1904.
    """

    file: str
    header: tuple[str, ...]
    rows: tuple[int, ...]
    cells: tuple[tuple[str, ...], ...]
    typed: bool = False
    source_hash: str = ""
    day_zero: date = date(1899, 12, 30)

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, index: int) -> list[str]:
        """Return the cells of one column."""
        return [row[index] for row in self.cells]

    def place(self, index: int, column: str | None = None) -> str:
        """Name a place for a message: file, row and column."""
        return f"{self.file}, row {self.rows[index]}" + (f", column {column}" if column is not None else "")

    def take(self, indices: Iterable[int]) -> TextTable:
        """Return the table with these records only, in this order."""
        kept = list(indices)
        return replace(self, rows=tuple(self.rows[i] for i in kept), cells=tuple(self.cells[i] for i in kept))
