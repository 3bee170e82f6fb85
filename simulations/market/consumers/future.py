"""Replay plans in the weeks after the window, many at once."""

from __future__ import annotations

import numpy as np

from mmm.arrays import FloatArray
from mmm.response.calendar import SpendCalendar
from simulations.market.consumers.draw import FUTURE
from simulations.market.consumers.market import ConsumerMarket
from simulations.market.consumers.rerun import Change, rerun

#: A national plan is divided over geos as in so many of the window's last weeks.
_LAST = 52


def future_expected(market: ConsumerMarket, plans: FloatArray) -> FloatArray:
    """Return what each plan sells in each week after the window, over all geos, without noise, (P, N).

    Parameters
    ----------
    market : ConsumerMarket
    plans : (P, C, N)
        Money a week from the first week after the window on, channels in the market's order.

    Raises
    ------
    ValueError
        Another number of channels, negative money, or more weeks than the market has drawn.
    """
    if plans.ndim != 3 or plans.shape[1] != len(market.names):
        raise ValueError(f"plans have shape {plans.shape}, not (P, {len(market.names)}, N)")
    if plans.shape[2] > FUTURE:
        raise ValueError(f"{plans.shape[2]} weeks are asked for, and this market has {FUTURE} to come")
    if plans.min() < 0:
        raise ValueError("a plan spends less than nothing")
    shares = _shares(market)
    weeks = range(market.window.stop, market.window.stop + plans.shape[2])
    nothing = {name: np.zeros((len(weeks), len(market.geos))) for name in market.names}
    changes = [
        Change({name: plan[row][:, None] * shares[row] for row, name in enumerate(market.names)}) for plan in plans
    ]
    return np.asarray(rerun(market, market.end, weeks, nothing, changes).sum(axis=2), dtype=np.float64)


def future_outcome(market: ConsumerMarket, spend: FloatArray) -> FloatArray:
    """Return what is sold in each of the N weeks after the window, (N,), noise included; ``spend`` is (C, N)."""
    spend = np.asarray(spend, dtype=np.float64)
    if spend.ndim != 2:
        raise ValueError(f"spend has shape {spend.shape}, not ({len(market.names)}, N)")
    first = market.world.weeks
    noise = market.noise[:, first : first + spend.shape[1]].sum(axis=0)
    return np.asarray(future_expected(market, spend[None])[0] + noise, dtype=np.float64)


def plan_values(market: ConsumerMarket, calendar: SpendCalendar, plans: FloatArray) -> FloatArray:
    """Return the true value of P plans, (P,): expected outcome(plan) − outcome(no spend in the horizon).

    Bridge and tail spend as the calendar says in all of them, and the tail counts.

    Parameters
    ----------
    market : ConsumerMarket
    calendar : SpendCalendar
        Its channels are the market's, in any order.
    plans : (P, C, T)
        Money a week of the horizon, channels in the calendar's order.
    """
    order = [calendar.channels.index(name) for name in market.names]
    count = len(plans)
    horizons = np.concatenate([np.zeros((1, *plans.shape[1:])), plans])
    bridge, tail = (np.repeat(part[None], count + 1, axis=0) for part in (calendar.bridge, calendar.tail))
    timeline = np.concatenate([bridge, horizons, tail], axis=2)[:, order]
    sold = future_expected(market, timeline)[:, calendar.bridge.shape[1] :]
    return np.asarray((sold[1:] - sold[0]).sum(axis=1), dtype=np.float64)


def _shares(market: ConsumerMarket) -> FloatArray:
    """Return the part of each channel's money that each geo had in the window's last weeks, (C, G)."""
    money = market.spend_by_geo[:, :, -_LAST:].sum(axis=2)
    total = money.sum(axis=1, keepdims=True)
    return np.where(total > 0, money / np.where(total > 0, total, 1.0), market.scene.size)
