r"""The collapsed Gaussian of a panel whose geos share a shock to every week (numba): the shock is integrated out too.

Each week's shock :math:`s_t \sim N(0, \tau^2)` enters every geo observed in it. With each geo's own covariance
:math:`C_g` (noise, own level, own coefficients) and precision :math:`P_g = C_g^{-1}`, the shocks' precision given the
shared coefficients is :math:`A = \tau^{-2} I + \sum_g P_g`; the shared coefficients then follow from the Schur
complement, as in a mixed model with crossed effects (Searle, Casella & McCulloch 1992, ch. 8). Everything is done in
the coordinates of :mod:`mmm.model.weeks`, with :math:`\tilde A = \tau^2 A`, which stays well behaved as the shock
vanishes. Gradients: :mod:`mmm.model.week_gradients`.

The level is the first of the N = 1 + H own directions and of the L = 1 + K shared columns.
"""

# ruff: noqa: ANN001, ANN201, ANN202  (numba infers types from the call)

from __future__ import annotations

import math

import numpy as np
from numba import njit

from mmm.model.media_paths import PART
from mmm.model.panel_kernel import draw_own, invert, sums

# 1.837… is ln 2π.


@njit(**PART)
def inner(one, other):  # type: ignore[no-untyped-def]
    """Return the inner product."""
    total = 0.0
    for i in range(one.shape[0]):
        total += one[i] * other[i]
    return total


@njit(**PART)
def add(scale, row, result):  # type: ignore[no-untyped-def]
    """Add scale · row to the result."""
    for i in range(row.shape[0]):
        result[i] += scale * row[i]


@njit(**PART)
def times(lower, vector, scale, result):  # type: ignore[no-untyped-def]
    """Fill result = scale · lower · vector."""
    for i in range(lower.shape[0]):
        total = 0.0
        for j in range(i + 1):
            total += lower[i, j] * vector[j]
        result[i] = scale * total


@njit(**PART)
def back(lower, vector, scale, result):  # type: ignore[no-untyped-def]
    """Fill result = scale · lower' · vector."""
    for i in range(lower.shape[0]):
        result[i] = 0.0
        for j in range(i + 1):
            result[j] += scale * vector[i] * lower[i, j]


@njit(**PART)
def factor(matrix):  # type: ignore[no-untyped-def]
    """Return the lower Cholesky factor of a symmetric matrix that may have lost its rank."""
    size = matrix.shape[0]
    lower = np.zeros((size, size))
    for i in range(size):
        for j in range(i + 1):
            total = matrix[i, j] - inner(lower[i, :j], lower[j, :j])
            lower[i, j] = math.sqrt(max(total, 0.0)) if i == j else (total / lower[j, j] if lower[j, j] > 0.0 else 0.0)
    return lower


@njit(**PART)
def _root(matrix):  # type: ignore[no-untyped-def]
    """Return the inverse of a positive matrix's lower Cholesky factor, which is made in place; and log-determinant."""
    size = matrix.shape[0]
    root = np.zeros((size, size))
    log_det = 0.0
    for i in range(size):
        left = matrix[i, i]
        for j in range(i):
            total = matrix[i, j]
            for k in range(j):
                total -= matrix[i, k] * matrix[j, k]
            total *= root[j, j]
            matrix[i, j] = total
            left -= total * total
        if not left > 0.0:
            return root, math.nan
        log_det += math.log(left)
        root[i, i] = 1.0 / math.sqrt(left)
        for k in range(i):
            own = matrix[i, k] * root[i, i]
            for j in range(k + 1):
                root[i, j] -= own * root[k, j]
    return root, log_det


