"""Risk measures that planners can name: the mean, the bad tail, a mix of both, the worst of several fits."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import override

import numpy as np

from mmm.arrays import FloatArray, IntArray
from mmm.exceptions import SpecError
from optimizer.risk_base import Part, Risk
from optimizer.risk_local import MeanSd, ReachProbability

__all__ = ["CVaR", "Coherent", "Mean", "MeanCVaR", "MeanSd", "ReachProbability", "Risk", "WorstFit"]

_WHERE = "objective.risk"


class Coherent(Risk):
    """The least of one or several mixes of mean and lower tail."""

    @abstractmethod
    def parts(self, fit: IntArray) -> tuple[Part, ...]:
        """Return the mixes whose least value is the figure."""

    @override
    def value(self, uplift: FloatArray, fit: IntArray) -> float:
        """Return the least mix."""
        return min(part.value(uplift) for part in self.parts(fit))

    @override
    def weights(self, uplift: FloatArray, fit: IntArray) -> FloatArray:
        """Return the weights of the least mix."""
        return min(self.parts(fit), key=lambda part: part.value(uplift)).weights(uplift)


def _check_level(level: float) -> None:
    if not 0 < level <= 1:
        raise SpecError(f"the level {level} is not a share of the draws", where=_WHERE, do="Write 0.1 for 10 %.")


@dataclass(frozen=True)
class Mean(Coherent):
    """The mean over draws."""

    def parts(self, fit: IntArray) -> tuple[Part, ...]:
        """Return one part: all draws."""
        return (Part(np.arange(len(fit)), 1.0, 0.0),)

    def says(self) -> str:
        """Say what is maximised."""
        return "Risk: the mean over draws."


@dataclass(frozen=True)
class CVaR(Coherent):
    """The mean of the worst draws of the uplift (conditional value at risk, lower tail).

    Attributes
    ----------
    level : float
        Share of draws in the tail, above 0 and at most 1.

    Raises
    ------
    SpecError
        The level is not a share.
    """

    level: float

    def __post_init__(self) -> None:
        _check_level(self.level)

    def parts(self, fit: IntArray) -> tuple[Part, ...]:
        """Return one part: the tail of all draws."""
        return (Part(np.arange(len(fit)), self.level, 1.0),)

    def says(self) -> str:
        """Say what is maximised."""
        return f"Risk: the mean of the worst {self.level:.0%} of draws of the uplift over the baseline (CVaR)."


@dataclass(frozen=True)
class MeanCVaR(Coherent):
    """A mix: (1 − weight) · mean + weight · mean of the worst draws of the uplift.

    Attributes
    ----------
    level : float
        Share of draws in the tail.
    weight : float
        Of the tail, from 0 (the mean) to 1 (the tail alone).

    Raises
    ------
    SpecError
        One of the two is not a share.
    """

    level: float
    weight: float = 0.5

    def __post_init__(self) -> None:
        _check_level(self.level)
        if not 0 <= self.weight <= 1:
            raise SpecError(f"the weight {self.weight} is not a share", where=_WHERE, do="Write 0.5 for half.")

    def parts(self, fit: IntArray) -> tuple[Part, ...]:
        """Return one part: a mix over all draws."""
        return (Part(np.arange(len(fit)), self.level, self.weight),)

    def says(self) -> str:
        """Say what is maximised."""
        return (
            f"Risk: {1 - self.weight:.0%} of the mean and {self.weight:.0%} of the mean of the worst {self.level:.0%} "
            "of draws of the uplift over the baseline."
        )


@dataclass(frozen=True)
class WorstFit(Coherent):
    """The least figure among several fits: robust over the forms that the model can take.

    Attributes
    ----------
    inner : Mean, CVaR or MeanCVaR
        What is taken within each fit.
    """

    inner: Mean | CVaR | MeanCVaR = Mean()

    def parts(self, fit: IntArray) -> tuple[Part, ...]:
        """Return one part a fit."""
        found = []
        for one in np.unique(fit):
            draws = np.flatnonzero(fit == one)
            (part,) = self.inner.parts(fit[draws])
            found.append(Part(draws, part.level, part.weight))
        return tuple(found)

    def says(self) -> str:
        """Say what is maximised."""
        within = self.inner.says().removeprefix("Risk: ").removesuffix(".")
        return f"Risk: the worst of the fits; within each, {within}."
