r"""Saturation of adstocked media (numpy reference), each parametrised by the input at which half the effect is reached.

Hill: :math:`f(u) = u^n / (u^n + k^n)` (Jin et al. 2017, eq. 4); concave where :math:`n \le 1`.
Logistic: :math:`f(u) = (1-e^{-\lambda u})/(1+e^{-\lambda u})` with :math:`\lambda = \ln 3 / k`, so :math:`f(k) = 1/2`.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from mmm.arrays import FloatArray

LOG3 = float(np.log(3.0))


class Saturation(StrEnum):
    """The functional form of a response's saturation."""

    HILL = "hill"
    LOGISTIC = "logistic"


def hill(u: FloatArray, half: FloatArray | float, slope: FloatArray | float = 1.0) -> FloatArray:
    """Return the Hill saturation of ``u`` ≥ 0; 0 at 0.

    Parameters
    ----------
    u : array
        Adstocked media, in media units per week; broadcasts with the parameters.
    half : array or float
        Input at which half the effect is reached, > 0, in the units of ``u``.
    slope : array or float
        Shape n > 0; 1 gives the Michaelis–Menten curve, above 1 an S-shape.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        power = (np.maximum(u, 0.0) / half) ** slope
        return np.asarray(np.where(np.isfinite(power), power / (1.0 + power), 1.0), dtype=np.float64)


def logistic(u: FloatArray, half: FloatArray | float) -> FloatArray:
    """Return the logistic saturation of ``u`` ≥ 0; 0 at 0. Parameters as in :func:`hill`."""
    return np.asarray(np.tanh(0.5 * LOG3 * np.maximum(u, 0.0) / half), dtype=np.float64)


def saturate(form: Saturation, u: FloatArray, half: FloatArray | float, slope: FloatArray | float = 1.0) -> FloatArray:
    """Return the saturation of the given form; ``slope`` is ignored by the logistic."""
    return logistic(u, half) if form is Saturation.LOGISTIC else hill(u, half, slope)


def saturate_slope(
    form: Saturation, u: FloatArray, half: FloatArray | float, slope: FloatArray | float = 1.0
) -> FloatArray:
    """Return the derivative of :func:`saturate` in ``u``; at 0 a Hill slope below 1 gives infinity."""
    if form is Saturation.LOGISTIC:
        level = logistic(u, half)
        return np.asarray(0.5 * LOG3 / half * (1.0 - level**2), dtype=np.float64)
    # n u^(n-1) k^n / (u^n + k^n)^2, written so that u = 0 needs no special case for n >= 1.
    ratio = np.maximum(u, 0.0) / half
    with np.errstate(divide="ignore"):
        return np.asarray(slope / half * ratio ** (slope - 1.0) / (1.0 + ratio**slope) ** 2, dtype=np.float64)
