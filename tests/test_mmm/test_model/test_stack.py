"""Stacking weights are optimal; a mixture keeps halves apart; a comparison ranks by prediction."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mmm.exceptions import FitError
from mmm.model.compare import compare_fits
from mmm.model.fit import Fit
from mmm.model.stack import stack_responses, stacking_weights
from mmm.response import metrics
from mmm.transforms.saturation import Saturation
from tests.test_mmm.test_model.known import clean, known


def test_weights_meet_the_conditions_of_the_optimum() -> None:
    scores = np.random.default_rng(0).normal(-2.0, 1.0, (5, 300)) - np.array([0.0, 0.1, 0.3, 1.0, 3.0])[:, None]
    weights = stacking_weights(scores)
    assert weights.sum() == pytest.approx(1.0)
    density = np.exp(scores)
    gradient = (density / (weights @ density)).mean(axis=1)
    assert gradient.max() <= 1.0 + 1e-4
    np.testing.assert_allclose(gradient[weights > 1e-3], 1.0, atol=1e-3)


def test_the_true_mixture_is_found() -> None:
    rng = np.random.default_rng(1)
    drawn = np.where(rng.random(20_000) < 0.3, rng.normal(-1, 1, 20_000), rng.normal(2, 1, 20_000))
    scores = np.stack([-0.5 * (drawn + 1) ** 2, -0.5 * (drawn - 2) ** 2])
    np.testing.assert_allclose(stacking_weights(scores), [0.3, 0.7], atol=0.02)
    assert stacking_weights(scores[:1]) == pytest.approx([1.0])
    with pytest.raises(ValueError, match="finite"):
        stacking_weights(np.array([[np.nan, 1.0]]))


def test_a_mixture_has_each_fits_draws_by_weight_and_keeps_halves_apart() -> None:
    outcome, media = clean(2)
    one, two = known(outcome, media, seed=1), known(outcome, media, half=2000.0, seed=2)
    # Mark each draw by its fit and half.
    for k, response in enumerate((one, two)):
        response.baseline.sigma[:] = 10.0 * k + (response.chain >= 2)
    mixed = stack_responses([one, two], [3.0, 1.0], seed=5)
    marks = mixed.baseline.sigma[0]
    assert mixed.n_draws == 1000
    assert {mark: int((marks == mark).sum()) for mark in (0.0, 1.0, 10.0, 11.0)} == {
        0.0: 375, 1.0: 375, 10.0: 125, 11.0: 125,
    }  # fmt: skip
    assert np.isin(mixed.planning().baseline.sigma, [0.0, 10.0]).all()
    assert np.isin(mixed.held_back().baseline.sigma, [1.0, 11.0]).all()
    assert set(np.unique(mixed.paid.half_saturation[:, :, marks >= 10.0])) == {2000.0}
    parts = [metrics.roas(response).to_numpy().mean(axis=1) for response in (one, two)]
    np.testing.assert_allclose(
        metrics.roas(mixed).to_numpy().mean(axis=1), 0.75 * parts[0] + 0.25 * parts[1], rtol=0.05
    )


def test_fits_that_cannot_be_mixed_are_refused() -> None:
    outcome, media = clean(3)
    one = known(outcome, media)
    with pytest.raises(FitError, match="not of the same data"):
        stack_responses([one, known(outcome + 1.0, media)], [1, 1], seed=1)
    with pytest.raises(FitError, match="other columns"):
        stack_responses([one, known(outcome, media, seasonality=3)], [1, 1], seed=1)
    other = replace(one, paid=replace(one.paid, saturation=(Saturation.LOGISTIC,) * 3))
    with pytest.raises(FitError, match="forms of saturation"):
        stack_responses([one, other], [1, 1], seed=1)
    with pytest.raises(FitError, match="one chain"):
        stack_responses([replace(one, chain=np.zeros_like(one.chain))], [1], seed=1)


def test_the_better_fit_comes_first_with_the_weight(fit: Fit) -> None:
    # The same posterior with the first channel switched off predicts worse.
    paid = fit.response.paid
    worse = replace(paid, beta=paid.beta * np.array([0.0, 1.0])[:, None, None])
    blind = replace(fit, response=replace(fit.response, paid=worse))
    table = compare_fits({"without tv": blind, "fit": fit})
    assert list(table.index) == ["fit", "without tv"]
    assert table.loc["fit", "weight"] > 0.95
    assert table.loc["without tv", "difference"] < -3 * table.loc["without tv", "se_difference"]
    assert table.loc["fit", "roas:tv"] == pytest.approx(np.median(fit.roas[0]))
    with pytest.raises(FitError, match="other observations"):
        compare_fits(
            {"fit": fit, "other": replace(fit, response=replace(fit.response, outcome=fit.response.outcome + 1))}
        )
