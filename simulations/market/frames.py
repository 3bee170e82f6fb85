"""What the company has of a market of curves: its table by week and geo, and a model file that names the columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mmm.arrays import FloatArray

if TYPE_CHECKING:
    from simulations.market.consumers.market import ConsumerMarket
    from simulations.market.market import Market

DATA_FILE = "weekly.csv"
TESTS_FILE = "tests.csv"
#: People of a market with geos.
PEOPLE = 10_000_000
GEO, POPULATION = "geo", "population"


def company_frame(market: Market) -> pd.DataFrame:
    """Return the data file: week[, geo, population], outcome, spend and exposures, organic channels, controls."""
    world, window, apart = market.world, market.window, market.world.by_geo
    rows = len(market.geos) if apart else 1

    def told(series: FloatArray) -> FloatArray:
        """Return a (G, N) series as the company's rows: geo after geo, or added up."""
        return np.asarray((series if apart else series.sum(axis=0)[None])[:, window].reshape(-1), dtype=np.float64)

    outcome = market.outcome_under({})
    seen = outcome if apart else outcome.sum(axis=0)[None]
    columns: dict[str, object] = {"week": np.tile(market.weeks.astype("datetime64[s]"), rows)}
    if apart:
        columns[GEO] = np.repeat(market.geos, world.weeks)
        columns[POPULATION] = np.repeat(np.round(market.shares.size * PEOPLE).astype(np.int64), world.weeks)
    columns[world.outcome.name] = np.round(seen.reshape(-1), world.outcome.decimals)
    for medium in market.channels:
        books = medium.spend if np.all(medium.books == 1.0) else np.round(medium.spend * medium.books, 2)
        columns[f"{medium.name}_spend"] = told(books)
        exposure = world.channels[medium.name].exposure
        if exposure is not None:
            columns[f"{medium.name}_{exposure.name}"] = np.round(told(medium.media)).astype(np.int64)
    for medium in market.organic:
        whole = world.organic[medium.name].volume.books_in.is_integer()
        columns[medium.name] = told(medium.spend).astype(np.int64 if whole else np.float64)
    for name, series in market.demand.controls.items():
        columns[name] = np.tile(series[window], rows)
    return pd.DataFrame(columns)


def decimals(market: Market) -> dict[str, int]:
    """Return the digits after the point of every column but week and geo."""
    world = market.world
    digits = {POPULATION: 0} if market.world.by_geo else {}
    digits[world.outcome.name] = world.outcome.decimals
    digits |= {f"{name}_spend": 2 for name in market.names}
    digits |= {f"{n}_{spec.exposure.name}": 0 for n, spec in world.channels.items() if spec.exposure is not None}
    digits |= {name: 0 if spec.volume.books_in.is_integer() else 2 for name, spec in world.organic.items()}
    return digits | {name: spec.decimals for name, spec in world.controls.items()}


def model_settings(market: Market) -> dict[str, Any]:
    """Return the least model file that fits the market's data: names of columns, nothing of the truth."""
    world = market.world
    exposures = {name: spec.exposure.name for name, spec in world.channels.items() if spec.exposure is not None}
    return least_model(market, exposures, organic=list(world.organic), controls=list(world.controls))


def least_model(
    market: Market | ConsumerMarket, exposures: Mapping[str, str], *, organic: list[str], controls: list[str]
) -> dict[str, Any]:
    """Return the least model file for the columns of either engine.

    Parameters
    ----------
    market : Market or ConsumerMarket
    exposures : mapping of str to str
        Channel → what its exposures are called, for the channels that have them.
    organic, controls : list of str
        Columns.
    """
    world = market.world
    # A simulated week may lie after today.
    data: dict[str, Any] = {"file": DATA_FILE, "date": "week", "outcome": market.outcome_name, "allow_future": True}
    if world.by_geo:
        data |= {"geo": GEO, "population": POPULATION}
    if world.outcome.value is not None:
        data["value_per_outcome"] = world.outcome.value
    channels: dict[str, dict[str, str]] = {}
    for name in world.channels:
        channels[name] = {"spend": f"{name}_spend"}
        if name in exposures:
            channels[name]["exposure"] = f"{name}_{exposures[name]}"
    settings: dict[str, Any] = {"data": data, "channels": channels}
    if organic:
        settings["organic"] = organic
    if controls:
        settings["controls"] = controls
    settings["currency"] = market.currency
    if world.country is not None:
        settings["holidays"] = world.country
    if market.lift_tests:
        settings["lift_tests"] = TESTS_FILE
    return settings
