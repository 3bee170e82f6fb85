"""Rows 8 and 9 on fitted markets: ``python -m benchmarks.reliability.regret [--markets 100]``.

Truths of the media from the priors, 156 weeks × 6 channels, white noise, R² 0.85–0.95, and every channel once off air
for a holdout. Each market is fitted without and with what the holdouts measured, the next 13 weeks are planned with
each channel's total within 30 % of its own, and the plan is replayed in the market, whose own best plan is the oracle.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks import common
from benchmarks.model.mechanism import HISTORY, TrueMarket
from benchmarks.model.replay import CHANGE, HORIZON, Replay
from benchmarks.reliability import study
from benchmarks.reliability.clean import clean_market
from benchmarks.reliability.coverage import prior_truths
from benchmarks.reliability.decisions import judge, words
from benchmarks.reliability.lift_tests import DARK, hold_out, on_air
from benchmarks.reliability.runs import compare, error_of, fit_market, is_covered
from mmm.arrays import FloatArray
from mmm.data.lift_tests import LiftTest
from mmm.response.calendar import WEEK
from mmm.response.draws import ResponseDraws
from mmm.transforms.saturation import Saturation
from optimizer.allocation import Allocation
from optimizer.brief import Brief
from optimizer.solve import allocate

SEED = 49_000


def tested_market(seed: int, weeks: int, channels: int) -> tuple[TrueMarket, tuple[LiftTest, ...]]:
    """Draw a market in which the model is right, with a holdout of every channel, one after the other."""
    rng = np.random.default_rng([SEED, seed])
    truths = prior_truths(seed, weeks, channels)
    market = clean_market(seed, weeks=weeks, channels=channels, r2=float(rng.uniform(0.85, 0.95)), truths=truths)
    tests = []
    for number in range(channels):
        start = on_air(market.spend[number], near=(number + 1) / (channels + 2))
        market, test = hold_out(evened(market, number, start), number, start, rng)
        tests.append(test)
    return market, tuple(tests)


def evened(market: TrueMarket, number: int, start: int) -> TrueMarket:
    """Return the market in which the weeks that a holdout takes would have spent alike.

    A test's row says how much was saved, not in which weeks: a model can only put it back evenly, and where the weeks
    that never came would have been bursts, that reads as a channel that does less.
    """
    channel, weeks = market.channels[number], slice(HISTORY + start, HISTORY + start + DARK)
    spend = channel.spend.copy()
    spend[weeks] = spend[weeks].mean()
    channels = list(market.channels)
    channels[number] = replace(channel, spend=spend)
    return replace(market, channels=tuple(channels))


def true_response(frame: ResponseDraws, market: TrueMarket) -> ResponseDraws:
    """Return a fit's response with the market's true media in the place of its draws, one in each of two chains."""
    two = frame.select(np.array([0, frame.n_draws - 1]))
    wide = two.paid.alpha.shape

    def filled(values: Sequence[float]) -> FloatArray:
        return np.broadcast_to(np.array(values, dtype=np.float64)[:, None, None], wide).copy()

    paid = replace(
        two.paid,
        saturation=(Saturation.HILL,) * len(market.channels),
        alpha=filled([1.0 - channel.lags[0] for channel in market.channels]),
        half_saturation=filled([channel.curve.half for channel in market.channels]),
        slope=filled([channel.curve.slope for channel in market.channels]),
        beta=filled([float(np.asarray(channel.beta).ravel()[-1]) for channel in market.channels]),
    )
    return replace(two, paid=paid, chain=np.arange(2))


def planned(response: ResponseDraws) -> Allocation:
    """Plan as the package does by default: every week, the baseline's budget."""
    horizon = {"start": (response.weeks[-1] + WEEK).astype(object), "weeks": HORIZON}
    rules = [{"channels": "all", "change_vs_baseline": CHANGE}]
    return allocate(Brief.model_validate({"horizon": horizon, "constraints": rules}).problem(response))


