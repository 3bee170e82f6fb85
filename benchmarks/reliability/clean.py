"""Markets in which every assumption of the model holds: geometric carryover, Hill with slope 1, white normal noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.model import worlds
from benchmarks.model.curves import CurveForm, geometric
from benchmarks.model.mechanism import TrueChannel, TrueMarket, sized
from benchmarks.model.worlds import LEVEL, Setting
from mmm.arrays import FloatArray


@dataclass(frozen=True)
class Truth:
    """A channel's true parameters; ``half`` in its mean weeks on air."""

    roas: float
    retention: float
    half: float
    slope: float = 1.0


@dataclass(frozen=True, eq=False)
class Draft:
    """A market before its noise: stress worlds change one thing of it."""

    setting: Setting
    price: FloatArray
    base: FloatArray
    channels: tuple[TrueChannel, ...]
    rng: np.random.Generator

    def market(self, r2: float, *, persistence: float = 0.0, heavy: float | None = None) -> TrueMarket:
        """Return the market with noise."""
        quiet = TrueMarket(self.channels, self.base, {"price": self.price})
        return worlds.with_noise(self.rng, quiet, r2, persistence=persistence, heavy=heavy)


def draft(
    seed: int,
    *,
    weeks: int = 156,
    channels: int = 4,
    share: float = 0.16,
    truths: Sequence[Truth] | None = None,
) -> Draft:
    """Draw a well-informed market: on/off spend, all assumptions true.

    Parameters
    ----------
    share : float
        All channels' typical spend as a share of the outcome without media.
    truths : one a channel, optional
        Default: ROAS about 1.5, retention 0.2–0.6, half-saturation 0.7–2.
    """
    rng = np.random.default_rng([seed, *b"clean"])
    setting = Setting.draw(rng, weeks)
    price = worlds.steps(rng, weeks)
    base = worlds.baseline(rng, setting, price)
    parts = rng.dirichlet(np.full(channels, 8.0)) * share * LEVEL
    true = truths or [_truth(rng) for _ in range(channels)]
    made = tuple(
        make_channel(rng, f"channel_{i + 1}", float(weekly), setting, one)
        for i, (weekly, one) in enumerate(zip(parts, true, strict=True))
    )
    return Draft(setting, price, base, made, rng)


def make_channel(rng: np.random.Generator, name: str, weekly: float, setting: Setting, truth: Truth) -> TrueChannel:
    """Draw a channel's on/off spend and give it its true effect."""
    spend = worlds.draw_spend(rng, worlds.bursts(rng, weekly, variation=0.5), setting)
    curve = worlds.curve_of(CurveForm.HILL, spend, truth.half, truth.slope)
    return sized(TrueChannel(name, spend, geometric(truth.retention), curve), truth.roas)


def _truth(rng: np.random.Generator) -> Truth:
    return Truth(
        roas=worlds.roas_of(rng, sigma=0.4), retention=float(rng.uniform(0.2, 0.6)), half=float(rng.uniform(0.7, 2.0))
    )


def clean_market(
    seed: int, *, weeks: int = 156, channels: int = 4, r2: float = 0.93, truths: Sequence[Truth] | None = None
) -> TrueMarket:
    """Draw a market in which the model is right."""
    return draft(seed, weeks=weeks, channels=channels, truths=truths).market(r2)
