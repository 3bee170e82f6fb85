"""The files of a source, one after another, each by the way that its content needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from mmm.data.content import Content, content_of
from mmm.data.log import ReadingLog
from mmm.data.source import read_bytes, say_extension, table_of
from mmm.data.sources.draft import Draft
from mmm.data.sources.layout import asked, lay_out
from mmm.data.sources.places import Place, find_places
from mmm.data.sources.spec import SourceSpec
from mmm.data.sources.strict import draft_of
from mmm.data.sources.wording import Gathered
from mmm.data.spec import PanelSpec
from mmm.exceptions import DataError


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
    if source.file is None:
        raise DataError("servers cannot be read yet", where=f"{key}.server", do="Export the query as a file.")
    for place in find_places(source.file, folder, f"{key}.file"):
        log = ReadingLog()
        draft = _read_file(key, place, source, spec, log)
        gathered.take(log)
        yield draft


def _read_file(key: str, place: Place, source: SourceSpec, spec: PanelSpec, log: ReadingLog) -> Draft:
    raw = read_bytes(place.path, place.name)
    kind = content_of(raw, place.name)
    say_extension(place.path, kind, place.name, log)
    wanted, offered = asked(source, spec, key)
    if kind in (Content.DUCKDB, Content.SQLITE):
        raise DataError(f"this is {kind.says}", where=place.name, do="Export the table as CSV.")
    table = table_of(raw, kind, place.name, source, log, wanted=wanted, offered=offered, sheet=source.sheet)
    layout = lay_out(source, spec, table.header, key, place.name)
    return draft_of(replace(table, file=place.name), layout, spec, len(raw), log)
