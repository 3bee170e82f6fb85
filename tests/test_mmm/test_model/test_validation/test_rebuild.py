"""The panel comes back from the fit's folder as it was read."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np

from mmm.data.panel import Panel
from mmm.data.spec import ChannelSpec, Level
from mmm.model.fit import Fit
from mmm.model.validation import panel_of


def assert_same(one: Panel, other: Panel) -> None:
    for field in fields(Panel):
        left, right = getattr(one, field.name), getattr(other, field.name)
        if isinstance(left, np.ndarray):
            assert left.dtype == right.dtype, field.name
            np.testing.assert_array_equal(left, right, err_msg=field.name)
        else:
            assert left == right, field.name


def test_the_panel_comes_back(fit: Fit, panel: Panel, tmp_path: Path) -> None:
    assert_same(panel_of(fit), panel)
    fit.save(tmp_path / "run")
    assert_same(panel_of(Fit.load(tmp_path / "run")), panel)


def test_exposures_and_national_channels_are_known_from_the_spec(fit: Fit) -> None:
    channels = {"tv": ChannelSpec(spend="tv_spend", exposure="grps", level=Level.NATIONAL)}
    other = replace(fit, spec=fit.spec.model_copy(update={"channels": fit.spec.channels | channels}))
    found = panel_of(other)
    assert found.exposure_based.tolist() == [True, False]
    assert found.national_channels == ("tv",)
