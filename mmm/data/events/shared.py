"""Two sources over one log: each is judged for few people by itself, and their figures could be subtracted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import combinations
from pathlib import Path

from mmm.data.events.files import is_database
from mmm.data.reading import name_key
from mmm.data.sources.places import Place, find_places
from mmm.data.sources.spec import SourceSpec
from mmm.exceptions import DataError
from mmm.runs import hash_file


def refuse_shared_logs(sources: Mapping[str, SourceSpec], folder: Path) -> None:
    """Refuse sources that read a log of events which another reads too, the same file or a copy of it.

    Two logs of events may share a file where one of them declares differential privacy.

    Raises
    ------
    DataError
        Names both sources and the file.
    """
    if not any(source.events is not None for source in sources.values()):
        return
    places = {name: tuple(_places(name, source, folder)) for name, source in sources.items()}
    for (first, one), (second, other) in combinations(sorted(sources.items()), 2):
        logs = [source.events for source in (one, other) if source.events is not None]
        if not logs or _other_tables(one, other) or (len(logs) == 2 and any(log.privacy is not None for log in logs)):
            continue
        shared = _shared(places[first], places[second])
        if shared is not None:
            raise DataError(
                f"'{first}' and '{second}' read the same log, {shared.name}",
                where=f"sources.{second}.file",
                do=_do(both=len(logs) == 2),
            )


def _do(*, both: bool) -> str:
    if both:
        return (
            "Declare the metrics of both under one source, which is judged for few people as a whole: figures of two "
            "could be subtracted. Or declare events.privacy in one of them."
        )
    return "Read it as a log of events only: its rows are of single people, and figures of few would tell of them."


def _places(name: str, source: SourceSpec, folder: Path) -> Iterator[Place]:
    if source.file is not None:
        with suppress(DataError):  # reading the source will say so
            yield from find_places(source.file, folder, f"sources.{name}.file")


def _other_tables(one: SourceSpec, other: SourceSpec) -> bool:
    """Say whether two sources name different tables, as of one DuckDB file."""
    return one.table is not None and other.table is not None and name_key(one.table) != name_key(other.table)


def _shared(first: tuple[Place, ...], second: tuple[Place, ...]) -> Place | None:
    """Return a file that stands in both, or is a copy of one of the other."""
    paths = {place.path for place in second}
    sizes: dict[int, list[Place]] = {}
    for place in second:
        sizes.setdefault(place.bytes, []).append(place)
    for place in first:
        if place.path in paths:
            return place
        for alike in sizes.get(place.bytes, []):
            if not is_database(place.path) and hash_file(alike.path) == hash_file(place.path):
                return place
    return None
