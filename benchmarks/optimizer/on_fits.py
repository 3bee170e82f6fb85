"""Every problem class on real posteriors: fits of the embedded example and of W1, concave and S-shaped.

``python -m benchmarks.optimizer.on_fits [--limit 60]``: 13 weeks, each channel's total within 50 % of its baseline.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from benchmarks import common
from mmm.response.calendar import WEEK
from mmm.response.draws import ResponseDraws
from mmm.response.storage import load_response
from optimizer.allocation import Allocation
from optimizer.brief import Brief
from optimizer.frontier import budget_frontier
from optimizer.problem import AllocationProblem
from optimizer.solve import allocate
from optimizer.solvers.sweep import the_budget

FORMS = ("hill", "hill_free_slope")
#: Problem class → what its brief says beside the common part, and the gap asked for.
CLASSES: Mapping[str, tuple[dict[str, Any], float]] = {
    "weeks": ({}, 1e-3),
    "totals": ({"granularity": "total"}, 5e-4),
    "weeks, CVaR 10 %": ({"objective": {"risk": {"cvar": 0.1}}}, 1e-3),
    "weeks, at most 8 on": ({"constraints": [{"channels": "all", "active_weeks": 8}]}, 5e-3),
}


def sources() -> dict[str, Path]:
    """Return the folders with a model file and its data: the example, and W1 where its data are there."""
    found = {"embedded example": common.ROOT / "examples" / "company"}
    if common.dataset("robyn_weekly") is not None:
        found["W1"] = common.ROOT / "benchmarks" / "data" / "robyn_weekly"
    return found


def fitted(source: Path, form: str, folder: Path) -> ResponseDraws:
    """Fit a company's data with one form of saturation, through the command line."""
    shutil.copytree(source, folder)
    data = common.dataset(source.name)
    if data is not None:
        shutil.copyfile(data, folder / data.name)
    model = yaml.safe_load((folder / "model.yaml").read_text(encoding="utf-8"))
    (folder / "model.yaml").write_text(yaml.safe_dump(model | {"saturation": form}, sort_keys=False), encoding="utf-8")
    done = common.run(
        common.mixwise("fit", folder / "model.yaml", "--out", folder / "fit", "--seed", 1, "--quiet"),
        cwd=folder,
        limit=900,
    )
    if done.code not in (0, 4):
        raise RuntimeError(done.reason())
    return load_response(folder / "fit")


def stated(draws: ResponseDraws, says: Mapping[str, Any]) -> AllocationProblem:
    """State a problem for the 13 weeks after the data."""
    rules = [{"channels": "all", "change_vs_baseline": 0.5}, *says.get("constraints", [])]
    start = (draws.weeks[-1] + WEEK).astype(object)
    brief = {"horizon": {"start": start, "weeks": 13}, **says, "constraints": rules}
    return Brief.model_validate(brief).problem(draws)


def solved(problem: AllocationProblem, gap: float, limit: float) -> tuple[Allocation, float | None]:
    """Solve, and return the seconds until value and bound were within the gap."""
    found = allocate(problem, gap=gap, time_limit=limit)
    within = [h.seconds for h in found.history if h.upper_bound - h.value <= gap * max(abs(h.value), 1e-300)]
    return found, min(within) if within else None


def measure(name: str, form: str, draws: ResponseDraws, limit: float) -> list[dict[str, Any]]:
    """Solve every class, and a frontier of 20 budgets, on one fit."""
    rows = []
    for kind, (says, gap) in CLASSES.items():
        problem = stated(draws, says)
        started, cpu = time.perf_counter(), time.process_time()
        found, within = solved(problem, gap, limit)
        rows.append(
            {
                "fit": name,
                "form": form,
                "problem": kind,
                "asked": gap,
                "gap": found.gap,
                "of_uplift": found.gap_of_uplift,
                "certificate_s": within,
                "whole_s": time.perf_counter() - started,
                "whole_cpu_s": time.process_time() - cpu,
            }
        )
        print(rows[-1], flush=True)
    problem = stated(draws, {"budget": {"up_to": True}})
    if problem.horizon.concave.all():
        # Each point of an S-shaped frontier is a solve of its own, as in the rows above.
        rows.append(frontier(name, form, problem, limit))
        print(rows[-1], flush=True)
    return rows


def frontier(name: str, form: str, problem: AllocationProblem, limit: float) -> dict[str, Any]:
    """Solve 20 budgets from 60 % to 140 % of the baseline."""
    total = the_budget(problem)[1].total
    started, cpu = time.perf_counter(), time.process_time()
    found = budget_frontier(problem, [total * (0.6 + 0.8 * i / 19) for i in range(20)], gap=1e-3, time_limit=limit)
    gaps = [(one.upper_bound - one.value) / abs(one.value) for one in found.points]
    return {
        "fit": name,
        "form": form,
        "problem": f"frontier, {len(found.points)} budgets",
        "asked": 1e-3,
        "gap": max(gaps),
        "of_uplift": None,
        "certificate_s": None,
        "whole_s": time.perf_counter() - started,
        "whole_cpu_s": time.process_time() - cpu,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=float, default=60.0, help="seconds a plan")
    options = parser.parse_args(arguments)
    head = common.start()
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as root:
        for name, source in sources().items():
            for form in FORMS:
                draws = fitted(source, form, Path(root) / f"{source.name}_{form}" / source.name)
                rows += measure(name, form, draws, options.limit)
    columns: Mapping[str, Callable[[dict[str, Any]], object]] = {
        "fit": lambda row: row["fit"],
        "saturation": lambda row: row["form"],
        "problem": lambda row: row["problem"],
        "gap asked": lambda row: f"{row['asked']:.0e}",
        "gap": lambda row: f"{row['gap']:.1e}",
        "of the uplift": lambda row: "–" if row["of_uplift"] is None else f"{row['of_uplift']:.1e}",
        "to the certificate s": lambda row: common.seconds(row["certificate_s"]),
        "whole call s (CPU s)": lambda row: f"{common.seconds(row['whole_s'])} ({common.seconds(row['whole_cpu_s'])})",
    }
    table = common.Table(
        "Plans on fits: 13 weeks, ±50 %",
        tuple(columns),
        [[cell(row) for cell in columns.values()] for row in rows],
        notes=(
            "hill: concave in every draw. hill_free_slope: some draws are S-shaped.",
            f"At most {options.limit:.0f} s a plan; the whole call prices constraints and judges the plan as well.",
        ),
    )
    common.write("optimizer_on_fits", head, "The optimiser on fits", [table], {"rows": rows})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
