"""One company's fit and plan in PyMC-Marketing, run with its environment's interpreter: ``… TASK.json OUT.json``.

Its documented set-up: geometric adstock over 12 weeks, logistic saturation and priors of its own, two yearly waves, a
linear trend and the controls scaled to about 1. The plan is its ``budget_optimizer``'s: one amount a week and channel,
spent evenly, each within the task's share of the baseline's mean week.

ROAS and uplift are worked out from the posterior's own adstock and saturation, in the words of the benchmark: what the
spend brings week by week, carry-in and carryover included. Its own report has no uplift over weeks that vary.
"""

from __future__ import annotations

import json
import time
import warnings
from importlib import metadata
from pathlib import Path
from typing import Any

from answers import asked, of_the_decision

warnings.filterwarnings("ignore")

L_MAX = 12
DRAWS = 1000


def read(task: dict[str, Any], folder: Path) -> tuple[Any, list[str]]:
    """Return the data with scaled controls and a trend, and the names of the controls."""
    import numpy as np
    import pandas as pd

    frame = pd.read_csv(folder / task["data"], parse_dates=["week"])
    controls = [*task["controls"], *task["organic"]]
    for name in controls:
        frame[name] = (frame[name] - frame[name].mean()) / (frame[name].std() or 1.0)
    frame["trend"] = np.linspace(-1.0, 1.0, len(frame))
    return frame, [*controls, "trend"]


def fit(frame: Any, task: dict[str, Any], controls: list[str]) -> Any:
    from pymc_marketing.mmm import MMM, GeometricAdstock, LogisticSaturation

    channels = [channel["spend"] for channel in task["channels"]]
    model = MMM(
        date_column="week",
        target_column=task["outcome"],
        channel_columns=channels,
        control_columns=controls,
        adstock=GeometricAdstock(l_max=L_MAX),
        saturation=LogisticSaturation(),
        yearly_seasonality=2,
    )
    model.fit(
        frame[["week", *channels, *controls]],
        frame[task["outcome"]],
        progressbar=False,
        random_seed=task["seed"],
        chains=4,
        cores=task["cores"],
        tune=1000,
        draws=1000,
        nuts_sampler="nutpie",
    )
    return model


