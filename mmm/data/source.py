"""One file → one table of text, by its content and not by its extension."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from mmm.data.content import Content, content_of
from mmm.data.delimited import read_delimited
from mmm.data.encoding import decode
from mmm.data.log import ReadingLog
from mmm.data.names import refuse_duplicates, refuse_missing
from mmm.data.parquet import read_parquet
from mmm.data.reading import Reading
from mmm.data.table import TextTable
from mmm.exceptions import DataError

MAX_BYTES = 300_000_000
_SUFFIXES = {
    Content.PARQUET: (".parquet", ".pq"),
    Content.TEXT: (".csv", ".tsv", ".txt", ".tab"),
    Content.WORKBOOK: (".xlsx", ".xlsm"),
    Content.DUCKDB: (".duckdb", ".db", ".ddb"),
    Content.SQLITE: (".sqlite", ".sqlite3", ".db", ".db3"),
}


def read_bytes(path: Path, file: str) -> bytes:
    """Read a whole file.

    Parameters
    ----------
    path : Path
    file : str
        What messages call it.

    Raises
    ------
    DataError
        A folder, more than can be read cell by cell, or a file that cannot be opened.
    """
    if not path.is_file():
        raise DataError("this is a folder, not a file", where=file, do="Name a CSV, xlsx or Parquet file in data.file.")
    if path.stat().st_size > MAX_BYTES:
        raise DataError(
            f"the file has {path.stat().st_size:,} bytes", where=file, do="Sum it to weeks before reading it."
        )
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(
            f"the file cannot be opened ({error.strerror})", where=file, do="Close it elsewhere, or correct its rights."
        ) from error


def say_extension(path: Path, kind: Content, file: str, log: ReadingLog) -> None:
    """List a name whose ending speaks of another kind of file."""
    if path.suffix.lower() not in _SUFFIXES[kind]:
        log.repaired(
            "file_extension",
            f"The file is {kind.says} by its content, whatever '{path.suffix}' says.",
            where=file,
            do=f"Rename it to {_SUFFIXES[kind][0]}.",
        )


def table_of(
    raw: bytes,
    kind: Content,
    file: str,
    reading: Reading,
    log: ReadingLog,
    *,
    wanted: Sequence[str],
    offered: Sequence[str] = (),
    sheet: str | None = None,
) -> TextTable:
    """Make a table of a text file's, a Parquet file's or a workbook's bytes.

    Parameters
    ----------
    raw : bytes
    kind : Content
    file : str
    reading : Reading
        ``encoding`` and ``delimiter``, where declared.
    log : ReadingLog
    wanted, offered : sequence of str
        Columns that must be there, and that help to find the header.
    sheet : str, optional
        Of a workbook; otherwise the only one that has such columns.
    """
    if kind is Content.PARQUET:
        table = read_parquet(raw, file)
        refuse_missing(table.header, wanted, file)
        refuse_duplicates(table.header, file)
    elif kind is Content.WORKBOOK:
        from mmm.data.sources.workbook import read_workbook  # noqa: PLC0415  (loads openpyxl)

        table = read_workbook(raw, file, log, wanted=wanted, offered=offered, sheet=sheet)
    else:
        text = decode(raw, file, log, declared=reading.encoding, wanted=[*wanted, *offered])
        table = read_delimited(text, file, log, wanted=wanted, offered=offered, delimiter=reading.delimiter)
    return replace(table, source_hash=hashlib.sha256(raw).hexdigest())


def read_source(path: Path, reading: Reading, wanted: Sequence[str], log: ReadingLog) -> TextTable:
    """Read a file as a table whose header holds every wanted column.

    Parameters
    ----------
    path : Path
    reading : Reading
        ``encoding`` and ``delimiter``, where declared.
    wanted : sequence of str
        Columns that the model file names.
    log : ReadingLog

    Raises
    ------
    DataError
        Not a file of a kind that is read, or without the wanted columns; see the modules for each kind.
    """
    file = path.name
    raw = read_bytes(path, file)
    kind = content_of(raw, file)
    if kind in (Content.DUCKDB, Content.SQLITE):
        raise DataError(
            f"this is {kind.says}, which holds several tables",
            where=file,
            do="Name it under sources, with a table or a query, instead of data.file.",
        )
    say_extension(path, kind, file, log)
    return table_of(raw, kind, file, reading, log, wanted=wanted)
