"""W1 in Meridian (JAX), run with its environment's interpreter: prints one line of JSON.

``python meridian_w1.py robyn_weekly.csv``

The like model: 5 paid channels, geometric adstock, Hill with its default slope of 1, one control, two yearly waves
given as controls (a national model has one knot and no season by default), no organic channel. It plans past periods
only, so the plan replays the last 13 weeks.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import tempfile
import time
import warnings
from importlib import metadata
from pathlib import Path
from typing import Any

STARTED = time.perf_counter()
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("JAX_PLATFORMS", "cpu")
warnings.filterwarnings("ignore")

CHANNELS = ["tv_S", "ooh_S", "print_S", "facebook_S", "search_S"]
CONTROL = "competitor_sales_B"
WEEKS = 13


def read(path: Path) -> Any:
    import numpy as np
    import pandas as pd

    frame = pd.read_csv(path)
    day = pd.to_datetime(frame["DATE"]).dt.dayofyear.to_numpy()
    for order in (1, 2):
        frame[f"sine_{order}"] = np.sin(2 * np.pi * order * day / 365.25)
        frame[f"cosine_{order}"] = np.cos(2 * np.pi * order * day / 365.25)
    return frame


def build(frame: Any) -> Any:
    from meridian.data import data_frame_input_data_builder
    from meridian.model import model, spec

    waves = [name for name in frame if name.startswith(("sine_", "cosine_"))]
    builder = data_frame_input_data_builder.DataFrameInputDataBuilder(
        kpi_type="revenue", default_kpi_column="revenue", default_time_column="DATE", default_media_time_column="DATE"
    )
    data = (
        builder.with_kpi(frame)
        .with_controls(frame, control_cols=[CONTROL, *waves])
        .with_media(frame, media_cols=CHANNELS, media_spend_cols=CHANNELS, media_channels=CHANNELS)
        .build()
    )
    return model.Meridian(input_data=data, model_spec=spec.ModelSpec(max_lag=12, knots=1))


def fit(meridian: Any, options: argparse.Namespace) -> dict[str, Any]:
    import arviz as az

    started = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        meridian.sample_posterior(
            n_chains=4, n_adapt=options.adapt, n_burnin=options.burnin, n_keep=options.keep, seed=options.seed
        )
    seconds = time.perf_counter() - started
    posterior = meridian.inference_data.posterior
    # Constants (the slope of 1) have no effective sample size; the baseline by week is derived from its one knot.
    moving = posterior[
        [
            name
            for name, values in posterior.data_vars.items()
            if "time" not in values.dims and float(values.std(("chain", "draw")).max()) > 0
        ]
    ]
    ess = az.ess(moving, method="bulk")
    rhat = az.rhat(moving)
    stats = meridian.inference_data.sample_stats
    return {
        "fit_s": seconds,
        "sampling_s": None,
        "parameters": int(sum(values[0, 0].size for values in moving.data_vars.values())),
        "ess_min": min(float(values.min()) for values in ess.data_vars.values()),
        "rhat_max": max(float(values.max()) for values in rhat.data_vars.values()),
        "divergences": int(stats["diverging"].sum()) if "diverging" in stats else None,
    }


def saved_bytes(meridian: Any) -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "posterior.nc"
        meridian.inference_data.to_netcdf(str(path))
        return path.stat().st_size


def optimise(meridian: Any, frame: Any) -> dict[str, Any]:
    from meridian.analysis import optimizer

    days = frame["DATE"].tolist()
    times, results = [], None
    for _ in range(2):
        started = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):
            results = optimizer.BudgetOptimizer(meridian).optimize(
                start_date=days[-WEEKS],
                end_date=days[-1],
                spend_constraint_lower=0.3,
                spend_constraint_upper=0.3,
            )
        times.append(time.perf_counter() - started)
    plan = results.optimized_data["spend"]
    return {
        "optimise_cold_s": times[0],
        "optimise_warm_s": times[1],
        "plan_totals": dict(zip(plan["channel"].to_numpy().tolist(), plan.to_numpy().tolist(), strict=True)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--adapt", type=int, default=500)
    parser.add_argument("--burnin", type=int, default=500)
    parser.add_argument("--keep", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    import meridian.analysis.optimizer
    import meridian.model.model  # noqa: F401

    result: dict[str, Any] = {"import_s": time.perf_counter() - STARTED}
    frame = read(options.data)
    model = build(frame)
    result |= fit(model, options)
    result |= {"process_to_fit_s": time.perf_counter() - STARTED, "cpu_to_fit_s": time.process_time()}
    result["posterior_bytes"] = saved_bytes(model)
    result |= optimise(model, frame)
    result |= {"process_s": time.perf_counter() - STARTED, "cpu_s": time.process_time(), "cores": os.cpu_count()}
    result["versions"] = {name: metadata.version(name) for name in ("google-meridian", "jax", "arviz", "numpy")}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
