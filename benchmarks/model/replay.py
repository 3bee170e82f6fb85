"""What a plan would truly earn in the weeks after a market's data, and the best plan there is (the oracle's)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.model.ascent import Limits, climb
from benchmarks.model.curves import LAGS
from benchmarks.model.mechanism import TrueChannel, TrueMarket
from mmm.arrays import FloatArray

#: Weeks that are planned; business as usual repeats the last of them.
HORIZON = 13
#: Each channel's total may leave business as usual by this share.
CHANGE = 0.3
#: No week above this multiple of the largest one observed (the optimiser's own rule).
OBSERVED = 1.5


@dataclass(frozen=True, eq=False)
class Replay:
    """The true value of plans: effects in horizon and tail, with the same history and the same spend after it.

    Attributes
    ----------
    channels : tuple of TrueChannel
    kernel : tuple of (H + A, H)
        Adstock that a unit of spend in each planned week leaves in each week.
    carry : tuple of (H + A,)
        Adstock from history and from the tail's own spend.
    baseline : (C, H)
    limits : Limits
    """

    channels: tuple[TrueChannel, ...]
    kernel: tuple[FloatArray, ...]
    carry: tuple[FloatArray, ...]
    baseline: FloatArray
    limits: Limits

    @classmethod
    def of(cls, market: TrueMarket) -> Replay:
        """Prepare a market whose channels add up."""
        if market.together is not None:
            raise ValueError("the channels of this market work together, and plans are replayed for sums only")
        baseline = market.spend[:, -HORIZON:]
        kernels, carries = [], []
        for channel, usual in zip(market.channels, baseline, strict=True):
            span = HORIZON + LAGS
            lag = np.arange(span)[:, None] - np.arange(HORIZON)
            kernels.append(np.where((lag >= 0) & (lag < LAGS), channel.lags[np.clip(lag, 0, LAGS - 1)], 0.0))
            tail = np.resize(usual, LAGS)
            whole = np.concatenate([channel.spend, np.zeros(HORIZON), tail])
            carries.append(np.convolve(whole, channel.lags)[len(channel.spend) : len(whole)])
        cap = OBSERVED * market.spend.max(axis=1)
        limits = Limits.around(baseline, CHANGE, cap)
        return cls(market.channels, tuple(kernels), tuple(carries), baseline, limits)

    def _total(self, plans: FloatArray) -> FloatArray:
        total = np.zeros(len(plans))
        for c, channel in enumerate(self.channels):
            stock = plans[:, c] @ self.kernel[c].T + self.carry[c]
            total += (np.asarray(channel.beta).ravel()[-1] * channel.curve.value(stock)).sum(axis=-1)
        return total

    def values(self, plans: FloatArray) -> FloatArray:
        """Return the true value of (K, C, H) plans over no spend in the horizon, (K,)."""
        return self._total(plans) - self._total(np.zeros((1, *self.baseline.shape)))

    def value(self, plan: FloatArray) -> float:
        """Return the true value of one plan, (C, H)."""
        return float(self.values(plan[None])[0])

    def gradient(self, plan: FloatArray) -> FloatArray:
        """Return the derivative of the value, (C, H)."""
        rows = []
        for c, channel in enumerate(self.channels):
            stock = self.kernel[c] @ plan[c] + self.carry[c]
            slope = np.asarray(channel.beta).ravel()[-1] * channel.curve.derivative(stock)
            rows.append(slope @ self.kernel[c])
        return np.stack(rows)

    def oracle(self, seed: int) -> FloatArray:
        """Return the best plan found from business as usual, even weeks and pulses, (C, H)."""
        rng = np.random.default_rng([seed, 7])
        starts = [self.baseline, self.limits.corner(np.zeros_like(self.baseline))]
        starts += [self.limits.corner(rng.random(self.baseline.shape)) for _ in range(2)]
        even = np.repeat(self.baseline.mean(axis=1, keepdims=True), HORIZON, axis=1)
        plan, _ = climb(self.values, self.gradient, self.limits, [even, *starts], iterations=150)
        return plan
