"""The files of a source, one after another, each by the way that its content needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from mmm.data.content import Content, content_of
from mmm.data.log import ReadingLog
from mmm.data.privacy import safe
from mmm.data.source import read_bytes, say_extension, table_of
from mmm.data.sources.draft import Draft
from mmm.data.sources.layout import asked, lay_out
from mmm.data.sources.places import Place, find_places
from mmm.data.sources.spec import ServerSpec, SourceSpec
from mmm.data.sources.strict import draft_of
from mmm.data.sources.wording import Gathered
from mmm.data.spec import PanelSpec
from mmm.data.table import TextTable
from mmm.exceptions import SpecError

_HEAD = 4096
#: Files that hold several tables.
DATABASES = (Content.DUCKDB, Content.SQLITE)
#: Bytes of a source from which its text files are summed while they are read, where they are plain.
FROM_BYTES = 8_000_000


def drafts_of(key: str, source: SourceSpec, spec: PanelSpec, folder: Path, gathered: Gathered) -> Iterator[Draft]:
    """Yield the figures of every file of a source, in the order of their names.

    Parameters
    ----------
    key : str
        As in ``sources.google``.
    source : SourceSpec
        With what ``data`` declares for all sources.
    spec : PanelSpec
    folder : Path
        Of ``model.yaml``.
    gathered : Gathered
        What is found in each file.
    """
    if source.server is not None:
        log = ReadingLog()
        yield _read_server(key, source.server, source, spec, log)
        gathered.take(log)
        return
    places = find_places(source.file or "", folder, f"{key}.file")
    for draft, log in _read_files(key, places, source, spec, folder):
        gathered.take(log)
        yield draft


def _read_files(
    key: str, places: tuple[Place, ...], source: SourceSpec, spec: PanelSpec, folder: Path
) -> Iterator[tuple[Draft, ReadingLog]]:
    """Read small sources cell by cell; of large ones, plain text by sums."""

    def cell_by_cell(place: Place, log: ReadingLog) -> Draft:
        return _read_file(key, place, source, spec, log)

    large = sum(place.bytes for place in places) >= FROM_BYTES
    if large and all(kind_of(place) is Content.TEXT for place in places):
        from mmm.data.sources.bulk.lane import read_many  # noqa: PLC0415  (loads duckdb)

        yield from read_many(key, places, source, spec, folder, cell_by_cell)
        return
    for place in places:
        log = ReadingLog()
        yield cell_by_cell(place, log), log


def _read_file(key: str, place: Place, source: SourceSpec, spec: PanelSpec, log: ReadingLog) -> Draft:
    table = open_file(key, place, source, spec, log)
    return drafted(key, table, place.name, place.bytes, source, spec, log)


def open_file(key: str, place: Place, source: SourceSpec, spec: PanelSpec, log: ReadingLog) -> TextTable:
    """Return one file of a source as a table of text: delimited text, a workbook, Parquet, or a database's rows.

    Raises
    ------
    DataError, SpecError
    """
    wanted, offered = asked(source, spec, key)
    kind = kind_of(place)
    say_extension(place.path, kind, place.name, log)
    _refuse_idle_keys(key, kind, place, source)
    if kind in DATABASES:
        from mmm.data.sources.database import read_database  # noqa: PLC0415  (loads duckdb)

        return read_database(place.path, kind, place.name, source, wanted)
    raw = read_bytes(place.path, place.name)
    return table_of(raw, kind, place.name, source, log, wanted=wanted, offered=offered, sheet=source.sheet)


def _read_server(key: str, server: ServerSpec, source: SourceSpec, spec: PanelSpec, log: ReadingLog) -> Draft:
    from mmm.data.sources.server import name_of  # noqa: PLC0415  (loads duckdb)

    table = open_server(key, server, source, spec)
    return drafted(key, table, name_of(source, server), 0, source, spec, log)


def open_server(key: str, server: ServerSpec, source: SourceSpec, spec: PanelSpec) -> TextTable:
    """Return what a server answers, as a table of text.

    Raises
    ------
    DataError, SpecError
    """
    from mmm.data.sources.server import read_server  # noqa: PLC0415  (loads duckdb)

    return read_server(key, source, server, asked(source, spec, key)[0])


def drafted(
    key: str, table: TextTable, name: str, size: int, source: SourceSpec, spec: PanelSpec, log: ReadingLog
) -> Draft:
    """Return the figures of a table of text."""
    layout = lay_out(source, spec, table.header, key, name)
    return replace(draft_of(table, layout, spec, size, log), file=name)


def kind_of(place: Place) -> Content:
    """Tell what a file is by its first bytes; of a workbook, by its directory."""
    with place.path.open("rb") as stream:
        head = stream.read(_HEAD)
    # An archive's directory stands at its end, and a blank head may go on to something.
    whole = head.startswith(b"PK") or not head.strip()
    return content_of(read_bytes(place.path, place.name) if whole else head, place.name)


def _refuse_idle_keys(key: str, kind: Content, place: Place, source: SourceSpec) -> None:
    """Refuse a sheet of what is no workbook, and a table or query of what is no database."""
    idle = "sheet" if source.sheet is not None and kind is not Content.WORKBOOK else None
    if kind not in DATABASES:
        idle = "table" if source.table is not None else "query" if source.query is not None else idle
    if idle is not None:
        raise SpecError(
            f"{safe(place.name, 80)} is {kind.says}, which has no {idle}", where=f"{key}.{idle}", do="Remove the key."
        )
