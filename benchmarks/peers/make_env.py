"""Make a peer's own environment: ``python benchmarks/peers/make_env.py {pymc_marketing,meridian} DIR``.

The peers are measured beside ours and are never a dependency: each lives in an environment of its own.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
NAMES = ("pymc_marketing", "meridian")


def environment_python(folder: Path) -> Path:
    """Return the interpreter of an environment."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def make(name: str, folder: Path) -> Path:
    """Create the environment, install the pinned peer and return its interpreter."""
    started = time.perf_counter()
    if not environment_python(folder).exists():
        venv.EnvBuilder(with_pip=True).create(folder)
    python = environment_python(folder)
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*command, "--requirement", str(HERE / f"requirements-{name}.txt")], check=True)
    print(f"{name}: {time.perf_counter() - started:.0f} s; python: {python}")
    return python


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    make(options.name, options.folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
