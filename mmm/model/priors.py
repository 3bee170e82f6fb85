"""Priors that people state in their own units, and their resolution into the numbers that the model uses."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

import numpy as np
from pydantic import Field, model_validator

from mmm.config import StrictModel

#: Standard normal quantile of 95 %.
Z95 = 1.6448536269514722


class Sign(StrEnum):
    """Which way a control moves the outcome."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    ANY = "any"


class PositivePrior(StrictModel):
    """A log-normal prior, stated as a median and a 95 % quantile, or as ``mu`` and ``sigma`` of the logarithm."""

    median: float | None = Field(default=None, gt=0)
    q95: float | None = Field(default=None, gt=0)
    mu: float | None = None
    sigma: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _one_statement(self) -> Self:
        quantiles = [value is not None for value in (self.median, self.q95)]
        logarithm = [value is not None for value in (self.mu, self.sigma)]
        if not ((all(quantiles) and not any(logarithm)) or (all(logarithm) and not any(quantiles))):
            raise ValueError("a prior is either 'median' and 'q95', or 'mu' and 'sigma'")
        if self.median is not None and self.q95 is not None and self.q95 <= self.median:
            raise ValueError("'q95' must be larger than 'median'")
        return self

    def log_moments(self) -> tuple[float, float]:
        """Return mean and standard deviation of the logarithm."""
        if self.median is not None and self.q95 is not None:
            return float(np.log(self.median)), float(np.log(self.q95 / self.median) / Z95)
        if self.mu is None or self.sigma is None:
            raise ValueError("the prior is incomplete")
        return self.mu, self.sigma


class SharePrior(StrictModel):
    """A Beta prior of a share, stated as a median and a 95 % quantile, both between 0 and 1."""

    median: float = Field(gt=0, lt=1)
    q95: float = Field(gt=0, lt=1)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.q95 <= self.median:
            raise ValueError("'q95' must be larger than 'median'")
        return self

    def beta_parameters(self) -> tuple[float, float]:
        """Return the two parameters of the Beta distribution with these quantiles."""
        return beta_with_quantiles(self.median, self.q95)


def beta_with_quantiles(median: float, q95: float) -> tuple[float, float]:
    """Return (a, b) of the Beta distribution whose 50 % and 95 % quantiles are given."""
    from scipy import optimize, stats  # noqa: PLC0415  (a second to import; `check` reads the spec too)

    def miss(logs: np.ndarray) -> np.ndarray:
        a, b = np.exp(logs)
        return np.asarray(stats.beta.ppf([0.5, 0.95], a, b) - np.array([median, q95]))

    found = optimize.least_squares(miss, np.log([2.0, 2.0 / median - 2.0 + 1e-3]), bounds=(np.log(1e-2), np.log(1e4)))
    a, b = np.exp(found.x)
    return float(a), float(b)


def beta_quantiles(a: float, b: float) -> tuple[float, float, float]:
    """Return the 5 %, 50 % and 95 % quantiles of a Beta distribution."""
    from scipy import stats  # noqa: PLC0415

    low, middle, high = (float(stats.beta.ppf(level, a, b)) for level in (0.05, 0.5, 0.95))
    return low, middle, high


class ChannelPriors(StrictModel):
    """What may be stated of a channel; anything left out keeps its default.

    Attributes
    ----------
    roas : PositivePrior
        Outcome value per unit of spend.
    half_life : PositivePrior
        Weeks until half of the carryover has gone. Or:
    carryover : SharePrior
        Share of the effect kept from one week to the next.
    half_saturation : PositivePrior
        Weekly media at which half of the most possible effect is reached, in units of the channel's typical
        (mean non-zero) week.
    slope : PositivePrior
        Hill slope, where the form is ``hill_free_slope``.
    share_of_outcome : PositivePrior
        For an organic channel: its share of the outcome.
    """

    roas: PositivePrior | None = None
    half_life: PositivePrior | None = None
    carryover: SharePrior | None = None
    half_saturation: PositivePrior | None = None
    slope: PositivePrior | None = None
    share_of_outcome: PositivePrior | None = None

    @model_validator(mode="after")
    def _one_carryover(self) -> Self:
        if self.half_life is not None and self.carryover is not None:
            raise ValueError("give 'half_life' or 'carryover', not both")
        return self

    def carryover_parameters(self) -> tuple[float, float] | None:
        """Return (a, b) of the Beta prior of the weekly retention, or None where nothing was stated."""
        if self.carryover is not None:
            return self.carryover.beta_parameters()
        if self.half_life is None:
            return None
        mu, sigma = self.half_life.log_moments()
        median, q95 = (0.5 ** (1.0 / np.exp(mu + z * sigma)) for z in (0.0, Z95))
        return beta_with_quantiles(float(median), float(q95))


class Priors(ChannelPriors):
    """Priors for every channel, and for named channels where they differ.

    Attributes
    ----------
    media_share : PositivePrior
        Share of the outcome that all paid media make together; centres the ROAS prior where money cannot.
    channels : dict
        Channel → its own priors.
    """

    media_share: PositivePrior = PositivePrior(median=0.15, q95=0.6)
    channels: dict[str, ChannelPriors] = Field(default_factory=dict)

    def stated(self, channel: str) -> ChannelPriors:
        """Return what is stated for a channel: its own, else everyone's."""
        own = self.channels.get(channel, ChannelPriors())
        values = {name: getattr(own, name) or getattr(self, name) for name in ChannelPriors.model_fields}
        if own.half_life is not None:
            values["carryover"] = None
        elif own.carryover is not None:
            values["half_life"] = None
        return ChannelPriors(**values)
