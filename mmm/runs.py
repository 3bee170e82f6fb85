"""Run folders: written beside their place, completed with a marker that holds every hash, then moved in one step.

A killed writer leaves no folder that a reader accepts: readers want the marker, and check every hash in it.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from mmm.exceptions import DataError, SpecError

MARKER = "COMPLETE.json"
MANIFEST = "manifest.json"
_VERSIONED = ("mixwise", "numpy", "pandas", "pymc", "pytensor", "nutpie", "numba", "cvxpy", "clarabel", "highspy")


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def versions() -> dict[str, str]:
    """Return the versions that a result depends on, without importing the packages."""
    found = {"python": platform.python_version()}
    for name in _VERSIONED:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


@dataclass(frozen=True)
class Manifest:
    """What a run was made of.

    Attributes
    ----------
    command : str
        The Mixwise command that made the run.
    inputs : Mapping
        Name of each input file → SHA-256 of its bytes.
    configuration : Mapping
        Everything resolved, defaults included, JSON-ready.
    seed : int or None
    parent : str or None
        Hash of the parent run (``Run.hash``): a plan names its fit.
    """

    command: str
    inputs: Mapping[str, str] = field(default_factory=dict)
    configuration: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None
    parent: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the manifest with versions and time, JSON-ready."""
        return {
            "command": self.command,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "inputs": dict(self.inputs),
            "configuration": dict(self.configuration),
            "seed": self.seed,
            "parent": self.parent,
            "versions": versions(),
        }


@dataclass(frozen=True)
class Run:
    """A completed run folder whose hashes were checked.

    Attributes
    ----------
    folder : Path
    manifest : Mapping
    hash : str
        SHA-256 of the completion marker: names the run and all its files.
    """

    folder: Path
    manifest: Mapping[str, Any]
    hash: str


def write_json(path: Path, value: Any) -> None:
    """Write strict JSON (no NaN), indented, UTF-8."""
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _unwritable(out: Path, error: OSError) -> SpecError:
    return SpecError(
        f"the output folder cannot be made ({error.strerror})", where=str(out)[:200], do="Choose another --out."
    )


@contextmanager
def _locked(out: Path) -> Iterator[None]:
    """Hold ``<out>.lock`` with this process's number; a lock left by a dead process is taken over."""
    lock = out.with_name(f".{out.name}.lock")
    for _ in range(2):
        try:
            descriptor = os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
            break
        except FileExistsError:
            owner = lock.read_text(encoding="utf-8").strip()
            if owner.isdigit() and _alive(int(owner)):
                raise SpecError(
                    f"another run (process {owner}) is writing to this folder",
                    where=str(out),
                    do="Wait for it, or choose another --out.",
                ) from None
            lock.unlink(missing_ok=True)
        except OSError as error:
            raise _unwritable(out, error) from error
    else:
        raise SpecError("another run took this folder", where=str(out), do="Choose another --out.")
    try:
        os.write(descriptor, str(os.getpid()).encode())
        os.close(descriptor)
        yield
    finally:
        lock.unlink(missing_ok=True)


def _complete(folder: Path) -> None:
    """Write the marker with the hash of every file, after the files are on disk."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MARKER)
    for path in files:
        _sync(path)
    hashes = {path.relative_to(folder).as_posix(): hash_file(path) for path in files}
    write_json(folder / MARKER, {"files": hashes})
    _sync(folder / MARKER)
    _sync(folder)


def _clear_dead_stages(out: Path) -> None:
    """Remove what killed runs left beside ``out``; a result moved aside and not replaced is put back."""
    for left in out.parent.glob(f".{out.name}.previous-*"):
        if out.exists():
            shutil.rmtree(left)
        else:
            left.replace(out)
    for left in out.parent.glob(f".{out.name}.staging-*"):
        shutil.rmtree(left)


@contextmanager
def staged_run(out: str | Path, manifest: Manifest) -> Iterator[Path]:
    """Give a staging folder; when the block ends without error, complete it and move it to ``out``.

    A failed or killed block leaves ``out`` as it was. An existing ``out`` is replaced only if it is a run folder
    (complete or not) or empty.

    Parameters
    ----------
    out : path
        Where the completed run is to stand.
    manifest : Manifest

    Yields
    ------
    Path
        The staging folder, on the same file system as ``out``.

    Raises
    ------
    SpecError
        ``out`` is a file, a folder with other content, or is being written by another run.
    """
    out = Path(out).absolute()
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        is_file = out.is_file()
    except OSError as error:
        raise _unwritable(out, error) from error
    if is_file:
        raise SpecError("the output path is a file", where=str(out), do="Choose a folder.")
    if out.is_dir() and any(out.iterdir()) and not (out / MANIFEST).exists():
        raise SpecError(
            "the output folder holds files that are not a Mixwise run",
            where=str(out),
            do="Choose an empty or new folder.",
        )
    with _locked(out):
        _clear_dead_stages(out)
        staging = out.with_name(f".{out.name}.staging-{os.getpid()}")
        staging.mkdir()
        try:
            yield staging
            write_json(staging / MANIFEST, manifest.as_dict())
            _complete(staging)
            aside = out.with_name(f".{out.name}.previous-{os.getpid()}")
            if out.exists():
                out.replace(aside)
            staging.replace(out)
            _sync(out.parent)
            shutil.rmtree(aside, ignore_errors=True)
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def open_run(folder: str | Path, *, command: str) -> Run:
    """Open a completed run and check every file against its marker.

    Raises
    ------
    DataError
        No such folder, no marker (unfinished), a file missing or changed, or a run of another command.
    """
    folder = Path(folder).absolute()
    marker = folder / MARKER
    redo = f"Run 'mixwise {command}' again."
    if not folder.is_dir():
        raise DataError("the folder does not exist", where=str(folder), do=f"Run 'mixwise {command}' first.")
    if not marker.is_file():
        raise DataError("this run has no completion marker, so it was never finished", where=str(folder), do=redo)
    try:
        hashes = json.loads(marker.read_text(encoding="utf-8"))["files"]
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (ValueError, KeyError, OSError) as error:
        raise DataError("the completion marker or the manifest is damaged", where=str(folder), do=redo) from error
    for name, expected in hashes.items():
        path = folder / name
        if not path.is_file() or hash_file(path) != expected:
            raise DataError(f"'{name}' is missing or was changed after the run", where=str(folder), do=redo)
    if manifest.get("command") != command:
        raise DataError(
            f"this is a run of 'mixwise {manifest.get('command')}', not of 'mixwise {command}'",
            where=str(folder),
            do=f"Name a folder that 'mixwise {command}' wrote.",
        )
    return Run(folder=folder, manifest=manifest, hash=hash_file(marker))
