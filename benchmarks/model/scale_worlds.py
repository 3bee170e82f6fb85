"""Panels of any size, and the least work that a national gradient can take."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from mmm.data.panel import NATIONAL, Panel
from mmm.data.report import DataReport, Ledger
from mmm.model.spec import ModelSpec
from mmm.transforms.adstock import geometric_adstock, initial_state
from mmm.transforms.saturation import hill


@dataclass(frozen=True)
class Size:
    """Geos, channels and weeks of a panel."""

    geos: int
    channels: int
    weeks: int

    def __str__(self) -> str:
        where = "national" if self.geos == 1 else f"{self.geos} geos"
        return f"{where} × {self.channels} channels × {self.weeks} weeks"


def spec_of(size: Size, saturation: str = "hill", **changes: object) -> ModelSpec:
    """Return the spec of :func:`panel_of`; the sampler keeps its defaults."""
    data = {"file": "simulated.csv", "date": "week", "outcome": "sales"}
    if size.geos > 1:
        data |= {"geo": "geo", "population": "people"}
    return ModelSpec.model_validate(
        {
            "data": data,
            "channels": {name: {"spend": name} for name in names_of(size)},
            "controls": ["price"],
            "saturation": saturation,
            **changes,
        }
    )


def names_of(size: Size) -> tuple[str, ...]:
    return tuple(f"channel{c}" for c in range(size.channels))


def panel_of(size: Size, seed: int = 0) -> Panel:
    """Simulate: geos differ in effect, carryover is 0.2 to 0.7, channels are on and off by month, ROAS is 1 to 4."""
    rng = np.random.default_rng([seed, size.geos, size.channels, size.weeks])
    people = rng.uniform(0.5e6, 3e6, size.geos) if size.geos > 1 else np.ones(1)
    shape = (size.channels, size.geos, size.weeks)
    months = rng.random((size.channels, 1, size.weeks // 4 + 1)) < 0.6
    on = np.repeat(months, 4, axis=-1)[..., : size.weeks] | (np.arange(size.weeks) < 2)
    spend = np.exp(rng.normal(0, 0.5, shape)) * on * people[:, None]
    level = 12.0 * size.channels**0.5 * people * rng.uniform(0.8, 1.2, size.geos)
    price = rng.normal(10.0, 1.0, shape[1:])
    week = np.arange(size.weeks)
    season = 1.0 + 0.06 * np.cos(2 * np.pi * week / 52.18) + 0.0004 * (week - size.weeks / 2)
    outcome = level[:, None] * (season - 0.02 * (price - 10.0) + 0.04 * rng.standard_normal(shape[1:]))
    for c, alpha in enumerate(rng.uniform(0.2, 0.7, size.channels)):
        per_head = spend[c] / people[:, None]
        effect = hill(geometric_adstock(per_head, alpha, initial_state(per_head)), per_head[per_head > 0].mean())
        effect *= (people * np.exp(rng.normal(0, 0.2, size.geos)))[:, None]
        outcome += rng.uniform(1.0, 4.0) * spend[c].sum() / effect.sum() * effect
    return Panel(
        weeks=np.datetime64("2020-01-06") + 7 * week,
        geos=tuple(f"geo{g}" for g in range(size.geos)) if size.geos > 1 else (NATIONAL,),
        outcome=outcome,
        value_per_outcome=np.ones_like(outcome),
        outcome_is_money=True,
        outcome_name="sales",
        currency="EUR",
        channels=names_of(size),
        spend=spend,
        exposure=spend,
        exposure_based=np.zeros(size.channels, dtype=bool),
        organic_names=(),
        organic=np.zeros((0, *shape[1:])),
        control_names=("price",),
        controls=price[None],
        population=people,
        report=DataReport((), Ledger(rows_in=0, rows_used=0, spend_in={}, spend_used={}, excluded=())),
    )


@njit(error_model="numpy", fastmath={"contract", "reassoc"})
def floor(media, target, columns, theta, effect, residual, pull, gradient):  # type: ignore[no-untyped-def]
    """Value and gradient with nothing but the arithmetic: no credit for carryover, no priors, no geos.

    Parameters
    ----------
    media : (C, T)
    target : (T,)
    columns : (K, T)
        Orthogonal directions of the linear part.
    theta : (3, C)
        Retention, half-saturation, size.
    effect, residual, pull, gradient : (C, 3, T), (T,), (T,), (3, C)
        Room, and the result.
    """
    count, weeks = media.shape
    for t in range(weeks):
        residual[t] = target[t]
    for c in range(count):
        alpha, half, size = theta[0, c], theta[1, c], theta[2, c]
        f, by_alpha, by_half = effect[c, 0], effect[c, 1], effect[c, 2]
        a, d = 0.0, 0.0
        for t in range(weeks):
            d = a - media[c, t] + alpha * d
            a = alpha * a + (1.0 - alpha) * media[c, t]
            f[t], by_alpha[t] = a, d
        for t in range(weeks):
            inverse = 1.0 / (f[t] + half)
            by_alpha[t] *= half * inverse * inverse
            by_half[t] = -f[t] * inverse * inverse
            f[t] *= inverse
            residual[t] -= size * f[t]
    value = 0.0
    for t in range(weeks):
        pull[t] = residual[t]
        value -= 0.5 * residual[t] * residual[t]
    for k in range(columns.shape[0]):
        z = 0.0
        for t in range(weeks):
            z += columns[k, t] * residual[t]
        value += 0.25 * z * z
        for t in range(weeks):
            pull[t] -= 0.5 * z * columns[k, t]
    for c in range(count):
        for i in range(3):
            total = 0.0
            for t in range(weeks):
                total += pull[t] * effect[c, i, t]
            gradient[i, c] = total
    return value
