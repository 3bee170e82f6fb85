"""One log, opened: where its files lie, and what they are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mmm.data.events.files import digest, is_database
from mmm.data.privacy import safe
from mmm.data.sources.places import Place, find_places
from mmm.data.sources.spec import SourceSpec
from mmm.exceptions import DataError


@dataclass(frozen=True)
class LogFiles:
    """Where a log lies.

    Attributes
    ----------
    name : str
        What messages call the log: its one file, or the pattern.
    places : tuple of Place
    database : bool
        Whether it is a table of a DuckDB file.
    """

    name: str
    places: tuple[Place, ...]
    database: bool

    @classmethod
    def find(cls, source: SourceSpec, folder: Path, key: str) -> LogFiles:
        """Find the files of a log.

        Raises
        ------
        DataError
            Nothing there, outside the folder, or a DuckDB file among others.
        """
        places = find_places(source.file or "", folder, f"{key}.file")
        name = places[0].name if len(places) == 1 else safe(source.file or "", 120)
        databases = [place for place in places if is_database(place.path)]
        if databases and len(places) > 1:
            raise DataError(
                "a DuckDB file stands alone", where=databases[0].name, do="Name this one file in the source."
            )
        if not databases and (source.table or source.query) is not None:
            raise DataError(
                "table and query are of DuckDB files", where=name, do=f"Remove them from {key}, or name such a file."
            )
        return cls(name, places, bool(databases))

    @property
    def sha256(self) -> str:
        """Of all files together."""
        return digest(self.places)

    @property
    def bytes(self) -> int:
        """Size of all files."""
        return sum(place.bytes for place in self.places)
