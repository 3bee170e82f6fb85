"""Replay a plan in the market: what it would truly sell in the weeks after the data."""

from __future__ import annotations

import numpy as np

from mmm.arrays import FloatArray
from mmm.response.calendar import SpendCalendar
from simulations.market.market import Market


def future_effects(market: Market, spend: FloatArray) -> FloatArray:
    """Return the paid effects of each week after the window.

    Parameters
    ----------
    market : Market
    spend : (C, N)
        Money a week from the first week after the window on, channels in the market's order.

    Returns
    -------
    (C, N)
        Outcome units a week, carry-in from the data's weeks included. Money buys at the world's cost, without noise.

    Raises
    ------
    ValueError
        The number of channels is not the market's.
    """
    if spend.ndim != 2 or spend.shape[0] != len(market.channels):
        raise ValueError(f"spend has shape {spend.shape}, not ({len(market.channels)}, N)")
    stop, count = market.window.stop, spend.shape[1]
    factor = market.multiplier(market.future_weeks(count))
    effects = [
        factor * medium.effect(np.concatenate([medium.media[:stop], plan * medium.typical_bought]))[stop:]
        for medium, plan in zip(market.channels, spend, strict=True)
    ]
    return np.stack(effects)


def future_outcome(market: Market, spend: FloatArray) -> FloatArray:
    """Return what is sold in each of the N weeks after the window under a spend, (N,), outcome units.

    Season, holidays, controls, organic channels and noise of those weeks are drawn once per market, so two plans meet
    the same future. See :func:`future_effects` for ``spend``.

    Raises
    ------
    ValueError
        More weeks than the market has drawn.
    """
    stop, count = market.window.stop, spend.shape[1]
    if stop + count > len(market.noise):
        raise ValueError(f"{count} weeks are asked for, and this market has {len(market.noise) - stop} to come")
    weeks = slice(stop, stop + count)
    organic = sum(medium.effect(medium.media)[weeks] for medium in market.organic)
    base = market.demand.total()[weeks] + organic + market.noise[weeks]
    return np.asarray(base + future_effects(market, spend).sum(axis=0), dtype=np.float64)


def plan_value(market: Market, calendar: SpendCalendar, spend: FloatArray) -> float:
    """Return the true value of a plan: expected outcome(plan) − outcome(no spend in the horizon), outcome units.

    Bridge and tail spend as the calendar says in both, and the tail is counted, as for a plan's claimed value.

    Parameters
    ----------
    market : Market
    calendar : SpendCalendar
        Its channels are the market's, in any order.
    spend : (C, T)
        Money a week of the horizon, channels in the calendar's order.
    """
    order = [calendar.channels.index(name) for name in market.names]

    def total(horizon: FloatArray) -> float:
        timeline = np.concatenate([calendar.bridge, horizon, calendar.tail], axis=1)[order]
        return float(future_effects(market, timeline)[:, calendar.bridge.shape[1] :].sum())

    return total(np.asarray(spend, dtype=np.float64)) - total(np.zeros_like(calendar.baseline))
