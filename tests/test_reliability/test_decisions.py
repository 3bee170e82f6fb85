"""The scorecard's rows 8 and 9 in small, on given posteriors: plans judged by a truth that the posterior holds."""

from __future__ import annotations

import pytest
from scipy import stats

from benchmarks.reliability import decisions

MARKETS = 20


@pytest.mark.parametrize("kind", list(decisions.NOISE))
def test_rows_8_and_9_plans_are_good_and_say_no_more_than_they_keep(kind: str) -> None:
    rows = [decisions.decision_cell(f"{kind}:{decisions.SEED + 10_000 + i}") for i in range(MARKETS)]
    found = decisions.judge(rows)
    # Beyond the 0.1 % limits of this few markets' own error only.
    margin = stats.norm.ppf(0.999)
    assert found["regret"] - margin * found["regret_se"] <= decisions.WANTED_REGRET[kind], found
    worse = round(found["worse"] * MARKETS)
    assert stats.binom.sf(worse - 1, MARKETS, decisions.WANTED_WORSE) > 0.001, found
    assert abs(found["bias"]) <= decisions.WANTED_BIAS + margin * found["bias_se"], found
    covered = round(found["coverage"] * MARKETS)
    assert stats.binom.cdf(covered, MARKETS, 0.9) > 0.001, found


def test_row_9_notices_a_posterior_that_claims_too_much() -> None:
    rows = [decisions.decision_cell(f"without:{decisions.SEED + 10_000 + i}") for i in range(MARKETS)]
    boasting = [row | {key: row[key] + abs(row["claimed"]) for key in ("claimed", "low", "high")} for row in rows]
    found = decisions.judge(boasting)
    assert not found["passes_9"]
    assert found["bias"] > 0.5