def market_cell(
    seed: int, weeks: int = 156, channels: int = 6, sampling: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Fit one market without and with its lift tests, and judge both plans by the truth."""
    started = time.perf_counter()
    market, tests = tested_market(seed, weeks, channels)
    replay = Replay.of(market)
    settings = {"sampling": dict(sampling or {"cores": 1})}
    now, budget = replay.value(replay.baseline), float(replay.baseline.sum())
    plans, rows = {}, []
    for kind, told in (("without", ()), ("with lift tests", tests)):
        fit = fit_market(market, seed, settings, tests=told)
        plan = plans[kind] = planned(fit.response)
        channel = compare(market, fit).values()
        rows.append(
            {
                "kind": kind,
                "claimed": plan.uplift.mean / budget,
                "low": plan.uplift.q05 / budget,
                "high": plan.uplift.q95 / budget,
                "realised": (replay.value(plan.spend) - now) / budget,
                "p_beats": plan.p_beats_baseline,
                "roas_error": float(np.median([abs(error_of(one)) for one in channel])),
                "roas_covered": float(np.mean([is_covered(one) for one in channel])),
                "max_rhat": fit.diagnostics.max_rhat,
            }
        )
    oracle = planned(true_response(plans["without"].problem.horizon.response, market))
    # The search from the truth, or a plan that is better still: the optimiser's own gap is 0.1 %.
    best = max(replay.value(plan.spend) for plan in (oracle, *plans.values()))
    for row in rows:
        value = row["realised"] * budget + now
        row |= {"regret": (best - value) / best, "captured": (value - now) / max(best - now, 1e-12)}
        row |= {"possible": (best - now) / budget}
    return {"rows": rows, "seconds": time.perf_counter() - started}


def judged(cells: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the figures without and with lift tests."""
    rows = [row for cell in cells for row in cell["rows"]]
    found = []
    for kind in ("without", "with lift tests"):
        own = [row for row in rows if row["kind"] == kind]
        pooled = sum(row["realised"] for row in own) / sum(row["possible"] for row in own)
        more = {key: float(np.mean([row[key] for row in own])) for key in ("roas_covered", "possible")}
        error = float(np.median([row["roas_error"] for row in own]))
        found.append(judge(own) | more | {"roas_error": error, "captured_pooled": float(pooled)})
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    head, cells = study.markets("regret", __doc__, SEED, 100, market_cell, arguments)
    if cells is None:
        return 0
    found = judged(cells)
    table = common.Table(
        "Plans on fitted markets, replayed",
        (
            "fit", "markets", "mean regret", "uplift captured, median", "worse than today",
            "claimed over realised uplift", "90 % interval covers", "P(beats) claimed / realised", "row 8", "row 9",
            "uplift captured, pooled", "median ROAS error", "ROAS covered",
        ),
        [
            [
                *words(one),
                f"{100 * one['captured_pooled']:.0f} %",
                f"{100 * one['roas_error']:.0f} %",
                f"{100 * one['roas_covered']:.0f} %",
            ]
            for one in found
        ],
        notes=(
            "Regret: (V* − V)/V*, V the incremental media outcome of 13 weeks; V* knows the truth.",
            ("Wanted: regret ≤ 2 % with lift tests and ≤ 6 % without, worse ≤ 10 %; bias ± 10 %, coverage 85–95 %, "
            "P(beats) within 10 points."),
            "Truths from the default priors; a holdout of 6 weeks of every channel, measured with an error of 10 %.",
            "What a holdout saved would have been spent evenly: that is how the model puts it back.",
        ),
    )  # fmt: skip
    common.write(
        "reliability_8_9_fitted", head, "Reliability 8 and 9: plans on fitted markets", [table],
        {"rows": found, "cells": cells},
    )  # fmt: skip
    return 0 if all(one["passes_8"] and one["passes_9"] for one in found) else 1


if __name__ == "__main__":
    raise SystemExit(main())
