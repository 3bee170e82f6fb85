"""What is to be planned, and how it is handed to a tool: the company's data file and the question in JSON."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mmm.arrays import FloatArray
from simulations.market.planning import PlanTask, bought_only
from simulations.market.protocol import SimulatedMarket

DATA_FILE, TASK_FILE = "weekly.csv", "task.json"


def evenly(plan: FloatArray) -> FloatArray:
    """Return the plan with each channel's total spread evenly over its weeks, (C, T)."""
    return np.repeat(plan.mean(axis=1, keepdims=True), plan.shape[1], axis=1)


def write_csv(market: SimulatedMarket, folder: Path, *, national: bool = False) -> Path:
    """Write the data file that a tool reads; ``national`` adds up geos, and takes the mean of their controls."""
    path = folder / DATA_FILE
    frame = market.frame
    if national and "geo" in frame:
        controls = list(market.settings.get("controls", []))
        how = {name: "mean" if name in controls else "sum" for name in frame.columns if name not in ("week", "geo")}
        frame = frame.groupby("week", sort=True, as_index=False).agg(how)
    for name, digits in market.decimals.items():
        frame[name] = np.round(frame[name].to_numpy(dtype=np.float64), digits)
    frame["week"] = pd.to_datetime(frame["week"]).dt.strftime("%Y-%m-%d")
    frame.to_csv(path, index=False)
    return path


def question(market: SimulatedMarket, task: PlanTask, seed: int) -> dict[str, Any]:
    """Return the task as a peer's script reads it."""
    settings = bought_only(market.settings)
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
