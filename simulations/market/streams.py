"""Named random streams: each part of a market draws from its own, so adding a channel changes no other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm.arrays import FloatArray


@dataclass(frozen=True)
class Streams:
    """Independent generators of one seed, by name.

    Attributes
    ----------
    seed : int
        Not negative.
    """

    seed: int

    def __call__(self, name: str) -> np.random.Generator:
        """Return the generator of a part; the same seed and name give the same draws."""
        return np.random.default_rng([self.seed, *name.encode()])


def autoregressive(rng: np.random.Generator, weeks: int, sd: float, persistence: float) -> FloatArray:
    """Return a stationary first-order autoregression around 0, (weeks,), with standard deviation ``sd``."""
    steps = rng.standard_normal(weeks)
    series = np.empty(weeks)
    level = steps[0]
    shrink = np.sqrt(1.0 - persistence**2)
    for week in range(weeks):
        level = persistence * level + shrink * steps[week] if week else level
        series[week] = level
    return np.asarray(sd * series, dtype=np.float64)
