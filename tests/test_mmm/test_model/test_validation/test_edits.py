"""Changed panels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mmm.data.panel import Panel
from mmm.model.spec import ModelSpec, SaturationForm
from mmm.model.validation.edits import first_weeks, with_channel, with_control
from mmm.model.validation.placebo import ALIKE, shuffled_weeks


def test_what_carries_nothing_in_a_shorter_history_goes(panel: Panel, spec: ModelSpec) -> None:
    spend = panel.spend.copy()
    spend[1, :, :90] = 0.0
    controls = panel.controls.copy()
    controls[:, :, :90] = 5.0
    late = replace(panel, spend=spend, exposure=spend, controls=controls)
    short = first_weeks(late, 80)
    assert (short.channels, short.organic_names, short.control_names) == (("tv",), ("letters",), ())
    np.testing.assert_array_equal(short.spend[0], panel.spend[0, :, :80])
    assert spec.for_panel(short).media == ("tv", "letters")
    assert first_weeks(late, 95).channels == ("tv", "search")


def test_a_channel_is_added_like_another(panel: Panel, spec: ModelSpec) -> None:
    formed = spec.model_copy(update={"saturation": {"tv": SaturationForm.LOGISTIC}})
    half = panel.spend[0] / 2
    wider, longer, name = with_channel(formed, panel, "tv", half, 3 * half)
    assert longer.channels == (*panel.channels, name)
    assert tuple(wider.channels) == longer.channels
    assert wider.form(name) is SaturationForm.LOGISTIC
    np.testing.assert_array_equal(longer.spend[-1], half)
    np.testing.assert_array_equal(longer.exposure[-1], 3 * half)
    assert with_channel(wider, longer, "tv", half, half)[2] != name


def test_a_control_is_added(panel: Panel, spec: ModelSpec) -> None:
    wider, longer = with_control(spec, panel, "price", panel.outcome)
    assert longer.control_names == wider.controls == ("price", "price'")
    np.testing.assert_array_equal(longer.controls[-1], panel.outcome)


def test_shuffled_weeks_keep_flights_and_look_like_no_channel(panel: Panel) -> None:
    spend = panel.spend.sum(axis=1)
    for seed in range(5):
        order = shuffled_weeks(spend, 0, np.random.default_rng(seed))
        assert sorted(order) == list(range(panel.n_weeks))
        assert (np.diff(order) == 1).mean() > 0.7
        for other in spend:
            assert abs(np.corrcoef(spend[0][order], other)[0, 1]) <= ALIKE
