"""A table or a query of a DuckDB or SQLite file, opened to be read and nothing else."""

from __future__ import annotations

import difflib
import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import pyarrow as pa

from mmm.data.content import Content
from mmm.data.log import listed
from mmm.data.names import refuse_duplicates, refuse_missing
from mmm.data.parquet import text_of, text_table
from mmm.data.privacy import safe
from mmm.data.sources.asking import not_one_select, patience, query_failed, refuse_other_statements
from mmm.data.sources.spec import SourceSpec
from mmm.data.table import TextTable
from mmm.exceptions import DataError

MAX_CELLS = 20_000_000
_BLOCK = 1 << 20
#: DuckDB as it opens what others wrote: no extension comes by itself, and no Python value is a table.
LOCKED_IN: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
    "threads": "2",
    "memory_limit": "1GB",
}
_ALLOWED = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
}


def read_database(path: Path, kind: Content, file: str, source: SourceSpec, wanted: Sequence[str]) -> TextTable:
    """Read one table or query of a database file.

    Parameters
    ----------
    path : Path
    kind : Content
        DuckDB or SQLite.
    file : str
    source : SourceSpec
        ``table`` or ``query``; without either, the only table.
    wanted : sequence of str
        Columns that must be there.

    Raises
    ------
    DataError
        No such table, a query that is not one SELECT or fails, or more than can be read cell by cell.
    """
    reader = _duckdb_rows if kind is Content.DUCKDB else _sqlite_rows
    table = reader(path, file, source)
    refuse_missing(table.header, wanted, table.file)
    refuse_duplicates(table.header, table.file)
    return replace(table, source_hash=_hash_of(path))


