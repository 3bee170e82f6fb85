"""What the draws say: ROAS, mROAS, contributions and response curves.

Figures are in money where the outcome is money or has a value, in outcome units otherwise
(:func:`value_unit` names which).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import xarray as xr

from mmm.arrays import FloatArray
from mmm.response.calendar import tail_length, weeks_from
from mmm.response.draws import RECENT_WEEKS, ResponseDraws
from mmm.response.forecast import fitted_effect
from mmm.transforms.adstock import initial_state
from mmm.transforms.saturation import saturate, saturate_slope


def value_unit(response: ResponseDraws) -> str:
    """Return the unit of contributions: the currency, or the outcome's name."""
    return response.currency if response.outcome_is_money else response.outcome_name


def recent_value(response: ResponseDraws) -> FloatArray:
    """Return the mean value of an outcome unit in the last 13 weeks, by geo, (G,)."""
    return np.asarray(response.value_per_outcome[:, -RECENT_WEEKS:].mean(axis=1), dtype=np.float64)


@dataclass(frozen=True)
class _Window:
    """Sums over the fitted window and its tail: what spend made, and its derivative when spend is scaled, (C, S)."""

    made: FloatArray
    scaled: FloatArray


@lru_cache(maxsize=1)
def _window(response: ResponseDraws) -> _Window:
    """Compare the fitted window with one without spend; after it nothing is spent in either.

    Kept for the last response asked about: ROAS, mROAS and contribution are asked for one after the other.
    """
    paid = response.paid
    span = response.n_weeks + tail_length(response)
    value = np.concatenate(
        [response.value_per_outcome, np.repeat(recent_value(response)[:, None], span - response.n_weeks, axis=1)],
        axis=1,
    )
    demand = None
    if response.demand is not None:
        demand = response.demand.multiplier(weeks_from(response.weeks[0], span))
    made = np.zeros((len(paid.names), paid.alpha.shape[-1]))
    scaled = np.zeros_like(made)
    for c, form in enumerate(paid.saturation):
        alpha, half, slope, beta = paid.alpha[c], paid.half_saturation[c], paid.slope[c], paid.beta[c]
        stock = np.broadcast_to(initial_state(paid.media[c])[:, None], alpha.shape)
        without = stock
        for t in range(span):
            x = paid.media[c, :, t, None] if t < response.n_weeks else 0.0
            stock = alpha * stock + (1.0 - alpha) * x
            without = alpha * without
            factor = value[:, t, None] * beta * (1.0 if demand is None else demand[t])
            made[c] += (factor * (saturate(form, stock, half, slope) - saturate(form, without, half, slope))).sum(0)
            lift = np.where(stock > without, stock - without, 0.0)
            with np.errstate(invalid="ignore"):
                rise = np.where(lift > 0, saturate_slope(form, stock, half, slope) * lift, 0.0)
            scaled[c] += (factor * rise).sum(0)
    return _Window(made, scaled)


def _per_spend(response: ResponseDraws, total: FloatArray) -> FloatArray:
    spend = response.spend.sum(axis=(1, 2))[:, None]
    return np.divide(total, spend, out=np.full_like(total, np.nan), where=spend > 0)


def _labelled(response: ResponseDraws, values: FloatArray, name: str, unit: str) -> xr.DataArray:
    return xr.DataArray(
        values,
        dims=("channel", "sample"),
        coords={"channel": list(response.channels), "chain": ("sample", response.chain)},
        name=name,
        attrs={"unit": unit},
    )


def roas(response: ResponseDraws) -> xr.DataArray:
    """Return ROAS draws by channel.

    ROAS = outcome lost if the channel's spend in the fitted window were zero, carryover included, over that spend.

    Returns
    -------
    DataArray (channel, sample)
        Money per money, or outcome units per money (``attrs["unit"]``).
    """
    unit = f"{value_unit(response)} per {response.currency}"
    return _labelled(response, _per_spend(response, _window(response).made), "roas", unit)


def mroas(response: ResponseDraws) -> xr.DataArray:
    """Return marginal ROAS draws: the derivative when the channel's fitted spend is scaled in proportion, per money.

    Returns
    -------
    DataArray (channel, sample)
    """
    unit = f"{value_unit(response)} per {response.currency}"
    return _labelled(response, _per_spend(response, _window(response).scaled), "mroas", unit)


def contribution(response: ResponseDraws) -> xr.DataArray:
    """Return each channel's contribution, ROAS × spend: the outcome lost without its spend in the fitted window.

    Returns
    -------
    DataArray (channel, sample)
    """
    return _labelled(response, _window(response).made, "contribution", value_unit(response))


def weekly_contribution(response: ResponseDraws, channel: str) -> xr.DataArray:
    """Return a paid or organic channel's effect in each fitted week, carry-in included, (week, sample)."""
    media = response.paid if channel in response.paid.names else response.organic
    c = media.names.index(channel)
    one = type(media)(
        (channel,), media.media[c : c + 1], media.saturation[c : c + 1], media.alpha[c : c + 1],
        media.half_saturation[c : c + 1], media.slope[c : c + 1], media.beta[c : c + 1],
    )  # fmt: skip
    effect = fitted_effect(one)[0]
    if response.demand is not None and channel in response.paid.names:
        effect = effect * response.demand.multiplier(response.weeks)
    total = (effect * response.value_per_outcome[..., None]).sum(axis=0)
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
    c = response.channels.index(channel)
    paid = response.paid
    rate = (response.geo_shares() / response.cost_per_exposure())[c]
    media = np.asarray(spend, dtype=np.float64)[:, None, None] * rate[:, None]
    shape = saturate(paid.saturation[c], media, paid.half_saturation[c], paid.slope[c])
    total = (paid.beta[c] * shape * recent_value(response)[:, None]).sum(axis=1)
    return xr.DataArray(
        total,
        dims=("spend", "sample"),
        coords={"spend": np.asarray(spend, dtype=np.float64), "chain": ("sample", response.chain)},
        name="response",
        attrs={"unit": f"{value_unit(response)} per week"},
    )


def summarise(draws: FloatArray | xr.DataArray) -> dict[str, float]:
    """Return mean, 5 %, 50 % and 95 % of one-dimensional draws, as the JSON contracts name them."""
    values = np.asarray(draws, dtype=np.float64)
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
    return {"mean": float(values.mean()), "q05": float(low), "q50": float(middle), "q95": float(high)}
