"""Hidden causes."""

from __future__ import annotations

import numpy as np
import pytest

from mmm.arrays import FloatArray
from mmm.model.validation import confounder
from mmm.model.validation.base import Base
from mmm.model.validation.confounder import Sensitivities, Sensitivity
from mmm.model.validation.parts import Parts
from mmm.model.validation.refits import Refitter


def slope(target: FloatArray, *columns: FloatArray) -> FloatArray:
    return np.linalg.lstsq(np.column_stack([np.ones(len(target)), *columns]), target, rcond=None)[0]


def partial_r2(target: FloatArray, cause: FloatArray, *columns: FloatArray) -> float:
    def power(*others: FloatArray) -> float:
        table = np.column_stack([np.ones(len(target)), *others])
        rest = target - table @ np.linalg.lstsq(table, target, rcond=None)[0]
        return float(rest @ rest)

    return 1.0 - power(*columns, cause) / power(*columns)


@pytest.fixture
def parts() -> Parts:
    """Linear parts of which everything is known: season drives spend and outcome."""
    rng = np.random.default_rng(4)
    season = np.sin(np.arange(200) / 8.0)
    effect = 10.0 + 2.0 * season + rng.normal(size=200)
    outcome = effect + 3.0 * season + rng.normal(size=200) + 50.0
    table = np.column_stack([np.ones(200), season, effect])
    residual = outcome - table @ np.linalg.lstsq(table, outcome, rcond=None)[0]
    return Parts(
        names=("tv",), effects=effect[None, None], groups={"season": season[None, :, None]}, outcome=outcome[None],
        residual=residual[None], observed=np.ones((1, 200), dtype=bool),
    )  # fmt: skip


@pytest.mark.parametrize("strength", [0.05, 0.3])
def test_a_cause_has_the_strength_asked_for(parts: Parts, strength: float) -> None:
    cause = parts.axes("tv", np.random.default_rng(1)).cause(strength)[0]
    season, effect = parts.groups["season"][0, :, 0], parts.effects[0, 0]
    assert partial_r2(effect, cause, season) == pytest.approx(strength, abs=1e-9)
    assert partial_r2(parts.outcome[0], cause, season, effect) == pytest.approx(strength, abs=1e-9)
    assert cause.std() == pytest.approx(1.0, rel=1e-6)


def test_least_squares_falls_as_cinelli_and_hazlett_say(parts: Parts) -> None:
    """Their eq. 10: bias = se · sqrt(R²_y R²_d df / (1 − R²_d))."""
    strength = 0.2
    cause = parts.axes("tv", np.random.default_rng(1)).cause(strength)[0]
    season, effect, outcome = parts.groups["season"][0, :, 0], parts.effects[0, 0], parts.outcome[0]
    before, after = slope(outcome, season, effect)[2], slope(outcome, season, effect, cause)[2]
    freed = 200 - 3
    rest = effect - np.column_stack([np.ones(200), season]) @ slope(effect, season)
    se = np.sqrt(parts.residual[0] @ parts.residual[0] / freed / (rest @ rest))
    assert before - after == pytest.approx(se * np.sqrt(strength * strength * freed / (1 - strength)), rel=1e-6)


def test_a_known_cause_is_as_strong_as_leaving_it_out_shows(parts: Parts) -> None:
    strength = parts.strength_of("season", "tv")
    season, effect, outcome = parts.groups["season"][0, :, 0], parts.effects[0, 0], parts.outcome[0]
    of_effect, of_outcome = partial_r2(effect, season), partial_r2(outcome, season, effect)
    assert strength**2 / (1 - strength) == pytest.approx(of_outcome * of_effect / (1 - of_effect), rel=1e-6)


def test_halves_between_two_refits() -> None:
    one = Sensitivity("tv", np.array([0.0, 0.1, 0.3]), np.array([4.0, 3.0, 1.0]))
    assert one.halves_at == pytest.approx(0.2)
    assert Sensitivity("tv", np.array([0.0, 0.3]), np.array([4.0, 2.1])).halves_at == np.inf
    weak = Sensitivity("a", np.array([0.0, 0.05]), np.array([4.0, 1.0]))
    some = Sensitivity("b", np.array([0.0, 0.15]), np.array([4.0, 1.5]))
    found = Sensitivities((weak, some, one), {"a": {}, "b": {}, "tv": {}}, 0.35)
    assert [(f.severity, f.where) for f in found.findings] == [("warning", "a"), ("note", "b")]


def test_a_strong_cause_takes_roas_away_in_a_refit(base: Base, refitter: Refitter) -> None:
    """At 0.3 least squares would take se · sqrt(df) · 0.36 from tv's ROAS; the refit takes a like amount."""
    found = confounder.run(base, refitter)
    by_name = {one.channel: one for one in found.channels}
    assert set(by_name) == {"tv", "search"}
    for one in by_name.values():
        assert one.roas[-1] < 0.95 * one.roas[0]
    parts = base.parts
    axes = parts.axes("tv", np.random.default_rng(1))
    size = np.linalg.norm(parts.residual) / np.linalg.norm(parts.effects[0, 0] @ axes.effect[0])
    predicted = 1.0 - size * 0.3 / np.sqrt(1.0 - 0.3)
    assert by_name["tv"].roas[-1] / by_name["tv"].roas[0] == pytest.approx(predicted, abs=0.12)
    assert set(found.known["tv"]) == {"the calendar", "price"}
