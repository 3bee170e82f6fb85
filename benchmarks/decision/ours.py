"""This package's answer, at its defaults: the data file read, fitted and planned as the command line does it."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.decision.tasks import write_csv
from mmm.response.calendar import WEEK
from optimizer.allocation import Allocation
from optimizer.brief import Brief
from optimizer.solve import allocate
from simulations.market.planning import PlanTask, bought_only
from simulations.market.protocol import SimulatedMarket

#: Seconds a plan may take; what is found by then is returned, with its bound.
PATIENCE = 120.0


def answer(market: SimulatedMarket, task: PlanTask, seed: int) -> dict[str, Any]:
    """Fit once and plan twice: by week, as the package does, and by channel totals, as its peers do."""
    from mmm import ModelSpec, fit_model, read_panel

    started, cpu = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_csv(market, folder)
        spec = ModelSpec.model_validate(bought_only(market.settings))
        fit = fit_model(spec, read_panel(spec, folder), seed=seed, progress=False)
    summary = fit.summary()
    fitted = time.perf_counter() - started
    plans = {}
    for granularity in ("week", "total"):
        rules = [{"channels": "all", "change_vs_baseline": task.change}]
        horizon = {"start": (market.weeks[-1] + WEEK).astype(object), "weeks": len(task.calendar.weeks)}
        brief = Brief.model_validate({"horizon": horizon, "granularity": granularity, "constraints": rules})
        plans[granularity] = _claimed(allocate(brief.problem(fit.response), time_limit=PATIENCE), market)
    return {
        "roas": {
            name: {key: one["roas"][key] for key in ("mean", "q05", "q95")} for name, one in summary["channels"].items()
        },
        **plans["week"],
        "totals": plans["total"],
        "trouble": "",
        "max_rhat": summary["diagnostics"]["max_rhat"],
        "verdict": summary["verdict"]["outcome"],
        "fit_s": fitted,
        "wall_s": time.perf_counter() - started,
        "cpu_s": time.process_time() - cpu,
    }


def _claimed(found: Allocation, market: SimulatedMarket) -> dict[str, Any]:
    order = [found.problem.channels.index(name) for name in market.names]
    money = market.value if found.problem.outcome_is_money else 1.0
    return {
        "plan": found.spend[order].tolist(),
        "uplift": {key: value / money for key, value in found.uplift.as_dict().items()},
        "p_beats": found.p_beats_baseline,
        "gap": found.gap,
        "plan_s": found.seconds,
    }
