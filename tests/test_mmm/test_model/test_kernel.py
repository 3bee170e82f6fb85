"""The kernel is the model: against the numpy reference of the media and a dense multivariate normal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from mmm.data.panel import Panel
from mmm.model.kernel import DENSITY, PARAMETERS, Table
from mmm.model.linear import LEVEL
from mmm.model.media_kernel import MARGIN
from mmm.model.prepared import TAIL_WEEKS, Prepared, packed, prepare
from mmm.model.spec import ModelSpec, SaturationForm
from mmm.transforms.adstock import geometric_adstock
from mmm.transforms.saturation import hill, logistic
from tests.test_mmm.test_model.geo_market import geo_panel, geo_spec, with_test

Point = dict[str, np.ndarray]


def evaluate(prepared: Prepared, point: Point) -> tuple[float, Point]:
    """Return value and gradients of the kernel."""
    given = [np.ascontiguousarray(point[name], dtype=np.float64) for name in PARAMETERS]
    results = [np.full_like(value, np.nan) for value in given]
    value = np.zeros(1)
    Table(DENSITY, packed(prepared)).run(given, [value, *results])
    return float(value[0]), dict(zip(PARAMETERS, results, strict=True))


def some_point(prepared: Prepared, seed: int) -> Point:
    rng = np.random.default_rng(seed)
    m, g, t = prepared.media.shape
    slope = np.ones((m, g))
    for i in prepared.free_slope:
        slope[i] = rng.uniform(0.7, 2.0, g)
    seasonal = prepared.demand_columns.shape[1] > 0
    return {
        "target": prepared.outcome - LEVEL,
        "now": np.exp(rng.normal(0, 0.2, t)) if seasonal else np.ones(t),
        "later": np.exp(rng.normal(0, 0.2, TAIL_WEEKS)) if seasonal else np.ones(TAIL_WEEKS),
        "theta": np.array(
            [rng.uniform(0.1, 0.8, (m, g)), rng.uniform(0.5, 2, (m, g)), slope, rng.uniform(0.5, 2, (m, g))]
        ),
        "share": rng.uniform(0.02, 0.1, m),
        "sigma": rng.uniform(0.05, 0.3, g),
        "deviation": np.array(rng.uniform(0.1, 0.6) if prepared.linear.own else 0.0),
        "sd": prepared.linear.prior_sd * rng.uniform(0.5, 1.5, len(prepared.linear.prior_sd)),
        "shock": np.array(rng.uniform(0.02, 0.3) if prepared.week_shocks else 0.0),
    }


def saturated(form: SaturationForm, u: np.ndarray, half: np.ndarray, slope: np.ndarray) -> np.ndarray:
    if form is SaturationForm.LOGISTIC:
        return logistic(u, half[:, None])
    return hill(u, half[:, None], slope[:, None])


def media_reference(prepared: Prepared, point: Point) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return mean, lift and log of the marginal size with the numpy formulas."""
    seen = prepared.panel.observed

    def paths(m: int, media: np.ndarray) -> tuple[np.ndarray, float]:
        alpha, half, slope, tilt = point["theta"][:, m]
        paid = m < len(prepared.spec.channels)
        now, later = (point["now"], point["later"]) if paid else (np.ones(seen.shape[1]), np.ones(TAIL_WEEKS))
        state = geometric_adstock(media, alpha, prepared.initial[m])
        kept = geometric_adstock(prepared.media[m] * ~seen, alpha, prepared.initial[m])
        effect = saturated(prepared.forms[m], state, half, slope) * now
        lost = effect - saturated(prepared.forms[m], kept, half, slope) * now
        long = geometric_adstock(np.zeros((len(alpha), 3000)), alpha, state[:, -1])
        index = np.concatenate([later, np.ones(3000 - TAIL_WEEKS)])
        after = saturated(prepared.forms[m], long, half, slope) * index
        size = tilt @ ((lost * prepared.credit).sum(axis=1) + after.sum(axis=1) * prepared.tail_credit)
        return effect * tilt[:, None], float(size)

    mean = np.zeros(seen.shape)
    margins, beta = [], []
    for m, media in enumerate(prepared.media):
        effect, size = paths(m, media)
        beta.append(point["share"][m] / size)
        mean += beta[-1] * effect
        more, less = (paths(m, np.where(seen, media * scale, media))[1] for scale in (1 + MARGIN, 1 - MARGIN))
        margins.append(np.log(point["share"][m] * (more - less) / size))
    tests = prepared.tests
    lift = [
        beta[m] * (tests.weight[j] * (paths(m, tests.base[j])[0] - paths(m, tests.media[j])[0])).sum()
        for j, m in enumerate(tests.medium)
    ]
    return mean, np.array(lift), np.array(margins)


