"""A query of a PostgreSQL or MySQL server: the server does the work, may only read, and no password is ever told."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import duckdb

from mmm.data.names import refuse_duplicates, refuse_missing
from mmm.data.privacy import safe, variable_shown
from mmm.data.sources.asking import QueryError, not_one_select, query_failed
from mmm.data.sources.database import LOCKED_IN, fetch, quoted
from mmm.data.sources.spec import Attach, ServerSpec, SourceSpec
from mmm.data.table import TextTable
from mmm.exceptions import DataError, SpecError

_PORTS = {Attach.POSTGRES: 5432, Attach.MYSQL: 3306}
_NAMES = {Attach.POSTGRES: "PostgreSQL", Attach.MYSQL: "MySQL"}
#: What the server is told at the door: to wait no longer than this, and to let nothing be written.
_DOOR = {
    Attach.POSTGRES: "connect_timeout=10 options='-c default_transaction_read_only=on -c statement_timeout=600000'",
    Attach.MYSQL: "",
}
_SELECT = re.compile(r"(?:\s|\(|--[^\n]*\n|/\*.*?\*/)*(?:select|with)\b", re.IGNORECASE | re.DOTALL)
#: Where a semicolon ends nothing: in quotation marks and comments.
_ASIDE = re.compile(r"""'(?:[^']|'')*'|"[^"]*"|`[^`]*`|\$(\w*)\$.*?\$\1\$|--[^\n]*|/\*.*?\*/""", re.DOTALL)
_END = re.compile(r"(?:;|\s|--[^\n]*(?:\n|\Z)|/\*.*?\*/)*;(?:;|\s|--[^\n]*(?:\n|\Z)|/\*.*?\*/)*\Z", re.DOTALL)
_DENIED = re.compile(r"authentication failed|access denied|no password supplied|role .* does not exist", re.IGNORECASE)
_NO_DATABASE = re.compile(r"database .* does not exist|unknown database", re.IGNORECASE)
_NO_TABLE = re.compile(r"relation .* does not exist|table .* does(n't| not) exist", re.IGNORECASE)


def read_server(key: str, source: SourceSpec, server: ServerSpec, wanted: Sequence[str]) -> TextTable:
    """Read one table or query of a server.

    Parameters
    ----------
    key : str
        As in ``sources.shop``.
    source : SourceSpec
        ``table`` or ``query``.
    server : ServerSpec
    wanted : sequence of str
        Columns that must be there.

    Returns
    -------
    TextTable
        Its ``source_hash`` is of the rows that came back.

    Raises
    ------
    SpecError
        Neither table nor query, an environment variable that is not set, or the extension is not installed.
    DataError
        The server is not there, does not let the user in, or cannot answer. No sentence holds a name or a password of
        a user, or what DuckDB said of them.
    """
    if source.table is None and source.query is None:
        raise SpecError("a server needs a table or a query", where=key, do="Add data.table or data.query.")
    asked = _asked(source, server)
    place = f"{key} ({_NAMES[server.kind]})"
    if _SELECT.match(asked) is None or ";" in _ASIDE.sub(" ", asked).rstrip("; \t\r\n"):
        raise not_one_select(f"{key}.query")
    with closing(duckdb.connect(":memory:", config=LOCKED_IN)) as base:
        _enter(base, key, server)
        base.execute("SET enable_progress_bar = false")
        base.execute("SET enable_external_access = false")
        base.execute("SET lock_configuration = true")
        try:
            table = fetch(base, f"FROM {server.kind}_query('source', {_literal(_bare(asked))})", place)
        except QueryError as error:
            raise _query_error(error.said, asked, server, source, key) from None
    refuse_missing(table.header, wanted, table.file)
    refuse_duplicates(table.header, table.file)
    return replace(table, source_hash=_hash_of(table))


def name_of(source: SourceSpec, server: ServerSpec) -> str:
    """Return the name under which a manifest keeps what a server was asked: its kind, and a hash of where and what."""
    asked = "\n".join((server.host, str(server.port), server.database, _asked(source, server)))
    return f"{server.kind}: {hashlib.sha256(asked.encode()).hexdigest()[:12]}"


def _asked(source: SourceSpec, server: ServerSpec) -> str:
    return source.query or f"SELECT * FROM {_named(source.table or '', server.kind)}"  # noqa: S608


