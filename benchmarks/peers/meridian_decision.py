"""One company's fit and plan in Meridian (JAX), run with its environment's interpreter: ``… TASK.json OUT.json``.

Its default model (``ModelSpec()``: geometric adstock over 8 weeks, Hill, ROI priors of its own; one knot where there is
one geo), with the data's controls; ``"waves": true`` in the task gives it a linear trend and two yearly waves as
controls as well, since its national default has neither. The plan is its ``BudgetOptimizer``'s over the last weeks of
the data, the same budget and the same bounds; its ratio to what was spent is laid on the baseline's weeks.

ROAS and uplift are worked out from the posterior's own adstock and Hill, in the words of the benchmark: what the spend
brings week by week, carry-in and carryover included. Its own report has no interval on an uplift.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import time
import warnings
from importlib import metadata
from pathlib import Path
from typing import Any

from answers import asked, of_the_decision

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("JAX_PLATFORMS", "cpu")
warnings.filterwarnings("ignore")

MAX_LAG = 8
DRAWS = 1000
ADAPT, BURN_IN, KEEP, CHAINS = 500, 500, 1000, 4


def read(task: dict[str, Any], folder: Path) -> tuple[Any, list[str]]:
    """Return the data, and the names of the controls."""
    import numpy as np
    import pandas as pd

    frame = pd.read_csv(folder / task["data"])
    controls = list(task["controls"])
    if task["waves"]:
        day = pd.to_datetime(frame["week"]).dt.dayofyear.to_numpy()
        frame["trend"] = np.linspace(-1.0, 1.0, len(frame))
        for order in (1, 2):
            frame[f"sine_{order}"] = np.sin(2 * np.pi * order * day / 365.25)
            frame[f"cosine_{order}"] = np.cos(2 * np.pi * order * day / 365.25)
        controls += ["trend", "sine_1", "cosine_1", "sine_2", "cosine_2"]
    frame["value"] = task["value"]
    return frame, controls


def fit(frame: Any, task: dict[str, Any], controls: list[str]) -> Any:
    from meridian.data import data_frame_input_data_builder
    from meridian.model import model, spec

    names = [channel["name"] for channel in task["channels"]]
    money = [channel["spend"] for channel in task["channels"]]
    media = [channel["exposure"] or channel["spend"] for channel in task["channels"]]
    priced = task["value"] != 1.0
    builder = data_frame_input_data_builder.DataFrameInputDataBuilder(
        kpi_type="non_revenue" if priced else "revenue",
        default_kpi_column=task["outcome"],
        default_time_column="week",
        default_media_time_column="week",
    )
    builder = builder.with_kpi(frame)
    if priced:
        builder = builder.with_revenue_per_kpi(frame, revenue_per_kpi_col="value")
    if controls:
        builder = builder.with_controls(frame, control_cols=controls)
    if task["organic"]:
        builder = builder.with_organic_media(frame, organic_media_cols=task["organic"])
    builder = builder.with_media(frame, media_cols=media, media_spend_cols=money, media_channels=names)
    meridian = model.Meridian(input_data=builder.build(), model_spec=spec.ModelSpec())
    with contextlib.redirect_stdout(io.StringIO()):
        meridian.sample_posterior(n_chains=CHAINS, n_adapt=ADAPT, n_burnin=BURN_IN, n_keep=KEEP, seed=task["seed"])
    return meridian


class Effects:
    """Weekly effects of any media by the posterior, some draws S of it."""

    def __init__(self, meridian: Any, frame: Any, task: dict[str, Any]) -> None:
        import numpy as np

        posterior = meridian.inference_data.posterior
        names = [channel["name"] for channel in task["channels"]]

        def flat(name: str) -> Any:
            values = posterior[name].stack(sample=("chain", "draw"))  # noqa: PD013
            if "geo" in values.dims:
                values = values.isel(geo=0)
            found = values.transpose("media_channel", "sample").sel(media_channel=names).to_numpy()
            return found[:, :: max(found.shape[1] // DRAWS, 1)]

        self.alpha, self.ec, self.slope, self.beta = map(flat, ("alpha_m", "ec_m", "slope_m", "beta_gm"))
        self.media = np.stack([frame[c["exposure"] or c["spend"]].to_numpy(dtype=float) for c in task["channels"]])
        self.spend = np.stack([frame[c["spend"]].to_numpy(dtype=float) for c in task["channels"]])
        self.scale = np.array([np.median(row[row > 0]) for row in self.media])
        self.unit = float(frame[task["outcome"]].to_numpy(dtype=float).std())

    def __call__(self, media: Any) -> Any:
        """Return the effects of (C, N) media a week, (C, N, S) outcome units; there is none before."""
        import numpy as np

        weights = self.alpha[:, None] ** np.arange(MAX_LAG + 1)[None, :, None]
        weights = weights / weights.sum(axis=1, keepdims=True)
        padded = np.concatenate([np.zeros((len(media), MAX_LAG)), media / self.scale[:, None]], axis=1)
        lagged = np.stack([padded[:, MAX_LAG - lag : padded.shape[1] - lag] for lag in range(MAX_LAG + 1)], axis=2)
        stock = np.einsum("cnl,cls->cns", lagged, weights) ** self.slope[:, None]
        return stock / (stock + self.ec[:, None] ** self.slope[:, None]) * self.beta[:, None] * self.unit

    def bought(self, weeks: int) -> Any:
        """Return media units that money buys, as in the last weeks, (C,)."""
        import numpy as np

        money = self.spend[:, -weeks:].sum(axis=1)
        return self.media[:, -weeks:].sum(axis=1) / np.where(money > 0, money, 1.0)


def roas(meridian: Any, effects: Effects, task: dict[str, Any]) -> Any:
    """Return ROAS draws, (C, S): outcome lost if the window's spend were zero, what comes after it included."""
    import numpy as np
    from meridian.analysis import analyzer

    within = effects(effects.media)
    after = effects(np.concatenate([effects.media, np.zeros((len(effects.media), MAX_LAG))], axis=1))
    study = analyzer.Analyzer(model_context=meridian.model_context, inference_data=meridian.inference_data)
    own = np.asarray(
        study.incremental_outcome(include_non_paid_channels=False, aggregate_geos=True, aggregate_times=True)
    )
    own = own.reshape(-1, own.shape[-1]).mean(axis=0)
    ratio = within.sum(axis=1).mean(axis=1) * task["value"] / own
    if not np.allclose(ratio, 1.0, atol=0.05):
        raise ValueError(f"contributions are {ratio} times what its own analyser says")
    return after.sum(axis=1) / effects.spend.sum(axis=1)[:, None] * task["value"]


