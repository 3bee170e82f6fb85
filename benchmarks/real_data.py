"""Six public data sets, three by geo, through the real command line: check, fit, plan 13 weeks, simulate five.

``python -m benchmarks.real_data [--only robyn_weekly ...] [--keep DIR]``

The data lie beside the repository in ``../shared/data`` and are not part of it; the model, brief and scenario files are
in ``benchmarks/data/<name>/``. A data set that is absent is left out, and said.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import common

CONFIGURATIONS = common.ROOT / "benchmarks" / "data"
NAMES = (
    "robyn_weekly", "meridian_national_media", "pymc_marketing_mmm_example", "pymc_marketing_multidimensional",
    "meridian_geo_media", "meridian_geo_all_channels",
)  # fmt: skip


def steps(folder: Path, seed: int) -> dict[str, list[str]]:
    """Return the four command lines, by the command's name."""
    model, fit = folder / "model.yaml", folder / "fit"
    return {
        "check": common.mixwise("check", model, "--out", folder / "check", "--quiet"),
        "fit": common.mixwise("fit", model, "--out", fit, "--seed", seed, "--quiet"),
        "plan": common.mixwise("plan", folder / "brief.yaml", "--fit", fit, "--out", folder / "plan", "--quiet"),
        "simulate": common.mixwise(
            "simulate", folder / "scenarios.yaml", "--fit", fit, "--out", folder / "scenarios", "--quiet"
        ),
    }


def measure(name: str, data: Path, folder: Path, *, seed: int, limit: float) -> dict[str, Any]:
    """Run the four commands in ``folder``; a command that fails ends the row, with its reason."""
    folder.mkdir(parents=True, exist_ok=True)
    for source in [data, *sorted((CONFIGURATIONS / name).glob("*.yaml"))]:
        shutil.copyfile(source, folder / source.name)
    row: dict[str, Any] = {"name": name, "steps": {}}
    for step, command in steps(folder, seed).items():
        done = common.run(command, cwd=folder, limit=limit)
        row["steps"][step] = {"exit": done.code, "wall_s": done.wall, "cpu_s": done.cpu, "peak_mb": done.peak_mb}
        print(f"{name}: {step} exit {done.code}, {done.wall:.1f} s", flush=True)
        if done.code not in (0, 4):
            row["steps"][step]["reason"] = done.reason()
            print(f"  {done.reason()}", flush=True)
            break
    return row | results(folder)


def read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}


def results(folder: Path) -> dict[str, Any]:
    """Return what the run folders say."""
    summary, plan = read(folder / "fit" / "summary.json"), read(folder / "plan" / "plan.json")
    scenarios = read(folder / "scenarios" / "scenarios.json").get("scenarios", {})
    kept = ("gap_before_rounding", "gap", "gap_of_uplift", "bound_method", "seconds", "evaluations", "value")
    return {
        "diagnostics": summary.get("diagnostics", {}),
        "quality": summary.get("fit", {}),
        "warnings": [one["name"] for one in summary.get("checks", []) if one.get("severity") not in ("ok", "note")],
        "roas": {name: channel.get("roas") for name, channel in summary.get("channels", {}).items()},
        "plan": {key: plan.get(key) for key in kept} | {"monte_carlo_error": plan.get("monte_carlo_error")},
        "uplift": plan.get("uplift"),
        "p_beats_baseline": plan.get("p_beats_baseline"),
        "posterior_bytes": sum(path.stat().st_size for path in (folder / "fit").glob("*.nc")),
        "scenarios": {name: one.get("delta_vs_bau") for name, one in scenarios.items()},
    }


def _step(row: dict[str, Any], step: str) -> str:
    done = row["steps"].get(step)
    return "not run" if done is None else f"exit {done['exit']}, {common.seconds(done['wall_s'])} s"


def steps_table(rows: Sequence[dict[str, Any]]) -> common.Table:
    return common.Table(
        "Exit codes and seconds of each command, in its own process (0 done, 4 done and a check failed)",
        ("data", "check", "fit", "plan", "simulate", "saved posterior MB"),
        [
            [
                row["name"],
                *(_step(row, step) for step in ("check", "fit", "plan", "simulate")),
                common.megabytes(row["posterior_bytes"]),
            ]
            for row in rows
        ],
    )


def _number(value: object, form: str) -> str:
    return format(value, form) if isinstance(value, (int, float)) else "–"


def quality_table(rows: Sequence[dict[str, Any]]) -> common.Table:
    def line(row: dict[str, Any]) -> list[object]:
        found, plan = row["diagnostics"], row["plan"]
        return [
            row["name"],
            _number(found.get("max_rhat"), ".4f"),
            _number(found.get("min_ess_bulk"), ",.0f"),
            _number(found.get("min_ess_tail"), ",.0f"),
            _number(found.get("divergences"), "d"),
            _number(row["quality"].get("r2"), ".3f"),
            common.small(plan["gap_before_rounding"]),
            common.small(plan["gap"]),
            common.seconds(plan["seconds"]),
            _number(plan["evaluations"], "d"),
            _number(row["p_beats_baseline"], ".2f"),
            len(row["scenarios"]),
        ]

    return common.Table(
        "The fit's diagnostics and the plan's certificate (13 weeks at the last 13 weeks' spend, channels ±30 %)",
        (
            "data", "R-hat max", "ESS bulk min", "ESS tail min", "divergences", "R²", "gap before rounding",
            "gap after", "solve s", "evaluations", "P(beats baseline)", "scenarios",
        ),
        [line(row) for row in rows],
    )  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=NAMES, default=NAMES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=float, default=900.0, help="seconds a command may take")
    parser.add_argument("--keep", type=Path, help="keep the run folders here, to look at their pages")
    options = parser.parse_args(arguments)
    head = common.start()
    present = {name: path for name in options.only if (path := common.dataset(name)) is not None}
    if not present:
        print("None of the data sets is there; nothing was measured and nothing written.")
        return 0
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        for name, path in present.items():
            folder = (options.keep or Path(temporary)) / name
            rows.append(measure(name, path, folder.resolve(), seed=options.seed, limit=options.limit))
    tables = [steps_table(rows), quality_table(rows)]
    common.write("real_data", head, "Real data: check, fit, plan and simulate", tables, {"rows": rows})
    return 0 if all(one["exit"] in (0, 4) for row in rows for one in row["steps"].values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
