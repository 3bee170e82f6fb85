"""Draws of the media's parameters from their priors, without a sampler."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mmm.arrays import FloatArray
from mmm.model.distributions import Distribution, Parameter
from mmm.model.prior_values import ResolvedPriors, RoasRule
from mmm.model.spec import ModelSpec, SaturationForm

_Custom = Mapping[tuple[Parameter, str], Distribution]


@dataclass(frozen=True, eq=False)
class ParameterDraws:
    """National prior draws of every medium.

    Attributes
    ----------
    alpha, half, slope : (M, S)
        ``half`` in typical weeks; the slope is 1 where it is not learned.
    roas, mroas : (C, S)
        NaN where the channel's size is drawn as the other one.
    organic : (O, S)
        Share of the outcome.
    """

    alpha: FloatArray
    half: FloatArray
    slope: FloatArray
    roas: FloatArray
    mroas: FloatArray
    organic: FloatArray


def draw_parameters(
    spec: ModelSpec, priors: ResolvedPriors, money_share: FloatArray, n: int, rng: np.random.Generator
) -> ParameterDraws:
    """Draw n sets of parameters.

    Parameters
    ----------
    money_share : (C,)
        Each channel's spend over the value of all outcomes.
    """
    media, custom = spec.media, priors.custom
    alpha = rng.beta(priors.carryover_a[:, None], priors.carryover_b[:, None], (len(media), n))
    slope = _log_normal(priors.slope_mu, priors.slope_sigma, n, rng)
    _replace(slope, media, Parameter.SLOPE, custom, rng)
    learned = np.array([spec.form(name) is SaturationForm.HILL_FREE_SLOPE for name in media])
    half = _log_normal(priors.half_mu, priors.half_sigma, n, rng)
    organic = _log_normal(priors.organic_mu, priors.organic_sigma, n, rng)
    _replace(organic, spec.organic, Parameter.SHARE, custom, rng)
    return ParameterDraws(
        alpha=_replace(alpha, media, Parameter.CARRYOVER, custom, rng),
        half=_replace(half, media, Parameter.HALF_SATURATION, custom, rng),
        slope=np.where(learned[:, None], slope, 1.0),
        roas=_draw_roas(spec, priors, money_share, n, rng),
        mroas=_log_normal(priors.mroas_mu, priors.mroas_sigma, n, rng),
        organic=organic,
    )


def _draw_roas(
    spec: ModelSpec, priors: ResolvedPriors, money_share: FloatArray, n: int, rng: np.random.Generator
) -> FloatArray:
    roas = _log_normal(priors.roas_mu, priors.roas_sigma, n, rng)
    if priors.pooled is not None:
        pool = priors.pooled
        centre = pool.mu + pool.mu_sigma * rng.standard_normal(n)
        spread = pool.tau_scale * np.abs(rng.standard_normal(n))
        members = list(pool.channels)
        roas[members] = np.exp(centre + spread * rng.standard_normal((len(members), n)))
    _replace(roas, spec.channels, Parameter.ROAS, custom=priors.custom, rng=rng)
    for c, name in enumerate(spec.channels):
        share = priors.custom.get((Parameter.SHARE, name))
        if share is not None:
            roas[c] = share.draw(rng, n) / money_share[c]
    roas[[rule is RoasRule.MROAS for rule in priors.roas_rule]] = np.nan
    return roas


def _log_normal(mu: FloatArray, sigma: FloatArray, n: int, rng: np.random.Generator) -> FloatArray:
    return np.asarray(np.exp(mu[:, None] + sigma[:, None] * rng.standard_normal((len(mu), n))), dtype=np.float64)


def _replace(
    draws: FloatArray, names: Sequence[str] | Mapping[str, object], parameter: Parameter, custom: _Custom,
    rng: np.random.Generator,
) -> FloatArray:  # fmt: skip
    """Put draws of the named distributions in their rows."""
    for row, name in enumerate(names):
        if (parameter, name) in custom:
            draws[row] = custom[parameter, name].draw(rng, draws.shape[1])
    return draws
