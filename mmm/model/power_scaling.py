r"""Which of prior and data a ROAS rests on: power-scaling by importance weights, without another fit.

Raising a component of the posterior (a channel's priors, or the likelihood) to a power :math:`\alpha` near 1 makes it
count a little more or less. How far a quantity's distribution moves, as cumulative Jensen–Shannon distance per doubling
of :math:`\alpha`, is its sensitivity to that component (Kallioinen, Paananen, Bürkner & Vehtari 2023, "Detecting and
diagnosing prior and likelihood sensitivity with power-scaling", Statistics and Computing 34).

Priors are scaled on the scale where that keeps what people state: the logarithm of positive parameters (the median
stays), the logit of the weekly retention (its mean stays). Only ROAS, contributions and their total are judged: at the
threshold of the paper most raw parameters of a sound media model would be flagged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from arviz_stats.base.array import array_stats as _untyped
from scipy import special

from mmm.arrays import FloatArray
from mmm.model.distributions import Parameter
from mmm.model.resolve import ResolvedPriors, RoasRule
from mmm.model.spec import SaturationForm
from mmm.response.draws import MediaDraws

if TYPE_CHECKING:
    from mmm.model.fit import Fit

array_stats: Any = _untyped

#: Powers at which a component is scaled.
LOWER, UPPER = 1.0 / 1.01, 1.01
#: The paper's threshold.
SENSITIVE = 0.05


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """Of one quantity.

    Attributes
    ----------
    name : str
        The channel, or ``total`` for the contribution of all paid media together.
    prior, likelihood : float
        Distance per doubling of the component's weight.
    moved : float
        About how far its typical value would move, relative to itself, were the prior's weight doubled: the slope of
        its mean logarithm, which is its covariance with the prior's log-density.
    """

    name: str
    prior: float
    likelihood: float
    moved: float

    @property
    def conflict(self) -> bool:
        """Prior and data pull it different ways: it moves with either."""
        return self.prior > SENSITIVE and self.likelihood > SENSITIVE

    @property
    def prior_alone(self) -> bool:
        """It moves with the prior and hardly with the data."""
        return self.prior > SENSITIVE >= self.likelihood


def sensitivities(fit: Fit, log_likelihood: FloatArray, draws: np.ndarray[Any, Any]) -> tuple[Sensitivity, ...]:
    """Return the sensitivity of every paid channel's ROAS and of the total contribution.

    Parameters
    ----------
    fit : Fit
    log_likelihood : (S',)
        Of all observations together, for the kept draws.
    draws : (S',)
        Which draws those are.
    """
    prior = prior_log_density(fit)[:, draws]
    paid = len(fit.response.channels)
    log = np.log(np.maximum(fit.roas[:, draws], 1e-300))
    found = [sensitivity(name, log[c], prior[c], log_likelihood) for c, name in enumerate(fit.response.channels)]
    if paid > 1:
        total = np.log(np.maximum(fit.contributions[:, draws].sum(axis=0), 1e-300))
        found.append(sensitivity("total", total, prior[:paid].sum(axis=0), log_likelihood))
    return tuple(found)


def sensitivity(name: str, log: FloatArray, prior: FloatArray, likelihood: FloatArray) -> Sensitivity:
    """Return how far a positive quantity moves with the log-densities of prior and likelihood.

    Parameters
    ----------
    name : str
    log : (S,)
        Draws of its logarithm: a heavy upper tail would else decide alone.
    prior, likelihood : (S,)
    """
    slope = float(((log - log.mean()) * (prior - prior.mean())).mean())
    return Sensitivity(name, _moves(log, prior), _moves(log, likelihood), float(np.expm1(np.log(2.0) * slope)))


def _moves(values: FloatArray, component: FloatArray) -> float:
    if np.ptp(component) == 0 or np.ptp(values) == 0:
        return 0.0
    lower, upper = (
        np.exp(array_stats.power_scale_lw(component - component.mean(), alpha=power)) for power in (LOWER, UPPER)
    )
    # One chain: the order of draws does not matter here.
    sense = array_stats.power_scale_sense(values[None], lower[None], upper[None], LOWER, UPPER)
    return float(sense)


def prior_log_density(fit: Fit) -> FloatArray:
    """Return the log-density of each medium's own priors under each draw, (M, S), up to a constant.

    The sum over its size (ROAS, or an organic share), retention, half-saturation and, where learned, slope. In a panel
    of geos the last three are their averages over geos, whose common centre has the prior.
    """
    priors, spec, paid = fit.priors, fit.spec, len(fit.response.channels)
    total = np.zeros((len(spec.media), fit.response.n_draws))
    total[:paid] += _sizes(fit, priors)
    for o, name in enumerate(spec.organic):
        share = fit.draws["posterior"]["organic_share"].to_numpy().reshape(-1, len(spec.organic))[:, o]
        total[paid + o] += _positive(
            priors, Parameter.SHARE, name, share, priors.organic_mu[o], priors.organic_sigma[o]
        )
    for family, first in ((fit.response.paid, 0), (fit.response.organic, paid)):
        for c, name in enumerate(family.names):
            m = first + c
            alpha, half, slope = _shape(family, c)
            total[m] += _retention(priors, name, alpha, priors.carryover_a[m], priors.carryover_b[m])
            what = Parameter.HALF_SATURATION
            total[m] += _positive(priors, what, name, half, priors.half_mu[m], priors.half_sigma[m])
            if spec.form(name) is SaturationForm.HILL_FREE_SLOPE:
                total[m] += _positive(priors, Parameter.SLOPE, name, slope, priors.slope_mu[m], priors.slope_sigma[m])
    return total


def _shape(family: MediaDraws, c: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return a medium's retention, half-saturation in typical weeks, and slope: geos averaged, (S,) each."""
    media = family.media[c]
    active = (media > 0).any(axis=1)
    typical = media[active].sum(axis=1) / (media[active] > 0).sum(axis=1)
    inside = np.clip(family.alpha[c][active], 1e-12, 1.0 - 1e-12)
    alpha = special.expit(special.logit(inside).mean(axis=0))
    half = np.exp(np.log(family.half_saturation[c][active] / typical[:, None]).mean(axis=0))
    return alpha, half, np.exp(np.log(family.slope[c][active]).mean(axis=0))


def _sizes(fit: Fit, priors: ResolvedPriors) -> FloatArray:
    """Return the log-density of each paid channel's ROAS, or of the mROAS where that is what was stated, (C, S)."""
    values = []
    for c, name in enumerate(fit.response.channels):
        if priors.roas_rule[c] is RoasRule.MROAS:
            stated, mu, sigma = fit.mroas[c], priors.mroas_mu[c], priors.mroas_sigma[c]
            values.append(_positive(priors, Parameter.MROAS, name, stated, mu, sigma))
        else:
            values.append(_positive(priors, Parameter.ROAS, name, fit.roas[c], priors.roas_mu[c], priors.roas_sigma[c]))
    return np.array(values)


def _positive(
    priors: ResolvedPriors, what: Parameter, name: str, values: FloatArray, mu: float, sigma: float
) -> FloatArray:
    """Return the log-density of log(values): that of a stated distribution, else normal."""
    log = np.log(np.maximum(values, 1e-300))
    custom = priors.custom.get((what, name))
    return custom.logpdf(values) + log if custom else np.asarray(-0.5 * ((log - mu) / sigma) ** 2)


def _retention(priors: ResolvedPriors, name: str, values: FloatArray, a: float, b: float) -> FloatArray:
    """Return the log-density of logit(values)."""
    inside = np.clip(values, 1e-12, 1.0 - 1e-12)
    custom = priors.custom.get((Parameter.CARRYOVER, name))
    jacobian = np.log(inside) + np.log1p(-inside)
    return custom.logpdf(inside) + jacobian if custom else np.asarray(a * np.log(inside) + b * np.log1p(-inside))
