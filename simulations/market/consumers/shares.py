"""How the people of a market stand, week by week: to look at a funnel, and at what spend does to it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mmm.arrays import FloatArray
from simulations.market.consumers.kernel import count_by
from simulations.market.consumers.market import ConsumerMarket
from simulations.market.consumers.states import Axis


def weekly_shares(market: ConsumerMarket, axis: Axis, spend: Mapping[str, FloatArray] | None = None) -> FloatArray:
    """Return the share of people at each level of an axis at the end of each week of the window, (T, levels).

    On ``Axis.ACTIVITY`` it is the share just before the purchases, when who purchases is still seen.

    Parameters
    ----------
    market : ConsumerMarket
    axis : Axis
    spend : mapping of str to (T,) or (G, T), optional
        Other spend than was recorded.
    """
    counts: dict[int, FloatArray] = {}
    for now, step in market.steps(spend):
        if axis is not Axis.ACTIVITY or step.module not in ("sales", "experience"):
            counts[now.week] = count_by(now.people, axis).sum(axis=0)
    shares = np.stack([counts[week] for week in market.window])
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), dtype=np.float64)