class Effects:
    """Weekly effects of any spend by the posterior, some draws S of it.

    Parameters
    ----------
    model : MMM
    channels : list of str
    """

    def __init__(self, model: Any, channels: list[str]) -> None:
        import numpy as np

        posterior = model.idata.posterior
        names = ("adstock_alpha", "saturation_lam", "saturation_beta")
        flat = [
            posterior[name].stack(sample=("chain", "draw")).transpose("channel", "sample").sel(channel=channels)  # noqa: PD013
            for name in names
        ]
        every = max(flat[0].shape[1] // DRAWS, 1)
        self.alpha, self.lam, self.beta = (one.to_numpy()[:, ::every] for one in flat)
        self.scale = np.asarray(model.scalers["_channel"]).reshape(-1)
        self.target = float(np.asarray(model.scalers["_target"]).reshape(-1)[0])

    def __call__(self, spend: Any) -> Any:
        """Return the effects of (C, N) money a week, (C, N, S) outcome units; nothing is spent before."""
        import numpy as np

        weights = self.alpha[:, None] ** np.arange(L_MAX)[None, :, None]
        weights = weights / weights.sum(axis=1, keepdims=True)
        padded = np.concatenate([np.zeros((len(spend), L_MAX - 1)), spend / self.scale[:, None]], axis=1)
        lagged = np.stack([padded[:, L_MAX - 1 - lag : padded.shape[1] - lag] for lag in range(L_MAX)], axis=2)
        drive = self.lam[:, None] * np.einsum("cnl,cls->cns", lagged, weights)
        return (1.0 - np.exp(-drive)) / (1.0 + np.exp(-drive)) * self.beta[:, None] * self.target


def roas(model: Any, effects: Effects, spend: Any) -> Any:
    """Return ROAS draws, (C, S): outcome lost if the window's spend were zero, what comes after it included."""
    import numpy as np

    after = np.zeros((len(spend), L_MAX))
    found = effects(np.concatenate([spend, after], axis=1)).sum(axis=1) / spend.sum(axis=1)[:, None]
    own = model.idata.posterior["channel_contribution"].sum("date").mean(("chain", "draw")).to_numpy() * effects.target
    ratio = float(np.median(found.mean(axis=1) / (own / spend.sum(axis=1))))
    if not 0.97 < ratio < 1.25:
        raise ValueError(f"ROAS is {ratio:.2f} times what the model's own contributions say")
    return found


def plan(model: Any, frame: Any, task: dict[str, Any], controls: list[str]) -> tuple[list[float], str]:
    """Return its weekly money by channel, (C,), and what went wrong: then the money is where its search stopped."""
    import numpy as np
    import pandas as pd
    from pymc_marketing.mmm.budget_optimizer import MinimizeException

    channels = [channel["spend"] for channel in task["channels"]]
    usual = dict(zip(channels, np.mean(task["baseline"], axis=1).tolist(), strict=True))
    weeks = len(task["baseline"][0])
    first = frame["week"].max() + pd.Timedelta(weeks=1)
    last = first + pd.Timedelta(weeks=weeks - 1)
    span = weeks + int(model.effective_carryover_lags())
    future = pd.DataFrame({"week": pd.date_range(first, periods=span, freq="7D")})
    for name in controls:
        future[name] = np.resize(frame[name].to_numpy()[-52:], span)
    low, high = 1.0 - task["change"], 1.0 + task["change"]
    optimizer = model.budget_optimizer(first, last, control_data=future)
    asked = {
        "total_budget": float(sum(usual.values())),
        "budget_bounds": {name: (low * money, high * money) for name, money in usual.items()},
    }
    trouble = ""
    try:
        found = optimizer.allocate_budget(**asked)
    except MinimizeException as error:
        trouble = str(error)
        found = optimizer.allocate_budget(**asked, return_if_fail=True)
    return [float(money) for money in found.budgets.sel(channel=channels).to_numpy()], trouble


def uplift(effects: Effects, spend: Any, even: Any, task: dict[str, Any]) -> Any:
    """Return draws of what the plan brings over the baseline, (S,), the same spend before and after."""
    import numpy as np

    def total(horizon: Any) -> Any:
        whole = np.concatenate([spend, horizon, np.array(task["tail"])], axis=1)
        return effects(whole)[:, spend.shape[1] :].sum(axis=(0, 1))

    return total(even) - total(np.array(task["baseline"]))


def main() -> None:
    options = asked(__doc__)
    started = time.perf_counter()

    import arviz as az
    import numpy as np

    task = json.loads(options.task.read_text(encoding="utf-8"))
    frame, controls = read(task, options.task.parent)
    model = fit(frame, task, controls)
    channels = [channel["spend"] for channel in task["channels"]]
    spend = frame[channels].to_numpy().T
    effects = Effects(model, channels)
    draws = roas(model, effects, spend) * task["value"]
    fitted = time.perf_counter() - started
    weekly, trouble = plan(model, frame, task, controls)
    even = np.repeat(np.array(weekly)[:, None], len(task["baseline"][0]), axis=1)
    gain = uplift(effects, spend, even, task)
    free = model.idata.posterior.to_dataset()[[variable.name for variable in model.model.free_RVs]]
    by_channel = {one["name"]: row for one, row in zip(task["channels"], draws, strict=True)}
    result = of_the_decision(by_channel, even, gain) | {
        "trouble": trouble,
        "max_rhat": max(float(value.max()) for value in az.rhat(free).data_vars.values()),
        "divergences": int(model.idata.sample_stats["diverging"].sum()),
        "fit_s": fitted,
        "wall_s": time.perf_counter() - started,
        "cpu_s": time.process_time(),
        "versions": {name: metadata.version(name) for name in ("pymc-marketing", "pymc", "nutpie")},
    }
    options.out.write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main()