@njit(**PART)
def _take(big, first, rows, whole_rows):  # type: ignore[no-untyped-def]
    """Subtract the sum of rows' · whole_rows from the lower half of a matrix, from row ``first`` on."""
    count = rows.shape[0]
    for i in range(rows.shape[1]):
        line = big[first + i]
        for q in range(0, count - 3, 4):
            a, b, c, d = rows[q, i], rows[q + 1, i], rows[q + 2, i], rows[q + 3, i]
            one, two, three, four = whole_rows[q], whole_rows[q + 1], whole_rows[q + 2], whole_rows[q + 3]
            for j in range(first + i + 1):
                line[j] -= a * one[j] + b * two[j] + c * three[j] + d * four[j]
        for q in range(count - count % 4, count):
            add(-rows[q, i], whole_rows[q, : first + i + 1], line[: first + i + 1])


# Below, loops are written out with indices: a geo has few directions, and a view of an array costs more than they do.


@njit(**PART)
def _geo(g, z, w, v, long, gram, cross, p, lead, turn, c, precision, inside, slope, into, pull, steep):  # type: ignore[no-untyped-def]
    """Add one geo to the linear terms; fill what its own directions make of the shared columns.

    Parameters
    ----------
    slope, into : (Y, L), (X, L)
        P X' in the coordinates of the basis.
    pull, steep : (X,), (X, X + Y)
        Its share of the shocks' linear term and precision, by its own directions of the rest.
    """
    owns, columns, first, width = w.shape[1], c.shape[0], lead.shape[1], turn.shape[1]
    own = w[g, 0] * long / v
    c[0] += long * z[g, 0] / v - own * z[g, 0]
    precision[0, 0] += long * long / v - own * long
    for y in range(first):
        for k in range(columns):
            slope[y, k] = lead[g, y, owns + k] / v
        slope[y, 0] -= own * lead[g, y, 0]
    for x in range(width):
        for k in range(columns):
            into[x, k] = turn[g, x, owns + k] / v
        into[x, 0] -= own * turn[g, x, 0]
    for k in range(1, columns):
        c[k] += p[k - 1] / v
        for j in range(1, k + 1):
            precision[k, j] += gram[g, k - 1, j - 1] / v
    for h in range(1, owns):
        scale = w[g, h] / v
        for k in range(1, columns):
            over = scale * cross[g, h - 1, k - 1]
            c[k] -= over * z[g, h]
            for j in range(1, k + 1):
                precision[k, j] -= over * cross[g, h - 1, j - 1]
        for y in range(first):
            for k in range(1, columns):
                slope[y, k] -= scale * lead[g, y, h] * cross[g, h - 1, k - 1]
        for x in range(width):
            for k in range(1, columns):
                into[x, k] -= scale * turn[g, x, h] * cross[g, h - 1, k - 1]
    for y in range(first):
        for h in range(owns):
            inside[y] -= w[g, h] * z[g, h] * lead[g, y, h] / v
    for x in range(width):
        pull[x] = 0.0
        for h in range(owns):
            pull[x] -= w[g, h] * z[g, h] * turn[g, x, h] / v
        for other in range(width):
            steep[x, other] = 0.0
            for h in range(owns):
                steep[x, other] += w[g, h] * turn[g, x, h] * turn[g, other, h] / v
        for y in range(first):
            steep[x, width + y] = 0.0
            for h in range(owns):
                steep[x, width + y] += w[g, h] * turn[g, x, h] * lead[g, y, h] / v


@njit(**PART)
def _spread(g, lead, seen, rows, w, v, t2, slope, into, pull, steep, big, inside, sum_px, step):  # type: ignore[no-untyped-def]
    """Add one geo to what the weeks know: the shocks' precision and linear term, and the shared columns."""
    owns, columns, first, width = w.shape[1], slope.shape[1], lead.shape[1], rows.shape[1]
    for y in range(first):
        big[y, y] += t2 * seen[g, y] / v
        for j in range(y + 1):
            total = 0.0
            for h in range(owns):
                total += w[g, h] * lead[g, y, h] * lead[g, j, h]
            big[y, j] -= t2 * total / v
    for k in range(columns):
        for y in range(first):
            sum_px[k, y] += slope[y, k]
        for x in range(width):
            own = into[x, k]
            for i in range(rows.shape[2]):
                sum_px[k, first + i] += own * rows[g, x, i]
    for x in range(width):
        q = g * width + x
        for y in range(first):
            step[q, y] = t2 * steep[x, width + y]
        for other in range(width):
            own = t2 * steep[x, other]
            for i in range(rows.shape[2]):
                step[q, first + i] += own * rows[g, other, i]
        for i in range(rows.shape[2]):
            inside[first + i] += pull[x] * rows[g, x, i]


