"""The worlds of the benchmark, by name; a market is a world and a seed."""

from __future__ import annotations

from simulations.market import random_world, simulate_market
from simulations.market.presets import preset, preset_names
from simulations.market.protocol import SimulatedMarket

#: Invented anew for every seed: :func:`~simulations.market.generate.random_world`.
RANDOM = "random"
#: Presets in which there is nothing to plan.
WITHOUT_MEDIA = ("no_media",)
#: Every world with something to plan.
NAMES = (RANDOM, *(name for name in preset_names() if name not in WITHOUT_MEDIA))


def market_of(world: str, seed: int) -> SimulatedMarket:
    """Let a world happen."""
    if world == RANDOM:
        return simulate_market(random_world(seed))
    return simulate_market(preset(world), seed)
