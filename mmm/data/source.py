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
from mmm.data.spec import DataSpec
from mmm.data.table import TextTable
from mmm.exceptions import DataError

MAX_BYTES = 300_000_000
_SUFFIXES = {Content.PARQUET: (".parquet", ".pq"), Content.TEXT: (".csv", ".tsv", ".txt", ".tab")}


def read_source(path: Path, spec: DataSpec, wanted: Sequence[str], log: ReadingLog) -> TextTable:
    """Read a file as a table whose header holds every wanted column.

    Parameters
    ----------
    path : Path
    spec : DataSpec
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
    if not path.is_file():
        raise DataError("this is a folder, not a file", where=file, do="Name a CSV or Parquet file in data.file.")
    if path.stat().st_size > MAX_BYTES:
        raise DataError(
            f"the file has {path.stat().st_size:,} bytes", where=file, do="Sum it to weeks before reading it."
        )
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DataError(
            f"the file cannot be opened ({error.strerror})", where=file, do="Close it elsewhere, or correct its rights."
        ) from error
    kind = content_of(raw, file)
    if path.suffix.lower() not in _SUFFIXES[kind]:
        log.repaired(
            "file_extension",
            f"The file is {'delimited text' if kind is Content.TEXT else 'Parquet'} by its content, "
            f"whatever '{path.suffix}' says.",
            where=file,
            do=f"Rename it to {_SUFFIXES[kind][0]}.",
        )
    if kind is Content.PARQUET:
        table = read_parquet(raw, file)
        refuse_missing(table.header, wanted, file)
        refuse_duplicates(table.header, file)
    else:
        text = decode(raw, file, log, declared=spec.encoding, wanted=wanted)
        table = read_delimited(text, file, log, wanted=wanted, delimiter=spec.delimiter)
    return replace(table, source_hash=hashlib.sha256(raw).hexdigest())
