"""A grid is its combinations as scenarios of their own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mmm.exceptions import SpecError
from mmm.response.draws import ResponseDraws
from simulations import simulate
from simulations.digest import digest
from simulations.templates import label
from tests.test_simulations.small_fit import make_response, make_set
from tests.test_simulations.test_scenario_file import HEAD, read

GRID = {
    "tv": {"channel": "tv", "change": {"values": ["-20%", 0, 0.2]}},
    "search": {"kept": [], "dark": [{"channel": "search", "dark": True}]},
}
ONE = {"cut": [{"channel": "tv", "change": -0.2}]}


@pytest.mark.parametrize("margin", [None, 0.4])
def test_a_combination_is_a_scenario(response: ResponseDraws, margin: float | None) -> None:
    results = simulate(response, make_set(ONE, grid=GRID, margin=margin))
    grid = results.grid
    assert grid is not None
    assert [axis.options for axis in grid.axes] == [("−20%", "0%", "+20%"), ("kept", "dark")]
    assert grid.at == ((0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1))
    named = {
        f"{n}": [{"channel": "tv", "change": change}, *([{"channel": "search", "dark": True}] if dark else [])]
        for n, (change, dark) in enumerate((change, dark) for change in (-0.2, 0.0, 0.2) for dark in (False, True))
    }
    again = simulate(response, make_set(named, margin=margin))
    for point, one in zip(grid.points, again.scenarios, strict=True):
        other = digest(again, one)
        assert (point.delta, point.outcome, point.roas) == (other.delta, other.outcome, other.roas)
        assert (point.profit_delta, point.p_beats_bau) == (other.profit_delta, other.p_beats_bau)
        assert point.spend == pytest.approx(other.spend)
    assert grid.points[0].name == "tv −20% · search kept"
    assert grid.points[1].says == "tv: spend 20% lower. search: nothing is spent."
    gains = np.array(
        [again.delta(one) if (gain := again.profit_delta(one)) is None else gain for one in again.scenarios]
    )
    best = np.bincount(gains.argmax(axis=0), minlength=6) / gains.shape[1]
    np.testing.assert_allclose(grid.p_best, best)
    assert grid.p_best.sum() == pytest.approx(1)
    means = gains.mean(axis=1)
    assert list(grid.ranked) == np.argsort(-means, kind="stable").tolist()


def test_equal_combinations_share_the_best() -> None:
    grid = {"a": {"one": [], "two": []}}
    found = simulate(make_response(per_chain=5), make_set(ONE, grid=grid)).grid
    assert found is not None
    np.testing.assert_allclose(found.p_best, [0.5, 0.5])
    assert [point.p_beats_bau for point in found.points] == [0.5, 0.5]


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("change", -0.2, "−20%"),
        ("change", "20%", "+20%"),
        ("price", 0, "0%"),
        ("shift", "5%", "5%"),
        ("shift", 50_000, "50,000"),
        ("supply_cap", 1_400_000.0, "1,400,000"),
        ("elasticity", -1.5, "−1.5"),
        ("flighting", "even", "even"),
        ("dark", True, "True"),
    ],
)
def test_values_are_said_as_options(key: str, value: object, said: str) -> None:
    assert label(key, value) == said


def test_no_grid_without_one(response: ResponseDraws) -> None:
    assert simulate(response, make_set(ONE)).grid is None


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        ("grid:\n  tv: {channel: tv, change: {values: []}}\n", "grid.tv", "at least one value"),
        ("grid:\n  tv: {channel: tv, change: {values: [0.1, 10%]}}\n", "grid.tv", "are the same"),
        ("grid:\n  tv: {channel: tv, change: {values: [0.1, -3]}}\n", "grid.tv", "negative amount"),
        (
            "grid:\n  tv:\n    kept: []\n    cut: [{channel: tv, change: -3}]\n",
            "grid.tv.cut.0.change",
            "negative amount",
        ),
        ("grid:\n  tv:\n    cut: {channel: tv, change: -0.1}\n", "grid.tv.cut", "list of changes"),
        ("grid: {}\n", "grid", "at least 1"),
    ],
)
def test_what_is_not_understood_is_named(tmp_path: Path, text: str, key: str, says: str) -> None:
    with pytest.raises(SpecError, match=says) as caught:
        read(tmp_path, text + HEAD + "  a: [{demand: 0.1}]\n")
    assert key in str(caught.value.where)


def test_too_many_combinations_are_refused(response: ResponseDraws) -> None:
    axis = {"channel": "tv", "change": {"values": [n / 100 for n in range(50)]}}
    with pytest.raises(SpecError, match="2,500 combinations"):
        simulate(response, make_set(ONE, grid={"one": axis, "two": axis}))


def test_a_grids_patch_that_cannot_be_names_its_place(tmp_path: Path, response: ResponseDraws) -> None:
    text = "grid:\n  radio: {channel: radio, change: {values: [0.1, 0.2]}}\n" + HEAD + "  a: [{demand: 0.1}]\n"
    with pytest.raises(SpecError, match="'radio' is not a paid channel") as caught:
        simulate(response, read(tmp_path, text))
    assert str(caught.value.where).startswith("scenarios.yaml, line 2, grid.radio")
