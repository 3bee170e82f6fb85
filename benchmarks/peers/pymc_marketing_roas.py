"""ROAS draws of many simulated markets in PyMC-Marketing, run with its environment's interpreter.

``python pymc_marketing_roas.py MARKETS OUT``: for each ``MARKETS/<name>.csv`` (date, revenue, spend:…, control:…) it
writes ``OUT/<name>.npy``, ROAS draws (channels, draws), and then ``OUT/<name>.json``.

Geometric adstock over 12 weeks, its default (logistic) saturation and priors, two yearly waves; a linear trend and the
controls, scaled to about 1, as its documentation says. ROAS = outcome lost if the channel's spend in the window were
zero, carryover after the window included, over that spend, from the posterior's own adstock and saturation.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from pathlib import Path
from typing import Any

warnings.filterwarnings("ignore")

L_MAX = 12


def fit(frame: Any, options: argparse.Namespace) -> tuple[Any, list[str]]:
    import numpy as np
    from pymc_marketing.mmm import MMM, GeometricAdstock, LogisticSaturation

    channels = [name for name in frame if name.startswith("spend:")]
    controls = [name for name in frame if name.startswith("control:")]
    for name in controls:
        frame[name] = (frame[name] - frame[name].mean()) / frame[name].std()
    frame["trend"] = np.linspace(-1.0, 1.0, len(frame))
    model = MMM(
        date_column="date",
        target_column="revenue",
        channel_columns=channels,
        control_columns=[*controls, "trend"],
        adstock=GeometricAdstock(l_max=L_MAX),
        saturation=LogisticSaturation(),
        yearly_seasonality=2,
    )
    model.fit(
        frame.drop(columns="revenue"),
        frame["revenue"],
        progressbar=False,
        random_seed=options.seed,
        chains=4,
        cores=options.cores,
        tune=1000,
        draws=1000,
        nuts_sampler="nutpie",
    )
    return model, channels


def roas(model: Any, frame: Any, channels: list[str]) -> Any:
    """Return ROAS draws, (C, S)."""
    import numpy as np

    posterior = model.idata.posterior
    flat = {
        name: posterior[name].stack(sample=("chain", "draw")).transpose("channel", "sample").sel(channel=channels)
        for name in ("adstock_alpha", "saturation_lam", "saturation_beta")
    }
    alpha, lam, beta = (flat[name].to_numpy() for name in ("adstock_alpha", "saturation_lam", "saturation_beta"))
    spend = frame[channels].to_numpy().T
    scale = np.asarray(model.scalers["_channel"]).reshape(-1)
    target = float(np.asarray(model.scalers["_target"]).reshape(-1)[0])
    weights = alpha[:, None] ** np.arange(L_MAX)[None, :, None]
    weights = weights / weights.sum(axis=1, keepdims=True)
    result = np.empty_like(alpha)
    for c in range(len(channels)):
        padded = np.concatenate([np.zeros(L_MAX - 1), spend[c] / scale[c], np.zeros(L_MAX)])
        lagged = np.stack([padded[L_MAX - 1 - lag : len(padded) - lag] for lag in range(L_MAX)], axis=1)
        stock = lagged @ weights[c]
        effect = (1.0 - np.exp(-lam[c] * stock)) / (1.0 + np.exp(-lam[c] * stock)) * beta[c] * target
        result[c] = effect.sum(axis=0) / spend[c].sum()
    check(model, result, spend, target)
    return result


def check(model: Any, found: Any, spend: Any, target: float) -> None:
    """Hold our arithmetic to its own contributions: they lack only what comes after the window."""
    import numpy as np

    own = model.idata.posterior["channel_contribution"].sum("date").stack(sample=("chain", "draw"))
    own = own.transpose("channel", "sample").to_numpy() * target / spend.sum(axis=1)[:, None]
    ratio = float(np.median(found / own))
    if not 0.99 < ratio < 1.25:
        raise ValueError(f"ROAS is {ratio:.2f} times what the model's own contributions say")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("markets", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cores", type=int, default=2)
    options = parser.parse_args()

    import arviz as az
    import numpy as np
    import pandas as pd
    from pymc_marketing import __version__

    for path in sorted(options.markets.glob("*.csv"), key=lambda path: int(path.stem)):
        frame = pd.read_csv(path, parse_dates=["date"])
        started = time.perf_counter()
        model, channels = fit(frame, options)
        seconds = time.perf_counter() - started
        free = model.idata.posterior.to_dataset()[[variable.name for variable in model.model.free_RVs]]
        np.save(options.out / f"{path.stem}.npy", roas(model, frame, channels).astype(np.float32))
        row = {
            "seconds": seconds,
            "max_rhat": max(float(value.max()) for value in az.rhat(free).data_vars.values()),
            "min_ess": min(float(value.min()) for value in az.ess(free).data_vars.values()),
            "divergences": int(model.idata.sample_stats["diverging"].sum()),
            "version": __version__,
        }
        (options.out / f"{path.stem}.json").write_text(json.dumps(row), encoding="utf-8")
        print(path.stem, f"{seconds:.1f} s", flush=True)


if __name__ == "__main__":
    main()
