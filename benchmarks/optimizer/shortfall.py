"""How much others lose on channel totals of S-shaped curves: ``python -m benchmarks.optimizer.shortfall [--quick]``.

Every method plans the identical mean over draws, with the same caps and budget; its shortfall is against the best plan
that any of them found. Each instance's figures are kept under a hash of the sources, so that a study goes on where it
stopped.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks import common
from benchmarks.model.cells import Store, run_workers, source_key
from benchmarks.optimizer.rivals import Totals
from benchmarks.optimizer.sshaped import problem
from optimizer import allocate

SOURCES = ("optimizer", "mmm/response", "mmm/transforms", "benchmarks/optimizer", "benchmarks/instances.py")
GAP, WEEKS, DRAWS, STARTS = 5e-4, 13, 100, 10
BUDGETS = (1.0, 0.4)
#: Channels and random instances a cell.
CELLS = ((5, 200), (20, 200))
METHODS = {
    "ours": "Mixwise, certified to 0.05 %",
    "slsqp": "SLSQP, equal start",
    "slsqp_10": "SLSQP, best of ten starts",
    "greedy": "greedy over average-ROI jumps",
    "lower": "SLSQP, one start at the lower bounds",
}


def timed(call: Callable[[], Any]) -> tuple[Any, float]:
    """Return a call's result and its CPU seconds."""
    started = time.process_time()
    return call(), time.process_time() - started


def measure(channels: int, budget: float, seed: int) -> dict[str, Any]:
    task = problem(seed, channels=channels, weeks=WEEKS, draws=DRAWS, budget=budget)
    rival = Totals(task)
    plan, ours_s = timed(lambda: allocate(task, gap=GAP))
    starts = rival.starts(seed, STARTS)
    first, first_s = timed(lambda: rival.slsqp(starts[0]))
    others, others_s = timed(lambda: [rival.slsqp(start) for start in starts[1:]])
    (greedy, unspent), greedy_s = timed(rival.greedy)
    lower, lower_s = timed(lambda: rival.slsqp(np.zeros(channels)))
    values = {"ours": plan.value, "slsqp": first, "slsqp_10": max([first, *others]), "greedy": greedy, "lower": lower}
    best = max(values.values())
    return {
        "channels": channels,
        "budget": budget,
        "seed": seed,
        "gap": plan.gap,
        "upper_bound": plan.upper_bound,
        "best": best,
        "unspent": unspent,
        "shortfall": {name: 1.0 - value / best for name, value in values.items()},
        "cpu_s": {
            "ours": ours_s,
            "slsqp": first_s,
            "slsqp_10": first_s + others_s,
            "greedy": greedy_s,
            "lower": lower_s,
        },
    }


def work(store: Store, names: Sequence[str]) -> None:
    """Measure a share of the instances, after a first plan that compiles."""
    allocate(problem(0, channels=2, weeks=4, draws=40, budget=0.5))
    for name in names:
        channels, budget, seed = name.split("|")
        store.write(name, measure(int(channels), float(budget), int(seed)))


def table(channels: int, budget: float, rows: Sequence[dict[str, Any]]) -> common.Table:
    lines = []
    for name, says in METHODS.items():
        lost = np.array([row["shortfall"][name] for row in rows])
        lines.append(
            [
                says,
                f"{np.median(lost):.2%}",
                f"{lost.mean():.2%}",
                f"{np.quantile(lost, 0.95):.1%}",
                f"{lost.max():.1%}",
                f"{(lost > 0.01).mean():.0%}",
                common.seconds(common.median([row["cpu_s"][name] for row in rows])),
            ]
        )
    worst = max(row["gap"] for row in rows)
    unspent = np.array([row["unspent"] for row in rows])
    return common.Table(
        f"{channels} channels, {budget:.0%} of the baseline's budget, {len(rows)} instances",
        ("method", "median", "mean", "95 % quantile", "worst", "loses over 1 %", "median CPU s"),
        lines,
        notes=(
            f"Shortfall against the best plan known; Mixwise's certified gap was at most {worst:.1e}.",
            f"The greedy rule leaves {unspent.mean():.0%} of the budget on average, at most {unspent.max():.0%}.",
        ),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="five instances a cell")
    parser.add_argument("--instances", type=int, help="instances a cell, in place of the full number")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    store = Store.of("optimizer_shortfall", source_key(SOURCES))
    if options.worker is not None:
        work(store, json.loads(options.worker))
        return 0
    head = common.start()
    counts = {cell: 5 if options.quick else options.instances or cell[1] for cell in CELLS}
    names = [
        f"{channels}|{budget}|{seed}"
        for (channels, _), count in counts.items()
        for budget in BUDGETS
        for seed in range(1, count + 1)
    ]
    missing = [name for name in names if store.read(name) is None]
    shares = [missing[i :: options.workers] for i in range(options.workers)]
    if code := run_workers("benchmarks.optimizer.shortfall", [["--worker", json.dumps(one)] for one in shares if one]):
        raise SystemExit(f"A worker ended with {code}; run the same command again to go on.")
    rows: list[dict[str, Any]] = []
    tables = []
    for (channels, _), count in counts.items():
        for budget in BUDGETS:
            found = [store.read(f"{channels}|{budget}|{seed}") for seed in range(1, count + 1)]
            cell = [row for row in found if row is not None]
            rows += cell
            tables.append(table(channels, budget, cell))
            print(json.dumps({"channels": channels, "budget": budget, "rows": tables[-1].rows}), flush=True)
    figures = {"rows": rows, "weeks": WEEKS, "draws": DRAWS, "seeds": "1 to the number of instances"}
    common.write("optimizer_shortfall", head, "S-shaped channel totals: what others lose", tables, figures)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
