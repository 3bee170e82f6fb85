"""What a market leaves on disk: the company's data and model file, and the truth in a folder apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from mmm.data.lift_tests import LiftTest
from mmm.runs import write_json
from simulations.market.frames import DATA_FILE, TESTS_FILE
from simulations.market.protocol import SimulatedMarket
from simulations.market.truth import truth_json

MODEL_FILE = "model.yaml"
TRUTH_FOLDER = "truth"
_TEST_COLUMNS = ("name", "channel", "geos", "start", "end", "measured_to", "spend_change", "lift", "standard_error")


def model_settings(market: SimulatedMarket) -> dict[str, Any]:
    """Return the least model file that fits the market's data: names of columns, nothing of the truth."""
    return market.settings


def write_data(market: SimulatedMarket, folder: Path) -> Path:
    """Write ``weekly.csv``, the same bytes for the same market, and return its path."""
    path = folder / DATA_FILE
    _write_csv(market.frame, path, dict(market.decimals))
    return path


def write_truth(market: SimulatedMarket, folder: Path) -> Path:
    """Write ``truth/truth.json`` and ``truth/weekly.csv`` (outcome units by cause) and return the folder."""
    truth = folder / TRUTH_FOLDER
    truth.mkdir(exist_ok=True)
    found = market.truth
    write_json(truth / "truth.json", truth_json(market, found))
    frame = found.to_frame()
    _write_csv(frame, truth / "weekly.csv", {str(name): 2 for name in frame.columns if name != "week"})
    return truth


def write_model(market: SimulatedMarket, folder: Path) -> Path:
    """Write a ``model.yaml`` that fits the data and return its path."""
    path = folder / MODEL_FILE
    head = "# Written with the data by 'mixwise market'. Next: mixwise check model.yaml\n"
    body = yaml.safe_dump(market.settings, sort_keys=False, allow_unicode=True)
    path.write_text(head + body, encoding="utf-8")
    return path


def write_tests(tests: tuple[LiftTest, ...], folder: Path) -> Path:
    """Write ``tests.csv``, the company's experiments, and return its path."""
    path = folder / TESTS_FILE
    rows = [
        {
            "name": test.name,
            "channel": test.channel,
            "geos": "; ".join(test.geos),
            "start": test.start,
            "end": test.end,
            "measured_to": test.measured_to,
            "spend_change": f"{test.spend_change:.2f}",
            "lift": f"{test.lift:.10g}",
            "standard_error": f"{test.standard_error:.10g}",
        }
        for test in tests
    ]
    shown = [name for name in _TEST_COLUMNS if name != "geos" or any(test.geos for test in tests)]
    pd.DataFrame(rows, columns=shown).to_csv(path, index=False, lineterminator="\n")
    return path


def _write_csv(frame: pd.DataFrame, path: Path, digits: dict[str, int]) -> None:
    """Write with a fixed number of decimals a column, Unix line ends and no negative zero."""
    text = frame.copy()
    text["week"] = text["week"].dt.strftime("%Y-%m-%d")
    for name, count in digits.items():
        text[name] = [f"{round(float(value), count) + 0.0:.{count}f}" for value in text[name]]
    text.to_csv(path, index=False, lineterminator="\n")
