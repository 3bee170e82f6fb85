r"""What a plan is to maximise: a linear function of the mean incremental response and of spend.

.. math:: F(x) = w \, E_s[R_s(x)] - k \sum_{ct} x_{ct}

with R the incremental outcome (or its money value) of draw s, horizon and tail together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from mmm.exceptions import SpecError


class Objective(Protocol):
    """A linear function of response and spend."""

    @property
    def response_weight(self) -> float:
        """Weight w of the response."""

    @property
    def spend_weight(self) -> float:
        """Weight k of spend, subtracted."""

    @property
    def is_profit(self) -> bool:
        """Whether the objective is money even where the outcome is not."""

    def says(self) -> str:
        """Say the objective."""


@dataclass(frozen=True)
class Outcome:
    """Expected incremental outcome."""

    response_weight: float = 1.0
    spend_weight: float = 0.0
    is_profit: bool = False

    def says(self) -> str:
        """Say the objective."""
        return "Maximise the expected incremental outcome, carryover after the horizon included."


@dataclass(frozen=True)
class Profit:
    """Expected incremental profit: margin × value of the incremental outcome − spend.

    Attributes
    ----------
    margin : float
        Contribution margin of a unit of money of outcome, above 0 and at most 1.
    """

    margin: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.margin) and 0 < self.margin <= 1):
            raise SpecError(
                f"the margin {self.margin} is not a share", where="objective.margin", do="Write 0.4 for 40 %."
            )

    @property
    def response_weight(self) -> float:
        """Weight of the response: the margin."""
        return self.margin

    @property
    def spend_weight(self) -> float:
        """Weight of spend: money counts in full."""
        return 1.0

    @property
    def is_profit(self) -> bool:
        """Profit is money."""
        return True

    def says(self) -> str:
        """Say the objective."""
        return f"Maximise the expected incremental profit: {self.margin:.0%} of the outcome's value, less spend."
