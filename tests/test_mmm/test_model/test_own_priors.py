"""Priors and terms of one's own, in Python: they are in the model, in the draws and on the page."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import pytest

from mmm import Parameter, describe_model, prior_table
from mmm.data.panel import Panel
from mmm.model import prior_posterior, words
from mmm.model.fit import Fit, fit_model
from mmm.model.form import Form
from mmm.model.prepared import Prepared
from mmm.model.resolved import resolved_configuration
from mmm.model.spec import ModelSpec, Sampling
from mmm.transforms.graph import Tensor

CLOSED = slice(40, 44)
LOSS = 0.3
OWN = {
    (Parameter.ROAS, "tv"): lambda name: pm.Gamma(name, 400.0, 160.0),
    (Parameter.CARRYOVER, "search"): lambda name: pm.LogitNormal(name, -1.4, 0.2),
}


def closure(prepared: Prepared) -> Tensor:
    """What four weeks with the shop shut cost, as a share of a typical week."""
    shut = np.zeros(prepared.outcome.shape)
    shut[:, CLOSED] = 1.0
    return -pm.HalfNormal("closure", 0.5) * pt.as_tensor(shut)


@pytest.fixture(scope="module")
def struck(panel: Panel) -> Panel:
    """The market, whose shop was shut for four weeks."""
    outcome = panel.outcome.copy()
    outcome[:, CLOSED] -= LOSS * panel.outcome.mean()
    return replace(panel, outcome=outcome)


@pytest.fixture(scope="module")
def short(spec: ModelSpec) -> ModelSpec:
    return spec.model_copy(update={"sampling": Sampling(chains=2, tune=300, draws=300)})


@pytest.fixture(scope="module")
def own(short: ModelSpec, struck: Panel) -> Fit:
    return fit_model(short, struck, seed=5, progress=False, own_priors=OWN, custom_term=closure)


def test_a_custom_term_takes_the_general_form_and_recovers_what_happened(own: Fit) -> None:
    assert own.form is Form.GENERAL
    assert "custom term" in own.form_why
    lost = own.draws["posterior"]["closure"].to_numpy().ravel()
    low, high = np.quantile(lost, [0.005, 0.995])
    assert low < LOSS < high
    assert high - low < 0.2


def test_priors_given_in_python_are_those_that_were_sampled(own: Fit, short: ModelSpec, struck: Panel) -> None:
    # Gamma(400, 160): 2.5 ± 0.125, far tighter than the default's 0.2 to 7 and than what 104 weeks say.
    tv = own.roas[own.response.channels.index("tv")]
    assert tv.std() < 0.16
    assert abs(tv.mean() - 2.5) < 0.25
    names = {variable.name for variable in own.pymc_model(own_priors=OWN, custom_term=closure).free_RVs}
    assert {"roas:tv", "carryover:search", "closure"} <= names


def test_a_fit_says_what_was_given_in_python(own: Fit, tmp_path) -> None:
    assert set(own.own_priors) == set(OWN)
    own.save(tmp_path / "fit")
    again = Fit.load(tmp_path / "fit")
    assert again.own_priors == own.own_priors
    said = " ".join(words.describe(again))
    assert "The size of tv has a prior that was given in Python" in said
    assert "the carryover of search" in said
    rows = {(of, quantity): prior for of, quantity, prior, _ in prior_posterior.rows(again)}
    assert rows["tv", "ROAS"] == rows["search", "carryover, week to week"] == "given in Python"
    assert rows["search", "ROAS"].startswith("1.20 (")
    assert np.isnan(again.roas_data().loc["tv", "prior_median"])
    given = resolved_configuration(again)["own_priors"]
    assert {"parameter": "carryover", "of": "search"} in given


def test_the_description_shows_them_before_the_fit(short: ModelSpec, struck: Panel) -> None:
    shown = describe_model(short, struck, own_priors=OWN, custom_term=closure, draws=200)
    assert shown.form.form is Form.GENERAL
    assert '"closure" -> "outcome";' in shown.graph
    assert '"roas:tv" [label="roas:tv\\nGamma", shape=ellipse];' in shown.graph
    assert "the custom term" in shown.sentences[-1]
    table = prior_table(short, struck, own_priors=OWN).set_index(["of", "quantity"])
    assert table.loc[("tv", "ROAS"), "prior"] == "given in Python"


def test_a_custom_term_is_refused_in_the_fast_form(short: ModelSpec, struck: Panel) -> None:
    from mmm.model.build import build_model
    from mmm.model.prepared import prepare

    with pytest.raises(ValueError, match="general form"):
        build_model(prepare(short, struck), Form.FAST, custom_term=closure)
