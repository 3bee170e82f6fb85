"""Row 2: coverage where the model is right: ``python -m benchmarks.reliability.coverage [--markets 100]``.

Truths of the media from the priors, 156 weeks × 6 channels, white noise, R² 0.85–0.95. Beside the fit, another that is
given the true carryover and saturation: what error is left to anyone.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import stats

from benchmarks import common
from benchmarks.model.posterior_figures import clustered, median_error
from benchmarks.reliability import study
from benchmarks.reliability.clean import Truth, clean_market
from benchmarks.reliability.runs import compare, error_of, fit_market, is_covered
from mmm.model.prepared import prepare
from mmm.model.prior_parameters import draw_parameters
from mmm.model.spec import ModelSpec

SEED = 42_000
WANTED, WANTED_CHANNEL = (0.87, 0.93), (0.80, 0.97)
WANTED_RATIO = 1.2


def prior_truths(seed: int, weeks: int, channels: int) -> list[Truth]:
    """Draw the media's truths from the default priors."""
    template = clean_market(seed, weeks=weeks, channels=channels)
    spec = ModelSpec.model_validate(template.settings())
    prepared = prepare(spec, template.panel())
    rng = np.random.default_rng([SEED, seed])
    drawn = draw_parameters(prepared.spec, prepared.priors, prepared.money_share, 1, rng)
    parts = zip(drawn.roas[:, 0], drawn.alpha[:, 0], drawn.half[:, 0], drawn.slope[:, 0], strict=True)
    # Lag weights are followed for 72 weeks: a retention of 0.93 has lost 99.5 % by then.
    return [Truth(float(r), min(float(a), 0.93), float(h), float(s)) for r, a, h, s in parts]


def told(truths: Sequence[Truth], *, slopes: bool) -> dict[str, Any]:
    """Return priors that state carryover and saturation as they truly are."""
    stated: dict[str, Any] = {}
    for i, truth in enumerate(truths):
        retention = float(np.clip(truth.retention, 0.02, 0.97))
        stated[f"channel_{i + 1}"] = {
            "carryover": {"median": retention, "q95": retention + 0.05 * min(retention, 1.0 - retention)},
            "half_saturation": {"median": truth.half, "q95": 1.03 * truth.half},
        }
        if slopes:
            stated[f"channel_{i + 1}"]["slope"] = {"median": truth.slope, "q95": 1.03 * truth.slope}
    return {"priors": {"channels": stated}}


def market_cell(
    seed: int, weeks: int = 156, channels: int = 6, sampling: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Fit one market twice."""
    started = time.perf_counter()
    truths = prior_truths(seed, weeks, channels)
    r2 = float(np.random.default_rng([SEED, seed, 3]).uniform(0.85, 0.95))
    market = clean_market(seed, weeks=weeks, channels=channels, r2=r2, truths=truths)
    settings = {"sampling": dict(sampling or {"cores": 1})}
    fit = fit_market(market, seed, settings)
    slopes = any(form.value == "hill_free_slope" for form in (fit.spec.form(name) for name in fit.spec.channels))
    best = fit_market(market, seed, settings | told(truths, slopes=slopes))
    return {
        "channels": compare(market, fit),
        "told": compare(market, best),
        "max_rhat": fit.diagnostics.max_rhat,
        "seconds": time.perf_counter() - started,
    }


def judge(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return pooled and per-channel coverage, and the error beside that of the fit that was told the truth."""
    inside = [[float(is_covered(channel)) for channel in row["channels"].values()] for row in rows]
    share, error = clustered(inside)
    by_channel = np.array(inside).mean(axis=0).tolist()
    own, own_error = median_error([[abs(error_of(c)) for c in row["channels"].values()] for row in rows])
    told_error, told_error_se = median_error([[abs(error_of(c)) for c in row["told"].values()] for row in rows])
    low, high = binomial_limits(len(rows) * len(by_channel))
    return {
        "markets": len(rows),
        "coverage": share,
        "coverage_se": error,
        "by_channel": by_channel,
        "median_error": own,
        "median_error_se": own_error,
        "median_error_told": told_error,
        "median_error_told_se": told_error_se,
        "ratio": own / told_error,
        "rhat_max": max(row["max_rhat"] for row in rows),
        "beyond_chance": not low <= share <= high,
        "passes": bool(
            WANTED[0] <= share <= WANTED[1]
            and all(WANTED_CHANNEL[0] <= one <= WANTED_CHANNEL[1] for one in by_channel)
            and own <= WANTED_RATIO * told_error
        ),
    }


def binomial_limits(count: int, level: float = 0.9, chance: float = 0.001) -> tuple[float, float]:
    """Return the shares outside which a coverage of ``level`` falls with this chance."""
    low, high = stats.binom.ppf([chance / 2, 1 - chance / 2], count, level) / count
    return float(low), float(high)


def main(arguments: Sequence[str] | None = None) -> int:
    head, rows = study.markets("coverage", __doc__, SEED, 100, market_cell, arguments)
    if rows is None:
        return 0
    found = judge(rows)
    channels = [f"{100 * share:.0f} %" for share in found["by_channel"]]
    table = common.Table(
        "90 % intervals of ROAS, truths from the priors",
        (
            "markets", "covered", "by channel", "median absolute error", "told carryover and saturation", "ratio",
            "R-hat max", "passes",
        ),
        [
            [
                found["markets"],
                f"{100 * found['coverage']:.1f} % ± {100 * found['coverage_se']:.1f}",
                ", ".join(channels),
                f"{100 * found['median_error']:.1f} % ± {100 * found['median_error_se']:.1f}",
                f"{100 * found['median_error_told']:.1f} % ± {100 * found['median_error_told_se']:.1f}",
                f"{found['ratio']:.2f}",
                f"{found['rhat_max']:.4f}",
                "yes" if found["passes"] else "no",
            ]
        ],
        notes=("Wanted: 87–93 % pooled, 80–97 % each channel, error at most 1.2 × that of the fit that was told.",),
    )  # fmt: skip
    common.write("reliability_2_coverage", head, "Reliability 2: coverage", [table], found)
    return 0 if found["passes"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
