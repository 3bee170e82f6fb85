r"""The collapsed Gaussian of a panel whose geos share a shock to every week (numba): the shock is integrated out too.

Each week's shock :math:`s_t \sim N(0, \tau^2)` enters every geo observed in it. With each geo's own covariance
:math:`C_g` (noise, own level, own coefficients) and precision :math:`P_g = C_g^{-1}`, the shocks' precision given the
shared coefficients is :math:`A = \tau^{-2} I + \sum_g P_g`; the shared coefficients then follow from the Schur
complement, as in a mixed model with crossed effects (Searle, Casella & McCulloch 1992, ch. 8). *A* differs from a
diagonal only in the directions that the geos' designs span, and in weeks that not all geos have a row for: the R rows
of ``basis`` (:mod:`mmm.model.linear`). Everything is done in these coordinates; what is left of the weeks is a multiple
of the identity. :math:`\tilde A = \tau^2 A` is used, which stays well behaved as the shock vanishes.

The level is the first of the N = 1 + H own directions and of the L = 1 + K shared columns.
"""

# ruff: noqa: ANN001, ANN201, ANN202  (numba infers types from the call)

from __future__ import annotations

import math

import numpy as np
from numba import njit

from mmm.model.media_kernel import PART
from mmm.model.panel_kernel import draw_own, invert, sums

# 1.837… is ln 2π.


@njit(**PART)
def factor(matrix):  # type: ignore[no-untyped-def]
    """Return the lower Cholesky factor of a symmetric positive matrix given by its lower half; NaN where it is not."""
    size = matrix.shape[0]
    lower = np.zeros((size, size))
    for i in range(size):
        for j in range(i + 1):
            total = matrix[i, j]
            for k in range(j):
                total -= lower[i, k] * lower[j, k]
            lower[i, j] = math.sqrt(max(total, 0.0)) if i == j else (total / lower[j, j] if lower[j, j] > 0.0 else 0.0)
    return lower


@njit(**PART)
def _root(matrix):  # type: ignore[no-untyped-def]
    """Return the inverse of a positive matrix's lower Cholesky factor, made in place, and the log-determinant."""
    size = matrix.shape[0]
    log_det = 0.0
    for i in range(size):
        for j in range(i + 1):
            total = matrix[i, j]
            for k in range(j):
                total -= matrix[i, k] * matrix[j, k]
            if i == j:
                if not total > 0.0:
                    return matrix, math.nan
                matrix[i, i] = math.sqrt(total)
                log_det += math.log(total)
            else:
                matrix[i, j] = total / matrix[j, j]
    root = np.zeros((size, size))
    for i in range(size):
        scale = 1.0 / matrix[i, i]
        for k in range(i):
            own = -matrix[i, k] * scale
            for j in range(k + 1):
                root[i, j] += own * root[k, j]
        root[i, i] = scale
    return root, log_det


@njit(**PART)
def _times(lower, vector, scale, result):  # type: ignore[no-untyped-def]
    """Fill result = scale · lower · vector."""
    for i in range(lower.shape[0]):
        total = 0.0
        for j in range(i + 1):
            total += lower[i, j] * vector[j]
        result[i] = scale * total


@njit(**PART)
def _back(lower, vector, scale, result):  # type: ignore[no-untyped-def]
    """Fill result = scale · lower' · vector."""
    result[:] = 0.0
    for i in range(lower.shape[0]):
        own = scale * vector[i]
        for j in range(i + 1):
            result[j] += own * lower[i, j]


@njit(**PART)
def _inner(one, other):  # type: ignore[no-untyped-def]
    total = 0.0
    for i in range(one.shape[0]):
        total += one[i] * other[i]
    return total


@njit(**PART)
def _weights(strength, root, between, v, rho, w):  # type: ignore[no-untyped-def]
    """Fill how far each own direction of a geo is explained by what is its own, (N,); return the log-determinant."""
    log_det = root * root * math.log(v)
    for h in range(w.shape[0]):
        extra = root * root * between if h == 0 else rho * rho * strength[h - 1]
        w[h] = extra / (v + extra)
        log_det += math.log((v + extra) / v)
    return log_det


