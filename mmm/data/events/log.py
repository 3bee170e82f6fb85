"""One log, opened: its files, what they are, and that nobody stands in them by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mmm.data.events.columns import LogColumns
from mmm.data.events.files import Head, digest, is_database
from mmm.data.events.spec import EventsSpec, Identifiers
from mmm.data.log import ReadingLog, listed
from mmm.data.privacy import looks_personal, safe
from mmm.data.reading import name_key
from mmm.data.sources.places import Place, find_places
from mmm.data.sources.spec import SourceSpec
from mmm.exceptions import DataError

#: A pseudonym may look like these: they say nothing of a person without the key or the table behind them.
_PSEUDONYMS = "device identifiers"


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


def refuse_people(heads: Sequence[Head], columns: LogColumns, events: EventsSpec, log: ReadingLog, where: str) -> None:
    """Refuse columns of personal data, by what the beginning of every file shows.

    Raises
    ------
    DataError
        Names the column and the kind, never a value.
    """
    passed: dict[str, str] = {}
    for head in heads:
        for index, column in enumerate(head.header):
            # Each value once: a column of a log says few different things.
            found = looks_personal(column, list(dict.fromkeys(row[index] for row in head.rows)))
            is_person = name_key(column) == name_key(columns.person)
            if found is None or (is_person and found[0] == _PSEUDONYMS and looks_personal(column, ["x" * 8]) is None):
                continue
            kind = found[0]
            used = any(name_key(column) == name_key(name) for name in columns.by_role().values())
            if events.identifiers is Identifiers.HASH and (is_person or not used):
                passed[safe(column)] = kind
                continue
            raise DataError(
                f"the column holds {kind}",
                where=f"{head.place.name}, column {safe(column)}",
                do=_remedy(used=used, is_person=is_person),
            )
    if passed:
        told = listed((f"{column} ({kind})" for column, kind in passed.items()), 6)
        log.repaired(
            "identifiers",
            f"Columns of personal data: {told}. The person's id went through a keyed hash; the others were not read.",
            where=where,
            do="Export the log without them, if nothing else needs them.",
        )


def _remedy(*, used: bool, is_person: bool) -> str:
    if used and not is_person:
        return "Name another column in the model file: this one may not be shown, and Mixwise needs no personal data."
    return (
        "Delete the column at its source, or replace it by a pseudonym; or declare 'identifiers: hash' under events: "
        "then ids go through a keyed hash and other such columns are never read."
    )
