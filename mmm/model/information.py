r"""How closely the data will tell each size, guessed before anything is sampled.

Centring (:mod:`mmm.model.centring`) needs the scale of these errors and no more: a guess that is off by a factor of two
costs some speed, and none changes the posterior. The guess is one weighted least-squares fit at the priors' own typical
carryover and saturation: each medium's curve over its mean, so that its coefficient is its share of the outcome, and
how the curve changes with both, over what the linear part leaves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from mmm.arrays import FloatArray
from mmm.model.linear import LEVEL
from mmm.model.prepared import Prepared
from mmm.transforms.adstock import geometric_adstock
from mmm.transforms.saturation import hill

#: Step of the derivatives in the logit of the retention and the log of the half-saturation; prior precision of both.
_STEP, _SHAPE_PRECISION = 0.1, 1.0
#: Errors are kept between these: beyond them centring is as good as whole, or none.
_LEAST, _MOST = 1e-3, 1e3
#: Rounds of re-weighting geos by their own noise.
_ROUNDS = 2


@dataclass(frozen=True, eq=False)
class Errors:
    """Guessed standard errors, on the log scale.

    Attributes
    ----------
    total : (M,)
        Of each medium's size over all geos, its share of the outcome; carryover and saturation not known.
    by_geo : (M, G)
        Of each geo's size, were the medium's carryover and saturation known.
    """

    total: FloatArray
    by_geo: FloatArray


def guess_errors(prepared: Prepared) -> Errors:
    """Guess how closely the data of a panel tell each medium's size."""
    columns, outcome, free = _residuals(prepared)
    media, geos = columns.shape[1:3]
    curves = columns[0]
    noise = np.sqrt((outcome**2).sum(axis=-1) / free)
    size = np.zeros(media)
    for _ in range(_ROUNDS):
        noise = np.maximum(noise, 1e-6)
        gram = np.einsum("mgt,ngt,g->mn", curves, curves, noise**-2.0)
        lower = np.linalg.cholesky(gram + _ridge(gram))
        size, _ = nnls(lower.T, np.linalg.solve(lower, np.einsum("mgt,gt,g->m", curves, outcome, noise**-2.0)))
        noise = np.sqrt(((outcome - np.einsum("m,mgt->gt", size, curves)) ** 2).sum(axis=-1) / free)
    noise = np.maximum(noise, 1e-6)
    # A medium that seems to do nothing may still do what its own error leaves room for.
    size = np.maximum(size, np.sqrt(np.diag(np.linalg.inv(gram + _ridge(gram)))))
    moved = (columns * size[:, None, None]).reshape(3 * media, geos, -1)
    whole = np.einsum("mgt,ngt,g->mn", moved, moved, noise**-2.0)
    whole[np.diag_indices(3 * media)] += np.repeat([0.0, _SHAPE_PRECISION], [media, 2 * media])
    total = np.sqrt(np.diag(np.linalg.inv(whole + _ridge(whole))))[:media]
    own = np.einsum("mgt,ngt,g->gmn", moved[:media], moved[:media], noise**-2.0)
    inverse = np.linalg.inv(own + _MOST**-2.0 * np.eye(media))
    by_geo = np.sqrt(np.diagonal(inverse, axis1=1, axis2=2)).T
    return Errors(np.clip(total, _LEAST, _MOST), np.clip(by_geo, _LEAST, _MOST))


def _ridge(gram: FloatArray) -> FloatArray:
    """Return what keeps the inverse finite where columns are the same."""
    return np.asarray(1e-9 * np.trace(gram) / len(gram) * np.eye(len(gram)) + _MOST**-2.0 * np.eye(len(gram)))


def _residuals(prepared: Prepared) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return what the linear part leaves of the curves and their derivatives, (3, M, G, T), and of the outcome, (G, T).

    Third, (G,): observed weeks less the linear columns, at least 1.
    """
    curves = _curves(prepared)
    seen = prepared.panel.observed.astype(np.float64)
    outcome = (prepared.outcome - LEVEL) * seen
    rows = np.concatenate([(curves * seen).reshape(-1, *seen.shape), outcome[None]])
    free = np.empty(len(seen))
    for g in range(len(seen)):
        signed = prepared.signed[:, g] * seen[g]
        columns = np.concatenate([seen[None, g], prepared.linear.design[g], signed])
        _, strength, basis = np.linalg.svd(columns, full_matrices=False)
        basis = basis[strength > 1e-9 * strength[0]]
        rows[:, g] -= rows[:, g] @ basis.T @ basis
        free[g] = max(float(seen[g].sum()) - len(basis), 1.0)
    return rows[:-1].reshape(curves.shape), rows[-1], free


def _curves(prepared: Prepared) -> FloatArray:
    """Return each medium's curve over its mean, and its derivatives in both shapes, (3, M, G, T).

    Hill's curve for every form: what is asked for is a scale.
    """
    priors, seen = prepared.priors, prepared.panel.observed
    retention = np.log(priors.carryover_a / priors.carryover_b)[:, None]
    half = priors.half_mu[:, None, None]

    def curve(later: float, more: float) -> FloatArray:
        alpha = 1.0 / (1.0 + np.exp(-retention - later))
        state = geometric_adstock(prepared.media, alpha, prepared.initial)
        effect = hill(state, np.exp(half + more)) * seen
        mean = effect.sum(axis=(1, 2)) / seen.sum()
        return np.asarray(effect / np.maximum(mean, 1e-12)[:, None, None])

    by_shape = [
        (curve(later, more) - curve(-later, -more)) / (2.0 * _STEP) for later, more in ((_STEP, 0.0), (0.0, _STEP))
    ]
    return np.stack([curve(0.0, 0.0), *by_shape])
