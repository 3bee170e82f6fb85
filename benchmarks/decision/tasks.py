"""What is to be planned, and how it is handed to a tool: the company's data file and the question in JSON."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mmm.arrays import FloatArray
from mmm.response.calendar import WEEK, SpendCalendar, weeks_from
from simulations.backtest import PlanTask
from simulations.market.protocol import SimulatedMarket

WEEKS = 13
#: Each channel's total may leave the baseline's by this share.
CHANGE = 0.3
#: No week of a plan above this multiple of the largest one observed: the optimiser's own rule, asked of the oracle too.
OBSERVED = 1.5
DATA_FILE, TASK_FILE = "weekly.csv", "task.json"


def recorded_spend(market: SimulatedMarket) -> FloatArray:
    """Return what the company's books say was spent, over all geos, (C, T): what every tool sees."""
    frame = market.frame
    columns = [f"{name}_spend" for name in market.names]
    return np.asarray(frame.groupby("week", sort=True)[columns].sum().to_numpy().T, dtype=np.float64)


def plan_task(market: SimulatedMarket) -> PlanTask:
    """Return the task: the weeks right after the data, with the last weeks' money, which goes on after them."""
    recent = np.maximum(recorded_spend(market)[:, -WEEKS:], 0.0)
    start, tail = market.weeks[-1] + WEEK, market.tail_weeks
    calendar = SpendCalendar(
        channels=market.names,
        bridge_weeks=weeks_from(start, 0),
        bridge=np.empty((len(recent), 0)),
        weeks=weeks_from(start, WEEKS),
        baseline=recent,
        tail_weeks=weeks_from(start + WEEKS * WEEK, tail),
        tail=recent[:, np.arange(tail) % WEEKS],
    )
    return PlanTask(calendar, float(recent.sum()), CHANGE)


def caps(market: SimulatedMarket) -> FloatArray:
    """Return the most that a week of each channel may spend, (C,)."""
    return np.asarray(OBSERVED * recorded_spend(market).max(axis=1), dtype=np.float64)


def evenly(plan: FloatArray) -> FloatArray:
    """Return the plan with each channel's total spread evenly over its weeks, (C, T)."""
    return np.repeat(plan.mean(axis=1, keepdims=True), plan.shape[1], axis=1)


def write_csv(market: SimulatedMarket, folder: Path) -> Path:
    """Write the data file that every tool reads."""
    path = folder / DATA_FILE
    frame = market.frame
    for name, digits in market.decimals.items():
        frame[name] = np.round(frame[name].to_numpy(dtype=np.float64), digits)
    frame["week"] = pd.to_datetime(frame["week"]).dt.strftime("%Y-%m-%d")
    frame.to_csv(path, index=False)
    return path


def question(market: SimulatedMarket, task: PlanTask, seed: int) -> dict[str, Any]:
    """Return the task as a peer's script reads it."""
    settings = market.settings
    channels = [
        {"name": name, "spend": one["spend"], "exposure": one.get("exposure")}
        for name, one in settings["channels"].items()
    ]
    return {
        "data": DATA_FILE,
        "outcome": settings["data"]["outcome"],
        "value": market.value,
        "geos": list(market.geos),
        "channels": channels,
        "controls": list(settings.get("controls", [])),
        "organic": list(settings.get("organic", [])),
        "baseline": task.calendar.baseline.tolist(),
        "tail": task.calendar.tail.tolist(),
        "change": task.change,
        "seed": seed,
    }


def digest(market: SimulatedMarket, task: PlanTask) -> str:
    """Return a short hash of all that a tool is told; an answer to another question does not count."""
    said = hashlib.sha256(market.frame.to_csv(index=False).encode())
    said.update(json.dumps([question(market, task, 0), market.settings], sort_keys=True, default=str).encode())
    return said.hexdigest()[:16]
