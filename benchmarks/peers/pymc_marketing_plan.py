"""One planning problem in PyMC-Marketing, run with its environment's interpreter: ``… CHANNELS DRAWS SEED OUT.npz``.

A posterior is not fitted but given: draws of the model's priors, with retention up to 0.5, so that its adstock over 24
weeks is the infinite recursion to 1e-7. Written: the draws in original units, history, its plan, its own values of
three plans and the seconds of its warm call, so that the same problem can be given to another planner.
"""

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path
from typing import Any

warnings.filterwarnings("ignore")

L_MAX, WEEKS, HISTORY = 24, 13, 104
CHANGE = 0.5


def data(channels: int, seed: int) -> Any:
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng([seed, channels])
    typical = 1000.0 * np.exp(rng.normal(0.0, 0.8, channels))
    spend = typical * np.exp(0.3 * rng.standard_normal((HISTORY, channels)))
    frame = pd.DataFrame(spend, columns=[f"c{i}" for i in range(channels)])
    frame.insert(0, "date", pd.date_range("2023-01-02", periods=HISTORY, freq="7D"))
    frame["revenue"] = 5.0 * spend.sum(axis=1) * (1.0 + 0.05 * rng.standard_normal(HISTORY))
    return frame


def with_draws(frame: Any, draws: int, seed: int) -> Any:
    """Return the model with draws of its priors as its posterior."""
    import numpy as np
    from pymc_extras.prior import Prior
    from pymc_marketing.mmm import MMM, GeometricAdstock, LogisticSaturation

    channels = [name for name in frame if name.startswith("c")]
    model = MMM(
        date_column="date",
        target_column="revenue",
        channel_columns=channels,
        adstock=GeometricAdstock(priors={"alpha": Prior("Uniform", lower=0.1, upper=0.5, dims="channel")}, l_max=L_MAX),
        saturation=LogisticSaturation(
            priors={
                "lam": Prior("LogNormal", mu=0.7, sigma=0.5, dims="channel"),
                "beta": Prior("LogNormal", mu=float(np.log(0.5 / len(channels))), sigma=0.5, dims="channel"),
            }
        ),
    )
    features, target = frame.drop(columns="revenue"), frame["revenue"]
    model.build_model(features, target)
    model.sample_prior_predictive(features, target, samples=draws, random_seed=seed)
    model.idata["posterior"] = model.idata["prior"]
    return model, channels


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("channels", type=int)
    parser.add_argument("draws", type=int)
    parser.add_argument("seed", type=int)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()

    import numpy as np
    import pandas as pd
    import xarray as xr
    from pymc_marketing import __version__

    frame = data(options.channels, options.seed)
    model, channels = with_draws(frame, options.draws, options.seed)
    recent = frame[channels].tail(WEEKS).mean()
    first = frame["date"].max() + pd.Timedelta(weeks=1)
    optimizer = model.budget_optimizer(first, first + pd.Timedelta(weeks=WEEKS - 1))
    bounds = {name: ((1 - CHANGE) * recent[name], (1 + CHANGE) * recent[name]) for name in channels}
    times = []
    for _ in range(3):
        started, cpu = time.perf_counter(), time.process_time()
        found = optimizer.allocate_budget(total_budget=float(recent.sum()), budget_bounds=bounds)
        times.append((time.perf_counter() - started, time.process_time() - cpu))
    plan = found.budgets.sel(channel=channels)

    def utility(values: Any) -> float:
        labelled = xr.DataArray(np.asarray(values, dtype=float), coords={"channel": channels}, dims="channel")
        return float(optimizer.evaluate_plan(labelled).utility)

    posterior = model.idata["posterior"].to_dataset()
    stacked = posterior[["adstock_alpha", "saturation_lam", "saturation_beta"]].stack(sample=("chain", "draw"))  # noqa: PD013
    flat = {name: stacked[name].transpose("channel", "sample").sel(channel=channels).to_numpy() for name in stacked}
    np.savez(
        options.out,
        spend=frame[channels].to_numpy().T,
        scale=np.asarray(model.scalers["_channel"]).reshape(-1),
        target=float(np.asarray(model.scalers["_target"]).reshape(-1)[0]),
        plan=plan.to_numpy(),
        utility_plan=utility(plan),
        utility_recent=utility(recent),
        utility_nothing=utility(np.zeros(len(channels))),
        seconds=np.array(times),
        evaluations=int(found.scipy_result.nfev),
        version=__version__,
        **{name: value for name, value in flat.items() if name.startswith(("adstock", "saturation"))},
    )


if __name__ == "__main__":
    main()
