"""Which prior each medium gets: what was stated, else a default chosen by rule; and the rule in words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from mmm.arrays import FloatArray
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
    """How a channel's ROAS prior was chosen."""

    STATED = "stated"
    MONEY = "money"
    SHARE = "share"


@dataclass(frozen=True, eq=False)
class ResolvedPriors:
    """Every prior of the media, as numbers. Log-normal: mean and sd of the logarithm. Beta: its two parameters.

    Attributes
    ----------
    roas_mu, roas_sigma : (C,)
    roas_rule : tuple of RoasRule
    organic_mu, organic_sigma : (O,)
        Share of the outcome.
    carryover_a, carryover_b : (M,)
    half_mu, half_sigma : (M,)
        In typical weeks.
    slope_mu, slope_sigma : (M,)
    spend_share : float
        Total paid spend over the value of all outcomes.
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
    )


def _columns(pairs: list[tuple[float, float]]) -> tuple[FloatArray, FloatArray]:
    table = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    return table[:, 0].copy(), table[:, 1].copy()