def plan(meridian: Any, frame: Any, task: dict[str, Any]) -> Any:
    """Return its plan as money by week, (C, T): the baseline's weeks times what it does to each channel."""
    import numpy as np
    from meridian.analysis import optimizer

    days, baseline = frame["week"].tolist(), np.array(task["baseline"])
    with contextlib.redirect_stdout(io.StringIO()):
        results = optimizer.BudgetOptimizer(meridian).optimize(
            start_date=days[-baseline.shape[1]],
            end_date=days[-1],
            spend_constraint_lower=task["change"],
            spend_constraint_upper=task["change"],
        )
    names = [channel["name"] for channel in task["channels"]]
    wanted = results.optimized_data["spend"].sel(channel=names).to_numpy()
    spent = baseline.sum(axis=1)
    return baseline * (wanted / np.where(spent > 0, spent, 1.0))[:, None]


def uplift(effects: Effects, planned: Any, task: dict[str, Any]) -> Any:
    """Return draws of what the plan brings over the baseline, (S,), the same spend before and after."""
    import numpy as np

    baseline = np.array(task["baseline"])
    price = effects.bought(baseline.shape[1])[:, None]

    def total(horizon: Any) -> Any:
        future = np.concatenate([horizon, np.array(task["tail"])], axis=1) * price
        return effects(np.concatenate([effects.media, future], axis=1))[:, effects.media.shape[1] :].sum(axis=(0, 1))

    return total(planned) - total(baseline)


def max_rhat(meridian: Any) -> float:
    """Return the largest R-hat of what moves; constants, such as the slope of 1, have none."""
    import arviz as az

    posterior = meridian.inference_data.posterior
    names = [
        name
        for name, values in posterior.data_vars.items()
        if "time" not in values.dims and float(values.std(("chain", "draw")).max()) > 0
    ]
    return max(float(values.max()) for values in az.rhat(posterior[names]).data_vars.values())


def main() -> None:
    options = asked(__doc__)
    started = time.perf_counter()

    task = json.loads(options.task.read_text(encoding="utf-8"))
    frame, controls = read(task, options.task.parent)
    meridian = fit(frame, task, controls)
    effects = Effects(meridian, frame, task)
    draws = roas(meridian, effects, task)
    fitted = time.perf_counter() - started
    planned = plan(meridian, frame, task)
    gain = uplift(effects, planned, task)
    by_channel = {one["name"]: row for one, row in zip(task["channels"], draws, strict=True)}
    result = of_the_decision(by_channel, planned, gain) | {
        "trouble": "",
        "max_rhat": max_rhat(meridian),
        "fit_s": fitted,
        "wall_s": time.perf_counter() - started,
        "cpu_s": time.process_time(),
        "versions": {name: metadata.version(name) for name in ("google-meridian", "jax")},
    }
    options.out.write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main()
