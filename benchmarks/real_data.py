"""Eight public data sets, four by geo, through the real command line: check, fit, plan 13 weeks, simulate.

``python -m benchmarks.real_data [--only robyn_weekly ...] [--keep DIR] [--again]``

The data lie beside the repository in ``../shared/data`` and are not part of it; the model, brief and scenario files are
in ``benchmarks/data/<name>/``. A data set that is absent is left out, and said. What each gave is kept under a key of
the code and of its files, so a run that was stopped goes on; ``--again`` measures anew.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import common
from benchmarks.model.cells import FIT_SOURCES, Store, source_key

CONFIGURATIONS = common.ROOT / "benchmarks" / "data"
NAMES = (
    "robyn_weekly", "meridian_national_media", "pymc_marketing_mmm_example", "retail_case_study",
    "pymc_marketing_multidimensional", "meridian_geo_media", "meridian_geo_media_rf", "meridian_geo_all_channels",
)  # fmt: skip
SOURCES = (*FIT_SOURCES, "mmm/data", "optimizer", "simulations/run.py")


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
    row: dict[str, Any] = {"name": name, "load_before": common.machine()["load_before"], "steps": {}}
    # The working tree's own code, wherever the command was installed from.
    env = {"PYTHONPATH": str(common.ROOT)}
    for step, command in steps(folder, seed).items():
        done = common.run(command, cwd=folder, env=env, limit=limit)
        row["steps"][step] = {"exit": done.code, "wall_s": done.wall, "cpu_s": done.cpu, "peak_mb": done.peak_mb}
        print(f"{name}: {step} exit {done.code}, {done.wall:.1f} s, {done.cpu:.1f} CPU s", flush=True)
        if done.code not in (0, 4):
            row["steps"][step]["reason"] = done.reason()
            print(f"  {done.reason()}", flush=True)
            break
    return row | results(folder)


def kept(name: str, data: Path, folder: Path, *, seed: int, limit: float, again: bool) -> dict[str, Any]:
    """Return a data set's row, measured once for one state of the code and of its files."""
    written = [path.read_text(encoding="utf-8") for path in sorted((CONFIGURATIONS / name).glob("*.yaml"))]
    store = Store.of("real_data", source_key(SOURCES, [seed, *written]))
    found = None if again else store.read(name)
    if found is None:
        found = measure(name, data, folder.resolve(), seed=seed, limit=limit)
        store.write(name, found)
    return found


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
        "health": [
            {key: one.get(key) for key in ("name", "severity", "says", "where")} for one in summary.get("checks", [])
        ],
        "data_findings": [
            {key: one.get(key) for key in ("name", "severity", "says")}
            for one in read(folder / "check" / "data_report.json").get("findings", [])
        ],
        "roas": {name: channel.get("roas") for name, channel in summary.get("channels", {}).items()},
        "plan": {key: plan.get(key) for key in kept} | {"monte_carlo_error": plan.get("monte_carlo_error")},
        "uplift": plan.get("uplift"),
        "p_beats_baseline": plan.get("p_beats_baseline"),
        "posterior_bytes": sum(path.stat().st_size for path in (folder / "fit").glob("*.nc")),
        "scenarios": {name: one.get("delta_vs_bau") for name, one in scenarios.items()},
    }


def _step(row: dict[str, Any], step: str) -> str:
    done = row["steps"].get(step)
    if done is None:
        return "not run"
    return f"exit {done['exit']}, {common.seconds(done['wall_s'])} s ({common.seconds(done['cpu_s'])} CPU)"


def steps_table(rows: Sequence[dict[str, Any]]) -> common.Table:
    return common.Table(
        "Exit codes and seconds of each command, in its own process (0 done, 4 done and a check failed)",
        ("data", "check", "fit", "plan", "simulate", "saved posterior MB", "load before"),
        [
            [
                row["name"],
                *(_step(row, step) for step in ("check", "fit", "plan", "simulate")),
                common.megabytes(row["posterior_bytes"]),
                _number(row["load_before"], ".1f"),
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


def health_table(rows: Sequence[dict[str, Any]]) -> common.Table:
    """What the health checks of each fit say: how many are green, and which ask for attention."""

    def names(row: dict[str, Any], severity: str) -> str:
        found = Counter(one["name"] for one in row["health"] if one["severity"] == severity)
        return ", ".join(name if count == 1 else f"{name} ×{count}" for name, count in found.items()) or "–"

    return common.Table(
        "The health of each fit",
        ("data", "checks", "green", "errors", "warnings", "notes"),
        [
            [
                row["name"],
                len(row["health"]),
                sum(one["severity"] == "ok" for one in row["health"]),
                *(names(row, severity) for severity in ("error", "warning", "note")),
            ]
            for row in rows
        ],
        notes=("None of these data holds its true effects: a warning is a reason to look, not a wrong answer.",),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=NAMES, default=NAMES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=float, default=3600.0, help="seconds a command may take")
    parser.add_argument("--again", action="store_true", help="measure anew what is kept")
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
            rows.append(kept(name, path, folder, seed=options.seed, limit=options.limit, again=options.again))
    tables = [steps_table(rows), quality_table(rows), health_table(rows)]
    common.write("real_data", head, "Real data: check, fit, plan and simulate", tables, {"rows": rows})
    return 0 if all(one["exit"] in (0, 4) for row in rows for one in row["steps"].values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