@njit(**PART)
def shocked(  # type: ignore[no-untyped-def]
    residual, ones, shared, gram, own, strength, cross, intercept_sd, basis, seen, own_basis, columns_basis, sigma, rho,
    sd, tau,
):  # fmt: skip
    """Add every geo up, then the shocks, then the shared coefficients.

    Returns
    -------
    value : float
        Collapsed log-density.
    z : (G, N)
        Own directions of the residual.
    w : (G, N)
    px : (G, L, R)
        P X' of each geo.
    root, u, moved : (R, R), (R,), (L, R)
        Inverse factor of the shocks' scaled precision; what it makes of their linear term and of the shared columns.
    inverse, e : (L, L), (L,)
        Covariance and mean of the shared coefficients.
    rest, whole : (T,), float
        What is left of the weeks' linear term outside ``basis``, and the scaled precision there.
    """
    geos, weeks = residual.shape
    owns, columns, size = own_basis.shape[1], columns_basis.shape[1], basis.shape[0]
    t2, between = tau * tau, intercept_sd[1] * intercept_sd[1]
    z, w, px = np.zeros((geos, owns)), np.empty((geos, owns)), np.zeros((geos, columns, size))
    c, p, precision = np.zeros(columns), np.zeros(columns - 1), np.zeros((columns, columns))
    big, inside, sum_px = np.zeros((size, size)), np.zeros(size), np.zeros((columns, size))
    rest, whole, value = np.zeros(weeks), 1.0, 0.0
    for r in range(size):
        big[r, r] = 1.0
    for g in range(geos):
        v = sigma[g] * sigma[g]
        squares, z[g, 0], long = sums(residual[g], ones[g], shared[g], own[g], p, z[g, 1:])
        log_det = _weights(strength[g], long, between, v, rho, w[g])
        whole += t2 / v
        for t in range(weeks):
            rest[t] += residual[g, t] / v
        for r in range(size):
            big[r, r] += t2 * seen[g, r] / v
        for k in range(columns):
            for r in range(size):
                px[g, k, r] = columns_basis[g, k, r] / v
        c[0] += long * z[g, 0] / v
        precision[0, 0] += long * long / v
        for k in range(columns - 1):
            c[1 + k] += p[k] / v
            for j in range(k + 1):
                precision[1 + k, 1 + j] += gram[g, k, j] / v
        for h in range(owns):
            scale, row = w[g, h] / v, own_basis[g, h]
            squares -= w[g, h] * z[g, h] * z[g, h]
            for r in range(size):
                inside[r] -= scale * z[g, h] * row[r]
            for k in range(columns):
                over = (long if k == 0 else 0.0) if h == 0 else (cross[g, h - 1, k - 1] if k > 0 else 0.0)
                if over == 0.0:
                    continue
                c[k] -= scale * over * z[g, h]
                for r in range(size):
                    px[g, k, r] -= scale * over * row[r]
                for j in range(k + 1):
                    other = (long if j == 0 else 0.0) if h == 0 else (cross[g, h - 1, j - 1] if j > 0 else 0.0)
                    precision[k, j] -= scale * over * other
            for i in range(size):
                step = t2 * scale * row[i]
                for j in range(i + 1):
                    big[i, j] -= step * row[j]
        for k in range(columns):
            for r in range(size):
                sum_px[k, r] += px[g, k, r]
        value -= 0.5 * (squares / v + log_det + long * long * 1.8378770664093453)
    root, log_det = _root(big)
    value -= 0.5 * (log_det + (weeks - size) * math.log(whole))
    for r in range(size):
        total = _inner(basis[r], rest)
        inside[r] += total
        p_total = total
        for t in range(weeks):
            rest[t] -= p_total * basis[r, t]
    value += 0.5 * t2 * _inner(rest, rest) / whole
    u, moved = np.empty(size), np.empty((columns, size))
    _times(root, inside, tau, u)
    value += 0.5 * _inner(u, u)
    for k in range(columns):
        _times(root, sum_px[k], tau, moved[k])
        c[k] -= _inner(moved[k], u)
        scale = intercept_sd[0] if k == 0 else sd[k - 1]
        value -= math.log(scale)
        for j in range(k + 1):
            precision[k, j] -= _inner(moved[k], moved[j])
            precision[j, k] = precision[k, j]
        precision[k, k] += 1.0 / (scale * scale)
    inverse, e = np.empty((columns, columns)), np.empty(columns)
    value -= 0.5 * invert(precision, inverse)
    for k in range(columns):
        e[k] = _inner(inverse[k], c)
        value += 0.5 * c[k] * e[k]
    return value, z, w, px, root, u, moved, inverse, e, rest, whole


