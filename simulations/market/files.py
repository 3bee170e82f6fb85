"""What a market leaves on disk: the company's data and model file, and the truth in a folder apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from mmm.runs import write_json
from simulations.market.market import Market
from simulations.market.truth import truth_json

DATA_FILE = "weekly.csv"
MODEL_FILE = "model.yaml"
TRUTH_FOLDER = "truth"


def model_settings(market: Market) -> dict[str, Any]:
    """Return the least model file that fits the market's data: names of columns, nothing of the truth."""
    world = market.world
    # A simulated week may lie after today.
    data: dict[str, Any] = {"file": DATA_FILE, "date": "week", "outcome": world.outcome.name, "allow_future": True}
    if world.outcome.value is not None:
        data["value_per_outcome"] = world.outcome.value
    channels: dict[str, dict[str, str]] = {}
    for name, spec in world.channels.items():
        channels[name] = {"spend": f"{name}_spend"}
        if spec.exposure is not None:
            channels[name]["exposure"] = f"{name}_{spec.exposure.name}"
    settings: dict[str, Any] = {"data": data, "channels": channels}
    if world.organic:
        settings["organic"] = list(world.organic)
    if world.controls:
        settings["controls"] = list(world.controls)
    settings["currency"] = world.currency
    if world.country is not None:
        settings["holidays"] = world.country
    return settings


def write_data(market: Market, folder: Path) -> Path:
    """Write ``weekly.csv``, the same bytes for the same market, and return its path."""
    path = folder / DATA_FILE
    digits = market.world.outcome.decimals
    shown = {market.world.outcome.name: digits}
    shown |= {f"{name}_spend": 2 for name in market.names}
    shown |= {name: 0 if spec.volume.books_in.is_integer() else 2 for name, spec in market.world.organic.items()}
    shown |= {name: spec.decimals for name, spec in market.world.controls.items()}
    _write_csv(market.frame, path, shown)
    return path


def write_truth(market: Market, folder: Path) -> Path:
    """Write ``truth/truth.json`` and ``truth/weekly.csv`` (outcome units by cause) and return the folder."""
    truth = folder / TRUTH_FOLDER
    truth.mkdir(exist_ok=True)
    write_json(truth / "truth.json", truth_json(market))
    frame = market.truth.to_frame()
    _write_csv(frame, truth / "weekly.csv", {str(name): 2 for name in frame.columns if name != "week"})
    return truth


def write_model(market: Market, folder: Path) -> Path:
    """Write a ``model.yaml`` that fits the data and return its path."""
    path = folder / MODEL_FILE
    head = "# Written with the data by 'mixwise market'. Next: mixwise check model.yaml\n"
    body = yaml.safe_dump(model_settings(market), sort_keys=False, allow_unicode=True)
    path.write_text(head + body, encoding="utf-8")
    return path


def _write_csv(frame: pd.DataFrame, path: Path, digits: dict[str, int]) -> None:
    """Write with a fixed number of decimals a column, Unix line ends and no negative zero."""
    text = frame.copy()
    text["week"] = text["week"].dt.strftime("%Y-%m-%d")
    for name, count in digits.items():
        text[name] = [f"{round(float(value), count) + 0.0:.{count}f}" for value in text[name]]
    text.to_csv(path, index=False, lineterminator="\n")
