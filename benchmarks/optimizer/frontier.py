"""Seconds to a frontier of 20 budgets, and to what else is solved around a plan: ``… frontier [--quick]``.

Problems: :mod:`benchmarks.instances`, each channel's total within 50 % of its baseline; budgets from 60 % to 140 % of
the baseline's total, every point certified. Beside it: the same budgets solved one by one, a least budget, ranges near
the best.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks import common
from benchmarks.instances import problem
from optimizer.frontier import budget_frontier
from optimizer.goals import LeastBudget
from optimizer.inverse import reach_goal
from optimizer.near_best import near_best
from optimizer.problem import AllocationProblem
from optimizer.solve import allocate
from optimizer.solvers.sweep import with_budget

SIZES = ("10x13x1000", "50x52x1000")
POINTS, LOW, HIGH = 20, 0.6, 1.4
#: Budgets solved one by one, for the comparison; their mean stands for all.
ALONE = 4


def timed[T](call: Callable[[], T]) -> tuple[T, float, float]:
    """Return what a call gives, its wall seconds and its CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = call()
    return found, time.perf_counter() - wall, time.process_time() - cpu


def alone(made: AllocationProblem, budgets: np.ndarray, gap: float) -> float:
    """Return the value that separate solves reach, summed."""
    return sum(allocate(with_budget(made, float(total), up_to=False), gap=gap).value for total in budgets)


def measure(size: str, seed: int, gap: float) -> dict[str, Any]:
    """Solve one instance every way."""
    channels, weeks, draws = (int(part) for part in size.split("x"))
    made = problem(seed, channels=channels, weeks=weeks, draws=draws)
    budgets = np.linspace(LOW, HIGH, POINTS) * float(made.baseline.sum())
    plan, plan_wall, plan_cpu = timed(lambda: allocate(made, gap=gap))
    warm, warm_wall, warm_cpu = timed(lambda: budget_frontier(made, budgets, gap=gap, known=plan))
    cold, cold_wall, cold_cpu = timed(lambda: budget_frontier(made, budgets, gap=gap))
    picked = budgets[:: POINTS // ALONE][:ALONE]
    _, one_wall, one_cpu = timed(lambda: alone(made, picked, gap))
    goal, goal_wall, goal_cpu = timed(lambda: reach_goal(made, LeastBudget(vs_baseline=1.05), gap=gap))
    near, near_wall, near_cpu = timed(lambda: near_best(made, plan))
    values = np.array([point.value for point in warm.points])
    return {
        "size": size,
        "seed": seed,
        "plan": {"wall_s": plan_wall, "cpu_s": plan_cpu},
        "frontier_beside_a_plan": {"wall_s": warm_wall, "cpu_s": warm_cpu, "evaluations": warm.evaluations},
        "frontier_alone": {"wall_s": cold_wall, "cpu_s": cold_cpu, "evaluations": cold.evaluations},
        "one_by_one": {"wall_s": one_wall * POINTS / ALONE, "cpu_s": one_cpu * POINTS / ALONE},
        "worst_gap": max(point.upper_bound / point.value - 1.0 for point in (*warm.points, *cold.points)),
        "points": len(warm.points),
        "rises": bool((np.diff(values) > 0).all()),
        "least_budget": {"wall_s": goal_wall, "cpu_s": goal_cpu, "tried": goal.tried, "edge": goal.edge / goal.budget},
        "near_best": {"wall_s": near_wall, "cpu_s": near_cpu, "evaluations": near.evaluations},
    }


def row(size: str, found: Sequence[dict[str, Any]]) -> list[object]:
    """Summarise one size."""

    def both(key: str) -> list[str]:
        return [common.seconds(common.median([one[key][kind] for one in found])) for kind in ("wall_s", "cpu_s")]

    return [
        size.replace("x", " × "),
        len(found),
        *both("frontier_beside_a_plan"),
        *both("frontier_alone"),
        *both("one_by_one"),
        common.whole(common.median([one["frontier_beside_a_plan"]["evaluations"] for one in found])),
        common.small(max(one["worst_gap"] for one in found)),
        *both("least_budget"),
        *both("near_best"),
    ]


def main(arguments: Sequence[str] | None = None, *, name: str = "optimizer_frontier") -> int:
    """Measure, print and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--gap", type=float, default=1e-3)
    parser.add_argument("--quick", action="store_true", help="one small size, one seed")
    options = parser.parse_args(arguments)
    sizes, seeds = (SIZES, options.seeds) if not options.quick else (("5x8x100",), 1)
    head = common.start()
    allocate(problem(0, channels=2, weeks=4, draws=20))
    found = []
    for size in sizes:
        for seed in range(1, seeds + 1):
            found.append(measure(size, seed, options.gap))
            print(json.dumps(found[-1], default=float), flush=True)
    if options.quick:
        return 0
    table = common.Table(
        f"{POINTS} budgets, {LOW:.0%} to {HIGH:.0%} of the baseline's, each certified to {options.gap:.0e}: medians",
        (
            "channels × weeks × draws", "instances", "beside a plan, s", "CPU s", "from nothing, s", "CPU s",
            "one by one, s", "CPU s", "evaluations", "worst gap", "least budget, s", "CPU s", "near the best, s",
            "CPU s",
        ),
        [row(size, [one for one in found if one["size"] == size]) for size in sizes],
        notes=(
            "Beside a plan: the plan at the baseline's budget is known, as it is when a brief asks for a frontier.",
            f"One by one: {ALONE} of the budgets by separate calls, times {POINTS // ALONE}.",
            "Least budget: for 5 % more than the baseline brings, its plan and report included.",
            "Near the best: both ends of every channel's range.",
            "CPU seconds stand beside wall seconds, which other work on the machine lengthens (see its load).",
        ),
    )  # fmt: skip
    common.write(name, head, "Optimiser: frontiers and what is solved around a plan", [table], {"rows": found})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
