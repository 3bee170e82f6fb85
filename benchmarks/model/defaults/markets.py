"""The study's markets: six families of true forms, three lengths, three numbers of channels; the rest by chance."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from benchmarks.model import worlds
from benchmarks.model.curves import Curve, CurveForm, binomial, geometric, weibull
from benchmarks.model.mechanism import TrueChannel, TrueMarket, sized
from benchmarks.model.worlds import LEVEL, Setting
from mmm.arrays import FloatArray

LENGTHS = (104, 156, 208)
CHANNELS = (3, 5, 8)
#: Above all seeds of other studies, so that no market was seen before.
FIRST_SEED = 90_000


class Family(StrEnum):
    """What is true of every channel of a market."""

    HILL = "Hill, slope 0.8–2"
    UNIT_HILL = "Hill, slope 1"
    LOGISTIC = "logistic"
    EXPONENTIAL = "exponential"
    DELAYED = "delayed carryover"
    MIXED = "each channel its own"


@dataclass(frozen=True)
class Design:
    """What is set, rather than drawn, of a market; all from its number, so that blocks of 18 are balanced."""

    number: int

    @property
    def family(self) -> Family:
        return tuple(Family)[self.number % 6]

    @property
    def n_weeks(self) -> int:
        return LENGTHS[(self.number // 6) % 3]

    @property
    def n_channels(self) -> int:
        return CHANNELS[(self.number + self.number // 6 + self.number // 18) % 3]

    @property
    def wanders(self) -> bool:
        """Whether a slow demand that nobody records moves the baseline."""
        return (self.number // 6 + 2 * self.number + self.number // 18) % 3 == 0

    @property
    def persistent_noise(self) -> bool:
        return (self.number // 6 + self.number % 6 // 2 + 2 * (self.number // 18)) % 3 == 1


@dataclass(frozen=True, eq=False)
class StudyMarket:
    """A market of the study and what it was drawn with."""

    design: Design
    market: TrueMarket
    r2: float
    noise_persistence: float


def study_market(number: int) -> StudyMarket:
    """Draw a market by its number."""
    design = Design(number)
    rng = np.random.default_rng([FIRST_SEED, number])
    setting = Setting.draw(rng, design.n_weeks)
    price = worlds.steps(rng, design.n_weeks)
    base = worlds.baseline(rng, setting, price)
    if design.wanders:
        base = base + worlds.wander(rng, design.n_weeks, float(rng.uniform(0.015, 0.04)))
    shares = rng.dirichlet(np.full(design.n_channels, 4.0)) * rng.uniform(0.06, 0.18)
    channels = tuple(
        _channel(rng, f"channel_{i + 1}", float(share) * LEVEL, setting, design.family)
        for i, share in enumerate(shares)
    )
    quiet = TrueMarket(channels, base, {"price": price})
    r2 = float(rng.uniform(0.8, 0.97))
    persistence = float(rng.uniform(0.3, 0.6)) if design.persistent_noise else 0.0
    return StudyMarket(design, worlds.with_noise(rng, quiet, r2, persistence=persistence), r2, persistence)


def _channel(rng: np.random.Generator, name: str, weekly: float, setting: Setting, family: Family) -> TrueChannel:
    pattern = rng.choice([0, 0, 1, 2])
    spend = worlds.draw_spend(rng, (worlds.bursts, worlds.always_on, worlds.seasonal)[pattern](rng, weekly), setting)
    channel = TrueChannel(name, spend, _lags(rng, family), _curve(rng, family, spend))
    return sized(channel, worlds.roas_of(rng))


def _lags(rng: np.random.Generator, family: Family) -> FloatArray:
    delayed = family is Family.DELAYED or (family is Family.MIXED and rng.random() < 0.4)
    if not delayed:
        return geometric(float(rng.uniform(0.1, 0.8)))
    if rng.random() < 0.5:
        return weibull(float(rng.uniform(1.2, 2.5)), float(rng.uniform(1.5, 4.0)))
    return binomial(float(rng.uniform(0.15, 0.35)), int(rng.integers(5, 9)))


def _curve(rng: np.random.Generator, family: Family, spend: FloatArray) -> Curve:
    half = float(np.clip(rng.lognormal(np.log(1.2), 0.5), 0.4, 4.0))
    form, slope = CurveForm.HILL, 1.0
    if family is Family.LOGISTIC:
        form = CurveForm.LOGISTIC
    elif family is Family.EXPONENTIAL:
        form = CurveForm.EXPONENTIAL
    elif family is Family.HILL:
        slope = float(rng.uniform(0.8, 2.0))
    elif family is Family.DELAYED:
        slope = float(rng.uniform(0.8, 1.5))
    elif family is Family.MIXED:
        form = list(CurveForm)[rng.integers(3)]
        slope = float(rng.uniform(0.8, 2.0)) if form is CurveForm.HILL else 1.0
    return worlds.curve_of(form, spend, half, slope)
