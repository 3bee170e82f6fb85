"""The way to the sampler: the slim bridge against the public one, code reused for other data, one job per chain."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import pytest

from mmm.exceptions import FitError
from mmm.model import compiled
from mmm.model.bridge import SlimSampler
from mmm.model.chains import Adaptation, ChainDraws, chain_seed
from mmm.model.compiled import Route, compile_model
from mmm.model.sampling import LOW_RANK_MOST, default_adaptation, sample
from mmm.model.spec import Sampling
from mmm.model.structure import structure

SHORT = Sampling(chains=2, tune=300, draws=500)


def regression(n: int = 40, slopes: int = 2, seed: int = 0, *, width: float | None = None) -> pm.Model:
    """A regression on made-up data, one variable for each transform that the bridge knows."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, slopes))
    y = 0.3 + x @ np.linspace(0.5, 1.0, slopes) + 0.5 * rng.normal(size=n)
    with pm.Model(coords={"slope": [f"s{i}" for i in range(slopes)]}) as model:
        columns, outcome = pm.Data("x", x), pm.Data("y", y)
        level = pm.Normal("level", 0.0, pm.Data("spread", 2.0))
        slope = pm.LogNormal("slopes", 0.0, 1.0, dims="slope")
        tilt = pm.Beta("tilt", 2.0, 2.0)
        bend = pm.Uniform("bend", -1.0, 2.0)
        sigma = pm.HalfNormal("sigma", 1.0 if width is None else width)
        small = 0.01 * pt.concatenate([tilt[None], slope[:1] * bend])
        residual = outcome - level - (columns * slope).sum(axis=-1) - small[0] - small[1]
        pm.Potential("fit", (-0.5 * pt.sqr(residual / sigma) - pt.log(sigma)).sum())
    return model


