"""Predictions of future weeks: the plan's own forecast, by any route, and true coverage."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from mmm.exceptions import SpecError
from mmm.response.calendar import WEEK, BaselineRule, business_as_usual
from mmm.response.forecast import total_outcome
from mmm.response.horizon import HorizonResponse
from mmm.response.predict import predict, predict_draws
from tests.test_mmm.test_response.make import WEEKS, make_response
from tests.test_mmm.test_response.make_geos import divided, unbalanced

AFTER = WEEKS[-1] + WEEK


@pytest.mark.parametrize("make", [lambda: make_response(demand=True, slopes=True), lambda: unbalanced(demand=True)])
def test_the_expected_outcome_is_the_horizon_s(make) -> None:
    response = make()
    calendar = business_as_usual(response, AFTER + 3 * WEEK, 5, BaselineRule.LAST_WEEKS)
    spend = 1.3 * calendar.baseline
    expected = total_outcome(HorizonResponse(response, calendar), spend)
    start = (AFTER + 3 * WEEK).astype(object)
    found = predict_draws(response, 5, start=start, spend=spend, noise=False)
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    by_geo = predict_draws(response, 5, start=start, spend=spend, noise=False, by_geo=True)
    assert "geo 3" not in by_geo["geo"].to_numpy()
    np.testing.assert_allclose(by_geo.sum("geo"), expected, rtol=1e-9)


def test_tables_and_arrays_say_the_same() -> None:
    response = make_response(geos=2)
    weeks = AFTER + np.arange(2) * WEEK
    rows = [
        {"week": w.astype(object), "channel": c, "geo": g, "spend": 1000.0 * (i + 1) * (j + 1)}
        for w in weeks
        for i, c in enumerate(response.channels)
        for j, g in enumerate(response.geos)
    ]
    array = 1000.0 * np.arange(1, 4)[:, None, None] * np.arange(1, 3)[:, None] * np.ones(2)
    prices = pd.DataFrame({"week": weeks, "price": [9.0, 11.0]})
    one = predict_draws(response, 2, spend=pd.DataFrame(rows), controls=prices, noise=False)
    other = predict_draws(response, 2, spend=array, controls=np.array([[9.0, 11.0]]), noise=False)
    np.testing.assert_allclose(one, other)
    national = pd.DataFrame({"week": weeks, "channel": "tv", "spend": 900.0})
    money = np.array([[900.0, 900.0], [0.0, 0.0], [0.0, 0.0]])
    np.testing.assert_allclose(predict_draws(response, 2, spend=national), predict_draws(response, 2, spend=money))
    dear = predict_draws(response, 2, spend=array, controls=np.array([[99.0, 11.0]]), noise=False)
    assert (np.abs(dear - other)[0] > 1).all()
    np.testing.assert_allclose(dear[1], other[1])


def test_the_interval_holds_residual_noise() -> None:
    response = make_response()
    wide, narrow = predict(response, 4), predict(response, 4, noise=False)
    assert list(wide.columns) == ["week", "mean", "q05", "q50", "q95", "unit"]
    assert wide["week"].tolist() == [pd.Timestamp(AFTER + t * WEEK) for t in range(4)]
    quiet = replace(response, baseline=replace(response.baseline, sigma=response.baseline.sigma * 1e-9))
    np.testing.assert_allclose(predict(quiet, 4)[["mean", "q05", "q95"]], narrow[["mean", "q05", "q95"]], rtol=1e-6)
    loud = replace(response, baseline=replace(response.baseline, sigma=response.baseline.sigma * 1e3))
    spread = (predict(loud, 4)["q95"] - predict(loud, 4)["q05"]) / 1e5
    np.testing.assert_allclose(spread, 3.29, rtol=0.15)


def test_geos_of_a_nation_predict_the_nation() -> None:
    nation = make_response(slopes=True)
    parts = divided(nation, 3)
    one = predict(nation, 3, noise=False)
    np.testing.assert_allclose(predict(parts, 3, noise=False)["mean"], one["mean"], rtol=1e-9)
    by_geo = predict(parts, 3, noise=False, by_geo=True)
    assert list(by_geo.columns)[:2] == ["geo", "week"]
    np.testing.assert_allclose(by_geo["mean"] * 3, np.tile(one["mean"], 3), rtol=1e-9)
    # Their noise is independent, and adds up to the nation's.
    wide = [
        predict_draws(r, 3, noise=True, seed=s) - predict_draws(r, 3, noise=False) for s, r in ((1, nation), (2, parts))
    ]
    assert float(wide[0].std()) == pytest.approx(float(wide[1].std()), rel=0.1)


def test_student_t_residuals_have_their_tails() -> None:
    response = make_response(geos=2)
    heavy = replace(response, baseline=replace(response.baseline, freedom=np.full(response.n_draws, 2.5)))
    noise = [predict_draws(r, 13) - predict_draws(r, 13, noise=False) for r in (response, heavy)]
    far = [float((np.abs(one) > 4 * np.sqrt(2) * 100).mean()) for one in noise]
    assert far[0] < 0.001
    assert far[1] > 0.01


def _tv(**columns: object) -> pd.DataFrame:
    return pd.DataFrame({"week": [str(AFTER)], "channel": ["tv"], "spend": [1.0]} | columns)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"spend": np.zeros((3, 9))}, "spend has shape"),
        ({"spend": np.full((3, 2), -1.0)}, "no sum of money"),
        ({"spend": _tv(channel=["moon"])}, "'moon' is not one"),
        ({"spend": _tv(week=["2020-01-06"])}, "2020-01-06"),
        ({"spend": _tv().drop(columns="spend")}, "no column 'spend'"),
        ({"spend": _tv(spend=["a lot"])}, "holds text"),
        ({"spend": _tv(spend=[None])}, "empty cell"),
        ({"spend": _tv(spend=[-3.0])}, "less than 0"),
        ({"controls": np.zeros((2, 2))}, "controls has shape"),
        ({"controls": pd.DataFrame({"week": [str(AFTER)], "price": [1.0]})}, "no row for some"),
        ({"controls": pd.DataFrame({"week": [str(AFTER)]})}, "no column 'price'"),
        ({"start": date(2026, 1, 1)}, "inside the data"),
        ({"weeks": 0}, "has 0 weeks"),
    ],
)
def test_what_is_not_understood_is_said(given: dict, says: str) -> None:
    with pytest.raises(SpecError, match=says):
        predict(make_response(), **({"weeks": 2} | given))
