r"""The smoothest plan that gives up at most a share of the best value.

Smoothness is the sum of squared changes from week to week, each channel in its own scale. The plan minimises

.. math:: \|D y\|^2 - \mu \, m(y)

over the feasible set, with m the quadratic model of the objective at the best plan; μ is bisected until the true value,
recomputed at every trial, has lost what may be lost.
"""

from __future__ import annotations

import numpy as np

from mmm.arrays import FloatArray
from optimizer.solvers.conic import FEASIBLE, ConicSet
from optimizer.solvers.oracle import Local, Oracle

#: Halvings of log μ.
BISECTIONS = 10


def roughness(y: FloatArray) -> float:
    """Return the sum of squared week-to-week changes, in channel scales."""
    return float((np.diff(y, axis=1) ** 2).sum())


def smoothest(oracle: Oracle, feasible: ConicSet, best: FloatArray, here: Local, loss: float) -> FloatArray:
    """Return the smoothest plan found whose value is at least ``here.value − loss``.

    Parameters
    ----------
    best : (C, K)
        K ≥ 2 weeks.
    here : Local
        The objective at ``best``, with a negative semidefinite Hessian.
    loss : float
        What may be lost, in units of the objective.
    """
    periods = best.shape[1]
    difference = np.diff(np.eye(periods), axis=0)
    rough = 2.0 * difference.T @ difference
    unit = max(roughness(best), 1e-12) / max(loss, 1e-12 * max(abs(here.value), 1.0))
    low, high, found = -12.0, 12.0, best
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        weight = unit * np.exp(middle)
        gradient = weight * here.gradient - best @ rough
        step = feasible.step(best, gradient, weight * here.hessian - rough)
        kept = step.usable and feasible.violation(step.y) <= FEASIBLE and oracle.value(step.y) >= here.value - loss
        if kept:
            found, high = step.y, middle
        else:
            low = middle
    return found
