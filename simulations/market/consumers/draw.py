"""Draw a world's scene: demand, controls, geos, and what every channel, owned one and rival means to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mmm.arrays import FloatArray, WeekArray
from mmm.exceptions import SpecError
from mmm.transforms.time_bases import DAYS_A_YEAR
from simulations.market.consumers.reach_media import ReachChannel
from simulations.market.consumers.scene import Scene
from simulations.market.consumers.search import SearchChannel
from simulations.market.consumers.talk import TalkChannel
from simulations.market.consumers.world import ActsOn, ConsumerWorld
from simulations.market.patterns import Climate, Like
from simulations.market.regions import GeoShares
from simulations.market.streams import Streams, autoregressive
from simulations.market.year import LEAST_DEMAND, holiday_effect, season_index

WEEK = np.timedelta64(7, "D")
#: Weeks before the window; they are lived twice, so that the market has settled when they are remembered.
HISTORY = 52
#: Weeks after the window that are drawn: a bridge, a horizon and a tail fit in.
FUTURE = 416


def draw_scene(world: ConsumerWorld, seeds: Sequence[int]) -> Scene:
    """Draw R replicates of a world's scene side by side.

    Parameters
    ----------
    world : ConsumerWorld
    seeds : sequence of int
        One a replicate.

    Returns
    -------
    Scene
        Of B = R × G columns, geos varying fastest.

    Raises
    ------
    SpecError
        An unknown holiday, or more people in the market than there are.
    """
    return Scene.joined([_draw(world, Streams(seed)) for seed in seeds])


@dataclass(frozen=True, eq=False)
class _Draw:
    """One replicate in the making."""

    world: ConsumerWorld
    streams: Streams
    weeks: WeekArray
    shares: GeoShares

    def everywhere(self, series: FloatArray) -> FloatArray:
        """Return a national series, (N,), in every geo, (N, G)."""
        return np.repeat(series[:, None], len(self.shares.geos), axis=1)

    def of_people(self, series: FloatArray) -> FloatArray:
        """Divide a national series, (N,), by people, (N, G)."""
        return np.asarray(series[:, None] * self.shares.size, dtype=np.float64)

    def controls(self) -> dict[str, FloatArray]:
        """Return the raw controls, (N,)."""
        return {
            name: spec.draw(self.streams(f"control:{name}"), self.weeks) for name, spec in self.world.controls.items()
        }

    def log_moved(self, what: ActsOn, controls: Mapping[str, FloatArray]) -> FloatArray:
        """Return the sum of the effects of the controls on one thing, (N,), logarithm."""
        moved = np.zeros(len(self.weeks))
        for name, spec in self.world.controls.items():
            if self.world.acts_on.get(name, ActsOn.CHOICE) is what:
                moved += spec.effect * (controls[name] - spec.neutral)
        return moved


def _draw(world: ConsumerWorld, streams: Streams) -> Scene:
    first = np.datetime64(world.start, "D") - HISTORY * WEEK
    weeks = np.asarray(first + WEEK * np.arange(HISTORY + world.weeks + FUTURE), dtype="datetime64[D]")
    draw = _Draw(world, streams, weeks, GeoShares.draw(world.geos, streams))
    controls = draw.controls()
    national, in_market, season = _demand(draw, controls)
    climate = Climate(weeks, season, national / national[HISTORY : HISTORY + world.weeks].mean())
    bought = _national_spend(draw, climate)
    geos = world.geos
    liking = 0.0 if geos is None else geos.liking * streams("geos:liking").standard_normal(len(geos.geos))
    response = np.ones(1) if geos is None else draw.shares.spread(streams("geos:effect"), geos.effect)
    price = np.ones(len(weeks))
    if world.outcome.price is not None:
        series = controls[world.outcome.price]
        if series.min() <= 0:
            raise SpecError(
                f"the price '{world.outcome.price}' falls to {series.min():g} in a week",
                where=f"controls.{world.outcome.price}",
                do="Raise its mean, or lower its sd and drift.",
            )
        price = series / series[HISTORY : HISTORY + world.weeks].mean()
    return Scene(
        weeks=weeks,
        people=world.people * draw.shares.size[None],
        size=draw.shares.size[None],
        response=np.asarray(response)[None],
        in_market=in_market,
        eagerness=draw.everywhere(np.exp(draw.log_moved(ActsOn.DECIDE, controls))),
        liking=draw.everywhere(draw.log_moved(ActsOn.CHOICE, controls)) + liking,
        price=draw.everywhere(price),
        noise=_noise(draw),
        spend=_by_geo(draw, bought),
        cost=_cost(draw),
        volume=_volume(draw, replace(climate, bought=bought)),
        controls={name: draw.everywhere(series) for name, series in controls.items()},
    )


def _demand(draw: _Draw, controls: Mapping[str, FloatArray]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the share of people in the market, national (N,) and by geo (N, G), and the season, (N,)."""
    world, weeks, geos = draw.world, draw.weeks, draw.world.geos
    middle = weeks[HISTORY] + np.timedelta64(7 * world.weeks // 2, "D")
    years = (weeks - middle).astype(np.float64) / DAYS_A_YEAR
    season = season_index(world, weeks)
    wander = autoregressive(draw.streams("unrecorded"), len(weeks), world.unrecorded.sd, world.unrecorded.persistence)
    index = np.maximum(1.0 + world.trend_per_year * years, LEAST_DEMAND) * season
    index = (
        index
        * np.maximum(1.0 + holiday_effect(world, weeks) + wander, LEAST_DEMAND)
        * np.exp(draw.log_moved(ActsOn.DEMAND, controls))
    )
    national = np.minimum(world.nature.in_market * index, 1.0)
    by_geo = draw.everywhere(world.nature.in_market * index)
    if geos is not None:
        own = draw.shares.wander(draw.streams, len(weeks)).T / draw.shares.size
        by_geo = (
            by_geo * draw.shares.spread(draw.streams("geos:demand"), geos.demand) * np.maximum(1.0 + own, LEAST_DEMAND)
        )
    window = slice(HISTORY, HISTORY + world.weeks)
    if by_geo[window].max() > 1.0:
        most = float(by_geo[window].max())
        raise SpecError(
            "more people than there are would be in the market: in a geo and week "
            + (f"{most:.0%} of them" if most < 10 else "many times their number"),
            where="nature.in_market",
            do="Lower it, or the season, the trend, the holidays' or the controls' effects.",
        )
    return national, np.minimum(by_geo, 1.0), season


def _noise(draw: _Draw) -> FloatArray:
    spec, rng = draw.world.noise, draw.streams("noise")
    shape = (len(draw.shares.geos), len(draw.weeks))
    if spec.tails is not None:
        drawn = np.sqrt((spec.tails - 2.0) / spec.tails) * rng.standard_t(spec.tails, shape)
    elif spec.persistence > 0:
        drawn = np.stack([autoregressive(rng, shape[1], 1.0, spec.persistence) for _ in range(shape[0])])
    else:
        drawn = rng.standard_normal(shape)
    return np.asarray(drawn.T, dtype=np.float64)


def _national_spend(draw: _Draw, climate: Climate) -> dict[str, FloatArray]:
    """Return the money of the reach channels, (N,); those that are like another are drawn after it."""
    specs = {name: spec for name, spec in draw.world.channels.items() if isinstance(spec, ReachChannel)}
    national: dict[str, FloatArray] = {}
    for name, spec in sorted(specs.items(), key=lambda item: isinstance(item[1].spend, Like)):
        seen = replace(climate, bought=national)
        national[name] = spec.spend.draw(draw.streams(f"spend:{name}"), seen)
    return {name: national[name] for name in specs}


def _by_geo(draw: _Draw, national: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Divide money over geos, (N, G), as it is bought there."""
    found = {}
    for name, series in national.items():
        divided = draw.shares.divided(series, draw.streams(f"geos:spend:{name}"))
        found[name] = np.asarray(divided.T, dtype=np.float64)
    return found


def _cost(draw: _Draw) -> dict[str, FloatArray]:
    found = {}
    for name, spec in draw.world.channels.items():
        sd = spec.exposure.noise
        log = sd * draw.streams(f"exposure:{name}").standard_normal(len(draw.weeks))
        found[name] = draw.everywhere(np.exp(log - 0.5 * sd**2))
    return found


def _volume(draw: _Draw, climate: Climate) -> dict[str, FloatArray]:
    """Return contacts meant or served, (N, G), of search the share of voice aimed at, and 1 where people talk."""
    found = {
        name: draw.of_people(pattern.draw(draw.streams(f"volume:{name}"), climate))
        for name, pattern in draw.world.volumes().items()
    }
    found |= {
        name: np.ones((len(draw.weeks), len(draw.shares.geos)))
        for name, spec in draw.world.owned.items()
        if isinstance(spec, TalkChannel)
    }
    for name, spec in draw.world.channels.items():
        if isinstance(spec, SearchChannel):
            steps = draw.streams(f"voice:{name}").standard_normal(len(draw.weeks))
            log_odds = np.log(spec.share_of_voice / (1.0 - spec.share_of_voice)) + spec.variation * steps
            found[name] = draw.everywhere(1.0 / (1.0 + np.exp(-log_odds)))
    return found
