"""Questions to a database: one SELECT, answered in time, and told without a value of its rows where it fails."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from mmm.data.privacy import safe
from mmm.exceptions import DataError

#: Seconds until the first row: a view that never ends holds nobody up.
PATIENCE = 120.0
_QUOTED = re.compile(r"""'[^']*'|"[^"]*"|`[^`]*`""")
_READ_ONLY = "Write one SELECT: sources are only read."


def refuse_other_statements(query: str, place: str) -> None:
    """Refuse all but one SELECT, before it reaches a database.

    Raises
    ------
    DataError
        Not one SELECT, or not SQL.
    """
    said = ""
    try:
        statements = duckdb.extract_statements(query)
    except duckdb.Error as error:
        said = str(error)
    if said:  # raised here, so that no cause holds what DuckDB said
        raise query_failed(said, query, place)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise not_one_select(place)


def not_one_select(place: str) -> DataError:
    """Return the refusal of a query that does more than read."""
    return DataError("the query is not one SELECT", where=place, do=_READ_ONLY)


class QueryError(DataError):
    """A query that a database cannot answer.

    Attributes
    ----------
    said : str
        All that the database said; for whoever looks for a known cause in it, and never shown.
    """

    said = ""


def query_failed(said: str, query: str, place: str, why: str | None = None) -> QueryError:
    """Return the one sentence for a query that failed.

    What a database quotes may be a cell; only what stands in the query itself is shown.

    Parameters
    ----------
    said : str
    query, place : str
    why : str, optional
        The part of ``said`` to tell. Default: its first line.
    """
    told = " ".join((_first_line(said) if why is None else why).split())
    written = query.casefold()

    def shown(found: re.Match[str]) -> str:
        quoted = found.group()
        return quoted if quoted[1:-1].casefold() in written else f"{quoted[0]}…{quoted[-1]}"

    says = f"the query cannot be answered: {safe(_QUOTED.sub(shown, told), 160)}"
    error = QueryError(says, where=place, do="Correct data.query.")
    error.said = said
    return error


def _first_line(said: str) -> str:
    """Return what DuckDB says, without its kind of error and its picture of the query."""
    return said.split("\n", 1)[0].split(": ", 1)[-1]


@contextmanager
def patience(base: duckdb.DuckDBPyConnection | sqlite3.Connection, place: str) -> Iterator[threading.Timer]:
    """Interrupt a database that gives no row in time; whoever has a row cancels the timer.

    Raises
    ------
    DataError
        The time is over.
    """
    late = threading.Event()

    def stop() -> None:
        late.set()
        base.interrupt()

    timer = threading.Timer(PATIENCE, stop)
    timer.daemon = True
    timer.start()
    try:
        yield timer
    except (duckdb.InterruptException, sqlite3.OperationalError, DataError):
        if not late.is_set():
            raise
    finally:
        timer.cancel()
    if late.is_set():
        raise DataError(
            f"the database gave no row in {PATIENCE:.0f} seconds",
            where=place,
            do="Write the view's rows to a table, or sum less in data.query.",
        )
