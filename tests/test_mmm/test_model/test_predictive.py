"""The predictive of an unbalanced panel counts the geos that have a row in a week, and no others."""

from __future__ import annotations

import numpy as np

from mmm.model.predictive import predict_fitted
from mmm.model.prior_predictive import prior_draws
from mmm.response.weekly import fitted_mean
from tests.test_mmm.test_model.geo_market import geo_panel, geo_spec


def test_geos_without_a_row_are_not_predicted() -> None:
    panel = geo_panel(missing=True)
    draws = prior_draws(geo_spec(), panel, 200, 1)
    found = predict_fitted(draws, 1)
    by_geo = fitted_mean(draws).mean(axis=-1)
    np.testing.assert_allclose(found.mean, (by_geo * panel.observed).sum(axis=0))
    gone = ~panel.observed.all(axis=0)
    assert gone.any()
    assert np.all(np.abs(found.mean - by_geo.sum(axis=0))[gone] > 0)
    np.testing.assert_allclose(found.observed, (panel.outcome * panel.observed).sum(axis=0))
    # The band of a week narrows with the geo that is not in it.
    whole, without = (found.high - found.low)[40], (found.high - found.low)[:20]
    assert np.median(without) < whole
