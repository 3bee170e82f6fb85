"""The files of a log: CSV or Parquet, one or many, or a table of a DuckDB file; opened, never copied."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from mmm.data.content import Content, content_of
from mmm.data.events.columns import LogColumns
from mmm.data.events.store import Store, literal, name
from mmm.data.log import listed
from mmm.data.names import refuse_duplicates, refuse_missing
from mmm.data.privacy import safe
from mmm.data.reading import name_key
from mmm.data.sources.places import Place
from mmm.data.sources.spec import SourceSpec
from mmm.exceptions import DataError
from mmm.runs import hash_file

#: What is looked at before anything is read: bytes of a text, rows of a file, rows of all files.
HEAD_BYTES = 1_000_000
HEAD_ROWS = 2_000
ALL_HEAD_ROWS = 100_000
_DELIMITERS = ",;\t|"
_DUCKDB = b"DUCK"


@dataclass(frozen=True)
class Head:
    """The beginning of one file.

    Attributes
    ----------
    place : Place
    content : Content
    header : tuple of str
    rows : tuple of tuple of str
        At most ``HEAD_ROWS``, as text.
    delimiter : str
        Of a text.
    """

    place: Place
    content: Content
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    delimiter: str = ","

    def named(self, wanted: str) -> str:
        """Return the file's own name of a wanted column."""
        return next(column for column in self.header if name_key(column) == name_key(wanted))


def is_database(path: Path) -> bool:
    """Say whether a file is a DuckDB database, by its content."""
    with path.open("rb") as file:
        return file.read(12)[8:] == _DUCKDB


def digest(places: Sequence[Place]) -> str:
    """Return one SHA-256 of all files: of their names and their own, in order."""
    whole = hashlib.sha256()
    for place in places:
        whole.update(f"{place.name}\0{hash_file(place.path)}\n".encode())
    return whole.hexdigest()


def heads_of(places: Sequence[Place], source: SourceSpec, wanted: Sequence[str]) -> tuple[Head, ...]:
    """Look at the beginning of every file; errors as in :func:`head_of`."""
    most = max(20, min(HEAD_ROWS, ALL_HEAD_ROWS // len(places)))
    return tuple(head_of(place, source, wanted, most) for place in places)


def head_of(place: Place, source: SourceSpec, wanted: Sequence[str], most: int = HEAD_ROWS) -> Head:
    """Look at the beginning of a file: at most ``most`` rows.

    Raises
    ------
    DataError
        Not CSV in UTF-8 or Parquet, or a wanted column is missing or doubled.
    """
    if any(mark in str(place.path) for mark in "*?[]{}"):
        raise DataError(
            "the path holds a character that patterns use (*, ?, [, ], {, })",
            where=safe(place.name),
            do="Rename the file or its folder.",
        )
    with place.path.open("rb") as file:
        raw = file.read(HEAD_BYTES)
    content = content_of(raw, place.name)
    head = _parquet(place, most) if content is Content.PARQUET else _text(place, raw, source, wanted, most)
    if content is not Content.PARQUET:
        _refuse_nameless(head.header, wanted, place.name)
    refuse_missing(head.header, wanted, place.name)
    refuse_duplicates(head.header, place.name)
    keys = [name_key(column) for column in head.header]
    for column in wanted:
        if keys.count(name_key(column)) > 1:
            raise DataError(
                f"two columns are called '{safe(column)}', but for case or spaces",
                where=place.name,
                do="Rename or remove one of them: which is meant cannot be told.",
            )
    return head


def _refuse_nameless(header: Sequence[str], wanted: Sequence[str], file: str) -> None:
    """Refuse a first line that holds none of the wanted names: it may be a row, so nothing of it is told."""
    if not {name_key(column) for column in header} & {name_key(column) for column in wanted}:
        raise DataError(
            f"the first line does not name its columns: it holds none of {listed(map(repr, wanted), 8)}",
            where=file,
            do="Write the names of the columns in the first line, or correct them in the model file.",
        )


def _text(place: Place, raw: bytes, source: SourceSpec, wanted: Sequence[str], most: int) -> Head:
    whole = len(raw) < HEAD_BYTES
    if b"\0" in raw or (source.encoding or "utf-8").casefold().replace("_", "-") not in ("utf-8", "utf-8-sig", "utf8"):
        raise DataError("logs are read in UTF-8 only", where=place.name, do="Write it as CSV in UTF-8, or as Parquet.")
    # The last line of a part of a file may be cut, even within a character.
    part = raw if whole else raw[: raw.rfind(b"\n") + 1]
    try:
        text, bad = part.decode("utf-8-sig"), -1
    except UnicodeDecodeError as error:
        text, bad = "", error.start
    if bad >= 0:  # raised out here: the decoder's own error holds the bytes
        line = raw.count(b"\n", 0, bad) + 1
        raise DataError(
            "the text is not UTF-8", where=f"{place.name}, line {line}", do="Save it as CSV in UTF-8, or as Parquet."
        )
    keys = {name_key(column) for column in wanted}
    best: tuple[int, str, list[str]] = (-1, ",", [])
    for delimiter in source.delimiter or _DELIMITERS:
        header = [cell.strip() for cell in next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])]
        found = len(keys & {name_key(cell) for cell in header})
        if found > best[0]:
            best = (found, delimiter, header)
    _, delimiter, header = best
    rows: list[tuple[str, ...]] = []
    try:
        for i, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)):
            if i and row and len(row) == len(header):
                rows.append(tuple(row))
            if len(rows) == most:
                break
    except csv.Error:  # DuckDB names the line when it comes to it
        pass
    if whole and not rows and text.count("\n") < 2:
        raise DataError("the file has a header and no rows", where=place.name, do="Export it again.")
    return Head(place, Content.TEXT, tuple(header), tuple(rows), delimiter)


