"""One model in three forms: the same density and gradients where they can be compared, the same posterior elsewhere."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytensor
import pytest
from scipy.stats import multivariate_normal

from mmm.data.panel import Panel
from mmm.model.build import build_model
from mmm.model.compiled import compile_model
from mmm.model.convergence import measure
from mmm.model.form import Form, choose_form
from mmm.model.kernel import PARAMETERS
from mmm.model.posterior import SAMPLED, respond
from mmm.model.prepared import Prepared, prepare
from mmm.model.sampling import sample
from mmm.model.spec import Sampling
from mmm.response.metrics import roas
from mmm.transforms.graph import Tensor
from tests.test_mmm.test_model.geo_market import geo_panel, geo_spec
from tests.test_mmm.test_model.plain import function
from tests.test_mmm.test_model.test_kernel import CASES, case, media_reference, national
from tests.test_mmm.test_model.test_linear import dense

SHORT = Sampling(chains=4, tune=400, draws=500)
#: Of a standard normal: about once in 150,000 comparisons; each test makes fewer than 150.
LIMIT = 4.5

SIGNED: dict[str, Any] = {"priors": {"controls": {"price": {"sign": "negative"}}}}
HEAVY = {"noise": "student_t"}
OWN_SHAPES = {
    "pooling": dict.fromkeys(("size", "carryover", "half_saturation", "slope"), "partial"),
    "saturation": "hill_free_slope",
}


def value_and_gradients(prepared: Prepared, form: Form, seed: int) -> dict[str, np.ndarray]:
    """Evaluate a form's log-density and gradients at a random point, without PyTensor's compiler."""
    model = build_model(prepared, form)
    rng = np.random.default_rng(seed)
    point = {name: value + rng.normal(0, 0.4, np.shape(value)) for name, value in model.initial_point(0).items()}
    density = model.logp()
    outputs = [density, *pytensor.grad(density, model.value_vars)]
    values = function(model.value_vars, outputs)(*(point[v.name] for v in model.value_vars))
    return dict(zip(["value", *(v.name for v in model.value_vars)], map(np.asarray, values), strict=True))


EVERYTHING = {
    **HEAVY,
    "saturation": {"tv": "hill_free_slope", "search": "logistic"},
    "demand_index": "yearly",
    "priors": {**SIGNED["priors"], "channels": {"tv": {"mroas": {"median": 1.0, "q95": 3.0}}}},
}


def test_compiled_media_are_the_plain_formulas() -> None:
    panel = case("geos, logistic, unobserved weeks").panel
    assert len(panel.lift_tests) == 2
    assert not panel.observed.all()
    prepared = prepare(geo_spec(**EVERYTHING), panel)
    compiled, plain = (value_and_gradients(prepared, form, 4) for form in (Form.GENERAL, Form.PLAIN))
    assert compiled.keys() == plain.keys()
    for variable, value in compiled.items():
        np.testing.assert_allclose(value, plain[variable], rtol=1e-7, atol=1e-7, err_msg=variable)


def figures(prepared: Prepared, form: Form, seed: int) -> dict[str, np.ndarray]:
    """Return draws of every parameter and of what a fit says, (P, chain, draw) by name."""
    tree = sample(build_model(prepared, form), SHORT, seed=seed, progress=False).tree
    posterior = tree["posterior"].dataset
    shape = (SHORT.chains, SHORT.draws)
    names = [name for name in SAMPLED if name in posterior]
    found = {name: posterior[name].to_numpy().reshape(*shape, -1).transpose(2, 0, 1) for name in names}
    _, response = respond(prepared, tree, np.random.default_rng(seed), form=form)
    said = {"ROAS": roas(response).to_numpy(), "baseline": response.baseline.coef.reshape(-1, shape[0] * shape[1])}
    return found | {name: values.reshape(len(values), *shape) for name, values in said.items()}


def apart(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Return the difference of two samplers' means in Monte Carlo errors, (P,)."""
    moments = []
    for draws in (one, two):
        flat = draws.reshape(len(draws), -1)
        moments.append((flat.mean(axis=1), flat.var(axis=1) / measure(draws).ess_bulk))
    return np.asarray((moments[0][0] - moments[1][0]) / np.sqrt(moments[0][1] + moments[1][1]))


