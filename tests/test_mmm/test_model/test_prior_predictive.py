"""Prior draws say what was stated; data sets made from them are the model's; the sentences have their figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mmm.data.panel import Panel
from mmm.exceptions import SpecError
from mmm.findings import Severity
from mmm.model.describe import prior_table
from mmm.model.fit import Fit
from mmm.model.prepared import prepare
from mmm.model.prior_predictive import organic_contribution, prior_draws, simulate_outcome
from mmm.model.prior_words import findings, picture, prior_findings, prior_sentences
from mmm.model.spec import ModelSpec
from mmm.model.words import describe
from mmm.response.metrics import contribution, mroas, roas


def state(spec: ModelSpec, priors: Mapping[str, Any], **more: Any) -> ModelSpec:
    return ModelSpec.model_validate({**spec.model_dump(), **more, "priors": priors})


def test_sizes_of_the_draws_are_those_stated(spec: ModelSpec, panel: Panel) -> None:
    stated = state(
        spec,
        {
            "channels": {
                "tv": {"mroas": {"median": 1.0, "q95": 2.0}},
                "search": {"share_of_outcome": {"distribution": "Beta", "alpha": 5, "beta": 45}},
                "letters": {"share_of_outcome": {"median": 0.02, "q95": 0.05}},
            }
        },
    )
    draws = prior_draws(stated, panel, 4000, seed=1)
    value = float((panel.outcome * panel.value_per_outcome).sum())
    margin = mroas(draws)[0].to_numpy()
    share = contribution(draws)[1].to_numpy() / value
    letters = organic_contribution(draws)[0] / value
    np.testing.assert_allclose(np.quantile(margin, [0.5, 0.95]), [1.0, 2.0], rtol=0.06)
    assert (share.mean(), share.std()) == pytest.approx((0.1, np.sqrt(0.09 / 51)), abs=0.003)
    np.testing.assert_allclose(np.quantile(letters, [0.5, 0.95]), [0.02, 0.05], rtol=0.06)


def test_shapes_of_the_draws_are_those_stated(spec: ModelSpec, panel: Panel) -> None:
    stated = state(
        spec,
        {
            "channels": {
                "tv": {
                    "half_life": {"low": 1, "high": 4},
                    "slope": {"distribution": "Uniform", "lower": 1, "upper": 2},
                },
                "search": {"half_saturation": {"low": 0.5, "high": 2}},
            }
        },
        saturation={"tv": "hill_free_slope"},
    )
    draws = prior_draws(stated, panel, 4000, seed=2)
    weeks = np.log(0.5) / np.log(draws.paid.alpha[0, 0])
    assert np.median(weeks) == pytest.approx(2.0, rel=0.06)
    assert (draws.paid.slope[0].min(), draws.paid.slope[0].max()) == pytest.approx((1.0, 2.0), abs=0.01)
    half = np.quantile(draws.paid.half_saturation[1], [0.05, 0.95]) / panel.spend[1].mean()
    np.testing.assert_allclose(half, [0.5, 2.0], rtol=0.06)
    assert (draws.paid.slope[1] == 1.0).all()


def test_pooled_channels_move_together(spec: ModelSpec, panel: Panel) -> None:
    apart = np.log(roas(prior_draws(spec, panel, 4000, seed=3)))
    together = np.log(roas(prior_draws(state(spec, {"shrinkage": "pooled"}), panel, 4000, seed=3)))
    assert abs(np.corrcoef(apart)[0, 1]) < 0.05
    assert np.corrcoef(together)[0, 1] == pytest.approx(0.5, abs=0.05)
    np.testing.assert_allclose(together.std(axis=1), apart.std(axis=1), rtol=0.05)


def test_a_signed_control_moves_one_way(spec: ModelSpec, panel: Panel) -> None:
    stated = state(spec, {"controls": {"price": {"sign": "negative", "size": {"median": 0.05, "q95": 0.2}}}})
    draws = prior_draws(stated, panel, 4000, seed=4)
    price = draws.baseline.coef[-1, 0] / panel.outcome.mean()
    assert (price < 0).all()
    np.testing.assert_allclose(np.quantile(-price, [0.5, 0.95]), [0.05, 0.2], rtol=0.08)


def test_a_data_set_is_the_models_mean_and_noise(spec: ModelSpec, panel: Panel) -> None:
    draws = prior_draws(spec, panel, 20, seed=5)
    rng = np.random.default_rng(6)
    many = np.array([simulate_outcome(draws, 7, rng) for _ in range(400)])
    quiet = replace(draws, baseline=replace(draws.baseline, sigma=np.zeros_like(draws.baseline.sigma)))
    mean = simulate_outcome(quiet, 7, rng)
    sigma = draws.baseline.sigma[0, 7]
    np.testing.assert_allclose(many.mean(axis=0), mean, atol=5 * sigma / np.sqrt(400))
    assert many.std() == pytest.approx(np.hypot(sigma, mean.std()), rel=0.02)


def test_the_same_seed_gives_the_same_draws(spec: ModelSpec, panel: Panel) -> None:
    one, two = (prior_draws(spec, panel, 50, seed=8) for _ in range(2))
    np.testing.assert_array_equal(one.paid.beta, two.paid.beta)
    np.testing.assert_array_equal(one.baseline.coef, two.baseline.coef)


def test_the_scale_is_the_models(spec: ModelSpec, panel: Panel) -> None:
    prepared = prepare(spec, panel)
    draws = prior_draws(spec, panel, 4000, seed=9)
    noise = draws.baseline.sigma[0] / prepared.outcome_scale[0]
    assert np.sqrt((noise**2).mean()) == pytest.approx(prepared.noise_scale, rel=0.05)


def test_sentences_have_the_figures(spec: ModelSpec, panel: Panel) -> None:
    spent = float(panel.spend.sum() / panel.outcome.sum())
    sure = {"median": 2.0, "q95": 2.0001}
    said = prior_sentences(state(spec, {"roas": sure}), panel, n=200)
    share = f"{100 * 2.0 * spent:.0f}%"
    assert f"paid media make {share} to {share} of revenue" in said[0]
    assert "EUR 1 brings 2.0 to 2.0 EUR" in said[1]
    assert said[3].startswith("letters: makes ")
    assert said[4].startswith("price: one standard deviation more of it changes revenue by −")
    assert "below zero" in said[-1]


def test_what_cannot_be_meant_is_said(spec: ModelSpec, panel: Panel) -> None:
    usual = {finding.name: finding.severity for finding in prior_findings(spec, panel, n=500)}
    assert usual == {"prior_media_share": Severity.OK, "prior_negative_outcome": Severity.OK}
    for median in (100.0, 0.01):
        stated = state(spec, {"roas": {"median": median, "q95": 2 * median}})
        found = {finding.name: finding for finding in prior_findings(stated, panel, n=500)}["prior_media_share"]
        assert found.severity is Severity.WARNING
        assert "units" in found.do
    wild = state(spec, {"controls": {"price": {"sign": "negative", "size": {"median": 3, "q95": 9}}}})
    below = {finding.name: finding for finding in findings(picture(prior_draws(wild, panel, 500)))}
    assert below["prior_negative_outcome"].severity is Severity.WARNING


def test_the_table_has_every_prior_and_its_quantiles(spec: ModelSpec, panel: Panel) -> None:
    stated = state(
        spec,
        {
            "shrinkage": "pooled",
            "channels": {
                "tv": {"mroas": {"low": 0.5, "high": 2}, "slope": {"median": 1, "q95": 2}},
                "letters": {"carryover": {"distribution": "Uniform", "lower": 0, "upper": 1}},
            },
            "controls": {"price": {"sign": "negative", "size": {"median": 0.05, "q95": 0.2}}},
        },
        saturation={"tv": "hill_free_slope"},
    )
    table = prior_table(stated, panel).set_index(["of", "quantity"])
    assert tuple(table.loc[("tv", "mROAS"), ["q05", "q50", "q95"]]) == pytest.approx((0.5, 1.0, 2.0))
    assert ("tv", "Hill slope") in table.index
    assert ("search", "Hill slope") not in table.index
    assert table.loc[("letters", "carryover, week to week"), "prior"] == "Uniform(lower = 0, upper = 1.00)"
    assert table.loc[("letters", "carryover, week to week"), "q05"] == pytest.approx(0.05)
    assert table.loc[("price", "fall of the outcome with one sd, share of its mean"), "q95"] == pytest.approx(0.2)
    assert not any(of.endswith("pooled") for of, _ in table.index)
    with pytest.raises(SpecError, match="depend on the data"):
        prior_table(spec)


def test_the_page_says_which_priors_were_stated(spec: ModelSpec, fit: Fit) -> None:
    own = {"tv": {"mroas": {"low": 0.5, "high": 2}}, "search": {"share_of_outcome": {"low": 0.01, "high": 0.1}}}
    said = " ".join(describe(replace(fit, spec=state(spec, {"channels": own}))))
    assert "The marginal ROAS prior of tv is the one stated" in said
    assert "The share-of-outcome prior of search is the one stated" in said
    assert "order one" not in said


def test_over_geos_a_roas_is_the_national_figure(spec: ModelSpec, panel: Panel) -> None:
    def two(values: np.ndarray) -> np.ndarray:
        return np.concatenate([values, 0.4 * values], axis=-2)

    series = ("outcome", "spend", "exposure", "organic")
    same = {name: np.repeat(getattr(panel, name), 2, axis=-2) for name in ("value_per_outcome", "controls", "observed")}
    both = replace(
        panel, geos=("north", "south"), population=np.array([5.0, 2.0]), **same,
        **{name: two(getattr(panel, name)) for name in series},
    )  # fmt: skip
    stated = state(
        spec,
        {"roas": {"low": 1, "high": 4}, "channels": {"search": {"half_saturation_spend": {"low": 1000, "high": 2000}}}},
        noise="student_t",
        pooling={"half_saturation": "partial"},
    )
    draws = prior_draws(stated, both, 4000, seed=10)
    np.testing.assert_allclose(np.quantile(roas(draws), [0.05, 0.95], axis=1).T, [[1, 4], [1, 4]], rtol=0.08)
    half = draws.paid.half_saturation[1]
    assert np.median(half.sum(axis=0)) == pytest.approx(np.sqrt(2e6), rel=0.05)
    assert np.log(half[0] / half[1]).std() > 0.1
    assert draws.baseline.freedom.mean() == pytest.approx(20.0, rel=0.05)
    assert np.isfinite(simulate_outcome(draws, 0, np.random.default_rng(1))).all()
