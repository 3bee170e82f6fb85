"""The scorecard's rows 1, 2, 3, 4 and 6 in small; a statistical row fails beyond the 0.1 % limits of its own error."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.reliability import calibration, coverage, lift_tests, placebos, stress
from mmm.model.prepared import prepare

#: Short chains: what is judged is right or wrong by far more than their Monte Carlo error.
SHORT = {"chains": 4, "tune": 400, "draws": 300}


def test_row_1_ranks_of_the_truth_are_uniform() -> None:
    spec, panel = calibration.template(60, 2, sampling={"chains": 4, "tune": 300, "draws": 200}, seasonality=1)
    found = calibration.judge(calibration.calibrate(prepare(spec, panel), 40))
    assert {"roi[channel_1]", "carryover[channel_2]", "sigma", "log_likelihood"} <= set(found["p"])
    assert found["failed"] <= 2, found
    assert found["least_p"] > 0.001 / found["quantities"], (found["least"], found["least_p"])


def test_row_1_notices_a_prior_that_is_not_the_models() -> None:
    spec, panel = calibration.template(60, 2, sampling={"chains": 2, "tune": 300, "draws": 200}, seasonality=1)
    prepared = prepare(spec, panel)
    rows = calibration.calibrate(prepared, 12)
    # Truths whose ROI lies at an end of its posterior in every data set: what a wrong prior or kernel does.
    for i, row in enumerate(rows):
        row["ranks"]["roi[channel_1]"] = (1, 98)[i % 2]
    assert calibration.judge(rows)["p"]["roi[channel_1]"] < 0.001


def test_row_2_intervals_cover_where_the_model_is_right() -> None:
    rows = [coverage.market_cell(coverage.SEED + 500 + i, 104, 3, SHORT) for i in range(8)]
    found = coverage.judge(rows)
    assert not found["beyond_chance"], found
    assert found["median_error_told"] <= found["median_error"] * 1.3


@pytest.mark.parametrize("world", ["search follows demand|1", "wrong adstock|1", "a mix that never varies|1"])
def test_row_3_a_wrong_fit_is_not_silent(world: str) -> None:
    row = stress.stress_cell(world, SHORT)
    assert not row["fails"] or row["alarms"], row


def test_row_3_search_that_follows_demand_raises_an_alarm() -> None:
    row = stress.stress_cell("search follows demand|2", SHORT)
    assert row["channels"]["channel_1"]["mean"] > 2 * row["channels"]["channel_1"]["true"]
    assert row["alarms"], row


def test_row_4_a_lift_test_takes_the_bias_away_and_a_wrong_one_is_flagged() -> None:
    found = lift_tests.judge([lift_tests.lift_cell(str(lift_tests.SEED), SHORT)])
    assert found["bias_without"] > 0.5
    assert found["cut"] >= lift_tests.WANTED_CUT, found
    assert found["wrong_flagged"] == 1.0
    assert found["honest_flagged"] == 0.0


def test_row_6_placebos_are_told_from_a_real_channel() -> None:
    rows = [placebos.placebo_cell(placebos.SEED + 500 + i, SHORT) for i in range(2)]
    found = placebos.judge(rows)
    assert found["real_truth"] == pytest.approx(0.05, abs=0.005)
    assert found["real_detected"] >= 0.5
    assert np.median([high for row in rows for high in row["placebo_high"]]) < placebos.SMALL


def test_row_3_counts_what_the_data_report_warned_of_apart_from_the_fit() -> None:
    far = {"mean": 2.0, "q05": 1.8, "q95": 2.2, "true": 1.0}
    rows = [
        {"world": world, "seed": seed, "channels": {"tv": far}, "alarms": [], "fails": True}
        for world in ("level shift", "effects that drift")
        for seed in range(2)
    ]
    fit, read = stress.judge(rows), stress.judge(stress.with_data_report(rows))
    assert fit["silent"] == ["level shift", "effects that drift"]
    # A level that shifts is seen in the data; effects that drift are not.
    assert read["silent"] == ["effects that drift"]
    total, worlds = stress.tables(fit, read, (10, 1))
    assert [row[2] for row in total.rows] == ["2 (level shift, effects that drift)", "1 (effects that drift)"]
    assert "1 of 10 further clean markets" in total.notes[1]
    assert [row[0] for row in worlds.rows] == ["level shift", "effects that drift"]
