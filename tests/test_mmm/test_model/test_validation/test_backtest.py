"""The rolling-origin backtest."""

from __future__ import annotations

import numpy as np
import pytest

from mmm.model.validation import backtest
from mmm.model.validation.backtest import Backtest, Fold, histories
from mmm.model.validation.base import Base
from mmm.model.validation.refits import Refitter


def test_beats_seasonal_naive_on_a_market_with_media_and_season(base: Base, refitter: Refitter) -> None:
    assert backtest.count(base) == 2
    found = backtest.run(base, refitter)
    assert [fold.history for fold in found.folds] == [88, 96]
    assert found.folds[0].weeks[0] == base.panel.weeks[88]
    np.testing.assert_array_equal(found.folds[1].observed, base.panel.outcome[0, 96:])
    assert found.skill > 0.3
    # 16 weeks: below 10 of them lies 0.1 % of a binomial with 90 %.
    assert found.pooled("inside") > 10 / 16
    assert found.findings[0].severity == "ok"
    assert found.as_dict()["skill"] == found.skill


def test_folds_without_a_year_of_history_are_left_out() -> None:
    assert histories(104, 4, 8) == [72, 80, 88, 96]
    assert histories(80, 4, 8) == [64, 72]
    assert histories(60, 4, 8) == []


def fold(size: int, error: float, naive_error: float, covered: float) -> Fold:
    ones = np.ones(size)
    weeks = np.datetime64("2024-01-01") + 7 * np.arange(size)
    flags = np.arange(size) < covered * size
    return Fold("one", 90, weeks, ones, ones, ones, ones, ones, error * ones, naive_error * ones, flags, flags)


@pytest.mark.parametrize(
    ("error", "covered", "skill", "coverage"),
    [(0.8, 0.9, "ok", "ok"), (0.95, 1.0, "note", "note"), (1.2, 0.5, "warning", "warning")],
)
def test_severity_by_skill_and_coverage(error: float, covered: float, skill: str, coverage: str) -> None:
    found = Backtest((fold(20, error, 1.0, covered), fold(20, error, 1.0, covered)), 2, "revenue")
    assert found.skill == pytest.approx(1 - error)
    assert [finding.severity for finding in found.findings] == [skill, coverage]


def test_no_fold_is_said() -> None:
    (finding,) = Backtest((), 4, "revenue").findings
    assert finding.severity == "note"
    assert "longer history" in finding.do
