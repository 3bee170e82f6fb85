"""Row 6: channels that do nothing: ``python -m benchmarks.reliability.placebos [--markets 50]``.

Each market has two channels without effect and three with one, of which one makes 5 % of the outcome.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks import common
from benchmarks.model.mechanism import TrueMarket, sized
from benchmarks.model.posterior_figures import clustered
from benchmarks.reliability import study
from benchmarks.reliability.clean import draft
from benchmarks.reliability.runs import fit_market

SEED = 45_000
REAL = 0.05
SMALL = 0.02
WANTED = 0.9
R2 = 0.93


def placebo_market(seed: int, weeks: int = 156) -> TrueMarket:
    """Draw a market: channel_1 makes 5 % of the outcome, channels 2 and 3 what they make, 4 and 5 nothing."""
    made = draft(seed, weeks=weeks, channels=5)
    channels = list(made.channels)
    for number in (3, 4):
        channels[number] = sized(channels[number], 0.0)
    others = TrueMarket((*channels[1:],), made.base).outcome.sum()
    # 5 % of the whole, its own part included.
    spend = channels[0].spend[-weeks:].sum()
    channels[0] = sized(channels[0], float(REAL / (1.0 - REAL) * others / spend))
    return type(made)(made.setting, made.price, made.base, tuple(channels), made.rng).market(R2)


def placebo_cell(seed: int, sampling: dict[str, Any] | None = None) -> dict[str, Any]:
    """Fit one market; shares of the outcome that are held possible."""
    started = time.perf_counter()
    market = placebo_market(seed)
    fit = fit_market(market, seed, {"sampling": sampling or {"cores": 1}})
    shares = fit.contributions / market.outcome.sum()
    low, high = np.quantile(shares, [0.05, 0.95], axis=1)
    return {
        "placebo_high": high[3:].tolist(),
        "real_low": float(low[0]),
        "real_mean": float(shares[0].mean()),
        "real_truth": float(market.roas["channel_1"] * market.spend[0].sum() / market.outcome.sum()),
        "max_rhat": fit.diagnostics.max_rhat,
        "seconds": time.perf_counter() - started,
    }


def judge(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return how often placebos are small and the real channel is told from them."""
    small, small_error = clustered([[float(high < SMALL) for high in row["placebo_high"]] for row in rows])
    detected, detected_error = clustered([[float(row["real_low"] > max(row["placebo_high"]))] for row in rows])
    return {
        "markets": len(rows),
        "placebos_small": small,
        "placebos_small_se": small_error,
        "real_detected": detected,
        "real_detected_se": detected_error,
        "median_placebo_high": float(np.median([high for row in rows for high in row["placebo_high"]])),
        "real_mean": float(np.mean([row["real_mean"] for row in rows])),
        "real_truth": float(np.mean([row["real_truth"] for row in rows])),
        "passes": small >= WANTED and detected >= WANTED,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    head, rows = study.markets("placebos", __doc__, SEED, 50, placebo_cell, arguments)
    if rows is None:
        return 0
    found = judge(rows)
    table = common.Table(
        "Two channels without effect, one with 5 % of the outcome",
        ("markets", "placebos below 2 %", "median upper end", "real channel told apart", "its mean share", "passes"),
        [
            [
                found["markets"],
                f"{100 * found['placebos_small']:.0f} % ± {100 * found['placebos_small_se']:.0f}",
                f"{100 * found['median_placebo_high']:.1f} %",
                f"{100 * found['real_detected']:.0f} % ± {100 * found['real_detected_se']:.0f}",
                f"{100 * found['real_mean']:.1f} % (truth {100 * found['real_truth']:.1f} %)",
                "yes" if found["passes"] else "no",
            ]
        ],
        notes=(
            "Below 2 %: the upper end of the 90 % interval of its share of the outcome.",
            "Told apart: the real channel's lower end is above both placebos' upper ends. Wanted: 90 % each.",
        ),
    )
    common.write("reliability_6_placebos", head, "Reliability 6: placebo channels", [table], found)
    return 0 if found["passes"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
