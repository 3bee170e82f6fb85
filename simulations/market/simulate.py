"""Let a world happen: demand first, then the spend that may follow it, then effects of the asked size, then noise."""

from __future__ import annotations

import numpy as np

from mmm.exceptions import SpecError
from simulations.market.demand import WEEK, Demand, draw_demand
from simulations.market.market import Market
from simulations.market.media import draw_channel, draw_organic
from simulations.market.patterns import Climate
from simulations.market.streams import Streams
from simulations.market.world import World

#: Weeks that happen before the window, so that carryover enters it.
HISTORY = 52
#: Weeks that happen after it, so that a plan can be replayed in them.
FUTURE = 104


def simulate_market(world: World, seed: int | None = None) -> Market:
    """Draw a market from a world.

    Parameters
    ----------
    world : World
    seed : int, optional
        Instead of the world's own.

    Returns
    -------
    Market
        ``.frame`` is the data a company would have, ``.truth`` what it would like to know.

    Raises
    ------
    SpecError
        The world cannot happen: an unknown holiday, a channel without media, an outcome below zero.
    """
    streams = Streams(world.seed if seed is None else seed)
    first = np.datetime64(world.start, "D") - HISTORY * WEEK
    weeks = np.asarray(first + WEEK * np.arange(HISTORY + world.weeks + FUTURE), dtype="datetime64[D]")
    window = slice(HISTORY, HISTORY + world.weeks)
    middle = weeks[HISTORY] + np.timedelta64(7 * world.weeks // 2, "D")
    demand = draw_demand(world, streams, weeks, middle)
    climate = _climate(demand, window)
    channels = tuple(draw_channel(name, spec, streams, climate, window) for name, spec in world.channels.items())
    organic = tuple(draw_organic(name, spec, streams, climate, window) for name, spec in world.organic.items())
    market = Market(world, HISTORY, demand, channels, organic, np.zeros(len(weeks)), 0.0)
    return _with_noise(_sized(market), streams)


def _climate(demand: Demand, window: slice) -> Climate:
    total = demand.total()
    return Climate(demand.weeks, demand.season, np.maximum(total / total[window].mean(), 0.05))


def _sized(market: Market) -> Market:
    """Give every channel the size of effect that its true ROAS or share asks for; effects are linear in size."""
    world, window = market.world, market.window
    paid = []
    for medium in market.channels:
        lost = float(market.lost(medium.name).sum()) * market.value
        paid.append(medium.with_beta(world.channels[medium.name].roas * float(medium.spend[window].sum()) / lost))
    organic = []
    for medium in market.organic:
        per_beta = float(medium.effect(medium.media)[window].sum())
        organic.append(
            medium.with_beta(world.organic[medium.name].share * world.outcome.level * world.weeks / per_beta)
        )
    return Market(world, market.history, market.demand, tuple(paid), tuple(organic), market.noise, 0.0)


def _with_noise(market: Market, streams: Streams) -> Market:
    world = market.world
    expected = market.expected()
    if world.noise.r2 is not None:
        sd = float(expected.std()) * np.sqrt((1.0 - world.noise.r2) / world.noise.r2)
    else:
        sd = float(world.noise.sd or 0.0) * world.outcome.level
    noise = sd * streams("noise").standard_normal(len(market.noise))
    recorded = np.round(expected + noise[market.window], world.outcome.decimals)
    if recorded.min() <= 0:
        raise SpecError(
            f"the outcome falls to {recorded.min():,.0f} in a week",
            where="outcome.level",
            do="Raise the level, or lower the season, the controls' effects or the noise.",
        )
    noise[market.window] = recorded - expected
    return Market(world, market.history, market.demand, market.channels, market.organic, noise, float(sd))
