r"""A planner for any smooth objective (Frank–Wolfe): truths and mixtures that the optimiser cannot hold.

.. math:: \max_x F(x),\quad \sum_{ct} x_{ct} = B,\; l_c \le \sum_t x_{ct} \le u_c,\; 0 \le x_{ct} \le m_c

Each step maximises the tangent over the feasible set, which a greedy fill does exactly (the sets are nested), and
searches the line to that corner.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mmm.arrays import FloatArray

#: (K, C, T) plans → (K,) values.
Values = Callable[[FloatArray], FloatArray]
#: (C, T) plan → (C, T) gradient.
Gradient = Callable[[FloatArray], FloatArray]
#: Shares of the way to a corner that are tried.
FINE = 0.6 ** np.arange(0, 18)
COARSE = 0.5 ** np.arange(0, 7)


@dataclass(frozen=True, eq=False)
class Limits:
    """The plan's constraints; money.

    Attributes
    ----------
    least, most : (C,)
        Of each channel's total.
    cap : (C,)
        Of each week.
    budget : float
    """

    least: FloatArray
    most: FloatArray
    cap: FloatArray
    budget: float

    @classmethod
    def around(cls, baseline: FloatArray, change: float, cap: FloatArray) -> Limits:
        """Each total within a share of the baseline's, the same budget."""
        totals = baseline.sum(axis=1)
        return cls((1 - change) * totals, (1 + change) * totals, cap, float(totals.sum()))

    def corner(self, gradient: FloatArray) -> FloatArray:
        """Return the plan that a linear objective likes best."""
        channels, weeks = gradient.shape
        plan, left = np.zeros_like(gradient), self.budget - float(self.least.sum())
        for c in range(channels):
            plan[c] = _filled(gradient[c], float(self.least[c]), float(self.cap[c]))
        room = self.most - self.least
        for cell in np.argsort(-gradient, axis=None):
            c, t = divmod(int(cell), weeks)
            add = min(float(self.cap[c]) - plan[c, t], float(room[c]), left)
            if add > 0:
                plan[c, t] += add
                room[c] -= add
                left -= add
            if left <= 0:
                break
        return plan


def _filled(gain: FloatArray, total: float, cap: float) -> FloatArray:
    """Fill the weeks with the largest gain up to the cap until the total is reached."""
    plan = np.zeros_like(gain)
    for t in np.argsort(-gain):
        plan[t] = min(cap, total)
        total -= plan[t]
        if total <= 0:
            break
    return plan


def climb(
    values: Values,
    gradient: Gradient,
    limits: Limits,
    starts: Sequence[FloatArray],
    *,
    iterations: int,
    steps: FloatArray = FINE,
) -> tuple[FloatArray, float]:
    """Return the best plan found from feasible starts, and its value."""
    best, reached = starts[0], -np.inf
    for start in starts:
        plan, value = start, float(values(start[None])[0])
        for _ in range(iterations):
            towards = limits.corner(gradient(plan)) - plan
            tried = values(plan + steps[:, None, None] * towards)
            k = int(np.argmax(tried))
            if tried[k] <= value + 1e-9 * abs(value):
                break
            plan, value = plan + steps[k] * towards, float(tried[k])
        if value > reached:
            best, reached = plan, value
    return best, reached
