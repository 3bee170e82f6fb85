"""Scaling, the rule that chooses the ROAS prior, and what is refused before sampling."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mmm.data.panel import Panel
from mmm.data.read import read_panel
from mmm.exceptions import DataError, SpecError
from mmm.model.build import build_model
from mmm.model.prepared import prepare
from mmm.model.resolve import DEFAULT_ROAS, RoasRule
from mmm.model.spec import ModelSpec, SaturationForm
from tests.test_mmm.test_model.geo_market import geo_panel, geo_spec
from tests.test_mmm.test_model.market import MODEL, nothing_in

NAMED = """\
saturation: {tv: hill_free_slope, search: logistic, letters: logistic}
priors:
  channels:
    tv: {roas: {median: 2, q95: 5}}
    search: {roas: {median: 3, q95: 6}}
    letters: {share_of_outcome: {median: 0.02, q95: 0.1}}
"""


def test_units_do_not_matter(spec: ModelSpec, panel: Panel) -> None:
    here = prepare(spec, panel)
    cents = replace(panel, outcome=panel.outcome * 100, spend=panel.spend * 100, exposure=panel.exposure * 1e6)
    there = prepare(spec, cents)
    np.testing.assert_allclose(there.media, here.media, rtol=1e-12)
    np.testing.assert_allclose(there.outcome, here.outcome, rtol=1e-12)
    np.testing.assert_allclose(there.money_share, here.money_share, rtol=1e-12)
    np.testing.assert_allclose(there.priors.roas_mu, here.priors.roas_mu, rtol=1e-12)


def test_money_on_a_comparable_scale_takes_the_default_roas(spec: ModelSpec, panel: Panel) -> None:
    priors = prepare(spec, panel).priors
    assert set(priors.roas_rule) == {RoasRule.MONEY}
    assert priors.roas_mu[0] == pytest.approx(DEFAULT_ROAS.log_moments()[0])


@pytest.mark.parametrize("factor", [1e-4, 1e2])
def test_spend_on_another_scale_takes_a_share_of_the_outcome(spec: ModelSpec, panel: Panel, factor: float) -> None:
    priors = prepare(spec, replace(panel, spend=panel.spend * factor)).priors
    assert set(priors.roas_rule) == {RoasRule.SHARE}
    assert np.exp(priors.roas_mu[0]) * priors.spend_share == pytest.approx(spec.priors.media_share.median)


def test_an_outcome_without_value_takes_a_share(spec: ModelSpec, panel: Panel) -> None:
    assert set(prepare(spec, replace(panel, outcome_is_money=False)).priors.roas_rule) == {RoasRule.SHARE}


def test_stated_roas_wins(spec: ModelSpec, panel: Panel) -> None:
    stated = spec.model_validate(
        {**spec.model_dump(), "priors": {"channels": {"tv": {"roas": {"median": 3, "q95": 6}}}}}
    )
    priors = prepare(stated, panel).priors
    assert priors.roas_rule == (RoasRule.STATED, RoasRule.MONEY)
    assert np.exp(priors.roas_mu[0]) == pytest.approx(3.0)


def test_what_the_data_leaves_out_is_left_out_of_the_model(tmp_path: Path) -> None:  # 45
    path = nothing_in("tv", "letters", "price").write(tmp_path, MODEL + NAMED)
    spec = ModelSpec.from_yaml(path)
    panel = read_panel(spec, tmp_path)
    prepared = prepare(spec, panel)
    assert prepared.spec.media == ("search",)
    assert prepared.spec.controls == ()
    assert prepared.spec.saturation == {"search": SaturationForm.LOGISTIC}
    assert set(prepared.spec.priors.channels) == {"search"}
    assert prepared.forms == (SaturationForm.LOGISTIC,)
    assert np.exp(prepared.priors.roas_mu) == pytest.approx([3.0])
    assert build_model(prepared).coords["medium"] == ("search",)


def test_a_spec_keeps_what_the_panel_holds(spec: ModelSpec, panel: Panel) -> None:
    assert spec.for_panel(panel) == spec


def test_refuses_a_panel_without_channels_or_of_another_spec(spec: ModelSpec, panel: Panel) -> None:
    none = {name: getattr(panel, name)[:0] for name in ("spend", "exposure", "exposure_based")}
    with pytest.raises(DataError, match="no paid channel has any spend"):
        prepare(spec, replace(panel, channels=(), **none))
    with pytest.raises(SpecError, match="the panel holds 'radio'"):
        prepare(spec, replace(panel, channels=("tv", "radio")))


def test_geos_share_typical_weeks_by_population() -> None:
    panel = geo_panel(3, 60)
    prepared = prepare(geo_spec(), panel)
    per_head = prepared.media_scale / panel.population
    np.testing.assert_allclose(per_head, np.repeat(per_head[:, :1], 3, axis=1))
    np.testing.assert_allclose(
        prepared.outcome_scale / panel.population, prepared.outcome_scale[0] / panel.population[0]
    )
    assert prepared.outcome.mean() == pytest.approx(1.0, rel=0.3)


def test_geos_without_population_are_scaled_by_their_mean_outcome() -> None:
    panel = replace(geo_panel(3, 60), population=np.ones(3))
    np.testing.assert_allclose(prepare(geo_spec(), panel).outcome.mean(axis=1), 1.0)


def test_refuses_what_cannot_be_learned(spec: ModelSpec, panel: Panel) -> None:
    with pytest.raises(DataError, match="'letters' is zero in every week"):
        prepare(spec, replace(panel, organic=np.zeros_like(panel.organic)))
    with pytest.raises(DataError, match="adds up to nothing"):
        prepare(spec, replace(panel, outcome=np.zeros_like(panel.outcome)))
    with pytest.raises(DataError, match="same in every week"):
        prepare(spec, replace(panel, outcome=np.full_like(panel.outcome, 5.0)))
    short = {
        name: getattr(panel, name)[..., :12]
        for name in ("outcome", "value_per_outcome", "spend", "exposure", "organic", "controls")
    }
    with pytest.raises(DataError, match=r"12 weeks are fewer than the 1[0-9] parameters"):
        prepare(spec, replace(panel, weeks=panel.weeks[:12], observed=panel.observed[:, :12], **short))
