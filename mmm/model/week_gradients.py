r"""Gradients of the collapsed Gaussian with a shared weekly shock (numba); see :mod:`mmm.model.week_kernel`.

By Fisher's identity they are posterior means of the complete density's: means and covariances of the shocks and of the
coefficients are all that is needed. The shared part's covariance over a geo's weeks is
:math:`Y_g = A^{-1} + J_g F^{-1} J_g'` with *F* the shared coefficients' precision and the shifted columns
:math:`J_g = X_g' - A^{-1} \sum_g P_g X_g'`; as :math:`P_g^2` differs from :math:`\sigma_g^{-4}` along the geo's own
directions only, its trace over the weeks and its variances along these are enough.
"""

# ruff: noqa: ANN001, ANN201, ANN202, PLR0915  (numba infers types from the call, and a view costs time)

from __future__ import annotations

import numpy as np
from numba import njit

from mmm.model.media_paths import PART
from mmm.model.week_kernel import add, along, back, factor, inner, shock_mean


@njit(**PART)
def _lower_times(root, first, rows, result):  # type: ignore[no-untyped-def]
    """Fill result = rows · root' of the block of ``root`` from row and column ``first`` on, four rows at a time."""
    count = rows.shape[0]
    for i in range(rows.shape[1]):
        line = root[first + i, first : first + i + 1]
        for q in range(0, count - 3, 4):
            one, two, three, four = rows[q], rows[q + 1], rows[q + 2], rows[q + 3]
            a, b, c, d = 0.0, 0.0, 0.0, 0.0
            for j in range(i + 1):
                own = line[j]
                a += own * one[j]
                b += own * two[j]
                c += own * three[j]
                d += own * four[j]
            result[q, i], result[q + 1, i], result[q + 2, i], result[q + 3, i] = a, b, c, d
        for q in range(count - count % 4, count):
            result[q, i] = inner(line, rows[q, : i + 1])


@njit(**PART)
def _variances(g, lead, turn, corner, edge, t2, made, mixed, variance):  # type: ignore[no-untyped-def]
    """Fill the variance of the shocks along a geo's own directions, given the shared coefficients, (N,).

    ``corner``: (Y, Y), the shocks' covariance in the first coordinates; ``edge``: (Y, E), the block of ``root`` left of
    its last; ``made``: (G·X, E), rows · root'; ``mixed``: (X, Y + X) to work in.
    """
    first, width, at = lead.shape[1], turn.shape[1], g * turn.shape[1]
    for x in range(width):
        for y in range(first):
            total = 0.0
            for i in range(made.shape[1]):
                total += made[at + x, i] * edge[y, i]
            mixed[x, y] = 2.0 * t2 * total
        for other in range(width):
            total = 0.0
            for i in range(made.shape[1]):
                total += made[at + x, i] * made[at + other, i]
            mixed[x, first + other] = t2 * total
    for h in range(variance.shape[0]):
        variance[h] = 0.0
    for y in range(first):
        for j in range(first):
            for h in range(variance.shape[0]):
                variance[h] += corner[y, j] * lead[g, y, h] * lead[g, j, h]
    for x in range(width):
        for y in range(first):
            for h in range(variance.shape[0]):
                variance[h] += mixed[x, y] * turn[g, x, h] * lead[g, y, h]
        for other in range(width):
            for h in range(variance.shape[0]):
                variance[h] += mixed[x, first + other] * turn[g, x, h] * turn[g, other, h]


@njit(**PART)
def _shifts(root, moved, lower, tau, shift):  # type: ignore[no-untyped-def]
    """Fill A⁻¹ ΣPX' times the factor of the shared coefficients' covariance, (L, R)."""
    carried = np.empty(shift.shape[1])
    shift[:] = 0.0
    for k in range(shift.shape[0]):
        back(root, moved[k], tau, carried)
        for j in range(k + 1):
            add(lower[k, j], carried, shift[j])


@njit(**PART)
def _added(g, lead, turn, rows, long, cross, gram, inverse, lower, shift, across, variance):  # type: ignore[no-untyped-def]
    """Add the variance that the shared coefficients make along a geo's own directions; return that over its weeks.

    Less what the shifts make by themselves. ``across``: (N + L,) to work in.
    """
    owns, columns = variance.shape[0], lower.shape[0]
    trace = inverse[0, 0] * long * long
    for k in range(columns - 1):
        for j in range(columns - 1):
            trace += inverse[1 + k, 1 + j] * gram[g, k, j]
    for j in range(columns):
        along(g, lead, turn, rows, shift[j], across)
        for k in range(j, columns):
            trace -= 2.0 * lower[k, j] * across[owns + k]
        if j == 0:
            across[0] -= lower[0, 0] * long
        for k in range(max(j, 1), columns):
            own = lower[k, j]
            for h in range(1, owns):
                across[h] -= own * cross[g, h - 1, k - 1]
        for h in range(owns):
            variance[h] += across[h] * across[h]
    return trace


