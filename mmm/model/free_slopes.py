r"""How much better the data are explained where the Hill slopes are free: two searches for the most likely parameters.

At a slope of 1 (and in the logistic form) a curve is concave: the first money does most. With the slopes free the same
collapsed likelihood may rise to a curve that does next to nothing below a threshold. Both are maximised with the
model's own priors of carryover, half-saturation, size and noise, the second with a weak prior of the slopes; the
baseline is integrated out, and a demand index or the size of a signed control stays at its posterior mean. For national
panels: there a search takes less than a tenth of a second.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import xarray as xr
from scipy.optimize import minimize

from mmm.arrays import BoolArray, FloatArray
from mmm.model.kernel import DENSITY, PARAMETERS, Table
from mmm.model.linear import LEVEL
from mmm.model.posterior import demand_index
from mmm.model.prepared import Prepared, packed
from mmm.model.prior_values import RoasRule
from mmm.model.spec import SaturationForm
from mmm.response.draws import ResponseDraws

#: Prior standard deviation of the logarithm of a slope that was 1 and is let go: weak, so that the data decide.
SLOPE_SD = 0.7
#: Slopes at which the second search starts, besides where the first one ended.
STEEP = 2.5
#: Bounds of the search: logit of the retention, logarithms of half-saturation (typical weeks), slope, share and noise.
#: A slope that is let go stays at 1 or above: what is asked is whether the data want an S.
_LOGIT, _HALF, _SLOPE, _SHARE, _NOISE = (-6.0, 6.0), (-4.0, 4.0), (-1.5, 2.1), (-14.0, 2.0), (-12.0, 3.0)
_STEPS = 300
_LEARNED = SaturationForm.HILL_FREE_SLOPE


@dataclass(frozen=True, eq=False)
class FreeSlopes:
    """What freeing the slopes does.

    Attributes
    ----------
    gain : float
        Log-density with the slopes free less that with the fit's own curves, both at their most.
    slope : (M,)
        Found with the slopes free.
    freed : (M,)
        Whether the fit's own form had no slope to learn.
    """

    gain: float
    slope: FloatArray
    freed: BoolArray


@dataclass(frozen=True, eq=False)
class Start:
    """A point of the posterior, scaled as in :class:`mmm.model.posterior.Draws`, and what stays as it is there.

    Attributes
    ----------
    alpha, half, slope, share : (M,)
    sigma : (1,)
    fixed : dict
        The kernel's other parameters.
    """

    alpha: FloatArray
    half: FloatArray
    slope: FloatArray
    share: FloatArray
    sigma: FloatArray
    fixed: dict[str, FloatArray]


def start_at_mean(prepared: Prepared, posterior: xr.Dataset, response: ResponseDraws) -> Start:
    """Return the posterior mean of a fit's draws.

    Parameters
    ----------
    prepared : Prepared
    posterior : Dataset
        Group ``posterior`` of the fit's tree.
    response : ResponseDraws
        Of the same fit.
    """

    def mean(name: str) -> FloatArray:
        return np.asarray(posterior[name].mean(("chain", "draw")), dtype=np.float64)

    alpha, half = mean("carryover"), mean("half_saturation") / prepared.media_scale.sum(axis=1)
    slope = np.ones(len(alpha))
    if prepared.free_slope:
        slope[list(prepared.free_slope)] = mean("slope")
    share = [mean("roas") * prepared.money_share]
    if response.organic.names:
        share.append(mean("organic_share"))
    target = prepared.outcome - LEVEL
    if len(prepared.signed):
        signs = np.array([control.sign for control in prepared.priors.signed_controls])
        target = target - np.einsum("b,bgt->gt", mean("control_size") * signs, prepared.signed)
    waves = mean("demand")[None] if "demand" in posterior else None
    now, later = demand_index(prepared, waves, 1)
    wander = mean("wander").reshape(1) if prepared.linear.wander else None
    nothing = np.zeros(1)
    return Start(
        alpha=alpha,
        half=half,
        slope=slope,
        share=np.concatenate(share),
        sigma=response.baseline.sigma.mean(axis=-1) / prepared.outcome_scale,
        fixed={
            "target": target,
            "now": now[0],
            "later": later[0],
            "deviation": mean("deviation").reshape(1) if "deviation" in posterior else nothing,
            "sd": np.broadcast_to(prepared.linear.scales(wander), (1, len(prepared.linear.names)))[0],
            "shock": nothing,
        },
    )


def free_slopes(prepared: Prepared, start: Start) -> FreeSlopes:
    """Search with the fit's own curves, then with every slope free."""
    freed = np.array([form is not _LEARNED for form in prepared.forms])
    free = replace(prepared, forms=(_LEARNED,) * len(prepared.forms))
    own, everywhere = _Search(prepared, start, ~freed), _Search(free, start, np.ones_like(freed))
    found, least = own.best(own.first())
    slope = np.zeros(len(freed))
    slope[~freed] = found[own.slopes]
    begin = np.concatenate([found[: own.slopes.start], slope])
    steep = np.concatenate([found[: own.slopes.start], np.where(freed, np.log(STEEP), slope)])
    ends = [everywhere.best(begin), everywhere.best(steep)]
    at, most = max(ends, key=lambda end: end[1])
    return FreeSlopes(gain=most - least, slope=np.exp(at[everywhere.slopes]), freed=freed)


