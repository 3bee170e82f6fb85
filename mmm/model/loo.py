r"""Leave-one-out: how well the fit says a week that it did not see, and which weeks it leans on.

With the linear part drawn, observations are independent given a draw, :math:`y_{gt} \sim N(\mu_{gt}, \sigma_g)` (or
Student-t of that scale), so that the pointwise likelihood has a form although sampling integrates the linear part out.
Weights that leave one observation out are Pareto-smoothed (Vehtari, Simpson, Gelman, Yao & Gabry 2024, "Pareto smoothed
importance sampling", JMLR 25).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from arviz_stats.base.array import array_stats as _untyped
from scipy import special

from mmm.arrays import FloatArray, IntArray
from mmm.exceptions import FitError
from mmm.response.draws import ResponseDraws
from mmm.response.weekly import fitted_mean

#: ArviZ ships no types for its array functions.
array_stats: Any = _untyped

Float32Array = npt.NDArray[np.float32]
#: Observations × draws kept for the pointwise likelihood (four bytes each); beyond it draws are thinned.
MAX_CELLS = 32_000_000
#: Draws below which importance weights say nothing.
ENOUGH_DRAWS = 100
#: Observations that get Pareto-smoothed weights (about a millisecond each).
SMOOTHED = 2_000
#: Observations × draws that are worked out at a time (eight bytes each, a few copies).
CHUNK_CELLS = 4_000_000
_LOG_2PI = float(np.log(2.0 * np.pi))


@dataclass(frozen=True, eq=False)
class Pointwise:
    """The fitted observations under each draw. N observed geo-weeks, S draws (thinned where there are many).

    Attributes
    ----------
    z : (N, S) float32
        Observed minus expected, over the residual's standard deviation.
    sigma : (G, S)
        Residual standard deviation (scale, where residuals are Student-t), outcome units per week.
    freedom : (S,)
        Degrees of freedom of Student-t residuals; infinite where they are normal.
    geo, week : (N,)
        Position of each observation.
    draws : (S,)
        Which of the response's draws these are.
    chain : (S,)
    """

    z: Float32Array
    sigma: FloatArray
    freedom: FloatArray
    geo: IntArray
    week: IntArray
    draws: IntArray
    chain: IntArray

    def log_likelihood(self) -> Float32Array:
        """Return the log-density of each observation under each draw, (N, S)."""
        scale = np.log(self.sigma)
        if np.isinf(self.freedom).all():
            level = (scale + 0.5 * _LOG_2PI).astype(np.float32)[self.geo]
            return np.asarray(-0.5 * self.z**2 - level, dtype=np.float32)
        nu = self.freedom
        constant = special.gammaln((nu + 1.0) / 2.0) - special.gammaln(nu / 2.0) - 0.5 * np.log(nu * np.pi)
        level = (constant - scale).astype(np.float32)[self.geo]
        power, width = ((nu + 1.0) / 2.0).astype(np.float32), nu.astype(np.float32)
        return np.asarray(level - power * np.log1p(self.z**2 / width), dtype=np.float32)

    def below(self, part: slice = slice(None)) -> FloatArray:
        """Return the probability that the model gives to less than what was observed, (N, S), of some observations."""
        z = self.z[part].astype(np.float64)
        normal = np.isinf(self.freedom).all()
        return np.asarray(special.ndtr(z) if normal else special.stdtr(self.freedom, z), dtype=np.float64)

    def residual(self) -> FloatArray:
        """Return each observation minus its expectation, mean over draws, (N,), outcome units per week."""
        total = np.zeros(len(self.geo))
        for part in _chunks(len(self.draws), max(1, CHUNK_CELLS // max(len(self.geo), 1))):
            total += (self.z[:, part] * self.sigma[:, part][self.geo]).sum(axis=1)
        return np.asarray(total / len(self.draws), dtype=np.float64)


def pointwise(response: ResponseDraws, max_cells: int = MAX_CELLS) -> Pointwise:
    """Return the standardised residuals of every observed geo-week.

    Parameters
    ----------
    response : ResponseDraws
    max_cells : int
        Observations × draws beyond which draws are thinned, evenly over the chains.
    """
    geo, week = np.nonzero(response.observed)
    kept = min(response.n_draws, max(max_cells // max(len(geo), 1), 100))
    draws = np.unique(np.linspace(0, response.n_draws - 1, kept).round().astype(np.int64))
    z = np.empty((len(geo), len(draws)), dtype=np.float32)
    for part in _chunks(len(draws), max(1, CHUNK_CELLS // response.outcome.size)):
        some = response.select(draws[part])
        gap = (response.outcome[..., None] - fitted_mean(some)) / some.baseline.whole_sigma[:, None, :]
        z[:, part] = gap[geo, week]
    base = response.baseline
    freedom = base.freedom[draws] if base.freedom.size else np.full(len(draws), np.inf)
    return Pointwise(z, base.whole_sigma[:, draws], freedom, geo, week, draws, response.chain[draws])


def _chunks(size: int, step: int) -> Iterator[slice]:
    for start in range(0, size, step):
        yield slice(start, min(start + step, size))


@dataclass(frozen=True, eq=False)
class Loo:
    """Leave-one-out by observation.

    Attributes
    ----------
    elpd : (N,)
        Log-density of each observation under the fit without it.
    pareto_k : (N,)
        How heavy the tail of its weights is: above ``limit`` the fit leans on that observation. NaN where the weights
        are so even that none was needed (only in panels of over ``SMOOTHED`` observations).
    pit : (N,)
        Probability, under the fit without it, of less than what was observed; uniform for a calibrated model.
    effective : float
        Effective number of parameters.
    limit : float
        min(1 − 1/log10 S, 0.7).
    geo, week : (N,)
    """

    elpd: FloatArray
    pareto_k: FloatArray
    pit: FloatArray
    effective: float
    limit: float
    geo: IntArray
    week: IntArray

    @property
    def total(self) -> float:
        """Sum of the log-densities: the larger, the better the model predicts."""
        return float(self.elpd.sum())

    @property
    def standard_error(self) -> float:
        """Of the sum, over observations."""
        return float(np.sqrt(len(self.elpd) * self.elpd.var()))


def leave_one_out(found: Pointwise, smoothed: int = SMOOTHED) -> Loo:
    """Return leave-one-out and its probability transform by observation.

    Parameters
    ----------
    found : Pointwise
    smoothed : int
        How many observations, those whose weights vary most, get Pareto-smoothed weights; the others' are so even that
        plain ones serve, and their Pareto k is not a number.

    Raises
    ------
    FitError
        Fewer than ``ENOUGH_DRAWS`` draws: importance weights say nothing.
    """
    size = len(found.draws)
    if size < ENOUGH_DRAWS:
        raise FitError(
            f"{size} draws are too few to leave observations out", do="Sample more: sampling: {chains: 4, draws: 1000}."
        )
    log_likelihood = found.log_likelihood()
    efficiency = _efficiency(log_likelihood.sum(axis=0, dtype=np.float64), found.chain)
    varied = np.argsort(-log_likelihood.var(axis=1))[:smoothed]
    chosen = np.zeros(len(found.geo), dtype=np.bool_)
    chosen[varied] = True
    elpd, k, pit = (np.full(len(found.geo), np.nan) for _ in range(3))
    seen = 0.0
    for part in _chunks(len(found.geo), max(1, CHUNK_CELLS // size)):
        here = log_likelihood[part].astype(np.float64)
        weights = -here - special.logsumexp(-here, axis=-1, keepdims=True)
        smooth = chosen[part]
        if smooth.any():
            weights[smooth], k[np.arange(len(k))[part][smooth]] = array_stats.psislw(here[smooth], efficiency, axis=-1)
        elpd[part] = special.logsumexp(weights + here, axis=-1)
        seen += float((special.logsumexp(here, axis=-1) - np.log(size)).sum())
        weight = np.exp(weights - special.logsumexp(weights, axis=-1, keepdims=True))
        pit[part] = np.clip((weight * found.below(part)).sum(axis=-1), 0.0, 1.0)
    limit = min(1.0 - 1.0 / np.log10(size), 0.7)
    return Loo(elpd, k, pit, seen - float(elpd.sum()), float(limit), found.geo, found.week)


def _efficiency(total: FloatArray, chain: IntArray) -> float:
    """Return the relative effective sample size of the total log-likelihood, (S,)."""
    chains = [total[chain == one] for one in np.unique(chain)]
    shortest = min(len(values) for values in chains)
    if shortest < 8:
        return 1.0
    table = np.stack([values[:shortest] for values in chains])
    found = float(array_stats.ess(table, chain_axis=0, draw_axis=1)) / table.size
    return min(max(found, 0.05), 1.0) if np.isfinite(found) else 1.0


def pointwise_log_likelihood(response: ResponseDraws, max_cells: int = MAX_CELLS) -> Float32Array:
    """Return the log-density of every observed geo-week under each kept draw, (N, S); see :func:`pointwise`."""
    return pointwise(response, max_cells).log_likelihood()
