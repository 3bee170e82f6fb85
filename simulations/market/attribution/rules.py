"""Rules: a purchase is shared out by the place of a touch in its journey, whatever the touch did."""

from __future__ import annotations

import numpy as np

from mmm.arrays import FloatArray
from simulations.market.attribution.paths import Paths

#: What the first and the last touch get of a longer journey under the position rule, as web analytics tools have it.
_ENDS = 0.4


def first_touch(paths: Paths) -> FloatArray:
    """Credit the whole purchase to the journey's first touch, (C,) money."""
    weight = np.zeros(len(paths.touches))
    weight[paths.starts[:-1]] = 1.0
    return paths.credit(weight)


def last_touch(paths: Paths) -> FloatArray:
    """Credit the whole purchase to the journey's last touch, (C,) money."""
    weight = np.zeros(len(paths.touches))
    weight[paths.starts[1:] - 1] = 1.0
    return paths.credit(weight)


def linear(paths: Paths) -> FloatArray:
    """Credit every touch of a journey alike, (C,) money."""
    return paths.credit(1.0 / paths.lengths[paths.journey])


def position_based(paths: Paths) -> FloatArray:
    """Credit 40 % to the first touch, 40 % to the last and the rest to those between, (C,) money.

    A journey of two touches is halved; one of a single touch gives it all.
    """
    lengths = paths.lengths
    between = np.where(lengths > 2, (1.0 - 2.0 * _ENDS) / np.maximum(lengths - 2, 1), 0.0)
    end = np.where(lengths > 2, _ENDS, 0.5)
    weight = between[paths.journey]
    weight[paths.starts[:-1]] = end
    weight[paths.starts[1:] - 1] = end
    weight[paths.starts[:-1][lengths == 1]] = 1.0
    return paths.credit(weight)