class _Search:
    """The log-density in one vector: logit of retention, logarithms of half-saturation, share, noise, free slopes."""

    def __init__(self, prepared: Prepared, start: Start, free: BoolArray) -> None:
        self._start, self._free = start, np.flatnonzero(free)
        self._table = Table(DENSITY, packed(prepared))
        media, geos = prepared.media.shape[:2]
        ends = np.cumsum([0, media, media, media, geos, len(self._free)])
        self._parts = [slice(low, high) for low, high in pairwise(ends.tolist())]
        self.slopes = self._parts[-1]
        priors = prepared.priors
        stated = np.array([rule is not RoasRule.MROAS for rule in priors.roas_rule], dtype=np.float64)
        mu = np.concatenate([priors.roas_mu + np.log(prepared.money_share), priors.organic_mu])
        weight = np.concatenate([stated / priors.roas_sigma**2, priors.organic_sigma**-2.0])
        learned = np.array([prepared.spec.form(name) is _LEARNED for name in prepared.spec.media])
        slope_mu, slope_sd = np.where(learned, priors.slope_mu, 0.0), np.where(learned, priors.slope_sigma, SLOPE_SD)
        self._beta = priors.carryover_a, priors.carryover_b
        self._mu = np.concatenate([priors.half_mu, mu, np.zeros(geos), slope_mu[self._free]])
        self._weight = np.concatenate([priors.half_sigma**-2.0, weight, np.zeros(geos), slope_sd[self._free] ** -2.0])
        self._noise = prepared.noise_scale
        fixed = start.fixed | {"theta": np.ones((4, media, geos)), "share": np.empty(media), "sigma": np.empty(geos)}
        self._given = [np.ascontiguousarray(fixed[name], dtype=np.float64) for name in PARAMETERS]
        self._results = [np.zeros(1), *(np.zeros_like(value) for value in self._given)]
        own = [_SLOPE if learned[medium] else (0.0, _SLOPE[1]) for medium in self._free]
        self._bounds = [*[_LOGIT] * media, *[_HALF] * media, *[_SHARE] * media, *[_NOISE] * geos, *own]

    def first(self) -> FloatArray:
        start = self._start
        logs = [np.log(np.maximum(values, 1e-6)) for values in (start.half, start.share, start.sigma)]
        return np.concatenate([_logit(start.alpha), *logs, np.log(start.slope[self._free])])

    def best(self, first: FloatArray) -> tuple[FloatArray, float]:
        low, high = np.array(self._bounds).T
        found = minimize(
            self._minus, np.clip(first, low, high), jac=True, method="L-BFGS-B", bounds=self._bounds,
            options={"maxiter": _STEPS, "maxcor": 20},
        )  # fmt: skip
        return np.asarray(found.x), -float(found.fun)

    def _minus(self, x: FloatArray) -> tuple[float, FloatArray]:
        logit, half, share, sigma, slope = (x[part] for part in self._parts)
        given = dict(zip(PARAMETERS, self._given, strict=True))
        theta, steep = given["theta"], self._start.slope.copy()
        steep[self._free] = np.exp(slope)
        theta[0] = 1.0 / (1.0 + np.exp(-logit[:, None]))
        theta[1] = np.exp(half[:, None])
        theta[2] = steep[:, None]
        given["share"][:], given["sigma"][:] = np.exp(share), np.exp(sigma)
        self._table.run(self._given, self._results)
        out = dict(zip(PARAMETERS, self._results[1:], strict=True))
        by = [
            (out["theta"][0] * theta[0] * (1.0 - theta[0])).sum(axis=1),
            (out["theta"][1] * theta[1]).sum(axis=1),
            out["share"] * given["share"],
            out["sigma"] * given["sigma"],
            (out["theta"][2] * theta[2]).sum(axis=1)[self._free],
        ]
        value, pull = self._prior(x)
        value += float(self._results[0][0])
        if not np.isfinite(value):
            return 1e12, np.zeros_like(x)
        return -value, -(np.concatenate(by) + pull)

    def _prior(self, x: FloatArray) -> tuple[float, FloatArray]:
        """Return log-density and gradient: Beta of the retention, half-normal noise, normal logarithms of the rest."""
        a, b = self._beta
        media = len(a)
        logit, rest = x[:media], x[media:]
        off = rest - self._mu
        value = float((a * logit - (a + b) * np.logaddexp(0.0, logit)).sum()) - 0.5 * float(
            (self._weight * off**2).sum()
        )
        pull = np.concatenate([a - (a + b) / (1.0 + np.exp(-logit)), -self._weight * off])
        noise = x[self._parts[3]]
        relative = (np.exp(noise) / self._noise) ** 2
        pull[self._parts[3]] += 1.0 - relative
        return value + float((noise - 0.5 * relative).sum()), pull


def _logit(share: FloatArray) -> FloatArray:
    return np.asarray(np.log(share) - np.log1p(-share))
