"""A file of which nothing is known → tables of text: the header is the first line that names columns of a table."""

from __future__ import annotations

import csv
import io
import warnings
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from mmm.data.content import Content, content_of
from mmm.data.delimited import read_delimited
from mmm.data.encoding import decode
from mmm.data.log import ReadingLog
from mmm.data.numbers import Kind, read_cell
from mmm.data.parquet import read_parquet, text_table
from mmm.data.privacy import safe
from mmm.data.sources.spec import SourceSpec
from mmm.data.table import TextTable
from mmm.exceptions import DataError

_DELIMITERS = ",;\t|"
#: Lines in which a header is looked for, and by which the width of the table is judged.
_LOOKED_AT = 400
#: Bytes of a file that are looked at; what comes after them is read when the model file is checked.
MAX_BYTES = 4_000_000
_ROWS = 20_000
_WIDEST = 500
_LISTS = {
    Content.SQLITE: "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'",
    Content.DUCKDB: "SELECT table_name FROM duckdb_tables() WHERE database_name = 'source'",
}


@dataclass(frozen=True)
class Look:
    """One table of a file.

    Attributes
    ----------
    file : str
    table : TextTable
        All its rows, or the first of a large file.
    delimiter : str, optional
        Of text.
    part : str, optional
        ``sheet`` or ``table``, where the file has several; its name is ``part_name``.
    part_name : str, optional
    whole : bool
        False where only the beginning was looked at.
    """

    file: str
    table: TextTable
    delimiter: str | None = None
    part: str | None = None
    part_name: str | None = None
    whole: bool = True

    @property
    def where(self) -> str:
        """Name the table for a message."""
        return self.file if self.part is None else f"{self.file}, {self.part} '{safe(str(self.part_name))}'"


def look(path: Path, name: str) -> tuple[Look, ...]:
    """Look at a file.

    Parameters
    ----------
    path : Path
    name : str
        What messages call it.

    Raises
    ------
    DataError
        Nothing that is read, or no table in it.
    """
    size = path.stat().st_size
    with path.open("rb") as handle:
        raw = handle.read(MAX_BYTES)
    whole = path.read_bytes() if size > MAX_BYTES and raw.startswith(b"PK\x03\x04") else raw
    kind = content_of(whole, name)
    if kind is Content.PARQUET:
        return (Look(name, read_parquet(raw, name)) if size <= MAX_BYTES else _first_rows(path, name),)
    if kind is Content.WORKBOOK:
        return _sheets(whole, name)
    if kind in (Content.DUCKDB, Content.SQLITE):
        return _tables(path, kind, name)
    if size > len(raw):
        raw = raw[: raw.rfind(b"\n") + 1]
    return (replace(_text(raw, name), whole=size <= MAX_BYTES),)