def moments(drawn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    flat = drawn.reshape(-1, *drawn.shape[2:])
    return flat.mean(axis=0), flat.std(axis=0)


def test_both_routes_give_the_same_posterior(monkeypatch: pytest.MonkeyPatch) -> None:
    slim = sample(regression(), SHORT, seed=1, progress=False)
    assert slim.route is Route.SLIM
    monkeypatch.setitem(compiled.WRITTEN_FOR, "nutpie", "0.0.1")
    public = sample(regression(), SHORT, seed=1, progress=False)
    assert public.route is Route.PUBLIC
    assert "written for nutpie 0.0.1" in public.why
    one, two = slim.tree["posterior"].dataset, public.tree["posterior"].dataset
    assert set(one) == set(two) == {"level", "slopes", "tilt", "bend", "sigma"}
    for name in one:
        assert one[name].dims == two[name].dims
        (mean, spread), (other, _) = moments(one[name].to_numpy()), moments(two[name].to_numpy())
        assert np.all(np.abs(mean - other) < 0.25 * spread), name  # at least 250 effective draws each: 2.8 errors
    assert list(one["slope"].to_numpy()) == list(two["slope"].to_numpy()) == ["s0", "s1"]
    assert {"diverging", "energy"} <= set(slim.tree["sample_stats"].dataset) & set(public.tree["sample_stats"].dataset)


def test_density_and_gradient_are_pymcs() -> None:
    model = regression()
    sampler = compile_model(model).sampler
    assert isinstance(sampler, SlimSampler)
    density, gradient = model.compile_logp(), model.compile_dlogp()
    rng = np.random.default_rng(4)
    for _ in range(5):
        values = rng.normal(size=sampler.size)
        point = sampler.split(values)
        value, slope = sampler.evaluate(values)
        assert value == pytest.approx(float(density(point)), rel=1e-10)
        np.testing.assert_allclose(slope, gradient(point), rtol=1e-10, atol=1e-10)


def test_draws_come_back_in_the_variables_own_units() -> None:
    model = regression()
    sampler = compile_model(model).sampler
    assert isinstance(sampler, SlimSampler)
    joined = np.random.default_rng(5).normal(size=(3, sampler.size))
    for i, values in enumerate(joined):
        point = sampler.split(values)
        for back, variable in zip(sampler.back, model.free_RVs, strict=True):
            transform, value = model.rvs_to_transforms[variable], model.rvs_to_values[variable]
            wanted = (
                point[value.name]
                if transform is None
                else transform.backward(point[value.name], *variable.owner.inputs)
            )
            wanted = wanted.eval() if hasattr(wanted, "eval") else wanted
            np.testing.assert_allclose(back.values(joined)[i], wanted, rtol=1e-12)


def test_other_data_of_any_size_reuse_the_code() -> None:
    compile_model(regression(seed=2))
    for n, slopes in ((40, 2), (25, 2), (60, 5)):
        model = regression(n, slopes, seed=n)
        again = compile_model(model)
        assert again.reused
        assert isinstance(again.sampler, SlimSampler)
        values = np.linspace(-0.5, 0.5, again.sampler.size)
        wanted = float(model.compile_logp()(again.sampler.split(values)))
        assert again.sampler.evaluate(values)[0] == pytest.approx(wanted, rel=1e-10)


def test_a_number_written_into_the_graph_is_a_structure_of_its_own() -> None:
    assert structure(regression(seed=1)).key == structure(regression(seed=2)).key
    assert structure(regression(width=1.0)).key != structure(regression(width=2.0)).key


def test_what_the_bridge_does_not_know_takes_the_public_route() -> None:
    with pm.Model() as shares:
        pm.Dirichlet("share", np.ones(3))
    with pm.Model() as counts:
        pm.Poisson("count", 3.0)
    with pm.Model() as begun:
        pm.Normal("x", initval=3.0)
    for model, says in ((shares, "transform"), (counts, "'count' is discrete"), (begun, "starting value")):
        assert says in (compiled.obstacle(model) or "")
    with pm.Model() as derived:
        pm.Deterministic("double", 2.0 * pm.Normal("x"))
    drawn = sample(derived, Sampling(chains=2, tune=100, draws=50), seed=1, progress=False)
    assert (drawn.route, "'double' is a deterministic" in drawn.why) == (Route.PUBLIC, True)
    posterior = drawn.tree["posterior"].dataset
    np.testing.assert_allclose(posterior["double"], 2.0 * posterior["x"])


def test_a_private_name_that_is_gone_takes_the_public_route(monkeypatch: pytest.MonkeyPatch) -> None:
    assert compiled.obstacle(regression()) is None
    monkeypatch.setattr(compiled, "_PRIVATE", (*compiled._PRIVATE, "NoSuchName"))
    assert "lacks 'NoSuchName'" in (compiled.obstacle(regression()) or "")
    monkeypatch.undo()
    monkeypatch.setattr(compiled, "_BRIDGE", "mmm.model.no_such_module")
    assert "is gone" in (compiled.obstacle(regression()) or "")


def test_a_chain_does_not_depend_on_which_others_ran(tmp_path: Path) -> None:
    four = sample(regression(), Sampling(chains=4, tune=100, draws=50, cores=2), seed=7, progress=False)
    two = sample(regression(), Sampling(chains=2, tune=100, draws=50, cores=1), seed=7, progress=False)
    for name, values in two.tree["posterior"].dataset.items():
        np.testing.assert_array_equal(values, four.tree["posterior"].dataset[name][:2])
    assert len({chain_seed(seed, chain) for seed in (7, 8) for chain in range(4)}) == 8


class Kept:
    """A store that holds what a first run kept."""

    def __init__(self, chains: dict[int, ChainDraws]) -> None:
        self.chains, self.new = dict(chains), []

    def load(self) -> dict[int, ChainDraws]:
        return dict(self.chains)

    def keep(self, chain: int, draws: ChainDraws) -> None:
        self.chains[chain] = draws
        self.new.append(chain)


def test_only_missing_chains_are_sampled() -> None:
    first = Kept({})
    whole = sample(regression(), Sampling(chains=3, tune=100, draws=50), seed=7, progress=True, store=first)
    assert sorted(first.new) == [0, 1, 2]
    second = Kept({chain: first.chains[chain] for chain in (0, 2)})
    resumed = sample(regression(), Sampling(chains=3, tune=100, draws=50), seed=7, progress=False, store=second)
    assert (second.new, resumed.resumed, whole.resumed) == ([1], 2, 0)
    assert resumed.tree["posterior"].dataset.identical(whole.tree["posterior"].dataset)


def test_no_place_to_start_is_said() -> None:
    with pm.Model() as nowhere:
        pm.Potential("never", pm.Normal("x") * np.nan)
    with pytest.raises(FitError, match="the sampler could not run"):
        sample(nowhere, SHORT, seed=1, progress=False)


def test_a_few_geos_adapt_by_low_rank() -> None:
    with pm.Model(coords={"geo": ["north", "south"]}) as geos:
        x = pm.Normal("x", dims="geo")
        pm.Potential("together", -50.0 * pt.sqr(x[0] - x[1]))
    assert default_adaptation(geos) is Adaptation.LOW_RANK
    assert default_adaptation(regression()) is Adaptation.DIAGONAL
    with pm.Model(coords={"geo": range(LOW_RANK_MOST // 2), "medium": range(3)}) as many:
        pm.Normal("x", dims=("medium", "geo"))
    assert default_adaptation(many) is Adaptation.DIAGONAL
    drawn = sample(geos, SHORT, seed=3, progress=False).tree["posterior"].dataset["x"].to_numpy()
    assert np.std(drawn[..., 0] - drawn[..., 1]) == pytest.approx(0.1, rel=0.3)
    assert np.std(drawn[..., 0]) == pytest.approx(np.sqrt(0.5), rel=0.3)
