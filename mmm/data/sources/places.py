"""Which files a source is: one file, all of a folder, or those that fit a pattern; never outside the project folder."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mmm.config import inside
from mmm.data.log import listed
from mmm.data.privacy import safe
from mmm.exceptions import DataError

MAX_FILES = 20_000
_WILD = frozenset("*?[")


@dataclass(frozen=True)
class Place:
    """One file of a source.

    Attributes
    ----------
    name : str
        Path inside the folder of ``model.yaml``, with ``/``: what messages call it.
    path : Path
        Resolved.
    """

    name: str
    path: Path

    @property
    def bytes(self) -> int:
        """Size of the file."""
        return self.path.stat().st_size


def find_places(file: str, folder: Path, where: str) -> tuple[Place, ...]:
    """Find the files of a source, sorted by name.

    Parameters
    ----------
    file : str
        A file, a folder (its files, not those of folders in it), or a pattern with ``*``, ``?``, ``[…]`` or ``**``.
    folder : Path
        Of ``model.yaml``.
    where : str
        Key path for messages, as in ``sources.google.file``.

    Raises
    ------
    DataError
        Nothing there (the nearest names are told), or something that leads outside the folder.
    """
    root = folder.resolve()
    literal = _literal(root, file, where)
    if literal is not None and literal.is_file():
        return (_place(root, literal, where),)
    if literal is not None and not literal.is_dir():  # a pipe or a device: reading it may never end
        raise DataError(
            f"'{safe(file, 120)}' is not a file and not a folder", where=where, do="Name a file with a table in it."
        )
    if literal is not None:
        found = [path for path in literal.iterdir() if path.is_file()]
    else:
        found = _fitting(root, file, where)
    places = sorted((_place(root, path, where) for path in found if not _is_passing(path)), key=lambda one: one.name)
    if not places:
        raise _nothing(root, file, where)
    if len(places) > MAX_FILES:
        raise DataError(f"{len(places):,} files are meant", where=where, do="Join them to fewer files.")
    return tuple(places)


def _literal(root: Path, file: str, where: str) -> Path | None:
    """Return the file or folder of exactly this name; None where the name is a pattern."""
    wild = not _WILD.isdisjoint(file)
    try:
        there = (root / file).exists()
        within = (root / file).resolve().is_relative_to(root)
    except (OSError, ValueError, RuntimeError) as error:
        raise DataError("this is not the name of a file", where=where, do="Correct the name.") from error
    if wild and not there:
        return None
    if not there and within:
        raise _nothing(root, file, where)
    return inside(root, file, where=where)


def _fitting(root: Path, pattern: str, where: str) -> list[Path]:
    parts = PurePosixPath(pattern.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts or Path(pattern).is_absolute():
        raise DataError(
            f"'{safe(pattern)}' leads outside the project folder", where=where, do="Name files inside the folder."
        )
    try:
        return [path for path in root.glob(str(parts)) if path.is_file()]
    except (ValueError, OSError) as error:
        raise DataError(
            f"'{safe(pattern)}' is not a pattern", where=where, do="Write one such as exports/*.csv."
        ) from error


def _place(root: Path, path: Path, where: str) -> Place:
    """Name a file by its path in the folder, and refuse a link that leads out of it."""
    name = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
    return Place(name, inside(root, name, where=f"{where}, {safe(name, 120)}"))


def _is_passing(path: Path) -> bool:
    """Say whether a file is hidden, or the lock that an office program leaves beside an open workbook."""
    return path.name.startswith((".", "~$", ".~lock"))


def _nothing(root: Path, file: str, where: str) -> DataError:
    what = "no file fits" if not _WILD.isdisjoint(file) else "there is no file"
    near = _nearest(root, file)
    there = f" Near it: {listed((repr(safe(name, 80)) for name in near), 4)}." if near else ""
    return DataError(f"{what} '{safe(file, 120)}' in the project folder", where=where, do=f"Check the name.{there}")


def _nearest(root: Path, file: str) -> list[str]:
    """Return names in the folder that is meant, or the nearest one above it, the likest first."""
    parts = PurePosixPath(file.replace("\\", "/")).parts[:-1]
    folder = root
    for part in parts:
        if not _WILD.isdisjoint(part) or part == ".." or not (folder / part).is_dir():
            break
        folder = folder / part
    names = [path.relative_to(root).as_posix() for path in _listing(folder) if not _is_passing(path)]
    like = difflib.get_close_matches(file, names, n=4, cutoff=0.5)
    return like or sorted(names)[:4]


def _listing(folder: Path) -> Iterable[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []
