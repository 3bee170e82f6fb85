"""Chains kept beside the output folder until the fit is written, so that an interrupted fit goes on where it was.

A chain depends on the spec, the panel, the seed and the code alone. Their hash names the folder and stands in every
file, so that a chain of another fit is never taken for one of this. NumPy files, read without pickle.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import secrets
import shutil
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mmm.model.chains import ChainDraws
from mmm.runs import versions, write_json

if TYPE_CHECKING:
    from mmm.data.panel import Panel
    from mmm.model.spec import ModelSpec

_SEED = "seed.json"
_KEY = "key"
_POSTERIOR, _STATISTICS = "posterior/", "statistics/"


@dataclass(frozen=True)
class Resume:
    """The chains of one fit on disk; see :class:`mmm.model.sampling.ChainStore`.

    Attributes
    ----------
    folder : Path
        ``.OUT.resume`` beside the output folder.
    key : str
        Hash of all that the draws depend on.
    seed : int
        The fit's seed: as given, or that of the interrupted run, or a new one.
    """

    folder: Path
    key: str
    seed: int

    @classmethod
    def beside(cls, out: Path, spec: ModelSpec, panel: Panel, seed: int | None) -> Resume:
        """Open the store of a fit, dropping the chains of any other.

        Parameters
        ----------
        out : Path
            Where the fit is to be written.
        spec : ModelSpec
        panel : Panel
        seed : int or None
            None: the seed of an interrupted run of the same spec and panel, or a new one.
        """
        out = out.absolute()
        folder = out.with_name(f".{out.name}.resume")
        inputs = _hash_inputs(spec, panel)
        if seed is None:
            seed = _kept_seed(folder, inputs)
        if seed is None:
            seed = secrets.randbelow(2**31)
        key = hashlib.sha256(f"{inputs} {seed}".encode()).hexdigest()
        store = cls(folder, key, seed)
        if folder.is_dir() and not store._place.is_dir():
            shutil.rmtree(folder, ignore_errors=True)
        store._place.mkdir(parents=True, exist_ok=True)
        partial = folder / f"{_SEED}.{os.getpid()}"
        write_json(partial, {"inputs": inputs, "seed": seed})
        partial.replace(folder / _SEED)
        return store

    @property
    def _place(self) -> Path:
        return self.folder / self.key[:16]

    def load(self) -> dict[int, ChainDraws]:
        """Return the kept chains; a file that is damaged or of another fit is left out, and its chain sampled again."""
        found = {}
        for path in sorted(self._place.glob("chain-*.npz")):
            draws = self._read(path)
            if draws is not None:
                found[int(path.stem.removeprefix("chain-"))] = draws
        return found

    def _read(self, path: Path) -> ChainDraws | None:
        try:
            with np.load(path, allow_pickle=False) as stored:
                arrays = {name: stored[name] for name in stored.files}
        except (OSError, ValueError, EOFError, zipfile.BadZipFile):
            return None
        if str(arrays.get(_KEY)) != self.key:
            return None
        posterior, statistics = (
            {name.removeprefix(part): values for name, values in arrays.items() if name.startswith(part)}
            for part in (_POSTERIOR, _STATISTICS)
        )
        return ChainDraws(posterior, statistics)

    def keep(self, chain: int, draws: ChainDraws) -> None:
        """Write a chain, whole or not at all."""
        arrays: dict[str, Any] = {_KEY: np.array(self.key)}
        arrays |= {f"{_POSTERIOR}{name}": values for name, values in draws.posterior.items()}
        arrays |= {f"{_STATISTICS}{name}": values for name, values in draws.statistics.items()}
        self._place.mkdir(parents=True, exist_ok=True)
        partial = self._place / f"partial-{chain}-{os.getpid()}"
        with partial.open("wb") as handle:
            np.savez(handle, **arrays)
            handle.flush()
            os.fsync(handle.fileno())
        partial.replace(self._place / f"chain-{chain}.npz")

    def count(self) -> int:
        """Return the number of chains kept."""
        return sum(1 for _ in self._place.glob("chain-*.npz"))

    def clear(self) -> None:
        """Drop everything: the fit is written."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _kept_seed(folder: Path, inputs: str) -> int | None:
    try:
        stored = json.loads((folder / _SEED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(stored, dict) or stored.get("inputs") != inputs or not isinstance(stored.get("seed"), int):
        return None
    return int(stored["seed"])


def _hash_inputs(spec: ModelSpec, panel: Panel) -> str:
    """Return the hash of spec, panel, the versions of the libraries, and the model's own code."""
    digest = hashlib.sha256(spec.model_dump_json().encode())
    digest.update(json.dumps(versions(), sort_keys=True).encode())
    for piece in _bytes(panel):
        digest.update(piece)
    package = Path(__file__).parent.parent
    for path in sorted(package.rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _bytes(value: Any) -> Iterable[bytes]:
    """Yield everything that a value of the data room holds: dataclasses, mappings, sequences, arrays and scalars."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield field.name.encode()
            yield from _bytes(getattr(value, field.name))
    elif isinstance(value, np.ndarray):
        yield f"{value.dtype}{value.shape}".encode()
        yield value.tobytes() if value.dtype != np.dtype("O") else repr(value.tolist()).encode()
    elif isinstance(value, dict):
        for key, held in value.items():
            yield repr(key).encode()
            yield from _bytes(held)
    elif isinstance(value, list | tuple):
        yield str(len(value)).encode()
        for held in value:
            yield from _bytes(held)
    else:
        yield repr(value).encode()
