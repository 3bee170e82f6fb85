"""Carryover that peaks after the week of the spend, which geometric adstock cannot say."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from mmm.arrays import FloatArray
from mmm.config import StrictModel
from mmm.transforms.adstock import DECAYED, initial_state

#: Weeks that a Weibull carryover is followed.
_LAGS = 72


class Lags(StrictModel, ABC):
    """Weights of this week's media and of earlier weeks'."""

    @abstractmethod
    def shape(self) -> FloatArray:
        """Return the weights by lag, (L,), in any scale."""

    def weights(self) -> FloatArray:
        """Return the weights by lag, (L,), summing to 1."""
        shape = self.shape()
        return np.asarray(shape / shape.sum(), dtype=np.float64)

    def tail_weeks(self) -> int:
        """Return the weeks until 99.9 % of the carryover has gone."""
        return int(np.searchsorted(np.cumsum(self.weights()), DECAYED) + 1)


class BinomialLags(Lags):
    """A peak ``peak`` weeks after the spend; nothing is left after ``weeks`` weeks."""

    kind: Literal["binomial"]
    peak: float = Field(ge=0)
    weeks: int = Field(default=8, ge=2, le=52)

    def shape(self) -> FloatArray:
        """See :meth:`Lags.shape`."""
        from scipy import stats  # noqa: PLC0415  (slow to load; only carryover with a delay needs it)

        rise = min(self.peak / (self.weeks - 1), 1.0)
        return np.asarray(stats.binom.pmf(np.arange(self.weeks), self.weeks - 1, rise), dtype=np.float64)


class WeibullLags(Lags):
    """A Weibull density at the middle of each week: a shape above 1 peaks after the first."""

    kind: Literal["weibull"]
    form: float = Field(default=2.0, gt=0, le=10)
    scale: float = Field(gt=0, le=20)

    def shape(self) -> FloatArray:
        """See :meth:`Lags.shape`."""
        from scipy import stats  # noqa: PLC0415  (as above)

        density = stats.weibull_min.pdf(np.arange(_LAGS) + 0.5, self.form, scale=self.scale)
        return np.asarray(density, dtype=np.float64)


DelayedCarryover = Annotated[BinomialLags | WeibullLags, Field(discriminator="kind")]


def lagged(media: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the stock of each week, (..., T): media of this and earlier weeks by weight.

    Parameters
    ----------
    media : (..., T)
    weights : (L,)
        Summing to 1. Weeks before the first had the mean of the first eight, as in geometric adstock.
    """
    before = np.repeat(initial_state(media)[..., None], len(weights) - 1, axis=-1)
    padded = np.concatenate([before, media], axis=-1)
    weeks = media.shape[-1]
    last = len(weights) - 1
    return np.asarray(
        sum(weight * padded[..., last - lag : last - lag + weeks] for lag, weight in enumerate(weights)),
        dtype=np.float64,
    )
