r"""The linear part of a panel's outcome and its fixed prior, factorised so that it can be integrated out exactly.

For geo *g* with :math:`T_g` observed weeks, columns :math:`Z_g` (calendar, controls) centred over those weeks,

.. math::
    y_g = (b_0 + u_{0g})\,1 + Z_g (b + u_g) + m_g(\theta) + \varepsilon_g,\qquad \varepsilon_g \sim N(0, \sigma_g^2 I)

    b_0 \sim N(\bar b_0, \iota^2),\quad u_{0g} \sim N(0, \kappa^2),\quad b_k \sim N(0, s_k^2),\quad
    u_{gd} \sim N(0, \rho^2 s_d^2)

With the thin factorisation :math:`Z_g \mathrm{diag}(s) = V\,\mathrm{diag}(d)\,U` of the columns that may differ between
geos, each geo's own covariance is diagonal in the rows of *U*, the level and what is left; the shared coefficients
follow from a K × K system (Woodbury). National data have no :math:`u`. Scales of the shared coefficients may be learned
(the amplitude of a flexible baseline): they stay out of *U*. A shock to every week that all geos share is integrated
out as well, in :mod:`mmm.model.week_kernel`.

:mod:`mmm.model.panel_kernel` evaluates the density and its gradients, and draws the coefficients afterwards from their
exact conditional.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm.arrays import BoolArray, FloatArray

#: Prior mean of the level (the outcome is scaled by its mean), and the sd of the shared level and of each geo's own.
LEVEL, LEVEL_SD, GEO_LEVEL_SD = 1.0, 0.5, 1.0


@dataclass(frozen=True, eq=False)
class LinearPart:
    """Columns, priors and factors of the linear part. K shared columns, the first D of which may differ between geos.

    Attributes
    ----------
    names : tuple of str
        Of the K columns; the level is apart.
    center : (G, K)
        Means over the observed weeks.
    design : (G, K, T)
        Centred columns; 0 in weeks that were not observed.
    ones : (G, T)
        Observed weeks, scaled to length 1.
    gram : (G, K, K)
    prior_sd : (K,)
    wander : tuple of int
        Columns whose scale is a learned amplitude times ``prior_sd``.
    own_basis, own_strength : (G, H, T), (G, H)
        U and d²; H = 0 for national data.
    own_rotation : (G, D, H)
        diag(s) Vᵀ: from rotated deviations to deviations.
    cross : (G, H, K)
        U Zᵀ.
    intercept_sd : (2,)
        ι and κ; κ = 0 for national data.
    """

    names: tuple[str, ...]
    center: FloatArray
    design: FloatArray
    ones: FloatArray
    gram: FloatArray
    prior_sd: FloatArray
    wander: tuple[int, ...]
    own_basis: FloatArray
    own_strength: FloatArray
    own_rotation: FloatArray
    cross: FloatArray
    intercept_sd: FloatArray

    @classmethod
    def factorise(
        cls,
        names: tuple[str, ...],
        columns: FloatArray,
        prior_sd: FloatArray,
        observed: BoolArray,
        *,
        own: int = 0,
        wander: tuple[int, ...] = (),
    ) -> LinearPart:
        """Factorise (G, K, T) columns; the first ``own`` may differ between geos."""
        geos = len(columns)
        seen = observed.astype(np.float64)
        count = seen.sum(axis=1)
        center = (columns * seen[:, None]).sum(axis=-1) / count[:, None]
        design = np.ascontiguousarray((columns - center[..., None]) * seen[:, None])
        own = own if geos > 1 else 0
        weeks = columns.shape[-1]
        u, d, vt = np.empty((geos, 0, 0)), np.empty((geos, 0)), np.empty((geos, 0, weeks))
        if own:
            u, d, vt = np.linalg.svd(design[:, :own] * prior_sd[:own, None], full_matrices=False)
        # A column that a geo does not vary in has no direction there.
        kept = d > 1e-9 * max(float(d.max(initial=0.0)), 1e-300)
        basis = np.ascontiguousarray(vt * kept[..., None])
        return cls(
            names=names,
            center=center,
            design=design,
            ones=seen / np.sqrt(count)[:, None],
            gram=np.ascontiguousarray(design @ design.transpose(0, 2, 1)),
            prior_sd=prior_sd,
            wander=wander,
            own_basis=basis,
            own_strength=np.where(kept, d**2, 0.0),
            own_rotation=np.ascontiguousarray(prior_sd[:own, None] * u),
            cross=np.ascontiguousarray(basis @ design.transpose(0, 2, 1)),
            intercept_sd=np.array([LEVEL_SD, GEO_LEVEL_SD if geos > 1 else 0.0]),
        )

    @property
    def own(self) -> int:
        """Number of columns D that may differ between geos."""
        return int(self.own_rotation.shape[1])

    def scales(self, amplitude: FloatArray | None) -> FloatArray:
        """Return the prior sds of the shared columns by draw, (S, K); ``amplitude`` (S,) scales the flexible ones."""
        if amplitude is None:
            return self.prior_sd[None]
        sd = np.repeat(self.prior_sd[None], len(amplitude), axis=0)
        sd[:, list(self.wander)] *= amplitude[:, None]
        return sd


def linear_arrays(part: LinearPart) -> dict[str, FloatArray]:
    """Return the linear part's arrays under the kernel's names, in its order."""
    return {
        "ones": part.ones,
        "design": part.design,
        "gram": part.gram,
        "own_basis": part.own_basis,
        "own_strength": part.own_strength,
        "own_rotation": part.own_rotation,
        "cross": part.cross,
        "intercept_sd": part.intercept_sd,
    }
