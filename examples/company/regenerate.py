"""Make weekly.csv, truth/ and tests.csv again from world.yaml: the same bytes every time.

$ python examples/company/regenerate.py [FOLDER]

Without FOLDER the files beside this script are rewritten.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from simulations import World, simulate_market
from simulations.market.files import write_data, write_truth
from simulations.market.market import Market

HERE = Path(__file__).resolve().parent
#: Conversion-lift studies, in which platforms withhold ads from people drawn by lot: channel, first week, weeks, weeks
#: that are measured afterwards, standard error over lift.
STUDIES = (("search", "2025-03-03", 6, 2, 0.15), ("social", "2026-02-02", 8, 4, 0.2))
SEED = 11


def lift(market: Market, channel: str, first: int, weeks: int, after: int) -> float:
    """Return what the spend of some weeks truly sold, up to so many weeks after them, by rerunning without it."""
    spend = market.spend[market.names.index(channel)].copy()
    spend[first : first + weeks] = 0.0
    caused = market.effects()[channel] - market.effects({channel: spend})[channel]
    return float(caused[first : first + weeks + after].sum())


def write_tests(market: Market, folder: Path) -> Path:
    """Write what each study measured: the true lift, and an error drawn from its standard error."""
    rng = np.random.default_rng(SEED)
    rows = ["name,channel,start,end,measured_to,spend_change,lift,standard_error"]
    for channel, start, weeks, after, error in STUDIES:
        first = int(np.flatnonzero(market.weeks == np.datetime64(start))[0])
        true = lift(market, channel, first, weeks, after)
        spent = market.spend[market.names.index(channel), first : first + weeks].sum()
        dates = [market.weeks[first + step] for step in (0, weeks - 1, weeks + after - 1)]
        figures = f"{spent:.2f},{true * (1.0 + error * rng.standard_normal()):.0f},{true * error:.0f}"
        rows.append(f"{channel} study,{channel},{','.join(map(str, dates))},{figures}")
    path = folder / "tests.csv"
    path.write_bytes(("\n".join(rows) + "\n").encode())
    return path


def main(folder: Path) -> None:
    market = simulate_market(World.from_yaml(HERE / "world.yaml"))
    folder.mkdir(parents=True, exist_ok=True)
    print(write_data(market, folder))
    print(write_truth(market, folder))
    print(write_tests(market, folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
