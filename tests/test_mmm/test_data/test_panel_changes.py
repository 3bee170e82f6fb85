"""``Panel.cut``, ``with_channel`` and ``with_outcome``: another panel, the first one untouched."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mmm.data import LiftTest, Panel
from tests.test_mmm.test_data.book import by_geo, geo_spec, read
from tests.test_mmm.test_data.test_unbalanced import without

WEEKLY = ("outcome", "value_per_outcome", "spend", "exposure", "organic", "controls", "observed")


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Panel:
    book = without(by_geo(), lambda name, t: name == "south" and t in (7, 30))
    return read(tmp_path_factory.mktemp("panel"), book, geo_spec())


def experiment(panel: Panel, start: int, end: int, measured: int) -> LiftTest:
    start_day, end_day, last = (panel.weeks[t] for t in (start, end, measured))
    return LiftTest(f"{start}", "search", (), start_day, end_day, last, -9.0, -1.0, 1.0)


def test_cut(panel: Panel) -> None:
    tests = tuple(experiment(panel, *at) for at in ((4, 6, 6), (5, 6, 8), (5, 9, 24), (20, 24, 25), (24, 24, 24)))
    part = replace(panel, lift_tests=tests).cut(5, 25)
    assert part.n_weeks == 20
    assert np.array_equal(part.weeks, panel.weeks[5:25])
    for name in WEEKLY:
        assert np.array_equal(getattr(part, name), getattr(panel, name)[..., 5:25])
    assert [test.name for test in part.lift_tests] == ["5", "5", "24"]
    assert part.national_channels == panel.national_channels
    assert part.population.tolist() == panel.population.tolist()
    assert panel.n_weeks == 60


def test_with_channel(panel: Panel) -> None:
    spend = np.random.default_rng(1).gamma(2, 50, panel.outcome.shape)
    spend[0, 3] = -5.0
    more = panel.with_channel("placebo", spend)
    assert more.channels == (*panel.channels, "placebo")
    assert np.array_equal(more.spend[-1], np.where(panel.observed, spend, 0.0))
    assert np.array_equal(more.exposure[-1], np.maximum(spend, 0.0))
    assert more.exposure_based.tolist() == [False, True, False]
    assert np.array_equal(more.spend[:-1], panel.spend)
    assert len(panel.channels) == 2
    with pytest.raises(ValueError, match="'price' is in the panel already"):
        panel.with_channel("price", spend)
    with pytest.raises(ValueError, match=r"must match|shape"):
        panel.with_channel("placebo", spend[:, :5])


def test_with_outcome(panel: Panel) -> None:
    outcome = np.random.default_rng(2).normal(100, 5, panel.outcome.shape)
    other = panel.with_outcome(outcome)
    assert np.array_equal(other.outcome[panel.observed], outcome[panel.observed])
    assert not other.outcome[~panel.observed].any()
    with pytest.raises(ValueError, match="shape"):
        panel.with_outcome(outcome[:1, :5])


def test_the_table_says_what_was_observed(tmp_path: Path, panel: Panel) -> None:
    frame = panel.to_frame()
    assert frame["observed"].sum() == 178
    assert not frame.loc[~frame["observed"], "revenue"].any()
