"""What another selling price does to sales, to what an outcome unit is worth, and to the margin."""

from __future__ import annotations

import numpy as np

from mmm.arrays import FloatArray
from mmm.response.draws import ResponseDraws


def is_money(response: ResponseDraws) -> bool:
    """Return whether the outcome itself is money: revenue, and not units with a value."""
    return response.outcome_is_money and bool((response.value_per_outcome == 1.0).all())


def value_factor(price: FloatArray, *, outcome_is_money: bool) -> FloatArray:
    """Return the worth of an outcome unit over today's, (T,).

    Parameters
    ----------
    price : (T,)
        Selling price over today's.
    outcome_is_money : bool
        Whether the outcome itself is money: its units are then worth what they are, at any price.
    """
    return np.ones_like(price) if outcome_is_money else price


def margin_at(margin: float, price: FloatArray) -> FloatArray:
    """Return the profit per unit of revenue at another selling price, (T,).

    Parameters
    ----------
    margin : float
        At today's price.
    price : (T,)
        Selling price over today's.

    Notes
    -----
    A unit's cost, :math:`1 - m` of today's price, stays: :math:`m' = 1 - (1 - m) / p`. Negative where the price is
    below cost.
    """
    return np.asarray(1.0 - (1.0 - margin) / price)


def sales_factor(price: float, elasticity: float, *, outcome_is_money: bool) -> float:
    """Return the outcome at another selling price over that at today's.

    Parameters
    ----------
    price : float
        Selling price over today's.
    elasticity : float
        Of the units sold: −1.5 is 1.5 % fewer units for 1 % more price (constant elasticity).
    outcome_is_money : bool
        Whether the outcome is revenue, which the price itself moves too.
    """
    return float(price ** (elasticity + 1.0 if outcome_is_money else elasticity))
