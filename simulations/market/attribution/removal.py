"""Removal effect: the share of purchases a Markov chain of touches loses when a channel leads nowhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csc_array, diags_array, eye_array
from scipy.sparse.linalg import spsolve

from mmm.arrays import FloatArray, IntArray
from simulations.market.attribution.paths import Paths


@dataclass(frozen=True, eq=False)
class Chain:
    """An absorbing Markov chain whose S transient states are the last touches of a journey.

    Attributes
    ----------
    channel : (S,)
        Channel of the state's latest touch.
    start : (S,)
        Chance that a journey starts in the state.
    onward : (S, S) sparse
        Chance to go from a state (row) to another.
    purchase : (S,)
        Chance to buy next.
    """

    channel: IntArray
    start: FloatArray
    onward: csc_array
    purchase: FloatArray

    def conversion(self, without: int | None = None) -> float:
        """Return the chance that a journey ends in a purchase, one channel leading nowhere if asked."""
        kept = np.flatnonzero(self.channel != without) if without is not None else np.arange(len(self.channel))
        if not len(kept):
            return 0.0
        onward = self.onward[kept][:, kept]
        chance = spsolve((eye_array(len(kept)) - onward).tocsc(), self.purchase[kept])
        return float(self.start[kept] @ np.atleast_1d(chance))


def chain_of(paths: Paths, order: int = 1) -> Chain:
    """Estimate the chain from counts of what followed what.

    Parameters
    ----------
    paths : Paths
    order : int
        Touches that a state remembers, 1 to 4.

    Raises
    ------
    ValueError
        ``order`` is not 1 to 4.
    """
    if not 1 <= order <= 4:
        raise ValueError("a chain remembers 1 to 4 touches")
    place = np.arange(len(paths.touches)) - paths.starts[paths.journey]
    code = np.zeros(len(paths.touches), dtype=np.int64)
    for back in range(order):
        earlier = np.where(place >= back, np.roll(paths.touches, back) + 1, 0)
        code += earlier * (len(paths.channels) + 1) ** back
    states, state = np.unique(code, return_inverse=True)
    count = len(states)
    first, last = paths.starts[:-1], paths.starts[1:] - 1
    follows = np.flatnonzero(place > 0)
    seen = np.bincount(state, minlength=count).astype(np.float64)
    pairs = coo_array((np.ones(len(follows)), (state[follows - 1], state[follows])), shape=(count, count))
    return Chain(
        channel=np.asarray(states % (len(paths.channels) + 1) - 1, dtype=np.int64),
        start=np.bincount(state[first], minlength=count) / len(first),
        onward=(diags_array(1.0 / seen) @ pairs.tocsc()).tocsc(),
        purchase=np.bincount(state[last], weights=paths.converted.astype(float), minlength=count) / seen,
    )


def removal_effects(paths: Paths, order: int = 1) -> FloatArray:
    """Return the share of purchases lost without each channel, (C,); the shares do not add up to 1.

    Notes
    -----
    With p(i) the chance of a purchase when every visit to channel i ends the journey, the effect is 1 - p(i) / p
    (Anderl, Becker, von Wangenheim & Schumann 2016, "Mapping the customer journey: Lessons learned from graph-based
    online attribution modeling").
    """
    if not paths.converted.any():
        return np.zeros(len(paths.channels))
    chain = chain_of(paths, order)
    base = chain.conversion()
    effects = [1.0 - chain.conversion(without) / base for without in range(len(paths.channels))]
    return np.asarray(np.maximum(effects, 0.0), dtype=np.float64)


def removal_credit(paths: Paths, order: int = 1) -> FloatArray:
    """Share all purchases with a touch out in proportion to the removal effects, (C,) money."""
    effects = removal_effects(paths, order)
    total = effects.sum()
    return np.asarray(effects * (paths.total / total if total > 0 else 0.0), dtype=np.float64)