def _parquet(place: Place, most: int) -> Head:
    try:
        file = pq.ParquetFile(place.path)
        batch = next(file.iter_batches(batch_size=most), None)
        header = tuple(field.name for field in file.schema_arrow)
    except (pa.ArrowException, OSError) as error:
        failed = DataError("the Parquet file is damaged", where=place.name, do="Write it again.")
        raise failed from (error if isinstance(error, OSError) else None)
    columns = [] if batch is None else [_shown(column) for column in batch.columns]
    return Head(place, Content.PARQUET, header, tuple(zip(*columns, strict=True)))


def _shown(column: pa.Array) -> list[str]:
    """Write cells as text; lists and records as DuckDB would never be asked to read them."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        try:
            column = column.cast(pa.string())
        except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
            return [""] * len(column)
    return [cell or "" for cell in column.to_pylist()]


def relation(heads: Sequence[Head], columns: LogColumns) -> str:
    """Write the SELECT of a log's wanted columns, named by their roles, over all its files.

    Raises
    ------
    DataError
        Texts and Parquet files together.
    """
    contents = {head.content for head in heads}
    if len(contents) > 1:
        odd = next(head for head in heads if head.content is not heads[0].content)
        raise DataError(
            "a log is either text or Parquet, and here are both",
            where=odd.place.name,
            do="Narrow the pattern of the source, or write all files in one form.",
        )
    return " UNION ALL ".join(_select(part, columns.by_role()) for part in parts_of(heads))


@dataclass(frozen=True)
class Part:
    """Files of a log that are read in one way: their columns have the same names, in the same order.

    Attributes
    ----------
    head : Head
        Of the first of them.
    body : str
        What follows FROM.
    files : int
        How many they are.
    """

    head: Head
    body: str
    files: int


def parts_of(heads: Sequence[Head]) -> tuple[Part, ...]:
    """Gather the files that one statement reads."""
    groups: dict[tuple[str, tuple[str, ...]], list[Head]] = {}
    for head in heads:
        groups.setdefault((head.delimiter, head.header), []).append(head)
    return tuple(Part(group[0], _body(group), len(group)) for group in groups.values())


def _body(group: Sequence[Head]) -> str:
    paths = "[" + ", ".join(literal(str(head.place.path)) for head in group) + "]"
    if group[0].content is Content.PARQUET:
        return f"read_parquet({paths}, union_by_name = true)"
    types = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in group[0].header)
    return (
        f"read_csv({paths}, auto_detect = false, header = true, columns = {{{types}}}, "
        f"delim = {literal(group[0].delimiter)}, quote = '\"', escape = '\"', strict_mode = true, null_padding = false)"
    )


def _select(part: Part, roles: Mapping[str, str]) -> str:
    wanted = ", ".join(f"{name(part.head.named(column))} AS {role}" for role, column in roles.items())
    return f"SELECT {wanted} FROM {part.body}"


def table_relation(store: Store, source: SourceSpec, columns: LogColumns, file: str) -> tuple[str, Part]:
    """Write the SELECT of a table or query of the attached DuckDB file, and look at its beginning.

    Raises
    ------
    DataError
        No table is named, there is none of this name, or it lacks a column.
    """
    if source.query is not None:
        body = f"({source.query.strip().rstrip(';')}\n)"
        store.rows("USE log_file")
    elif source.table is not None:
        body = ".".join(["log_file", *(name(part) for part in source.table.split("."))])
    else:
        raise DataError("which table of the DuckDB file is meant?", where=file, do="Name it: 'table: …' of the source.")
    _refuse_several(store, f"SELECT * FROM {body}", file)
    header = tuple(str(row[0]) for row in store.rows(f"DESCRIBE SELECT * FROM {body}", where=f"{file}, table or query"))
    wanted = list(columns.by_role().values())
    refuse_missing(header, wanted, file)
    shown = ", ".join(f"coalesce(TRY_CAST({name(column)} AS VARCHAR), '')" for column in header)
    rows = store.rows(f"SELECT {shown} FROM {body} LIMIT {HEAD_ROWS}")
    head = Head(Place(file, Path(file)), Content.PARQUET, header, tuple(tuple(map(str, row)) for row in rows))
    part = Part(head, body, 1)
    return _select(part, columns.by_role()), part


def _refuse_several(store: Store, sql: str, file: str) -> None:
    """Refuse what is more than one question, or none."""
    import duckdb  # noqa: PLC0415

    try:
        statements = store.connection.extract_statements(sql)
    except duckdb.Error:
        statements = []
    if len(statements) != 1:
        raise DataError(
            "the query is not one SELECT", where=f"{file}, query", do="Write one SELECT that gives the rows of the log."
        )
