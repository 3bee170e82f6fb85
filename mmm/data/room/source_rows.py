"""The rows of a source file that a cell was made of, as they stand there; columns that may be personal stay away."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from mmm.config import inside
from mmm.data.content import Content, content_of
from mmm.data.log import ReadingLog
from mmm.data.privacy import safe
from mmm.data.reading import name_key
from mmm.data.room.trace import Part
from mmm.data.source import read_bytes, table_of
from mmm.data.sources.layout import asked, lay_out, with_shared
from mmm.data.sources.spec import SourceSpec
from mmm.data.spec import PanelSpec
from mmm.data.table import TextTable
from mmm.exceptions import DataError
from mmm.runs import hash_file

#: Rows of one part that are shown.
MOST = 8
_NEEDED = (Content.DUCKDB, Content.SQLITE)


class Found(StrEnum):
    """Whether the rows can be shown."""

    SAME = "the file is as it was"
    GONE = "the file does not lie there any more"
    CHANGED = "the file has changed since: its rows are not shown"
    NOT_A_FILE = "the rows came from a database: ask it"
    PEOPLE = "its rows are of single people, and are never shown"


@dataclass(frozen=True)
class SourceRows:
    """Rows of a file, by the columns that the model reads.

    Attributes
    ----------
    found : Found
    header : tuple of str
    rows : tuple of (row number, cells)
    more : int
        Rows beyond those shown.
    """

    found: Found
    header: tuple[str, ...] = ()
    rows: tuple[tuple[int, tuple[str, ...]], ...] = ()
    more: int = 0


class Shelf:
    """The files that a run was made of, opened once each.

    Parameters
    ----------
    folder : Path
        Where the model file lies.
    spec : PanelSpec
    hashes : mapping
        File → SHA-256 at the time of the run.
    """

    def __init__(self, folder: Path, spec: PanelSpec, hashes: dict[str, str]) -> None:
        self.folder, self.spec, self.hashes = folder, spec, hashes
        self._opened: dict[str, TextTable | Found] = {}

    def rows(self, part: Part, series: str) -> SourceRows:
        """Return the rows that gave a part; only columns that the model reads, and no value that looks personal."""
        if part.file not in self._opened:
            self._opened[part.file] = self._open(part, series)
        table = self._opened[part.file]
        if isinstance(table, Found):
            return SourceRows(table)
        label = name_key(part.label)
        which = [
            i
            for i, row in enumerate(table.rows)
            if part.row <= row <= part.last_row
            and (part.row == part.last_row or not label or label in {name_key(cell) for cell in table.cells[i]})
        ]
        shown = tuple((table.rows[i], tuple(safe(cell) for cell in table.cells[i])) for i in which[:MOST])
        return SourceRows(Found.SAME, tuple(map(safe, table.header)), shown, max(0, len(which) - MOST))

    def _open(self, part: Part, series: str) -> TextTable | Found:
        source = self.spec.sources.get(part.source)
        if source is not None and source.events is not None:
            return Found.PEOPLE
        if part.file not in self.hashes or (source is not None and source.server is not None):
            return Found.NOT_A_FILE
        try:
            path = inside(self.folder, part.file, where="the run")
        except DataError:
            return Found.GONE
        if not path.is_file():
            return Found.GONE
        if hash_file(path) != self.hashes[part.file]:
            return Found.CHANGED
        raw = read_bytes(path, part.file)
        kind = content_of(raw, part.file)
        if kind in _NEEDED:
            return Found.NOT_A_FILE
        if source is None:
            return self._of_file(raw, kind, part, series)
        return self._of_source(raw, kind, part, source)

    def _of_file(self, raw: bytes, kind: Content, part: Part, series: str) -> TextTable:
        data = self.spec.data
        wanted = [column for _, column in self.spec.columns()]
        table = table_of(raw, kind, part.file, data, ReadingLog(), wanted=wanted)
        return _narrowed(table, [data.date, *([data.geo] if data.geo else []), series])

    def _of_source(self, raw: bytes, kind: Content, part: Part, declared: SourceSpec) -> TextTable:
        key = f"sources.{part.source}"
        source = with_shared(declared, self.spec.data)
        wanted, offered = asked(source, self.spec, key)
        table = table_of(raw, kind, part.file, source, ReadingLog(), wanted=wanted, offered=offered, sheet=source.sheet)
        return _narrowed(table, lay_out(source, self.spec, table.header, key, part.file).columns())


def _narrowed(table: TextTable, columns: list[str] | tuple[str, ...]) -> TextTable:
    """Return a table with some of its columns, in their order."""
    keys = [name_key(name) for name in columns]
    kept = [i for i, name in enumerate(table.header) if name_key(name) in keys]
    cells = tuple(tuple(row[i] for i in kept) for row in table.cells)
    return TextTable(table.file, tuple(table.header[i] for i in kept), table.rows, cells, table.typed)