def density_reference(prepared: Prepared, point: Point) -> float:
    """Return the log-density from one dense covariance matrix."""
    mean, lift, margin = media_reference(prepared, point)
    linear, seen = prepared.linear, prepared.panel.observed
    geos, weeks = seen.shape
    keep = seen.ravel()
    columns = linear.design.transpose(1, 0, 2).reshape(len(linear.names), geos * weeks)
    shared = (columns * point["sd"][:, None] ** 2).T @ columns + linear.intercept_sd[0] ** 2
    shared += point["shock"] ** 2 * np.tile(np.eye(weeks), (geos, geos))
    covariance = shared + np.diag(np.repeat(point["sigma"] ** 2, weeks))
    for g in range(geos):
        inside = slice(g * weeks, (g + 1) * weeks)
        own = linear.design[g, : linear.own] * linear.prior_sd[: linear.own, None] * point["deviation"]
        covariance[inside, inside] += own.T @ own + linear.intercept_sd[1] ** 2
    value = multivariate_normal.logpdf(
        (point["target"] - mean).ravel()[keep], np.zeros(keep.sum()), covariance[np.ix_(keep, keep)]
    )
    value += norm.logpdf(prepared.tests.lift, lift, prepared.tests.standard_error).sum()
    stated = prepared.mroas_sigma > 0
    return float(value + norm.logpdf(margin[stated], prepared.mroas_mu[stated], prepared.mroas_sigma[stated]).sum())


def national(panel: Panel) -> Panel:
    one = {name: getattr(panel, name)[:, :1] for name in ("spend", "exposure", "organic", "controls")}
    rows = {name: getattr(panel, name)[:1] for name in ("outcome", "value_per_outcome", "population", "observed")}
    return replace(panel, geos=("national",), **one, **rows)


CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "national": ({}, {"national": True}),
    "national, flexible, free slope, demand": (
        {"trend": "flexible", "saturation": "hill_free_slope", "demand_index": "yearly"}, {"national": True},
    ),
    "geos": ({}, {}),
    "geos, no shocks": ({"week_shocks": False}, {}),
    "geos, free slope, demand, tests": ({"saturation": "hill_free_slope", "demand_index": "yearly"}, {"tests": True}),
    "geos, logistic, unobserved weeks": ({"saturation": "logistic"}, {"missing": True, "tests": True}),
    "geos, holidays, a flexible level, rows for every other week": (
        {"holidays": "DE", "trend": "flexible"}, {"sparse": True},
    ),
    "geos, no deviations, no season": (
        {"pooling": {"baseline": "complete"}, "trend": "none", "seasonality": 0, "controls": []}, {},
    ),
    "geos, marginal, free slope, demand": (
        {
            "priors": {"channels": {"tv": {"mroas": {"median": 1.0, "q95": 3.0}}}},
            "demand_index": "yearly", "saturation": "hill_free_slope",
        },
        {"missing": True},
    ),
    "geos, marginal": ({"priors": {"channels": {"tv": {"mroas": {"median": 1.0, "q95": 3.0}}}}}, {"missing": True}),
}  # fmt: skip


def case(name: str) -> Prepared:
    changes, how = CASES[name]
    panel = geo_panel(3, 40, missing=False)
    if how.get("missing"):
        observed = panel.observed.copy()
        observed[1, :9], observed[2, 20:22] = False, False
        panel = replace(panel, observed=observed, spend=panel.spend * observed, outcome=panel.outcome * observed)
    if how.get("sparse"):
        observed = panel.observed.copy()
        observed[0, ::2], observed[2, 1::2], observed[:, 11] = False, False, False
        panel = replace(panel, observed=observed, spend=panel.spend * observed, outcome=panel.outcome * observed)
    if how.get("tests"):
        weeks = panel.weeks
        far = with_test(geo_panel(3, 104), lift=9e3, standard_error=4e3, spend_change=5e3, geos=("geo_0", "geo_2"))
        test = replace(far.lift_tests[0], start=weeks[24], end=weeks[27], measured_to=weeks[30])
        hold = replace(test, name="holdout", spend_change=-6e3, lift=-7e3, geos=("geo_1",), channel="search")
        panel = replace(panel, lift_tests=(test, hold))
    if how.get("national"):
        panel = national(panel)
    if changes.get("controls") == []:
        panel = replace(panel, control_names=(), controls=panel.controls[:0])
    spec: ModelSpec = geo_spec(**changes)
    return prepare(spec, panel)


@pytest.mark.parametrize("name", CASES)
def test_kernel_is_the_dense_density(name: str) -> None:
    prepared = case(name)
    for seed in range(3):
        point = some_point(prepared, seed)
        value, _ = evaluate(prepared, point)
        assert value == pytest.approx(density_reference(prepared, point), rel=1e-8, abs=1e-6)


@pytest.mark.parametrize("name", CASES)
def test_gradients_are_differences_of_the_value(name: str) -> None:
    prepared = case(name)
    point = some_point(prepared, 7)
    _, gradients = evaluate(prepared, point)
    rng = np.random.default_rng(0)
    for parameter, value in point.items():
        if (parameter == "deviation" and not prepared.linear.own) or (parameter == "shock" and not value):
            continue
        if parameter in ("now", "later") and not prepared.demand_columns.shape[1]:
            continue
        flat = rng.permutation(value.size)[:12]
        for i in flat:
            step = 1e-5 * max(abs(float(value.flat[i])), 0.1)
            found = []
            for sign in (1, -1):
                moved = value.astype(np.float64).copy()
                moved.flat[i] += sign * step
                found.append(evaluate(prepared, {**point, parameter: moved})[0])
            difference = (found[0] - found[1]) / (2 * step)
            if parameter == "target" and not prepared.panel.observed.flat[i]:
                assert gradients[parameter].flat[i] == 0.0
                continue
            which, medium = np.unravel_index(i, value.shape)[:2] if parameter == "theta" else (0, 0)
            if which == 2 and medium not in prepared.free_slope:
                continue
            assert gradients[parameter].flat[i] == pytest.approx(difference, rel=2e-4, abs=2e-4), (parameter, i)
