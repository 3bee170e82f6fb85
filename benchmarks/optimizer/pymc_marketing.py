"""The same plan asked of PyMC-Marketing and of Mixwise: ``python -m benchmarks.optimizer.pymc_marketing --python PY``.

PY is the interpreter of an environment with PyMC-Marketing (``python -m benchmarks.peers.make_env``). It makes a
posterior, plans 13 weeks by channel totals spread evenly (what its optimiser decides), each within 50 % of recent
spend, and writes its draws, values and seconds; Mixwise plans the same draws.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import common
from benchmarks.instances import bare
from mmm.response.calendar import WEEK, SpendCalendar, weeks_from
from mmm.response.draws import MediaDraws, ResponseDraws
from mmm.response.horizon import HorizonResponse
from mmm.transforms.adstock import decay_weeks
from mmm.transforms.saturation import LOG3, Saturation
from optimizer.constraints import Budget, ChangeVsBaseline, ObservedRange
from optimizer.problem import AllocationProblem, Granularity
from optimizer.solve import allocate

WEEKS, CHANGE = 13, 0.5
#: Carryover is followed until all but this is gone; plans stop at 99.9 %, where values differ by up to 1e-4.
DECAYED = 1 - 1e-8
FIRST = np.datetime64("2023-01-02")
SCRIPT = Path(__file__).parents[1] / "peers" / "pymc_marketing_plan.py"


def response(found: dict[str, Any]) -> ResponseDraws:
    """Return the peer's draws as a response: its tanh(λ x / 2) is our logistic with half-saturation ln 3 / λ."""
    alpha, lam, beta = (found[f"{name}"] for name in ("adstock_alpha", "saturation_lam", "saturation_beta"))
    spend, scale = found["spend"], found["scale"][:, None]
    channels, history = spend.shape
    draws = alpha.shape[1]
    weeks = weeks_from(FIRST, history)
    media = MediaDraws(
        tuple(f"c{c}" for c in range(channels)),
        spend[:, None],
        (Saturation.LOGISTIC,) * channels,
        alpha[:, None],
        (LOG3 / lam * scale)[:, None],
        np.ones((channels, 1, draws)),
        (beta * found["target"])[:, None],
    )
    return bare(media, spend[:, None], weeks, chain=np.zeros(draws, dtype=np.int64))


def problem(found: dict[str, Any]) -> AllocationProblem:
    """State the peer's problem: the same recent week in every week, nothing spent after the horizon."""
    draws = response(found)
    recent = found["spend"][:, -WEEKS:].mean(axis=1)
    tail = int(decay_weeks(draws.paid.alpha, DECAYED).max())
    start = draws.weeks[-1] + WEEK
    calendar = SpendCalendar(
        channels=draws.channels,
        bridge_weeks=weeks_from(start, 0),
        bridge=np.zeros((len(recent), 0)),
        weeks=weeks_from(start, WEEKS),
        baseline=np.repeat(recent[:, None], WEEKS, axis=1),
        tail_weeks=weeks_from(start + WEEKS * WEEK, tail),
        tail=np.zeros((len(recent), tail)),
    )
    horizon = HorizonResponse(draws, calendar, decayed=DECAYED)
    return AllocationProblem(
        horizon=horizon,
        held_back=horizon,
        constraints=(Budget(float(calendar.baseline.sum())), ChangeVsBaseline(None, CHANGE)),
        observed_max=draws.observed_max(),
        granularity=Granularity.TOTAL,
        observed_range=ObservedRange(allowed=draws.channels),
    )


