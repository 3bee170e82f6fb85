"""Risk measures that are not concave in the draws: only locally best plans, and weaker bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import override

import numpy as np

from mmm.arrays import FloatArray, IntArray
from mmm.exceptions import SpecError
from optimizer.risk_base import Risk

#: Where the uplifts differ by less than this share of their size, they count as equal.
FLAT = 1e-12
_WHERE = "objective.risk"


@dataclass(frozen=True)
class MeanSd(Risk):
    """Mean − penalty · standard deviation of the uplift: not monotone, so only locally best; the mean bounds it.

    Attributes
    ----------
    penalty : float
        Standard deviations that are taken off, 0 or more.

    Raises
    ------
    SpecError
        The penalty is negative.
    """

    penalty: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.penalty) and self.penalty >= 0):
            raise SpecError(
                f"the penalty {self.penalty} is not 0 or more", where=_WHERE, do="Write mean_sd: 1.0 for one sd."
            )

    @property
    def concave(self) -> bool:
        """No: a draw that rises far above the mean lowers the figure."""
        return False

    @property
    def monotone(self) -> bool:
        """No, for the same reason."""
        return False

    @override
    def value(self, uplift: FloatArray, fit: IntArray) -> float:
        """Return mean − penalty · sd (over all draws)."""
        return float(uplift.mean() - self.penalty * uplift.std())

    @override
    def weights(self, uplift: FloatArray, fit: IntArray) -> FloatArray:
        """Return the gradient; some weights can be negative."""
        count, sd = len(uplift), float(uplift.std())
        away = uplift - uplift.mean()
        if sd <= FLAT * float(np.abs(uplift).max(initial=0.0)):
            return np.full(count, 1.0 / count)
        return np.asarray((1.0 - self.penalty * away / sd) / count)

    def says(self) -> str:
        """Say what is maximised."""
        return (
            f"Risk: the mean less {self.penalty:g} standard deviations of the uplift over the baseline; a local "
            "optimum (a draw that rises can lower the figure), bounded by the best mean."
        )


@dataclass(frozen=True)
class ReachProbability(Risk):
    """The share of draws in which the uplift reaches a target.

    Attributes
    ----------
    target : float
        In the objective's unit.

    Raises
    ------
    SpecError
        The target is not a number.
    """

    target: float

    def __post_init__(self) -> None:
        if not np.isfinite(self.target):
            raise SpecError(f"the target {self.target} is not a number", where=_WHERE, do="Write reach: 1_000_000.")

    @property
    def concave(self) -> bool:
        """No: a step in every draw."""
        return False

    @property
    def of_uplift(self) -> bool:
        """No: a probability."""
        return False

    @override
    def value(self, uplift: FloatArray, fit: IntArray) -> float:
        """Return the exact share of draws at or above the target."""
        return float(np.mean(uplift >= self.target))

    @override
    def weights(self, uplift: FloatArray, fit: IntArray) -> FloatArray:
        """Return the slope of the share when each step is a bell curve as wide as the draws suggest (Silverman)."""
        return self.smoothed(uplift, self.width(uplift))[1]

    def width(self, uplift: FloatArray) -> float:
        """Return Silverman's bandwidth of the uplifts."""
        spread = float(uplift.std()) or max(abs(self.target), 1.0)
        return float(1.06 * spread * len(uplift) ** -0.2)

    def smoothed(self, uplift: FloatArray, width: float) -> tuple[float, FloatArray]:
        """Return the share with each step smoothed to a logistic curve, and its slope in each draw, (S,)."""
        near = np.clip((uplift - self.target) / width, -500.0, 500.0)
        reached = 1.0 / (1.0 + np.exp(-near))
        return float(reached.mean()), np.asarray(reached * (1.0 - reached) / (width * len(uplift)))

    def says(self) -> str:
        """Say what is maximised."""
        return (
            f"Risk: the share of draws in which the uplift over the baseline reaches {self.target:,.6g}; the best plan "
            "of several local solves, with an upper bound that is valid but can be wide."
        )
