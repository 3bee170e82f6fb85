"""W1: Mixwise's real command line beside PyMC-Marketing and Meridian, on robyn_weekly.csv, in one run.

``python -m benchmarks.w1 [--pymc-marketing PYTHON] [--meridian PYTHON] [--repeats 3]``

The peers live in environments of their own (``benchmarks/peers/make_env.py``); a missing one is reported as absent.
Their interpreters can also be named by the environment variables PYMC_MARKETING_PYTHON and MERIDIAN_PYTHON.

The like model for all: 5 paid channels, geometric adstock, Hill with slope 1 (and the logistic form beside it), one
control, two yearly waves, no trend, no organic channel; 4 chains. Each has its own folder for compiled code, empty in
the first ("cold") run and filled in the others ("warm").
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from benchmarks import common

PEERS = common.ROOT / "benchmarks" / "peers"
CHANNELS = {"tv": "tv_S", "ooh": "ooh_S", "print": "print_S", "facebook": "facebook_S", "search": "search_S"}
MODEL = {
    "data": {"file": "robyn_weekly.csv", "date": "DATE", "outcome": "revenue"},
    "channels": {name: {"spend": column} for name, column in CHANNELS.items()},
    "controls": ["competitor_sales_B"],
    "trend": "none",
    "seasonality": 2,
    "sampling": {"chains": 4, "tune": 1000, "draws": 1000},
}
BRIEF = {
    "horizon": {"start": "2019-11-18", "weeks": 13},
    "baseline": "last_weeks",
    "constraints": [{"channels": "all", "change_vs_baseline": 0.3}],
}
#: Figures of a fit whose medians are shown.
FIT_KEYS = ("wall_s", "cpu_s", "sampling_s", "ess_min", "rhat_max", "divergences", "peak_mb")


def ours(form: str, data: Path, folder: Path, repeats: int) -> list[dict[str, Any]]:
    """Fit and plan through the command line, ``repeats`` times warm after once cold."""
    folder.mkdir(parents=True)
    shutil.copyfile(data, folder / data.name)
    write_yaml(folder / "model.yaml", MODEL | {"saturation": form})
    write_yaml(folder / "week.yaml", BRIEF)
    write_yaml(folder / "total.yaml", BRIEF | {"granularity": "total"})
    env = common.own_caches(folder / "compiled")
    return [one_of_ours(form, folder, env, seed) for seed in range(1, repeats + 2)]


def write_yaml(path: Path, value: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(value, sort_keys=False), encoding="utf-8")


def one_of_ours(form: str, folder: Path, env: dict[str, str], seed: int) -> dict[str, Any]:
    fit = folder / "fit"
    done = common.run(
        common.mixwise("fit", folder / "model.yaml", "--out", fit, "--seed", seed, "--quiet"), cwd=folder, env=env
    )
    if done.code not in (0, 4):
        raise RuntimeError(f"mixwise fit failed with exit {done.code}: {done.reason()}")
    found = json.loads((fit / "summary.json").read_text(encoding="utf-8"))["diagnostics"]
    row = {
        "who": "Mixwise",
        "form": form,
        "wall_s": done.wall,
        "cpu_s": done.cpu,
        "peak_mb": done.peak_mb,
        "exit": done.code,
        "sampling_s": found["seconds_sampling"],
        "ess_min": found["min_ess_bulk"],
        "rhat_max": found["max_rhat"],
        "divergences": found["divergences"],
        "posterior_bytes": sum(path.stat().st_size for path in fit.glob("*.nc")),
        "plans": {name: one_plan(name, folder, env) for name in ("week", "total")},
    }
    print(json.dumps(row), flush=True)
    return row


def one_plan(name: str, folder: Path, env: dict[str, str]) -> dict[str, Any]:
    out = folder / f"plan_{name}"
    done = common.run(
        common.mixwise("plan", folder / f"{name}.yaml", "--fit", folder / "fit", "--out", out, "--quiet"),
        cwd=folder,
        env=env,
    )
    if done.code not in (0, 4):
        raise RuntimeError(f"mixwise plan failed with exit {done.code}: {done.reason()}")
    plan = json.loads((out / "plan.json").read_text(encoding="utf-8"))
    kept = ("seconds", "evaluations", "gap", "gap_of_uplift", "bound_method", "totals", "uplift")
    return {"wall_s": done.wall, "exit": done.code} | {key: plan[key] for key in kept}


def peer(
    who: str, form: str, python: Path, script: Sequence[str], data: Path, caches: Path, repeats: int, limit: float
) -> list[dict[str, Any]]:
    """Run a peer's script once cold and ``repeats`` times warm."""
    rows = []
    for number in range(repeats + 1):
        command = [str(python), str(PEERS / script[0]), str(data), "--seed", str(number + 1), *script[1:]]
        done = common.run(command, env=common.own_caches(caches), limit=limit)
        if done.code:
            print(f"{who}: failed with exit {done.code}: {done.reason()}", flush=True)
            return []
        row = {"who": who, "form": form, "peak_mb": done.peak_mb}
        row |= done.last_json()
        row |= {"wall_s": row.pop("process_to_fit_s"), "cpu_s": row.pop("cpu_to_fit_s")}
        print(json.dumps(row), flush=True)
        rows.append(row)
    return rows


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return cold wall seconds and the medians of the warm runs (of the cold one where there is no other)."""
    warm = rows[1:] or rows
    medians = {key: common.median([row.get(key) for row in warm]) for key in FIT_KEYS}
    return {
        "who": rows[0]["who"],
        "form": rows[0]["form"],
        "cold_wall_s": rows[0]["wall_s"],
        "cold_cpu_s": rows[0]["cpu_s"],
        "runs": len(rows),
        "posterior_bytes": rows[0]["posterior_bytes"],
        **medians,
    }


def fit_line(found: dict[str, Any]) -> list[object]:
    ess, sampling = found["ess_min"], found["sampling_s"]
    return [
        found["who"],
        found["form"],
        common.seconds(found["cold_wall_s"]),
        common.seconds(found["wall_s"]),
        common.seconds(found["cpu_s"]),
        common.seconds(sampling),
        common.whole(ess),
        common.whole(ess / sampling) if sampling else "–",
        common.whole(ess / found["cpu_s"]),
        f"{found['rhat_max']:.3f}",
        common.whole(found["divergences"]),
        common.megabytes(found["posterior_bytes"]),
        common.whole(found["peak_mb"]),
        found["runs"],
    ]


def fit_table(summaries: Sequence[dict[str, Any]], absent: Sequence[str]) -> common.Table:
    return common.Table(
        "Fit: process start to fitted model (ours: to the written run folder, report and all)",
        (
            "", "saturation", "cold wall s", "warm wall s", "warm CPU s", "sampling s", "ESS min",
            "ESS / s of sampling", "ESS / CPU s", "R-hat max", "divergences", "posterior MB", "peak MB", "runs",
        ),
        [fit_line(found) for found in summaries],
        notes=(
            (
                "Medians of the warm runs. ESS: smallest bulk ESS; ours over free parameters and channels' ROAS, the "
                "peers' over free parameters (Meridian: over all parameters that move and have no week)."
            ),
            "Hill with slope 1 is Michaelis–Menten in PyMC-Marketing. Priors are each package's own defaults.",
            *(f"{name}: absent (see benchmarks/README.md for making its environment)." for name in absent),
        ),
    )  # fmt: skip


def plans_of_ours(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    words = {"week": "channel × week, 65 amounts", "total": "5 channel totals"}
    found = []
    for name, decides in words.items():
        plans = [row["plans"][name] for row in rows]
        warm = plans[1:] or plans
        found.append(
            {
                "who": "Mixwise",
                "decides": decides,
                "cold_s": plans[0]["seconds"],
                "warm_s": common.median([plan["seconds"] for plan in warm]),
                "process_s": common.median([plan["wall_s"] for plan in warm]),
                "evaluations": common.median([plan["evaluations"] for plan in warm]),
                "bound": f"gap {max(plan['gap'] for plan in plans):.1e}, {plans[0]['bound_method']}",
                "totals": plans[0]["totals"],
            }
        )
    return found


def plans_of_peer(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    warm = rows[1:] or rows
    return {
        "who": rows[0]["who"],
        "decides": "5 channel totals" + (" on a grid, past weeks" if rows[0]["who"] == "Meridian" else ", even weeks"),
        "cold_s": common.median([row["optimise_cold_s"] for row in warm]),
        "warm_s": common.median([row["optimise_warm_s"] for row in warm]),
        "process_s": None,
        "evaluations": common.median([row.get("evaluations") for row in warm]),
        "bound": "none",
        "totals": rows[0]["plan_totals"],
    }


def plan_table(plans: Sequence[dict[str, Any]]) -> common.Table:
    return common.Table(
        "Plan: 13 weeks at the last 13 weeks' spend, each channel ±30 %",
        ("", "decides", "first call s", "next call s", "whole command s", "evaluations", "bound"),
        [
            [
                plan["who"],
                plan["decides"],
                common.seconds(plan["cold_s"]),
                common.seconds(plan["warm_s"]),
                common.seconds(plan["process_s"]),
                common.whole(plan["evaluations"]),
                plan["bound"],
            ]
            for plan in plans
        ],
        notes=(
            (
                "Ours: seconds of the solve, shadow prices and held-back draws, in a process of its own (first: "
                "compiled code absent; next: loaded from its folder); the whole command also writes page and workbook. "
                "Peers: within the process that fitted; the first call includes construction and compilation."
            ),
        ),
    )


def peer_runs(options: argparse.Namespace) -> list[tuple[str, str, Path | None, tuple[str, ...], int]]:
    """Return who, form, interpreter, script with its options, and warm runs, of every run of a peer."""
    runs: list[tuple[str, str, Path | None, tuple[str, ...], int]] = [
        (
            "PyMC-Marketing",
            form,
            options.pymc_marketing,
            ("pymc_marketing_w1.py", "--saturation", form),
            options.repeats,
        )
        for form in ("michaelis_menten", "logistic")
    ]
    return [*runs, ("Meridian", "hill", options.meridian, ("meridian_w1.py",), options.meridian_repeats)]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    for peer_name in ("pymc-marketing", "meridian"):
        found = os.environ.get(f"{peer_name.upper().replace('-', '_')}_PYTHON")
        parser.add_argument(
            f"--{peer_name}", type=Path, metavar="PYTHON", default=found and Path(found), help="its interpreter"
        )
    parser.add_argument("--repeats", type=int, default=3, help="warm runs of ours and of PyMC-Marketing")
    parser.add_argument("--meridian-repeats", type=int, default=1, help="warm runs of Meridian (minutes each)")
    parser.add_argument("--limit", type=float, default=1800.0, help="seconds a peer's run may take")
    options = parser.parse_args(arguments)
    head = common.start()
    data = common.dataset("robyn_weekly")
    if data is None:
        print("W1 needs robyn_weekly.csv; nothing was measured and nothing written.")
        return 0
    groups: list[list[dict[str, Any]]] = []
    absent: list[str] = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        groups += [ours(form, data, folder / form, options.repeats) for form in ("hill", "logistic")]
        for who, form, python, script, repeats in peer_runs(options):
            if python is None or not python.exists():
                absent += [who] if who not in absent else []
                continue
            caches = folder / f"{who}-{form}"
            rows = peer(who, form, python.absolute(), script, data, caches, repeats, options.limit)
            groups += [rows] if rows else []
    summaries = [summary(rows) for rows in groups]
    plans = plans_of_ours(groups[0]) + [plans_of_peer(rows) for rows in groups if rows[0]["who"] != "Mixwise"]
    common.write(
        "w1",
        head,
        "W1: robyn_weekly.csv beside the peers",
        [fit_table(summaries, absent), plan_table(plans)],
        {"fits": summaries, "plans": plans, "runs": groups, "absent": absent},
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
