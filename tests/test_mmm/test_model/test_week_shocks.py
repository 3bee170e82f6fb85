"""A shock that all geos share: found where it is, small where it is not, and in the intervals of national weeks."""

from __future__ import annotations

import numpy as np
import pytest

from mmm.model.fit import Fit, fit_model
from tests.test_mmm.test_model.geo_market import ROAS, geo_panel, geo_spec

#: Of the geos' level, by week.
SHOCK = 0.05


@pytest.fixture(scope="module")
def shocked() -> dict[bool, Fit]:
    panel = geo_panel(5, 104)
    shock = SHOCK * np.random.default_rng(5).standard_normal(panel.n_weeks)
    hit = panel.with_outcome(panel.outcome + shock * 0.2 * panel.population[:, None])
    return {on: fit_model(geo_spec(week_shocks=on), hit, seed=2, progress=False) for on in (True, False)}


def test_shared_shocks_are_found(shocked: dict[bool, Fit]) -> None:
    fit = shocked[True]
    level = 0.2 * fit.response.population.sum() / fit.response.outcome.sum(axis=0).mean()
    spread = fit.draws["posterior"]["week_spread"].to_numpy()
    assert np.quantile(spread, 0.005) < SHOCK * level < np.quantile(spread, 0.995)
    for draws, truth in zip(fit.roas, ROAS, strict=True):
        assert np.quantile(draws, 0.005) < truth < np.quantile(draws, 0.995)


def test_national_weeks_lie_in_their_intervals_only_with_the_shock(shocked: dict[bool, Fit]) -> None:
    assert shocked[True].predictive.coverage > 0.87
    assert shocked[False].predictive.coverage < 0.85


def test_the_shock_survives_saving(shocked: dict[bool, Fit], tmp_path: object) -> None:
    fit = shocked[True]
    fit.save(f"{tmp_path}/fit")
    again = Fit.load(f"{tmp_path}/fit")
    np.testing.assert_allclose(again.response.baseline.common, fit.response.baseline.common)
