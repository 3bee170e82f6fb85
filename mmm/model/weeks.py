"""Coordinates of the weeks in which a shock that all geos share can be integrated out.

Given the noise of each geo, the shocks' precision is diagonal but for the directions that the geos' designs span and
for weeks that not all geos have a row for. A basis of these has three parts: such weeks; what all geos have in common
(level, calendar); and the rest (controls), of which each geo knows a few directions only. Weeks outside it need no
matrix at all.
"""

from __future__ import annotations

import numpy as np

from mmm.arrays import BoolArray, FloatArray
from mmm.model.linear import LinearPart

#: A direction counts if its singular value is above this; rows have length 1.
_RANK = 1e-10


def week_arrays(part: LinearPart, observed: BoolArray, *, shocks: bool) -> dict[str, FloatArray]:
    """Return the arrays of the shocks under the kernel's names, in its order; empty without shocks.

    Parameters
    ----------
    part : LinearPart
    observed : (G, T)
    shocks : bool

    Returns
    -------
    dict
        ``week_basis`` (R, T): orthonormal; the first Y rows are weeks that only some geos have a row for, and what all
        geos have in common. ``week_seen`` (G, Y): 1 where a geo has a row for it. Each geo's rows, its own directions
        (level first) then the shared columns (level first), are ``week_lead`` (G, Y, 2 + H + K) in the first Y
        coordinates; in the others ``week_turn`` (G, X, 2 + H + K) times the orthonormal ``week_rows`` (G, X, R - Y).
    """
    geos, weeks = observed.shape
    own = np.concatenate([part.ones[:, None], part.own_basis], axis=1)
    design = np.concatenate([observed[:, None].astype(np.float64), part.design], axis=1)
    rows = np.concatenate([own, design], axis=1)
    length = np.linalg.norm(rows, axis=2, keepdims=True)
    unit = rows / np.where(length > 0, length, 1.0)
    if shocks:
        lead = _lead(design, observed)
        rest = _rest(unit.reshape(-1, weeks), lead, observed)
    else:
        lead, rest = np.zeros((0, weeks)), np.zeros((0, weeks))
    directions = _directions(unit @ rest.T)
    single = (lead != 0).sum(axis=1) == 1
    seen = np.ones((geos, len(lead)))
    if single.any():
        seen[:, single] = observed[:, np.abs(lead[single]).argmax(axis=1)]
    return {
        "week_basis": np.concatenate([lead, rest]),
        "week_seen": seen,
        "week_lead": lead @ rows.transpose(0, 2, 1),
        "week_turn": directions @ (rows @ rest.T).transpose(0, 2, 1),
        "week_rows": directions,
    }


def _lead(design: FloatArray, observed: BoolArray) -> FloatArray:
    """Return the weeks that only some geos have a row for, and a basis of the columns that all have in common."""
    weeks = observed.shape[1]
    whole = observed.all(axis=0)
    inside = design[..., whole]
    inside = inside - inside.mean(axis=-1, keepdims=True) if whole.any() else inside
    size = np.abs(inside).max(axis=(0, 2), initial=0.0)
    alike = np.abs(inside - inside[:1]).max(axis=(0, 2), initial=0.0) <= _RANK * size
    common = np.concatenate([np.ones((1, weeks)), design[0, alike & (size > 0)]]) * whole
    common /= np.maximum(np.linalg.norm(common, axis=1, keepdims=True), _RANK)
    return np.concatenate([np.eye(weeks)[~whole], _span(common)])


def _rest(rows: FloatArray, lead: FloatArray, observed: BoolArray) -> FloatArray:
    """Return a basis of what is left of all geos' rows, (·, T), of length 1."""
    left = (rows - (rows @ lead.T) @ lead) * observed.all(axis=0)
    # Once more, as what is left may be little against what was taken.
    found = _span(left - (left @ lead.T) @ lead)
    return _span(found - (found @ lead.T) @ lead)


def _span(rows: FloatArray) -> FloatArray:
    """Return an orthonormal basis of (·, T) rows."""
    _, size, directions = np.linalg.svd(rows, full_matrices=False)
    return np.ascontiguousarray(directions[size > _RANK])


def _directions(rows: FloatArray) -> FloatArray:
    """Return an orthonormal basis of each geo's (G, ·, E) rows, (G, X, E): X the largest rank, 0 beyond a geo's own."""
    _, size, directions = np.linalg.svd(rows, full_matrices=False)
    kept = size > _RANK
    most = int(kept.sum(axis=1).max(initial=0))
    return np.ascontiguousarray((directions * kept[..., None])[:, :most])
