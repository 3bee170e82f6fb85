"""The reference formulas of :mod:`mmm.transforms` as PyTensor expressions; tested against them value by value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.tensor as pt

from mmm.transforms.saturation import LOG3

#: PyTensor ships no types for its expressions.
Tensor = Any
_TINY = 1e-300


def geometric_adstock(media: Tensor, alpha: Tensor, initial: Tensor, n_weeks: int) -> Tensor:
    r"""Return the normalised geometric adstock, exactly, by prefix doubling.

    The recursion :math:`a_t = \alpha a_{t-1} + (1-\alpha) x_t` is a weighted prefix sum, so
    :math:`\log_2 T` shifted additions give it: after step *j* each entry holds the terms of the last
    :math:`2^j` weeks (Hillis & Steele 1986).

    Parameters
    ----------
    media : (..., T)
    alpha, initial : (...)
        Weekly retention, and the adstock before the first week.
    n_weeks : int
        T, known when the graph is built.

    Returns
    -------
    (..., T)
    """
    weight = alpha[..., None]
    state = (1.0 - weight) * media
    state = pt.concatenate([state[..., :1] + weight * initial[..., None], state[..., 1:]], axis=-1)
    shift, power = 1, weight
    while shift < n_weeks:
        state = pt.concatenate([state[..., :shift], state[..., shift:] + power * state[..., :-shift]], axis=-1)
        shift, power = 2 * shift, power * power
    return state


def fading(last: Tensor, alpha: Tensor, n_weeks: int) -> Tensor:
    """Return the adstock of the ``n_weeks`` after a last week, with no further media: ``last · alpha^j``, (..., n)."""
    return last[..., None] * pt.exp(pt.log(alpha)[..., None] * np.arange(1.0, n_weeks + 1.0))


def hill_unit_slope(u: Tensor, half: Tensor) -> Tensor:
    """Return the Hill saturation with slope 1; ``half`` broadcasts against ``u``."""
    return u / (u + half)


def hill(u: Tensor, half: Tensor, slope: Tensor) -> Tensor:
    """Return the Hill saturation; value and gradient are exact (zero) at ``u = 0``."""
    return pt.sigmoid(slope * (pt.log(pt.maximum(u, _TINY)) - pt.log(half)))


def logistic(u: Tensor, half: Tensor) -> Tensor:
    """Return the logistic saturation, half its height at ``half``."""
    return pt.tanh(0.5 * LOG3 * u / half)
