"""Resumable studies: each cell's figures are a file under a key of what they depend on; processes share the cells."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import common

CACHE = common.ROOT / "benchmarks" / ".cache"
#: What every fit depends on.
FIT_SOURCES = ("mmm/model", "mmm/transforms", "mmm/response")


def source_key(sources: Sequence[str], settings: object = None) -> str:
    """Return a short hash of source files (folders: every .py below) and settings."""
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True, default=str).encode())
    for name in sources:
        top = common.ROOT / name
        for path in [top] if top.is_file() else sorted(top.rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@dataclass(frozen=True)
class Store:
    """A folder of finished cells, JSON each; files beside them belong to the cell of the same name."""

    folder: Path

    @classmethod
    def of(cls, study: str, key: str) -> Store:
        """Open the store of a study for one state of its sources."""
        folder = CACHE / study / key
        folder.mkdir(parents=True, exist_ok=True)
        (CACHE / ".gitignore").write_text("*\n", encoding="utf-8")
        return cls(folder)

    def path(self, name: str, suffix: str = ".json") -> Path:
        return self.folder / f"{name}{suffix}"

    def read(self, name: str) -> dict[str, Any] | None:
        """Return a finished cell's figures, or None."""
        path = self.path(name)
        return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None

    def write(self, name: str, row: dict[str, Any]) -> None:
        """Finish a cell: whole or not at all."""
        partial = self.path(name, f".{os.getpid()}.partial")
        partial.write_text(json.dumps(row, indent=1, default=float), encoding="utf-8")
        partial.replace(self.path(name))


def one_thread() -> dict[str, str]:
    """Return the environment of a worker: one thread each, so that workers do not take the cores from one another."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS")
    return dict.fromkeys(names, "1")


def run_workers(module: str, shares: Sequence[Sequence[str]], limit: float = 4 * 3600.0) -> int:
    """Run ``python -m module`` once for each share of arguments, at the same time; return the worst exit code.

    Workers are processes of their own: compiled models live in a process, so a share keeps like models together.
    """
    started = time.perf_counter()
    children = [
        subprocess.Popen([sys.executable, "-m", module, *share], cwd=common.ROOT, env={**os.environ, **one_thread()})
        for share in shares
        if share
    ]
    codes = []
    for child in children:
        try:
            codes.append(child.wait(timeout=max(limit - (time.perf_counter() - started), 1.0)))
        except subprocess.TimeoutExpired:
            child.kill()
            codes.append(124)
    return max((abs(code) for code in codes), default=0)
