"""A season that comes early or late: the yearly waves of a fit, moved along the calendar."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mmm.arrays import FloatArray
from mmm.response.draws import ResponseDraws
from mmm.transforms.time_bases import DAYS_A_YEAR


def with_season(response: ResponseDraws, weeks: int) -> ResponseDraws:
    r"""Return the response whose yearly waves come ``weeks`` later, in the baseline and in the demand index.

    Parameters
    ----------
    response : ResponseDraws
    weeks : int
        Negative: earlier. 0 returns the response itself.

    Notes
    -----
    A wave of order k moved by the angle δ is the same pair of columns with turned coefficients,
    :math:`a' = a \cos k\delta + b \sin k\delta` and :math:`b' = b \cos k\delta - a \sin k\delta` for
    :math:`a \sin k\theta + b \cos k\theta`, so the move is exact and costs nothing. Trend, holidays, controls and
    organic media stay where they are.
    """
    if weeks == 0:
        return response
    base = response.baseline
    at = base.basis.names.index("sin_1") if base.basis.fourier_order else 0
    size = 2 * base.basis.fourier_order
    coef = base.coef.copy()
    coef[at : at + size] = _turned(coef[at : at + size], weeks)
    demand = response.demand
    if demand is not None:
        # Its mean is 1 over the fitted weeks as they were: those weeks move along.
        moved = demand.weeks + np.timedelta64(7 * weeks, "D")
        demand = replace(demand, weeks=moved, coef=_turned(demand.coef, weeks))
    return replace(response, baseline=replace(base, coef=coef), demand=demand)


def _turned(coef: FloatArray, weeks: int) -> FloatArray:
    """Turn coefficients of sin 1, cos 1, sin 2, …, (2 · order, …), so that their wave comes later."""
    result = np.empty_like(coef)
    for k in range(1, len(coef) // 2 + 1):
        angle = 2.0 * np.pi * k * 7.0 * weeks / DAYS_A_YEAR
        sine, cosine = coef[2 * k - 2], coef[2 * k - 1]
        result[2 * k - 2] = sine * np.cos(angle) + cosine * np.sin(angle)
        result[2 * k - 1] = cosine * np.cos(angle) - sine * np.sin(angle)
    return result
