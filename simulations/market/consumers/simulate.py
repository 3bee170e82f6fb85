"""Let a consumers' world happen: the scene is drawn, the history lived, then the window, then noise is put on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from mmm.exceptions import SpecError
from simulations.market.consumers.draw import FUTURE, HISTORY, draw_scene
from simulations.market.consumers.engine import Record, first_state, run
from simulations.market.consumers.market import ConsumerMarket
from simulations.market.consumers.now import State
from simulations.market.consumers.scene import Scene
from simulations.market.consumers.search import SearchChannel
from simulations.market.consumers.sizing import sized
from simulations.market.consumers.world import ConsumerWorld, Sizes
from simulations.market.experiments import run_experiments


def simulate_consumers(world: ConsumerWorld, seed: int | None = None) -> ConsumerMarket:
    """Draw a market from a world of consumers.

    Parameters
    ----------
    world : ConsumerWorld
    seed : int, optional
        Instead of the world's own.

    Raises
    ------
    SpecError
        The world cannot happen: an unknown holiday, a channel without spend, too many people in the market, an outcome
        below zero.
    """
    return simulate_replicates(world, [world.seed if seed is None else seed])[0]


def simulate_replicates(world: ConsumerWorld, seeds: Sequence[int]) -> tuple[ConsumerMarket, ...]:
    """Draw several markets of one world in one pass, one a seed; each is what :func:`simulate_consumers` draws."""
    world = settled(world)
    scene = draw_scene(world, seeds)
    state = first_state(world, scene)
    run(world, scene, state, range(HISTORY))
    run(world, scene, state, range(HISTORY))
    start = state.copy()
    record = run(world, scene, state, range(HISTORY, HISTORY + world.weeks))
    geos = scene.size.shape[1] // len(seeds)
    markets = []
    for number, seed in enumerate(seeds):
        columns = np.arange(number * geos, (number + 1) * geos)
        own = record.take(columns)
        market = _with_noise(world, scene.take(columns), start.take(columns), state.take(columns), own)
        market, tests = run_experiments(market, world.experiments, seed)
        markets.append(replace(market, lift_tests=tests))
    return tuple(markets)


def settled(world: ConsumerWorld) -> ConsumerWorld:
    """Return the world scaled to what it asks for; itself where it asks for nothing."""
    return world if world.sizes is None else _settled(world.model_dump_json())


@lru_cache(maxsize=64)
def _settled(text: str) -> ConsumerWorld:
    world = ConsumerWorld.model_validate_json(text)
    sizes = world.sizes or Sizes()
    return sized(world, weekly=sizes.weekly, roas=sizes.roas)


def _with_noise(world: ConsumerWorld, scene: Scene, start: State, end: State, record: Record) -> ConsumerMarket:
    for name, money in record.spend.items():
        if money.sum() <= 0:
            do = "Raise its weekly level, lower books_in, or move starts and stops."
            if isinstance(world.channels[name], SearchChannel):
                do = "People must explore or purchase to search: raise nature.explore, people, or its queries and cost."
            raise SpecError(f"'{name}' has no spend in any of the window's weeks", where=f"channels.{name}", do=do)
    expected = record.outcome.T
    national = expected.sum(axis=0)
    if world.noise.r2 is not None:
        sd = float(national.std()) * np.sqrt((1.0 - world.noise.r2) / world.noise.r2)
    else:
        sd = float(world.noise.sd or 0.0) * float(national.mean())
    # Independent between geos, and of the asked size where they are added up.
    size = scene.size[0]
    part = size / np.sqrt(float(size @ size))
    noise = (sd * part)[:, None] * scene.noise[HISTORY : HISTORY + world.weeks + FUTURE].T
    recorded = np.round(expected + noise[:, : world.weeks], world.outcome.decimals)
    if recorded.min() <= 0:
        raise SpecError(
            f"the outcome falls to {recorded.min():,.6g} in a week",
            where="noise",
            do="Lower the noise, the number of geos, the season or the effects of controls, or raise people, the "
            "basket or nature.in_market.",
        )
    noise[:, : world.weeks] = recorded - expected
    return ConsumerMarket(world, scene, start, end, record, noise, float(sd))