def measure(python: str, channels: int, draws: int, seed: int) -> dict[str, Any]:
    """Plan one instance with both, and compare the values of the same plans."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "peer.npz"
        subprocess.run([python, str(SCRIPT), str(channels), str(draws), str(seed), str(out)], check=True)
        with np.load(out) as stored:
            found = {name: stored[name] for name in stored}
    stated = problem(found)
    flat = np.ones((1, WEEKS))
    zero = float(found["utility_nothing"])
    theirs, same = (float(found[name]) - zero for name in ("utility_plan", "utility_recent"))
    ours_of_theirs = stated.horizon.evaluate(found["plan"][:, None] * flat).value
    ours_same = stated.horizon.evaluate(stated.baseline).value
    allocate(stated)
    times = []
    for _ in range(3):
        started, cpu = time.perf_counter(), time.process_time()
        plan = allocate(stated)
        times.append((time.perf_counter() - started, time.process_time() - cpu))
    certificate = next(h.seconds for h in plan.history if (h.upper_bound - h.value) <= 1e-3 * abs(h.value))
    peer_wall, peer_cpu = np.median(found["seconds"][1:], axis=0)
    wall, cpu = np.median(times, axis=0)
    return {
        "channels": channels,
        "draws": draws,
        "seed": seed,
        "disagreement": max(abs(ours_of_theirs / theirs - 1), abs(ours_same / same - 1)),
        "value_ratio": plan.value / ours_of_theirs,
        "gap": plan.gap,
        "ours_s": float(wall),
        "ours_cpu_s": float(cpu),
        "certificate_s": float(certificate),
        "peer_s": float(peer_wall),
        "peer_cpu_s": float(peer_cpu),
        "ratio": float(peer_wall / wall),
        "peer_evaluations": int(found["evaluations"]),
        "version": str(found["version"]),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", default=os.environ.get("PYMC_MARKETING_PYTHON"), help="the peer's interpreter")
    parser.add_argument("--channels", type=int, nargs="+", default=[5, 10, 50])
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args(arguments)
    if not options.python:
        parser.error("give --python, the interpreter of an environment with PyMC-Marketing")
    head = common.start()
    rows = []
    for channels in options.channels:
        for seed in range(1, options.seeds + 1):
            rows.append(measure(options.python, channels, options.draws, seed))
            print(rows[-1], flush=True)
    table = common.Table(
        "The identical objective: 13 weeks, channel totals, ±50 %, warm calls",
        (
            "channels", "instances", "values disagree by", "our value over theirs, least", "our gap, worst",
            "ours s (CPU s)", "to the certificate s", "PyMC-Marketing s (CPU s)", "ratio", "least ratio",
        ),
        [summary(channels, [row for row in rows if row["channels"] == channels]) for channels in options.channels],
        notes=(
            f"PyMC-Marketing {rows[0]['version']}; {options.draws} draws, from priors, not fitted.",
            "Ours: the whole call, with bound, shadow prices and held-back figures. The peer's adstock has 24 weeks.",
        ),
    )  # fmt: skip
    print(
        common.write(
            "optimizer_pymc_marketing", head, "The same plan, asked of PyMC-Marketing", [table], {"rows": rows}
        )
    )
    good = all(row["disagreement"] < 1e-6 and row["value_ratio"] >= 1 - 1e-6 and row["ratio"] >= 20 for row in rows)
    return 0 if good else 1


def summary(channels: int, rows: Sequence[dict[str, Any]]) -> list[object]:
    """Return a size's medians and worst figures."""
    mid = {key: common.median([row[key] for row in rows]) for key in rows[0] if key.endswith("_s") or key == "ratio"}
    return [
        channels,
        len(rows),
        f"{max(row['disagreement'] for row in rows):.0e}",
        f"{min(row['value_ratio'] for row in rows):.7f}",
        f"{max(row['gap'] for row in rows):.0e}",
        f"{common.seconds(mid['ours_s'])} ({common.seconds(mid['ours_cpu_s'])})",
        common.seconds(mid["certificate_s"]),
        f"{common.seconds(mid['peer_s'])} ({common.seconds(mid['peer_cpu_s'])})",
        f"{mid['ratio']:.0f}",
        f"{min(row['ratio'] for row in rows):.0f}",
    ]


if __name__ == "__main__":
    raise SystemExit(main())
