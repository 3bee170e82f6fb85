"""The rows of a source that a cell was made of, as they stand there; columns that may be personal stay away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from mmm.config import inside
from mmm.data.content import content_of
from mmm.data.log import ReadingLog
from mmm.data.privacy import safe
from mmm.data.reading import name_key
from mmm.data.room.database_rows import DatabaseRows
from mmm.data.room.trace import Part
from mmm.data.source import read_bytes, table_of
from mmm.data.sources.layout import lay_out, with_shared
from mmm.data.sources.opening import DATABASES, drafted, kind_of, open_file, open_server
from mmm.data.sources.places import Place
from mmm.data.sources.presets import with_usual
from mmm.data.sources.spec import ServerSpec, SourceSpec
from mmm.data.sources.wording import spoken_of
from mmm.data.spec import PanelSpec
from mmm.data.table import TextTable
from mmm.exceptions import DataError, SpecError
from mmm.runs import hash_file

#: Rows of one part that are shown.
MOST = 8


class Found(StrEnum):
    """Whether the rows can be shown."""

    SAME = "the file is as it was"
    GONE = "the file does not lie there any more"
    CHANGED = "the file has changed since: its rows are not shown"
    ANSWERS = "the database answers otherwise than it did: its rows are not shown"
    CLOSED = "the rows cannot be shown"
    PEOPLE = "its rows are of single people, and are never shown"


@dataclass(frozen=True)
class SourceRows:
    """Rows of a file or a database, by the columns that the model reads.

    Attributes
    ----------
    found : Found
    header : tuple of str
    rows : tuple of (row number, cells)
    more : int
        Rows beyond those shown.
    why : str
        Why the rows cannot be shown, where that is more than ``found`` says.
    """

    found: Found
    header: tuple[str, ...] = ()
    rows: tuple[tuple[int, tuple[str, ...]], ...] = ()
    more: int = 0
    why: str = ""

    @property
    def says(self) -> str:
        """What is said instead of the rows; empty where they are shown."""
        if self.found is Found.SAME:
            return ""
        return f"{self.found}: {self.why}" if self.why else str(self.found)


class Shelf:
    """The files and databases that a run was made of, opened once for each source.

    Parameters
    ----------
    folder : Path
        Where the model file lies.
    spec : PanelSpec
    hashes : mapping
        File, or what a server was asked → SHA-256 at the time of the run.
    """

    def __init__(self, folder: Path, spec: PanelSpec, hashes: dict[str, str]) -> None:
        self.folder, self.spec, self.hashes = folder, spec, hashes
        self._opened: dict[tuple[str, str], TextTable | DatabaseRows | SourceRows] = {}

    def rows(self, part: Part, columns: Sequence[str]) -> SourceRows:
        """Return the rows that gave a part, of one data file with the columns that are asked for.

        Only columns that the model reads are shown, and no value that looks personal.
        """
        key = (part.source, part.file)  # two sources may be two tables, or two sheets, of one file
        if key not in self._opened:
            self._opened[key] = self._try(part, columns)
        opened = self._opened[key]
        if isinstance(opened, SourceRows):
            return opened
        if isinstance(opened, DatabaseRows):
            which = opened.find(part)
            return _shown(opened.table, which) if which else SourceRows(Found.ANSWERS)
        return _shown(opened, _numbered(opened, part))

    def _try(self, part: Part, columns: Sequence[str]) -> TextTable | DatabaseRows | SourceRows:
        """Open what a part came from; where that cannot be done, say why: the lineage holds all the same."""
        try:
            opened = self._open(part, columns)
        except (DataError, SpecError) as error:
            return SourceRows(Found.CLOSED, why=str(error))
        return SourceRows(opened) if isinstance(opened, Found) else opened

    def _open(self, part: Part, columns: Sequence[str]) -> TextTable | DatabaseRows | Found:
        declared = self.spec.sources.get(part.source)
        if declared is not None and declared.events is not None:
            return Found.PEOPLE
        if part.file not in self.hashes:
            return Found.GONE
        if declared is not None and declared.server is not None:
            return self._of_server(part, declared, declared.server)
        try:
            path = inside(self.folder, part.file, where="the run")
        except DataError:
            return Found.GONE
        if not path.is_file():
            return Found.GONE
        if hash_file(path) != self.hashes[part.file]:
            return Found.CHANGED
        if declared is None:
            return self._of_file(path, part, columns)
        return self._of_source(Place(part.file, path), part, declared)

    def _of_file(self, path: Path, part: Part, columns: Sequence[str]) -> TextTable:
        data = self.spec.data
        wanted = [column for _, column in self.spec.columns()]
        raw = read_bytes(path, part.file)
        table = table_of(raw, content_of(raw, part.file), part.file, data, ReadingLog(), wanted=wanted)
        return _narrowed(table, [data.date, *([data.geo] if data.geo else []), *columns])

    def _of_source(self, place: Place, part: Part, declared: SourceSpec) -> TextTable | DatabaseRows:
        key = f"sources.{part.source}"
        with spoken_of(key):
            source = self._as_read(declared, key)
            table = open_file(key, place, source, self.spec, ReadingLog())
            if kind_of(place) in DATABASES:
                return self._understood(key, table, part, source)
            return self._narrow(key, table, part, source)

    def _of_server(self, part: Part, declared: SourceSpec, server: ServerSpec) -> DatabaseRows | Found:
        """Ask a server again, which may only be read; its answer's hash says whether it is the same."""
        key = f"sources.{part.source}"
        with spoken_of(key):
            source = self._as_read(declared, key)
            table = open_server(key, server, source, self.spec)
            if table.source_hash != self.hashes[part.file]:
                return Found.ANSWERS
            return self._understood(key, table, part, source)

    def _as_read(self, declared: SourceSpec, key: str) -> SourceSpec:
        return with_shared(with_usual(declared, key), self.spec.data)

    def _understood(self, key: str, table: TextTable, part: Part, source: SourceSpec) -> DatabaseRows:
        draft = drafted(key, table, part.file, 0, source, self.spec, ReadingLog())
        return DatabaseRows(self._narrow(key, table, part, source), draft)

    def _narrow(self, key: str, table: TextTable, part: Part, source: SourceSpec) -> TextTable:
        return _narrowed(table, lay_out(source, self.spec, table.header, key, part.file).columns())


def _numbered(table: TextTable, part: Part) -> list[int]:
    """Return the places of a part's rows; of rows that were added up, those with its label."""
    label = name_key(part.label)
    return [
        i
        for i, row in enumerate(table.rows)
        if part.row <= row <= part.last_row
        and (part.row == part.last_row or not label or label in {name_key(cell) for cell in table.cells[i]})
    ]


def _shown(table: TextTable, which: Iterable[int]) -> SourceRows:
    every = list(which)
    rows = tuple((table.rows[i], tuple(safe(cell) for cell in table.cells[i])) for i in every[:MOST])
    return SourceRows(Found.SAME, tuple(map(safe, table.header)), rows, max(0, len(every) - MOST))


def _narrowed(table: TextTable, columns: list[str] | tuple[str, ...]) -> TextTable:
    """Return a table with some of its columns, in their order."""
    keys = [name_key(name) for name in columns]
    kept = [i for i, name in enumerate(table.header) if name_key(name) in keys]
    cells = tuple(tuple(row[i] for i in kept) for row in table.cells)
    return TextTable(table.file, tuple(table.header[i] for i in kept), table.rows, cells, table.typed)
