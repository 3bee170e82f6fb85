"""Figures over markets: by tool, by world and tool, and paired against this package."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

Rows = Sequence[dict[str, Any]]


def mean_se(values: Sequence[float]) -> tuple[float, float | None]:
    """Return a mean and its standard error over markets; None where one market says nothing of it."""
    found = np.asarray(values, dtype=np.float64)
    return float(found.mean()), float(found.std(ddof=1) / np.sqrt(len(found))) if len(found) > 1 else None


def figures(rows: Rows) -> dict[str, Any]:
    """Return the figures of one tool over markets; sums of money in shares of the budget.

    A market in which a tool failed counts as keeping what is spent today, for its plan, and not for its ROAS.
    """
    done = [row for row in rows if row.get("regret") is not None]
    regret, regret_se = mean_se([row["regret"] for row in done])
    split, split_se = mean_se([row["split_regret"] for row in done])
    realised, possible = (np.array([row[key] for row in done]) for key in ("realised", "possible"))
    found: dict[str, Any] = {
        "markets": len(done),
        "regret": regret,
        "regret_se": regret_se,
        "split_regret": split,
        "split_regret_se": split_se,
        "captured": float(realised.sum() / possible.sum()) if possible.sum() > 0 else None,
        "captured_se": _ratio_se(realised, possible),
        "worse": float(np.mean([row["worse"] for row in done])),
        "realised": float(realised.mean()),
        "failed": sum(bool(row.get("failed")) for row in rows),
        "no_plan": sum(bool(row.get("trouble")) for row in rows),
    }
    return found | _roas(rows) | _claims(done) | _cost(rows)


def _ratio_se(part: np.ndarray, whole: np.ndarray) -> float | None:
    """Return the standard error of Σ part / Σ whole over markets (the delta method)."""
    if len(part) < 2 or whole.sum() <= 0:
        return None
    left = part - part.sum() / whole.sum() * whole
    return float(left.std(ddof=1) / np.sqrt(len(part)) / whole.mean())


def _roas(rows: Rows) -> dict[str, Any]:
    known = [row for row in rows if row.get("roas_error")]
    if not known:
        return {}
    by_market = [float(np.median(np.abs(list(row["roas_error"].values())))) for row in known]
    inside, inside_se = mean_se([float(np.mean(list(row["covered"].values()))) for row in known])
    errors = [error for row in known for error in row["roas_error"].values()]
    return {
        "roas_error": float(np.median(np.abs(errors))),
        "roas_error_se": mean_se(by_market)[1],
        "roas_signed": float(np.median(errors)),
        "roas_covered": inside,
        "roas_covered_se": inside_se,
    }


def _claims(rows: Rows) -> dict[str, Any]:
    known = [row for row in rows if row.get("claimed") is not None]
    if not known:
        return {}
    claimed, realised = (np.array([row[key] for row in known]) for key in ("claimed", "realised"))
    over, over_se = mean_se((claimed - realised).tolist())
    return {
        "claimed": float(claimed.mean()),
        "claimed_realised": float(realised.mean()),
        "overclaimed": over,
        "overclaimed_se": over_se,
        "uplift_covered": float(np.mean([row["low"] <= row["realised"] <= row["high"] for row in known])),
        "p_claimed": float(np.mean([row["p_beats"] for row in known])),
        "p_came_true": float(np.mean([row["realised"] > 0 for row in known])),
    }


def _cost(rows: Rows) -> dict[str, Any]:
    known = [row for row in rows if row.get("cpu_s") is not None]
    return {"cpu_s": float(np.median([row["cpu_s"] for row in known]))} if known else {}


def paired(rows: Rows, tool: str, rival: str, key: str = "regret") -> dict[str, Any] | None:
    """Return how much more a rival regrets than a tool, on the markets that both answered."""

    def by_market(one: str) -> dict[tuple[str, int], float]:
        return {(r["world"], r["seed"]): r[key] for r in rows if r["tool"] == one and r.get(key) is not None}

    own, other = by_market(tool), by_market(rival)
    both = sorted(own.keys() & other.keys())
    if not both:
        return None
    more, error = mean_se([other[market] - own[market] for market in both])
    better = float(np.mean([other[market] > own[market] for market in both]))
    return {"rival": rival, "markets": len(both), "more": more, "more_se": error, "better": better}
