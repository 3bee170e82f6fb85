r"""A prior from past studies: what they found, pooled, with their disagreement kept in its width.

Each study *i* is taken as a log-normal statement: :math:`y_i` and :math:`v_i` are mean and variance of its logarithm.
An estimate *e* with standard error *s* becomes :math:`v = \log(1 + s^2/e^2)`, :math:`y = \log e - v/2`, the log-normal
of the same mean and sd (Higgins, White & Anzures-Cabrera 2008, Statistics in Medicine 27, method 1); a 90 % range
becomes the log-normal with these 5 % and 95 % quantiles. Pooled by random effects (DerSimonian & Laird 1986,
Controlled Clinical Trials 7): with :math:`w_i = 1/v_i` and :math:`\bar y = \sum w_i y_i / \sum w_i`,

.. math::
    Q = \sum w_i (y_i - \bar y)^2,\qquad
    \tau^2 = \max\Big(0,\ \frac{Q - (n - 1)}{\sum w_i - \sum w_i^2 / \sum w_i}\Big),\qquad
    \mu = \frac{\sum y_i / (v_i + \tau^2)}{\sum 1 / (v_i + \tau^2)}.

The next case is a new draw from the studies' population, so the prior is log-normal with mean :math:`\mu` and variance
:math:`1/\sum (v_i + \tau^2)^{-1} + \tau^2` (Higgins, Thompson & Spiegelhalter 2009, JRSS A 172). One study tells
nothing of how much cases differ: its own width is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
from pydantic import Field, model_validator

from mmm.config import StrictModel

#: Standard normal quantile of 95 %.
Z95 = 1.6448536269514722


class Study(StrictModel):
    """What one study found: an estimate with its standard error, or a 90 % range.

    Attributes
    ----------
    estimate : float
        May be written as ``roas``.
    standard_error : float
    low, high : float
        5 % and 95 %.
    name : str
        For the reader.
    """

    estimate: float | None = Field(default=None, gt=0)
    roas: float | None = Field(default=None, gt=0)
    standard_error: float | None = Field(default=None, gt=0)
    low: float | None = Field(default=None, gt=0)
    high: float | None = Field(default=None, gt=0)
    name: str | None = None

    @model_validator(mode="after")
    def _one_statement(self) -> Self:
        names = ("estimate", "roas", "standard_error", "low", "high")
        given = {name for name in names if getattr(self, name) is not None}
        if given not in ({"estimate", "standard_error"}, {"roas", "standard_error"}, {"low", "high"}):
            raise ValueError("a study is either 'estimate' and 'standard_error', or 'low' and 'high' (its 90 % range)")
        if self.low is not None and self.high is not None and self.high <= self.low:
            raise ValueError("'high' must be larger than 'low'")
        return self

    def log_moments(self) -> tuple[float, float]:
        """Return mean and standard deviation of the logarithm."""
        if self.low is not None and self.high is not None:
            return range_moments(self.low, self.high)
        estimate = self.estimate or self.roas
        if estimate is None or self.standard_error is None:
            raise ValueError("the study is incomplete")
        variance = float(np.log1p((self.standard_error / estimate) ** 2))
        return float(np.log(estimate)) - 0.5 * variance, float(np.sqrt(variance))


def range_moments(low: float, high: float) -> tuple[float, float]:
    """Return mean and sd of the logarithm of the log-normal with these 5 % and 95 % quantiles."""
    return 0.5 * float(np.log(low * high)), float(np.log(high / low)) / (2.0 * Z95)


def pool(studies: Sequence[Study]) -> tuple[float, float]:
    """Return mean and sd of the logarithm of the prior that the studies make together."""
    y, sd = np.array([study.log_moments() for study in studies]).T
    variance = sd**2
    weight = 1.0 / variance
    spread = weight.sum() - (weight**2).sum() / weight.sum()
    disagreement = float((weight * (y - (weight @ y) / weight.sum()) ** 2).sum())
    between = max(0.0, (disagreement - (len(y) - 1)) / spread) if len(y) > 1 else 0.0
    share = 1.0 / (variance + between)
    return float((share @ y) / share.sum()), float(np.sqrt(1.0 / share.sum() + between))
