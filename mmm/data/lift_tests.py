"""Experiments that were run inside the window: what was changed, where and when, and what it was found to do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm.exceptions import DataError


@dataclass(frozen=True)
class LiftTest:
    """One experiment: a holdout, a pulse or an on/off test.

    Attributes
    ----------
    name : str
    channel : str
    geos : tuple of str
        Where it ran; empty: everywhere.
    start, end : datetime64[D]
        First day of the first and of the last week in which spend was changed.
    measured_to : datetime64[D]
        First day of the last week that the lift counts; never before ``end``.
    spend_change : float
        Money spent because of the test, over all its geos and weeks: what was spent minus what would have been.
        Negative for a holdout.
    lift : float
        Outcome units because of the test, over its geos, from ``start`` to ``measured_to``; negative for sales lost.
    standard_error : float
        Of ``lift``.
    share : float
        Part of the market in which it ran, where the data are national and the test was not; 1 otherwise.
    """

    name: str
    channel: str
    geos: tuple[str, ...]
    start: np.datetime64
    end: np.datetime64
    measured_to: np.datetime64
    spend_change: float
    lift: float
    standard_error: float
    share: float = 1.0

    def __post_init__(self) -> None:
        for name, wrong in (
            ("spend_change", not (np.isfinite(self.spend_change) and self.spend_change != 0)),
            ("lift", not np.isfinite(self.lift)),
            ("standard_error", not (np.isfinite(self.standard_error) and self.standard_error > 0)),
        ):
            if wrong:
                raise DataError(
                    f"the lift test '{self.name}' has the {name.replace('_', ' ')} {getattr(self, name)}",
                    where=self.name,
                    do="A test changed spend, and its lift has a standard error above 0: correct or leave it out.",
                )
