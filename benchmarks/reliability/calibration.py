"""Row 1: simulation-based calibration: ``python -m benchmarks.reliability.calibration [--fits 200]``.

Truths from the prior, data from the reference model, refits by data swap under frozen scales (Talts et al. 2018); the
joint log-likelihood is ranked too (Modrák et al. 2023). Uniformity by POT-C.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks import common
from benchmarks.model.cells import FIT_SOURCES, Store, source_key
from benchmarks.model.worlds import LEVEL
from benchmarks.reliability.refit import quantities, rank, refit
from benchmarks.reliability.uniformity import pot_c, ranks_to_pit
from mmm.data.panel import Panel
from mmm.model.prepared import Prepared, prepare
from mmm.model.prior_predictive import draw_from, simulate_outcome
from mmm.model.spec import ModelSpec

#: Posterior draws that a truth is ranked among.
RANKED = 99
SEED = 41_000


def template(weeks: int, channels: int, **settings: Any) -> tuple[ModelSpec, Panel]:
    """Return the spec and the panel whose media, calendar and scales the study keeps; one control."""
    from benchmarks.reliability.clean import clean_market

    market = clean_market(SEED, weeks=weeks, channels=channels, r2=0.8)
    spec = ModelSpec.model_validate(market.settings() | settings)
    return spec, market.panel()


def calibrate(prepared: Prepared, fits: int, store: Store | None = None) -> list[dict[str, Any]]:
    """Return one row a data set: ranks, R-hat, whether the fit failed."""
    draws = draw_from(prepared, fits, SEED)
    rows = []
    for i in range(fits):
        row = store.read(str(i)) if store else None
        if row is None:
            outcome = simulate_outcome(draws, i, np.random.default_rng([SEED, 1, i]))
            found = refit(prepared, outcome, SEED + i)
            kept = np.linspace(0, found.response.n_draws - 1, RANKED).round().astype(int)
            truth = quantities(draws.select(np.array([i])), outcome)
            row = {
                "ranks": rank(truth, quantities(found.response, outcome), kept.tolist()),
                "max_rhat": found.max_rhat,
                "divergent": found.divergent,
                "failed": found.failed,
                "seconds": found.seconds,
            }
            if store:
                store.write(str(i), row)
        rows.append(row)
    return rows


def judge(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the p-value of every quantity and what the row asks: p > 0.01/K, failed fits at most 1 %."""
    rng = np.random.default_rng([SEED, 2])
    used = [row for row in rows if not row["failed"]]
    ranks = {name: np.array([row["ranks"][name] for row in used]) for name in used[0]["ranks"]}
    p = {name: pot_c(ranks_to_pit(values, RANKED, rng)) for name, values in ranks.items()}
    least = min(p, key=lambda name: p[name])
    return {
        "fits": len(rows),
        "failed": len(rows) - len(used),
        "quantities": len(p),
        "p": p,
        "least": least,
        "least_p": p[least],
        "limit": 0.01 / len(p),
        "passes": p[least] > 0.01 / len(p) and len(rows) - len(used) <= 0.01 * len(rows),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fits", type=int, default=200)
    parser.add_argument("--weeks", type=int, default=104)
    parser.add_argument("--channels", type=int, default=3)
    options = parser.parse_args(arguments)
    head = common.start()
    sampling = {"tune": 600, "draws": 500, "chains": 4}
    spec, panel = template(options.weeks, options.channels, sampling=sampling)
    key = source_key([*FIT_SOURCES, "benchmarks/reliability", "benchmarks/model/worlds.py"], vars(options))
    found = judge(calibrate(prepare(spec, panel), options.fits, Store.of("calibration", key)))
    smallest = sorted(found["p"].items(), key=lambda item: item[1])
    tables = [
        common.Table(
            "Ranks of the truth, POT-C",
            ("fits", "failed fits", "quantities", "smallest p", "of", "limit 0.01/K", "passes"),
            [
                [
                    found["fits"], found["failed"], found["quantities"], f"{found['least_p']:.2g}", found["least"],
                    f"{found['limit']:.2g}", "yes" if found["passes"] else "no",
                ]
            ],
            notes=(f"{options.weeks} weeks × {options.channels} channels, one control; mean outcome {LEVEL:,.0f}.",),
        ),
        common.Table("Every quantity", ("quantity", "p"), [[name, f"{p:.3f}"] for name, p in smallest]),
    ]  # fmt: skip
    common.write("reliability_1_calibration", head, "Reliability 1: simulation-based calibration", tables, found)
    return 0 if found["passes"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
