"""Are ranks uniform? One question, for every figure that a calibration study ranks."""

from __future__ import annotations

from typing import Any

import numpy as np
from arviz_stats.base.array import array_stats as _untyped

from mmm.arrays import FloatArray, IntArray

array_stats: Any = _untyped


def ranks_to_pit(ranks: IntArray, draws: int, rng: np.random.Generator) -> FloatArray:
    """Spread ranks among ``draws`` posterior draws, 0 … draws, over (0, 1): exactly uniform where the ranks are."""
    return np.asarray((ranks + rng.random(np.shape(ranks))) / (draws + 1.0), dtype=np.float64)


def pot_c(pit: FloatArray) -> float:
    """Return the p-value of POT-C: pointwise order tests combined by the Cauchy combination.

    The i-th smallest of N uniform values is Beta(i, N + 1 − i); each has its two-sided p-value, and these, which depend
    on one another, are combined (Tesso & Vehtari 2026, "LOO-PIT predictive model checking"; ArviZ's implementation).
    """
    return float(array_stats.uniformity_test(np.asarray(pit, dtype=np.float64), method="pot_c")[0])
