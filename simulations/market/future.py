"""Replay a plan in the market: what it would truly sell in the weeks after the data."""

from __future__ import annotations

import numpy as np

from mmm.arrays import FloatArray
from mmm.response.calendar import SpendCalendar
from simulations.market.market import Market


def _courses(market: Market, spend: FloatArray) -> dict[str, FloatArray]:
    """Return each channel's money, (..., G, M), from the first week of history through plans, (..., C, N)."""
    if spend.ndim < 2 or spend.shape[-2] != len(market.channels):
        raise ValueError(f"spend has shape {spend.shape}, not ({len(market.channels)}, N)")
    was, result = market.courses(), {}
    for row, medium in enumerate(market.channels):
        planned = market.usual_division(medium)[:, None] * spend[..., None, row, :]
        past = np.broadcast_to(was[medium.name], (*planned.shape[:-1], was[medium.name].shape[-1]))
        result[medium.name] = np.concatenate([past, planned], axis=-1)
    return result


def _refuse_beyond(market: Market, count: int) -> None:
    to_come = len(market.demand.weeks) - market.window.stop
    if count > to_come:
        raise ValueError(f"{count} weeks are asked for, and this market has {to_come} to come")


def future_effects(market: Market, spend: FloatArray) -> FloatArray:
    """Return the paid channels' own effects of each week after the window, before synergy and capacity.

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
    own = market.own_effects(_courses(market, spend))
    return np.stack([own[name].sum(axis=-2)[market.window.stop :] for name in market.names])


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
    _refuse_beyond(market, count)
    sold = market.sold(market.own_effects(_courses(market, spend))) + market.noise[:, : stop + count]
    return np.asarray(sold.sum(axis=0)[stop:], dtype=np.float64)


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

    Raises
    ------
    ValueError
        Stock can run out, and the calendar is longer than the market's future.
    """
    return float(plan_values(market, calendar, np.asarray(spend, dtype=np.float64)[None])[0])


def plan_values(market: Market, calendar: SpendCalendar, plans: FloatArray) -> FloatArray:
    """Return the true values of P plans, (P,), each as :func:`plan_value`; ``plans`` is (P, C, T)."""
    order = [calendar.channels.index(name) for name in market.names]
    # The first is no spend in the horizon.
    horizons = np.concatenate([np.zeros((1, *calendar.baseline.shape)), plans])
    bridge, tail = (np.repeat(part[None], len(horizons), axis=0) for part in (calendar.bridge, calendar.tail))
    timelines = np.concatenate([bridge, horizons, tail], axis=2)[:, order]
    if market.limit is not None:
        _refuse_beyond(market, timelines.shape[2])
    own = market.own_effects(_courses(market, timelines))
    made = market.paid(own) if market.limit is None else market.sold(own)
    totals = made[..., market.window.stop + calendar.bridge.shape[1] :].sum(axis=(-2, -1))
    return np.asarray(totals[1:] - totals[0], dtype=np.float64)
