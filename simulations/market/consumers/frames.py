"""What the company has of a market of consumers: its table by week (and geo), and the model file of its columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mmm.arrays import FloatArray
from simulations.market.frames import DATA_FILE, GEO, POPULATION, TESTS_FILE

if TYPE_CHECKING:
    from simulations.market.consumers.market import ConsumerMarket


def _by_geo(market: ConsumerMarket) -> bool:
    geos = market.world.geos
    return geos is not None and geos.recorded


def _recorded_rivals(market: ConsumerMarket) -> list[str]:
    return [name for name, rival in market.world.rivals.items() if rival.recorded]


def company_frame(market: ConsumerMarket) -> pd.DataFrame:
    """Return the data file: week[, geo, population], outcome, spend and exposures, owned channels, controls."""
    world, apart = market.world, _by_geo(market)
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
    digits = {POPULATION: 0} if _by_geo(market) else {}
    digits[world.outcome.name] = world.outcome.decimals
    for name, spec in world.channels.items():
        digits[f"{name}_spend"] = 2
        if spec.recorded:
            digits[f"{name}_{spec.exposure.name}"] = 0
    digits |= dict.fromkeys((*world.recorded_owned, *_recorded_rivals(market)), 0)
    return digits | {name: spec.decimals for name, spec in world.controls.items()}


def model_settings(market: ConsumerMarket) -> dict[str, Any]:
    """Return the least model file that fits the market's data: names of columns, nothing of the truth."""
    world = market.world
    # A simulated week may lie after today.
    data: dict[str, Any] = {"file": DATA_FILE, "date": "week", "outcome": world.outcome.name, "allow_future": True}
    if _by_geo(market):
        data |= {"geo": GEO, "population": POPULATION}
    if world.outcome.value is not None:
        data["value_per_outcome"] = world.outcome.value
    channels: dict[str, dict[str, str]] = {}
    for name, spec in world.channels.items():
        channels[name] = {"spend": f"{name}_spend"}
        if spec.recorded:
            channels[name]["exposure"] = f"{name}_{spec.exposure.name}"
    settings: dict[str, Any] = {"data": data, "channels": channels}
    if world.recorded_owned:
        settings["organic"] = list(world.recorded_owned)
    controls = [*world.controls, *_recorded_rivals(market)]
    if controls:
        settings["controls"] = controls
    settings["currency"] = world.currency
    if world.country is not None:
        settings["holidays"] = world.country
    if market.lift_tests:
        settings["lift_tests"] = TESTS_FILE
    return settings
