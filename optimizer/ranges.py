"""A minimum and a maximum, as several constraints have them: checked, moved and said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np

from mmm.exceptions import SpecError

#: Limits below this share of a typical spend are scaled as if they were that large.
SMALL = 1e-2


def check_range(least: float | None, most: float | None, where: str) -> None:
    """Refuse a range without a limit, with a negative one, or with its ends the wrong way round.

    Raises
    ------
    SpecError
    """
    if least is None and most is None:
        raise SpecError("neither a minimum nor a maximum is given", where=where, do="Give min, max or both.")
    for value in (least, most):
        if value is not None and not (np.isfinite(value) and value >= 0):
            raise SpecError(f"the limit {value} is not 0 or more", where=where, do="Correct the limit.")
    if least is not None and most is not None and least > most:
        raise SpecError(
            f"the minimum {least:,g} is above the maximum {most:,g}", where=where, do="Correct one of them."
        )


def widened(least: float | None, most: float | None, by: float) -> tuple[float | None, float | None] | None:
    """Move both ends outwards, never below 0; None where moving them inwards leaves nothing between."""
    low, high = (None if end is None else max(end + move, 0.0) for end, move in ((least, -by), (most, by)))
    return None if low is not None and high is not None and low > high else (low, high)


def spoken(day: np.datetime64) -> str:
    """Say a day: ``4 January 2027``."""
    found = date.fromisoformat(str(day.astype("datetime64[D]")))
    return f"{found.day} {found:%B %Y}"


def said(least: float | None, most: float | None, number: Callable[[float], str]) -> str:
    """Say a range: ``at least 1.5 and at most 3``."""
    parts = [] if least is None else [f"at least {number(least)}"]
    parts += [] if most is None else [f"at most {number(most)}"]
    return " and ".join(parts)