def _first_rows(path: Path, name: str) -> Look:
    """Look at the first rows of a large Parquet file."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        with pq.ParquetFile(path) as source:
            batch = next(source.iter_batches(_ROWS), None)
    except (pa.ArrowException, OSError) as error:
        raise DataError("the Parquet file is damaged", where=name, do="Write it again.") from error
    if batch is None:
        raise DataError("the file has columns and no rows", where=name, do="Write it again, with its rows.")
    return Look(name, text_table(pa.Table.from_batches([batch]), name), whole=False)


def _text(raw: bytes, name: str) -> Look:
    text = decode(raw, name, ReadingLog(), declared=None, wanted=())
    delimiter, width = _delimiter(text)
    header = find_header(_head(text, delimiter), width)
    if header is None:
        raise DataError("no line of the file names columns", where=name, do="Give it a first line of column names.")
    wanted = [cell for cell in header if cell.strip()]
    table = read_delimited(text, name, ReadingLog(), wanted=wanted, delimiter=delimiter)
    return Look(name, table, delimiter)


def _sheets(raw: bytes, name: str) -> tuple[Look, ...]:
    """Look at every sheet that has a header and rows."""
    from openpyxl import load_workbook  # noqa: PLC0415  (slow to load, and needed for workbooks only)

    from mmm.data.sources.workbook import read_workbook  # noqa: PLC0415
    from mmm.data.sources.workbook_guard import damage_told, each, guard  # noqa: PLC0415

    parts = guard(raw, name, ReadingLog())
    heads: dict[str, list[list[str]]] = {}
    with damage_told(name), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True, keep_links=False)
        rows = {}
        for sheet in book.worksheets:
            sheet.reset_dimensions()
            rows[sheet.title] = iter(sheet.iter_rows(max_row=_LOOKED_AT, max_col=_WIDEST, values_only=True))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for title, several in rows.items():
            heads[title] = [_trimmed(["" if one is None else str(one) for one in row]) for row in each(several, name)]
    found: list[Look] = []
    for title, head in heads.items():
        widths = Counter(len(cells) for cells in head if len(cells) > 1)
        header = find_header(head, max(widths, key=lambda width: (widths[width], width))) if widths else None
        if header is not None and title in parts:
            wanted = [cell.strip() for cell in header if cell.strip()]
            table = read_workbook(raw, name, ReadingLog(), wanted=wanted, sheet=title)
            found.append(Look(name, table, None, "sheet", title))
    if not found:
        raise DataError("no sheet has a line of column names", where=name, do="Give the table a first line of names.")
    return tuple(found) if len(found) > 1 else (replace(found[0], part="sheet" if len(parts) > 1 else None),)


def _trimmed(cells: list[str]) -> list[str]:
    while cells and not cells[-1].strip():
        cells.pop()
    return cells


def _tables(path: Path, kind: Content, name: str) -> tuple[Look, ...]:
    """Look at every table of a database file, at most so many rows."""
    from mmm.data.sources.database import quoted, read_database  # noqa: PLC0415  (loads DuckDB)

    def asked(query: str) -> TextTable:
        return read_database(path, kind, name, SourceSpec(file=name, query=query), ())

    found: list[Look] = []
    for (table,) in asked(_LISTS[kind]).cells:
        with suppress(DataError):  # of a table without rows, or one that holds bytes: the others are looked at
            read = asked(f"SELECT * FROM {quoted(table)} LIMIT {_ROWS}")  # noqa: S608  (the name is quoted)
            found.append(Look(name, replace(read, file=name), None, "table", table, whole=len(read) < _ROWS))
    if not found:
        raise DataError("no table holds rows of plain values", where=name, do="Name another file.")
    return tuple(found)


def _head(text: str, delimiter: str) -> list[list[str]]:
    found: list[list[str]] = []
    with suppress(csv.Error):
        for cells in islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), _LOOKED_AT):
            found.append(cells)  # noqa: PERF402  (what was read before broken quoting is kept)
    return found


def _delimiter(text: str) -> tuple[str, int]:
    """Return the delimiter that gives most lines one width, and that width."""

    def regular(delimiter: str) -> tuple[int, int, int]:
        widths = Counter(len(cells) for cells in _head(text, delimiter) if len(cells) > 1)
        if not widths:
            return 0, 0, 1
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
        return count, width, width

    best = max(_DELIMITERS, key=lambda delimiter: regular(delimiter)[:2])
    return best, regular(best)[2]


def find_header(records: Sequence[Sequence[str]], width: int) -> Sequence[str] | None:
    """Return the first record that names columns: as wide as the table, of words, none of them twice."""
    for cells in records:
        filled = [cell.strip() for cell in cells if cell.strip()]
        if len(cells) >= width and len(filled) >= max(1, width - 1) and len(set(filled)) == len(filled):
            words = sum(not _is_figure(cell) for cell in filled)
            if words >= len(filled) / 2:
                return cells
    return None


def _is_figure(cell: str) -> bool:
    return read_cell(cell).kind is not Kind.TEXT or cell[:1].isdecimal()
