r"""How the draws of an uplift are summed up in one figure: the mean, the bad tail, the worst of several fits.

The uplift of draw s, :math:`u_s`, is the objective of the plan less that of the baseline in the same draw. A plan's
value is

.. math:: \operatorname{mean}_s F_s(\text{baseline}) + \rho(u_1, \dots, u_S) ,

so that with the mean it is the expected objective. Measures that are least values of weighted means,

.. math:: \rho(u) = \min_{w \in W} \sum_s w_s u_s , \quad w \ge 0, \; \sum_s w_s = 1 ,

are concave and never fall when every draw rises: concave curves stay certified, and the envelopes of S-shaped ones
still bound them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from mmm.arrays import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Part:
    """A mix of mean and lower tail over some draws: (1 − weight) · mean + weight · tail mean.

    Attributes
    ----------
    draws : (n,)
        Their positions.
    level : float
        Share of them in the tail.
    weight : float
        Of the tail's mean.
    """

    draws: IntArray
    level: float
    weight: float

    @property
    def cap(self) -> float:
        """The most that one draw can weigh in the tail's mean."""
        return min(1.0 / (self.level * len(self.draws)), 1.0)

    def value(self, uplift: FloatArray) -> float:
        """Return the mix at uplifts (S,)."""
        return float(uplift @ self.weights(uplift))

    def weights(self, uplift: FloatArray) -> FloatArray:
        """Return each draw's weight in the mix, (S,); they sum to 1."""
        found = np.zeros(len(uplift))
        tail = tail_weights(uplift[self.draws], self.level)
        found[self.draws] = (1.0 - self.weight) / len(self.draws) + self.weight * tail
        return found


def tail_weights(uplift: FloatArray, level: float) -> FloatArray:
    """Return the weights of the mean of the lowest ``level`` of draws, (S,), the last one counted in part.

    Rockafellar and Uryasev, "Conditional value-at-risk for general loss distributions", Journal of Banking & Finance 26
    (2002): with level · S not a whole number, the draw on the border takes the rest.
    """
    count = level * len(uplift)
    whole = int(np.floor(count + 1e-9))
    weights = np.zeros(len(uplift))
    order = np.argsort(uplift, kind="stable")
    if whole < 1:
        weights[order[0]] = 1.0
        return weights
    weights[order[:whole]] = 1.0 / count
    if whole < len(uplift):
        weights[order[whole]] = max(1.0 - whole / count, 0.0)
    return weights


class Risk(ABC):
    """A summary of uplifts by draw."""

    @property
    def concave(self) -> bool:
        """Whether a concave response gives a concave value, so that a tangent bounds it."""
        return True

    @property
    def monotone(self) -> bool:
        """Whether the value never falls when every draw rises, so that envelopes bound it."""
        return True

    @property
    def of_uplift(self) -> bool:
        """Whether the figure is in the objective's unit and adds to the baseline's value."""
        return True

    @abstractmethod
    def value(self, uplift: FloatArray, fit: IntArray) -> float:
        """Return the figure.

        Parameters
        ----------
        uplift : (S,)
            Over the baseline, in the objective's unit.
        fit : (S,)
            The fit that each draw is of; zeros where there is one.
        """

    @abstractmethod
    def weights(self, uplift: FloatArray, fit: IntArray) -> FloatArray:
        """Return a supergradient's weights, (S,): the figure's slope is the draws' slopes so weighted and summed."""

    @abstractmethod
    def says(self) -> str:
        """Say what is maximised, as a sentence."""
