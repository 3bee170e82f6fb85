"""What paired draws say: a difference without rounding noise, the chance that it is above zero, a mean's error."""

from __future__ import annotations

import numpy as np

from mmm.arrays import FloatArray, IntArray

#: Differences below this share of the two figures are rounding error.
NOISE = 1e-12
#: Batches that a chain's draws are divided into for the error of their mean.
BATCHES = 20


def paired(one: FloatArray, other: FloatArray, noise: float = NOISE) -> FloatArray:
    """Return the difference of (S,) draws; where it is but rounding error of the two, exactly zero."""
    difference = one - other
    return np.where(np.abs(difference) <= noise * np.maximum(np.abs(one), np.abs(other)), 0.0, difference)


def p_positive(draws: FloatArray) -> float:
    """Return the share of (S,) draws above zero; a draw at exactly zero counts half."""
    return float((draws > 0).mean() + 0.5 * (draws == 0).mean())


def standard_error(draws: FloatArray, chain: IntArray) -> float:
    r"""Return the Monte Carlo standard error of the mean of correlated draws, by batch means.

    Each chain is cut into some 20 batches of neighbouring draws, whose means are nearly independent where single draws
    are not. With b draws a batch and the variance s² of all batch means, :math:`\sqrt{b s^2 / S}`; chains of fewer than
    40 draws give batches of one, which takes draws as independent.

    Parameters
    ----------
    draws : (S,)
        Each chain's draws in their order.
    chain : (S,)
        The chain of each draw.

    Returns
    -------
    float
        In the draws' unit; 0 for a single draw.

    Notes
    -----
    Flegal, Haran and Jones, "Markov chain Monte Carlo: can we trust the third significant figure?", Statistical Science
    23 (2008).
    """
    if len(draws) < 2:
        return 0.0
    chains = [draws[chain == one] for one in np.unique(chain)]
    size = max(1, min(len(values) for values in chains) // BATCHES)
    means = [values[: len(values) // size * size].reshape(-1, size).mean(axis=1) for values in chains]
    return float(np.sqrt(size * np.concatenate(means).var(ddof=1) / len(draws)))
