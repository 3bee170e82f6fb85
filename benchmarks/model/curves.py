"""True forms of simulated channels, in numpy and apart from the model's own: lag weights and saturation curves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import stats

from mmm.arrays import FloatArray

#: Weeks that a true effect may last; what is left of a geometric one with retention 0.85 is 1e-5 by then.
LAGS = 72


class CurveForm(StrEnum):
    """How a true effect saturates."""

    HILL = "hill"
    LOGISTIC = "logistic"
    EXPONENTIAL = "exponential"


@dataclass(frozen=True)
class Curve:
    """A saturation curve from 0 to 1 that is at one half where its input is ``half``; ``slope`` is Hill's."""

    form: CurveForm
    half: float
    slope: float = 1.0

    def value(self, u: FloatArray) -> FloatArray:
        """Return the effect's share of the most possible one."""
        x = np.maximum(u, 0.0) / self.half
        if self.form is CurveForm.LOGISTIC:
            return np.asarray(np.tanh(0.5 * np.log(3.0) * x))
        if self.form is CurveForm.EXPONENTIAL:
            return np.asarray(-np.expm1(-np.log(2.0) * x))
        power = x**self.slope
        return np.asarray(power / (1.0 + power))

    def derivative(self, u: FloatArray) -> FloatArray:
        """Return the derivative in ``u``; below a slope of 1 it is cut at a millionth of ``half``."""
        x = np.maximum(u, 1e-6 * self.half) / self.half
        if self.form is CurveForm.LOGISTIC:
            rate = 0.5 * np.log(3.0)
            return np.asarray(rate / self.half / np.cosh(np.minimum(rate * x, 300.0)) ** 2)
        if self.form is CurveForm.EXPONENTIAL:
            return np.asarray(np.log(2.0) / self.half * np.exp(-np.log(2.0) * x))
        power = x**self.slope
        return np.asarray(self.slope / self.half * power / x / (1.0 + power) ** 2)


def geometric(retention: float) -> FloatArray:
    """Return the lag weights of geometric carryover, (LAGS,), summing to 1."""
    weights = retention ** np.arange(LAGS, dtype=np.float64)
    return np.asarray(weights / weights.sum())


def weibull(shape: float, scale: float) -> FloatArray:
    """Return delayed lag weights: a Weibull density at the middle of each week (a peak after week 0 above shape 1)."""
    weights = stats.weibull_min.pdf(np.arange(LAGS) + 0.5, shape, scale=scale)
    return np.asarray(weights / weights.sum())


def binomial(rise: float, weeks: int) -> FloatArray:
    """Return delayed lag weights: a binomial density over ``weeks``, its peak at lag ``rise · (weeks − 1)``."""
    weights = np.zeros(LAGS)
    weights[:weeks] = stats.binom.pmf(np.arange(weeks), weeks - 1, rise)
    return weights / weights.sum()
