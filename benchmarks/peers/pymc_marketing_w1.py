"""W1 in PyMC-Marketing, run with its environment's interpreter: prints one line of JSON.

``python pymc_marketing_w1.py robyn_weekly.csv --saturation michaelis_menten``

The like model: 5 paid channels, geometric adstock, one control, two yearly waves, no trend, no organic channel. Hill
with slope 1, which is ours, is Michaelis–Menten there.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
import warnings
from importlib import metadata
from pathlib import Path
from typing import Any

STARTED = time.perf_counter()
# What it warns of on every use (defaults that will change) would be all that one sees.
warnings.filterwarnings("ignore")

CHANNELS = ["tv_S", "ooh_S", "print_S", "facebook_S", "search_S"]
CONTROL = "competitor_sales_B"
WEEKS = 13


def read(path: Path) -> Any:
    import pandas as pd

    frame = pd.read_csv(path, parse_dates=["DATE"])
    # Its controls enter unscaled under a prior made for values near 1: its documentation says to scale them oneself.
    frame[CONTROL] /= frame[CONTROL].max()
    return frame


def build(saturation: str) -> Any:
    from pymc_marketing.mmm import MMM, GeometricAdstock, HillSaturation, LogisticSaturation, MichaelisMentenSaturation

    forms = {
        "logistic": LogisticSaturation,
        "hill": HillSaturation,
        "michaelis_menten": MichaelisMentenSaturation,
    }
    return MMM(
        date_column="DATE",
        target_column="revenue",
        channel_columns=CHANNELS,
        control_columns=[CONTROL],
        adstock=GeometricAdstock(l_max=12),
        saturation=forms[saturation](),
        yearly_seasonality=2,
    )


def fit(model: Any, frame: Any, options: argparse.Namespace) -> dict[str, Any]:
    import arviz as az

    started = time.perf_counter()
    model.fit(
        frame[["DATE", *CHANNELS, CONTROL]],
        frame["revenue"],
        progressbar=False,
        random_seed=options.seed,
        chains=4,
        tune=options.tune,
        draws=options.draws,
        nuts_sampler="nutpie",
        target_accept=options.target_accept,
    )
    seconds = time.perf_counter() - started
    free = [variable.name for variable in model.model.free_RVs]
    posterior = model.idata.posterior.to_dataset()[free]
    smallest = min(float(value.min()) for value in az.ess(posterior, method="bulk").data_vars.values())
    largest = max(float(value.max()) for value in az.rhat(posterior).data_vars.values())
    sampling = model.idata.posterior.attrs.get("sampling_time", model.idata.sample_stats.attrs.get("sampling_time"))
    return {
        "fit_s": seconds,
        "sampling_s": None if sampling is None else float(sampling),
        "parameters": int(sum(value[0, 0].size for value in posterior.data_vars.values())),
        "ess_min": smallest,
        "rhat_max": largest,
        "divergences": int(model.idata.sample_stats["diverging"].sum()),
        "r2": r_squared(model),
    }


def r_squared(model: Any) -> float:
    """Share of the outcome's variance that the posterior mean explains, in the model's own scaled units."""
    import numpy as np

    mean = model.idata.posterior["mu"].mean(("chain", "draw")).to_numpy()
    seen = model.y / float(np.max(np.abs(model.y)))
    return float(1 - np.var(seen - mean) / np.var(seen))


def saved_bytes(model: Any) -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "posterior.nc"
        model.save(str(path))
        return path.stat().st_size


def optimise(model: Any, frame: Any) -> dict[str, Any]:
    """Its unit is money a week, the same in every week: ±30 % of the last 13 weeks' mean."""
    import pandas as pd

    recent = frame[CHANNELS].tail(WEEKS).mean()
    first = frame["DATE"].max() + pd.Timedelta(weeks=1)
    last = first + pd.Timedelta(weeks=WEEKS - 1)
    future = pd.DataFrame({"DATE": pd.date_range(first, last, freq="7D")})
    future[CONTROL] = frame[CONTROL].tail(52).head(WEEKS).to_numpy()
    bounds = {name: (0.7 * recent[name], 1.3 * recent[name]) for name in CHANNELS}
    started = time.perf_counter()
    optimizer = model.budget_optimizer(first, last, **controls_until_the_end(optimizer_input=future, model=model))
    constructed = time.perf_counter() - started
    times = []
    for _ in range(2):
        started = time.perf_counter()
        result = optimizer.allocate_budget(total_budget=float(recent.sum()), budget_bounds=bounds)
        times.append(time.perf_counter() - started)
    weekly = dict(zip(CHANNELS, result.budgets.sel(channel=CHANNELS).to_numpy().tolist(), strict=True))
    return {
        "optimise_construct_s": constructed,
        "optimise_cold_s": constructed + times[0],
        "optimise_warm_s": times[1],
        "evaluations": int(result.scipy_result.nfev),
        "plan_totals": {name: WEEKS * spend for name, spend in weekly.items()},
    }


def controls_until_the_end(*, optimizer_input: Any, model: Any) -> dict[str, Any]:
    """Planned controls for the window and the carry-over weeks after it, which the optimiser asks for as well."""
    import pandas as pd

    after = model.effective_carryover_lags()
    first = optimizer_input["DATE"].max() + pd.Timedelta(weeks=1)
    tail = pd.DataFrame({"DATE": pd.date_range(first, periods=after, freq="7D")})
    tail[CONTROL] = float(optimizer_input[CONTROL].iloc[-1])
    return {"control_data": pd.concat([optimizer_input, tail], ignore_index=True)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--saturation", choices=["logistic", "hill", "michaelis_menten"], default="michaelis_menten")
    parser.add_argument("--tune", type=int, default=1000)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--target-accept", type=float, default=0.8)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    import pymc_marketing.mmm  # noqa: F401

    result: dict[str, Any] = {"import_s": time.perf_counter() - STARTED}
    frame = read(options.data)
    model = build(options.saturation)
    result |= fit(model, frame, options)
    result |= {"process_to_fit_s": time.perf_counter() - STARTED, "cpu_to_fit_s": time.process_time()}
    result["posterior_bytes"] = saved_bytes(model)
    result |= optimise(model, frame)
    result |= {"process_s": time.perf_counter() - STARTED, "cpu_s": time.process_time(), "cores": os.cpu_count()}
    result["versions"] = {
        name: metadata.version(name) for name in ("pymc-marketing", "pymc", "pytensor", "nutpie", "numba")
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
