"""What other release files have told of a log already: the costs of all of them add up."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

from mmm.data.events.release import Release, ReleaseFile, Told, release_in

#: A release names its settings so early.
_HEAD_BYTES = 2_000


def told_elsewhere(file: ReleaseFile, own: Release, sha256: str) -> tuple[Told, ...]:
    """Return what the other release files of the same folder have told of a log.

    A copy of a release, which holds the same figures of the same periods, has told nothing more.

    Parameters
    ----------
    file : ReleaseFile
    own : Release
        What it holds.
    sha256 : str
        Of the log as it is.
    """
    known = [own]
    found: list[Told] = []
    for other in _others(file.path):
        if not _same_log(other, file.settings, sha256):
            continue
        for told in other.told:
            fresh = tuple(period for period in told.periods if not any(_repeats(other, one, period) for one in known))
            if fresh:
                found.append(told.model_copy(update={"periods": fresh}))
        known.append(other)
    return tuple(found)


def _others(path: Path) -> Iterator[Release]:
    for other in sorted(path.parent.glob("*.json")):
        if other.name == path.name:
            continue
        head = b""
        with suppress(OSError), other.open("rb") as opened:
            head = opened.read(_HEAD_BYTES)
        release = release_in(other) if b'"settings"' in head else None
        if release is not None:
            yield release


def _same_log(other: Release, settings: Mapping[str, Any], sha256: str) -> bool:
    """Say whether a release is of this log: the same file is named, or one of the same bytes was read."""
    return _log(other.settings) == _log(settings) or any(told.log == sha256 for told in other.told)


def _log(settings: Mapping[str, Any]) -> tuple[object, ...]:
    file = settings.get("file")
    return (posixpath.normpath(str(file)), settings.get("table"), settings.get("query"))


def _repeats(other: Release, known: Release, period: date) -> bool:
    """Say whether a period is a copy of what is known: both hold it, and all that both hold is the same."""
    both = other.cells.keys() & known.cells.keys()
    return period in both and all(other.cells[one] == known.cells[one] for one in both)
