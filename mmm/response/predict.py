"""The outcome of future weeks under any spend and controls, nationally or geo by geo, with its 90 % interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from mmm.arrays import FloatArray, IntArray
from mmm.response.calendar import WEEK, BaselineRule, SpendCalendar, business_as_usual, weeks_from
from mmm.response.draws import MediaDraws, ResponseDraws
from mmm.response.effects import add_to, end_state
from mmm.response.forecast import last_year
from mmm.response.labelled import table
from mmm.response.predict_inputs import stated_controls, stated_spend
from mmm.response.weekly import DOUBLES_AT_ONCE

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd


def predict(
    response: ResponseDraws,
    weeks: int = 13,
    *,
    start: date | str | None = None,
    spend: pd.DataFrame | FloatArray | BaselineRule = BaselineRule.LAST_WEEKS,
    controls: pd.DataFrame | FloatArray | None = None,
    by_geo: bool = False,
    noise: bool = True,
    seed: int = 0,
) -> pd.DataFrame:
    """Predict the outcome of future weeks.

    Parameters
    ----------
    response : ResponseDraws
    weeks : int
        How many.
    start : date, optional
        First day of the first; by default the week after the data. Weeks between are filled with business as usual.
    spend : DataFrame, array or BaselineRule
        What is spent in those weeks. A table of week, channel, spend, with geo or without; a channel or week that is
        not in it spends nothing. An array: (C, N) national money per week, or (C, G, N). National money is split over
        geos by :meth:`~mmm.response.draws.ResponseDraws.geo_shares`. By default the last weeks' spend goes on.
    controls : DataFrame or array, optional
        Raw values: a table of week (and geo) with one column a control, or (K, N), the same in every geo, or
        (K, G, N). By default those of the same weeks a year before.
    by_geo : bool
        One row a geo and week instead of their sum.
    noise : bool
        Whether the interval holds residual noise, as an outcome's does.
    seed : int
        Of the residual noise.

    Returns
    -------
    DataFrame
        ``week`` (and ``geo``), ``mean``, ``q05``, ``q50``, ``q95``, ``unit``; outcome units per week. Geos without a
        row in the last 13 weeks have ended and are not predicted.

    Raises
    ------
    SpecError
        The weeks do not follow the data; a table lacks a column or names what the fit does not know; an array has
        another shape.
    """
    draws = predict_draws(
        response, weeks, start=start, spend=spend, controls=controls, by_geo=by_geo, noise=noise, seed=seed
    )
    return table(draws)


def predict_draws(
    response: ResponseDraws,
    weeks: int = 13,
    *,
    start: date | str | None = None,
    spend: pd.DataFrame | FloatArray | BaselineRule = BaselineRule.LAST_WEEKS,
    controls: pd.DataFrame | FloatArray | None = None,
    by_geo: bool = False,
    noise: bool = True,
    seed: int = 0,
) -> xr.DataArray:
    """Return the draws behind :func:`predict`: DataArray (week, sample) or (geo, week, sample), outcome units."""
    first = response.weeks[-1] + WEEK if start is None else np.datetime64(str(start), "D")
    rule = spend if isinstance(spend, BaselineRule) else BaselineRule.LAST_WEEKS
    calendar = business_as_usual(response, first, weeks, rule)
    units = _units(response, calendar, stated_spend(response, calendar, spend))
    values = stated_controls(response, calendar.weeks, controls)
    alive = np.flatnonzero(response.active)
    rng = np.random.default_rng(seed)
    total = np.empty((len(alive) if by_geo else 1, weeks, response.n_draws))
    step = max(1, DOUBLES_AT_ONCE // (len(response.geos) * units.shape[-1]))
    for lo in range(0, response.n_draws, step):
        draws = np.arange(lo, min(lo + step, response.n_draws))
        made = _outcome(response.select(draws), calendar, units, values)[alive]
        if noise:
            made += _noise(response.select(draws), alive, weeks, rng)
        total[..., draws] = made if by_geo else made.sum(axis=0, keepdims=True)
    coords = {"week": calendar.weeks.astype("datetime64[ns]"), "chain": ("sample", response.chain)}
    return xr.DataArray(
        total if by_geo else total[0],
        dims=("geo", "week", "sample") if by_geo else ("week", "sample"),
        coords=coords | ({"geo": [response.geos[g] for g in alive]} if by_geo else {}),
        name="prediction",
        attrs={"unit": f"{_outcome_unit(response)} per week"},
    )


def _outcome_unit(response: ResponseDraws) -> str:
    money = response.outcome_is_money and bool((response.value_per_outcome == 1.0).all())
    return response.currency if money else response.outcome_name


def _outcome(response: ResponseDraws, calendar: SpendCalendar, units: FloatArray, controls: FloatArray) -> FloatArray:
    """Return the expected outcome of the calendar's horizon, (G, N, S)."""
    span = units.shape[-1]
    weeks = weeks_from(response.weeks[-1] + WEEK, span)
    media = np.zeros((len(response.geos), span, response.n_draws))
    ones = np.ones((span, response.n_draws))
    demand = ones if response.demand is None else response.demand.multiplier(weeks)

    def add(family: MediaDraws, future: FloatArray, factor: FloatArray) -> None:
        add_to(media, family, factor, units=future, carry=end_state(family))

    add(response.paid, units, demand)
    add(response.organic, last_year(response.organic.media, response, weeks), ones)
    horizon = calendar.weeks
    return np.asarray(response.baseline.mean(horizon, controls) + media[:, span - len(horizon) :], dtype=np.float64)


def _noise(response: ResponseDraws, geos: IntArray, weeks: int, rng: np.random.Generator) -> FloatArray:
    base = response.baseline
    shape = (len(geos), weeks, response.n_draws)
    unit = rng.standard_t(np.broadcast_to(base.freedom, shape)) if base.freedom.size else rng.standard_normal(shape)
    noise = base.sigma[geos, None] * unit
    if base.common.size:
        noise = noise + base.common[geos, None] * rng.standard_normal(shape[1:])
    return np.asarray(noise, dtype=np.float64)


def _units(response: ResponseDraws, calendar: SpendCalendar, spend: FloatArray) -> FloatArray:
    """Return the media units that bridge and horizon buy, (C, G, B + N)."""
    bridge = response.geo_shares()[..., None] * calendar.bridge[:, None]
    return np.concatenate([bridge, spend], axis=-1) / response.cost_per_exposure()[..., None]
