"""What a source says, figure by figure, before anything is joined: every figure knows its file and rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

#: One line a figure. ``row`` to ``last_row`` are lines of the file (rows of a table), ``rows`` is how many of them were
#: added up: 1 from small files, more where a large file was summed by day while it was read.
SCHEMA = pa.schema(
    [
        ("file", pa.int32()),  # index into Facts.files
        ("row", pa.int64()),
        ("last_row", pa.int64()),
        ("rows", pa.int64()),
        ("first_day", pa.date32()),  # the days that the figure covers, both ends included
        ("last_day", pa.date32()),
        ("geo", pa.string()),  # as written; null without a geo
        ("label", pa.string()),  # channel or campaign as written; null in a wide source
        ("metric", pa.string()),  # series of a wide source, metric of a long one
        ("currency", pa.string()),  # ISO code of money; null for other figures
        ("value", pa.float64()),  # null where the cell is empty
    ]
)


@dataclass(frozen=True)
class SourceFile:
    """One file of a source.

    Attributes
    ----------
    name : str
        Path inside the folder of ``model.yaml``; ``postgres: <query's hash>`` and the like for a server.
    sha256 : str
        Of the file's bytes; of the rows that a server returned.
    rows_in, rows_used : int
        Data rows that were read, and those of them that gave figures; the others are listed as excluded.
    bytes : int
    """

    name: str
    sha256: str
    rows_in: int
    rows_used: int
    bytes: int = 0


@dataclass(frozen=True, eq=False)
class Aside:
    """Figures of rows that were set aside while they were read.

    Attributes
    ----------
    name : str
        Of the finding that says so.
    where, reason : str
        As the ledger lists them.
    table : pyarrow.Table
        Of :data:`SCHEMA`.
    """

    name: str
    where: str
    reason: str
    table: pa.Table


@dataclass(frozen=True, eq=False)
class Facts:
    """The figures of one source.

    Attributes
    ----------
    source : str
        Its name in ``sources``.
    files : tuple of SourceFile
    table : pyarrow.Table
        Of :data:`SCHEMA`.
    money_in : Mapping
        (Metric, currency) → all money that was read, used and excluded.
    parts : array of str, optional
        Of each line of ``table`` the part of the whole that it is of, as a till's store, where a column of the file
        tells them apart.
    aside : tuple of Aside
    written : tuple of two tuples of str
        Channels and geos as a log of events writes them: it was counted under the names that ``join`` makes of them.
    """

    source: str
    files: tuple[SourceFile, ...]
    table: pa.Table
    money_in: Mapping[tuple[str, str], float] = field(default_factory=dict)
    parts: pa.Array | None = None
    aside: tuple[Aside, ...] = ()
    written: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    def __post_init__(self) -> None:
        if not self.table.schema.equals(SCHEMA):
            raise ValueError(f"Facts.table has the columns {self.table.schema.names}, not those of SCHEMA.")
