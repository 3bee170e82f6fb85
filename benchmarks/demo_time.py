"""How long a newcomer waits: a fresh clone, the installation, `make demo` cold, and once more warm.

``python -m benchmarks.demo_time [--no-pip-cache]``. It clones what is committed, into a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import common

CLONE, INSTALL, COLD, WARM = "git clone", "installation", "make demo, cold", "make demo, warm"


def measure(folder: Path, *, pip_cache: bool, limit: float) -> list[dict[str, Any]]:
    """Return what each step took; the first that fails is the last."""
    clone = folder / "mixwise"
    # The folders of compiled code are the clone's own and this temporary one: nothing of this machine's is used.
    env = common.own_caches(folder / "compiled") | ({} if pip_cache else {"PIP_NO_CACHE_DIR": "1"})
    base = Path(sys.base_prefix) / "bin" / "python3"
    python = [f"PYTHON={base}"] if base.exists() else []
    steps: tuple[tuple[str, list[str], Path], ...] = (
        (CLONE, ["git", "clone", "--quiet", str(common.ROOT), str(clone)], folder),
        (INSTALL, ["make", *python, ".venv/.run"], clone),
        (COLD, ["make", *python, "demo"], clone),
        (WARM, ["make", *python, "demo"], clone),
    )
    rows = []
    for name, command, where in steps:
        done = common.run(command, cwd=where, env=env, limit=limit)
        rows.append({"step": name, "exit": done.code, "wall_s": done.wall, "cpu_s": done.cpu, "peak_mb": done.peak_mb})
        print(json.dumps(rows[-1]), flush=True)
        if done.code not in (0, 4):
            rows[-1]["reason"] = done.reason().replace(str(folder), "")
            print(f"  {rows[-1]['reason']}", flush=True)
            break
    return rows


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-pip-cache", action="store_true", help="download every package anew")
    parser.add_argument("--limit", type=float, default=1800.0, help="seconds a step may take")
    options = parser.parse_args(arguments)
    head = common.start()
    with tempfile.TemporaryDirectory() as temporary:
        rows = measure(Path(temporary).resolve(), pip_cache=not options.no_pip_cache, limit=options.limit)
    table = common.Table(
        "A fresh clone in an empty folder",
        ("step", "exit", "wall s", "CPU s", "peak MB"),
        [
            [
                row["step"],
                row["exit"],
                common.seconds(row["wall_s"]),
                common.seconds(row["cpu_s"]),
                common.whole(row["peak_mb"]),
            ]
            for row in rows
        ],
        notes=(
            "The installation depends on the network"
            + (", every package being downloaded." if options.no_pip_cache else " and on what pip has in its cache."),
            "`make demo` checks, fits, plans and simulates the example company, with pages and workbooks.",
        ),
    )
    common.write("demo_time", head, "The two commands on a fresh clone", [table], {"rows": rows})
    return 0 if all(row["exit"] in (0, 4) for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
