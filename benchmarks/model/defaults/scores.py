"""From cells to the study's figures, and the rule that picks the winner, fixed before the study ran."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks import common
from benchmarks.model.posterior_figures import clustered, pooled

#: A fit converges by DESIGN.md's thresholds.
PASS_RHAT, PASS_ESS, PASS_DIVERGENT = 1.01, 400.0, 0.001
#: Coverage of 90 % intervals that the winner must have in the selection half.
WANTED = (0.87, 0.93)
RULE = (
    "Among candidates whose 90 % intervals cover 87–93 % in the selection half (or come nearest to it), the smallest "
    "mean score (CRPS of log ROAS); where a simpler candidate, listed earlier, is within one standard error of the "
    "paired difference and its plans' mean regret is not larger by more than a tenth, that one."
)

Rows = Sequence[dict[str, Any]]


def figures(rows: Rows, best: Mapping[int, float]) -> dict[str, Any]:
    """Return a candidate's figures.

    Parameters
    ----------
    rows : one a market
    best : mapping
        Market → the best true value of a plan that anyone found.
    """
    found = pooled([list(row["channels"].values()) for row in rows])
    converged = [float(passes(row)) for row in rows]
    regret = [[(best[row["market"]] - row["plan"]["value"]) / best[row["market"]]] for row in rows]
    worse = [row["plan"]["value"] < row["plan"]["baseline_value"] for row in rows]
    found["regret"], found["regret_se"] = clustered(regret)
    found["captured"] = captured(rows, best)
    return found | {
        "worse_than_usual": float(np.mean(worse)),
        "no_plan": sum("no_plan" in row for row in rows),
        "converged": float(np.mean(converged)),
        "rhat_max": max(row["max_rhat"] for row in rows),
        "divergent_max": max(row["divergent"] for row in rows),
        "median_seconds": common.median([row["seconds"] for row in rows]),
        "median_sampling_s": common.median([row["seconds_sampling"] for row in rows]),
    }


def passes(row: dict[str, Any]) -> bool:
    """Return whether a fit converged."""
    return bool(row["max_rhat"] <= PASS_RHAT and row["min_ess"] >= PASS_ESS and row["divergent"] <= PASS_DIVERGENT)


def captured(rows: Rows, best: Mapping[int, float]) -> float:
    """Return the share of the uplift that could be had, over all markets."""
    gained = sum(row["plan"]["value"] - row["plan"]["baseline_value"] for row in rows)
    possible = sum(best[row["market"]] - row["plan"]["baseline_value"] for row in rows)
    return float(gained / possible)


def best_values(oracle: Mapping[int, float], rows: Mapping[str, Rows]) -> dict[int, float]:
    """Return the best true value by market: the oracle's, or a candidate's where it found a better plan."""
    best = dict(oracle)
    for candidate in rows.values():
        for row in candidate:
            best[row["market"]] = max(best[row["market"]], row["plan"]["value"])
    return best


def paired(rows: Rows, base: Rows) -> tuple[float, float]:
    """Return the mean difference of scores to another candidate on the same markets, and its standard error."""
    other = {row["market"]: row["channels"] for row in base}
    gaps = [
        [row["channels"][name]["crps"] - other[row["market"]][name]["crps"] for name in row["channels"]]
        for row in rows
        if row["market"] in other
    ]
    return clustered(gaps)


def winner(rows: Mapping[str, Rows], found: Mapping[str, dict[str, Any]]) -> str:
    """Pick by :data:`RULE`; candidates are in the order of their simplicity."""

    def outside(name: str) -> float:
        cover = found[name]["coverage_90"]
        return max(WANTED[0] - cover, cover - WANTED[1], 0.0)

    nearest = min(outside(name) for name in found)
    eligible = [name for name in found if outside(name) <= nearest + 1e-12]
    leader = min(eligible, key=lambda name: float(found[name]["crps"]))
    for name in eligible:
        gap, error = paired(rows[name], rows[leader])
        if name == leader or (gap <= error and found[name]["regret"] <= 1.1 * found[leader]["regret"]):
            return name
    return leader
