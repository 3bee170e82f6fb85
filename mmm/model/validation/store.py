"""A finished refit as one small file of arrays; a damaged one counts as none."""

from __future__ import annotations

import json
import os
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from mmm.model.validation.refits import Refit

_ARRAYS = ("roas", "spend", "added", "curves", "forecast")


def save_refit(refit: Refit, path: Path) -> None:
    """Write a refit beside its place and move it there in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    values = asdict(refit)
    arrays = {name: np.asarray(values.pop(name), dtype=np.float64) for name in _ARRAYS}
    staged = path.with_suffix(f".{os.getpid()}.tmp")
    with staged.open("wb") as handle:
        np.savez_compressed(handle, allow_pickle=False, values=np.array(json.dumps(values)), **arrays)
        handle.flush()
        os.fsync(handle.fileno())
    staged.replace(path)


def load_refit(path: Path, label: str) -> Refit | None:
    """Read a refit, or return None where there is none that can be read."""
    from mmm.model.validation.refits import Refit  # noqa: PLC0415  (refits imports this module)

    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in _ARRAYS}
            values: dict[str, Any] = json.loads(str(stored["values"]))
        values |= {"label": label, "channels": tuple(values["channels"])}
        return Refit(**values, **arrays)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None
