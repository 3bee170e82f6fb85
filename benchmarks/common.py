"""What every benchmark shares: where things are, timed child processes, the machine, and how results are written."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mmm.runs import versions

ROOT = Path(__file__).resolve().parents[1]
#: Public data sets, kept beside the repository and never in it.
DATA = ROOT.parent / "shared" / "data"
RESULTS = ROOT / "benchmarks" / "results"

Row = Sequence[object]


@dataclass(frozen=True)
class Finished:
    """A child process that ended.

    Attributes
    ----------
    code : int
        124 where it was killed for its time.
    wall, cpu : float
        Seconds; ``cpu`` holds its own children that it waited for.
    peak_mb : float
        Largest resident memory of one of its processes, MB.
    out, err : str
    """

    code: int
    wall: float
    cpu: float
    peak_mb: float
    out: str
    err: str

    def last_json(self) -> dict[str, Any]:
        """Return the last line of the output that is a JSON object."""
        for line in reversed(self.out.strip().splitlines()):
            if line.startswith("{"):
                return dict(json.loads(line))
        raise ValueError(f"no JSON in the output (exit {self.code}): {self.err.strip()[-400:]}")

    def reason(self) -> str:
        """Return the last line of what went wrong, without folders."""
        lines = (self.err.strip() or self.out.strip()).splitlines()
        return (lines[-1] if lines else "no output").replace(str(ROOT), ".").replace(str(Path.home()), "~")[:300]


def run(
    command: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None, limit: float = 3600.0
) -> Finished:
    """Run a command to its end, or kill it after ``limit`` seconds, and measure it."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = time.perf_counter()
        child = subprocess.Popen(list(command), stdout=out, stderr=err, cwd=cwd, env={**os.environ, **(env or {})})
        killed = False
        while True:
            pid, status, usage = os.wait4(child.pid, os.WNOHANG)
            if pid:
                break
            if not killed and time.perf_counter() - started > limit:
                child.kill()
                killed = True
            time.sleep(0.005)
        wall = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        unit = 1 if sys.platform == "darwin" else 1024
        return Finished(
            code=124 if killed else child.returncode,
            wall=wall,
            cpu=usage.ru_utime + usage.ru_stime,
            peak_mb=usage.ru_maxrss * unit / 1e6,
            out=out.read().decode(errors="replace"),
            err=err.read().decode(errors="replace"),
        )


def mixwise(*arguments: object) -> list[str]:
    """Return the command line of the installed ``mixwise`` of this interpreter's environment."""
    script = Path(sys.executable).with_name("mixwise.exe" if os.name == "nt" else "mixwise")
    start = [str(script)] if script.exists() else [sys.executable, "-m", "mixwise"]
    return [*start, *(str(part) for part in arguments)]


def own_caches(folder: Path) -> dict[str, str]:
    """Return the environment in which everything compiled is cached under ``folder``: cold at first, then warm."""
    flags = [part for part in [os.environ.get("PYTENSOR_FLAGS"), f"base_compiledir={folder / 'pytensor'}"] if part]
    return {
        "PYTENSOR_FLAGS": ",".join(flags),
        "NUMBA_CACHE_DIR": str(folder / "numba"),
        "XDG_CACHE_HOME": str(folder / "cache"),
    }


def dataset(name: str) -> Path | None:
    """Return the path of a public data set, or None after saying that it is absent."""
    path = DATA / f"{name}.csv"
    if path.is_file():
        return path
    print(f"{name}.csv is not in ../shared/data (beside the repository), so this part is left out.", file=sys.stderr)
    return None


def machine() -> dict[str, Any]:
    """Return what a timing depends on."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        names = [line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {"cores": cores, "processor": model, "system": platform.system(), "load_before": load}


def commit() -> str:
    """Return the commit that is measured, with a plus where the working tree differs."""
    where = {"cwd": ROOT, "capture_output": True, "text": True}
    head = subprocess.run(["git", "rev-parse", "--short", "HEAD"], **where)
    if head.returncode:
        return "unknown"
    changed = subprocess.run(["git", "status", "--porcelain", "--untracked-files=no"], **where).stdout.strip()
    return head.stdout.strip() + ("+" if changed else "")


@dataclass(frozen=True)
class Table:
    """One table of a result: header, rows, and sentences under it."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Row]
    notes: Sequence[str] = ()

    def as_dict(self) -> dict[str, Any]:
        return {
            "caption": self.caption,
            "columns": list(self.columns),
            "rows": [list(row) for row in self.rows],
            "notes": list(self.notes),
        }


def start() -> dict[str, Any]:
    """Return the head of a result; call it before measuring, so that the load is the machine's own."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "machine": machine(),
        "versions": versions(),
    }


def write(name: str, head: Mapping[str, Any], title: str, tables: Sequence[Table], figures: Mapping[str, Any]) -> Path:
    """Write ``results/<name>.json`` and render the page of all results anew."""
    from benchmarks.render import render

    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{name}.json"
    record = {"title": title, **head, "tables": [table.as_dict() for table in tables], "figures": dict(figures)}
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False, default=float) + "\n", encoding="utf-8")
    render()
    print(f"Written: {path.relative_to(ROOT)}")
    return path


def median(values: Sequence[float | None]) -> float | None:
    """Return the median of the numbers among ``values``, or None."""
    known = [value for value in values if value is not None]
    return float(statistics.median(known)) if known else None


def spread(values: Sequence[float]) -> str:
    """Return the smallest and largest, e.g. ``3.1–4.0``."""
    return f"{seconds(min(values))}–{seconds(max(values))}" if values else "–"


def seconds(value: float | None) -> str:
    """Write seconds with two significant digits or so."""
    if value is None:
        return "–"
    if value < 0.1:
        return f"{value:.3f}"
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


def small(value: float | None) -> str:
    """Write a gap: ``3.1e-04``."""
    return "–" if value is None else f"{value:.1e}"


def whole(value: float | None) -> str:
    """Write a count."""
    return "–" if value is None else f"{value:,.0f}"


def megabytes(value: float | None) -> str:
    """Write a size in MB from bytes."""
    return "–" if value is None else f"{value / 1e6:.1f}"
