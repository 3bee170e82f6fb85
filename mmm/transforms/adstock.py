r"""Normalised geometric adstock with infinite carryover (numpy reference).

.. math:: a_t = \alpha a_{t-1} + (1-\alpha) x_t

so a constant input is its own steady state. Jin, Wang, Sun, Chan & Koehler (2017), "Bayesian methods for media mix
modeling with carryover and shape effects", eq. 1, in its infinite recursive form.
"""

from __future__ import annotations

import numpy as np

from mmm.arrays import FloatArray

#: Weeks whose mean input is taken as the steady state before the first week.
INITIAL_WEEKS = 8
#: Share of carryover that must have decayed before a tail may end.
DECAYED = 0.999


def initial_state(media: FloatArray) -> FloatArray:
    """Return the adstock before the first week: the steady state of the first eight weeks' mean.

    Parameters
    ----------
    media : (..., T)
        Media units per week.

    Returns
    -------
    (...,)
    """
    return np.asarray(media[..., :INITIAL_WEEKS].mean(axis=-1), dtype=np.float64)


def geometric_adstock(media: FloatArray, alpha: FloatArray | float, initial: FloatArray | float) -> FloatArray:
    """Return the adstock of every week.

    Parameters
    ----------
    media : (..., T)
        Media units per week.
    alpha : broadcastable to (...,)
        Weekly retention, 0 ≤ alpha < 1.
    initial : broadcastable to (...,)
        Adstock of the week before the first.

    Returns
    -------
    (..., T)
        In the units of ``media``; leading axes broadcast.
    """
    alpha = np.asarray(alpha, dtype=np.float64)
    initial = np.asarray(initial, dtype=np.float64)
    shape = np.broadcast_shapes(media.shape[:-1], alpha.shape, initial.shape)
    state = np.broadcast_to(initial, shape)
    result = np.empty((*shape, media.shape[-1]))
    for week in range(media.shape[-1]):
        state = alpha * state + (1.0 - alpha) * media[..., week]
        result[..., week] = state
    return result


def decay_weeks(alpha: FloatArray, decayed: float = DECAYED) -> FloatArray:
    """Return the number of weeks after which ``decayed`` of the carryover has gone, at least 1.

    Raises
    ------
    ValueError
        An ``alpha`` is outside [0, 1).
    """
    alpha = np.asarray(alpha, dtype=np.float64)
    if np.any((alpha < 0) | (alpha >= 1)):
        raise ValueError("alpha must lie in [0, 1)")
    with np.errstate(divide="ignore"):
        return np.asarray(np.maximum(1.0, np.ceil(np.log(1.0 - decayed) / np.log(alpha))), dtype=np.float64)
