"""A private DuckDB: in memory, with a private folder for what does not fit, no network, and errors without values."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmm.exceptions import DataError

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_PREFIX = "mixwise-events-"
_REMEDY = "Write the log again as CSV in UTF-8 or as Parquet, and check events.memory_limit and the free disk space."
_CSV_LINE = re.compile(r"CSV Error on Line: (\d+)")
_REASONS = (
    ("unterminated quote", "a quotation mark is opened and not closed"),
    ("Expected Number of Columns", "a row has another number of fields than the header"),
    ("unicode", "the text is not UTF-8"),
    ("reached an invalid state", "its lines end in two ways, or a quotation mark stands within a cell"),
    ("Maximum line size", "a row is longer than any row can be"),
    ("INTERRUPT", "the reading was interrupted"),
    ("No space left", "there is no space left for temporary files"),
    ("max_temp_directory_size", "there is no space left for temporary files"),
    ("Out of Memory", "the aggregation needs more memory than memory_limit allows"),
    ("does not have the same value", "the file changed while it was read"),
)


@dataclass(frozen=True, eq=False)
class Store:
    """A connection that says nothing of the data.

    Attributes
    ----------
    where : str
        What messages call the log.
    """

    connection: duckdb.DuckDBPyConnection = field(repr=False)
    where: str

    def rows(
        self,
        sql: str,
        values: Mapping[str, object] | Sequence[object] | None = None,
        *,
        where: str | None = None,
        do: str = _REMEDY,
    ) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows.

        Parameters
        ----------
        sql : str
        values : mapping or sequence
            Of its parameters.
        where, do : str
            For errors: what is read, where it is not the log, and the remedy.

        Raises
        ------
        DataError
            In our words: DuckDB's own quote the data.
        """
        self._run(sql, values, where, do)
        return self.connection.fetchall()

    def table(self, sql: str, values: Mapping[str, object] | None = None) -> pa.Table:
        """Run a query and return its result; errors as in :meth:`rows`."""
        self._run(sql, values)
        return self.connection.to_arrow_table()

    def _run(
        self,
        sql: str,
        values: Mapping[str, object] | Sequence[object] | None,
        where: str | None = None,
        do: str = _REMEDY,
    ) -> None:
        import duckdb  # noqa: PLC0415

        if isinstance(values, Mapping):
            values = {key: value for key, value in values.items() if f"${key}" in sql}
        try:
            self.connection.execute(sql, values or None)
        except duckdb.Error as error:
            failed = _without_values(error, where or self.where, do)
        else:
            return
        # Raised out here, so that not even the chain of exceptions holds DuckDB's message.
        raise failed


def _without_values(error: Exception, where: str, do: str) -> DataError:
    text = str(error)
    says = next((ours for theirs, ours in _REASONS if theirs.casefold() in text.casefold()), None)
    line = _CSV_LINE.search(text)
    return DataError(
        says or f"DuckDB could not read it ({type(error).__name__}; its message is hidden, as it quotes the data)",
        where=f"{where}, line {line[1]}" if line else where,
        do=do,
    )


@contextmanager
def private_store(
    where: str, memory_limit: str, allowed: Sequence[Path], attach: Path | None = None
) -> Iterator[Store]:
    """Open a DuckDB that can read the given files and nothing else, and leave nothing behind.

    Parameters
    ----------
    where : str
        What messages call the log.
    memory_limit : str
        Such as ``2GB``; beyond it intermediate results go to a folder of mode 0700, which is removed whatever happens.
    allowed : sequence of Path
        Files of the log.
    attach : Path, optional
        A DuckDB file, attached read-only as ``log_file``.

    Raises
    ------
    DataError
        The DuckDB file cannot be opened.
    """
    import duckdb  # noqa: PLC0415

    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))  # mkdtemp gives it to this user alone
    connection = None
    try:
        connection = duckdb.connect(
            ":memory:",
            config={
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "allow_community_extensions": "false",
                "allow_persistent_secrets": "false",
                "enable_external_file_cache": "false",
                "memory_limit": memory_limit,
                "temp_directory": str(folder),
                "threads": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
                "preserve_insertion_order": "false",
            },
        )
        store = Store(connection, where)
        store.rows("SET TimeZone = 'UTC'")
        store.rows("SET enable_progress_bar = false")
        if attach is not None:
            store.rows(f"ATTACH {literal(str(attach))} AS log_file (READ_ONLY)")
        names = ", ".join(literal(str(path)) for path in allowed)
        store.rows(f"SET allowed_paths = [{names}]")
        store.rows("SET enable_external_access = false")
        store.rows("SET lock_configuration = true")
        yield store
    finally:
        if connection is not None:
            connection.close()
        shutil.rmtree(folder, ignore_errors=True)


def literal(text: str) -> str:
    """Write text as a string of SQL."""
    return "'" + text.replace("'", "''") + "'"


def name(text: str) -> str:
    """Write text as a name of SQL."""
    return '"' + text.replace('"', '""') + '"'


def _sweep() -> None:
    """Remove folders of runs that were killed: they hold salted hashes only, and still should not lie about."""
    if not hasattr(os, "getuid"):
        return
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        pid = folder.name.removeprefix(_PREFIX).split("-")[0]
        with suppress(OSError):
            if pid.isdigit() and folder.stat().st_uid == os.getuid() and not _alive(int(pid)):
                shutil.rmtree(folder, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
