"""The compiled density is the plain graph, value and every gradient, for every form."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor
import pytest

from mmm.data.panel import Panel
from mmm.model.build import build_model
from mmm.model.posterior import size_at_unit_beta
from mmm.model.prepared import prepare
from mmm.model.spec import ModelSpec
from tests.test_mmm.test_model.plain import function

FORMS: list[dict[str, Any]] = [
    {},
    {"saturation": "logistic", "organic": ()},
    {"saturation": "hill_free_slope", "demand_index": "yearly", "trend": "none"},
    {"saturation": {"tv": "hill_free_slope", "letters": "logistic"}, "trend": "piecewise", "holidays": "DE"},
]


def evaluate(spec: ModelSpec, panel: Panel, *, plain: bool) -> list[np.ndarray]:
    model = build_model(prepare(spec, panel), plain=plain)
    rng = np.random.default_rng(4)
    point = {name: value + rng.normal(0, 0.4, np.shape(value)) for name, value in model.initial_point(0).items()}
    density = model.logp()
    gradients = pytensor.grad(density, model.value_vars)
    values = function(model.value_vars, [density, *gradients])(*(point[v.name] for v in model.value_vars))
    return [np.asarray(value) for value in values]


@pytest.mark.parametrize("form", FORMS, ids=["hill", "logistic", "free slope and demand", "mixed"])
def test_compiled_density_is_the_plain_graph(spec: ModelSpec, panel: Panel, form: dict[str, Any]) -> None:
    if form.get("organic") == ():
        panel = _without_organic(panel)
    changed = spec.model_validate({**spec.model_dump(), **form})
    for compiled, plain in zip(
        evaluate(changed, panel, plain=False), evaluate(changed, panel, plain=True), strict=True
    ):
        np.testing.assert_allclose(compiled, plain, rtol=1e-9, atol=1e-8)


def _without_organic(panel: Panel) -> Panel:
    from dataclasses import replace

    return replace(panel, organic_names=(), organic=panel.organic[:0])


def test_size_at_unit_beta_counts_carryover_after_the_window(spec: ModelSpec, panel: Panel) -> None:
    """A pulse in the last week is worth the same as one long before the end."""
    from dataclasses import replace

    sizes = []
    for week in (40, panel.n_weeks - 1):
        spend = panel.spend.copy()
        spend[0] = 0.0
        spend[0, 0, week] = 1000.0
        moved = replace(panel, spend=spend, exposure=spend)
        prepared = prepare(spec, moved)
        sizes.append(size_at_unit_beta(prepared, 0, np.array([0.8]), np.array([1.0]), np.array([1.0]))[0])
    assert sizes[0] == pytest.approx(sizes[1], rel=1e-6)
