"""The market without media: level, trend, season, holidays, recorded controls and what nobody records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from mmm.arrays import FloatArray, WeekArray
from mmm.transforms.time_bases import DAYS_A_YEAR
from simulations.market.hidden import WithChannel
from simulations.market.streams import Streams, autoregressive
from simulations.market.world import World
from simulations.market.year import holiday_effect, season_index

WEEK = np.timedelta64(7, "D")


@dataclass(frozen=True, eq=False)
class Demand:
    """What would be sold without any media, by cause.

    Attributes
    ----------
    weeks : (N,) datetime64[D]
    parts : dict of str to (N,)
        ``base`` (level and trend), ``season``, ``holidays``, ``unrecorded``, ``control:<name>`` and ``hidden:<name>``,
        in outcome units a week; they add up to what is sold.
    controls : dict of str to (N,)
        Raw values, as the company records them.
    hidden : dict of str to (N,)
        Raw values of the causes that it has no data of.
    season : (N,)
        Yearly index, mean about 1.
    """

    weeks: WeekArray
    parts: dict[str, FloatArray]
    controls: dict[str, FloatArray]
    season: FloatArray
    hidden: dict[str, FloatArray] = field(default_factory=dict)

    def total(self) -> FloatArray:
        """Return the outcome without media, (N,)."""
        return np.asarray(sum(self.parts.values()), dtype=np.float64)


def draw_demand(world: World, streams: Streams, weeks: WeekArray, middle: np.datetime64) -> Demand:
    """Draw the market without media.

    Parameters
    ----------
    world : World
    streams : Streams
    weeks : (N,) datetime64[D]
        Of the history, the window and the future.
    middle : datetime64[D]
        Middle of the window, where trend is 0.
    """
    years = (weeks - middle).astype(np.float64) / DAYS_A_YEAR
    season = season_index(world, weeks)
    controls = {name: spec.draw(streams(f"control:{name}"), weeks) for name, spec in world.controls.items()}
    level = world.outcome.level
    wander = autoregressive(streams("unrecorded"), len(weeks), world.unrecorded.sd, world.unrecorded.persistence)
    parts = {
        "base": level * (1.0 + world.trend_per_year * years),
        "season": level * (season - 1.0),
        "holidays": level * holiday_effect(world, weeks),
        "unrecorded": level * wander,
    }
    for name, spec in world.controls.items():
        parts[f"control:{name}"] = level * spec.effect * (controls[name] - spec.neutral)
    hidden = {name: spec.draw(streams(f"hidden:{name}"), weeks) for name, spec in world.hidden.items()}
    for name, cause in world.hidden.items():
        if not isinstance(cause, WithChannel):
            parts[f"hidden:{name}"] = level * cause.effect * (hidden[name] - cause.neutral)
    return Demand(weeks, parts, controls, season, hidden)


def beside_media(demand: Demand, world: World, spend: Mapping[str, FloatArray]) -> Demand:
    """Add the hidden causes that run when a channel is on air; ``spend`` is money a week, (N,), by channel."""
    parts = dict(demand.parts)
    for name, cause in world.hidden.items():
        if isinstance(cause, WithChannel):
            parts[f"hidden:{name}"] = world.outcome.level * cause.effect * cause.beside(demand.hidden[name], spend)
    return replace(demand, parts=parts)


def answered(demand: Demand, world: World, name: str) -> FloatArray:
    """Return the factor by which a channel's spend answers controls and hidden causes, (N,)."""
    log = np.zeros(len(demand.weeks))
    for cause, power in world.channels[name].follows.items():
        known = cause in world.controls
        spec = world.controls[cause] if known else world.hidden[cause]
        log += power * ((demand.controls if known else demand.hidden)[cause] - spec.neutral)
    return np.exp(log)
