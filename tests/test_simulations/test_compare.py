"""Every scenario against every other, paired; and the same set under several fits."""

from __future__ import annotations

import numpy as np
import pytest

from mmm.response.draws import ResponseDraws
from simulations import beats, compare, simulate
from simulations.compare import side_by_side
from tests.test_simulations.small_fit import make_response, make_set

SET = make_set(
    {
        "cut": [{"channel": "tv", "change": -0.2}],
        "shift": [{"shift": "20%", "from": "tv", "to": "search"}],
        "same": [{"shift": "20%", "from": "tv", "to": "search"}],
    },
    margin=0.4,
)


def test_pairs_hold_paired_differences(response: ResponseDraws) -> None:
    results = simulate(response, SET)
    table = compare(results).set_index(["scenario", "against"])
    assert len(table) == 6
    row = table.loc[("shift", "cut")]
    expected = results.delta(results["shift"]) - results.delta(results["cut"])
    assert row["mean"] == pytest.approx(expected.mean())
    assert row["q05"] == pytest.approx(np.quantile(expected, 0.05))
    assert row["spend_change"] == pytest.approx(0.2 * results.bau.spend[0])
    assert row["p_more_profit"] == pytest.approx((0.4 * expected - row["spend_change"] > 0).mean())
    assert table.loc[("same", "shift"), "p_beats"] == 0.5


def test_who_beats_whom_adds_up_to_one(response: ResponseDraws) -> None:
    table = beats(simulate(response, SET))
    values = table.to_numpy(dtype=float)
    assert list(table.index) == ["business_as_usual", "cut", "shift", "same"]
    assert np.isnan(np.diag(values)).all()
    off = ~np.eye(4, dtype=bool)
    np.testing.assert_allclose((values + values.T)[off], 1.0)
    assert table.loc["business_as_usual", "cut"] == 1.0


def test_fits_stand_side_by_side(response: ResponseDraws) -> None:
    fits = {"hill": simulate(response, SET), "other": simulate(make_response(seed=5), SET)}
    table = side_by_side(fits)
    assert table["fit"].tolist() == ["hill", "other"] * 3
    cut = table[table["scenario"] == "cut"]
    assert cut["agrees"].all()
    assert cut["mean"].tolist() == pytest.approx([results.delta(results["cut"]).mean() for results in fits.values()])
    opposed = {"hill": fits["hill"], "none": simulate(response, make_set({"cut": [], "shift": [], "same": []}))}
    assert not side_by_side(opposed)["agrees"].any()
