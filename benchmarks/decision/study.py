"""Cells of the benchmark: one answer a world, seed and tool, kept under a key of what it depends on."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.decision import best, judge, ours, peers, rules, tasks, worlds
from benchmarks.decision.peers import PEERS
from benchmarks.model.cells import FIT_SOURCES, Store, source_key
from mmm.arrays import FloatArray
from mmm.exceptions import MixwiseError
from simulations.market.optimum import best_plan
from simulations.market.planning import PlanTask, plan_task
from simulations.market.protocol import SimulatedMarket

OURS, OURS_TOTALS = "Mixwise", "Mixwise, totals only"
OWN_SOURCES = (*FIT_SOURCES, "mmm/data", "optimizer", "benchmarks/decision/ours.py")
BEST_SOURCES = ("simulations/market", "optimizer", "benchmarks/decision/best.py")
#: Seconds that a peer may take for one market.
LIMIT = 1800.0


def store_of(tool: str) -> Store:
    """Return where a tool's answers are kept."""
    if tool == OURS:
        return Store.of("decision/mixwise", source_key(OWN_SOURCES))
    if tool == "best":
        return Store.of("decision/best", source_key(BEST_SOURCES))
    peer = PEERS[tool]
    name = tool.lower().replace(" + ", "_").replace("-", "_")
    return Store.of(f"decision/{name}", source_key(peer.sources, peer.extra))


def kept(tool: str, name: str, told: str, make: Callable[[], dict[str, Any]] | None) -> dict[str, Any] | None:
    """Return a cell from the store where it answers the same question, else make it; None where it may not be made."""
    store = store_of(tool)
    found = store.read(name.replace("|", "_"))
    if found is not None and found["told"] == told:
        return found
    if make is None:
        return None
    made = {"told": told, **make()}
    store.write(name.replace("|", "_"), made)
    return made


def ask(world: str, seed: int, tools: tuple[str, ...]) -> None:
    """Ask every tool about one market, and keep what it says.

    Parameters
    ----------
    tools : tuple of str
        Of :data:`OURS` and :data:`~benchmarks.decision.peers.PEERS`.
    """
    market = worlds.market_of(world, seed)
    task = plan_task(market)
    told = tasks.digest(market, task)
    for tool in tools:
        kept(tool, f"{world}|{seed}", told, _asker(tool, market, task, seed))


def judged(world: str, seed: int, tools: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return how every tool that was asked, and every rule, does in one market."""
    market = worlds.market_of(world, seed)
    task = plan_task(market)
    name, told = f"{world}|{seed}", tasks.digest(market, task)
    said = {tool: found for tool in tools if (found := kept(tool, name, told, None)) is not None}
    if not said:
        return []
    plans = _plans(said, task)
    values = judge.Values.of(market, task, _truths(market, task, name, told, plans))
    rows = []
    for tool, answer in plans.items():
        if isinstance(answer, judge.Answer):
            own = said[OURS if tool == OURS_TOTALS else tool]
            row = judge.replay(market, task, answer, values)
            row |= {key: own.get(key) for key in ("max_rhat", "verdict", "wall_s", "cpu_s", "trouble", "versions")}
        else:
            row = judge.replay_plan(market, task, answer, values)
            row |= {key: said[tool].get(key) for key in ("failed", "wall_s", "cpu_s") if tool in said}
        rows.append({"world": world, "seed": seed, "tool": tool, **row})
    return rows


def _asker(tool: str, market: SimulatedMarket, task: PlanTask, seed: int) -> Callable[[], dict[str, Any]]:
    def ask() -> dict[str, Any]:
        started = time.perf_counter()
        if tool == OURS:
            try:
                found = ours.answer(market, task, seed)
            except MixwiseError as error:
                found = {"failed": str(error), "wall_s": time.perf_counter() - started}
        else:
            found = peers.answer(PEERS[tool], market, task, seed, LIMIT)
        print(
            f"{tool}: {time.perf_counter() - started:.0f} s {found.get('failed', found.get('trouble', ''))}", flush=True
        )
        return found

    return ask


def _plans(said: dict[str, dict[str, Any]], task: PlanTask) -> dict[str, Any]:
    """Return every plan by tool: answers of the fitted tools, bare plans of the rules and of tools that failed."""
    found: dict[str, Any] = {}
    for tool, one in said.items():
        if "failed" in one:
            found[tool] = task.calendar.baseline
        else:
            found[tool] = judge.Answer.of(one, one)
            if "totals" in one:
                found[OURS_TOTALS] = judge.Answer.of(one, one["totals"])
    own = said.get(OURS, {})
    return found | rules.answers(task, own.get("roas"))


def _truths(market: SimulatedMarket, task: PlanTask, name: str, told: str, plans: dict[str, Any]) -> judge.Truths:
    """Return the best plans that anybody found: the searches from the truth, or an answer that is better still."""
    made = kept("best", name, told, lambda: _search(market, task))
    if made is None:
        raise ValueError("the search for the best plan was not made")
    tried = [answer.claim.spend if isinstance(answer, judge.Answer) else answer for answer in plans.values()]
    feasible = [plan for plan in tried if best.keeps(plan, task)]
    week, even = np.array(made["by_week"]), np.array(made["by_totals"])

    def first(plans: list[FloatArray]) -> FloatArray:
        return plans[int(np.argmax(market.plan_values(task.calendar, np.stack(plans))))]

    return judge.Truths(first([week, even, *feasible]), first([even, *map(tasks.evenly, feasible)]))


def _search(market: SimulatedMarket, task: PlanTask) -> dict[str, Any]:
    started = time.perf_counter()
    found = best_plan(market, task)
    totals = best.by_totals(market, task, [task.calendar.baseline, found.spend])
    return {
        "by_week": found.spend.tolist(),
        "by_totals": totals.tolist(),
        "upper_bound": found.upper_bound,
        "method": found.method,
        "seconds": time.perf_counter() - started,
    }
