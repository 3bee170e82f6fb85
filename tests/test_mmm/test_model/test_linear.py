"""The linear part that was integrated out comes back from its exact conditional, against dense algebra."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from mmm.model.kernel import DRAW, PARAMETERS, Table
from mmm.model.linear import LinearPart
from mmm.model.prepared import Prepared, packed
from tests.test_mmm.test_model.test_kernel import CASES, Point, case, media_reference, some_point


def drawn(prepared: Prepared, point: Point) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and covariance of the kernel's draws, shocks last: affine in the normal numbers that it is given."""
    table, part = Table(DRAW, packed(prepared)), prepared.linear
    (geos, weeks), columns = part.ones.shape, len(part.names)
    given = [np.ascontiguousarray(point[name], dtype=np.float64) for name in PARAMETERS]
    shock = np.zeros(weeks if prepared.week_shocks else 0)
    normal = np.zeros(1 + columns + geos + geos * part.own_basis.shape[1] + len(shock))

    def one() -> np.ndarray:
        coef = np.zeros((1 + columns, geos))
        room = [np.empty(prepared.outcome.shape), np.zeros(len(prepared.forms)), np.zeros(len(prepared.tests.medium))]
        table.run(given, [*room, normal, coef, shock])
        return np.concatenate([coef.ravel(), shock])

    mean = one()
    moves = np.empty((len(mean), len(normal)))
    for i in range(len(normal)):
        normal[:] = 0.0
        normal[i] = 1.0
        moves[:, i] = one() - mean
    return mean, moves @ moves.T


@dataclass(frozen=True)
class Dense:
    """The posterior of b₀, b, each geo's u₀ and u, and the weekly shocks, written out.

    Attributes
    ----------
    mean, covariance : (W,), (W, W)
    variance : (W,)
        A priori.
    back : ((1 + K)·G + T, W)
        To each geo's level and coefficients, then the shocks; without shocks T = 0.
    """

    mean: np.ndarray
    covariance: np.ndarray
    variance: np.ndarray
    back: np.ndarray


def dense(prepared: Prepared, residual: np.ndarray, point: Point) -> Dense:
    """Return the linear part's posterior given what media leave of the outcome, (G, T)."""
    part = prepared.linear
    geos, columns, weeks = part.design.shape
    seen, own, shocks = part.ones > 0, part.own, weeks if prepared.week_shocks else 0
    width = 1 + columns + geos * (1 + own)
    back = np.zeros((geos, 1 + columns, width))
    variance = np.concatenate(
        [[part.intercept_sd[0] ** 2], point["sd"] ** 2]
        + [np.concatenate([[part.intercept_sd[1] ** 2], (point["deviation"] * part.prior_sd[:own]) ** 2])] * geos
    )
    for g in range(geos):
        at = 1 + columns + g * (1 + own)
        back[g, :, : 1 + columns] = np.eye(1 + columns)
        back[g, : 1 + own, at : at + 1 + own] = np.eye(1 + own)
    design = np.concatenate([np.ones((geos, 1, weeks)), part.design], axis=1)
    rows = np.einsum("gkt,gkw->gtw", design, back)
    rows = np.concatenate([rows, np.tile(np.eye(weeks)[:, :shocks], (geos, 1, 1))], axis=2)[seen]
    variance = np.concatenate([variance, np.full(shocks, point["shock"] ** 2)])
    noise = np.repeat(point["sigma"][:, None] ** 2, weeks, axis=1)[seen]
    gain = np.linalg.solve((rows * variance) @ rows.T + np.diag(noise), rows * variance).T
    whole = np.zeros((geos * (1 + columns) + shocks, width + shocks))
    whole[: geos * (1 + columns), :width] = back.transpose(1, 0, 2).reshape(-1, width)
    whole[geos * (1 + columns) :, width:] = np.eye(shocks)
    return Dense(gain @ residual[seen], np.diag(variance) - gain @ (rows * variance), variance, whole)


@pytest.mark.parametrize("name", CASES)
def test_draws_have_the_exact_mean_and_covariance(name: str) -> None:
    prepared = case(name)
    point = some_point(prepared, 5)
    mean, covariance = drawn(prepared, point)
    media, _, _ = media_reference(prepared, point)
    wanted = dense(prepared, point["target"] - media, point)
    np.testing.assert_allclose(mean, wanted.back @ wanted.mean, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(covariance, wanted.back @ wanted.covariance @ wanted.back.T, rtol=1e-6, atol=1e-10)


def test_a_column_that_a_geo_does_not_vary_in_moves_nothing_there() -> None:
    rng = np.random.default_rng(0)
    columns = rng.normal(size=(3, 2, 40))
    columns[1, 0] = 4.0
    part = LinearPart.factorise(("a", "b"), columns, np.array([0.5, 0.2]), np.ones((3, 40), dtype=bool), own=2)
    assert np.sort(part.own_strength[1])[0] == 0.0
    assert np.isfinite(part.own_basis).all()
    assert np.allclose(part.design[1, 0], 0.0)
    # d² U'U is the prior covariance of what geos' own deviations do to the outcome.
    for g in range(3):
        made = (part.own_basis[g].T * part.own_strength[g]) @ part.own_basis[g]
        scaled = part.design[g] * part.prior_sd[:, None]
        np.testing.assert_allclose(made, scaled.T @ scaled, atol=1e-12)


def test_weeks_that_were_not_observed_do_not_count() -> None:
    rng = np.random.default_rng(1)
    columns, observed = rng.normal(size=(2, 3, 30)), np.ones((2, 30), dtype=bool)
    observed[1, 5:12] = False
    part = LinearPart.factorise(("a", "b", "c"), columns, np.ones(3), observed)
    changed = columns.copy()
    changed[1, :, 5:12] = 99.0
    again = LinearPart.factorise(("a", "b", "c"), changed, np.ones(3), observed)
    np.testing.assert_array_equal(part.design, again.design)
    np.testing.assert_allclose((part.ones**2).sum(axis=1), 1.0)
    cut = LinearPart.factorise(("a", "b", "c"), columns[1:, :, observed[1]], np.ones(3), np.ones((1, 23), dtype=bool))
    np.testing.assert_allclose(cut.gram[0], part.gram[1])
