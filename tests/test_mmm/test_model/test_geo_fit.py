"""Fits of geo panels recover what made the data."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom

from mmm.data.panel import Panel
from mmm.model.fit import Fit, fit_model
from mmm.model.posterior import SAMPLED
from mmm.model.prepared import prepare
from mmm.response.metrics import roas
from tests.test_mmm.test_model.geo_market import ROAS, geo_panel, geo_spec

SEEDS = (3, 4, 5)
QUICK = {"sampling": {"chains": 2, "tune": 400, "draws": 300}}


def tilts(panel: Panel, seed: int) -> np.ndarray:
    """Return how geos' effects per head differ in the truth, (2, G): the second draw of the market's generator."""
    rng = np.random.default_rng(seed)
    rng.uniform(0.5e6, 3e6, len(panel.geos))
    return np.asarray(np.exp(rng.normal(0, 0.25, (2, len(panel.geos)))))


def inside(fit: Fit, level: float = 0.9) -> np.ndarray:
    low, high = np.quantile(fit.roas, [(1 - level) / 2, (1 + level) / 2], axis=1)
    return np.asarray((low <= ROAS) & (high >= ROAS))


@pytest.fixture(scope="module")
def fits() -> dict[int, Fit]:
    return {seed: fit_model(geo_spec(**QUICK), geo_panel(4, 80, seed=seed), seed=1, progress=False) for seed in SEEDS}


def test_national_roas_is_recovered(fits: dict[int, Fit]) -> None:
    covered = np.concatenate([inside(fit) for fit in fits.values()])
    # Were the intervals honest, fewer than this many of six would be seen once in a thousand times.
    assert covered.sum() >= binom.ppf(0.001, covered.size, 0.9)
    z = [(fit.roas.mean(axis=1) - ROAS) / fit.roas.std(axis=1) for fit in fits.values()]
    assert np.abs(np.mean(z)) < 3.3 / np.sqrt(len(z) * 2) + 0.5  # a prior that is not at the truth pulls a little
    errors = [np.abs(fit.roas.mean(axis=1) / ROAS - 1.0) for fit in fits.values()]
    assert np.median(errors) < 0.15


def test_geos_differ_as_they_do_in_truth(fits: dict[int, Fit]) -> None:
    found, truth = [], []
    for seed, fit in fits.items():
        tilt = np.log(fit.response.paid.beta / fit.response.population[:, None]).mean(axis=-1)
        known = np.log(tilts(geo_panel(4, 80, seed=seed), seed))
        found.append(tilt - tilt.mean(axis=1, keepdims=True))
        truth.append(known - known.mean(axis=1, keepdims=True))
    correlation = np.corrcoef(np.ravel(found), np.ravel(truth))[0, 1]
    # 24 pairs with 18 degrees of freedom: 0.68 would be seen once in a thousand times without any relation.
    assert correlation > 0.68


def test_how_geos_differ_is_stored_in_units_of_its_spread(fits: dict[int, Fit]) -> None:
    fit = fits[3]
    posterior = fit.draws["posterior"]
    spread, units = (posterior[name].to_numpy().astype(np.float64) for name in ("size_spread", "size_geo"))
    differ = (spread[..., None] * units).reshape(-1, 2, 4).transpose(1, 2, 0)
    size = np.log(fit.response.paid.beta / fit.response.population[:, None])
    np.testing.assert_allclose(size - size[:, :1], differ - differ[:, :1], atol=1e-5)


def test_geo_roas_adds_up_to_the_national_one(fits: dict[int, Fit]) -> None:
    fit = fits[3]
    spend = fit.response.spend.sum(axis=-1)
    by_geo = roas(fit.response, by_geo=True).to_numpy()
    np.testing.assert_allclose(
        (by_geo * spend[..., None]).sum(axis=1) / spend.sum(axis=1)[:, None], fit.roas, rtol=1e-8
    )
    np.testing.assert_allclose(fit.roas, fit.draws["posterior"]["roas"].to_numpy().reshape(-1, 2).T, rtol=1e-4)


def test_weeks_without_a_row_do_not_bias(fits: dict[int, Fit]) -> None:
    panel = geo_panel(4, 80, seed=4, missing=True)
    assert (~panel.observed).sum() == 23
    fit = fit_model(geo_spec(**QUICK), panel, seed=1, progress=False)
    assert inside(fit, 0.99).all()
    # A missing week is not a week without sales: the same panel with zeros there is told another story.
    zeros = replace(panel, observed=np.ones_like(panel.observed))
    wrong = fit_model(geo_spec(**QUICK), zeros, seed=1, progress=False)
    assert wrong.response.baseline.sigma[1].mean() > 3.0 * fit.response.baseline.sigma[1].mean()


def test_what_a_geo_of_more_people_counts() -> None:
    """Ten times the people, the spend and the sales of a geo leave media, noise and effects per head as they were."""
    panel = geo_panel(3, 60)
    bigger = np.array([1.0, 1.0, 10.0])
    grown = replace(
        panel,
        population=panel.population * bigger,
        outcome=panel.outcome * bigger[:, None],
        spend=panel.spend * bigger[:, None],
        exposure=panel.exposure * bigger[:, None],
    )
    here, there = prepare(geo_spec(), panel), prepare(geo_spec(), grown)
    np.testing.assert_allclose(there.media, here.media, rtol=1e-12)
    scale = there.outcome[0, 0] / here.outcome[0, 0]
    np.testing.assert_allclose(there.outcome, here.outcome * scale, rtol=1e-12)
    np.testing.assert_allclose(there.money_share.sum(), (panel.spend.sum(axis=2) @ bigger).sum() / grown.outcome.sum())


def test_a_channel_that_runs_only_nationally_is_fitted(fits: dict[int, Fit]) -> None:
    panel = geo_panel(4, 80, seed=3)
    share = panel.population / panel.population.sum()
    spend = panel.spend.copy()
    spend[0] = share[:, None] * panel.spend[0].sum(axis=0)
    # Its effect is no longer that of the truth: what is asked for is a fit that knows less than it did.
    whole = replace(panel, spend=spend, exposure=spend, national_channels=("tv",))
    prepared = prepare(geo_spec(), whole)
    np.testing.assert_allclose(prepared.media[0], np.repeat(prepared.media[0][:1], 4, axis=0))
    fit = fit_model(geo_spec(**QUICK), whole, seed=1, progress=False)
    assert np.isfinite(fit.roas).all()
    assert fit.roas[0].std() / fit.roas[0].mean() > fits[3].roas[0].std() / fits[3].roas[0].mean()


def test_complete_pooling_leaves_no_difference() -> None:
    options = dict.fromkeys(("size", "carryover", "half_saturation", "slope", "baseline"), "complete")
    fit = fit_model(geo_spec(**QUICK, pooling=options), geo_panel(3, 60), seed=1, progress=False)
    media = fit.response.paid
    np.testing.assert_array_equal(media.alpha, np.repeat(media.alpha[:, :1], 3, axis=1))
    per_head = media.beta / fit.response.population[:, None]
    np.testing.assert_allclose(per_head, np.repeat(per_head[:, :1], 3, axis=1))
    by_geo = {name for name in SAMPLED if name.endswith("_geo")} | {"size_spread", "carryover_spread", "deviation"}
    assert not by_geo & set(fit.draws["posterior"])
    # Levels still differ.
    assert np.ptp((fit.response.baseline.coef[0] / fit.response.population[:, None]).mean(axis=-1)) > 0