def _bare(asked: str) -> str:
    """Return a query without the semicolon at its end, and with a line's end after what may be a comment."""
    return _END.sub("", asked) + "\n"


def _named(table: str, kind: Attach) -> str:
    return quoted(table) if kind is Attach.POSTGRES else quoted(table.replace("`", "")).replace('"', "`")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _hash_of(table: TextTable) -> str:
    """Return one hash of the rows, whatever their order: a query without ORDER BY promises none."""
    found = hashlib.sha256(repr(table.header).encode())
    for row in sorted(table.cells):
        found.update("\x1f".join((*row, "\x1e")).encode())
    return found.hexdigest()


def _extension(kind: Attach, key: str) -> Path:
    """Return the file of DuckDB's signed extension, which comes as a package."""
    found = importlib.util.find_spec(f"duckdb_extension_{kind}_scanner")
    if found is not None and found.origin is not None:
        folder = Path(found.origin).parent / "extensions" / f"v{duckdb.__version__}"
        file = folder / f"{kind}_scanner.duckdb_extension"
        if file.is_file():
            return file
    raise SpecError(
        f"reading {_NAMES[kind]} needs a package that is not installed in the version of DuckDB {duckdb.__version__}",
        where=f"{key}.server",
        do="Run: pip install 'mixwise[databases]'.",
    )


def _from_environment(variable: str | None, key: str) -> str | None:
    if variable is None:
        return None
    value = os.environ.get(variable)
    if value is None:
        says = f"the environment variable {variable_shown(variable)} is not set"
        raise SpecError(says, where=key, do="Write the name of a variable here, and set it before this command.")
    return value


def _enter(base: duckdb.DuckDBPyConnection, key: str, server: ServerSpec) -> None:
    """Attach the server under the name ``source``, to be read only."""
    base.execute(f"LOAD {_literal(str(_extension(server.kind, key)))}")
    settings: Mapping[str, str | None] = {
        "HOST": server.host,
        "PORT": str(server.port or _PORTS[server.kind]),
        "DATABASE": server.database,
        "USER": _from_environment(server.user_from, f"{key}.server.user_from"),
        "PASSWORD": _from_environment(server.password_from, f"{key}.server.password_from"),
    }
    told = ", ".join(f"{name} {_literal(value)}" for name, value in settings.items() if value is not None)
    refusal: DataError | None = None
    try:
        base.execute(f"CREATE TEMPORARY SECRET door (TYPE {server.kind}, {told})")
        base.execute(f"ATTACH {_literal(_DOOR[server.kind])} AS source (TYPE {server.kind}, SECRET door, READ_ONLY)")
    except duckdb.Error as error:
        refusal = _door_error(str(error), server, key)
    if refusal is not None:  # raised here, so that no cause holds what DuckDB said
        raise refusal


def _door_error(said: str, server: ServerSpec, key: str) -> DataError:
    name, where = _NAMES[server.kind], f"{key}.server"
    if _DENIED.search(said):
        return DataError(
            f"the {name} server does not let this user in",
            where=where,
            do="Check the environment variables that user_from and password_from name.",
        )
    if _NO_DATABASE.search(said):
        return DataError(
            f"the {name} server has no database '{safe(server.database)}'", where=where, do="Correct database."
        )
    host = "".join(char for char in server.host[:80] if char.isprintable())
    return DataError(
        f"no {name} server answers at {host}, port {server.port or _PORTS[server.kind]}",
        where=where,
        do="Check host and port, and whether the server runs.",
    )


def _query_error(said: str, asked: str, server: ServerSpec, source: SourceSpec, key: str) -> DataError:
    """Say what the server said of the query, in one sentence."""
    told = re.search(r"ERROR:\s*([^\n|]*)", said) or re.search(r"Failed to [^:]*: ([^\n|]*)", said)
    if source.table is not None and _NO_TABLE.search(said):
        return DataError(
            f"the {_NAMES[server.kind]} server has no table '{safe(source.table)}'",
            where=f"{key}.table",
            do="Correct it, with its schema if it has one.",
        )
    why = told.group(1) if told is not None else "the server did not answer"
    return query_failed(said, asked, f"{key}.query", why)