@njit(**PART)
def _shock(root, u, moved, e, tau, coordinates):  # type: ignore[no-untyped-def]
    """Fill the shocks' mean given the shared coefficients, in the coordinates of the basis."""
    left = u.copy()
    for k in range(e.shape[0]):
        for r in range(left.shape[0]):
            left[r] -= e[k] * moved[k, r]
    _back(root, left, tau, coordinates)


@njit(**PART)
def shocked_gradients(  # type: ignore[no-untyped-def]
    residual, ones, shared, own, strength, cross, basis, seen, own_basis, sigma, rho, sd, tau, z, w, px, root, u, moved,
    inverse, e, rest, whole, pull, d_sigma, d_sd,
):  # fmt: skip
    """Fill the derivatives in the mean (``pull``), sigma and sd; return those in rho and tau.

    By Fisher's identity they are posterior means of the complete density's: only means and covariances of the shocks
    and of the coefficients are needed.
    """
    geos, weeks = residual.shape
    owns, columns, size = own_basis.shape[1], len(e), basis.shape[0]
    t2 = tau * tau
    apart = t2 / whole
    coordinates, shock = np.empty(size), np.empty(weeks)
    _shock(root, u, moved, e, tau, coordinates)
    for t in range(weeks):
        shock[t] = apart * rest[t]
    for r in range(size):
        for t in range(weeks):
            shock[t] += coordinates[r] * basis[r, t]
    spread = np.zeros(size)  # variances of the shocks given the shared coefficients
    for r in range(size):
        for j in range(r + 1):
            spread[j] += t2 * root[r, j] * root[r, j]
    lower = factor(inverse)
    shift = np.zeros((columns, size))  # A⁻¹V times the factor of the shared coefficients' covariance
    room, carried = np.empty(size), np.empty((columns, size))
    for k in range(columns):
        _back(root, moved[k], tau, carried[k])
    total = _inner(shock, shock) + (weeks - size) * apart
    for j in range(columns):
        for k in range(j, columns):
            for r in range(size):
                shift[j, r] += lower[k, j] * carried[k, r]
        total += _inner(shift[j], shift[j])
    for r in range(size):
        total += spread[r]
    d_rho = 0.0
    count = float(weeks - size)
    for g in range(geos):
        v = sigma[g] * sigma[g]
        long, n = 0.0, 0.0
        for t in range(weeks):
            if ones[g, t] > 0.0:
                long = 1.0 / ones[g, t]
                n += 1.0
                pull[g, t] = (residual[g, t] - shock[t]) / v
            else:
                pull[g, t] = 0.0
        for k in range(columns - 1):
            scale = e[1 + k] / v
            for t in range(weeks):
                pull[g, t] -= shared[g, k, t] * scale
        trace = n / v - count * apart / (v * v)
        for r in range(size):
            trace -= seen[g, r] * spread[r] / (v * v)
        for j in range(columns):  # P times the factor of what the shared coefficients add to the covariance
            for r in range(size):
                room[r] = -seen[g, r] * shift[j, r] / v
            for k in range(j, columns):
                for r in range(size):
                    room[r] += lower[k, j] * px[g, k, r]
            for h in range(owns):
                scale = w[g, h] * _inner(own_basis[g, h], shift[j]) / v
                for r in range(size):
                    room[r] += scale * own_basis[g, h, r]
            trace -= _inner(room, room)
        for h in range(owns):
            row = own_basis[g, h]
            left = z[g, h] - _inner(row, coordinates)
            _times(root, row, tau, room)
            part = _inner(room, room)
            trace += w[g, h] * (2.0 - w[g, h]) * part / (v * v) - w[g, h] / v
            if h == 0:
                left -= long * e[0]
                scale = (long * e[0] + w[g, 0] * left) / v
                for t in range(weeks):
                    pull[g, t] -= ones[g, t] * scale
                continue
            for j in range(columns):
                across = -_inner(row, shift[j])
                for k in range(max(j, 1), columns):
                    across += lower[k, j] * cross[g, h - 1, k - 1]
                part += across * across
            for k in range(columns - 1):
                left -= cross[g, h - 1, k] * e[1 + k]
            scale = w[g, h] * left / v
            for t in range(weeks):
                pull[g, t] -= own[g, h - 1, t] * scale
            sure = v + rho * rho * strength[g, h - 1]
            d_rho += 0.5 * strength[g, h - 1] * ((left * left + part) / sure - 1.0) / sure
        d_sigma[g] = sigma[g] * (_inner(pull[g], pull[g]) - trace)
    for k in range(columns - 1):
        d_sd[k] = (e[1 + k] * e[1 + k] + inverse[1 + k, 1 + k]) / sd[k] ** 3 - 1.0 / sd[k]
    return 2.0 * rho * d_rho, total / tau**3 - weeks / tau


