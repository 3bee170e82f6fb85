"""Lift tests as JSON, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mmm.data.lift_tests import LiftTest

_DAYS = ("start", "end", "measured_to")
_NUMBERS = ("spend_change", "lift", "standard_error", "share")


def lift_test_json(test: LiftTest) -> dict[str, Any]:
    """Return a lift test as a JSON object; days as ``YYYY-MM-DD``."""
    return {
        "name": test.name,
        "channel": test.channel,
        "geos": list(test.geos),
        **{day: str(getattr(test, day).astype("datetime64[D]")) for day in _DAYS},
        **{number: float(getattr(test, number)) for number in _NUMBERS},
    }


def read_lift_test(stored: Mapping[str, Any]) -> LiftTest:
    """Read what :func:`lift_test_json` made.

    Raises
    ------
    KeyError, TypeError, ValueError
        Something is missing or not what it should be.
    """
    return LiftTest(
        name=str(stored["name"]),
        channel=str(stored["channel"]),
        geos=tuple(str(geo) for geo in stored["geos"]),
        start=np.datetime64(stored["start"], "D"),
        end=np.datetime64(stored["end"], "D"),
        measured_to=np.datetime64(stored["measured_to"], "D"),
        **{number: float(stored[number]) for number in _NUMBERS},
    )
