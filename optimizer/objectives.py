r"""What a plan is to maximise: a linear function of the incremental response and of spend.

.. math:: F_s(x) = w \, R_s(x) - \sum_{ct} k_t \, x_{ct}

with R the incremental outcome (or its money value, discounted for the present value) of draw s, horizon and tail
together. How the draws are summed up is the risk measure's part (:mod:`optimizer.risk`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from mmm.arrays import FloatArray
from mmm.exceptions import SpecError

#: Days in a year, for discounting by the week.
YEAR = 365.25


def discount_factors(rate: float, weeks: int) -> FloatArray:
    r"""Return what money of each week is worth on the first day of the horizon, (weeks,).

    Parameters
    ----------
    rate : float
        Discount rate a year; week t counts :math:`(1 + r)^{-7t/365.25}`.
    weeks : int
        Weeks from the horizon's first on, the tail's included where the response's values are discounted.
    """
    return np.asarray((1.0 + rate) ** (-7.0 * np.arange(weeks) / YEAR), dtype=np.float64)


class Objective(ABC):
    """A linear function of response and spend."""

    @property
    @abstractmethod
    def response_weight(self) -> float:
        """Weight w of the response."""

    @property
    @abstractmethod
    def spend_weight(self) -> FloatArray:
        """Weight k of spend, subtracted: one number for all weeks, (1,), or one a week, (T,)."""

    @property
    def is_profit(self) -> bool:
        """Whether the objective is money even where the outcome is not."""
        return False

    @property
    def called(self) -> str:
        """Name the money that is maximised."""
        return "profit"

    @abstractmethod
    def says(self) -> str:
        """Say the objective."""

    def cost(self, spend: FloatArray) -> float:
        """Return what a plan's spend, (C, T), takes from the objective."""
        return float((self.spend_weight * spend).sum())

    def draws(self, values: FloatArray, spend: FloatArray) -> FloatArray:
        """Return the objective by draw, (S,), from the incremental response by draw, (S,), and the plan, (C, T)."""
        return np.asarray(self.response_weight * values - self.cost(spend), dtype=np.float64)


@dataclass(frozen=True)
class Outcome(Objective):
    """Incremental outcome."""

    @property
    def response_weight(self) -> float:
        """Weight of the response: one."""
        return 1.0

    @property
    def spend_weight(self) -> FloatArray:
        """Weight of spend: none, the budget limits it."""
        return np.zeros(1)

    def says(self) -> str:
        """Say the objective."""
        return "Maximise the expected incremental outcome, carryover after the horizon included."


def _check_margin(margin: float) -> None:
    if not (np.isfinite(margin) and 0 < margin <= 1):
        raise SpecError(f"the margin {margin} is not a share", where="objective.margin", do="Write 0.4 for 40 %.")


@dataclass(frozen=True)
class Profit(Objective):
    """Incremental profit: margin × value of the incremental outcome − spend.

    Attributes
    ----------
    margin : float
        Contribution margin of a unit of money of outcome, above 0 and at most 1.

    Raises
    ------
    SpecError
        The margin is not a share.
    """

    margin: float

    def __post_init__(self) -> None:
        _check_margin(self.margin)

    @property
    def response_weight(self) -> float:
        """Weight of the response: the margin."""
        return self.margin

    @property
    def spend_weight(self) -> FloatArray:
        """Weight of spend: money counts in full."""
        return np.ones(1)

    @property
    def is_profit(self) -> bool:
        """Profit is money."""
        return True

    def says(self) -> str:
        """Say the objective."""
        return f"Maximise the expected incremental profit: {self.margin:.0%} of the outcome's value, less spend."


@dataclass(frozen=True)
class PresentValue(Objective):
    """Net present value: margin × value of the incremental outcome − spend, each week's money discounted.

    The response's own weekly values must be discounted by the same rate (:func:`discount_factors` over horizon and
    tail), as :meth:`optimizer.brief.Brief.problem` does.

    Attributes
    ----------
    margin : float
        Contribution margin of a unit of money of outcome, above 0 and at most 1.
    discount_rate : float
        A year, 0.08 for 8 %.
    weeks : int
        Weeks T of the horizon.

    Raises
    ------
    SpecError
        The margin is not a share, or the rate is not between 0 and 1.
    """

    margin: float
    discount_rate: float
    weeks: int

    def __post_init__(self) -> None:
        _check_margin(self.margin)
        if not 0 <= self.discount_rate < 1:
            raise SpecError(
                f"the discount rate {self.discount_rate} is not a share a year",
                where="objective.discount_rate",
                do="Write 0.08 for 8 % a year.",
            )

    @property
    def response_weight(self) -> float:
        """Weight of the (discounted) response: the margin."""
        return self.margin

    @property
    def spend_weight(self) -> FloatArray:
        """Weight of each week's spend, (T,)."""
        return discount_factors(self.discount_rate, self.weeks)

    @property
    def is_profit(self) -> bool:
        """Present value is money."""
        return True

    @property
    def called(self) -> str:
        """Name the money that is maximised."""
        return "net present value"

    def says(self) -> str:
        """Say the objective."""
        return (
            f"Maximise the expected net present value: {self.margin:.0%} of the outcome's value, less spend, each "
            f"week's money discounted at {self.discount_rate:.1%} a year to the first day of the horizon."
        )
