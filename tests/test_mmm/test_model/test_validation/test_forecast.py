"""Forecasts of the weeks after a fit, given what was truly spent."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mmm.data.panel import Panel
from mmm.data.report import DataReport, Ledger
from mmm.model.validation.forecast import forecast
from mmm.response.draws import ResponseDraws
from mmm.response.forecast import fitted_effect
from tests.test_mmm.test_response.make import S, T, make_response

SEEN = 52


def panel_like(response: ResponseDraws, observed: np.ndarray) -> Panel:
    """The panel of a response, its media in another order and with one that no fit knows."""
    order = [2, 0, 1]
    return Panel(
        weeks=response.weeks,
        geos=response.geos,
        outcome=response.outcome,
        value_per_outcome=response.value_per_outcome,
        outcome_is_money=True,
        outcome_name="orders",
        currency="EUR",
        channels=(*(response.channels[c] for c in order), "new"),
        spend=np.concatenate([response.spend[order], response.spend[:1]]),
        exposure=np.concatenate([response.paid.media[order], response.paid.media[:1]]),
        exposure_based=np.zeros(4, dtype=bool),
        organic_names=response.organic.names,
        organic=response.organic.media,
        control_names=response.baseline.control_names,
        controls=response.baseline.controls,
        population=np.ones(len(response.geos)),
        report=DataReport((), Ledger(0, 0, {}, {})),
        observed=observed,
    )


def until(response: ResponseDraws, weeks: int, sigma: float) -> ResponseDraws:
    """The response as of a fit to the first weeks."""
    base = response.baseline
    return replace(
        response,
        weeks=response.weeks[:weeks],
        outcome=response.outcome[:, :weeks],
        value_per_outcome=response.value_per_outcome[:, :weeks],
        spend=response.spend[..., :weeks],
        observed=response.observed[:, :weeks],
        paid=replace(response.paid, media=response.paid.media[..., :weeks]),
        organic=replace(response.organic, media=response.organic.media[..., :weeks]),
        baseline=replace(base, controls=base.controls[..., :weeks], sigma=np.full_like(base.sigma, sigma)),
    )


@pytest.mark.parametrize("geos", [1, 3])
def test_the_mean_is_baseline_and_all_media_where_there_is_a_row(geos: int) -> None:
    response = make_response(geos=geos)
    observed = np.ones((geos, T), dtype=bool)
    observed[-1, SEEN + 2] = False
    found = forecast(until(response, SEEN, 0.0), panel_like(response, observed), T - SEEN, np.random.default_rng(1))
    expected = response.baseline.mean(response.weeks, response.baseline.controls)
    expected = expected + fitted_effect(response.paid).sum(axis=0) + fitted_effect(response.organic).sum(axis=0)
    np.testing.assert_allclose(found, (expected * observed[..., None])[:, SEEN:].sum(axis=0), rtol=1e-9, atol=1e-6)
    assert found.shape == (T - SEEN, S)


def test_noise_has_the_residuals_size() -> None:
    response = make_response(geos=3)
    whole = panel_like(response, np.ones((3, T), dtype=bool))
    still, noisy = (
        forecast(until(response, SEEN, sigma), whole, T - SEEN, np.random.default_rng(1)) for sigma in (0.0, 500.0)
    )
    assert (noisy - still).std() == pytest.approx(500.0 * np.sqrt(3), rel=0.05)
