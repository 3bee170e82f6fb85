"""Files written for the first time: nothing is overwritten, and a closed folder is told in one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mmm.exceptions import SpecError


def refuse_present(folder: Path, names: Iterable[str]) -> None:
    """Refuse a folder that holds one of some files already.

    Raises
    ------
    SpecError
        Names the first of them.
    """
    present = [name for name in names if (folder / name).exists() or (folder / name).is_symlink()]
    if present:
        raise SpecError(
            f"'{present[0]}' is here already, and nothing is overwritten",
            where=str(folder),
            do="Name a new folder, or move that file away.",
        )


@contextmanager
def told_where_closed(folder: Path) -> Iterator[None]:
    """Say in one sentence that files cannot be written into a folder.

    Raises
    ------
    SpecError
        Instead of any ``OSError``.
    """
    try:
        yield
    except OSError as error:
        raise SpecError(
            f"the files cannot be written ({error.strerror})",
            where=str(folder),
            do="Name a folder that you may write to.",
        ) from error


def write_new(folder: Path, texts: Mapping[str, str]) -> None:
    """Write files into a folder; one that someone else made in the meantime is an ``OSError``.

    Parameters
    ----------
    folder : Path
    texts : mapping of name to text
    """
    for name, text in texts.items():
        with (folder / name).open("x", encoding="utf-8", newline="\n") as handle:
            handle.write(text)
