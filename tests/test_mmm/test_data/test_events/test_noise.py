"""Differential privacy: the noise has the scale that its cost asks for, people are bounded, and budgets add up."""

from __future__ import annotations

import json
import math
import sys
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mmm.data.events.noise import Budget, Noise, epsilon_of_rho
from mmm.data.events.spec import Keys, Mechanism, PrivacySpec
from mmm.exceptions import DataError, SpecError
from tests.test_mmm.test_data.test_events.world import people_log, read

pytest.importorskip("opendp", reason="OpenDP is the extra 'privacy'")
PRIVACY = {"release": "told.json", "largest": {"revenue": 100}}
CELLS = 4_000


@cache
def _noise(mechanism: Mechanism, *, epsilon: float = 1.0, keys: Keys = Keys.THRESHOLD) -> Noise:
    declared = {"channels": ("a",)} if keys is Keys.DECLARED else {}
    privacy = PrivacySpec(epsilon=epsilon, mechanism=mechanism, keys=keys, release="x.json", cells=3, **declared)
    return Noise.calibrate(privacy, [10, 1], 50)


def test_laplace_noise_has_the_scale_of_its_cost() -> None:
    noise = _noise(Mechanism.LAPLACE)
    # Three equal parts of epsilon 1: the choice of cells, ten events and one person in each of three cells.
    assert noise.people_scale == pytest.approx(9.0)
    assert noise.scales == pytest.approx((90.0, 9.0))
    drawn = np.array(noise.figures(0, [1_000] * CELLS)) - 1_000
    # The mean size of Laplace noise is its scale b, with a standard error of b/√n.
    assert abs(np.abs(drawn).mean() - 90) < 6 * 90 / math.sqrt(CELLS)
    assert abs(drawn.mean()) < 6 * 90 * math.sqrt(2 / CELLS)


def test_gaussian_noise_has_the_scale_of_its_cost() -> None:
    noise = _noise(Mechanism.GAUSSIAN)
    drawn = np.array(noise.figures(0, [1_000] * CELLS)) - 1_000
    scale = noise.scales[0]
    assert abs(drawn.std() - scale) < 6 * scale / math.sqrt(2 * CELLS)
    # Cost of each measure: C b² / 2σ²; ten events weigh as much of the budget as one person.
    costs = [3 * bound**2 / (2 * sigma**2) for bound, sigma in zip((10, 1), noise.scales, strict=True)]
    assert sum(costs) == pytest.approx(noise.budget.rho, rel=1e-6)
    assert noise.budget.epsilon + epsilon_of_rho(noise.budget.rho, noise.budget.gaussian_delta) <= 1 + 1e-6


@pytest.mark.parametrize("mechanism", list(Mechanism))
def test_the_budget_is_what_was_declared(mechanism: Mechanism) -> None:
    for keys in Keys:
        epsilon, delta = _noise(mechanism, keys=keys).budget.over(1)
        assert 0.98 < epsilon <= 1 + 1e-6
        assert delta <= 1e-6
    pure = _noise(Mechanism.LAPLACE, keys=Keys.DECLARED).budget
    assert pure.delta == 0.0


def test_budgets_add_up_over_weeks() -> None:
    laplace, gaussian = _noise(Mechanism.LAPLACE).budget, _noise(Mechanism.GAUSSIAN).budget
    assert laplace.over(104)[0] == pytest.approx(104 * laplace.over(1)[0])
    assert gaussian.over(104)[0] < 0.5 * laplace.over(104)[0]
    assert Budget(1, 0, 0, 0).over(0) == (0.0, 0.0)


def test_noise_is_never_seeded() -> None:
    noise = _noise(Mechanism.LAPLACE)
    np.random.seed(0)
    first = noise.figures(0, [0] * 50)
    np.random.seed(0)
    assert noise.figures(0, [0] * 50) != first


@pytest.mark.parametrize("keys", list(Keys))
def test_cells_of_fewer_people_than_50_are_not_told(keys: Keys) -> None:
    noise = _noise(Mechanism.LAPLACE, keys=keys)
    assert noise.people({str(i): 49 for i in range(CELLS)}) == {}
    assert len(noise.people({str(i): 400 for i in range(200)})) == 200


