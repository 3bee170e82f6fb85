"""The scorecard's rows 5, 7, 8 and 9 in small, on fits; a statistical row fails beyond its own sampling error only."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from benchmarks.model.replay import Replay
from benchmarks.reliability import decisions, refresh, regret, rolling
from benchmarks.reliability.runs import fit_market

#: Short chains: what is judged is right or wrong by far more than their Monte Carlo error.
SHORT = {"chains": 4, "tune": 400, "draws": 300}
#: Standard errors that chance does not reach once in a thousand.
MARGIN = stats.norm.ppf(0.999)


def test_row_5_forecasts_beat_last_years_weeks() -> None:
    rows = [rolling.fold_cell(f"{rolling.EXAMPLE}|{fold}|2", SHORT) for fold in range(2)]
    found = rolling.judge(rows)["pooled"]
    assert found["folds"] == 2, rows
    assert found["skill"] + MARGIN * found["skill_se"] >= rolling.GOAL, found
    covered = sum(sum(row["inside"]) for row in rows)
    assert stats.binom.cdf(covered, 2 * rolling.HORIZON, 0.9) > 0.001, found


def test_row_5_notices_a_forecast_that_is_no_better_than_last_year() -> None:
    one = {"data": "a", "trouble": "", "scale": 100.0, "inside": [True] * 8, "naive_inside": [True] * 8}
    rng = np.random.default_rng(1)
    rows = []
    for _ in range(8):
        naive = rng.uniform(2, 4, 8)
        rows.append(one | {"naive_crps": naive.tolist(), "crps": (naive * rng.uniform(0.95, 1.1)).tolist()})
    found = rolling.judge(rows)
    assert not found["passes"]
    better = [
        row | {"crps": (0.6 * np.array(row["naive_crps"])).tolist(), "inside": [True] * 7 + [False]} for row in rows
    ]
    assert rolling.judge(better)["passes"]
    assert rolling.judge(better)["pooled"]["skill"] == pytest.approx(0.4)


def test_row_7_four_more_weeks_change_little() -> None:
    rows = [refresh.market_cell(refresh.SEED + 500 + i, 104, 3, SHORT) for i in range(2)]
    found = refresh.judge(rows)
    assert found["roas_change"] - MARGIN * found["roas_change_se"] <= refresh.WANTED_ROAS, found
    assert found["moved"] - MARGIN * found["moved_se"] <= refresh.WANTED_MONEY, found


def test_rows_8_and_9_plans_on_fits_are_good_and_say_no_more_than_they_keep() -> None:
    found = regret.judged([regret.market_cell(regret.SEED + 500 + i, 104, 3, SHORT) for i in range(3)])
    for one in found:
        assert one["regret"] - MARGIN * one["regret_se"] <= decisions.WANTED_REGRET[one["kind"]], one
        assert abs(one["bias"]) <= decisions.WANTED_BIAS + MARGIN * one["bias_se"], one
        assert stats.binom.cdf(round(one["coverage"] * one["markets"]), one["markets"], 0.9) > 0.001, one


def test_the_truth_as_a_response_is_worth_what_its_replay_says() -> None:
    market, tests = regret.tested_market(regret.SEED + 501, 104, 3)
    assert len(tests) == 3
    # Three holdouts in three places, each of weeks in which its channel is dark.
    assert len({test.start for test in tests}) == 3
    for number, test in enumerate(tests):
        dark = (market.weeks >= test.start) & (market.weeks <= test.end)
        assert market.spend[number, dark].sum() == 0.0
    fit = fit_market(market, 1, {"sampling": {"chains": 2, "tune": 50, "draws": 10, "cores": 1}})
    oracle = regret.planned(regret.true_response(fit.response, market))
    replay = Replay.of(market)
    assert oracle.baseline_value == pytest.approx(replay.value(replay.baseline), rel=1e-3)
    assert oracle.value == pytest.approx(replay.value(oracle.spend), rel=1e-3)
    assert replay.value(oracle.spend) >= 0.999 * replay.value(replay.oracle(1))
