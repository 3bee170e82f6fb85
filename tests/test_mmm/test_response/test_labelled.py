"""Labelled results: parts that sum to the whole, tables that hold what the draws say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mmm.exceptions import SpecError
from mmm.response import decomposition, fitted_mean, response_curve, response_curves, roas, table, weekly_contributions
from mmm.response.decompose import WANDERING, baseline_part
from tests.test_mmm.test_response.make import T, make_response
from tests.test_mmm.test_response.make_geos import unbalanced


@pytest.mark.parametrize("demand", [False, True])
def test_parts_sum_to_the_fitted_mean(demand: bool) -> None:
    response = unbalanced(demand=demand, slopes=True)
    parts = decomposition(response)
    assert parts.dims == ("part", "week", "sample")
    assert list(parts["part"].values) == [
        "intercept", "trend", "season", "control:price", "tv", "radio", "search", "newsletter"
    ]  # fmt: skip
    worth = (fitted_mean(response) * (response.value_per_outcome * response.observed)[..., None]).sum(axis=0)
    np.testing.assert_allclose(parts.sum("part"), worth, rtol=1e-9)
    geos = sum(decomposition(response, geo=name) for name in response.geos)
    np.testing.assert_allclose(geos, parts, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(weekly_contributions(response), parts[-4:], rtol=1e-12)


def test_a_part_is_what_changes_when_its_coefficients_vanish() -> None:
    response = make_response(geos=2)
    coef = response.baseline.coef.copy()
    coef[list(response.baseline.basis.names).index("trend")] = 0.0
    flat = replace(response, baseline=replace(response.baseline, coef=coef))
    lost = (fitted_mean(response) - fitted_mean(flat)).sum(axis=0) * 2.0
    np.testing.assert_allclose(decomposition(response).sel(part="trend"), lost, rtol=1e-6, atol=1e-6)


def test_columns_are_grouped_by_what_they_say() -> None:
    names = ("intercept", "trend", "trend_from_20", "sin_1", "cos_2", "holiday:Easter Monday", "level_3")
    assert [baseline_part(name) for name in names] == [
        "intercept", "trend", "trend", "season", "season", "holidays", WANDERING
    ]  # fmt: skip


def test_an_unknown_geo_is_named() -> None:
    with pytest.raises(SpecError, match="'Atlantis' is not in the fit"):
        decomposition(make_response(geos=2), geo="Atlantis")


def test_tables_hold_the_draws_figures() -> None:
    response = make_response(geos=2)
    draws = roas(response, by_geo=True)
    rows = table(draws)
    assert list(rows.columns) == ["channel", "geo", "mean", "q05", "q50", "q95", "unit"]
    assert len(rows) == 6
    row = rows[(rows["channel"] == "radio") & (rows["geo"] == "geo 1")].iloc[0]
    one = draws.sel(channel="radio", geo="geo 1").to_numpy()
    expected = [one.mean(), *np.quantile(one, [0.05, 0.5, 0.95])]
    assert row[["mean", "q05", "q50", "q95"]].tolist() == pytest.approx(expected)
    assert row["unit"] == "EUR per EUR"
    weekly = table(weekly_contributions(response))
    assert weekly["week"].iloc[T] == weekly["week"].iloc[0]
    assert weekly["medium"].iloc[T] == "radio"


def test_curves_reach_beyond_what_was_observed() -> None:
    response = make_response()
    curves = response_curves(response, points=7, reach=2.0)
    np.testing.assert_allclose(curves["spend"][:, -1], 2.0 * response.observed_max())
    alone = response_curve(response, "radio", curves["spend"][1].to_numpy())
    np.testing.assert_array_equal(curves[1], alone)
    rows = table(curves)
    assert list(rows.columns)[:3] == ["channel", "point", "spend"]
    assert rows["spend"].iloc[8] == pytest.approx(float(curves["spend"][1, 1]))
