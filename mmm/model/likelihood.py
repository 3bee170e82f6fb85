r"""The collapsed Gaussian likelihood: the linear part of the model integrated out exactly.

For one geo :math:`y = m(\theta) + Z b + \varepsilon` with :math:`b \sim N(b_0, D^2)` and
:math:`\varepsilon \sim N(0, \sigma^2 I)`. With the thin factorisation :math:`Z D = U \,\mathrm{diag}(d) V^\top`, made
once, and :math:`r = y - Z b_0 - m(\theta)`, :math:`z = U^\top r`,

.. math::
    \log p(y \mid \theta, \sigma) = -\tfrac12\Big[\frac{r^\top r - z^\top z}{\sigma^2}
    + \sum_j \frac{z_j^2}{\sigma^2 + d_j^2} + \sum_j \log(\sigma^2 + d_j^2) + (T - P)\log\sigma^2 + T\log 2\pi\Big]

and :math:`b \mid \theta, \sigma, y = b_0 + D V w` with independent
:math:`w_j \sim N\big(d_j z_j / (\sigma^2 + d_j^2),\; \sigma^2 / (\sigma^2 + d_j^2)\big)`.

Fits evaluate it with :mod:`mmm.model.kernel`; :func:`collapsed_log_density` is the reference that tests hold it to.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytensor.tensor as pt

from mmm.arrays import FloatArray
from mmm.transforms.graph import Tensor

_LOG_2PI = float(np.log(2.0 * np.pi))


@dataclass(frozen=True, eq=False)
class LinearPart:
    """The linear part of the model and its fixed prior, factorised.

    Attributes
    ----------
    design : (G, T, P)
    prior_mean, prior_sd : (P,)
    basis : (G, P, T)
        Rows of Uᵀ.
    strength : (G, P)
        Squared singular values d².
    rotation : (G, P, P)
        D·V, from rotated coefficients back to coefficients.
    """

    design: FloatArray
    prior_mean: FloatArray
    prior_sd: FloatArray
    basis: FloatArray
    strength: FloatArray
    rotation: FloatArray

    @classmethod
    def factorise(cls, design: FloatArray, prior_mean: FloatArray, prior_sd: FloatArray) -> LinearPart:
        """Factorise a (G, T, P) design, P ≤ T, under independent normal priors."""
        u, d, vt = np.linalg.svd(design * prior_sd, full_matrices=False)
        return cls(
            design=design,
            prior_mean=prior_mean,
            prior_sd=prior_sd,
            basis=np.ascontiguousarray(u.transpose(0, 2, 1)),
            strength=d**2,
            rotation=prior_sd[:, None] * vt.transpose(0, 2, 1),
        )

    def offset(self) -> FloatArray:
        """Return the prior mean of the linear part, (G, T)."""
        return np.asarray(self.design @ self.prior_mean, dtype=np.float64)

    def draw(self, unexplained: FloatArray, sigma: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Draw the coefficients from their exact conditional, one set for every posterior draw.

        Parameters
        ----------
        unexplained : (G, T, S)
            Outcome minus media effects.
        sigma : (G, S)
            Residual standard deviation.

        Returns
        -------
        (P, G, S)
        """
        rotated = np.einsum("gpt,gts->gps", self.basis, unexplained - self.offset()[..., None])
        total = sigma[:, None, :] ** 2 + self.strength[..., None]
        mean = np.sqrt(self.strength)[..., None] * rotated / total
        spread = sigma[:, None, :] / np.sqrt(total)
        weights = mean + spread * rng.standard_normal(mean.shape)
        coef = self.prior_mean[:, None, None] + np.einsum("gpq,gqs->pgs", self.rotation, weights)
        return np.asarray(coef, dtype=np.float64)


def collapsed_log_density(residual: Tensor, sigma: Tensor, basis: Tensor, strength: Tensor, n_weeks: int) -> Tensor:
    """Return the log-density of the outcome with the linear part integrated out, summed over geos.

    Parameters
    ----------
    residual : (G, T)
        Outcome minus the linear part's prior mean minus media effects.
    sigma : (G,)
    basis, strength : (G, P, T), (G, P)
        Of :class:`LinearPart`.
    n_weeks : int
        T.
    """
    variance = pt.sqr(sigma)
    # Sums, not dots: a BLAS call would be half of the cold compile.
    rotated = (basis * residual[:, None, :]).sum(axis=-1)
    explained = pt.sqr(rotated)
    total = variance[:, None] + strength
    quadratic = (pt.sqr(residual).sum(axis=-1) - explained.sum(axis=-1)) / variance + (explained / total).sum(axis=-1)
    log_determinant = pt.log(total).sum(axis=-1) + (n_weeks - strength.shape[1]) * pt.log(variance)
    return -0.5 * (quadratic + log_determinant + n_weeks * _LOG_2PI).sum()
