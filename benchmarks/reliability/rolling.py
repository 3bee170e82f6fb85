"""Row 5: rolling-origin backtest on real data: ``python -m benchmarks.reliability.rolling [--only … --folds 8]``.

Each fold refits the model to the weeks before it and forecasts the next ones, with the spend and the controls that
really came; scored by CRPS against the same weeks of last year with the errors that this rule has made. The public
data lie beside the repository (``../shared/data``); the embedded example is always there.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import common
from benchmarks.reliability import study
from mmm.data.panel import Panel
from mmm.model.spec import ModelSpec
from mmm.model.validation.backtest import COVERS, GOAL, histories
from mmm.model.validation.edits import first_weeks
from mmm.model.validation.refits import Job, Refitter
from mmm.model.validation.scores import crps, inside, seasonal_naive

SEED = 45
HORIZON, FOLDS = 8, 8
EXAMPLE = "embedded example"
PUBLIC = (
    "robyn_weekly", "meridian_national_media", "pymc_marketing_mmm_example", "pymc_marketing_multidimensional",
    "meridian_geo_media",
)  # fmt: skip
#: Warm-up and draws of a refit, as ``mixwise validate`` takes them.
SHORT = {"tune": 500, "draws": 500}


def read(name: str, sampling: Mapping[str, Any] | None = None) -> tuple[ModelSpec, Panel]:
    """Return a data set's model file at the package's defaults, and its panel."""
    from mmm import read_panel

    if name == EXAMPLE:
        source, data = common.ROOT / "examples" / "company", None
    else:
        source, data = common.ROOT / "benchmarks" / "data" / name, common.dataset(name)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "data"
        shutil.copytree(source, folder)
        if data is not None:
            shutil.copyfile(data, folder / data.name)
        spec = ModelSpec.from_yaml(folder / "model.yaml")
        panel = read_panel(spec, folder)
    changed = {"sampling": spec.sampling.model_dump(exclude_unset=True) | SHORT | {"cores": 1} | dict(sampling or {})}
    return ModelSpec.model_validate(spec.model_dump(exclude_unset=True) | changed), panel


def fold_cell(name: str, sampling: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Refit, forecast and score one fold: ``<data set>|<fold>|<folds>``."""
    started = time.perf_counter()
    data, fold, folds = name.split("|")
    spec, panel = read(data, sampling)
    sizes = histories(panel.n_weeks, int(folds), HORIZON)
    if int(fold) >= len(sizes):
        return {"data": data, "trouble": "its history would be shorter than a year", "seconds": 0.0}
    size = sizes[int(fold)]
    job = Job(name, spec, first_weeks(panel, size), whole=panel, horizon=HORIZON)
    refit = Refitter(SEED)(job)
    row: dict[str, Any] = {"data": data, "weeks_fitted": size, "trouble": refit.trouble, "max_rhat": refit.max_rhat}
    if refit.usable:
        outcome = (panel.outcome * panel.observed).sum(axis=0)
        observed, naive = outcome[size : size + HORIZON], seasonal_naive(outcome[:size], HORIZON)
        row |= {
            "scale": float(outcome.mean()),
            "crps": crps(refit.forecast, observed).tolist(),
            "naive_crps": crps(naive, observed).tolist(),
            "inside": inside(refit.forecast, observed).tolist(),
            "naive_inside": inside(naive, observed).tolist(),
        }
    return row | {"seconds": time.perf_counter() - started}


def figures(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the scores over folds of one data set; CRPS in shares of its mean outcome."""
    done = [row for row in rows if not row["trouble"]]
    own, naive = (np.array([np.mean(row[key]) / row["scale"] for row in done]) for key in ("crps", "naive_crps"))
    covered = np.array([np.mean(row["inside"]) for row in done])
    count = np.sqrt(len(done))
    # The delta method, over folds: weeks of one fold share a forecast.
    left = own - own.mean() / naive.mean() * naive
    return {
        "folds": len(done),
        "asked": len(rows),
        "crps": float(own.mean()),
        "naive_crps": float(naive.mean()),
        "skill": float(1.0 - own.mean() / naive.mean()),
        "skill_se": float(left.std() / count / naive.mean()),
        "coverage": float(covered.mean()),
        "coverage_se": float(covered.std() / count),
        "naive_coverage": float(np.mean([np.mean(row["naive_inside"]) for row in done])),
    }


def judge(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return figures by data set and pooled, every data set alike."""
    names = list(dict.fromkeys(row["data"] for row in rows))
    by_data = {}
    for name in names:
        own = [row for row in rows if row["data"] == name]
        if any(not row["trouble"] for row in own):
            by_data[name] = figures(own)
    pooled = figures(rows)
    return {
        "data": by_data,
        "pooled": pooled,
        "passes": bool(pooled["skill"] >= GOAL and COVERS[0] <= pooled["coverage"] <= COVERS[1]),
    }


def words(name: str, one: Mapping[str, Any]) -> list[object]:
    return [
        name,
        f"{one['folds']} of {one['asked']}",
        f"{100 * one['crps']:.2f} %",
        f"{100 * one['naive_crps']:.2f} %",
        f"{100 * one['skill']:+.0f} % ± {100 * one['skill_se']:.0f}",
        f"{100 * one['coverage']:.0f} % ± {100 * one['coverage_se']:.0f}",
        f"{100 * one['naive_coverage']:.0f} %",
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = study.parser(__doc__)
    parser.add_argument("--only", nargs="+", choices=(*PUBLIC, EXAMPLE), default=list(PUBLIC))
    parser.add_argument("--folds", type=int, default=FOLDS)
    options = parser.parse_args(arguments)
    head = common.start()
    there = [name for name in options.only if name == EXAMPLE or common.dataset(name) is not None]
    names = [f"{name}|{fold}|{options.folds}" for name in there for fold in range(options.folds)]
    rows = study.run("rolling", names, fold_cell, options)
    if rows is None:
        return 0
    if not rows:
        print("None of the data sets is there; nothing was measured and nothing written.")
        return 0
    found = judge(rows)
    table = common.Table(
        f"Forecasts of the next {HORIZON} weeks, {options.folds} folds a data set",
        (
            "data", "folds", "CRPS, share of the outcome", "of last year's weeks", "better by", "90 % intervals cover",
            "last year's cover",
        ),
        [words(name, one) for name, one in found["data"].items()] + [words("all", found["pooled"])],
        notes=(
            f"Wanted over all: {GOAL:.0%} better, {COVERS[0]:.0%}–{COVERS[1]:.0%} covered. ±: over folds.",
            "Last year's weeks with the errors that this rule has made, its mean error too: steady growth is forecast.",
        ),
    )  # fmt: skip
    common.write("reliability_5_rolling", head, "Reliability 5: rolling-origin backtest", [table], found)
    return 0 if found["passes"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
