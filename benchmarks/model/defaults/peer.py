"""PyMC-Marketing on the study's markets, in its own environment: ROAS by the same definition."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import common
from benchmarks.model.cells import Store, one_thread, source_key
from benchmarks.model.defaults.fitting import about
from benchmarks.model.defaults.markets import study_market
from benchmarks.model.posterior_figures import channel_figures

RUNNER = "benchmarks/peers/pymc_marketing_roas.py"
SOURCES = (RUNNER, "benchmarks/model/curves.py", "benchmarks/model/mechanism.py", "benchmarks/model/worlds.py",
           "benchmarks/model/defaults/markets.py")  # fmt: skip


def run_peer(python: str | None, markets: Sequence[int]) -> list[dict[str, Any]]:
    """Fit the markets that are not kept yet and return one row a market; nothing where the peer is absent."""
    if python is None:
        print("PyMC-Marketing is absent: --pymc-marketing names no interpreter.", file=sys.stderr, flush=True)
        return []
    store = Store.of("defaults_pymc_marketing", source_key(SOURCES))
    missing = [number for number in markets if store.read(str(number)) is None]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for number in missing:
            _frame(number).to_csv(folder / f"{number}.csv", index=False)
        if missing:
            finished = common.run(
                [python, str(common.ROOT / RUNNER), str(folder), str(store.folder)], env=one_thread(), limit=3 * 3600.0
            )
            if finished.code:
                print(f"PyMC-Marketing ended with {finished.code}: {finished.reason()}", file=sys.stderr, flush=True)
    return [row for number in markets if (row := _row(number, store)) is not None]


def _frame(number: int) -> pd.DataFrame:
    market = study_market(number).market
    columns = {"date": market.weeks.astype("datetime64[s]"), "revenue": market.outcome}
    columns |= {f"spend:{name}": series for name, series in zip(market.names, market.spend, strict=True)}
    return pd.DataFrame(columns | {f"control:{name}": series for name, series in market.controls.items()})


def _row(number: int, store: Store) -> dict[str, Any] | None:
    found = store.read(str(number))
    if found is None:
        return None
    study = study_market(number)
    draws = np.load(store.path(str(number), ".npy"))
    truth = study.market.roas
    figures = {name: channel_figures(draws[i], truth[name]) for i, name in enumerate(study.market.names)}
    return {**about(study), **found, "channels": figures}


if __name__ == "__main__":
    print(json.dumps([row["market"] for row in run_peer(sys.argv[1], [int(n) for n in sys.argv[2:]])]))
