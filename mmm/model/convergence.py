r"""R-hat and effective sample sizes of many parameters at once (Vehtari et al. 2021, doi:10.1214/20-BA1221).

The figures are ArviZ's, to rounding; ArviZ takes one parameter at a time, which is half a minute for the thousands
that a geo panel has. With :math:`\hat\rho_t` the autocorrelation over split chains and pairs
:math:`P_k = \hat\rho_{2k} + \hat\rho_{2k+1}`, Geyer's initial monotone sequence gives

.. math:: \tau = -1 + 2 \sum_{k<K} \min_{j \le k} P_j + \hat\rho_{2K}^{+},\qquad \mathrm{ESS} = S / \tau

where *K* is the first pair whose sum is not positive.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.special import ndtri
from scipy.stats import rankdata

from mmm.arrays import FloatArray

#: Parameters taken at a time, so that the work arrays stay small.
_BLOCK = 128
_TAILS = (0.05, 0.95)


@dataclass(frozen=True, eq=False)
class Convergence:
    """Figures of P parameters; NaN where a parameter does not move or is not a number.

    Attributes
    ----------
    rhat, ess_bulk, ess_tail : (P,)
        Rank-normalised split R-hat; effective sample sizes of the bulk, and of the 5 % and 95 % quantiles.
    """

    rhat: FloatArray
    ess_bulk: FloatArray
    ess_tail: FloatArray


def measure(draws: FloatArray) -> Convergence:
    """Measure the convergence of draws, (P, chains, draws), with at least four draws a chain."""
    found = np.full((3, len(draws)), np.nan)
    flat = draws.reshape(len(draws), -1)
    usable = np.flatnonzero(np.isfinite(flat).all(axis=1) & (np.ptp(flat, axis=1) > 0))
    for start in range(0, len(usable), _BLOCK):
        index = usable[start : start + _BLOCK]
        found[:, index] = _block(np.asarray(draws[index], dtype=np.float64))
    return Convergence(*found)


def _block(draws: FloatArray) -> FloatArray:
    split = _split(draws)
    scaled = _normal_scores(split)
    middle = np.median(split, axis=(1, 2), keepdims=True)
    rhat = np.maximum(_rhat(scaled), _rhat(_normal_scores(np.abs(split - middle))))
    ends = np.quantile(draws, _TAILS, axis=(1, 2))[..., None, None]
    tails = [_ess(_split((draws <= end).astype(np.float64))) for end in ends]
    return np.stack([rhat, _ess(scaled), np.minimum(*tails)])


def _split(draws: FloatArray) -> FloatArray:
    """Return the halves of every chain as chains of their own, (P, 2 chains, draws // 2)."""
    half = draws.shape[-1] // 2
    return np.concatenate([draws[..., :half], draws[..., -half:]], axis=1)


def _normal_scores(draws: FloatArray) -> FloatArray:
    """Return the normal quantiles of the ranks over all chains (Blom 1958)."""
    ranks = rankdata(draws.reshape(len(draws), -1), axis=1)
    return np.asarray(ndtri((ranks - 0.375) / (ranks.shape[1] + 0.25))).reshape(draws.shape)


def _rhat(draws: FloatArray) -> FloatArray:
    length = draws.shape[-1]
    between = length * draws.mean(axis=-1).var(axis=-1, ddof=1)
    within = draws.var(axis=-1, ddof=1).mean(axis=-1)
    return np.asarray(np.sqrt((between / within + length - 1.0) / length))


def _ess(draws: FloatArray) -> FloatArray:
    chains, length = draws.shape[1:]
    size = chains * length
    tau = _autocorrelation_time(_autocorrelation(draws))
    ess = size / np.maximum(tau, 1.0 / np.log10(size))
    # A quantile that no draw crosses: as ArviZ has it, every draw counts.
    return np.where(np.ptp(draws, axis=(1, 2)) == 0, float(size), ess)


def _autocorrelation(draws: FloatArray) -> FloatArray:
    """Return the autocorrelation over chains, (P, draws), between-chain variance counted."""
    chains, length = draws.shape[1:]
    means = draws.mean(axis=-1, keepdims=True)
    padded = next_fast_len(2 * length, real=True)
    spectrum = np.abs(rfft(draws - means, padded, axis=-1)) ** 2
    covariance = irfft(spectrum.mean(axis=1), padded, axis=-1)[:, :length] / length
    within = covariance[:, :1] * length / (length - 1.0)
    total = covariance[:, :1] + (means[..., 0].var(axis=1, ddof=1)[:, None] if chains > 1 else 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = 1.0 - (within - covariance) / total
    correlation[:, 0] = 1.0
    return np.asarray(correlation, dtype=np.float64)


def _autocorrelation_time(correlation: FloatArray) -> FloatArray:
    """Return τ by Geyer's initial monotone sequence, (P,)."""
    length = correlation.shape[1]
    # The last pairs, of one or two products, are left out.
    count = max(1, -(-(length - 2) // 2))
    even = correlation[:, 0 : 2 * count : 2]
    pairs = even + correlation[:, 1 : 2 * count : 2]
    ended = pairs <= 0
    last = np.where(ended.any(axis=1), ended.argmax(axis=1), count - 1)
    monotone = np.minimum.accumulate(pairs, axis=1)
    sums = np.where(np.arange(count) < last[:, None], monotone, 0.0).sum(axis=1)
    rows = np.arange(len(pairs))
    at_end = even[rows, last]
    closing = np.where((at_end > 0) | (pairs[rows, last] >= 0), at_end, 0.0)
    return np.asarray(-1.0 + 2.0 * sums + closing, dtype=np.float64)
