r"""The collapsed Gaussian of a panel (numba): the linear part integrated out, value and gradients in one pass.

See :mod:`mmm.model.linear` for the model and the symbols.
"""

# ruff: noqa: ANN001, ANN201  (numba infers types from the call)

from __future__ import annotations

import math

import numpy as np
from numba import njit

from mmm.model.media_paths import PART

# 1.837… is ln 2π.


@njit(**PART)
def invert(matrix, inverse):  # type: ignore[no-untyped-def]
    """Fill the inverse of a small symmetric positive matrix by Cholesky; return the log-determinant (NaN: not one)."""
    size = matrix.shape[0]
    lower = np.zeros((size, size))
    log_det = 0.0
    for i in range(size):
        for j in range(i + 1):
            total = matrix[i, j]
            for k in range(j):
                total -= lower[i, k] * lower[j, k]
            if i == j:
                if not total > 0.0:
                    return math.nan
                lower[i, i] = math.sqrt(total)
                log_det += math.log(total)
            else:
                lower[i, j] = total / lower[j, j]
    root = np.zeros((size, size))  # inverse of the lower factor
    for j in range(size):
        root[j, j] = 1.0 / lower[j, j]
        for i in range(j + 1, size):
            total = 0.0
            for k in range(j, i):
                total -= lower[i, k] * root[k, j]
            root[i, j] = total / lower[i, i]
    for i in range(size):
        for j in range(i + 1):
            total = 0.0
            for k in range(i, size):
                total += root[k, i] * root[k, j]
            inverse[i, j] = total
            inverse[j, i] = total
    return log_det


@njit(**PART)
def sums(residual, ones, shared, own, p, z):  # type: ignore[no-untyped-def]
    """Fill p = W r and z = U r of one geo; return r'r, the level's coordinate, and the root of the weeks observed."""
    weeks = residual.shape[0]
    squares, level, root = 0.0, 0.0, 0.0
    for t in range(weeks):
        squares += residual[t] * residual[t]
        level += ones[t] * residual[t]
        root += ones[t]
    for k in range(shared.shape[0]):
        total = 0.0
        for t in range(weeks):
            total += shared[k, t] * residual[t]
        p[k] = total
    for h in range(own.shape[0]):
        total = 0.0
        for t in range(weeks):
            total += own[h, t] * residual[t]
        z[h] = total
    return squares, level, root


@njit(**PART)
def conditional(  # type: ignore[no-untyped-def]
    residual, ones, shared, gram, own, strength, cross, intercept_sd, sigma, rho, sd, p, z, level, root, c, inverse
):  # fmt: skip
    """Add every geo up: fill p, z, level, root, c and the inverse of the shared coefficients' precision.

    Returns
    -------
    value : float
        Collapsed log-density but for the shared coefficients' own determinant and quadratic form, which are in it too.
    top, pushed : float
        Precision and linear term of the shared intercept.
    """
    geos, columns = residual.shape[0], shared.shape[1]
    precision = np.zeros((columns, columns))
    top, pushed = 1.0 / intercept_sd[0] ** 2, 0.0
    between = intercept_sd[1] ** 2
    value = 0.0
    for g in range(geos):
        v = sigma[g] * sigma[g]
        squares, level[g], root[g] = sums(residual[g], ones[g], shared[g], own[g], p[g], z[g])
        weeks = root[g] * root[g]
        total = v + weeks * between
        quadratic = (squares - level[g] * level[g]) / v + level[g] * level[g] / total
        log_det = (weeks - 1.0) * math.log(v) + math.log(total)
        for h in range(own.shape[1]):
            extra = rho * rho * strength[g, h]
            w = extra / (v + extra)
            quadratic -= w * z[g, h] * z[g, h] / v
            log_det += math.log((v + extra) / v)
            for k in range(columns):
                b = w * cross[g, h, k] / v
                c[k] -= b * z[g, h]
                for j in range(k + 1):
                    precision[k, j] -= b * cross[g, h, j]
        for k in range(columns):
            c[k] += p[g, k] / v
            for j in range(k + 1):
                precision[k, j] += gram[g, k, j] / v
        top += weeks / total
        pushed += root[g] * level[g] / total
        value -= 0.5 * (quadratic + log_det + weeks * 1.8378770664093453)
    for k in range(columns):
        precision[k, k] += 1.0 / (sd[k] * sd[k])
        for j in range(k):
            precision[j, k] = precision[k, j]
    log_det = invert(precision, inverse)
    for k in range(columns):
        e = 0.0
        for j in range(columns):
            e += inverse[k, j] * c[j]
        value += 0.5 * c[k] * e - math.log(sd[k])
    value -= 0.5 * (log_det + math.log(top) - pushed * pushed / top) + math.log(intercept_sd[0])
    return value, top, pushed


@njit(**PART)
def solve(inverse, c, e):  # type: ignore[no-untyped-def]
    """Fill e = inverse · c."""
    for k in range(c.shape[0]):
        total = 0.0
        for j in range(c.shape[0]):
            total += inverse[k, j] * c[j]
        e[k] = total


