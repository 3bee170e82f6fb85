"""The attribution benchmark's arithmetic, on markets made by hand."""

from __future__ import annotations

import pytest

from benchmarks import attribution

ROWS = [
    {
        "channels": ["tv", "search"],
        "sold": 100.0,
        "truth": [30.0, 10.0],
        "credits": {"last touch": [0.0, 80.0], "MMM": [24.0, 16.0]},
    },
    {
        "channels": ["tv", "search"],
        "sold": 100.0,
        "truth": [20.0, 20.0],
        "credits": {"last touch": [0.0, 80.0], "MMM": [20.0, 20.0]},
    },
]


def test_methods_are_ranked_by_what_they_get_wrong_over_all_markets() -> None:
    rows = attribution.by_method(ROWS)
    assert [row["method"] for row in rows] == ["MMM", "last touch"]
    assert rows[0]["error_of_truth"] == pytest.approx((12 / 40 + 0) / 2)
    assert rows[1]["error_of_truth"] == pytest.approx((100 / 40 + 80 / 40) / 2)
    assert rows[1]["times_truth"] == pytest.approx(2.0)
    assert rows[1]["misplaced"] == pytest.approx((0.75 + 0.5) / 2)
    # The second market's channels are equal in truth, so only the first has an order.
    assert rows[1]["right_order"] == 0.0


def test_channels_are_summed_over_markets_before_they_are_divided() -> None:
    times = attribution.by_channel(ROWS)
    assert times["MMM"] == pytest.approx({"tv": 44 / 50, "search": 36 / 30})
    assert times["last touch"] == pytest.approx({"tv": 0.0, "search": 160 / 30})


def test_tables_have_a_row_a_method_and_a_column_a_channel() -> None:
    methods, channels = attribution.tables(ROWS)
    assert [row[0] for row in methods.rows] == [row[0] for row in channels.rows] == ["MMM", "last touch"]
    assert channels.columns == ("method", "tv", "search")
    assert channels.rows[1][1:] == ["0.00", "5.33"]
