"""What is asked of ROAS draws beside the truth, the same for every candidate, stack and peer."""

from __future__ import annotations

from typing import Any

import numpy as np

from mmm.arrays import FloatArray

#: Central intervals whose coverage is reported.
LEVELS = (0.5, 0.8, 0.9)


def channel_figures(draws: FloatArray, true: float) -> dict[str, float]:
    """Compare one channel's ROAS draws, (S,), with its truth.

    Returns
    -------
    dict
        ``true``, ``mean``, ``q05`` … ``q95``, and ``crps``: the continuous ranked probability score of log ROAS
        (Gneiting & Raftery 2007), which asks for both closeness and honest width; smaller is better.
    """
    draws = np.asarray(draws, dtype=np.float64)
    levels = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
    found = dict(zip([f"q{round(100 * level):02d}" for level in levels], np.quantile(draws, levels), strict=True))
    return {
        "true": true,
        "mean": float(draws.mean()),
        **{k: float(v) for k, v in found.items()},
        "crps": _crps(draws, true),
    }


def _crps(draws: FloatArray, true: float) -> float:
    logs = np.sort(np.log(np.maximum(draws, 1e-9)))
    size = len(logs)
    weights = (2.0 * np.arange(1, size + 1) - size - 1.0) / size**2
    return float(np.abs(logs - np.log(true)).mean() - logs @ weights)


def covered(channel: dict[str, float], level: float) -> bool:
    """Return whether a central interval holds the truth."""
    low, high = round(50 * (1 - level)), round(50 * (1 + level))
    return channel[f"q{low:02d}"] <= channel["true"] <= channel[f"q{high:02d}"]


def clustered(values: list[list[float]]) -> tuple[float, float]:
    """Return the mean over all values and its standard error, values of one market moving together.

    Parameters
    ----------
    values : list of lists
        One a market.
    """
    flat = np.array([value for market in values for value in market], dtype=np.float64)
    mean = float(flat.mean())
    sums = np.array([np.sum(np.array(market) - mean) for market in values])
    count = len(values)
    error = np.sqrt(count / max(count - 1, 1) * np.sum(sums**2)) / len(flat)
    return mean, float(error) if count > 1 else float("nan")


def median_error(values: list[list[float]], seed: int = 0) -> tuple[float, float]:
    """Return the median over all values and its bootstrap standard error, markets drawn whole."""
    rng = np.random.default_rng(seed)
    arrays = [np.array(market, dtype=np.float64) for market in values]
    picks = rng.integers(0, len(arrays), (400, len(arrays)))
    spread = [np.median(np.concatenate([arrays[i] for i in pick])) for pick in picks]
    return float(np.median(np.concatenate(arrays))), float(np.std(spread, ddof=1))


def pooled(rows: list[list[dict[str, Any]]]) -> dict[str, Any]:
    """Pool the channels of several markets: errors, coverage with errors between markets, widths, score."""
    of_mean = [[channel["mean"] / channel["true"] - 1 for channel in market] for market in rows]
    of_median = [[channel["q50"] / channel["true"] - 1 for channel in market] for market in rows]
    found: dict[str, Any] = {"markets": len(rows), "channels": sum(len(market) for market in rows)}
    for name, errors in (("mean", of_mean), ("median", of_median)):
        absolute = [[abs(error) for error in market] for market in errors]
        found[f"absolute_error_{name}"], found[f"absolute_error_{name}_se"] = median_error(absolute)
        found[f"signed_error_{name}"], found[f"signed_error_{name}_se"] = median_error(errors)
    for level in LEVELS:
        inside = [[float(covered(channel, level)) for channel in market] for market in rows]
        found[f"coverage_{round(100 * level)}"], found[f"coverage_{round(100 * level)}_se"] = clustered(inside)
    flat = [channel for market in rows for channel in market]
    found["true_above"] = float(np.mean([channel["true"] > channel["q95"] for channel in flat]))
    found["true_below"] = float(np.mean([channel["true"] < channel["q05"] for channel in flat]))
    found["interval_width"] = float(np.median([(c["q95"] - c["q05"]) / c["true"] for c in flat]))
    found["crps"], found["crps_se"] = clustered([[channel["crps"] for channel in market] for market in rows])
    return found
