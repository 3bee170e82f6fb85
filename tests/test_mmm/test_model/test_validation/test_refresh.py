"""Refresh stability."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from mmm.model.validation import refresh
from mmm.model.validation.base import Base
from mmm.model.validation.refits import Refitter
from mmm.model.validation.refresh import Refresh, plain_plan


def test_a_stable_world_is_stable(base: Base, refitter: Refitter) -> None:
    found = refresh.run(base, refitter)
    assert found.channels == ("tv", "search")
    assert found.median_change < 0.15
    assert found.moved < 0.10
    today = base.money[:, base.money.shape[1] // 2]
    for plan in (found.plan_before, found.plan_after):
        assert plan.sum() == pytest.approx(today.sum(), rel=1e-6)
        assert (np.abs(plan / today - 1.0) <= 0.2 + 1e-9).all()


def test_the_plain_plan_is_the_best_on_concave_curves() -> None:
    levels = np.linspace(0.8, 1.2, 41)
    money = np.array([100.0, 60.0, 40.0])[:, None] * levels
    curves = np.array([[50.0], [90.0], [30.0]]) * money / (money + np.array([[50.0], [80.0], [20.0]]))
    plan = plain_plan(money, curves)

    def worth(first: float, second: float) -> float:
        amounts = (first, second, 200.0 - first - second)
        if not 32.0 <= amounts[2] <= 48.0:
            return -np.inf
        return float(sum(np.interp(a, m, y) for a, m, y in zip(amounts, money, curves, strict=True)))

    best = max(product(np.linspace(80, 120, 81), np.linspace(48, 72, 49)), key=lambda pair: worth(*pair))
    np.testing.assert_allclose(plan[:2], best, atol=1.0)


def test_severity_and_money_moved() -> None:
    def found(before: float, plan: list[float]) -> Refresh:
        return Refresh(4, ("a", "b"), np.full((2, 5), before), np.ones((2, 5)), np.array(plan), np.array([50.0, 50.0]))

    assert found(1.0, [55.0, 45.0]).moved == pytest.approx(0.05)
    assert [found(value, plan).findings[0].severity for value, plan in
            ((1.0, [50.0, 50.0]), (0.9, [50.0, 50.0]), (1.0, [65.0, 35.0]), (0.5, [50.0, 50.0]))] == [
        "ok", "note", "note", "warning",
    ]  # fmt: skip