@njit(**PART)
def _shared(c, precision, sum_px, u, root, tau, intercept_sd, sd, moved, inverse, e):  # type: ignore[no-untyped-def]
    """Fill the shared coefficients' covariance and mean; return their part of the log-density."""
    value = 0.0
    for k in range(len(c)):
        times(root, sum_px[k], tau, moved[k])
        c[k] -= inner(moved[k], u)
        scale = intercept_sd[0] if k == 0 else sd[k - 1]
        value -= math.log(scale)
        for j in range(k + 1):
            precision[k, j] -= inner(moved[k], moved[j])
            precision[j, k] = precision[k, j]
        precision[k, k] += 1.0 / (scale * scale)
    value -= 0.5 * invert(precision, inverse)
    for k in range(len(c)):
        e[k] = inner(inverse[k], c)
        value += 0.5 * c[k] * e[k]
    return value


@njit(**PART)
def shocked(  # type: ignore[no-untyped-def]
    residual, ones, shared, gram, own, strength, cross, intercept_sd, basis, seen, lead, turn, rows, sigma, rho, sd, tau
):  # fmt: skip
    """Add every geo up, then the shocks, then the shared coefficients.

    Returns
    -------
    value : float
        Collapsed log-density.
    z, w : (G, N)
        Each geo's residual along its own directions, and how far these are explained by what is its own.
    root, u, moved : (R, R), (R,), (L, R)
        Inverse factor of the shocks' scaled precision; what it makes of their linear term and of the shared columns.
    inverse, e : (L, L), (L,)
        Covariance and mean of the shared coefficients.
    outside, whole : (T,), float
        What is left of the weeks' linear term outside the basis, and the scaled precision there.
    """
    geos, weeks = residual.shape
    size, first, width, owns = basis.shape[0], lead.shape[1], turn.shape[1], 1 + own.shape[1]
    columns, t2, edge = lead.shape[2] - owns, tau * tau, size - first
    z, w, p = np.zeros((geos, owns)), np.empty((geos, owns)), np.zeros(columns - 1)
    c, precision = np.zeros(columns), np.zeros((columns, columns))
    slope, into = np.empty((first, columns)), np.empty((width, columns))
    big, inside, sum_px = np.zeros((size, size)), np.zeros(size), np.zeros((columns, size))
    pull, steep, step = np.empty(width), np.empty((width, width + first)), np.zeros((geos * width, size))
    outside, whole, value = np.zeros(weeks), 1.0, 0.0
    for g in range(geos):
        v = sigma[g] * sigma[g]
        squares, z[g, 0], long = sums(residual[g], ones[g], shared[g], own[g], p, z[g, 1:])
        log_det = long * long * (math.log(v) + 1.8378770664093453)
        for h in range(owns):
            extra = long * long * intercept_sd[1] ** 2 if h == 0 else rho * rho * strength[g, h - 1]
            w[g, h] = extra / (v + extra)
            log_det += math.log((v + extra) / v)
            squares -= w[g, h] * z[g, h] * z[g, h]
        value -= 0.5 * (squares / v + log_det)
        whole += t2 / v
        add(1.0 / v, residual[g], outside)
        _geo(g, z, w, v, long, gram, cross, p, lead, turn, c, precision, inside, slope, into, pull, steep)
        _spread(g, lead, seen, rows, w, v, t2, slope, into, pull, steep, big, inside, sum_px, step)
    for r in range(size):
        big[r, r] += 1.0 if r < first else whole
        total = inner(basis[r], outside)
        inside[r] += total
        add(-total, basis[r], outside)
    _take(big, first, rows.reshape((geos * width, edge)), step)
    root, log_det = _root(big)
    value -= 0.5 * (log_det + (weeks - size) * math.log(whole) - t2 * inner(outside, outside) / whole)
    u, moved = np.empty(size), np.empty((columns, size))
    times(root, inside, tau, u)
    value += 0.5 * inner(u, u)
    inverse, e = np.empty((columns, columns)), np.empty(columns)
    value += _shared(c, precision, sum_px, u, root, tau, intercept_sd, sd, moved, inverse, e)
    return value, z, w, root, u, moved, inverse, e, outside, whole


