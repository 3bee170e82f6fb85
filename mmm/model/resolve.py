"""Which prior each medium gets: what was stated, else a default chosen by rule; and the rule in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from mmm.arrays import FloatArray
from mmm.model.distributions import Distribution, Parameter
from mmm.model.priors import PositivePrior
from mmm.model.spec import ModelSpec

#: Where money is comparable with the outcome: a channel returns between 0.2 and 7 in nine cases of ten.
DEFAULT_ROAS = PositivePrior(median=1.2, q95=7.0)
DEFAULT_CARRYOVER = (2.0, 3.0)
DEFAULT_HALF_SATURATION = PositivePrior(median=1.5, q95=8.0)
DEFAULT_SLOPE = PositivePrior(median=1.0, q95=1.8)
DEFAULT_ORGANIC_SHARE = PositivePrior(median=0.02, q95=0.15)
#: Total paid spend as a share of the outcome's value within which ROAS is taken to be of order one.
COMPARABLE = (0.005, 0.60)


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


def resolve_priors(spec: ModelSpec, money_share: FloatArray, *, outcome_is_money: bool) -> ResolvedPriors:
    """Choose every prior.

    Parameters
    ----------
    money_share : (C,)
        Each channel's spend over the value of all outcomes.
    outcome_is_money : bool
        Whether outcomes have a value in the currency of spend.
    """
    spent = float(money_share.sum())
    comparable = outcome_is_money and COMPARABLE[0] <= spent <= COMPARABLE[1]
    share_mu, share_sigma = spec.priors.media_share.log_moments()
    default = DEFAULT_ROAS.log_moments() if comparable else (share_mu - float(np.log(spent)), share_sigma)
    stated = [spec.priors.stated(name) for name in spec.media]
    paid, organic = stated[: len(spec.channels)], stated[len(spec.channels) :]
    roas = [own.roas.log_moments() if own.roas else default for own in paid]
    fallback = RoasRule.MONEY if comparable else RoasRule.SHARE
    shares = [(own.share_of_outcome or DEFAULT_ORGANIC_SHARE).log_moments() for own in organic]
    carry = [own.carryover_parameters() or DEFAULT_CARRYOVER for own in stated]
    half = [(own.half_saturation or DEFAULT_HALF_SATURATION).log_moments() for own in stated]
    slope = [(own.slope or DEFAULT_SLOPE).log_moments() for own in stated]
    return ResolvedPriors(
        *_columns(roas),
        tuple(RoasRule.STATED if own.roas else fallback for own in paid),
        *_columns(shares),
        *_columns(carry),
        *_columns(half),
        *_columns(slope),
        spend_share=spent,
        mroas_mu=np.full(len(paid), np.nan),
        mroas_sigma=np.full(len(paid), np.nan),
        control_sd=(None,) * len(spec.controls),
    )


def _columns(pairs: list[tuple[float, float]]) -> tuple[FloatArray, FloatArray]:
    table = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    return table[:, 0].copy(), table[:, 1].copy()
