"""How long hundreds of scenarios take in one pass, beside one at a time, and how far the two differ.

``python -m benchmarks.scenarios [--sizes 1000x1000x52x20 200x4000x13x10] [--alone 10]``
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numba import get_num_threads

from benchmarks import common
from benchmarks.instances import response
from mmm.response.calendar import WEEK, BaselineRule, SpendCalendar, business_as_usual
from mmm.response.draws import ResponseDraws
from mmm.response.forecast import baseline_outcome
from mmm.response.horizon import HorizonResponse
from simulations import ScenarioSet, simulate
from simulations.batch import Runner
from simulations.future import Future

SIZES = ("100x1000x52x20", "1000x1000x52x20", "1000x1000x13x10", "200x4000x52x20")
FORMS = ("hill", "hill_free_slope")
#: Two scenarios that are the same are evaluated once; these are all different in every channel and week.
MIX = "every channel and week differs"
GRID = "a grid of 10 x 10 x 10 changes of three channels"


def instance(form: str, draws: int, weeks: int, channels: int) -> tuple[ResponseDraws, SpendCalendar]:
    """Return a posterior of one form, and the weeks right after its data."""
    found = response(1, channels=channels, draws=draws // 2)
    if form == "hill":
        found = replace(found, paid=replace(found.paid, slope=np.ones_like(found.paid.slope)))
    return found, business_as_usual(found, found.weeks[-1] + WEEK, weeks, BaselineRule.LAST_WEEKS)


def futures_of(calendar: SpendCalendar, count: int) -> list[Future]:
    rng = np.random.default_rng(2)
    usual = Future.as_usual(calendar)
    return [replace(usual, spend=usual.spend * rng.uniform(0.5, 1.5, usual.spend.shape)) for _ in range(count)]


def one_by_one(draws: ResponseDraws, calendar: SpendCalendar, future: Future) -> tuple[np.ndarray, np.ndarray]:
    """Return what the planner's own response says of one future: weeks and channels."""
    horizon = HorizonResponse(draws, calendar, cost_factor=future.cost)
    weeks = len(calendar.weeks)
    expected = baseline_outcome(draws, calendar.weeks) + horizon.weekly_effect(future.spend).sum(axis=0)[:weeks]
    return expected, horizon.per_channel(future.spend)


def clocked(started: tuple[float, float]) -> dict[str, float]:
    return {"wall_s": time.perf_counter() - started[0], "cpu_s": time.process_time() - started[1]}


def now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def measure(size: str, form: str, alone: int) -> dict[str, Any]:
    """Measure one size in this process."""
    count, draws, weeks, channels = (int(part) for part in size.split("x"))
    posterior, calendar = instance(form, draws, weeks, channels)
    futures = futures_of(calendar, count)
    next(Runner(posterior, calendar).run(futures[:1]))
    started, effects, far = now(), np.empty((count, draws)), 0.0
    for m, one in enumerate(Runner(posterior, calendar).run(futures)):
        effects[m] = one.expected.sum(axis=0) + one.later.sum(axis=0)
    whole = clocked(started)
    some = futures[:alone]
    started = now()
    single = [one_by_one(posterior, calendar, future) for future in some]
    by_one = clocked(started)
    for (expected, media), one in zip(single, Runner(posterior, calendar).run(some), strict=True):
        for ours, theirs in ((one.expected, expected), (one.media, media)):
            far = max(far, float(np.abs(ours - theirs).max() / np.abs(theirs).max()))
    return {
        "size": size,
        "form": form,
        **whole,
        "alone_cpu_s": by_one["cpu_s"] / len(some) * count,
        "largest_difference": far,
        "tail_weeks": len(calendar.tail_weeks),
        "threads": get_num_threads(),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6,
    }


def measure_grid(form: str, draws: int, weeks: int, channels: int) -> dict[str, Any]:
    """Measure the public call: 1,000 combinations with every figure that is said of them."""
    posterior, calendar = instance(form, draws, weeks, channels)
    axis = [round(-0.5 + 0.1 * step, 2) for step in range(10)]
    scenarios = ScenarioSet.model_validate(
        {
            "horizon": {"start": calendar.weeks[0].astype(object), "weeks": weeks},
            "margin": 0.5,
            "discount_rate": 0.08,
            "scenarios": {"cut": [{"channels": "all", "change": -0.1}]},
            "grid": {name: {"channel": name, "change": {"values": axis}} for name in posterior.channels[:3]},
        }
    )
    simulate(posterior.thinned(100), scenarios)
    started = now()
    found = simulate(posterior, scenarios)
    if found.grid is None or len(found.grid.points) != 1000:
        raise ValueError("the grid is not the one that was asked for")
    return {"size": f"1000x{draws}x{weeks}x{channels}", "form": form, **clocked(started)}


def measure_apart(size: str, form: str, alone: int) -> dict[str, Any]:
    """Measure in a process of its own, so that its memory is its own."""
    call = f"scenarios.measure({size!r}, {form!r}, {alone})"
    code = f"import json; from benchmarks import scenarios; print(json.dumps({call}))"
    done = common.run([sys.executable, "-c", code], cwd=common.ROOT)
    return done.last_json()


def main(arguments: Sequence[str] | None = None, *, name: str = "scenarios") -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", default=list(SIZES), help="scenarios x draws x weeks x channels")
    parser.add_argument("--alone", type=int, default=5, help="scenarios that are also run one at a time")
    options = parser.parse_args(arguments)
    head = common.start()
    rows = []
    for size in options.sizes:
        for form in FORMS:
            rows.append(measure_apart(size, form, options.alone))
            print(json.dumps(rows[-1]), flush=True)
    grids = [measure_grid(form, 1000, 52, 20) for form in FORMS]
    tables = [
        common.Table(
            f"Scenarios × draws × weeks × channels: {MIX}",
            ("", "saturation", "s", "CPU s", "one at a time, CPU s", "largest difference", "peak MB", "threads"),
            [
                (
                    row["size"].replace("x", " × "),
                    row["form"],
                    common.seconds(row["wall_s"]),
                    common.seconds(row["cpu_s"]),
                    common.seconds(row["alone_cpu_s"]),
                    f"{row['largest_difference']:.0e}",
                    common.whole(row["peak_mb"]),
                    row["threads"],
                )
                for row in rows
            ],
            notes=(
                (
                    "Outcome by week, what each channel adds, its derivative, and the carryover after the horizon by "
                    "week, of every draw. The libraries take some 200 MB of the peak."
                ),
                (
                    f"One at a time: the planner's own response of {options.alone} of the scenarios, weeks and "
                    "channels only, scaled up; the difference is relative to the largest figure."
                ),
            ),
        ),
        common.Table(
            f"The public call: {GRID}, with every figure of the page",
            ("", "saturation", "s", "CPU s"),
            [
                (
                    row["size"].replace("x", " × "),
                    row["form"],
                    common.seconds(row["wall_s"]),
                    common.seconds(row["cpu_s"]),
                )
                for row in grids
            ],
        ),
    ]
    common.write(name, head, "Scenarios: hundreds in one pass", tables, {"rows": rows, "grids": grids})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