@njit(**PART)
def shocked_gradients(  # type: ignore[no-untyped-def]
    residual, ones, shared, gram, own, strength, cross, basis, seen, lead, turn, rows, sigma, rho, sd, tau, z, w, root,
    u, moved, inverse, e, outside, whole, pull, d_sigma, d_sd,
):  # fmt: skip
    """Fill the derivatives in the mean (``pull``), sigma and sd; return those in rho and tau."""
    geos, weeks = residual.shape
    size, first, width, owns, columns = basis.shape[0], lead.shape[1], turn.shape[1], w.shape[1], len(e)
    t2, apart = tau * tau, tau * tau / whole
    coordinates, shock = np.empty(size), np.empty(weeks)
    shock_mean(basis, root, u, moved, e, outside, apart, tau, coordinates, shock)
    lower, shift = factor(inverse), np.empty((columns, size))
    _shifts(root, moved, lower, tau, shift)
    # Variance of the shocks by coordinate: of the first ones, and summed over the others and what is outside.
    corner, edge, known, rest = np.zeros((first, first)), np.empty((first, size - first)), np.empty(first), 0.0
    for r in range(size):
        for y in range(min(r + 1, first)):
            if r >= first:
                edge[y, r - first] = root[r, y]
            for j in range(min(r + 1, first)):
                corner[y, j] += t2 * root[r, y] * root[r, j]
        for j in range(first, r + 1):
            rest += t2 * root[r, j] * root[r, j]
    rest += (weeks - size) * apart
    for y in range(first):
        known[y] = corner[y, y]
    for j in range(columns):
        for r in range(size):
            if r < first:
                known[r] += shift[j, r] * shift[j, r]
            else:
                rest += shift[j, r] * shift[j, r]
    total, d_rho = rest, 0.0
    for t in range(weeks):
        total += shock[t] * shock[t]
    for y in range(first):
        total += known[y]
    made = np.empty((geos * width, size - first))
    _lower_times(root, first, rows.reshape((geos * width, size - first)), made)
    variance, across, mixed = np.empty(owns), np.empty(owns + columns), np.empty((width, first + width))
    for g in range(geos):
        v = sigma[g] * sigma[g]
        long, n = 0.0, 0.0
        for t in range(weeks):
            there = 1.0 if ones[g, t] > 0.0 else 0.0
            n += there
            long += ones[g, t]
            pull[g, t] = (residual[g, t] - shock[t]) * there / v
        _variances(g, lead, turn, corner, edge, t2, made, mixed, variance)
        trace = rest + _added(g, lead, turn, rows, long, cross, gram, inverse, lower, shift, across, variance)
        for y in range(first):
            trace += seen[g, y] * known[y]
        trace = n / v - trace / (v * v)
        for h in range(owns):
            trace += w[g, h] * ((2.0 - w[g, h]) * variance[h] / v - 1.0) / v
        along(g, lead, turn, rows, coordinates, across)
        scale = (long * e[0] + w[g, 0] * (z[g, 0] - across[0] - long * e[0])) / v
        for t in range(weeks):
            pull[g, t] -= scale * ones[g, t]
        for k in range(columns - 1):
            scale = e[1 + k] / v
            for t in range(weeks):
                pull[g, t] -= scale * shared[g, k, t]
        for h in range(1, owns):
            left = z[g, h] - across[h]
            for k in range(columns - 1):
                left -= cross[g, h - 1, k] * e[1 + k]
            scale = w[g, h] * left / v
            for t in range(weeks):
                pull[g, t] -= scale * own[g, h - 1, t]
            sure = v + rho * rho * strength[g, h - 1]
            d_rho += 0.5 * strength[g, h - 1] * ((left * left + variance[h]) / sure - 1.0) / sure
        squares = 0.0
        for t in range(weeks):
            squares += pull[g, t] * pull[g, t]
        d_sigma[g] = sigma[g] * (squares - trace)
    for k in range(columns - 1):
        d_sd[k] = (e[1 + k] * e[1 + k] + inverse[1 + k, 1 + k]) / sd[k] ** 3 - 1.0 / sd[k]
    return 2.0 * rho * d_rho, total / tau**3 - weeks / tau
