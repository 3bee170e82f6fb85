"""The defaults study: ``python -m benchmarks.model.defaults [--select 24] [--confirm 42] [--workers 2]``.

Candidates compete on the selection markets; the winner (and what it is held against) is fitted anew on the
confirmation markets, whose figures nobody selected on. Cells are kept: an interrupted study goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from typing import Any

from benchmarks import common
from benchmarks.model.cells import FIT_SOURCES, Store, run_workers, source_key
from benchmarks.model.defaults import candidates, scores, tables
from benchmarks.model.defaults.fitting import fit_cell, slug
from benchmarks.model.defaults.markets import Design, study_market
from benchmarks.model.defaults.peer import run_peer
from benchmarks.model.defaults.stacking import stack_cell
from benchmarks.model.replay import Replay
from mmm.exceptions import MixwiseError

SOURCES = (
    *FIT_SOURCES, "benchmarks/model/curves.py", "benchmarks/model/mechanism.py", "benchmarks/model/worlds.py",
    "benchmarks/model/replay.py", "benchmarks/model/defaults/markets.py", "benchmarks/model/defaults/fitting.py",
    "benchmarks/model/defaults/candidates.py", "benchmarks/model/posterior_figures.py",
)  # fmt: skip

#: The cell of the plan that the truth would make.
ORACLE = "oracle"


def options_of(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--select", type=int, default=24, help="selection markets: numbers 0 to this")
    parser.add_argument("--confirm", type=int, default=42, help="confirmation markets: the numbers after those")
    parser.add_argument("--candidates", default=",".join(candidates.SINGLE), help="single forms, joined by commas")
    parser.add_argument("--no-stacks", action="store_true")
    parser.add_argument("--base", default="hill", help="what scores are compared with")
    parser.add_argument("--winner", default=None, help="confirm this candidate instead of the rule's choice")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--pymc-marketing", default=os.environ.get("PYMC_MARKETING_PYTHON"), metavar="PYTHON")
    parser.add_argument("--peer-markets", type=int, default=40, help="confirmation markets for PyMC-Marketing")
    parser.add_argument("--worker", default=None, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    options = options_of(arguments)
    store = Store.of("defaults", source_key(SOURCES))
    if options.worker is not None:
        return work(json.loads(options.worker), store)
    head = common.start()
    singles = known_forms(options.candidates.split(","))
    stacks = [] if options.no_stacks else [s.name for s in candidates.STACKS if set(s.members) <= set(singles)]
    chosen = list(range(options.select))
    fit_all(chosen, [*singles, *stacks], options.workers, store)
    selection = collect(chosen, [*singles, *stacks], store)
    best = scores.best_values(oracles(chosen, store), selection)
    found = {name: scores.figures(rows, best) for name, rows in selection.items()}
    base = options.base if options.base in found else next(iter(found))
    winner = options.winner or scores.winner(selection, found)
    print(f"Chosen in the selection half: {winner}", flush=True)
    unseen = list(range(options.select, options.select + options.confirm))
    names = list(dict.fromkeys([*(n for n in candidates.ALWAYS if n in found), base, winner]))
    fit_all(unseen, names, options.workers, store)
    confirmation = collect(unseen, names, store)
    best_unseen = scores.best_values(oracles(unseen, store), confirmation)
    confirmed = {name: scores.figures(rows, best_unseen) for name, rows in confirmation.items()}
    result = [
        tables.candidates_table(
            f"Confirmation: {len(unseen)} markets on which nothing was chosen", confirmed, confirmation, base
        ),
        tables.families_table(f"The winner, {winner}, by kind of market (confirmation)", confirmation[winner]),
        tables.candidates_table(f"Selection: {len(chosen)} markets", found, selection, base),
    ]
    peer = run_peer(options.pymc_marketing, unseen[: options.peer_markets])
    if peer:
        finished = {row["market"] for row in peer}
        beside = {
            f"Mixwise, {name}": [r for r in rows if r["market"] in finished] for name, rows in confirmation.items()
        }
        result.insert(1, tables.peer_table({"PyMC-Marketing": peer, **beside}))
    common.write(
        "defaults",
        head | {"model_key": store.folder.name},
        "The default form: candidates on markets of six families",
        result,
        {
            "rule": scores.RULE, "winner": winner, "confirmation": confirmed, "selection": found,
            "pymc_marketing": peer, "rows": confirmation,
        },
    )  # fmt: skip
    return 0


def known_forms(names: Sequence[str]) -> list[str]:
    """Return the candidates that this version's ``model.yaml`` understands, after saying which are left out."""
    from mmm import ModelSpec

    settings = study_market(0).market.settings()
    known = []
    for name in names:
        try:
            ModelSpec.model_validate(candidates.merge(settings, candidates.overlay(name)))
        except (ValueError, MixwiseError) as error:
            print(f"{name} is left out: {str(error).splitlines()[0]}", file=sys.stderr, flush=True)
        else:
            known.append(name)
    return known


def fit_all(markets: Sequence[int], names: Sequence[str], workers: int, store: Store) -> None:
    """Fit what is missing, like models one after the other in one process; then the stacks."""
    forms = list(dict.fromkeys(form for name in names for form in candidates.forms_of(name)))
    tasks = [
        (form, number)
        for form in forms
        for number in sorted(markets, key=lambda n: (Design(n).n_channels, Design(n).n_weeks, n))
        if store.read(f"{number}_{slug(form)}") is None
    ]
    share = [tasks[len(tasks) * i // workers : len(tasks) * (i + 1) // workers] for i in range(workers)]
    code = run_workers("benchmarks.model.defaults", [["--worker", json.dumps(part)] for part in share if part])
    if code:
        raise SystemExit(f"A worker ended with {code}; run the same command again to go on.")
    stacked = [(name, n) for name in names if candidates.stack_of(name) for n in markets]
    stacked += [(ORACLE, number) for number in markets]
    missing = [task for task in stacked if store.read(f"{task[1]}_{slug(task[0])}") is None]
    shares = [missing[i::workers] for i in range(workers)]
    run_workers("benchmarks.model.defaults", [["--worker", json.dumps(part)] for part in shares if part])


def work(tasks: Sequence[tuple[str, int]], store: Store) -> int:
    """Do a worker's cells."""
    for name, number in tasks:
        stack = candidates.stack_of(name)
        if name == ORACLE:
            row = oracle_cell(number)
        else:
            row = stack_cell(number, stack, store) if stack else fit_cell(number, name, store)
        store.write(f"{number}_{slug(name)}", row)
        print(f"{number:3d} {name}: {row['seconds']:.1f} s", flush=True)
    return 0


def collect(markets: Sequence[int], names: Sequence[str], store: Store) -> dict[str, list[dict[str, Any]]]:
    """Return every candidate's rows, one a market."""
    return {
        name: [row for number in markets if (row := store.read(f"{number}_{slug(name)}")) is not None] for name in names
    }


def oracle_cell(number: int) -> dict[str, Any]:
    """Return the true value of the oracle's plan of a market."""
    started = time.perf_counter()
    replay = Replay.of(study_market(number).market)
    return {"value": replay.value(replay.oracle(number)), "seconds": time.perf_counter() - started}


def oracles(markets: Sequence[int], store: Store) -> dict[int, float]:
    """Return the true value of the oracle's plan by market."""
    rows = {number: store.read(f"{number}_{ORACLE}") for number in markets}
    return {number: float(row["value"]) for number, row in rows.items() if row is not None}


if __name__ == "__main__":
    raise SystemExit(main())
