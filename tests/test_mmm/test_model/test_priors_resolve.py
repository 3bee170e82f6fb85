"""From what was stated to the numbers that the model is built from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from mmm.model.distributions import Distribution
from mmm.model.resolve import (
    DEFAULT_CONTROL_SIZE,
    DEFAULT_ROAS,
    Parameter,
    PooledRoas,
    ResolvedPriors,
    RoasRule,
    TypicalWeek,
    resolve_priors,
)
from mmm.model.scales import media_scales, typical_week
from mmm.model.spec import ModelSpec
from mmm.transforms.saturation import Saturation, saturate, saturate_slope

TYPICAL = TypicalWeek(media=np.array([2000.0, 50_000.0, 100.0]), spend=np.array([2000.0, 4000.0]))


def state(priors: Mapping[str, Any], channels: int = 2, **more: Any) -> ModelSpec:
    names = ["tv", "search", *(f"c{i}" for i in range(2, channels))]
    return ModelSpec.model_validate(
        {
            "data": {"file": "weekly.csv", "date": "week", "outcome": "revenue"},
            "channels": {name: {"spend": f"{name}_spend"} for name in names},
            "organic": ["letters"],
            "controls": ["price", "rain"],
            "priors": priors,
            **more,
        }
    )


def resolve(priors: Mapping[str, Any], channels: int = 2, **more: Any) -> ResolvedPriors:
    money_share = np.full(channels, 0.1 / channels)
    return resolve_priors(state(priors, channels, **more), money_share, outcome_is_money=True, typical=TYPICAL)


def test_nothing_stated_is_as_it_was() -> None:
    found = resolve({})
    assert found.roas_rule == (RoasRule.MONEY, RoasRule.MONEY)
    assert np.isnan(found.mroas_mu).all()
    assert (found.pooled, found.signed_controls, found.control_sd) == (None, (), (None, None))
    assert not found.custom


def test_a_paid_channels_share_is_its_roas_over_its_spend_share() -> None:
    found = resolve({"channels": {"tv": {"share_of_outcome": {"median": 0.1, "q95": 0.2}}}})
    assert found.roas_rule == (RoasRule.SHARE_STATED, RoasRule.MONEY)
    quantiles = 0.05 * np.exp(found.roas_mu[0] + found.roas_sigma[0] * np.array([0.0, 1.6448536269514722]))
    np.testing.assert_allclose(quantiles, [0.1, 0.2])


def test_half_saturation_in_money_and_in_exposures() -> None:
    found = resolve(
        {
            "channels": {
                "tv": {"half_saturation_spend": {"median": 3000, "q95": 6000}},
                "search": {"half_saturation_media": {"median": 100_000, "q95": 200_000}},
                "letters": {"half_saturation_media": {"median": 50, "q95": 100}},
            }
        }
    )
    np.testing.assert_allclose(np.exp(found.half_mu), [1.5, 2.0, 0.5])
    spec = state({"channels": {"tv": {"half_saturation_spend": {"median": 3000, "q95": 6000}}}})
    with pytest.raises(ValueError, match="typical week"):
        resolve_priors(spec, np.array([0.05, 0.05]), outcome_is_money=True)


def test_typical_weeks_add_up_over_geos() -> None:
    media = np.array([[[10.0, 0, 30], [5, 5, 5]]])
    seen = np.ones((2, 3), dtype=bool)
    found = typical_week(media_scales(media, np.array([2.0, 1.0]), seen), media, 2.0 * media)
    # Per head 5, 15, 5, 5, 5 in the weeks that are not zero: 7 on average, for three heads.
    np.testing.assert_allclose(found.media, [21.0])
    np.testing.assert_allclose(found.spend, [42.0])


@pytest.mark.parametrize("form", ["hill", "logistic"])
def test_mroas_implies_a_roas(form: str) -> None:
    """At a steady typical week ROAS = mROAS · f(1) / f'(1), by simulation."""
    stated = {"channels": {"tv": {"mroas": {"median": 1.0, "q95": 2.0}, "half_saturation": {"median": 1, "q95": 3}}}}
    found = resolve(stated, saturation=form)
    rng = np.random.default_rng(1)
    mroas = np.exp(found.mroas_mu[0] + found.mroas_sigma[0] * rng.normal(size=100_000))
    half = np.exp(found.half_mu[0] + found.half_sigma[0] * rng.normal(size=100_000))
    one = np.ones_like(half)
    implied = np.log(mroas * saturate(Saturation(form), one, half) / saturate_slope(Saturation(form), one, half))
    assert found.roas_rule[0] is RoasRule.MROAS
    assert (found.roas_mu[0], found.roas_sigma[0]) == pytest.approx((implied.mean(), implied.std()), abs=0.03)


