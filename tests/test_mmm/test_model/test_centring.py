"""How hierarchies are centred changes what the sampler moves, and nothing of what the model says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pymc as pm
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from benchmarks.model.scale_worlds import Size, panel_of, spec_of
from mmm.data.panel import Panel
from mmm.model.build import build_model
from mmm.model.centring import Centring
from mmm.model.convergence import Convergence, measure
from mmm.model.form import Form
from mmm.model.information import guess_errors
from mmm.model.posterior import read_draws
from mmm.model.prepared import Prepared, prepare
from mmm.model.sampling import sample
from mmm.model.spec import Sampling
from tests.test_mmm.test_model.geo_market import geo_panel, geo_spec
from tests.test_mmm.test_model.plain import function
from tests.test_mmm.test_model.test_forms import given as given_to_the_kernel
from tests.test_mmm.test_model.test_kernel import national

#: Both hierarchies at once: how geos differ, and ROAS that share a centre.
POOLED: dict[str, Any] = {"priors": {"shrinkage": "pooled"}}
SCALES = st.floats(0.01, 10.0)


def both(geos: int = 3, weeks: int = 50) -> Prepared:
    return prepare(geo_spec(**POOLED), geo_panel(geos, weeks))


def somewhere(model: pm.Model, seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {name: value + rng.normal(0, 0.4, np.shape(value)) for name, value in model.initial_point(0).items()}


def density(model: pm.Model, point: dict[str, np.ndarray]) -> float:
    return float(function(model.value_vars, model.logp())(*(point[v.name] for v in model.value_vars)))


@settings(max_examples=50, deadline=None)
@given(spread=SCALES, error=SCALES, moved=st.floats(-3, 3), center=st.floats(-2, 2), constant=st.floats(-2, 2))
def test_the_prior_of_what_is_meant_is_the_same(
    spread: float, error: float, moved: float, center: float, constant: float
) -> None:
    own = Centring(spread, error)
    step = 1e-3
    slope = (own.value(moved + step, center, constant) - own.value(moved - step, center, constant)) / (2 * step)
    meant = norm.logpdf(own.value(moved, center, constant), center, spread) + np.log(slope)
    assert norm.logpdf(moved, own.mean(center, constant), own.scale) == pytest.approx(meant, abs=1e-6)


@pytest.mark.parametrize("form", [Form.FAST, Form.GENERAL])
def test_the_log_density_keeps_its_meaning(form: Form) -> None:
    """At one point it is that of the non-centred form, but for what the change of variables adds."""
    prepared = both()
    errors, pooled = guess_errors(prepared), prepared.priors.pooled
    assert pooled is not None
    model = build_model(prepared, form)
    point = somewhere(model, 3)
    here = density(model, point)
    spread = np.exp(point["size_spread_log__"])[:, None]
    between, center = np.exp(point["roas_spread_log__"]), point["roas_center"]
    geo, roas = Centring(spread, errors.by_geo), Centring(between, errors.total)
    plain = dict(point)
    plain["size_geo"] = geo.value(point["size_geo"]) / spread
    plain["roas_z"] = (roas.value(point["roas_z"], center, pooled.mu) - center) / between
    # Errors without end: nothing is centred.
    model.set_data("size_error", np.full_like(errors.by_geo, 1e9))
    model.set_data("roas_error", np.full_like(errors.total, 1e9))
    added = np.log(geo.scale).sum() + np.log(roas.scale).sum()
    assert abs(added) > 0.1
    assert here == pytest.approx(density(model, plain) - added, rel=1e-9, abs=1e-6)


def test_draws_are_read_as_the_graph_means_them() -> None:
    prepared = both()
    model = build_model(prepared)
    point = somewhere(model, 5)
    known = given_to_the_kernel(prepared, point)
    values = function(model.value_vars, model.replace_rvs_by_values(model.free_RVs))
    taken = values(*(point[v.name] for v in model.value_vars))
    posterior = xr.Dataset()
    for variable, value in zip(model.free_RVs, taken, strict=True):
        dims = (f"{variable.name}_{axis}" for axis in range(np.ndim(value)))
        posterior[variable.name] = (("chain", "draw", *dims), np.asarray(value)[None, None])
    draws = read_draws(prepared, posterior)
    np.testing.assert_allclose(draws.tilt[0], known["theta"][3], rtol=1e-12)
    np.testing.assert_allclose(draws.share[0], known["share"], rtol=1e-12)


def test_errors_fall_as_data_grow() -> None:
    few, many = (guess_errors(prepare(geo_spec(), geo_panel(8, weeks))) for weeks in (60, 240))
    # Four times the weeks: half the error, give or take what the weeks happen to hold.
    assert np.median(many.by_geo / few.by_geo) == pytest.approx(0.5, abs=0.15)
    loud = guess_errors(prepare(geo_spec(), geo_panel(8, 60, noise=0.2)))
    assert (np.median(loud.by_geo, axis=1) > 1.5 * np.median(few.by_geo, axis=1)).all()


@pytest.fixture(scope="module")
def strong() -> Prepared:
    """Return a panel that tells each size closely: errors of 0.1 beside spreads of 0.2 and 0.5."""
    size = Size(8, 4, 80)
    return prepare(spec_of(size, **POOLED), panel_of(size))


def drawn(prepared: Prepared, model: pm.Model) -> dict[str, Convergence]:
    short = Sampling(chains=2, tune=300, draws=300, target_accept=0.8)
    posterior = sample(model, short, seed=1, progress=False).tree["posterior"].dataset
    found = {name: posterior[name].to_numpy() for name in ("roas_center", "roas_spread", "roas_z", "size_spread")}
    draws = read_draws(prepared, posterior)
    found |= {"roas": draws.roas.reshape(2, 300, -1), "tilt": draws.tilt.reshape(2, 300, -1)}
    return {name: measure(values.reshape(2, 300, -1).transpose(2, 0, 1)) for name, values in found.items()}


def test_strong_data_are_sampled_well(strong: Prepared) -> None:
    errors, model = guess_errors(strong), build_model(strong)
    centred = drawn(strong, model)
    assert max(found.rhat.max() for found in centred.values()) < 1.05
    model.set_data("size_error", np.full_like(errors.by_geo, 1e9))
    model.set_data("roas_error", np.full_like(errors.total, 1e9))
    plain = drawn(strong, model)
    for name in ("roas_center", "roas_z", "size_spread"):
        assert centred[name].ess_bulk.min() > 2.0 * plain[name].ess_bulk.min(), name


def test_errors_are_those_of_the_posterior(strong: Prepared) -> None:
    sampled = sample(build_model(strong), Sampling(chains=2, tune=300, draws=200), seed=2, progress=False)
    draws = read_draws(strong, sampled.tree["posterior"].dataset)
    # Nothing but their scale is asked for.
    ratio = guess_errors(strong).total / np.log(draws.roas).std(axis=0)
    assert ratio.max() < 2.5
    assert ratio.min() > 0.4


def quiet(panel: Panel) -> Panel:
    """Return a panel that says nothing of media: two channels that are one, and one week that moves."""
    spend = np.repeat(panel.spend[:1], 2, axis=0)
    outcome = np.full_like(panel.outcome, panel.outcome.mean())
    outcome[:, 7] *= 1.5
    return replace(panel, spend=spend, exposure=spend, outcome=outcome)


@pytest.mark.parametrize("panel", [quiet(geo_panel(3, 50)), quiet(national(geo_panel(1, 60)))])
def test_data_that_say_nothing_leave_errors_finite(panel: Panel) -> None:
    data = {"file": "x.csv", "date": "week", "outcome": "revenue"} | ({"geo": "geo"} if len(panel.geos) > 1 else {})
    found = guess_errors(prepare(geo_spec(data=data), panel))
    for errors in (found.total, found.by_geo):
        assert np.isfinite(errors).all()
        assert (errors > 0).all()
