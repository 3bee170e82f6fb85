"""How long a certified plan takes, beside scipy's SLSQP on the same response and gradient.

``python -m benchmarks.optimizer_speed [--sizes 10x13x1000 50x52x1000] [--seeds 5] [--slsqp-limit 60]``
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks import common
from benchmarks.instances import problem
from benchmarks.slsqp import solve_apart
from optimizer import allocate

SIZES = ("10x13x1000", "50x52x1000")


def measure(size: str, seed: int, gap: float, slsqp_limit: float) -> dict[str, Any]:
    channels, weeks, draws = (int(part) for part in size.split("x"))
    task = problem(seed, channels=channels, weeks=weeks, draws=draws)
    started = time.perf_counter()
    plan = allocate(task, gap=gap)
    wall = time.perf_counter() - started
    row: dict[str, Any] = {
        "size": size,
        "seed": seed,
        "seconds": wall,
        "evaluations": plan.evaluations,
        "gap": plan.gap,
        "gap_before_rounding": plan.gap_before_rounding,
        "value": plan.value,
        "upper_bound": plan.upper_bound,
        "monte_carlo_error": plan.monte_carlo_error / abs(plan.value),
        "first_step_within_gap_s": first_within(plan, gap),
    }
    if slsqp_limit > 0:
        other = solve_apart(size, seed, slsqp_limit)
        short = None if other["value"] is None else (plan.value - other["value"]) / abs(plan.value)
        row["slsqp"] = {**other, "shortfall": short}
    return row


def first_within(plan: Any, gap: float) -> float | None:
    """Return the seconds at which the value and the bound were first within the gap asked for."""
    for step in plan.history:
        if np.isfinite(step.upper_bound) and step.upper_bound - step.value <= gap * abs(step.value):
            return float(step.seconds)
    return None


def summarise(size: str, rows: Sequence[dict[str, Any]]) -> list[object]:
    slsqp = [row["slsqp"] for row in rows if "slsqp" in row]
    worst = max(row["gap"] for row in rows)
    line: list[object] = [
        size.replace("x", " × "),
        len(rows),
        common.seconds(common.median([row["first_step_within_gap_s"] for row in rows])),
        common.seconds(common.median([row["seconds"] for row in rows])),
        common.spread([row["seconds"] for row in rows]),
        common.whole(common.median([row["evaluations"] for row in rows])),
        common.small(worst),
    ]
    if not slsqp:
        return [*line, "–", "–", "–", "–"]
    stopped = sum(one["status"] != "converged" for one in slsqp)
    return [
        *line,
        common.seconds(common.median([one["seconds"] for one in slsqp])),
        common.whole(common.median([one["evaluations"] for one in slsqp])),
        f"{100 * (common.median([one['shortfall'] for one in slsqp]) or 0.0):.3f} %",
        f"{stopped} of {len(slsqp)}",
    ]


def percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.3f} %"


def peer_rows() -> list[list[object]]:
    """Return what the last W1 run says of the peers' planners, which cannot be given these instances cheaply."""
    path = common.RESULTS / "w1.json"
    if not path.is_file():
        return []
    found = json.loads(path.read_text(encoding="utf-8"))["figures"].get("plans", [])
    return [
        [plan["who"], plan["decides"], common.seconds(plan["cold_s"]), common.seconds(plan["warm_s"]), plan["bound"]]
        for plan in found
    ]


def main(arguments: Sequence[str] | None = None, *, name: str = "optimizer_speed") -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", default=list(SIZES), help="channels x weeks x draws")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--gap", type=float, default=1e-3)
    parser.add_argument("--slsqp-limit", type=float, default=60.0, help="seconds; 0 leaves it out")
    options = parser.parse_args(arguments)
    head = common.start()
    warm = problem(0, channels=2, weeks=4, draws=20)
    started = time.perf_counter()
    allocate(warm)
    first_call = time.perf_counter() - started
    rows: list[dict[str, Any]] = []
    for size in options.sizes:
        for seed in range(1, options.seeds + 1):
            rows.append(measure(size, seed, options.gap, options.slsqp_limit))
            print(json.dumps(rows[-1]), flush=True)
    table = common.Table(
        f"Certified to {options.gap:.0e}: channels × weeks × planning draws",
        (
            "size", "instances", "s to the certificate", "whole call s", "from–to s",
            "evaluations over all draws", "worst gap", "SLSQP median s",
            "its evaluations", "its median shortfall", "it did not converge in",
        ),
        [summarise(size, [row for row in rows if row["size"] == size]) for size in options.sizes],
        notes=(
            (
                "To the certificate: until value and bound were within the gap; the whole call to `allocate` also "
                "compiles the constraints, polishes, prices them and evaluates the held-back draws (as many again)."
            ),
            f"The first call of a process (kernels loaded from their cache, or compiled) took {first_call:.1f} s.",
            (
                "SLSQP: scipy's, with the same compiled value and gradient, scaled variables and the same constraints, "
                "in a process of its own with one thread for linear algebra (more slow it down), started at the "
                f"baseline, at most {options.slsqp_limit:.0f} s (checked at each evaluation); it gives no bound."
            ),
        ),
    )  # fmt: skip
    tables = [table]
    if peers := peer_rows():
        tables.append(
            common.Table(
                "Planners on W1, 13 weeks, ±30 % (from the last W1 run)",
                ("", "decides", "first call s", "next call s", "bound"),
                peers,
            )
        )
    common.write(
        name, head, "Optimiser: seconds to a certified plan", tables, {"rows": rows, "first_call_s": first_call}
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
