"""Coordinates of the weeks in which a shock that all geos share can be integrated out.

Given the noise of each geo, the shocks' precision is diagonal but for the directions that the geos' designs span and
for weeks that not all geos have a row for. With a basis of these, the rest of the weeks need no matrix at all.
"""

from __future__ import annotations

import numpy as np

from mmm.arrays import BoolArray, FloatArray
from mmm.model.linear import LinearPart

#: A direction counts if its singular value is above this share of the largest.
_RANK = 1e-11
#: Share of the weeks from which on the weeks themselves are the basis: nothing would be saved.
_MOST = 0.9


def week_arrays(part: LinearPart, observed: BoolArray, *, shocks: bool) -> dict[str, FloatArray]:
    """Return the arrays of the shocks under the kernel's names, in its order; R = 0 without shocks.

    Parameters
    ----------
    part : LinearPart
    observed : (G, T)
    shocks : bool

    Returns
    -------
    dict
        ``week_basis`` (R, T), orthonormal: first each week that only some geos have a row for, then directions of the
        others; ``week_seen`` (G, R), 1 where a geo has a row for it; ``own_in_weeks`` (G, 1 + H, R), each geo's own
        directions, level first, in this basis; ``design_in_weeks`` (G, 1 + K, R), the shared columns.
    """
    own = np.concatenate([part.ones[:, None], part.own_basis], axis=1)
    design = np.concatenate([observed[:, None].astype(np.float64), part.design], axis=1)
    geos, weeks = observed.shape
    basis = (
        _basis(np.concatenate([own, design], axis=1).reshape(-1, weeks), observed) if shocks else np.zeros((0, weeks))
    )
    single = (basis != 0).sum(axis=1) == 1
    seen = np.ones((geos, len(basis)))
    seen[:, single] = observed[:, np.abs(basis[single]).argmax(axis=1)] if single.any() else 1.0
    return {
        "week_basis": basis,
        "week_seen": seen,
        "own_in_weeks": np.ascontiguousarray(own @ basis.T),
        "design_in_weeks": np.ascontiguousarray(design @ basis.T),
    }


def _basis(rows: FloatArray, observed: BoolArray) -> FloatArray:
    """Return an orthonormal basis of (·, T) rows and of the weeks that not all geos have a row for, (R, T)."""
    weeks = observed.shape[1]
    whole = observed.all(axis=0)
    alone = np.eye(weeks)[~whole]
    _, size, directions = np.linalg.svd(rows * whole, full_matrices=False)
    kept = directions[size > _RANK * max(float(size.max(initial=0.0)), 1e-300)] * whole
    return np.eye(weeks) if len(alone) + len(kept) >= _MOST * weeks else np.concatenate([alone, kept])