def test_named_distributions_stay_as_they_are_and_arrays_come_close() -> None:
    gamma = {"distribution": "Gamma", "alpha": 2, "beta": 1}
    found = resolve(
        {
            "slope": {"distribution": "LogNormal", "mu": 0.1, "sigma": 0.2},
            "channels": {
                "tv": {"roas": gamma, "carryover": {"distribution": "Uniform", "lower": 0.1, "upper": 0.5}},
                "letters": {"share_of_outcome": {"distribution": "Beta", "alpha": 2, "beta": 50}},
            },
        }
    )
    assert found.custom == {
        (Parameter.ROAS, "tv"): Distribution.of("Gamma", alpha=2, beta=1),
        (Parameter.CARRYOVER, "tv"): Distribution.of("Uniform", lower=0.1, upper=0.5),
        (Parameter.SHARE, "letters"): Distribution.of("Beta", alpha=2, beta=50),
    }
    assert np.exp(found.roas_mu[0]) == pytest.approx(float(Distribution.of("Gamma", alpha=2, beta=1).quantile(0.5)))
    np.testing.assert_allclose((found.slope_mu, found.slope_sigma), (np.full(3, 0.1), np.full(3, 0.2)))


def test_eight_channels_of_which_nothing_is_said_are_pooled() -> None:
    assert resolve({}, channels=7).pooled is None
    assert resolve({"shrinkage": "none"}, channels=9).pooled is None
    found = resolve({"channels": {"tv": {"roas": {"median": 3, "q95": 6}}}}, channels=9).pooled
    assert found is not None
    assert found.channels == tuple(range(1, 9))


def test_pooling_keeps_each_channels_own_prior() -> None:
    found = resolve({"shrinkage": "pooled"}).pooled
    assert isinstance(found, PooledRoas)
    rng = np.random.default_rng(2)
    n = 400_000
    centre = found.mu + found.mu_sigma * rng.normal(size=n)
    log = centre + found.tau_scale * np.abs(rng.normal(size=n)) * rng.normal(size=(2, n))
    mu, sigma = DEFAULT_ROAS.log_moments()
    assert (log[0].mean(), log[0].std()) == pytest.approx((mu, sigma), abs=0.01)
    assert np.corrcoef(log)[0, 1] == pytest.approx(0.5, abs=0.01)
    assert np.exp(np.quantile(log[0], 0.95)) == pytest.approx(7.0, rel=0.05)


def test_everyones_stated_roas_is_pooled_only_when_asked() -> None:
    everyone = {"roas": {"median": 2, "q95": 4}}
    assert resolve(everyone, channels=9).pooled is None
    found = resolve({**everyone, "shrinkage": "pooled"}).pooled
    assert found is not None
    assert np.exp(found.mu) == pytest.approx(2.0)
    gamma = {"distribution": "Gamma", "alpha": 2, "beta": 1}
    assert resolve({"roas": gamma, "shrinkage": "pooled"}).pooled is None


def test_controls_sign_and_size() -> None:
    found = resolve({"controls": {"price": {"sign": "negative"}, "rain": {"size": {"median": 0.05, "q95": 0.2}}}})
    (price,) = found.signed_controls
    assert (price.index, price.sign) == (0, -1.0)
    assert (price.mu, price.sigma) == DEFAULT_CONTROL_SIZE.log_moments()
    assert found.control_sd[0] is None
    draws = np.abs(np.random.default_rng(3).normal(0.0, found.control_sd[1], 200_000))
    assert np.quantile(draws, 0.95) == pytest.approx(0.2, rel=0.01)


def test_what_the_panel_does_not_hold_is_left_out_of_the_priors() -> None:
    stated = {
        "channels": {"tv": {}, "search": {}},
        "controls": {"price": {"sign": "negative"}, "rain": {"sign": "positive"}},
    }
    kept = state(stated).priors.of(("search", "letters"), ("rain",))
    assert (set(kept.channels), set(kept.controls)) == ({"search"}, {"rain"})
