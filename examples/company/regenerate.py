"""Make weekly.csv and truth/ again from world.yaml: the same bytes every time.

$ python examples/company/regenerate.py [FOLDER]

Without FOLDER the files beside this script are rewritten.
"""

from __future__ import annotations

import sys
from pathlib import Path

from simulations import World, simulate_market
from simulations.market.files import write_data, write_truth

HERE = Path(__file__).resolve().parent


def main(folder: Path) -> None:
    market = simulate_market(World.from_yaml(HERE / "world.yaml"))
    folder.mkdir(parents=True, exist_ok=True)
    print(write_data(market, folder))
    print(write_truth(market, folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
