"""What people state reaches the posterior: with data that say nothing, it is the posterior."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pymc as pm
import pytest
from scipy.stats import gamma, lognorm

from mmm.data.panel import Panel
from mmm.model.distributions import Parameter
from mmm.model.fit import Fit, fit_model
from mmm.model.spec import ModelSpec
from mmm.model.stated import PositivePrior
from tests.test_mmm.test_model.geo_market import geo_panel, geo_spec
from tests.test_mmm.test_model.test_kernel import national

LEVELS = np.array([0.1, 0.25, 0.5, 0.75, 0.9])


def hidden() -> Panel:
    """Return a market whose sales have nothing to do with anything, and jump a hundredfold."""
    panel = national(geo_panel(1, 60, seed=2))
    rng = np.random.default_rng(0)
    return replace(panel, outcome=panel.outcome.mean() * (1.0 + 4.0 * rng.standard_normal(panel.outcome.shape)))


def spec(**changes: Any) -> ModelSpec:
    data = {"file": "x.csv", "date": "week", "outcome": "revenue"}
    sampling = {"chains": 4, "tune": 500, "draws": 1000}
    return geo_spec(**{"data": data, "sampling": sampling, **changes})


def quantiles_agree(draws: np.ndarray, wanted: np.ndarray, effective: float = 1000.0) -> None:
    """Compare shares of draws below the wanted quantiles, with four Monte Carlo errors to spare."""
    shares = (draws[:, None] < wanted).mean(axis=0)
    assert np.all(np.abs(shares - LEVELS) < 4.0 * np.sqrt(LEVELS * (1 - LEVELS) / effective) + 0.02), shares


def log_normal(prior: PositivePrior) -> np.ndarray:
    mu, sigma = prior.log_moments()
    return np.asarray(lognorm.ppf(LEVELS, sigma, scale=np.exp(mu)))


#: Of the next euro of tv, of all of search's (as its maker), and of the direction of the price.
MROAS = {"median": 0.8, "q95": 1.2}
OWN = {(Parameter.ROAS, "search"): lambda name: pm.Gamma(name, 16.0, 20.0)}


def stated_fit(panel: Panel, sign: str) -> Fit:
    priors = {"channels": {"tv": {"mroas": MROAS}}, "controls": {"price": {"sign": sign}}}
    return fit_model(spec(priors=priors), panel, seed=1, progress=False, own_priors=OWN)


@pytest.fixture(scope="module")
def stated() -> Fit:
    return stated_fit(hidden(), "positive")


def test_a_stated_mroas_is_the_prior_of_the_mroas(stated: Fit) -> None:
    quantiles_agree(stated.mroas[0], log_normal(PositivePrior(**MROAS)))
    # A narrow statement of the next euro leaves the average open: it hangs on saturation.
    assert np.std(np.log(stated.roas[0])) > 1.2 * np.std(np.log(stated.mroas[0]))


def test_a_distribution_of_ones_own_is_the_prior(stated: Fit) -> None:
    quantiles_agree(stated.roas[1], gamma.ppf(LEVELS, 16.0, scale=1 / 20.0))


def test_a_stated_roas_is_the_prior_of_the_roas() -> None:
    said = {"median": 0.7, "q95": 1.0}
    fit = fit_model(spec(priors={"channels": {"tv": {"roas": said}}}), hidden(), seed=1, progress=False)
    quantiles_agree(fit.roas[0], log_normal(PositivePrior(**said)))


def test_a_control_keeps_its_stated_sign(stated: Fit) -> None:
    assert (stated.response.baseline.coef[-1, 0] > 0).all()
    panel = national(geo_panel(1, 60, seed=2))  # its price lowers sales by 2 % a unit
    right, wrong = (stated_fit(panel, sign).response.baseline.coef[-1, 0] for sign in ("negative", "positive"))
    free = fit_model(spec(), panel, seed=1, progress=False).response.baseline.coef[-1, 0]
    assert (right < 0).all()
    assert (wrong > 0).all()
    # A sign that is right costs nothing; one that is wrong leaves as little of the effect as it may.
    assert abs(right.mean() - free.mean()) < 0.5 * free.std()
    assert wrong.mean() < 0.5 * abs(free.mean())


def eight(seed: int = 0) -> Panel:
    """Return a market of eight channels that all return 2."""
    rng = np.random.default_rng(seed)
    panel = national(geo_panel(1, 80, seed=seed))
    spend = 1e5 * np.exp(rng.normal(0, 0.7, (8, 1, 80)))
    base = 1e7 * (1.0 + 0.03 * rng.standard_normal(80))
    made = sum(2.0 * s[0].sum() * (s[0] / (s[0] + 1e5)) / (s[0] / (s[0] + 1e5)).sum() for s in spend)
    return replace(
        panel,
        outcome=(base + made)[None],
        channels=tuple(f"c{i}" for i in range(8)),
        spend=spend,
        exposure=spend,
        exposure_based=np.zeros(8, dtype=bool),
    )


def fit_eight(shrinkage: str) -> Fit:
    channels = {f"c{i}": {"spend": f"s{i}"} for i in range(8)}
    sampling = {"chains": 4, "tune": 400, "draws": 300, "target_accept": 0.95}
    named = spec(channels=channels, sampling=sampling, priors={"shrinkage": shrinkage})
    return fit_model(named, eight(), seed=1, progress=False)


def test_many_channels_shrink_to_what_they_share() -> None:
    pooled, alone = fit_eight("auto"), fit_eight("none")
    assert {"roas_center", "roas_spread"} <= set(pooled.draws["posterior"])
    assert "roas_center" not in alone.draws["posterior"]
    spreads = [np.log(fit.roas).mean(axis=1).std() for fit in (pooled, alone)]
    assert spreads[0] < 0.9 * spreads[1]
    widths = [np.log(fit.roas).std(axis=1).mean() for fit in (pooled, alone)]
    assert widths[0] < widths[1]
