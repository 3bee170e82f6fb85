"""What the world does to a plan: factors on the cost of exposures and on demand. 1 means as today."""

from __future__ import annotations

import numpy as np

from mmm.arrays import BoolArray, FloatArray


def cost_shock(cost: FloatArray, channels: BoolArray, weeks: BoolArray, change: float) -> FloatArray:
    """Make an exposure dearer or cheaper in some channels and weeks.

    The same money then buys ``1 / (1 + change)`` of the exposures; shocks multiply, so their order does not matter.

    Parameters
    ----------
    cost : (C, T)
        Cost of an exposure over today's cost.
    channels, weeks : (C,), (T,) bool
    change : float
        +0.15 is 15 % dearer; above −1.

    Returns
    -------
    (C, T)
    """
    return cost * np.where(np.outer(channels, weeks), 1.0 + change, 1.0)


def demand_shock(demand: FloatArray, weeks: BoolArray, change: float) -> FloatArray:
    """Raise or lower demand in some weeks; shocks multiply.

    Parameters
    ----------
    demand : (T,)
        Demand over what the model expects.
    weeks : (T,) bool
    change : float
        −0.1 is a tenth less; not below −1.

    Returns
    -------
    (T,)
    """
    return demand * np.where(weeks, 1.0 + change, 1.0)


def base_shock(base: FloatArray, weeks: BoolArray, change: float) -> FloatArray:
    """Raise or lower base sales in some weeks, media effects left as they are; shocks multiply.

    Parameters
    ----------
    base : (T,)
        Base sales over what the model expects.
    weeks : (T,) bool
    change : float
        −0.1 is a tenth less; not below −1.

    Returns
    -------
    (T,)
    """
    return base * np.where(weeks, 1.0 + change, 1.0)
