"""What can be sold: a cap a week, and orders that wait."""

from __future__ import annotations

import numpy as np

from mmm.arrays import FloatArray


def delivered(wanted: FloatArray, cap: FloatArray, backlog: float = 0.0) -> tuple[FloatArray, FloatArray]:
    r"""Return what is sold when no week can sell more than its cap.

    Parameters
    ----------
    wanted : (T, ...)
        What would be sold without a cap, outcome units per week; any further axes (draws).
    cap : (T,)
        Infinity: no cap.
    backlog : float
        Share of what could not be sold that waits for the next week; the rest is lost.

    Returns
    -------
    (T, ...)
        What is sold in each week.
    (...)
        What waits after the last week, to be delivered after it.

    Notes
    -----
    :math:`q_t = w_t + o_{t-1}`, :math:`s_t = \min(q_t, \text{cap}_t)`, :math:`o_t = \text{backlog} (q_t - s_t)`.
    """
    waiting = np.zeros(wanted.shape[1:])
    if np.isinf(cap).all():
        return wanted, waiting
    sold = np.empty_like(wanted, dtype=np.float64)
    for t, most in enumerate(cap):
        queue = wanted[t] + waiting
        sold[t] = np.minimum(queue, most)
        waiting = backlog * (queue - sold[t])
    return sold, waiting