@njit(**PART)
def gradients(  # type: ignore[no-untyped-def]
    residual, ones, shared, gram, own, strength, cross, intercept_sd, sigma, rho, sd, z, level, root, e, inverse, top,
    pushed, pull, d_sigma, d_sd,
):  # fmt: skip
    """Fill the derivatives in the mean (``pull``), sigma and sd; return that in rho."""
    geos, weeks = residual.shape
    columns, owns = shared.shape[1], own.shape[1]
    e0 = pushed / top
    d_rho = 0.0
    for g in range(geos):
        v = sigma[g] * sigma[g]
        count = root[g] * root[g]
        total = v + count * intercept_sd[1] ** 2
        trace = (count - 1.0 - owns) / v + 1.0 / total - count / (top * total * total)
        for t in range(weeks):
            pull[g, t] = residual[g, t] / v
        for k in range(columns):
            scale = e[k] / v
            for t in range(weeks):
                pull[g, t] -= shared[g, k, t] * scale
            for j in range(columns):
                trace -= inverse[k, j] * gram[g, k, j] / (v * v)
        for h in range(owns):
            extra = rho * rho * strength[g, h]
            w = extra / (v + extra)
            seen, spread = z[g, h], 0.0
            for k in range(columns):
                seen -= cross[g, h, k] * e[k]
                part = 0.0
                for j in range(columns):
                    part += inverse[k, j] * cross[g, h, j]
                spread += cross[g, h, k] * part
            scale = w * seen / v
            for t in range(weeks):
                pull[g, t] -= own[g, h, t] * scale
            trace += 1.0 / (v + extra) + w * (2.0 - w) * spread / (v * v)
            d_rho += 0.5 * strength[g, h] * ((seen * seen + spread) / (v + extra) - 1.0) / (v + extra)
        shift = (level[g] - root[g] * e0) / total - level[g] / v
        squares = 0.0
        for t in range(weeks):
            pull[g, t] += ones[g, t] * shift
            squares += pull[g, t] * pull[g, t]
        d_sigma[g] = sigma[g] * (squares - trace)
    for k in range(columns):
        d_sd[k] = (e[k] * e[k] + inverse[k, k]) / sd[k] ** 3 - 1.0 / sd[k]
    return 2.0 * rho * d_rho


@njit(**PART)
def draw_linear(  # type: ignore[no-untyped-def]
    cross, strength, rotation, intercept_sd, sigma, rho, z, level, root, e, inverse, top, pushed, normal, coef
):  # fmt: skip
    """Fill one exact conditional draw of the linear part: ``coef`` (1 + K, G), level of the window's mean first.

    Parameters
    ----------
    rotation : (G, D, H)
        From a geo's rotated deviations to those of the first D shared columns.
    normal : (1 + K + G + G·H,)
        Standard normal numbers.
    """
    columns = len(e)
    common = pushed / top + normal[0] / math.sqrt(top)
    b = np.zeros(columns)
    # The inverse's own Cholesky factor turns standard normal numbers into draws of its covariance.
    lower = np.zeros((columns, columns))
    for i in range(columns):
        b[i] = e[i]
        for j in range(i + 1):
            total = inverse[i, j]
            for k in range(j):
                total -= lower[i, k] * lower[j, k]
            lower[i, j] = math.sqrt(max(total, 0.0)) if i == j else total / lower[j, j]
            b[i] += lower[i, j] * normal[1 + j]
    draw_own(
        cross, strength, rotation, intercept_sd, sigma, rho, z, level, root, common, b, normal[1 + columns :], coef
    )


@njit(**PART)
def draw_own(  # type: ignore[no-untyped-def]
    cross, strength, rotation, intercept_sd, sigma, rho, z, level, root, common, b, normal, coef
):  # fmt: skip
    """Fill ``coef`` (1 + K, G): each geo's own part, drawn given what is shared (``common``, ``b``), added to that.

    ``normal``: (G + G·H,) standard normal numbers.
    """
    geos, columns, owns = len(sigma), len(b), strength.shape[1]
    between = intercept_sd[1] ** 2
    for g in range(geos):
        v = sigma[g] * sigma[g]
        own_level = 0.0
        if between > 0.0:
            total = v + root[g] * root[g] * between
            own_level = between * root[g] * (level[g] - root[g] * common) / total
            own_level += math.sqrt(between * v / total) * normal[g]
        coef[0, g] = common + own_level
        for k in range(columns):
            coef[1 + k, g] = b[k]
        for h in range(owns):
            extra = rho * rho * strength[g, h]
            seen = z[g, h]
            for k in range(columns):
                seen -= cross[g, h, k] * b[k]
            weight = rho * math.sqrt(strength[g, h]) * seen / (v + extra)
            weight += math.sqrt(v / (v + extra)) * normal[geos + g * owns + h]
            for k in range(rotation.shape[1]):
                coef[1 + k, g] += rho * rotation[g, k, h] * weight
