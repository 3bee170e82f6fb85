"""Let a world happen: demand first, then the spend that may follow it, then effects of the asked size, then noise."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, overload

import numpy as np

from mmm.arrays import FloatArray
from mmm.exceptions import SpecError
from simulations.market.demand import WEEK, Demand, answered, beside_media, draw_demand
from simulations.market.experiments import run_experiments
from simulations.market.market import Market
from simulations.market.media import Medium, Scene, draw_channel, draw_organic
from simulations.market.patterns import Climate, Like
from simulations.market.regions import GeoShares
from simulations.market.streams import Streams, autoregressive
from simulations.market.truths import settled
from simulations.market.world import World

if TYPE_CHECKING:
    from simulations.market.consumers.market import ConsumerMarket
    from simulations.market.consumers.world import ConsumerWorld

#: Weeks that happen before the window, so that carryover enters it.
HISTORY = 52
#: Weeks that happen after it, so that a plan can be replayed in them.
FUTURE = 104
#: With heavy tails, no week sells less than this share of what is expected of it.
_LEAST = 0.05


@overload
def simulate_market(world: World, seed: int | None = None) -> Market: ...
@overload
def simulate_market(world: ConsumerWorld, seed: int | None = None) -> ConsumerMarket: ...
def simulate_market(world: World | ConsumerWorld, seed: int | None = None) -> Market | ConsumerMarket:
    """Draw a market from a world.

    Parameters
    ----------
    world : World or ConsumerWorld
    seed : int, optional
        Instead of the world's own.

    Returns
    -------
    Market or ConsumerMarket
        ``.frame`` is the data a company would have, ``.truth`` what it would like to know.

    Raises
    ------
    SpecError
        The world cannot happen: an unknown holiday, a channel without media, an outcome below zero.
    """
    if isinstance(world, World):
        return _curves(world, world.seed if seed is None else seed)
    from simulations.market.consumers.simulate import simulate_consumers  # noqa: PLC0415  (only where it is asked for)

    return simulate_consumers(world, seed)


def _curves(world: World, seed: int) -> Market:
    world, streams = settled(world, seed), Streams(seed)
    first = np.datetime64(world.start, "D") - HISTORY * WEEK
    weeks = np.asarray(first + WEEK * np.arange(HISTORY + world.weeks + FUTURE), dtype="datetime64[D]")
    window = slice(HISTORY, HISTORY + world.weeks)
    middle = weeks[HISTORY] + np.timedelta64(7 * world.weeks // 2, "D")
    demand = draw_demand(world, streams, weeks, middle)
    scene = Scene(streams, _climate(demand, window), GeoShares.draw(world.geos, streams), window)
    channels = _channels(world, demand, scene)
    demand = beside_media(demand, world, {medium.name: medium.spend.sum(axis=0) for medium in channels})
    # Organic channels may be like a paid one.
    scene = replace(scene, climate=_with_bought(scene.climate, channels))
    organic = tuple(draw_organic(name, spec, scene) for name, spec in world.organic.items())
    base = demand.total() * scene.shares.size[:, None]
    if not scene.shares.one:
        own = world.outcome.level * scene.shares.wander(streams, len(weeks))
        base = base + own
        demand = replace(demand, parts=demand.parts | {"geos": own.sum(axis=0)})
    quiet = np.zeros((len(scene.shares.geos), len(weeks)))
    market = Market(world, HISTORY, demand, scene.shares, base, channels, organic, quiet, 0.0)
    market = _with_noise(_limited(_sized(market)), streams)
    market, tests = run_experiments(market, world.experiments, seed)
    return replace(market, lift_tests=tests)


def _climate(demand: Demand, window: slice) -> Climate:
    total = demand.total()
    return Climate(demand.weeks, demand.season, np.maximum(total / total[window].mean(), 0.05))


def _with_bought(climate: Climate, channels: tuple[Medium, ...]) -> Climate:
    return replace(climate, bought={medium.name: medium.spend.sum(axis=0) for medium in channels})


def _channels(world: World, demand: Demand, scene: Scene) -> tuple[Medium, ...]:
    """Draw the paid channels; those that are like another come after it."""
    drawn: dict[str, Medium] = {}
    for name, spec in sorted(world.channels.items(), key=lambda item: isinstance(item[1].spend, Like)):
        seen = replace(scene, climate=_with_bought(scene.climate, tuple(drawn.values())))
        drawn[name] = draw_channel(name, spec, seen, answered(demand, world, name))
    return tuple(drawn[name] for name in world.channels)


def _sized(market: Market) -> Market:
    """Give every channel the size of effect that its true ROAS or share asks for; effects are linear in size."""
    world, window = market.world, market.window
    alone = replace(market, world=world.model_copy(update={"synergy": ()}))
    paid = []
    for medium in market.channels:
        lost, roas = float(alone.lost(medium.name).sum()) * market.value, world.channels[medium.name].roas or 0.0
        if not 0.0 < lost < np.inf:
            raise SpecError(
                f"the money of '{medium.name}' moves nothing in the window, or more than numbers can hold",
                where=f"channels.{medium.name}",
                do="Mend its spend, 'follows', saturation or drift.",
            )
        paid.append(medium.with_beta(roas * float(medium.spend[:, window].sum()) / lost))
    organic = []
    for medium in market.organic:
        per_beta = float(medium.effect(medium.media)[:, window].sum())
        organic.append(
            medium.with_beta(world.organic[medium.name].share * world.outcome.level * world.weeks / per_beta)
        )
    return replace(market, channels=tuple(paid), organic=tuple(organic))


def _limited(market: Market) -> Market:
    """Give the market the capacity that binds as often as the world says."""
    capacity = market.world.capacity
    if capacity is None:
        return market
    return replace(market, limit=np.quantile(market.expected_by_geo(), 1.0 - capacity.binds, axis=1))


def _with_noise(market: Market, streams: Streams) -> Market:
    world = market.world
    expected = market.expected_by_geo()
    if world.noise.r2 is not None:
        sd = float(expected.sum(axis=0).std()) * np.sqrt((1.0 - world.noise.r2) / world.noise.r2)
    else:
        sd = float(world.noise.sd or 0.0) * world.outcome.level
    # Independent between geos, and of the asked size where they are added up.
    part = market.shares.size / np.sqrt(float(market.shares.size @ market.shares.size))
    noise = part[:, None] * _noise(market, sd, streams("noise"))
    if world.noise.tails is not None:
        # The rarest weeks of heavy tails would sell less than nothing.
        noise[:, market.window] = np.maximum(noise[:, market.window], (_LEAST - 1.0) * expected)
    recorded = np.round(expected + noise[:, market.window], world.outcome.decimals)
    if recorded.min() <= 0:
        geo, week = (int(i) for i in np.argwhere(recorded == recorded.min())[0])
        raise SpecError(
            f"the outcome falls to {recorded.min():,.0f} in the week of {market.weeks[week]}"
            + ("" if market.shares.one else f" in {market.geos[geo]}"),
            where="outcome.level",
            do="Raise the level, or lower the noise, the number of geos, season, trend, or the effects of controls, "
            "holidays and hidden causes.",
        )
    noise[:, market.window] = recorded - expected
    return replace(market, noise=noise, noise_sd=float(sd))


def _noise(market: Market, sd: float, rng: np.random.Generator) -> FloatArray:
    """Draw noise of one standard deviation for each geo, (G, N)."""
    spec, shape = market.world.noise, market.noise.shape
    if spec.tails is not None:
        return np.asarray(sd * np.sqrt((spec.tails - 2.0) / spec.tails) * rng.standard_t(spec.tails, shape))
    if spec.persistence > 0:
        return np.stack([autoregressive(rng, shape[1], sd, spec.persistence) for _ in range(shape[0])])
    return np.asarray(sd * rng.standard_normal(shape))
