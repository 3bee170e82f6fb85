"""A moved season is the same wave on other dates, exactly, and nothing else moves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mmm.exceptions import SpecError
from mmm.response.draws import ResponseDraws
from simulations.run import simulate
from simulations.season import with_season
from tests.test_mmm.test_response.make_geos import unbalanced
from tests.test_simulations.small_fit import make_response, make_set

WEEK = np.timedelta64(7, "D")


@pytest.mark.parametrize("weeks", [-30, -1, 4, 52])
def test_the_demand_index_is_read_from_the_other_date(weeks: int) -> None:
    response = make_response(demand=True)
    moved = with_season(response, weeks)
    assert response.demand is not None
    assert moved.demand is not None
    dates = response.weeks[-1] + WEEK * np.arange(1, 60)
    np.testing.assert_allclose(
        moved.demand.multiplier(dates), response.demand.multiplier(dates - weeks * WEEK), rtol=1e-9
    )


@pytest.mark.parametrize("response", [make_response(), unbalanced()], ids=["nation", "geos"])
@pytest.mark.parametrize("weeks", [-7, 3])
def test_the_baseline_moves_but_for_trend_and_controls(response: ResponseDraws, weeks: int) -> None:
    dates = response.weeks[-1] + WEEK * np.arange(1, 30)
    base, moved = response.baseline, with_season(response, weeks).baseline
    controls = base.controls[..., :29]
    shifted = base.mean(dates - weeks * WEEK, controls)
    # What the trend, which stays, has gained over the moved weeks.
    trend = base.basis.names.index("trend")
    gained = base.coef[trend] * weeks / max(base.basis.n_weeks / 2, 1)
    np.testing.assert_allclose(moved.mean(dates, controls), shifted + gained[:, None], rtol=1e-8)


def test_there_and_back_is_where_it_was() -> None:
    response = make_response(demand=True)
    assert with_season(response, 0) is response
    back = with_season(with_season(response, 9), -9)
    np.testing.assert_allclose(back.baseline.coef, response.baseline.coef, rtol=1e-9, atol=1e-6)


def test_shifts_add_up_in_a_scenario() -> None:
    response = make_response(demand=True, per_chain=5)
    results = simulate(
        response, make_set({"once": [{"season_shift": 5}], "twice": [{"season_shift": 2}, {"season_shift": 3}]})
    )
    np.testing.assert_array_equal(results["once"].expected, results["twice"].expected)
    assert np.abs(results.delta(results["once"])).min() > 1


def test_a_model_without_season_refuses() -> None:
    response = make_response(per_chain=2)
    base = response.baseline
    keep = [n for n, name in enumerate(base.basis.names) if not name.startswith(("sin", "cos"))]
    flat = replace(
        base,
        basis=replace(base.basis, fourier_order=0),
        coef=base.coef[[*keep, *range(len(base.basis.names), len(base.coef))]],
    )
    with pytest.raises(SpecError, match="no yearly season that could move"):
        simulate(replace(response, baseline=flat), make_set({"a": [{"season_shift": 2}]}))
