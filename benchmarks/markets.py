"""Do fits find the truth? Simulated national markets whose true ROAS is known, fitted with the default model.

``python -m benchmarks.markets [--markets 30] [--first-seed 1] [--saturation hill] [--fresh]``

156 weeks, 5 channels, Hill slopes 0.8–2, weekly retention 0.2–0.7, on/off spend, one control, R² about 0.9
(``simulations.market.generate.random_world``). Each market's figures are kept in ``benchmarks/.cache`` under a key made
of the sources and options that they depend on, so an interrupted study goes on where it stopped.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import common

CACHE = common.ROOT / "benchmarks" / ".cache"
#: What the figures depend on.
SOURCES = ("mmm/model", "mmm/transforms", "mmm/response", "mmm/data", "simulations/market", "benchmarks/markets.py")
PASS_RHAT = 1.01


def source_key(settings: dict[str, Any]) -> str:
    """Return a short hash of the sources and settings."""
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    for name in SOURCES:
        top = common.ROOT / name
        for path in [top] if top.is_file() else sorted(top.rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def fit_market(seed: int, settings: dict[str, Any]) -> dict[str, Any]:
    """Draw a market, write its data as a company would have them, fit, and compare with the truth."""
    from mmm import ModelSpec, fit_model, read_panel
    from simulations.market import random_world, simulate_market
    from simulations.market.files import write_data, write_model

    market = simulate_market(random_world(seed))
    started, cpu = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_data(market, folder)
        spec = ModelSpec.from_yaml(write_model(market, folder))
        spec = ModelSpec.model_validate(spec.model_dump() | settings)
        fit = fit_model(spec, read_panel(spec, folder), seed=seed, progress=False)
    summary = fit.summary()
    found = summary["diagnostics"]
    channels = {}
    for name, true in market.truth.roas.items():
        roas = summary["channels"][name]["roas"]
        channels[name] = {"true": true, **{key: roas[key] for key in ("mean", "q05", "q50", "q95")}}
    return {
        "seed": seed,
        "channels": channels,
        "true_r2": market.truth.r2,
        "r2": summary["fit"]["r2"],
        "max_rhat": found["max_rhat"],
        "min_ess_bulk": found["min_ess_bulk"],
        "divergences": found["divergences"],
        "verdict": summary["verdict"]["outcome"],
        "sampling_s": found["seconds_sampling"],
        "seconds": time.perf_counter() - started,
        "cpu_s": time.process_time() - cpu,
    }


def cached(seed: int, settings: dict[str, Any], *, fresh: bool) -> dict[str, Any]:
    """Return a market's figures, from the cache where they are there."""
    folder = CACHE / "markets" / source_key(settings)
    path = folder / f"{seed}.json"
    if path.is_file() and not fresh:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    row = fit_market(seed, settings)
    folder.mkdir(parents=True, exist_ok=True)
    (CACHE / ".gitignore").write_text("*\n", encoding="utf-8")
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(row, indent=1), encoding="utf-8")
    partial.replace(path)
    return row


