"""Weekly plans of S-shaped curves, certified: ``python -m benchmarks.optimizer.weekly_sshaped [--quick]``."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from typing import Any

from benchmarks import common
from benchmarks.optimizer.sshaped import problem
from optimizer import Granularity, allocate

CHANNELS, WEEKS, DRAWS, LIMIT = 10, 13, 1000, 60.0
BUDGETS = (1.0, 0.5)
GOALS = (0.02, 0.01)


def measure(budget: float, seed: int, limit: float) -> dict[str, Any]:
    """Plan one instance until 1 % is certified or time is up."""
    task = problem(seed, channels=CHANNELS, weeks=WEEKS, draws=DRAWS, budget=budget, granularity=Granularity.WEEK)
    wall, cpu = time.perf_counter(), time.process_time()
    plan = allocate(task, gap=GOALS[-1], time_limit=limit)
    row = {
        "budget": budget,
        "seed": seed,
        "seconds": time.perf_counter() - wall,
        "cpu_s": time.process_time() - cpu,
        "gap": plan.gap,
        "value": plan.value,
        "upper_bound": plan.upper_bound,
        "status": plan.status,
    }
    for goal in GOALS:
        within = (h.seconds for h in plan.history if h.upper_bound - h.value <= goal * abs(h.value))
        row[f"within_{goal:g}_s"] = next(within, None)
    return row


def summarise(budget: float, rows: Sequence[dict[str, Any]]) -> list[object]:
    gaps = [row["gap"] for row in rows]
    line: list[object] = [f"{budget:.0%}", len(rows)]
    line += [f"{common.median(gaps) or 0.0:.2%}", f"{max(gaps):.2%}"]
    for goal in GOALS:
        seconds = [row[f"within_{goal:g}_s"] for row in rows]
        met = [one for one in seconds if one is not None]
        line += [f"{len(met)} of {len(rows)}", common.seconds(common.median(met))]
    return [*line, common.seconds(common.median([row["cpu_s"] for row in rows]))]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one instance a budget, 20 s each")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--limit", type=float, default=LIMIT, help="seconds an instance")
    options = parser.parse_args(arguments)
    head = common.start()
    allocate(problem(0, channels=2, weeks=4, draws=40, budget=0.5, granularity=Granularity.WEEK))
    rows: list[dict[str, Any]] = []
    for budget in BUDGETS:
        for seed in range(1, (1 if options.quick else options.seeds) + 1):
            rows.append(measure(budget, seed, min(options.limit, 20.0) if options.quick else options.limit))
            print(json.dumps(rows[-1]), flush=True)
    columns = ["budget", "instances", "median gap", "worst gap"]
    for goal in GOALS:
        columns += [f"within {goal:.0%}", "median s to it"]
    table = common.Table(
        f"{CHANNELS} channels × {WEEKS} weeks, slopes 1 to 2.8, {DRAWS} planning draws, at most {options.limit:.0f} s",
        (*columns, "median CPU s"),
        [summarise(budget, [row for row in rows if row["budget"] == budget]) for budget in BUDGETS],
        notes=("A solve ends once 1 % is certified, or at the limit; CPU seconds hold prices and held-back draws.",),
    )
    common.write("optimizer_weekly_sshaped", head, "S-shaped weekly plans, certified", [table], {"rows": rows})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
