"""What finance asks of a scenario: profit by week, its present value, and the week in which an outlay has paid back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm.arrays import FloatArray
from optimizer.objectives import discount_factors
from simulations.future import Future
from simulations.pricing import margin_at, value_factor

#: A cumulative loss below this share of the largest sum in the path is rounding error.
NOTHING = 1e-9


@dataclass(frozen=True)
class Terms:
    """How outcomes become money.

    Attributes
    ----------
    value : float or None
        Money per outcome unit at today's price; 1 where the outcome is money; None where nobody knows it.
    margin : float or None
        Profit before media per unit of value, at today's price.
    discount_rate : float or None
        A year: 0.08 is 8 %.
    """

    value: float | None
    margin: float | None
    discount_rate: float | None = None

    def worth(self, future: Future) -> FloatArray | None:
        """Return the money that an outcome unit brings in each week of the horizon, (T,)."""
        if self.value is None:
            return None
        return self.value * value_factor(future.price, outcome_is_money=self.value == 1.0)

    def kept(self, future: Future) -> FloatArray | None:
        """Return the profit before media of an outcome unit in each week of the horizon, (T,)."""
        worth = self.worth(future)
        return None if worth is None or self.margin is None else worth * margin_at(self.margin, future.price)

    def profit(self, future: Future, outcome: FloatArray) -> FloatArray | None:
        """Return profit by week, (T, S): what the outcome (T, S) leaves, less the week's spend."""
        kept = self.kept(future)
        return None if kept is None else kept[:, None] * outcome - future.spend.sum(axis=0)[:, None]


@dataclass(frozen=True, eq=False)
class Cash:
    """Profit over business as usual, in the horizon and after it, paired draws without residual noise.

    Attributes
    ----------
    gain : (S,)
        In all.
    npv : (S,) or None
        Each week's gain discounted to the first day of the horizon; None without a discount rate.
    payback : (S,)
        Weeks from the horizon's first day after which what was laid out has come back and stays so to the end of the
        carryover; 0 where nothing is ever laid out, infinity where it does not come back.
    path : (3, T + A)
        The gain up to the end of each week: mean, 5 % and 95 %.
    """

    gain: FloatArray
    npv: FloatArray | None
    payback: FloatArray
    path: FloatArray

    @property
    def p_pays_back(self) -> float:
        """Share of the draws in which the outlay comes back."""
        return float(np.isfinite(self.payback).mean())

    @property
    def payback_week(self) -> float:
        """The median over draws; infinity where half of them or more never pay back."""
        return float(np.quantile(self.payback, 0.5, method="inverted_cdf"))


def cash(flow: FloatArray, discount_rate: float | None) -> Cash:
    """Sum up a flow of money.

    Parameters
    ----------
    flow : (N, S)
        Money over business as usual in each week from the horizon's first on.
    discount_rate : float or None
        A year.
    """
    path = np.cumsum(flow, axis=0)
    floor = -NOTHING * np.abs(path).max(initial=0.0)
    return Cash(
        gain=path[-1],
        npv=None if discount_rate is None else discount_factors(discount_rate, len(flow)) @ flow,
        payback=_payback(path < floor),
        path=np.vstack([path.mean(axis=1), np.quantile(path, (0.05, 0.95), axis=1)]),
    )


def _payback(behind: FloatArray) -> FloatArray:
    """Return the week from which no later one is behind, (S,), of (N, S) truth values."""
    weeks = len(behind)
    last = weeks - np.argmax(behind[::-1], axis=0)
    return np.where(behind.any(axis=0), np.where(last < weeks, last + 1.0, np.inf), 0.0)
