"""Cost against weeks, channels and geos: ``python -m benchmarks.model.scale [--quick] [--only kernel fits geos]``.

The kernel's microseconds per log-density and gradient beside the least work that it can take, and whole fits of large
panels, each in a process of its own with a limit of time and its peak memory. Run it on a quiet machine; CPU seconds
are there for one that is not. Fits that are done for these sources are not run again. ``geos`` fits the geo panels
alone, into a result of their own.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import common
from benchmarks.model.cells import FIT_SOURCES, Store, source_key
from benchmarks.model.scale_worlds import Size, floor, panel_of, spec_of
from mmm.data.read import read_panel
from mmm.model.fit import fit_model
from mmm.model.kernel import DENSITY, PARAMETERS, Table
from mmm.model.linear import LEVEL
from mmm.model.prepared import TAIL_WEEKS, Prepared, packed, prepare
from mmm.model.spec import ModelSpec

W1, W2, WIDE = Size(1, 5, 208), Size(20, 4, 156), Size(1, 20, 260)
KERNEL = (W1, WIDE, Size(10, 4, 156), W2, Size(50, 4, 156), Size(200, 4, 156))
GROWTH = (
    *(Size(1, 5, weeks) for weeks in (104, 208, 416, 832)),
    *(Size(1, channels, 208) for channels in (5, 10, 20, 40)),
)
FORMS = ("hill", "hill_free_slope", "logistic")
FITS = (W1, WIDE, Size(50, 10, 156), Size(200, 5, 156))
#: The data set of W2, its goal in seconds of sampling as those of the simulated panels; and one of 40 geos.
W2_DATA, WIDE_DATA = "meridian_geo_media", "meridian_geo_all_channels"
GOALS = {str(WIDE): 5.0, W2_DATA: 10.0, str(FITS[2]): 600.0, str(FITS[3]): 600.0}
LEAST = (
    "Least work: recursion, curve, residual and gradient written out for one national panel, without credit for "
    "carryover beyond the window, so no ROAS could be stated with it."
)
FITS_NOTE = (
    "Seconds are of the clock, chains side by side on what cores were free, and grow with the machine's load; "
    "CPU seconds are of the whole process: start, compiling, sampling, diagnostics and writing."
)
QUICK_KERNEL, QUICK_FITS = (W1, Size(3, 2, 52)), (Size(1, 3, 104), Size(3, 2, 52))
QUICK_SAMPLING = {"chains": 2, "tune": 200, "draws": 100}


def best(call: Callable[[], object], seconds: float) -> float:
    """Return the microseconds of a call: the fastest batch of those that fit in some seconds."""
    call()
    started, found = time.perf_counter(), float("inf")
    while time.perf_counter() - started < seconds:
        begun = time.perf_counter()
        for _ in range(5):
            call()
        found = min(found, (time.perf_counter() - begun) / 5)
    return 1e6 * found


def point(prepared: Prepared) -> list[np.ndarray]:
    """Return parameters that a posterior would hold, in the kernel's order."""
    rng = np.random.default_rng(1)
    media, geos, weeks = prepared.media.shape
    slope = np.ones((media, geos))
    slope[list(prepared.free_slope)] = 1.3
    values = {
        "target": prepared.outcome - LEVEL,
        "now": np.ones(weeks),
        "later": np.ones(TAIL_WEEKS),
        "theta": np.array([rng.uniform(0.2, 0.7, slope.shape), rng.uniform(0.7, 2, slope.shape), slope, 0 * slope + 1]),
        "share": np.full(media, 0.02),
        "sigma": np.full(geos, 0.05),
        "deviation": np.array(0.2 if prepared.linear.own else 0.0),
        "sd": prepared.linear.prior_sd,
        "shock": np.array(0.03 if prepared.week_shocks else 0.0),
    }
    return [np.ascontiguousarray(values[name], dtype=np.float64) for name in PARAMETERS]


def kernel_cell(size: Size, form: str, seconds: float) -> float:
    """Return microseconds per log-density and gradient."""
    prepared = prepare(spec_of(size, form), panel_of(size))
    given, table = point(prepared), Table(DENSITY, packed(prepared))
    results = [np.zeros(1), *(np.zeros_like(value) for value in given)]
    table.run(given, results)
    return best(table.again, seconds)


def floor_cell(size: Size, seconds: float) -> float:
    """Return microseconds of the least work for a national panel."""
    prepared = prepare(spec_of(size), panel_of(size))
    count, _, weeks = prepared.media.shape
    room = np.empty((count, 3, weeks)), np.empty(weeks), np.empty(weeks), np.empty((3, count))
    theta = np.array([np.full(count, 0.5), np.ones(count), np.full(count, 0.1)])
    given = prepared.media[:, 0].copy(), prepared.outcome[0] - LEVEL, prepared.linear.design[0].copy(), theta
    return best(lambda: floor(*given, *room), seconds)


def kernel_rows(sizes: Sequence[Size], seconds: float) -> list[dict[str, Any]]:
    rows = []
    for size in sizes:
        row: dict[str, Any] = {"size": str(size), **{form: kernel_cell(size, form, seconds) for form in FORMS}}
        row["floor"] = floor_cell(size, seconds) if size.geos == 1 else None
        rows.append(row)
        print(json.dumps(row), flush=True)
    return rows


