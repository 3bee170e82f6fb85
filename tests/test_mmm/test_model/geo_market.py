"""A small geo market with known truth, made here so that these tests need no other room."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mmm.data.lift_tests import LiftTest
from mmm.data.panel import Panel
from mmm.data.report import DataReport, Ledger
from mmm.model.spec import ModelSpec
from mmm.transforms.adstock import geometric_adstock, initial_state
from mmm.transforms.saturation import hill

ROAS = np.array([2.0, 3.0])
ALPHA = np.array([0.5, 0.2])


def geo_spec(**changes: object) -> ModelSpec:
    """Return the spec of :func:`geo_panel`."""
    return ModelSpec.model_validate(
        {
            "data": {"file": "geo.csv", "date": "week", "outcome": "revenue", "geo": "geo", "population": "people"},
            "channels": {"tv": {"spend": "tv_spend"}, "search": {"spend": "search_spend"}},
            "controls": ["price"],
            "seasonality": 1,
            "sampling": {"chains": 4, "tune": 400, "draws": 400},
            **changes,
        }
    )


def geo_panel(geos: int = 4, weeks: int = 104, *, seed: int = 3, missing: bool = False, noise: float = 0.05) -> Panel:
    """Make a panel whose channels return exactly ``ROAS`` over all geos, by the model's own definition."""
    rng = np.random.default_rng(seed)
    people = rng.uniform(0.5e6, 3e6, geos)
    starts = np.datetime64("2022-01-03") + 7 * np.arange(weeks)
    tilt = np.exp(rng.normal(0, 0.25, (2, geos)))
    shape = np.exp(rng.normal(0, 0.6, (2, geos, weeks)))
    shape[0] *= rng.random((geos, weeks)) < 0.6
    spend = shape * people[:, None] * np.array([0.02, 0.012])[:, None, None]
    observed = np.ones((geos, weeks), dtype=bool)
    if missing:
        observed[1, :20] = False
        observed[2, 50:53] = False
        spend[1, :20] = spend[1, 20:28].mean(axis=0) if spend.ndim == 2 else spend[1, :20]
        for c in range(2):
            spend[c, 1, :20] = spend[c, 1, 20:28].mean()
    effect = np.zeros((2, geos, weeks))
    for c in range(2):
        per_head = spend[c] / people[:, None]
        half = per_head[per_head > 0].mean()
        start = initial_state(per_head)
        state = geometric_adstock(per_head, ALPHA[c], start)
        kept = geometric_adstock(per_head * ~observed, ALPHA[c], start)
        after = geometric_adstock(np.zeros((geos, 300)), ALPHA[c], state[:, -1])
        weight = (tilt[c] * people)[:, None]
        lost = (weight * ((hill(state, half) - hill(kept, half)) * observed)).sum() + (weight * hill(after, half)).sum()
        effect[c] = ROAS[c] * (spend[c] * observed).sum() / lost * weight * hill(state, half)
    price = rng.normal(10.0, 1.0, (geos, weeks))
    index = np.arange(weeks)
    level = 0.2 * people * rng.uniform(0.8, 1.2, geos)
    season = 1.0 + 0.06 * np.cos(2 * np.pi * index / 52.18) + 0.0004 * (index - weeks / 2)
    base = level[:, None] * (season - 0.02 * (price - 10.0))
    outcome = base + effect.sum(axis=0) + noise * level[:, None] * rng.standard_normal((geos, weeks))
    money = spend * observed
    return Panel(
        weeks=starts,
        geos=tuple(f"geo_{g}" for g in range(geos)),
        outcome=outcome * observed,
        value_per_outcome=np.ones((geos, weeks)),
        outcome_is_money=True,
        outcome_name="revenue",
        currency="EUR",
        channels=("tv", "search"),
        spend=money,
        exposure=spend,
        exposure_based=np.zeros(2, dtype=bool),
        organic_names=(),
        organic=np.zeros((0, geos, weeks)),
        control_names=("price",),
        controls=price[None],
        population=people,
        report=DataReport((), Ledger(rows_in=0, rows_used=0, spend_in={}, spend_used={}, excluded=())),
        observed=observed,
    )


def with_test(panel: Panel, *, lift: float, standard_error: float, spend_change: float, geos: tuple[str, ...]) -> Panel:
    """Add a test of tv in weeks 60 to 63, measured four weeks longer."""
    weeks = panel.weeks
    test = LiftTest("pulse", "tv", geos, weeks[60], weeks[63], weeks[67], spend_change, lift, standard_error)
    return replace(panel, lift_tests=(*panel.lift_tests, test))
