"""True forms that the model does not have: delayed carryover, other saturation, effects that drift."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmm.transforms.adstock import geometric_adstock, initial_state
from simulations.market import simulate_market
from simulations.market.forms import CurveForm, effect_share
from simulations.market.lags import BinomialLags, WeibullLags, lagged
from simulations.market.oracle import true_response

from .worlds import ALWAYS_ON, one_channel


@pytest.mark.parametrize("form", list(CurveForm))
def test_every_form_is_at_one_half_where_its_input_is_the_half_saturation(form):
    u = np.linspace(0, 30, 200)
    share = effect_share(form, u, 7.0, 1.0)
    assert effect_share(form, np.array([7.0]), 7.0, 1.0) == pytest.approx(0.5)
    assert share[0] == 0
    assert (np.diff(share) > 0).all()
    assert np.diff(share, 2).max() < 1e-12


def test_lags_of_a_geometric_series_are_the_models_adstock():
    media = np.random.default_rng(0).gamma(1.0, 1.0, (2, 120))
    weights = 0.6 ** np.arange(200)
    stock = lagged(media, weights / weights.sum())
    assert stock == pytest.approx(geometric_adstock(media, 0.6, initial_state(media)), rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(
    spec=st.one_of(
        st.builds(BinomialLags, kind=st.just("binomial"), peak=st.floats(0, 6), weeks=st.integers(2, 20)),
        st.builds(WeibullLags, kind=st.just("weibull"), form=st.floats(0.5, 5), scale=st.floats(0.5, 8)),
    ),
    level=st.floats(0.1, 100),
)
def test_lags_keep_what_is_put_in(spec, level):
    weights = spec.weights()
    assert weights.sum() == pytest.approx(1.0)
    assert (weights >= 0).all()
    assert weights[: spec.tail_weeks()].sum() >= 0.999 - 1e-9
    assert lagged(np.full(30, level), weights) == pytest.approx(np.full(30, level))


def test_the_peak_is_where_the_world_says():
    assert BinomialLags(kind="binomial", peak=3, weeks=7).weights().argmax() == 3
    assert WeibullLags(kind="weibull", form=3, scale=4).weights().argmax() == 3
    assert WeibullLags(kind="weibull", form=0.8, scale=2).weights().argmax() == 0


CASES = {
    "delayed": {"adstock": 0.0, "carryover": {"kind": "binomial", "peak": 2.4, "weeks": 7}},
    "weibull": {"adstock": 0.0, "carryover": {"kind": "weibull", "form": 2.0, "scale": 3.0}},
    "exponential": {"adstock": 0.5, "saturation": {"form": "exponential"}},
    "linear": {"adstock": 0.5, "saturation": {"form": "linear"}},
    "drift": {"adstock": 0.5, "drift_to": 0.3},
}


@pytest.mark.parametrize("case", CASES)
def test_the_asked_roas_is_the_true_one_and_no_response_of_the_model_is_claimed(case):
    market = simulate_market(one_channel(CASES[case]))
    assert market.truth.roas["tv"] == pytest.approx(2.0, rel=1e-9)
    assert sum(market.truth.weekly.values()) == pytest.approx(market.outcome(), abs=1e-5)
    with pytest.raises(ValueError, match="replay plans with plan_value"):
        true_response(market)


def test_a_linear_market_returns_its_closed_form():
    """A coin returns beta / (2 · half), carryover or not, and the next one as much."""
    market = simulate_market(one_channel({"adstock": 0.7, "saturation": {"form": "linear"}, "roas": 1.7}))
    truth = market.truth.channels["tv"]
    assert truth.beta / (2 * truth.half_saturation) == pytest.approx(1.7, rel=1e-3)
    assert truth.roas == pytest.approx(1.7, rel=1e-9)
    assert truth.mroas == pytest.approx(1.7, rel=1e-9)
    pulse = market.spend[0].copy()
    pulse[20] += 500.0
    gain = -market.difference({"tv": pulse}).sum()
    assert gain == pytest.approx(1.7 * 500, rel=2e-3)


def test_an_effect_that_drifted_stays_where_it_ended():
    steady = {"spend": ALWAYS_ON | {"variation": 0}}
    market = simulate_market(one_channel(steady | {"drift_to": 0.25}))
    effect = market.effects()["tv"]
    assert effect[-1] / effect[0] == pytest.approx(0.25)
    later = market.own_effects({"tv": np.full((1, 200), 1000.0)})["tv"][0]
    assert later[-1] / effect[-1] == pytest.approx(1.0)
