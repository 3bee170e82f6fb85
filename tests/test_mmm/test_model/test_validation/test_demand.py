"""Spend that follows demand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mmm.data.read import read_panel
from mmm.model.fit import fit_model
from mmm.model.spec import ModelSpec
from mmm.model.validation import demand
from mmm.model.validation.base import Base
from mmm.model.validation.demand import LIKELY, SURE, Follow, Following, follows, limit
from mmm.model.validation.parts import Parts
from mmm.model.validation.refits import Refitter
from tests.test_mmm.test_model.test_validation.conftest import SMALL
from tests.test_mmm.test_model.test_validation.worlds import SEARCH_ROAS, follows_demand


@pytest.fixture(scope="module")
def misled(tmp_path_factory: pytest.TempPathFactory) -> Base:
    """A fit that credits search with demand."""
    path = follows_demand().write(tmp_path_factory.mktemp("misled"))
    spec = ModelSpec.from_yaml(path)
    return Base(fit_model(spec, read_panel(spec, path.parent), seed=5, progress=False), SMALL)


def test_search_that_follows_demand_is_named(misled: Base, cache: Path) -> None:
    result = demand.run(misled, Refitter(5, cache))
    found = {one.channel: one for one in result.channels}
    assert found["search"].roas > 3 * SEARCH_ROAS
    assert found["search"].t > limit(SURE, 2)
    assert found["search"].roas_with < found["search"].roas
    assert found["tv"].t < limit(SURE, 2)
    (warning,) = [f for f in result.findings if f.severity == "warning"]
    assert warning.where == "search"
    assert "control" in warning.do


def test_a_clean_market_is_not_flagged(base: Base, refitter: Refitter) -> None:
    found = demand.run(base, refitter)
    assert {one.channel for one in found.channels} == {"tv", "search"}
    for one in found.channels:
        assert one.t < limit(SURE, 2)
    assert demand.count(base) == 0


def parts(rng: np.random.Generator, *, following: float) -> tuple[Parts, np.ndarray]:
    """Two geos of weekly spend on a channel without effect, and sales that wander; spend follows them or does not."""
    wander = np.zeros((2, 150))
    spend = np.zeros((2, 150))
    for t in range(1, 150):
        wander[:, t] = 0.7 * wander[:, t - 1] + rng.standard_normal(2)
        spend[:, t] = 0.5 * spend[:, t - 1] + following * wander[:, t] + rng.standard_normal(2)
    seen = np.ones((2, 150), dtype=bool)
    seen[1, 40:50] = False
    outcome = np.where(seen, wander + rng.standard_normal((2, 150)), 0.0)
    found = Parts(("search",), np.zeros((1, 2, 150)), {}, outcome, outcome, seen)
    return found, np.where(seen, spend, 0.0)


def test_t_is_standard_without_and_large_with_following() -> None:
    rng = np.random.default_rng(3)
    without = np.array([follows(*parts(rng, following=0.0)) for _ in range(300)])
    assert abs(without.mean()) < 0.25
    assert without.std() == pytest.approx(1.0, abs=0.15)
    with_it = np.array([follows(*parts(rng, following=0.5)) for _ in range(50)])
    assert (with_it > limit(SURE, 1)).mean() > 0.9


def test_severity() -> None:
    tests = [
        Follow(name, t, 2.0, 1.0)
        for name, t in (("a", limit(SURE, 3) + 0.1), ("b", limit(LIKELY, 3) + 0.1), ("c", -5.0))
    ]
    assert [(f.severity, f.where) for f in Following(tuple(tests)).findings] == [("warning", "a"), ("note", "b")]
    assert [f.severity for f in Following((tests[2],)).findings] == ["ok"]
