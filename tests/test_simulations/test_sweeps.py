"""A sweep against what is known: ends are scenarios, and the indices of a linear result have a closed form."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.stats

from mmm.exceptions import SpecError
from mmm.response.draws import ResponseDraws
from simulations import simulate
from simulations.results import Estimate
from simulations.sweeps import sweep_points
from simulations.tornado import sobol_indices
from tests.test_simulations.small_fit import make_set
from tests.test_simulations.test_scenario_file import HEAD, read

ONE = {"cut": [{"channel": "tv", "change": -0.2}]}
INPUTS = {
    "tv": {"channel": "tv", "change": {"from": "-5%", "to": "5%"}},
    "search": {"channel": "search", "change": {"from": -0.1, "to": 0.1}},
    "social": {"channel": "social", "change": {"from": "-1%", "to": "1%"}},
}


def test_the_ends_are_scenarios(response: ResponseDraws) -> None:
    named = {"low": [{"channel": "search", "change": -0.1}], "high": [{"channel": "search", "change": 0.1}]}
    results = simulate(response, make_set(named, sweep={"inputs": INPUTS, "points": 16}, margin=0.4))
    sweep = results.sweep
    assert sweep is not None
    assert sweep.is_profit
    swing = next(one for one in sweep.swings if one.name == "search")
    for end, found in (("low", swing.low), ("high", swing.high)):
        gain = results.profit_delta(results[end])
        assert gain is not None
        assert found.mean == pytest.approx(gain.mean())
        assert found.q05 == pytest.approx(Estimate.of(gain).q05)
    assert (swing.at_low, swing.at_high) == ("−10%", "+10%")
    assert swing.says_low == "search: spend 10% lower."
    widths = [one.width for one in sweep.swings]
    assert widths == sorted(widths, reverse=True)
    assert sweep.runs == 16 * 5 + 6


def test_indices_of_a_linear_result_are_its_squared_slopes(response: ResponseDraws) -> None:
    """Channels do not interact, and over a few per cent of spend each one's response is a line."""
    results = simulate(response, make_set(ONE, sweep={"inputs": INPUTS, "points": 256}))
    sweep = results.sweep
    assert sweep is not None
    assert not sweep.is_profit
    variance = {one.name: (one.high.mean - one.low.mean) ** 2 for one in sweep.swings}
    for one in sweep.swings:
        share = variance[one.name] / sum(variance.values())
        assert one.first.value == pytest.approx(share, abs=0.02)
        assert one.total.value == pytest.approx(share, abs=0.02)
        assert one.total.low <= one.total.value <= one.total.high


def test_indices_are_scipys() -> None:
    rng = np.random.default_rng(3)
    a, b, crossed = rng.normal(size=64), rng.normal(size=64), rng.normal(size=(3, 64))
    centre = np.concatenate([a, b]).mean()
    a, b, crossed = a - centre, b - centre, crossed - centre
    theirs = scipy.stats.sobol_indices(func={"f_A": a[None], "f_B": b[None], "f_AB": crossed[:, None]}, n=64)
    first, total = sobol_indices(a, b, crossed)
    np.testing.assert_allclose(first, np.ravel(theirs.first_order), rtol=1e-12)
    np.testing.assert_allclose(total, np.ravel(theirs.total_order), rtol=1e-12)


def test_one_input_alone_makes_all_of_it(response: ResponseDraws) -> None:
    sweep = simulate(response, make_set(ONE, sweep={"inputs": {"tv": INPUTS["tv"]}, "points": 64})).sweep
    assert sweep is not None
    assert sweep.swings[0].first.value == pytest.approx(1.0, abs=0.05)
    assert sweep.swings[0].total.value == pytest.approx(1.0, abs=0.05)


def test_the_spread_is_divided_between_inputs_and_model(response: ResponseDraws) -> None:
    results = simulate(response, make_set(ONE, sweep={"inputs": INPUTS, "points": 128}))
    sweep = results.sweep
    assert sweep is not None
    assert 0 < sweep.from_inputs < 1
    # Against the variance of a line over its range, and of the draws at each point.
    between = sum((one.high.mean - one.low.mean) ** 2 / 12 for one in sweep.swings)
    assert sweep.means.var() == pytest.approx(between, rel=0.05)
    assert sweep.overall.q05 < sweep.overall.mean < sweep.overall.q95
    assert sweep.overall.mean == pytest.approx(sweep.means.mean(), abs=0.05 * sweep.means.std())