def figures(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the study's figures over all channels of all markets."""
    channels = [channel for row in rows for channel in row["channels"].values()]
    true = np.array([channel["true"] for channel in channels])
    mean, median, low, high = (np.array([one[key] for one in channels]) for key in ("mean", "q50", "q05", "q95"))
    covered = (low <= true) & (true <= high)
    share = float(covered.mean())
    # Channels of a market share its noise, so the standard error is over markets as well as binomial.
    by_market = [np.mean([one["q05"] <= one["true"] <= one["q95"] for one in row["channels"].values()]) for row in rows]
    return {
        "markets": len(rows),
        "channels": len(channels),
        "median_absolute_error_of_mean": float(np.median(np.abs(mean / true - 1))),
        "median_absolute_error_of_median": float(np.median(np.abs(median / true - 1))),
        "median_signed_error_of_mean": float(np.median(mean / true - 1)),
        "median_signed_error_of_median": float(np.median(median / true - 1)),
        "coverage": share,
        "coverage_se_binomial": float(np.sqrt(share * (1 - share) / len(channels))),
        "coverage_se_by_market": float(np.std(by_market, ddof=1) / np.sqrt(len(rows))) if len(rows) > 1 else None,
        "true_above": float((true > high).mean()),
        "true_below": float((true < low).mean()),
        "median_interval_width": float(np.median((high - low) / true)),
        "rhat_pass": float(np.mean([row["max_rhat"] is not None and row["max_rhat"] <= PASS_RHAT for row in rows])),
        "divergences": int(sum(row["divergences"] for row in rows)),
        "median_seconds": common.median([row["seconds"] for row in rows]),
        "median_cpu_s": common.median([row["cpu_s"] for row in rows]),
    }


def study_table(found: dict[str, Any], label: str) -> common.Table:
    between = found["coverage_se_by_market"]
    return common.Table(
        "ROAS against the truth, all channels of all markets",
        (
            "model", "markets × channels", "median absolute error (mean)", "of the posterior median",
            "signed error (mean)", "coverage of 90 % intervals", "truth above / below", "R-hat ≤ 1.01", "s a fit",
        ),
        [
            [
                label,
                f"{found['markets']} × {found['channels'] // found['markets']}",
                f"{100 * found['median_absolute_error_of_mean']:.1f} %",
                f"{100 * found['median_absolute_error_of_median']:.1f} %",
                f"{100 * found['median_signed_error_of_mean']:+.1f} %",
                f"{100 * found['coverage']:.0f} % ± {100 * found['coverage_se_binomial']:.0f} (binomial SE)"
                + (f", ± {100 * between:.0f} (between markets)" if between is not None else ""),
                f"{100 * found['true_above']:.0f} % / {100 * found['true_below']:.0f} %",
                f"{100 * found['rhat_pass']:.0f} %",
                common.seconds(found["median_seconds"]),
            ]
        ],
        notes=(
            (
                "Errors are medians over channels of (estimate − truth) / truth; truth by rerunning the market without "
                "the channel. Seconds include reading, compiling, sampling and diagnosing, one market after the other."
            ),
        ),
    )  # fmt: skip


def market_table(rows: Sequence[dict[str, Any]]) -> common.Table:
    def line(row: dict[str, Any]) -> list[object]:
        channels = row["channels"].values()
        errors = [abs(one["mean"] / one["true"] - 1) for one in channels]
        inside = sum(one["q05"] <= one["true"] <= one["q95"] for one in channels)
        return [
            row["seed"],
            f"{100 * float(np.median(errors)):.0f} %",
            f"{inside} of {len(channels)}",
            "–" if row["max_rhat"] is None else f"{row['max_rhat']:.4f}",
            common.whole(row["min_ess_bulk"]),
            row["divergences"],
            row["verdict"],
            common.seconds(row["seconds"]),
        ]

    return common.Table(
        "Each market",
        ("seed", "median absolute error", "covered", "R-hat max", "ESS min", "divergences", "verdict", "s"),
        [line(row) for row in rows],
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--markets", type=int, default=30)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--saturation", default="hill", help="hill, logistic or hill_free_slope")
    parser.add_argument("--fresh", action="store_true", help="fit again what the cache holds")
    options = parser.parse_args(arguments)
    settings: dict[str, Any] = {} if options.saturation == "hill" else {"saturation": options.saturation}
    head = common.start()
    rows = []
    for seed in range(options.first_seed, options.first_seed + options.markets):
        rows.append(cached(seed, settings, fresh=options.fresh))
        print(json.dumps({key: value for key, value in rows[-1].items() if key != "channels"}), flush=True)
    found = figures(rows)
    label = "default (Hill, slope 1)" if not settings else options.saturation
    name = "markets" if not settings else f"markets_{options.saturation}"
    title = f"Simulated markets: {label}"
    common.write(name, head, title, [study_table(found, label), market_table(rows)], {"study": found, "rows": rows})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
