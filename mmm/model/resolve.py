"""Which prior each medium and control gets: what was stated, else a default chosen by rule."""

from __future__ import annotations

import numpy as np

from mmm.arrays import FloatArray
from mmm.model.distributions import Parameter
from mmm.model.prior_values import PooledRoas, ResolvedPriors, RoasRule, SignedControl, TypicalWeek
from mmm.model.priors import SIZE, Z95, ChannelPriors, PositivePrior, Shrinkage, Sign
from mmm.model.scales import media_scales, outcome_scales, typical_week
from mmm.model.spec import ModelSpec, SaturationForm
from mmm.response.draws import ResponseDraws
from mmm.transforms.saturation import Saturation, saturate, saturate_slope

__all__ = [
    "COMPARABLE",
    "DEFAULT_CARRYOVER",
    "DEFAULT_CONTROL_SIZE",
    "DEFAULT_HALF_SATURATION",
    "DEFAULT_ORGANIC_SHARE",
    "DEFAULT_ROAS",
    "DEFAULT_SLOPE",
    "Parameter",
    "PooledRoas",
    "ResolvedPriors",
    "RoasRule",
    "SignedControl",
    "TypicalWeek",
    "resolve_controls",
    "resolve_priors",
]

#: Mean and sd of a logarithm (or, of a carryover, the two parameters of a Beta).
Moments = tuple[float, float]

#: Where money is comparable with the outcome: a channel returns between 0.2 and 7 in nine cases of ten.
DEFAULT_ROAS = PositivePrior(median=1.2, q95=7.0)
DEFAULT_CARRYOVER = (2.0, 3.0)
DEFAULT_HALF_SATURATION = PositivePrior(median=1.5, q95=8.0)
DEFAULT_SLOPE = PositivePrior(median=1.0, q95=1.8)
DEFAULT_ORGANIC_SHARE = PositivePrior(median=0.02, q95=0.15)
#: Where only a control's sign is stated: one sd of it moves the outcome by 0.3 to 30 % of its mean.
DEFAULT_CONTROL_SIZE = PositivePrior(median=0.03, q95=0.3)
#: Paid channels on the default ROAS prior from which on they are pooled by themselves.
MANY_CHANNELS = 8
#: Share of a pooled channel's prior variance (log ROAS) that is the shared centre's.
CENTRE = 0.5
#: Standard normal quantile of 97.5 %.
Z975 = 1.959963984540054
#: Total paid spend as a share of the outcome's value within which ROAS is taken to be of order one.
COMPARABLE = (0.005, 0.60)


def resolve_priors(
    spec: ModelSpec, money_share: FloatArray, *, outcome_is_money: bool, typical: TypicalWeek | None = None
) -> ResolvedPriors:
    """Choose every prior.

    Parameters
    ----------
    money_share : (C,)
        Each channel's spend over the value of all outcomes.
    outcome_is_money : bool
        Whether outcomes have a value in the currency of spend.
    typical : TypicalWeek
        Needed where a half-saturation is stated in money or media.

    Raises
    ------
    ValueError
        A half-saturation is stated in money or media, and ``typical`` is not given.
    """
    spent = float(money_share.sum())
    paid = [spec.priors.stated(name) for name in spec.channels]
    organic = [spec.priors.stated(name, organic=True) for name in spec.organic]
    stated = [*paid, *organic]
    half = [_half_saturation(own, i, typical) for i, own in enumerate(stated)]
    slope = [(own.slope or DEFAULT_SLOPE).log_moments() for own in stated]
    default, fallback = _default_roas(spec, spent, outcome_is_money=outcome_is_money)
    ratio = [
        _log_elasticity(spec.form(name).function, *half[i], slope[i][0] if _free(spec, name) else 0.0)
        for i, name in enumerate(spec.channels)
    ]
    sizes = [
        _size(own, share, elasticity, default, fallback)
        for own, share, elasticity in zip(paid, np.log(money_share), ratio, strict=True)
    ]
    rules = tuple(rule for _, rule in sizes)
    mroas = [own.mroas.log_moments() if own.mroas else (np.nan, np.nan) for own in paid]
    signed, control_sd = resolve_controls(spec)
    return ResolvedPriors(
        *_columns([moments for moments, _ in sizes]),
        rules,
        *_columns([(own.share_of_outcome or DEFAULT_ORGANIC_SHARE).log_moments() for own in organic]),
        *_columns([own.carryover_parameters() or DEFAULT_CARRYOVER for own in stated]),
        *_columns(half),
        *_columns(slope),
        spent,
        *_columns(mroas),
        pooled=_pool(spec, default),
        signed_controls=signed,
        control_sd=control_sd,
        custom={
            (parameter, name): distribution
            for name, own in zip(spec.media, stated, strict=True)
            for parameter, distribution in own.custom().items()
        },
    )


def _free(spec: ModelSpec, name: str) -> bool:
    return spec.form(name) is SaturationForm.HILL_FREE_SLOPE


