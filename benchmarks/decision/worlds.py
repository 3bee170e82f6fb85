"""The worlds of the benchmark, by name; a market is a world and a seed."""

from __future__ import annotations

import zlib

from simulations.market.generate import random_world
from simulations.market.presets import preset, preset_names
from simulations.market.protocol import SimulatedMarket
from simulations.market.simulate import simulate_market

#: Invented anew for every seed: :func:`~simulations.market.generate.random_world`.
RANDOM = "random"
#: Presets that ask another question: nothing to plan, and experiments, which not every tool can be told of.
LEFT_OUT = ("no_media", "geo_experiments")
NAMES = (RANDOM, *(name for name in preset_names() if name not in LEFT_OUT))


def market_of(world: str, seed: int) -> SimulatedMarket:
    """Let a world happen; the same seed draws other truths in another world, so that worlds do not share their luck."""
    if world == RANDOM:
        return simulate_market(random_world(seed))
    return simulate_market(preset(world), zlib.crc32(f"{world}|{seed}".encode()))
