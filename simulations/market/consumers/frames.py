"""What the company has of a market of consumers: its table by week (and geo), and the model file of its columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mmm.arrays import FloatArray
from simulations.market.consumers.talk import TalkChannel
from simulations.market.frames import GEO, POPULATION, least_model

if TYPE_CHECKING:
    from simulations.market.consumers.market import ConsumerMarket


def _recorded_rivals(market: ConsumerMarket) -> list[str]:
    return [name for name, rival in market.world.rivals.items() if rival.recorded]


def company_frame(market: ConsumerMarket) -> pd.DataFrame:
    """Return the data file: week[, geo, population], outcome, spend and exposures, owned channels, controls."""
    world, apart = market.world, market.world.by_geo
    rows = len(market.geos) if apart else 1

    def told(series: FloatArray) -> FloatArray:
        """Return a (T, G) series as the company's rows: geo after geo, or added up."""
        return np.asarray((series.T if apart else series.sum(axis=1)[None]).reshape(-1), dtype=np.float64)

    record, window = market.record, slice(market.window.start, market.window.stop)
    columns: dict[str, object] = {"week": np.tile(market.weeks.astype("datetime64[s]"), rows)}
    if apart:
        columns[GEO] = np.repeat(market.geos, world.weeks)
        columns[POPULATION] = np.repeat(np.round(market.scene.people[0]).astype(np.int64), world.weeks)
    columns[world.outcome.name] = np.round(told(market.outcome_under({}).T), world.outcome.decimals)
    for name, spec in world.channels.items():
        columns[f"{name}_spend"] = np.round(told(record.spend[name]), 2)
        if spec.recorded:
            columns[f"{name}_{spec.exposure.name}"] = np.round(told(record.exposures[name])).astype(np.int64)
    for name in (*world.recorded_owned, *_recorded_rivals(market)):
        columns[name] = np.round(told(record.contacts[name])).astype(np.int64)
    for name, series in market.scene.controls.items():
        columns[name] = np.tile(series[window, 0], rows)
    return pd.DataFrame(columns)


def decimals(market: ConsumerMarket) -> dict[str, int]:
    """Return the digits after the point of every column but week and geo."""
    world = market.world
    digits = {POPULATION: 0} if market.world.by_geo else {}
    digits[world.outcome.name] = world.outcome.decimals
    for name, spec in world.channels.items():
        digits[f"{name}_spend"] = 2
        if spec.recorded:
            digits[f"{name}_{spec.exposure.name}"] = 0
    digits |= dict.fromkeys((*world.recorded_owned, *_recorded_rivals(market)), 0)
    return digits | {name: spec.decimals for name, spec in world.controls.items()}


def model_settings(market: ConsumerMarket) -> dict[str, Any]:
    """Return the least model file that fits the market's data: names of columns and what a service costs.

    An owned channel whose service costs something is a channel with a volume; one that costs nothing is organic.
    """
    world = market.world
    exposures = {name: spec.exposure.name for name, spec in world.channels.items() if spec.recorded}
    controls = [*world.controls, *_recorded_rivals(market)]
    cost = {name: spec.service_cost for name, spec in world.owned.items() if not isinstance(spec, TalkChannel)}
    free = [name for name in world.recorded_owned if cost[name] == 0]
    settings = least_model(market, exposures, organic=free, controls=controls)
    served = {name: {"volume": name, "cost_of_service": cost[name]} for name in world.recorded_owned if cost[name] > 0}
    settings["channels"] |= served
    return settings
