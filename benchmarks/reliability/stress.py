"""Row 3: silent failures: ``python -m benchmarks.reliability.stress [--seeds 5] [--clean 20]``.

A run fails where its median ROAS error is above 25 % or its 90 % intervals cover less than 75 % of its channels; it
fails silently where every check is green as well. A world fails silently where its runs together do both: their pooled
error or coverage is outside, and more than half of the failing runs are green. Counted twice: by the checks of the fit
alone, and with the warnings of the data report, which whoever fits has read before.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks import common
from benchmarks.reliability import study
from benchmarks.reliability.runs import ALARMS, alarms, compare, error_of, fit_market, is_covered
from benchmarks.reliability.stress_worlds import WORLDS, market_of
from mmm.data.checks import check_panel

SEED = 43_000
#: Seed of the first clean market that is read only.
QUIET = 200
MAX_ERROR, MIN_COVERAGE = 0.25, 0.75
MAX_SILENT, MAX_FALSE = 2, 0.05


def stress_cell(name: str, sampling: dict[str, Any] | None = None) -> dict[str, Any]:
    """Fit one world: ``<world>|<seed>``."""
    world, _, seed = name.partition("|")
    started = time.perf_counter()
    market = market_of(world, SEED + int(seed))
    fit = fit_market(market, int(seed), {"sampling": sampling or {"cores": 1}})
    channels = compare(market, fit)
    return {
        "world": world,
        "seed": int(seed),
        "channels": channels,
        "alarms": alarms(fit),
        "fails": fails(list(channels.values())),
        "seconds": time.perf_counter() - started,
    }


def data_alarms(world: str, seed: int) -> list[str]:
    """Return the names of the data report's findings that ask for attention."""
    found = check_panel(market_of(world, SEED + seed).panel(), world)
    return sorted({finding.name for finding in found if finding.severity in ALARMS})


def with_data_report(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the runs with the alarms of their data reports beside those of their fits."""
    return [row | {"alarms": sorted({*row["alarms"], *data_alarms(row["world"], row["seed"])})} for row in rows]


def fails(channels: Sequence[dict[str, float]]) -> bool:
    """Return whether error or coverage is outside what the row allows."""
    error = float(np.median([abs(error_of(channel)) for channel in channels]))
    return error > MAX_ERROR or float(np.mean([is_covered(channel) for channel in channels])) < MIN_COVERAGE


def largest_error(row: dict[str, Any]) -> float:
    """Return the error of the channel that is furthest off."""
    return max(abs(error_of(channel)) for channel in row["channels"].values())


def world_figures(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return a world's figures over its seeds."""
    channels = [channel for row in rows for channel in row["channels"].values()]
    failing = [row for row in rows if row["fails"]]
    silent = [row for row in failing if not row["alarms"]]
    named = Counter(name for row in rows for name in row["alarms"])
    return {
        "runs": len(rows),
        "median_error": float(np.median([abs(error_of(channel)) for channel in channels])),
        "coverage": float(np.mean([is_covered(channel) for channel in channels])),
        "largest_error": float(np.median([largest_error(row) for row in rows])),
        "failing_runs": len(failing),
        "silent_runs": len(silent),
        "alarmed_runs": sum(bool(row["alarms"]) for row in rows),
        "alarms": dict(named.most_common()),
        "silent": bool(fails(channels) and failing and len(silent) > len(failing) / 2),
    }


def judge(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return figures by world, the number of silent failures and the share of false alarms."""
    names = list(dict.fromkeys(row["world"] for row in rows))
    by_world = {name: world_figures([row for row in rows if row["world"] == name]) for name in names}
    clean = by_world.pop("clean", None)
    silent = [name for name, one in by_world.items() if one["silent"]]
    false = clean["alarmed_runs"] / clean["runs"] if clean else None
    return {
        "worlds": by_world,
        "clean": clean,
        "silent": silent,
        "silent_runs": sum(one["silent_runs"] for one in by_world.values()),
        "runs": sum(one["runs"] for one in by_world.values()),
        "false_alarms": false,
        "passes": len(silent) <= MAX_SILENT and (false is None or false <= MAX_FALSE),
    }


def tables(found: dict[str, Any], read: dict[str, Any], quiet: tuple[int, int]) -> list[common.Table]:
    """Return the totals by the fit's checks and with the data report's, and each world by the fit's.

    ``quiet``: how many further clean markets were read, and in how many the data report alone warned.
    """

    def line(name: str, one: dict[str, Any]) -> list[object]:
        return [
            name, one["runs"], f"{100 * one['median_error']:.0f} %", f"{100 * one['coverage']:.0f} %",
            f"{100 * one['largest_error']:.0f} %", one["failing_runs"], one["alarmed_runs"], one["silent_runs"],
            "silent" if one["silent"] else "–",
            ", ".join(f"{alarm} {count}" for alarm, count in one["alarms"].items()) or "–",
        ]  # fmt: skip

    def whole(checks: str, one: dict[str, Any]) -> list[object]:
        false = "–" if one["false_alarms"] is None else f"{100 * one['false_alarms']:.0f} %"
        silent = f"{len(one['silent'])}" + (f" ({', '.join(one['silent'])})" if one["silent"] else "")
        passes = "yes" if one["passes"] else "no"
        return [checks, len(one["worlds"]), silent, f"{one['silent_runs']} of {one['runs']}", false, passes]

    notes = ["Wanted: at most 2 silent failures of 20, false alarms at most 5 %. An alarm: a warning or an error."]
    if quiet[0]:
        share = f"{quiet[1]} of {quiet[0]}"
        notes.append(f"The data report alone warns in {share} further clean markets, which nobody fitted.")
    total = common.Table(
        "Silent failures and false alarms",
        ("checks", "worlds", "silent failures", "silent runs", "false alarms on clean worlds", "passes"),
        [whole("of the fit", found), whole("of the fit and of the data report", read)],
        notes=tuple(notes),
    )
    worlds = list(found["worlds"].items()) + ([("clean", found["clean"])] if found["clean"] else [])
    columns = (
        "world", "runs", "median ROAS error", "90 % intervals cover", "largest error", "failing runs",
        "runs with an alarm", "silent runs", "world", "alarms",
    )  # fmt: skip
    return [total, common.Table("Each world, by the fit's checks", columns, [line(name, one) for name, one in worlds])]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = study.parser(__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--clean", type=int, default=20)
    parser.add_argument("--quiet", type=int, default=200, help="further clean markets whose data report is read")
    options = parser.parse_args(arguments)
    head = common.start()
    names = [f"{world}|{seed}" for world in WORLDS for seed in range(options.seeds)]
    names += [f"clean|{seed}" for seed in range(100, 100 + options.clean)]
    rows = study.run("stress", names, stress_cell, options)
    if rows is None:
        return 0
    return written(head, rows, options.quiet)


def written(head: dict[str, Any], rows: Sequence[dict[str, Any]], clean: int) -> int:
    """Judge and write finished runs; ``clean`` further clean markets are read, not fitted."""
    found, read = judge(rows), judge(with_data_report(rows))
    warned = sum(bool(data_alarms("clean", seed)) for seed in range(QUIET, QUIET + clean))
    figures = found | {"with_data_report": read, "quiet": {"markets": clean, "warned": warned}}
    common.write(
        "reliability_3_stress",
        head,
        "Reliability 3: misspecified worlds",
        tables(found, read, (clean, warned)),
        figures,
    )
    return 0 if found["passes"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