@njit(**PART)
def shock_mean(basis, root, u, moved, e, outside, scale, tau, coordinates, shock):  # type: ignore[no-untyped-def]
    """Fill the shocks' mean given the shared coefficients, in the coordinates of the basis and by week."""
    left = u.copy()
    for k in range(e.shape[0]):
        add(-e[k], moved[k], left)
    back(root, left, tau, coordinates)
    shock[:] = 0.0
    add(scale, outside, shock)
    for r in range(basis.shape[0]):
        add(coordinates[r], basis[r], shock)


@njit(**PART)
def along(g, lead, turn, rows, vector, across):  # type: ignore[no-untyped-def]
    """Fill the inner products of a geo's first rows with a vector in the coordinates of the basis, (≤ N + L,)."""
    first = lead.shape[1]
    for h in range(across.shape[0]):
        across[h] = 0.0
    for y in range(first):
        for h in range(across.shape[0]):
            across[h] += vector[y] * lead[g, y, h]
    for x in range(rows.shape[1]):
        part = 0.0
        for i in range(rows.shape[2]):
            part += rows[g, x, i] * vector[first + i]
        for h in range(across.shape[0]):
            across[h] += part * turn[g, x, h]


@njit(**PART)
def draw_shocked(  # type: ignore[no-untyped-def]
    ones, strength, rotation, cross, intercept_sd, basis, lead, turn, rows, sigma, rho, tau, z, root, u, moved, inverse,
    e, outside, whole, normal, coef, shock,
):  # fmt: skip
    """Fill one exact conditional draw: ``coef`` (L, G), level of the window's mean first, and ``shock`` (T,).

    Parameters
    ----------
    rotation : (G, D, H)
        From a geo's rotated deviations to those of the first D shared columns.
    normal : (L + G + G·H + T,)
        Standard normal numbers.
    """
    geos, owns, columns = len(sigma), strength.shape[1], len(e)
    lower, b, free = factor(inverse), e.copy(), normal[columns + geos + geos * owns :].copy()
    for k in range(columns):
        b[k] += inner(lower[k, : k + 1], normal[: k + 1])
    left, coordinates = u.copy(), np.empty(basis.shape[0])
    for r in range(basis.shape[0]):
        within = inner(basis[r], free)
        left[r] += within
        add(-within, basis[r], free)
    shock_mean(basis, root, left, moved, b, outside, tau * tau / whole, tau, coordinates, shock)
    add(tau / math.sqrt(whole), free, shock)
    level, own_z, long, across = np.empty(geos), np.empty((geos, owns)), np.zeros(geos), np.empty(1 + owns)
    for g in range(geos):
        along(g, lead, turn, rows, coordinates, across)
        for t in range(ones.shape[1]):
            long[g] += ones[g, t]
        level[g] = z[g, 0] - across[0]
        for h in range(owns):
            own_z[g, h] = z[g, 1 + h] - across[1 + h]
    draw_own(
        cross, strength, rotation, intercept_sd, sigma, rho, own_z, level, long, b[0], b[1:], normal[columns:], coef
    )
