"""Concave curves are contradicted where next to nothing happens below a threshold, and only there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mmm.data.read import read_panel
from mmm.findings import Severity
from mmm.model.checks_saturation import STEEP, check_form, least_gain, look_for_steep
from mmm.model.fit import Fit, fit_model
from mmm.model.free_slopes import FreeSlopes, _Search, free_slopes, start_at_mean
from mmm.model.prepared import prepare
from mmm.model.spec import ModelSpec, SaturationForm
from mmm.model.validation.rebuild import panel_of
from mmm.transforms.adstock import geometric_adstock, initial_state
from mmm.transforms.saturation import hill
from tests.test_mmm.test_model.market import ALPHA, MODEL, Market, make_market

QUICK = MODEL.replace("chains: 4, tune: 400, draws: 400", "chains: 2, tune: 300, draws: 200")


def with_threshold() -> Market:
    """Make the market again with a tv whose curve is Hill's with slope 4."""
    market = make_market()
    spend = market.spend[0]
    half = 1.2 * spend[spend > 0].mean()
    state = geometric_adstock(spend, ALPHA[0], initial_state(spend))
    more = 30_000.0 * hill(state, half, 4.0) - 5_000.0 * hill(state, half)
    return replace(market, revenue=market.revenue + more)


@pytest.fixture(scope="module")
def steep(tmp_path_factory: pytest.TempPathFactory) -> Fit:
    file = with_threshold().write(tmp_path_factory.mktemp("steep"), QUICK)
    spec = ModelSpec.from_yaml(file)
    return fit_model(spec, read_panel(spec, file.parent), seed=1, progress=False)


def found(fit: Fit) -> FreeSlopes:
    return look_for_steep(fit)


def test_a_threshold_is_named_with_its_remedy(steep: Fit) -> None:
    finding = next(finding for finding in steep.findings if finding.name == "saturation_form")
    assert finding.severity is Severity.WARNING
    assert "tv" in finding.where
    assert "letters" not in finding.where
    assert "saturation: hill_free_slope" in finding.do
    assert any("form of the response curves (tv" in sentence for sentence in steep.verdict.sentences)


def test_concave_curves_are_not_contradicted(fit: Fit) -> None:
    finding = next(finding for finding in fit.findings if finding.name == "saturation_form")
    assert finding.severity is Severity.OK
    assert found(fit).gain >= -1e-6


def test_slopes_that_are_learned_have_nothing_to_free(steep: Fit) -> None:
    prepared = prepare(steep.spec.model_copy(update={"saturation": SaturationForm.HILL_FREE_SLOPE}), panel_of(steep))
    start = start_at_mean(prepare(steep.spec, panel_of(steep)), steep.draws["posterior"].dataset, steep.response)
    freed = free_slopes(prepared, start)
    assert not freed.freed.any()
    assert freed.gain == pytest.approx(0.0, abs=1e-3)
    assert check_form(freed, steep.spec.media).severity is Severity.OK


def test_the_gradient_of_the_search_is_its_derivative(steep: Fit) -> None:
    prepared = prepare(steep.spec.model_copy(update={"saturation": SaturationForm.HILL_FREE_SLOPE}), panel_of(steep))
    start = start_at_mean(prepare(steep.spec, panel_of(steep)), steep.draws["posterior"].dataset, steep.response)
    search = _Search(prepared, start, np.ones(3, dtype=np.bool_))
    at = search.first() + 0.1
    gradient, step = search._minus(at)[1], 1e-5
    for i, slope in enumerate(gradient):
        move = step * (np.arange(len(at)) == i)
        rise = (search._minus(at + move)[0] - search._minus(at - move)[0]) / (2 * step)
        assert rise == pytest.approx(slope, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize(
    ("gain", "slope", "severity"),
    [(-0.1, 3.0, "ok"), (0.1, STEEP, "warning"), (0.1, 1.3, "note")],
)
def test_both_the_gain_and_the_slope_decide(gain: float, slope: float, severity: str) -> None:
    freed = FreeSlopes(least_gain(2) + gain, np.array([slope, 1.0]), np.array([True, True]))
    finding = check_form(freed, ("tv", "radio"))
    assert finding.severity == severity
    assert finding.where == ("tv" if severity == "warning" else "")


def test_the_limit_is_that_of_the_likelihood_ratio() -> None:
    assert least_gain(1) == pytest.approx(10.828 / 2, abs=1e-3)
    assert least_gain(5) == pytest.approx(20.515 / 2, abs=1e-3)