def _hash_of(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            found.update(block)
    return found.hexdigest()


def quoted(table: str) -> str:
    """Write a table's name, with its schema before a point, as SQL does."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in table.split("."))


def chosen(source: SourceSpec, tables: Callable[[], list[str]], file: str) -> str:
    """Return the one table that is meant.

    Raises
    ------
    DataError
        There is no such table, or there are several and none is named.
    """
    there = tables()
    if source.table is None:
        if len(there) == 1:
            return there[0]
        says = f"the database has {len(there)} tables: {listed(map(repr, map(safe, there)), 6)}"
        raise DataError(says, where=file, do="Declare data.table or data.query.")
    names = {name.casefold(): name for name in there}
    found = names.get(source.table.casefold())
    if found is not None or "." in source.table:
        return found or source.table
    near = difflib.get_close_matches(source.table, there, n=3, cutoff=0.5) or there
    raise DataError(
        f"there is no table '{safe(source.table)}'; it has {listed(map(repr, map(safe, near)), 6)}",
        where=file,
        do="Correct data.table.",
    )


def place_of(file: str, source: SourceSpec, table: str) -> str:
    """Name what is read, for messages."""
    return f"{file}, the query" if source.query is not None else f"{file}, table {safe(table)}"


def _duckdb_rows(path: Path, file: str, source: SourceSpec) -> TextTable:
    with closing(duckdb.connect(":memory:", config=LOCKED_IN)) as base:
        try:
            base.execute(f"ATTACH '{str(path).replace(chr(39), chr(39) * 2)}' AS source (TYPE duckdb, READ_ONLY)")
        except duckdb.Error as error:
            open_elsewhere = "lock" in str(error).lower()
            says = "the database is open in another program" if open_elsewhere else "the database cannot be opened"
            do = "Close it there." if open_elsewhere else "It may be damaged, or of another version of DuckDB."
            raise DataError(says, where=file, do=do) from error
        base.execute("SET enable_progress_bar = false")
        base.execute("SET enable_external_access = false")
        base.execute("SET lock_configuration = true")
        base.execute("USE source")
        table = "" if source.query is not None else chosen(source, lambda: _duckdb_tables(base), file)
        place = place_of(file, source, table)
        if source.query is not None:
            refuse_other_statements(source.query, place)
        return fetch(base, source.query or f"FROM {quoted(table)}", place)


def _duckdb_tables(base: duckdb.DuckDBPyConnection) -> list[str]:
    found = base.execute(
        "SELECT CASE schema_name WHEN 'main' THEN table_name ELSE schema_name || '.' || table_name END FROM ("
        "SELECT database_name, schema_name, table_name FROM duckdb_tables() UNION ALL "
        "SELECT database_name, schema_name, view_name FROM duckdb_views() WHERE NOT internal"
        ") WHERE database_name = 'source' ORDER BY 1"
    ).fetchall()
    return [str(row[0]) for row in found]


def fetch(base: duckdb.DuckDBPyConnection, query: str, place: str, params: Sequence[str] = ()) -> TextTable:
    """Run a query and return its rows, numbered from 1.

    Raises
    ------
    QueryError
        DuckDB cannot answer it.
    DataError
        Too many cells, or no row in time.
    """
    said = ""
    try:
        with patience(base, place) as timer:
            reader = base.execute(query, list(params)).to_arrow_reader(100_000)
            batches, cells = [], 0
            for batch in reader:
                timer.cancel()
                cells += batch.num_rows * batch.num_columns
                if cells > MAX_CELLS:
                    raise DataError(
                        f"there are more than {MAX_CELLS:,} cells", where=place, do="Let data.query sum them by day."
                    )
                batches.append(batch)
    except duckdb.Error as error:
        said = str(error)
    if said:  # raised here, so that no cause holds what DuckDB said
        raise query_failed(said, query, place)
    return text_table(pa.Table.from_batches(batches, reader.schema), place)


def _sqlite_rows(path: Path, file: str, source: SourceSpec) -> TextTable:
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as base:
            base.execute("PRAGMA trusted_schema = OFF")
            base.set_authorizer(_only_reading)
            table = "" if source.query is not None else chosen(source, lambda: _sqlite_tables(base), file)
            place = place_of(file, source, table)
            return _sqlite_table(base, source.query or f"SELECT * FROM {quoted(table)}", place)  # noqa: S608
    except (sqlite3.Error, UnicodeError, OverflowError) as error:
        raise DataError("the SQLite database cannot be read", where=file, do="It may be damaged or locked.") from error


def _only_reading(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    """Answer SQLite's question whether a statement may do something: reading is all it may."""
    allowed = action in _ALLOWED and "load_extension" not in (first, second)
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def _sqlite_tables(base: sqlite3.Connection) -> list[str]:
    found = base.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name").fetchall()
    return [str(row[0]) for row in found if not str(row[0]).startswith("sqlite_")]


def _sqlite_table(base: sqlite3.Connection, query: str, place: str) -> TextTable:
    said = ""
    try:
        with patience(base, place):
            cursor = base.execute(query)  # up to the first row
    except (sqlite3.Error, sqlite3.Warning) as error:
        said = str(error)
    if "not authorized" in said or "one statement" in said:
        raise not_one_select(place)
    if said:
        raise query_failed(said, query, place, said)
    with closing(cursor):  # an open one would keep the file locked
        if cursor.description is None:
            raise not_one_select(place)
        header = tuple(str(column[0]).strip() for column in cursor.description)
        rows: list[tuple[str, ...]] = []
        while some := cursor.fetchmany(10_000):
            rows += [tuple(_sqlite_text(value, place) for value in row) for row in some]
            if len(rows) * len(header) > MAX_CELLS:
                raise DataError(
                    f"there are more than {MAX_CELLS:,} cells", where=place, do="Let data.query sum them by day."
                )
    if not rows:
        raise DataError("there are columns and no rows", where=place, do="Give a row for every week.")
    return TextTable(place, header, tuple(range(1, len(rows) + 1)), tuple(rows))


def _sqlite_text(value: Any, place: str) -> str:
    if isinstance(value, bytes):
        raise DataError(
            "a column holds bytes, not plain values", where=place, do="Leave it out: name the columns in data.query."
        )
    return text_of(value)
