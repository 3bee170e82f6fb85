"""Cost of an evaluation and of a whole plan against channels, weeks, draws and geos: ``… scaling [--quick]``.

One thing grows at a time from 10 channels × 26 weeks × 1000 planning draws of one geo; each point runs in a process of
its own, so that its memory is its own. Plans: the baseline's total, each channel's total within 50 % of its baseline.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmarks import common
from benchmarks.instances import START, response
from mmm.response.calendar import BaselineRule, business_as_usual
from mmm.response.draws import ResponseDraws
from mmm.response.horizon import HorizonResponse
from mmm.response.units import decision_units
from optimizer.constraints import Budget, ChangeVsBaseline
from optimizer.problem import AllocationProblem, Granularity
from optimizer.solve import allocate


@dataclass(frozen=True)
class Size:
    """One point: geos above 1 are decided, each by itself."""

    channels: int = 10
    weeks: int = 26
    draws: int = 1000
    geos: int = 1

    def __str__(self) -> str:
        by_geo = f" × {self.geos} geos" if self.geos > 1 else ""
        return f"{self.channels} channels × {self.weeks} weeks × {self.draws} draws{by_geo}"


BASE = Size()
SWEEPS = {
    "channels": [replace(BASE, channels=n) for n in (5, 10, 20, 50, 100, 200)],
    "weeks": [replace(BASE, weeks=n) for n in (4, 13, 26, 52, 104)],
    "draws": [replace(BASE, draws=n) for n in (100, 500, 1000, 2000, 4000, 8000)],
    "geos": [replace(BASE, draws=500, geos=n) for n in (1, 5, 10, 20, 50)],
}
QUICK = {"channels": [replace(BASE, channels=5)], "geos": [Size(5, 4, 100, 3)]}


def divided(nation: ResponseDraws, geos: int, seed: int) -> ResponseDraws:
    """Divide a national posterior into geos of other sizes and other returns."""
    rng = np.random.default_rng([seed, geos])
    size = rng.dirichlet(np.full(geos, 3.0))
    paid, channels = nation.paid, len(nation.channels)
    differs = np.exp(0.3 * rng.standard_normal((channels, geos, 1)))

    def parts(values: np.ndarray, share: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(np.repeat(values, geos, axis=1) * share)

    whole, one = size[None, :, None], np.ones((1, geos, 1))
    media = replace(
        paid,
        media=parts(paid.media, whole),
        half_saturation=parts(paid.half_saturation, whole),
        beta=parts(paid.beta, whole * differs),
        alpha=parts(paid.alpha, one),
        slope=parts(paid.slope, one),
    )
    base = nation.baseline
    weeks = nation.n_weeks
    return replace(
        nation,
        geos=tuple(f"geo {g}" for g in range(geos)),
        outcome=nation.outcome * size[:, None],
        value_per_outcome=np.ones((geos, weeks)),
        spend=parts(nation.spend, whole),
        paid=media,
        organic=replace(
            nation.organic,
            media=np.zeros((0, geos, weeks)),
            **{name: np.zeros((0, geos, nation.n_draws)) for name in ("alpha", "half_saturation", "slope", "beta")},
        ),
        baseline=replace(
            base,
            controls=np.zeros((0, geos, weeks)),
            control_center=np.zeros((0, geos)),
            control_scale=np.ones((0, geos)),
            coef=np.repeat(base.coef, geos, axis=1),
            sigma=np.repeat(base.sigma, geos, axis=0),
        ),
        population=np.ones(geos),
        observed=np.ones((geos, weeks), dtype=np.bool_),
    )


def problem(size: Size, seed: int) -> AllocationProblem:
    """Return the plan to solve."""
    draws = response(seed, channels=size.channels, draws=size.draws)
    if size.geos > 1:
        draws = divided(draws, size.geos, seed)
    units = decision_units(draws, by_geo=size.geos > 1)
    calendar = business_as_usual(draws, START, size.weeks, BaselineRule.LAST_WEEKS)
    rows = units.calendar(calendar, draws.geo_shares())
    planning, held = (HorizonResponse(half, rows, units=units) for half in (draws.planning(), draws.held_back()))
    return AllocationProblem(
        horizon=planning,
        held_back=held,
        constraints=(Budget(float(calendar.baseline.sum())), ChangeVsBaseline(None, 0.5)),
        observed_max=draws.observed_max(),
        granularity=Granularity.GEO_WEEK if size.geos > 1 else Granularity.WEEK,
    )


def measure(size: Size, seed: int, gap: float) -> dict[str, Any]:
    """Evaluate and solve one size in this process."""
    allocate(problem(Size(2, 4, 50), 0))
    stated = problem(size, seed)
    horizon, plan = stated.horizon, stated.row_baseline
    costs = {}
    for order in (0, 1, 2):
        runs = []
        for _ in range(3):
            started = time.perf_counter()
            horizon.evaluate(plan, order)
            runs.append(time.perf_counter() - started)
        costs[f"order_{order}_s"] = min(runs)
    started, cpu = time.perf_counter(), time.process_time()
    found = allocate(stated, gap=gap)
    certified = [h.seconds for h in found.history if h.upper_bound - h.value <= gap * abs(h.value)]
    return {
        "size": str(size),
        **costs,
        "solve_s": time.perf_counter() - started,
        "solve_cpu_s": time.process_time() - cpu,
        "certificate_s": min(certified) if certified else None,
        "evaluations": found.evaluations,
        "gap": found.gap,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def apart(size: Size, seed: int, gap: float) -> dict[str, Any]:
    """Measure in a process of its own."""
    asked = json.dumps([size.channels, size.weeks, size.draws, size.geos, seed, gap])
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.optimizer.scaling", "--one", asked],
        cwd=common.ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two small sizes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--gap", type=float, default=1e-3)
    parser.add_argument("--one", default=None, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.one is not None:
        *size, seed, gap = json.loads(options.one)
        print(json.dumps(measure(Size(*size), seed, gap)))
        return 0
    head = common.start()
    tables, every = [], []
    for what, sizes in (QUICK if options.quick else SWEEPS).items():
        rows = []
        for size in sizes:
            rows.append(apart(size, options.seed, options.gap))
            print(rows[-1], flush=True)
        every += rows
        tables.append(table(f"Against {what}", rows))
    name = "optimizer_scaling_quick" if options.quick else "optimizer_scaling"
    common.write(name, head, f"Scaling of plans, certified to {options.gap:.0e}", tables, {"rows": every})
    return 0 if all(row["gap"] <= options.gap for row in every) else 1


def table(caption: str, rows: Sequence[dict[str, Any]]) -> common.Table:
    """Return the table of one sweep."""
    columns = (
        "size", "value ms", "+ gradient ms", "+ Hessian ms", "to the certificate s", "whole call s", "CPU s",
        "evaluations", "gap", "peak MB",
    )  # fmt: skip
    lines = [
        [
            row["size"],
            *(f"{1000 * row[f'order_{order}_s']:.1f}" for order in (0, 1, 2)),
            common.seconds(row["certificate_s"]),
            common.seconds(row["solve_s"]),
            common.seconds(row["solve_cpu_s"]),
            row["evaluations"],
            f"{row['gap']:.0e}",
            f"{row['peak_mb']:.0f}",
        ]
        for row in rows
    ]
    return common.Table(caption, columns, lines, notes=("Evaluations over all planning draws, two threads.",))


if __name__ == "__main__":
    raise SystemExit(main())