def fit_cell(job: dict[str, Any]) -> dict[str, Any]:
    """Fit one panel and return what it took; runs in a process of its own."""
    if "data" in job:
        folder = common.ROOT / "benchmarks" / "data" / job["data"]
        spec = ModelSpec.from_yaml(folder / "model.yaml")
        panel = read_panel(spec, common.DATA)
    else:
        size = Size(**job["size"])
        spec, panel = spec_of(size), panel_of(size)
    if job["sampling"]:
        spec = replace_sampling(spec, job["sampling"])
    fit = fit_model(spec, panel, seed=1, progress=False)
    with tempfile.TemporaryDirectory() as folder:
        fit.save(folder)
        stored = sum(path.stat().st_size for path in Path(folder).glob("*.nc"))
    found = fit.diagnostics
    return {
        "sampling_s": fit.seconds_sampling,
        "compiling_s": fit.seconds_compiling,
        "rhat": found.max_rhat,
        "worst": found.worst,
        "ess": found.min_ess_bulk,
        "divergences": found.divergences,
        "draws": found.draws,
        "steps": float(fit.draws["sample_stats"]["n_steps"].sum()),
        "stored_bytes": stored,
    }


def replace_sampling(spec: ModelSpec, changes: dict[str, Any]) -> ModelSpec:
    return spec.model_copy(update={"sampling": spec.sampling.model_copy(update=changes)})


def fit_rows(sizes: Sequence[Size], sampling: dict[str, Any], limit: float) -> list[dict[str, Any]]:
    """Fit every panel in a process of its own; public geo data where they are there."""
    jobs: list[tuple[str, dict[str, Any]]] = [(str(size), {"size": asdict(size)}) for size in sizes]
    jobs[1:1] = [(name, {"data": name}) for name in (W2_DATA, WIDE_DATA) if common.dataset(name) is not None]
    store = Store.of("scale", source_key(FIT_SOURCES, sampling))
    rows = []
    for name, job in jobs:
        place = name.replace(" × ", "-").replace(" ", "_")
        row = store.read(place)
        if row is None:
            row = fit_row(name, job | {"sampling": sampling}, limit)
            if "reason" not in row:
                store.write(place, row)
        rows.append(row)
        print(json.dumps(row), flush=True)
    return rows


def fit_row(name: str, job: dict[str, Any], limit: float) -> dict[str, Any]:
    done = common.run(
        [sys.executable, "-m", "benchmarks.model.scale", "--cell", json.dumps(job)], cwd=common.ROOT, limit=limit
    )
    row = {"name": name, "exit": done.code, "wall_s": done.wall, "cpu_s": done.cpu, "peak_mb": done.peak_mb}
    row |= done.last_json() if done.code == 0 else {"reason": said(done, limit)}
    return row | {"goal_s": GOALS.get(name)}


def said(done: common.Finished, limit: float) -> str:
    return f"ended after {limit:.0f} s" if done.code == 124 else done.reason()


def tables(kernel: Sequence[dict[str, Any]], fits: Sequence[dict[str, Any]]) -> list[common.Table]:
    found = []
    if kernel:
        found.append(
            common.Table(
                "Microseconds per log-density and gradient",
                ["panel", "Hill, slope 1", "Hill, free slope", "logistic", "least work", "Hill over least work"],
                [kernel_line(row) for row in kernel],
                [LEAST],
            )
        )
    if fits:
        columns = [
            "panel", "sampling s", "goal s", "R-hat", "ESS", "divergences", "steps a draw", "whole s", "CPU s",
            "peak MB", "stored MB",
        ]  # fmt: skip
        found.append(
            common.Table("Whole fits at the default settings", columns, [fit_line(row) for row in fits], [FITS_NOTE])
        )
    return found


def kernel_line(row: dict[str, Any]) -> list[object]:
    ratio = f"{row['hill'] / row['floor']:.1f}" if row["floor"] else "–"
    return [row["size"], *(f"{row[form]:.1f}" for form in FORMS), f"{row['floor']:.1f}" if row["floor"] else "–", ratio]


def fit_line(row: dict[str, Any]) -> list[object]:
    goal, cost = common.seconds(row["goal_s"]), [common.seconds(row["wall_s"]), common.seconds(row["cpu_s"])]
    peak = "–" if row["peak_mb"] is None else f"{row['peak_mb']:.0f}"
    if "reason" in row:
        return [row["name"], "–", goal, row["reason"], "–", "–", "–", *cost, peak, "–"]
    return [
        row["name"],
        common.seconds(row["sampling_s"]),
        goal,
        f"{row['rhat']:.3f}",
        common.whole(row["ess"]),
        f"{row['divergences']} of {row['draws']}",
        f"{row['steps'] / row['draws']:.0f}",
        *cost,
        peak,
        common.megabytes(row["stored_bytes"]),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=["kernel", "fits", "geos"], default=["kernel", "fits"])
    parser.add_argument("--quick", action="store_true", help="small panels, to see that it runs; nothing is written")
    parser.add_argument("--limit", type=float, default=600.0, help="seconds for one fit")
    parser.add_argument("--cell", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.cell:
        print(json.dumps(fit_cell(json.loads(options.cell))))
        return 0
    head = common.start()
    sizes = QUICK_KERNEL if options.quick else tuple(dict.fromkeys((*KERNEL, *GROWTH)))
    kernel = kernel_rows(sizes, 0.2 if options.quick else 2.0) if "kernel" in options.only else []
    small = QUICK_SAMPLING if options.quick else {}
    panels = QUICK_FITS if options.quick else FITS if "fits" in options.only else FITS[2:]
    wanted = {"fits", "geos"} & {*options.only}
    fits = fit_rows(panels, small, options.limit) if wanted else []
    if options.quick:
        return 0
    figures = {"kernel": kernel, "fits": fits}
    alone = options.only == ["geos"]
    title = "Geo panels: whole fits" if alone else "Cost of the model against weeks, channels and geos"
    common.write("model_geos" if alone else "model_scale", head, title, tables(kernel, fits), figures)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
