"""A model shown before it is fitted: its table is the model's, its graph is a graph, its page holds all of it."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import Any

import numpy as np
import pymc as pm
import pytest

import mmm
from mmm.data.panel import Panel
from mmm.model.build import build_model
from mmm.model.describe import SPREADS, Quantity, prior_rows
from mmm.model.fit import Fit
from mmm.model.form import Form
from mmm.model.overview import ModelDescription
from mmm.model.prepared import prepare
from mmm.model.spec import ModelSpec
from mmm.model.structure import structure
from tests.test_mmm.test_model.geo_market import geo_panel, geo_spec

PRIORS: dict[str, Any] = {
    "channels": {"tv": {"roas": {"low": 1, "high": 4}}, "search": {"slope": {"median": 1.2, "q95": 2}}},
    "controls": {"price": {"sign": "negative"}},
}


@pytest.fixture(scope="module")
def geo() -> tuple[ModelSpec, Panel]:
    pooling = dict.fromkeys(("size", "carryover", "half_saturation", "slope"), "partial")
    return geo_spec(saturation={"search": "hill_free_slope"}, priors=PRIORS, pooling=pooling), geo_panel(3, 60)


@pytest.fixture(scope="module")
def shown(geo: tuple[ModelSpec, Panel]) -> ModelDescription:
    return mmm.describe_model(*geo, draws=200)


def test_the_table_is_what_the_model_samples(geo: tuple[ModelSpec, Panel]) -> None:
    model = build_model(prepare(*geo), Form.FAST)
    drawn = pm.draw(model.free_RVs, 4000, random_seed=1, mode="FAST_COMPILE")
    draws = {variable.name: values for variable, values in zip(model.free_RVs, drawn, strict=True)}
    variables = {
        Quantity.ROAS: "roas",
        Quantity.CARRYOVER: "carryover",
        Quantity.HALF_SATURATION: "half_saturation",
        Quantity.SLOPE: "slope",
        Quantity.FALL: "control_size",
        Quantity.SIZE_BY_GEO: "size_spread",
        **SPREADS,
    }
    rows = prior_rows(*geo)
    assert {row.quantity for row in rows} == set(variables)
    for row in rows:
        column = draws[variables[row.quantity]].reshape(4000, -1)
        values = column[:, 0 if row.quantity is Quantity.SLOPE else row.index]
        share = (values[:, None] < row.levels).mean(axis=0)
        np.testing.assert_allclose(share, [0.05, 0.5, 0.95], atol=0.04, err_msg=f"{row.of}, {row.quantity}")


def test_the_graph_is_dot_and_holds_every_variable(geo: tuple[ModelSpec, Panel], shown: ModelDescription) -> None:
    text = shown.graph
    assert text.startswith("digraph model {")
    assert text.endswith("}")
    assert text.count("{") == text.count("}")
    for line in text.splitlines()[1:-1]:
        assert re.fullmatch(r'\s*(node \[.*\];|subgraph cluster_\d+ \{|label=".*";|\}|".*" (-> ".*"|\[.*\]);)', line), (
            line
        )
    for variable in shown.variables["variable"]:
        assert f'"{variable}" [label=' in text
        assert f'"{variable}" -> "outcome";' in text
    assert "media" not in {edge.split('"')[1] for edge in text.splitlines() if "->" in edge}
    assert '"media" -> "outcome";' in mmm.model_graph(*geo, data=True)


@pytest.mark.skipif(shutil.which("dot") is None, reason="graphviz is not installed")
def test_graphviz_draws_it(shown: ModelDescription) -> None:
    done = subprocess.run(["dot", "-Tsvg"], input=shown.graph, capture_output=True, text=True, check=True)
    assert "<svg" in done.stdout


def test_a_notebook_shows_all_of_it(shown: ModelDescription) -> None:
    page, text = shown._repr_html_(), shown._repr_markdown_()
    for part in ("Form: fast.", "Your priors say that paid media make", "Hill slope", "size_spread", "digraph model"):
        assert part in page
        assert part in text.replace("**", "")
    assert r"\begin{aligned}" in text
    assert page.count("$$") == 2
    assert len(shown.sentences) == 5


def test_a_fit_gives_back_its_pymc_model(fit: Fit, spec: ModelSpec, panel: Panel) -> None:
    ours, built = fit.pymc_model(), build_model(prepare(spec, panel), Form.PLAIN)
    # Equal keys: the same graph; and then its data, array by array.
    one, other = structure(ours), structure(built)
    assert one.key == other.key
    for mine, theirs in zip(one.data(), other.data(), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-12)
    assert structure(fit.pymc_model(Form.FAST)).key != one.key


def test_a_fits_tables_come_from_the_response(fit: Fit) -> None:
    returns = fit.returns_table().set_index(["measure", "channel"])
    summary = fit.summary()["channels"]
    for channel, figures in summary.items():
        for measure, name in (("ROAS", "roas"), ("mROAS", "mroas"), ("contribution", "contribution")):
            assert returns.loc[(measure, channel), "mean"] == pytest.approx(figures[name]["mean"])
            assert returns.loc[(measure, channel), "q05"] == pytest.approx(figures[name]["q05"])
    weekly = fit.contributions_table()
    assert set(weekly["medium"]) == {"tv", "search", "letters"}
    parts = fit.decomposition()
    assert {"intercept", "trend", "season", "control:price", "tv"} <= set(parts["part"].to_numpy())
    by_week = parts.sel(part="tv").mean("sample").to_numpy()
    np.testing.assert_allclose(weekly.loc[weekly["medium"] == "tv", "mean"], by_week)
    future = fit.predict(8)
    assert len(future) == 8
    assert (future["q05"] < future["q95"]).all()


def test_every_prior_stands_beside_its_posterior(fit: Fit) -> None:
    from mmm.model import prior_posterior

    rows = {(of, quantity): posterior for of, quantity, _, posterior in prior_posterior.rows(fit)}
    typical = fit.response.spend[0].sum(axis=0)
    half = np.median(fit.response.paid.half_saturation[0].sum(axis=0)) / typical[typical > 0].mean()
    assert float(rows["tv", "half-saturation, in typical weeks"].split()[0]) == pytest.approx(half, rel=0.01)
    assert float(rows["tv", "ROAS"].split()[0]) == pytest.approx(np.median(fit.roas[0]), rel=0.01)
    assert set(rows) >= {("letters", "share of the outcome"), ("search", "carryover, week to week")}
