"""What the draws say: ROAS, mROAS, contributions and response curves.

Figures are in money where the outcome is money or has a value, in outcome units otherwise
(:func:`value_unit` names which).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import xarray as xr

from mmm.arrays import FloatArray
from mmm.response.draws import ResponseDraws
from mmm.response.effects import effect_by_week
from mmm.response.window import recent_value, window_sums


def value_unit(response: ResponseDraws) -> str:
    """Return the unit of contributions: the currency, or the outcome's name."""
    return response.currency if response.outcome_is_money else response.outcome_name


def _returns(response: ResponseDraws, made: FloatArray, name: str, *, by_geo: bool) -> xr.DataArray:
    """Divide (C, G, S) sums by spend; NaN where nothing was spent."""
    spend = response.spend.sum(axis=-1)[..., None]
    total, spent = (made, spend) if by_geo else (made.sum(axis=1), spend.sum(axis=1))
    ratio = np.divide(total, spent, out=np.full_like(total, np.nan), where=spent > 0)
    return _labelled(response, ratio, name, f"{value_unit(response)} per {response.currency}")


def _labelled(response: ResponseDraws, values: FloatArray, name: str, unit: str) -> xr.DataArray:
    by_geo = values.ndim == 3
    return xr.DataArray(
        values,
        dims=("channel", "geo", "sample") if by_geo else ("channel", "sample"),
        coords={
            "channel": list(response.channels),
            **({"geo": list(response.geos)} if by_geo else {}),
            "chain": ("sample", response.chain),
        },
        name=name,
        attrs={"unit": unit},
    )


def roas(response: ResponseDraws, *, by_geo: bool = False) -> xr.DataArray:
    """Return ROAS draws by channel.

    ROAS = outcome lost if the channel's spend in the fitted window were zero, carryover included, over that spend.

    Parameters
    ----------
    response : ResponseDraws
    by_geo : bool
        Each geo's loss over its own spend; without it all geos' loss over all spend.

    Returns
    -------
    DataArray (channel, sample) or (channel, geo, sample)
        Money per money, or outcome units per money (``attrs["unit"]``); NaN where nothing was spent.

    Notes
    -----
    In weeks without a row nothing is spent or credited, and their media are history in both worlds. Carryover after
    the window is credited in geos with a row in the last 13 weeks only: a geo that has ended sells no more.
    """
    return _returns(response, window_sums(response).made, "roas", by_geo=by_geo)


def mroas(response: ResponseDraws, *, by_geo: bool = False) -> xr.DataArray:
    """Return marginal ROAS draws: the derivative when the channel's fitted spend is scaled in proportion, per money.

    Parameters
    ----------
    response : ResponseDraws
    by_geo : bool
        One figure a geo, of its own spend.

    Returns
    -------
    DataArray (channel, sample) or (channel, geo, sample)
        As :func:`roas`.
    """
    return _returns(response, window_sums(response).scaled, "mroas", by_geo=by_geo)


def contribution(response: ResponseDraws, *, by_geo: bool = False) -> xr.DataArray:
    """Return each channel's contribution, ROAS × spend: the outcome lost without its spend in the fitted window.

    Parameters
    ----------
    response : ResponseDraws
    by_geo : bool
        One figure a geo; they add up to the national one.

    Returns
    -------
    DataArray (channel, sample) or (channel, geo, sample)
    """
    made = window_sums(response).made
    return _labelled(response, made if by_geo else made.sum(axis=1), "contribution", value_unit(response))


def weekly_contribution(response: ResponseDraws, channel: str) -> xr.DataArray:
    """Return a paid or organic channel's effect in each fitted week, carry-in included, (week, sample).

    Geos add up over those that have a row in the week. For all media at once see
    :func:`mmm.response.weekly.media_by_week`.
    """
    media = response.paid if channel in response.paid.names else response.organic
    value = np.where(response.observed, response.value_per_outcome, 0.0)
    total = effect_by_week(media.only(channel), value)[0]
    if response.demand is not None and channel in response.paid.names:
        total *= response.demand.multiplier(response.weeks)
    return xr.DataArray(
        total,
        dims=("week", "sample"),
        coords={"week": response.weeks.astype("datetime64[ns]"), "chain": ("sample", response.chain)},
        name="contribution",
        attrs={"unit": f"{value_unit(response)} per week"},
    )


def response_curve(response: ResponseDraws, channel: str, spend: FloatArray) -> xr.DataArray:
    """Return the weekly outcome that a steady weekly spend makes once its carryover has built up.

    Parameters
    ----------
    response : ResponseDraws
    channel : str
        A paid channel.
    spend : (N,)
        National money per week, at today's cost per exposure and split over geos.

    Returns
    -------
    DataArray (spend, sample)
        At the mean demand of the fitted weeks and the last 13 weeks' value per outcome unit.
    """
    spend = np.asarray(spend, dtype=np.float64)
    c = response.channels.index(channel)
    rate = (response.geo_shares() / response.cost_per_exposure())[c]
    # Without carryover every "week" is at the steady state of its own spend.
    family = response.paid.only(channel)
    steady = replace(family, alpha=np.zeros_like(family.alpha))
    weight = np.repeat(recent_value(response)[:, None], len(spend), axis=1)
    total = effect_by_week(steady, weight, units=(rate[:, None] * spend)[None], carry=np.zeros_like(family.alpha))[0]
    return xr.DataArray(
        total,
        dims=("spend", "sample"),
        coords={"spend": spend, "chain": ("sample", response.chain)},
        name="response",
        attrs={"unit": f"{value_unit(response)} per week"},
    )


def summarise(draws: FloatArray | xr.DataArray) -> dict[str, float]:
    """Return mean, 5 %, 50 % and 95 % of one-dimensional draws, as the JSON contracts name them."""
    values = np.asarray(draws, dtype=np.float64)
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
    return {"mean": float(values.mean()), "q05": float(low), "q50": float(middle), "q95": float(high)}
