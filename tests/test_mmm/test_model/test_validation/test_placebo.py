"""Placebo channels."""

from __future__ import annotations

import numpy as np
import pytest

from mmm.model.validation import placebo
from mmm.model.validation.base import Base
from mmm.model.validation.placebo import Placebo, Placebos
from mmm.model.validation.refits import Refitter


def test_a_placebo_gets_little_and_the_real_channel_stands_out(base: Base, refitter: Refitter) -> None:
    found = placebo.run(base, refitter)
    (made_up,) = found.placebos
    copied = base.fit.response.channels.index(made_up.like)
    assert made_up.spend_share == pytest.approx(base.reference.spend[copied] / base.reference.value)
    # tv made about 10 % of this outcome; the placebo has the size of a channel and did nothing.
    assert found.real["tv"].mean() > 0.08
    assert made_up.interval[2] < 0.05
    assert "tv" not in found.hidden


@pytest.mark.parametrize(
    ("lows", "highs", "severity"),
    [
        ((0.0, 0.0), (0.01, 0.015), "ok"),
        ((0.0, 0.005), (0.01, 0.04), "note"),
        ((0.0, 0.012), (0.01, 0.04), "warning"),
        ((0.03, 0.0), (0.05, 0.01), "error"),
    ],
)
def test_severity(lows: tuple[float, float], highs: tuple[float, float], severity: str) -> None:
    made_up = tuple(Placebo("tv", 0.05, np.linspace(low, high, 101)) for low, high in zip(lows, highs, strict=True))
    found = Placebos(made_up, {"tv": np.linspace(0.2, 0.3, 101), "search": np.linspace(0.0, 0.1, 101)})
    small, real = found.findings
    assert small.severity == severity
    assert real.severity == "note"
    assert real.where == "search"


def test_none_is_said() -> None:
    found = Placebos((), {"tv": np.ones(3)})
    assert [finding.severity for finding in found.findings] == ["note"]
    assert found.as_dict()["bar"] is None