@njit(**PART)
def draw_shocked(  # type: ignore[no-untyped-def]
    ones, strength, rotation, cross, intercept_sd, basis, own_basis, sigma, rho, tau, z, root, u, moved, inverse, e,
    rest, whole, normal, coef, shock,
):  # fmt: skip
    """Fill one exact conditional draw: ``coef`` (L, G), level of the window's mean first, and ``shock`` (T,).

    Parameters
    ----------
    rotation : (G, D, H)
        From a geo's rotated deviations to those of the first D shared columns.
    normal : (L + G + G·H + T,)
        Standard normal numbers.
    """
    geos, weeks = ones.shape
    owns, columns, size = own_basis.shape[1] - 1, len(e), basis.shape[0]
    lower, b, free = factor(inverse), e.copy(), normal[columns + geos + geos * owns :]
    for k in range(columns):
        for j in range(k + 1):
            b[k] += lower[k, j] * normal[j]
    left, coordinates = u.copy(), np.empty(size)
    for t in range(weeks):
        shock[t] = tau * tau * rest[t] / whole + tau * free[t] / math.sqrt(whole)
    for r in range(size):
        own = _inner(basis[r], free)
        left[r] += own
        for t in range(weeks):
            shock[t] -= tau * own * basis[r, t] / math.sqrt(whole)
    _shock(root, left, moved, b, tau, coordinates)
    for r in range(size):
        for t in range(weeks):
            shock[t] += coordinates[r] * basis[r, t]
    level, own_z, long = np.empty(geos), np.empty((geos, owns)), np.zeros(geos)
    for g in range(geos):
        for t in range(weeks):
            long[g] += ones[g, t]
        level[g] = z[g, 0] - _inner(own_basis[g, 0], coordinates)
        for h in range(owns):
            own_z[g, h] = z[g, 1 + h] - _inner(own_basis[g, 1 + h], coordinates)
    draw_own(
        cross, strength, rotation, intercept_sd, sigma, rho, own_z, level, long, b[0], b[1:], normal[columns:], coef
    )
