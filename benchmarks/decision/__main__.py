"""The decision benchmark: ``python -m benchmarks.decision [--worlds …] [--seeds 1] [--tools …] [--only-kept]``.

``PYMC_MARKETING_PYTHON`` and ``MERIDIAN_PYTHON`` name the peers' interpreters (``benchmarks/peers/make_env.py`` makes
them); a peer without one is left out, and said. Answers are kept by world, seed and tool, so a study that was stopped
goes on where it was; ``--only-kept`` asks nobody and writes the table of what is there.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from benchmarks import common
from benchmarks.decision import rules, tables, worlds
from benchmarks.decision.notes import WHO
from benchmarks.decision.peers import PEERS
from benchmarks.decision.study import OURS, OURS_TOTALS, ask, judged

TOOLS = (OURS, *PEERS)
RULES = (rules.KEEP, rules.EVEN_WEEKS, rules.EQUAL, rules.BY_ROAS)


def cells(options: argparse.Namespace) -> list[tuple[str, int]]:
    """Return the markets, one seed of every world before the next."""
    first = int(options.first_seed)
    return [(world, seed) for seed in range(first, first + options.seeds) for world in options.worlds]


def chosen(options: argparse.Namespace) -> tuple[str, ...]:
    """Return the tools that can be asked, and say which cannot."""
    found = []
    for tool in options.tools:
        if tool == OURS or options.only_kept or PEERS[tool].python is not None:
            found.append(tool)
        else:
            print(f"{PEERS[tool].variable} names no interpreter, so {tool} is left out.", file=sys.stderr)
    return tuple(found)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", nargs="+", default=list(worlds.NAMES))
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--tools", nargs="+", choices=TOOLS, default=list(TOOLS))
    parser.add_argument("--only-kept", action="store_true", help="ask nobody; judge and write what is kept")
    parser.add_argument("--ask-only", action="store_true", help="ask and keep, and write no result")
    parser.add_argument("--note", action="append", default=[], help="a sentence to stand under the headline")
    options = parser.parse_args(arguments)
    head, tools = common.start(), chosen(options)
    if not options.only_kept:
        for world, seed in cells(options):
            print(f"== {world}, seed {seed}", flush=True)
            ask(world, seed, tools)
    if not options.ask_only:
        written(head, [row for market in cells(options) for row in told(market)], options.note)
    return 0


def told(market: tuple[str, int]) -> list[dict[str, Any]]:
    """Judge one market, and say so."""
    rows = judged(*market, TOOLS)
    print(f"judged {market[0]}, seed {market[1]}: {len(rows)} plans", flush=True)
    return rows


def written(head: dict[str, Any], rows: list[dict[str, Any]], notes: Sequence[str] = ()) -> None:
    """Write the result of what was judged."""
    every = (OURS, OURS_TOTALS, *PEERS, *RULES)
    rivals = [tool for tool in every if tool != OURS]
    most = max((len(tables.answered_by_all(rows, [tool])) for tool in PEERS), default=0)
    # A peer that was asked about few markets only would leave next to none that all have answered.
    asked = [OURS, *(tool for tool in PEERS if 2 * len(tables.answered_by_all(rows, [tool])) >= max(most, 1))]
    made = [
        *tables.headline(rows, every, asked, (*notes, *WHO)),
        tables.against(rows, OURS, rivals),
        *tables.by_world(rows, every),
    ]
    versions = {
        tool: next((r["versions"] for r in rows if r["tool"] == tool and r.get("versions")), None) for tool in PEERS
    }
    common.write("decision", head, "The decision benchmark", made, {"rows": rows, "versions_of_peers": versions})


if __name__ == "__main__":
    raise SystemExit(main())
