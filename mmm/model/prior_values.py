"""Every prior as numbers: what the model is built from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from mmm.arrays import FloatArray
from mmm.model.distributions import Distribution, Parameter


class RoasRule(StrEnum):
    """How a paid channel's size was chosen.

    STATED, MONEY, SHARE and SHARE_STATED: its ROAS has the prior ``roas_mu``, ``roas_sigma`` (SHARE_STATED: exactly
    that of the stated share of the outcome). MROAS: its marginal ROAS has the prior ``mroas_mu``, ``mroas_sigma``.
    """

    STATED = "stated"
    MONEY = "money"
    SHARE = "share"
    MROAS = "mroas"
    SHARE_STATED = "share_stated"


@dataclass(frozen=True)
class SignedControl:
    """A control whose sign is stated: its effect is sign × size, and log(size) is normal.

    Attributes
    ----------
    index : int
        Among the spec's controls.
    sign : float
        +1 or −1.
    mu, sigma : float
        Mean and sd of log(size); size is the effect of one sd of the control over the mean outcome.
    """

    index: int
    sign: float
    mu: float
    sigma: float


@dataclass(frozen=True)
class PooledRoas:
    """ROAS of channels without a prior of their own share a learned centre and spread: log ROAS_c = m + τ z_c.

    m ~ Normal(mu, mu_sigma), τ ~ HalfNormal(tau_scale), z_c ~ Normal(0, 1).

    Attributes
    ----------
    channels : tuple of int
        Indices among the paid channels.
    mu, mu_sigma, tau_scale : float
    """

    channels: tuple[int, ...]
    mu: float
    mu_sigma: float
    tau_scale: float


@dataclass(frozen=True, eq=False)
class ResolvedPriors:
    """Every prior of media and controls, as numbers. Log-normal: mean and sd of the logarithm. Beta: two parameters.

    C paid channels, O organic, M = C + O media, K controls. Where ``custom`` names a parameter of a medium, that
    distribution is its prior, and the arrays hold the log-normal (carryover: the Beta) with the same median and 95 %
    quantile, for words and charts.

    Attributes
    ----------
    roas_mu, roas_sigma : (C,)
        Of a channel whose mROAS is stated: what that says of its ROAS at a typical week, for words and charts.
    roas_rule : tuple of RoasRule
    organic_mu, organic_sigma : (O,)
        Share of the outcome.
    carryover_a, carryover_b : (M,)
    half_mu, half_sigma : (M,)
        In typical weeks.
    slope_mu, slope_sigma : (M,)
    spend_share : float
        Total paid spend over the value of all outcomes.
    mroas_mu, mroas_sigma : (C,)
        NaN where no mROAS is stated.
    pooled : PooledRoas or None
    signed_controls : tuple of SignedControl
    control_sd : tuple of (float or None), (K,)
        Prior sd of a control's coefficient in mean outcomes, where its size is stated and its sign is not.
    custom : mapping of (Parameter, medium) to Distribution
        ``SHARE`` of a paid channel: its ROAS is that over its spend share.
    """

    roas_mu: FloatArray
    roas_sigma: FloatArray
    roas_rule: tuple[RoasRule, ...]
    organic_mu: FloatArray
    organic_sigma: FloatArray
    carryover_a: FloatArray
    carryover_b: FloatArray
    half_mu: FloatArray
    half_sigma: FloatArray
    slope_mu: FloatArray
    slope_sigma: FloatArray
    spend_share: float
    mroas_mu: FloatArray = field(default_factory=lambda: np.empty(0))
    mroas_sigma: FloatArray = field(default_factory=lambda: np.empty(0))
    pooled: PooledRoas | None = None
    signed_controls: tuple[SignedControl, ...] = ()
    control_sd: tuple[float | None, ...] = ()
    custom: Mapping[tuple[Parameter, str], Distribution] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class TypicalWeek:
    """The national mean non-zero week of each medium: geos' own mean non-zero weeks, added up.

    Attributes
    ----------
    media : (M,)
        In exposures, organic activity or money, as the model sees it.
    spend : (C,)
        What the paid channels cost then, in money.
    """

    media: FloatArray
    spend: FloatArray
