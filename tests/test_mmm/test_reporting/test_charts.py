"""Charts: names escaped, gaps kept, colours told apart."""

from __future__ import annotations

import numpy as np
import pytest

from mmm.reporting import charts
from mmm.reporting.legend import legend, shared_legend
from mmm.reporting.page import Chart
from mmm.reporting.palette import CYCLE, channel_colours, contrast, for_line, mix


def test_channels_keep_their_colour_and_differ() -> None:
    names = [f"c{i}" for i in range(27)]
    colours = channel_colours(names)
    assert len(set(colours.values())) == 27
    assert channel_colours(names[:5]) == {name: colours[name] for name in names[:5]}


def test_lines_stand_out_on_white() -> None:
    assert all(contrast(for_line(colour)) >= 3.0 for colour in CYCLE)
    assert for_line("#332288") == "#332288"
    assert contrast("#000000") == pytest.approx(21.0)
    assert mix("#000000", "#ffffff", 0.5) == "#808080"


def test_gaps_stay_gaps() -> None:
    figure = charts.line_chart(["a", "b", "c"], {"x": [1.0, np.nan, 3.0]}, unit="EUR")
    assert list(figure.data[0].y) == [1.0, None, 3.0]


def test_bars_keep_alike_names_apart_and_show_intervals() -> None:
    names = ["x" * 60, "x" * 61]
    figure = charts.bar_chart(names, {"a": charts.Bars([1.0, 2.0], [0.5, 1.0], [2.0, 4.0])}, unit="EUR", reference=1.0)
    assert len(set(figure.data[0].y)) == 2
    assert list(figure.data[0].error_x.array) == [1.0, 2.0]
    assert list(figure.data[0].error_x.arrayminus) == [0.5, 1.0]
    assert len(figure.layout.shapes) == 1


def test_week_ticks_are_first_days_of_weeks() -> None:
    weeks = np.datetime64("2027-01-04") + 7 * np.arange(13)
    figure = charts.stacked_weeks(weeks, {"tv": np.ones(13)}, unit="EUR")
    assert figure.layout.xaxis.tick0 == "2027-01-04"
    assert figure.layout.xaxis.dtick == 14 * 86_400_000
    assert list(figure.data[0].x)[1] == "2027-01-11"


def test_legend_has_one_entry_a_name_with_its_mark() -> None:
    mark = charts.Mark(1.0, 1.0, colour="#111111", hollow=True)
    band = charts.Band([0.0, 1.0], [0.0, 0.5], [0.0, 2.0], colour="#332288")
    figure = charts.response_curve_chart(
        [0.0, 1.0], band, unit="EUR", x_title="EUR", points={"now": mark}, observed=(0.0, 1.0)
    )
    marks = {entry.name: entry.mark for entry in legend(figure)}
    assert marks == {"observed range": "box", "response with 90% interval": "line", "now": "ring"}
    other = charts.response_curve_chart(
        [0.0, 1.0],
        charts.Band([0.0, 1.0], [0.0, 0.5], [0.0, 2.0], colour="#117733"),
        unit="EUR",
        x_title="EUR",
        points={"now": mark},
        observed=(0.0, 1.0),
    )
    assert len(shared_legend([Chart(figure, "", ""), Chart(other, "", "")])) == 3
    assert shared_legend([Chart(figure, "", ""), Chart(charts.new_figure(), "", "")]) == ()


def test_legend_marks_of_lines_dashes_and_bars() -> None:
    weeks = np.datetime64("2027-01-04") + 7 * np.arange(3)
    lines = charts.line_chart(weeks, {"a": np.ones(3), "b": np.ones(3)}, unit="EUR", dashed=("b",))
    assert [entry.mark for entry in legend(lines)] == ["line", "dash"]
    bars = charts.stacked_weeks(weeks, {"<tv>": np.ones(3)}, unit="EUR", line={"before": np.ones(3)})
    assert [(entry.name, entry.mark) for entry in legend(bars)] == [("<tv>", "box"), ("before", "dash")]


def test_small_multiples_have_a_row_each() -> None:
    band = charts.Band([1.0, 2.0], [0.5, 1.0], [2.0, 3.0])
    figure = charts.small_multiples([1, 2], {"a": [1.0, 2.0], "b": band, "c": [0.0, 1.0]}, unit="EUR")
    assert figure.layout.height == 40 + 3 * 96
    assert [note.text for note in figure.layout.annotations] == ["a", "b", "c"]
