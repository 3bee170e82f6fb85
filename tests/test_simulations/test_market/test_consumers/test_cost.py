"""The benchmark of a market's cost, in small: it measures what it says and writes what it measured."""

from __future__ import annotations

from benchmarks import market


def test_a_small_market_and_its_truth_are_measured():
    row = market.measure("12x2x3x2")
    assert row["cpu_s"] > 0
    assert row["peak_mb"] >= row["libraries_mb"] > 0
    truth = market.measure_truth("12x1x3")
    assert truth["reruns"] == 2 + 3 * 3 + 2 + 3
    assert market.table([row]).rows[0][0] == "12 × 2 × 3 × 2"
    assert market.truth_table([truth]).rows[0][1] == truth["reruns"]