def test_a_person_counts_in_few_cells_and_with_few_events(tmp_path: Path) -> None:
    rows = [
        {
            "person": f"p{i}",
            "time": f"2025-01-{6 + day:02} 10:00:00",
            "event": "touch",
            "channel": channel,
            "geo": "north",
            "value": 50.0,
        }
        for i in range(600)
        for day in range(7)
        for channel in ("search", "social", "mail")
    ]
    metrics = {"visits": {"count": "events"}, "money": {"sum": "value"}}
    privacy = {"release": "told.json", "epsilon": 20, "cells": 1, "events": 2, "largest": {"money": 80}}
    done = read(tmp_path, pd.DataFrame(rows), metrics=metrics, kind=None, privacy=privacy)
    assert len(done.table) == 6
    sums = done.table.groupby("metric")["value"].sum()
    # Without the bounds they would be 12,600 visits and 630,000 of money.
    assert sums["visits"] == pytest.approx(600 * 2, abs=30)
    assert sums["money"] == pytest.approx(600 * 80, abs=1_000)


def test_what_was_told_is_repeated_and_only_new_weeks_are_told(tmp_path: Path) -> None:
    log = people_log(61, weeks=4, geos={"north": 1.0})
    early = log[pd.to_datetime(log["time"]) < pd.Timestamp("2025-01-27")]
    first = read(tmp_path, early, privacy=PRIVACY)
    again = read(tmp_path, privacy=PRIVACY)
    assert again.facts.table.equals(first.facts.table)
    assert "3 weeks of them were told before" in again.finding("privacy_budget")
    later = read(tmp_path, log, privacy=PRIVACY)
    assert set(first.figures().items()) <= set(later.figures().items())
    assert "privacy_kept" in later.names()
    assert "4 weeks were told so far" in later.finding("privacy_budget")
    kept = json.loads((tmp_path / "told.json").read_text())
    assert [len(told["periods"]) for told in kept["told"]] == [3, 1]
    assert sum(told["epsilon"] * len(told["periods"]) for told in kept["told"]) == pytest.approx(4.0, rel=1e-3)
    (file,) = later.facts.files
    assert file.rows_in == file.rows_used + sum(one.rows for one in later.log.excluded) == len(log)


def test_other_settings_are_another_release(tmp_path: Path) -> None:
    log = people_log(62)
    read(tmp_path, log, privacy=PRIVACY)
    with pytest.raises(DataError, match=r"told\.json: the weeks in it were told with other settings \(privacy\)"):
        read(tmp_path, privacy=PRIVACY | {"epsilon": 2.0})
    (tmp_path / "told.json").write_text("[]")
    with pytest.raises(DataError, match="this is not a release that Mixwise wrote"):
        read(tmp_path, privacy=PRIVACY)


def test_a_limit_holds_before_anything_is_told(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"all 3 periods together would cost .* 3\.0, above the limit of 2"):
        read(tmp_path, people_log(63), privacy=PRIVACY | {"limit": 2.0})
    assert not (tmp_path / "told.json").exists()


@pytest.mark.parametrize("release", ["../told.json", "told.csv"])
def test_a_release_lies_in_the_folder(tmp_path: Path, release: str) -> None:
    (tmp_path / "project").mkdir()
    with pytest.raises((DataError, SpecError)):
        read(tmp_path / "project", people_log(63), privacy=PRIVACY | {"release": release})
    assert not (tmp_path / "told.json").exists()


def test_declared_cells_and_no_others_are_told(tmp_path: Path) -> None:
    log = people_log(64, rows=12_000, people=4_000, weeks=1, channels={"search": 0.5, "social": 0.5})
    declared: dict[str, Any] = {"keys": "declared", "channels": ["Se-arch", "television"], "geos": ["N"]}
    told = PRIVACY | declared | {"mechanism": "gaussian"}
    done = read(tmp_path, log, privacy=told, spec={"join": {"geos": {"N": "north"}}})
    assert {key[:3] for key in done.figures()} == {(date(2025, 1, 6), "north", "search")}


def test_sums_need_a_bound(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the most that counts of a person is needed for every sum"):
        read(tmp_path, people_log(65), privacy={"release": "told.json"})


def test_without_opendp_the_remedy_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opendp.prelude", None)
    with pytest.raises(SpecError, match=r"Install it with: pip install 'mixwise\[privacy\]'\."):
        read(tmp_path, people_log(66), privacy=PRIVACY)