def test_the_points_fill_the_ranges(response: ResponseDraws) -> None:
    scenarios = make_set(ONE, sweep={"inputs": INPUTS, "points": 64})
    points = sweep_points(scenarios, response, scenarios.calendar(response), seed=0)
    again = sweep_points(scenarios, response, scenarios.calendar(response), seed=0)
    other = sweep_points(scenarios, response, scenarios.calendar(response), seed=1)
    np.testing.assert_array_equal(points.values, again.values)
    assert not np.array_equal(points.values, other.values)
    assert points.values.shape == (64 * 5, 3)
    assert len(points.futures) == 64 * 5 + 6
    span = np.array([0.05, 0.1, 0.01])
    assert (np.abs(points.values) <= span).all()
    # A Sobol' sequence puts one point of each matrix in every 64th of a range.
    for matrix in (points.values[:64], points.values[64:128]):
        cells = np.floor((matrix / span + 1) / 2 * 64).astype(int)
        assert all(len(set(column)) == 64 for column in cells.T)
    a, b = points.values[:64], points.values[64:128]
    np.testing.assert_array_equal(points.values[128:192], np.column_stack([b[:, 0], a[:, 1:]]))


def test_a_result_that_nothing_moves_has_no_indices(response: ResponseDraws) -> None:
    inputs = {"dark twice": {"channel": "tv", "change": {"from": 0.0, "to": 1e-14}}}
    sweep = simulate(response, make_set(ONE, sweep={"inputs": inputs, "points": 16})).sweep
    assert sweep is not None
    assert sweep.swings[0].first.value == 0.0
    assert np.isfinite(sweep.from_inputs)


def test_shares_stay_shares() -> None:
    """``shift`` takes a share only where it is written in percent, and a range of it stays one."""
    inputs = {"moved": {"shift": {"from": "5%", "to": "15%"}, "from": "tv", "to": "search"}}
    sweep = make_set(ONE, sweep={"inputs": inputs}).sweep
    assert sweep is not None
    assert sweep.inputs["moved"].at(0.1).says("EUR") == "10% of tv's spend moves from tv to search"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: {channel: tv, change: 0.1}", "one change with a range"),
        ("a: {channel: tv, change: {from: 0.1}}", "from: ..., to: ..."),
        ("a: {channel: tv, change: {from: 0.1, to: 0.1}}", "ends before it begins"),
        ("a: {channel: tv, change: {from: low, to: high}}", "numbers or percentages"),
        ("a: {channel: tv, change: {from: -2, to: 0.1}}", "negative amount"),
        ("a: {season_shift: {from: -2, to: 2}}", "values of a grid"),
        ("a: {channel: tv, volume: {from: -2, to: 0.1}}", "exactly one of the keys"),
        ("a: {season_shift: {from: -2, to: 2}}", "season_shift takes whole numbers: give them as values of a grid"),
    ],
)
def test_what_is_not_understood_is_named(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(SpecError, match=says) as caught:
        read(tmp_path, f"sweep:\n  inputs:\n    {text}\n" + HEAD + "  a: [{demand: 0.1}]\n")
    assert str(caught.value.where).startswith("scenarios.yaml, line 3, sweep.inputs.a")


@pytest.mark.parametrize("points", [17, 8, 8192])
def test_points_are_a_power_of_two(tmp_path: Path, points: int) -> None:
    text = f"sweep:\n  points: {points}\n  inputs:\n    a: {{demand: {{from: -0.1, to: 0.1}}}}\n"
    with pytest.raises(SpecError) as caught:
        read(tmp_path, text + HEAD + "  a: [{demand: 0.1}]\n")
    assert "sweep.points" in str(caught.value.where)


def test_too_many_runs_are_refused(response: ResponseDraws) -> None:
    inputs = {f"{n}": {"demand": {"from": -0.1, "to": 0.1}} for n in range(4)}
    with pytest.raises(SpecError, match="24,576 runs"):
        simulate(response, make_set(ONE, sweep={"inputs": inputs, "points": 4096}))
