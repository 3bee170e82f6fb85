"""Parquet → table of text. Its numbers and dates have one reading, so they are written out exactly and read back."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from mmm.data.table import Exact, TextTable
from mmm.exceptions import DataError

MAX_CELLS = 50_000_000


def text_of(value: object) -> str:
    """Write one value so that reading it back gives the same; text stays text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return Exact("1" if value else "0")
    if isinstance(value, float):
        return Exact(repr(value))
    return Exact(value.isoformat() if hasattr(value, "isoformat") else str(value))


def _seconds(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Bring time stamps to seconds: nanoseconds have no Python value."""
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.timestamp("s", tz=column.type.tz), safe=False)
    return column


def read_parquet(raw: bytes, file: str) -> TextTable:
    """Read a Parquet file's bytes as a table.

    Raises
    ------
    DataError
        Damaged, empty, nested, or too large.
    """
    try:
        source = pq.ParquetFile(pa.BufferReader(raw))
        if source.metadata.num_rows * max(1, source.metadata.num_columns) > MAX_CELLS:
            raise DataError(
                f"the table has {source.metadata.num_rows:,} rows", where=file, do="Sum it to weeks before reading it."
            )
        table = source.read()
    except (pa.ArrowException, OSError) as error:
        raise DataError("the Parquet file is damaged", where=file, do="Write it again.") from error
    return text_table(table, file)


def text_table(table: pa.Table, file: str) -> TextTable:
    """Write a typed table out as one of cells.

    Raises
    ------
    DataError
        Nested, or without rows.
    """
    nested = [field.name for field in table.schema if pa.types.is_nested(field.type) or pa.types.is_binary(field.type)]
    if nested:
        raise DataError(
            "the column holds lists, records or bytes, not plain values",
            where=f"{file}, column {nested[0]}",
            do="Write one plain value a cell, or remove the column.",
        )
    if table.num_rows == 0:
        raise DataError("there are columns and no rows", where=file, do="Give a row for every week.")
    columns = [[text_of(value) for value in _seconds(column).to_pylist()] for column in table.columns]
    return TextTable(
        file=file,
        header=tuple(name.strip() for name in table.column_names),
        rows=tuple(range(1, table.num_rows + 1)),
        cells=tuple(zip(*columns, strict=True)),
    )
