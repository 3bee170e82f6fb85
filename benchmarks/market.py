"""What a simulated market of consumers costs: seconds and memory against weeks, geos, channels and replicates.

``python -m benchmarks.market [--sizes 260x20x8x1 156x1x8x20] [--truths 156x1x6]``
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Sequence
from typing import Any

from benchmarks import common
from simulations.market.consumers import ConsumerWorld, simulate_replicates

SIZES = (
    "104x1x8x1", "260x1x8x1", "520x1x8x1",
    "260x5x8x1", "260x20x8x1", "260x80x8x1",
    "260x20x2x1", "260x20x16x1",
    "260x1x8x20", "260x1x8x100",
)  # fmt: skip
TRUTHS = ("156x1x6", "156x1x12", "104x20x5")


def world(weeks: int, geos: int, channels: int) -> ConsumerWorld:
    """Return a world in which the last channel is search, with e-mail, a chat, word of mouth and a rival besides."""
    reach = {
        f"channel_{number + 1}": {
            "kind": "reach",
            "spend": {"pattern": "bursts", "weekly": 40_000, "weeks_on": 5, "weeks_off": 3},
            "exposure": {"cost": 0.01},
            "audience": {"share": 0.7, "weights": {"activity": {"exploring": 2}} if number % 2 else {}},
            "effect": {"aware": 0.05, "favour": 0.02, "explore": 0.02},
        }
        for number in range(channels - 1)
    }
    search = {"kind": "search", "exposure": {"name": "clicks", "cost": 0.5}, "effect": {"purchase": 0.2}}
    settings: dict[str, Any] = {
        "start": "2020-01-06",
        "weeks": weeks,
        "people": 5_000_000,
        "season": [{"cosine": 0.1}],
        "unrecorded": {"sd": 0.02},
        "noise": {"sd": 0.005},
        "channels": {**reach, "search": search},
        "owned": {
            "newsletter": {
                "kind": "sent",
                "volume": {"pattern": "always_on", "weekly": 100_000, "books_in": 1},
                "audience": {"weights": {"loyalty": {"switcher": 0.1, "competitor_loyal": 0}}},
                "effect": {"explore": 0.05},
            },
            "chat": {
                "kind": "asked",
                "contacts": 0.05,
                "capacity": {"pattern": "always_on", "weekly": 5000},
                "effect": {"purchase": 0.2},
            },
            "friends": {"kind": "talk"},
        },
        "rivals": {"rival": {"volume": {"pattern": "bursts", "weekly": 2_000_000}, "effect": {"disfavour": 0.01}}},
    }
    if geos > 1:
        settings["geos"] = {"count": geos}
    return ConsumerWorld.model_validate(settings)


def peak_mb() -> float:
    """Return the largest memory that this process has had, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6


def measure(size: str) -> dict[str, Any]:
    """Draw R markets of one size in this process, after one small market that compiles and loads everything."""
    weeks, geos, channels, replicates = (int(part) for part in size.split("x"))
    simulate_replicates(world(10, 1, channels), [1])
    before, asked = peak_mb(), world(weeks, geos, channels)
    wall, cpu = time.perf_counter(), time.process_time()
    markets = simulate_replicates(asked, range(1, replicates + 1))
    done = {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}
    if any(market.record.outcome.shape != (weeks, geos) for market in markets):
        raise ValueError("the markets are not of the size that was asked for")
    return {"size": size, **done, "libraries_mb": before, "peak_mb": peak_mb()}


def measure_truth(size: str) -> dict[str, Any]:
    """Work out the truth of one market: ROAS, mROAS, contributions and every pair's synergy by reruns."""
    weeks, geos, channels = (int(part) for part in size.split("x"))
    simulate_replicates(world(10, 1, channels), [1])
    market = simulate_replicates(world(weeks, geos, channels), [1])[0]
    wall, cpu = time.perf_counter(), time.process_time()
    truth = market.truth
    pairs = len(truth.synergy)  # reruns of their own
    done = {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}
    reruns = 2 + 3 * channels + len(truth.organic) + pairs
    return {"size": size, **done, "reruns": reruns, "tail_weeks": market.tail_weeks, "peak_mb": peak_mb()}


def measure_apart(call: str) -> dict[str, Any]:
    """Measure in a process of its own, on one core, so that its memory is its own."""
    code = f"import json; from benchmarks import market; print(json.dumps(market.{call}))"
    threads = dict.fromkeys(("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    done = common.run([sys.executable, "-c", code], cwd=common.ROOT, env=threads)
    if done.code:
        raise RuntimeError(f"{call} failed: {done.reason()}")
    return done.last_json()


def table(rows: Sequence[dict[str, Any]]) -> common.Table:
    return common.Table(
        "Weeks × geos × channels × replicates, on one core",
        ("", "s", "CPU s", "peak MB", "of which libraries"),
        [
            (
                row["size"].replace("x", " × "),
                common.seconds(row["wall_s"]),
                common.seconds(row["cpu_s"]),
                common.whole(row["peak_mb"]),
                common.whole(row["libraries_mb"]),
            )
            for row in rows
        ],
        notes=(
            "The last channel is search. Besides: e-mail, a chat, word of mouth, a rival; a history of 2 × 52 weeks.",
        ),
    )


def truth_table(rows: Sequence[dict[str, Any]]) -> common.Table:
    return common.Table(
        "The truth of one market, weeks × geos × channels: ROAS, mROAS, contributions and synergy of every pair",
        ("", "reruns", "weeks after the window", "s", "CPU s", "peak MB"),
        [
            (
                row["size"].replace("x", " × "),
                row["reruns"],
                row["tail_weeks"],
                common.seconds(row["wall_s"]),
                common.seconds(row["cpu_s"]),
                common.whole(row["peak_mb"]),
            )
            for row in rows
        ],
    )


def main(arguments: Sequence[str] | None = None, *, name: str = "market") -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", default=list(SIZES), help="weeks x geos x channels x replicates")
    parser.add_argument("--truths", nargs="*", default=list(TRUTHS), help="weeks x geos x channels")
    options = parser.parse_args(arguments)
    head = common.start()
    rows = [measure_apart(f"measure({size!r})") for size in options.sizes]
    truths = [measure_apart(f"measure_truth({size!r})") for size in options.truths]
    for row in (*rows, *truths):
        print(json.dumps(row), flush=True)
    tables = [table(rows), *([truth_table(truths)] if truths else [])]
    common.write(name, head, "A simulated market of consumers: its cost", tables, {"rows": rows, "truths": truths})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
