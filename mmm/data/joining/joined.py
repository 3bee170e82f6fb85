"""What joining gives: one table of all sources, and where every cell of it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from mmm.data.columns import Columns
from mmm.data.panel import Panel
from mmm.data.report import LedgerLine, SourceAccount
from mmm.data.table import TextTable

#: One line a cell and group of rows that gave a part of it. The parts of a cell add up to the panel's figure where the
#: series is summed; of averaged series (controls, population, a value per outcome) each line holds its own figure
#: divided by how many were averaged, which adds up as well.
CELLS = pa.schema(
    [
        ("week", pa.date32()),  # first day of the period
        ("geo", pa.string()),
        ("series", pa.string()),  # the column's name in the model file
        ("source", pa.string()),
        ("file", pa.string()),
        ("row", pa.int64()),
        ("last_row", pa.int64()),
        ("rows", pa.int64()),
        ("first_day", pa.date32()),  # days that the rows cover: more than the period where they were divided by days
        ("last_day", pa.date32()),
        ("label", pa.string()),  # channel or campaign as written; null in a wide source
        ("value", pa.float64()),  # in the panel's currency where it is money
        ("original", pa.float64()),  # what the rows say, before they were converted or divided
        ("currency", pa.string()),  # of ``original``; null where it is no money
    ]
)

#: What messages call the table.
JOINED = "the joined sources"


@dataclass(frozen=True)
class JoinedTable(TextTable):
    """The joined table as messages name it: a cell is a week, a geo and a column.

    Attributes
    ----------
    places : tuple of str
        Of each row: ``week 2024-01-01, geo north``.
    origins : Mapping
        (Row, column) of an empty cell → the file and row that leave it empty.
    """

    places: tuple[str, ...] = ()
    origins: Mapping[tuple[int, str], str] = field(default_factory=dict)

    def place(self, index: int, column: str | None = None) -> str:
        """Name a place for a message: week, geo and column, and the file and row where they are known."""
        if column is None:
            return f"{self.file}, {self.places[index]}"
        origin = self.origins.get((index, column))
        return f"{self.file}, {self.places[index]}, column {column}" + (f" ({origin})" if origin else "")


@dataclass(frozen=True, eq=False)
class Joined:
    """All sources in one table.

    Attributes
    ----------
    columns : Columns
        A row a period and geo.
    cells : pyarrow.Table
        Of :data:`CELLS`.
    sources : tuple of SourceAccount
    reconciled : tuple of LedgerLine
    inputs : Mapping
        Name of each file → SHA-256.
    """

    columns: Columns
    cells: pa.Table
    sources: tuple[SourceAccount, ...]
    reconciled: tuple[LedgerLine, ...] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Room:
    """The panel of several sources and the table it was made from.

    Attributes
    ----------
    panel : Panel
    joined : Joined
        Its cells are those of the panel's weeks and geos.
    """

    panel: Panel
    joined: Joined
