"""What every row's study shares: cells by market that workers share out, options, and results that are written."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks import common
from benchmarks.model.cells import FIT_SOURCES, Store, run_workers, source_key

SOURCES = (
    *FIT_SOURCES, "mmm/findings.py", "benchmarks/reliability", "benchmarks/model/curves.py",
    "benchmarks/model/mechanism.py", "benchmarks/model/worlds.py", "benchmarks/model/posterior_figures.py",
)  # fmt: skip
#: A cell: its name → its figures.
Cell = Callable[[str], dict[str, Any]]


def parser(description: str | None) -> argparse.ArgumentParser:
    """Return a parser with the options that every row has."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--workers", type=int, default=2)
    made.add_argument("--worker", default=None, help=argparse.SUPPRESS)
    return made


def run(row: str, names: Sequence[str], cell: Cell, options: argparse.Namespace) -> list[dict[str, Any]] | None:
    """Work out every cell that is not kept yet, in several processes, and return all; None in a worker.

    Parameters
    ----------
    row : str
        Module of the study, ``benchmarks.reliability.<row>``.
    names : sequence of str
        Of cells.
    """
    store = Store.of(f"reliability_{row}", source_key(SOURCES))
    if options.worker is not None:
        for name in json.loads(options.worker):
            figures = cell(name)
            store.write(name, {"cell": name, **figures})
            print(f"{name}: {figures.get('seconds', 0.0):.1f} s", flush=True)
        return None
    missing = [name for name in names if store.read(name) is None]
    shares = [missing[i :: options.workers] for i in range(options.workers)]
    code = run_workers(f"benchmarks.reliability.{row}", [["--worker", json.dumps(share)] for share in shares if share])
    if code:
        raise SystemExit(f"A worker ended with {code}; run the same command again to go on.")
    return [found for name in names if (found := store.read(name)) is not None]


def markets(
    row: str,
    about: str | None,
    first: int,
    count: int,
    cell: Callable[[int], dict[str, Any]],
    arguments: Sequence[str] | None,
) -> tuple[dict[str, Any], list[dict[str, Any]] | None]:
    """Work out a row whose cells are markets by seed; returns the result's head, and None for the cells in a worker.

    Parameters
    ----------
    row, about : str
        Module of the study and what it says of itself.
    first, count : int
        Seed of the first market; how many there are unless ``--markets`` says otherwise.
    """
    own = parser(about)
    own.add_argument("--markets", type=int, default=count)
    options = own.parse_args(arguments)
    head = common.start()
    names = [str(first + i) for i in range(options.markets)]
    return head, run(row, names, lambda name: cell(int(name)), options)