def _default_roas(spec: ModelSpec, spent: float, *, outcome_is_money: bool) -> tuple[Moments, RoasRule]:
    """Return the ROAS prior of channels of which nothing is said, and the rule that chose it."""
    if outcome_is_money and COMPARABLE[0] <= spent <= COMPARABLE[1]:
        return DEFAULT_ROAS.log_moments(), RoasRule.MONEY
    mu, sigma = spec.priors.media_share.log_moments()
    return (mu - float(np.log(spent)), sigma), RoasRule.SHARE


def _size(
    own: ChannelPriors, log_share: float, elasticity: Moments, default: Moments, fallback: RoasRule
) -> tuple[Moments, RoasRule]:
    """Return mean and sd of a paid channel's log ROAS, and where they come from."""
    if own.share_of_outcome is not None:
        mu, sigma = own.share_of_outcome.log_moments()
        return (mu - log_share, sigma), RoasRule.SHARE_STATED
    if own.mroas is not None:
        mu, sigma = own.mroas.log_moments()
        return (mu - elasticity[0], float(np.hypot(sigma, elasticity[1]))), RoasRule.MROAS
    return (own.roas.log_moments(), RoasRule.STATED) if own.roas else (default, fallback)


def _log_elasticity(form: Saturation, mu: float, sigma: float, log_slope: float) -> Moments:
    """Return prior mean and sd of log(mROAS / ROAS) = log(u f'(u) / f(u)) at a steady typical week, u = 1."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(31)
    half = np.exp(mu + sigma * nodes)
    one, slope = np.ones_like(half), float(np.exp(log_slope))
    ratio = saturate_slope(form, one, half, slope) / np.maximum(saturate(form, one, half, slope), 1e-300)
    log, weight = np.log(np.maximum(ratio, 1e-300)), weights / weights.sum()
    mean = float(weight @ log)
    return mean, float(np.sqrt(weight @ (log - mean) ** 2))


def _half_saturation(own: ChannelPriors, index: int, typical: TypicalWeek | None) -> Moments:
    """Return mean and sd of the log half-saturation in typical weeks."""
    absolute = own.half_saturation_spend or own.half_saturation_media
    if absolute is None:
        return (own.half_saturation or DEFAULT_HALF_SATURATION).log_moments()
    if typical is None:
        raise ValueError("a half-saturation stated in money or media needs the typical week of the data")
    week = typical.spend[index] if own.half_saturation_spend else typical.media[index]
    mu, sigma = absolute.log_moments()
    return mu - float(np.log(week)), sigma


def _pool(spec: ModelSpec, default: Moments) -> PooledRoas | None:
    """Return which channels share a centre and a spread, and its prior, or None.

    Half of the variance of a channel's log ROAS goes to the shared centre and half to the spread around it
    (E τ² = tau_scale²), so that a channel's marginal prior keeps its mean and sd, and two channels correlate by 1/2.
    """
    everyone = spec.priors.roas
    if spec.priors.shrinkage is Shrinkage.NONE or spec.priors.mroas or (everyone and everyone.custom()):
        return None
    alone = {name for name, own in spec.priors.channels.items() if any(getattr(own, key) for key in SIZE)}
    members = tuple(i for i, name in enumerate(spec.channels) if name not in alone)
    automatic = spec.priors.shrinkage is Shrinkage.AUTO
    if len(members) < (MANY_CHANNELS if automatic else 2) or (automatic and everyone):
        return None
    mu, sigma = everyone.log_moments() if everyone else default
    return PooledRoas(members, mu, sigma * float(np.sqrt(CENTRE)), sigma * float(np.sqrt(1.0 - CENTRE)))


def resolve_controls(spec: ModelSpec) -> tuple[tuple[SignedControl, ...], tuple[float | None, ...]]:
    """Return the controls whose sign is stated, and the prior sd of those whose size alone is, one entry a control.

    The model's outcome unit is the mean outcome, so a stated share of it is a coefficient of a standardised control.
    """
    signed: list[SignedControl] = []
    spread: list[float | None] = [None] * len(spec.controls)
    for index, name in enumerate(spec.controls):
        own = spec.priors.controls.get(name)
        if own is None:
            continue
        mu, sigma = (own.size or DEFAULT_CONTROL_SIZE).log_moments()
        if own.sign is Sign.ANY:
            # The normal prior whose absolute value has the stated 95 % quantile.
            spread[index] = float(np.exp(mu + Z95 * sigma)) / Z975
        else:
            signed.append(SignedControl(index, 1.0 if own.sign is Sign.POSITIVE else -1.0, mu, sigma))
    return tuple(signed), tuple(spread)


def _columns(pairs: list[Moments]) -> tuple[FloatArray, FloatArray]:
    table = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    return table[:, 0].copy(), table[:, 1].copy()


def resolve_for(spec: ModelSpec, response: ResponseDraws) -> ResolvedPriors:
    """Return the priors that a fit was made with, from its response draws."""
    value = float((response.value_per_outcome * response.outcome * response.observed).sum())
    _, size = outcome_scales(response.outcome, response.observed, response.population)
    media = np.concatenate([response.paid.media, response.organic.media])
    typical = typical_week(media_scales(media, size, response.observed), media, response.spend)
    share = response.spend.sum(axis=(1, 2)) / value
    return resolve_priors(spec, share, outcome_is_money=response.outcome_is_money, typical=typical)
