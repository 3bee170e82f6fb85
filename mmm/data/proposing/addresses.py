"""Where an e-mail address stands in a file: beyond its head, on another sheet, or in a table that nobody reads."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from mmm.data.content import Content, content_of
from mmm.data.log import ReadingLog
from mmm.data.privacy import safe
from mmm.exceptions import DataError

_CHUNK = 8_000_000
#: What two chunks share, so that an address on their border is seen.
_SHARED = 512
_BEGINNING = 1_000_000
#: As :mod:`mmm.data.privacy` knows an address; it begins with a fixed sign, so that large files are looked at quickly.
_IN_TEXT = re.compile(r"@(?<=[^\s@,;<>]@)[^\s@,;<>]{1,190}?\.[^\W\d_]{2}")
#: Between the bytes of a database or of XML: of plain letters only, for other bytes may stand beside them by chance.
_IN_BYTES = re.compile(rb"@(?<=[\w.+\-]@)[A-Za-z0-9\-]{2,63}(?:\.[A-Za-z0-9\-]{1,63}){0,6}?\.[A-Za-z]{2}")
#: Parts of a workbook that hold cells; a pivot table remembers those of sheets that were deleted.
_CELLS = re.compile(r"xl/(?:sharedStrings|worksheets/[^/]+|(?P<pivot>pivotCache/[^/]+))\.xml", re.IGNORECASE)
_EVERY_COLUMN = (  # below a line of nothing, for a reader refuses an answer without rows
    "SELECT '' AS a, '' AS b, '' AS c UNION ALL "
    "SELECT schema_name, table_name, column_name FROM duckdb_columns() WHERE database_name = 'source' AND NOT internal "
    "AND NOT regexp_matches(data_type, '^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|BOOLEAN|DATE|TIME.*|DEC.*)$')"
)


def address_in(path: Path, name: str) -> str | None:
    """Return the place of an e-mail address in a file; None where there is none.

    Parameters
    ----------
    path : Path
    name : str
        What messages call it.

    Raises
    ------
    DataError
        A database or a Parquet file that cannot be looked through.
    OSError
    """
    with path.open("rb") as handle:
        head = handle.read(_BEGINNING)
    try:
        kind = content_of(path.read_bytes() if head.startswith(b"PK\x03\x04") else head, name)
    except DataError:  # nothing that is read, but it may hold text
        kind = Content.SQLITE
    if kind is Content.TEXT:
        return _in_text(path, name, wide=b"\0" in head)
    if kind is Content.WORKBOOK:
        return _in_workbook(path, name)
    if kind is Content.PARQUET:
        return _in_parquet(path, name)
    if kind is Content.DUCKDB:
        return _in_duckdb(path, name)
    # SQLite keeps text as it is, and that of deleted rows too.
    return name if any(_IN_BYTES.search(chunk.replace(b"\0", b"")) for chunk in _chunks(path)) else None


def _chunks(path: Path) -> Iterator[bytes]:
    """Yield a file piece by piece; each begins with the end of the one before."""
    end = b""
    with path.open("rb") as handle:
        while chunk := handle.read(_CHUNK):
            yield end + chunk
            end = chunk[-_SHARED:]


def _in_text(path: Path, name: str, *, wide: bool) -> str | None:
    """Look through text of any encoding; ``wide``: of two bytes a letter."""
    line = 1
    for chunk in _chunks(path):
        text = (chunk.replace(b"\0", b"") if wide else chunk).decode("utf-8", errors="replace")
        found = _IN_TEXT.search(text)
        if found is not None:
            return f"{name}, line {line + text.count('\n', 0, found.start())}"
        line += chunk[:-_SHARED].count(b"\n")
    return None


def _in_workbook(path: Path, name: str) -> str | None:
    from mmm.data.sources.workbook_guard import damage_told, guard  # noqa: PLC0415

    guard(path.read_bytes(), name, ReadingLog())
    with damage_told(name), zipfile.ZipFile(path) as book:
        for part in book.namelist():
            cells = _CELLS.fullmatch(part)
            if cells is not None and _IN_BYTES.search(book.read(part)):
                return f"{name}, what a pivot table remembers" if cells["pivot"] else f"{name}, a cell of a sheet"
    return None


def _in_parquet(path: Path, name: str) -> str | None:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    def texts(column: pa.Array) -> Iterator[str]:
        if pa.types.is_dictionary(column.type):
            column = column.dictionary
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            yield from column.filter(pc.match_substring(column, "@")).to_pylist()
        elif not pa.types.is_primitive(column.type):  # lists, records and bytes
            yield from map(str, column.to_pylist())

    try:
        with pq.ParquetFile(path) as source:
            for batch in source.iter_batches():
                for title, column in zip(batch.schema.names, batch.columns, strict=True):
                    if any(_IN_TEXT.search(text) for text in texts(column)):
                        return f"{name}, column {safe(title)}"
    except (pa.ArrowException, OSError) as error:
        raise DataError("the Parquet file is damaged", where=name, do="Write it again.") from error
    return None


def _in_duckdb(path: Path, name: str) -> str | None:
    from mmm.data.sources.database import read_database  # noqa: PLC0415  (loads DuckDB)
    from mmm.data.sources.spec import SourceSpec  # noqa: PLC0415

    def asked(query: str) -> tuple[tuple[str, ...], ...]:
        return read_database(path, Content.DUCKDB, name, SourceSpec(file=name, query=query), ()).cells

    columns = asked(_EVERY_COLUMN)
    cells = [
        f"SELECT {i}, CAST({_named(column)} AS VARCHAR) AS cell FROM {_named(schema)}.{_named(table)} "  # noqa: S608
        f"WHERE cell LIKE '%_@_%.__%'"
        for i, (schema, table, column) in enumerate(columns)
        if column
    ]
    for place, cell in asked(f"SELECT 0 AS place, '' AS cell UNION {' UNION '.join(cells)}") if cells else ():
        if _IN_TEXT.search(cell):
            _, table, column = columns[int(place)]
            return f"{name}, table {safe(table)}, column {safe(column)}"
    return None


def _named(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
