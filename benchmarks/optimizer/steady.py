"""Channel totals of S-shaped curves, certified to 0.05 %: ``python -m benchmarks.optimizer.steady [--quick]``."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from typing import Any

from benchmarks import common
from benchmarks.optimizer.sshaped import problem
from optimizer import allocate

GAP, WEEKS, DRAWS = 5e-4, 13, 1000
BUDGETS = (1.0, 0.4)
#: Channels and random instances for each budget.
CELLS = ((5, 40), (20, 20), (50, 8))


def measure(channels: int, budget: float, seed: int) -> dict[str, Any]:
    """Plan one instance; the seconds to the certificate leave out held-back draws and re-solved prices."""
    task = problem(seed, channels=channels, weeks=WEEKS, draws=DRAWS, budget=budget)
    wall, cpu = time.perf_counter(), time.process_time()
    plan = allocate(task, gap=GAP)
    return {
        "channels": channels,
        "budget": budget,
        "seed": seed,
        "certificate_s": plan.history[-1].seconds,
        "seconds": time.perf_counter() - wall,
        "cpu_s": time.process_time() - cpu,
        "gap": plan.gap,
        "value": plan.value,
        "upper_bound": plan.upper_bound,
        "status": plan.status,
    }


def summarise(channels: int, rows: Sequence[dict[str, Any]]) -> list[object]:
    return [
        channels,
        len(rows),
        f"{sum(row['gap'] <= GAP for row in rows)} of {len(rows)}",
        common.small(max(row["gap"] for row in rows)),
        common.seconds(common.median([row["certificate_s"] for row in rows])),
        common.spread([row["certificate_s"] for row in rows]),
        common.seconds(common.median([row["cpu_s"] for row in rows])),
        common.spread([row["cpu_s"] for row in rows]),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two instances a cell")
    parser.add_argument("--share", type=float, default=1.0, help="share of the full number of instances")
    options = parser.parse_args(arguments)
    head = common.start()
    allocate(problem(0, channels=2, weeks=4, draws=40, budget=0.5))
    rows: list[dict[str, Any]] = []
    for channels, instances in CELLS:
        for budget in BUDGETS:
            for seed in range(1, (2 if options.quick else round(options.share * instances)) + 1):
                rows.append(measure(channels, budget, seed))
                print(json.dumps(rows[-1]), flush=True)
    table = common.Table(
        f"One spend per channel over {WEEKS} weeks, slopes 1 to 3, {DRAWS} planning draws: certified to {GAP:.2%}",
        (
            "channels",
            "instances",
            "certified",
            "worst gap",
            "s to it",
            "from–to s",
            "CPU s of the call",
            "from–to CPU s",
        ),
        [summarise(channels, [row for row in rows if row["channels"] == channels]) for channels, _ in CELLS],
        notes=(
            f"Half of the instances have the baseline's budget, half {BUDGETS[1]:.0%} of it; no other constraint.",
            "The call's CPU seconds hold the constraints, prices by re-solving, and the held-back draws besides.",
        ),
    )
    common.write("optimizer_steady", head, "S-shaped channel totals, certified", [table], {"rows": rows})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