def same_posterior(prepared: Prepared) -> None:
    fast, general = (figures(prepared, form, seed) for form, seed in ((Form.FAST, 1), (Form.GENERAL, 2)))
    assert fast.keys() == general.keys()
    for name, one in fast.items():
        two = general[name]
        assert np.abs(apart(one, two)).max() < LIMIT, f"mean of {name}"
        both = np.concatenate([one, two], axis=1).reshape(len(one), -1)
        center = both.mean(axis=1)[:, None, None]
        assert np.abs(apart((one - center) ** 2, (two - center) ** 2)).max() < LIMIT, f"spread of {name}"


def test_collapsing_does_not_change_a_national_posterior() -> None:
    same_posterior(prepare(geo_spec(trend="flexible", **SIGNED), national(geo_panel(1, 80, seed=5))))


def given(prepared: Prepared, point: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return what the collapsed density is given at a point of the fast form."""
    model = build_model(prepared)
    node = next(potential.owner for potential in model.potentials if potential.name == "outcome")
    inputs = model.replace_rvs_by_values(node.inputs[2:])
    values = function(model.value_vars, inputs)(*(point[v.name] for v in model.value_vars))
    return dict(zip(PARAMETERS, map(np.asarray, values), strict=True))


@pytest.mark.parametrize("name", [*CASES, "geos, every shape its own"])
def test_the_joint_density_is_the_collapsed_one_times_the_conditional_one(name: str) -> None:
    prepared = case(name) if name in CASES else prepare(geo_spec(**OWN_SHAPES), geo_panel(3, 40))
    general, part = build_model(prepared, Form.GENERAL), prepared.linear
    rng = np.random.default_rng(8)
    point = {key: value + rng.normal(0, 0.4, np.shape(value)) for key, value in general.initial_point(0).items()}
    joint, collapsed = (
        float(function(m.value_vars, m.logp())(*(point[v.name] for v in m.value_vars)))
        for m in (general, build_model(prepared))
    )
    known = given(prepared, point)
    media, _, _ = media_reference(prepared, known)
    posterior = dense(prepared, known["target"] - media, known)
    geos = len(part.ones)
    own = [point.get("geo_level", np.zeros(geos))[None], point.get("geo_linear", np.empty((0, geos)))]
    drawn = np.concatenate([[point["level"]], point.get("linear", np.empty(0)), np.concatenate(own).T.ravel()])
    drawn = np.concatenate([drawn, point.get("week_z", np.empty(0))])
    free = posterior.variance > 0
    scale = np.sqrt(posterior.variance[free])
    covariance = posterior.covariance[np.ix_(free, free)] / np.outer(scale, scale)
    conditional = multivariate_normal.logpdf(drawn[free], posterior.mean[free] / scale, covariance)
    assert joint == pytest.approx(collapsed + conditional, rel=1e-8, abs=1e-6)


def test_other_data_of_the_same_structure_reuse_the_code() -> None:
    first = prepare(geo_spec(), geo_panel(3, 52, seed=5))
    compile_model(build_model(first))
    others = [geo_panel(3, 52, seed=9), geo_panel(3, 70, seed=5), _with_another_window(geo_panel(3, 60, seed=2))]
    for panel in others:
        prepared = prepare(geo_spec(), panel)
        assert compile_model(build_model(prepared)).reused


def _with_another_window(panel: Panel) -> Panel:
    observed = panel.observed.copy()
    observed[0, :7] = False
    return replace(panel, observed=observed, spend=panel.spend * observed, outcome=panel.outcome * observed)


@pytest.mark.parametrize(("changes", "form"), [({}, Form.FAST), (HEAVY, Form.GENERAL)])
def test_the_form_is_chosen_from_the_spec_and_says_why(changes: dict[str, Any], form: Form) -> None:
    choice = choose_form(geo_spec(**changes))
    assert choice.form is form
    assert "same meaning" in choice.why
    assert choose_form(geo_spec(**changes), custom_term=True).form is Form.GENERAL


def test_a_custom_term_needs_the_general_form() -> None:
    def term(prepared: Prepared) -> Tensor:
        raise AssertionError("never made")

    with pytest.raises(ValueError, match="general form"):
        build_model(prepare(geo_spec(), geo_panel(2, 40)), Form.FAST, custom_term=term)
