"""Draws what markets are made of: spend, baselines, noise; every part from its own random stream."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.model.curves import Curve
from benchmarks.model.mechanism import FIRST_WEEK, HISTORY, WEEK, TrueChannel, TrueMarket
from mmm.arrays import FloatArray, WeekArray
from mmm.transforms.time_bases import fourier_columns
from simulations.market.patterns import AlwaysOn, Bursts, Climate, Pattern, Seasonal
from simulations.market.streams import autoregressive

#: Outcome of an average week without media, money.
LEVEL = 1_000_000.0


@dataclass(frozen=True, eq=False)
class Setting:
    """Weeks and season of a market, over history and window (N weeks)."""

    n_weeks: int
    weeks: WeekArray
    season: FloatArray

    @classmethod
    def draw(cls, rng: np.random.Generator, n_weeks: int, *, size: float = 0.08) -> Setting:
        """Draw a yearly season: two waves, the second about a third of the first."""
        weeks = FIRST_WEEK + WEEK * np.arange(-HISTORY, n_weeks)
        waves = rng.normal(0.0, np.array([size, size, size / 3, size / 3]))
        return cls(n_weeks, weeks, np.maximum(1.0 + fourier_columns(weeks, 2) @ waves, 0.3))

    def climate(self, demand: FloatArray | None = None) -> Climate:
        """Return what buyers of media see."""
        return Climate(self.weeks, self.season, self.season if demand is None else demand)


def bursts(rng: np.random.Generator, weekly: float, *, variation: float = 0.3) -> Pattern:
    """On and off air."""
    on, off = float(rng.uniform(2.5, 8.0)), float(rng.uniform(2.0, 7.0))
    return Bursts(pattern="bursts", weekly=weekly, weeks_on=on, weeks_off=off, variation=variation)


def always_on(rng: np.random.Generator, weekly: float) -> Pattern:
    """Every week, at a level that moves."""
    return AlwaysOn(
        pattern="always_on",
        weekly=weekly,
        variation=float(rng.uniform(0.3, 0.7)),
        persistence=float(rng.uniform(0.0, 0.6)),
    )


def seasonal(rng: np.random.Generator, weekly: float) -> Pattern:
    """Every week, leaning into the season."""
    power, variation = float(rng.uniform(1.0, 4.0)), float(rng.uniform(0.25, 0.5))
    return Seasonal(pattern="seasonal", weekly=weekly, power=power, variation=variation)


def draw_spend(
    rng: np.random.Generator, pattern: Pattern, setting: Setting, *, demand: FloatArray | None = None
) -> FloatArray:
    """Draw money by week, (N,); the window's last quarter is never dark, so that there is a plan to make."""
    for _ in range(100):
        spend = pattern.draw(rng, setting.climate(demand))
        if np.count_nonzero(spend[-13:]) >= 3 and np.count_nonzero(spend[HISTORY:]) >= 10:
            return spend
    raise ValueError("a hundred draws of this pattern have a dark last quarter")


def curve_of(form: object, spend: FloatArray, half: float, slope: float = 1.0) -> Curve:
    """Return a curve whose ``half`` is given in multiples of the window's mean week on air."""
    window = spend[HISTORY:]
    return Curve(form, half * float(window[window > 0].mean()), slope)  # type: ignore[arg-type]


def steps(rng: np.random.Generator, n_weeks: int) -> FloatArray:
    """Draw a price that changes now and then, (T,), around 100."""
    level = rng.normal(100.0, 3.0, n_weeks)
    changes = np.maximum.accumulate(np.where(rng.random(n_weeks) < 0.12, np.arange(n_weeks), 0))
    return np.round(level[changes], 2)


def baseline(
    rng: np.random.Generator, setting: Setting, price: FloatArray | None, *, growth: float = 0.04
) -> FloatArray:
    """Draw level, trend, season and the effect of a price on the window, (T,), outcome units."""
    years = (np.arange(setting.n_weeks) - setting.n_weeks / 2) / 52.18
    share = rng.normal(0.02, growth) * years + setting.season[HISTORY:]
    if price is not None:
        share = share - rng.uniform(0.003, 0.012) * (price - 100.0)
    return np.asarray(LEVEL * share)


def wander(rng: np.random.Generator, n_weeks: int, sd: float, *, persistence: float = 0.97) -> FloatArray:
    """Draw slow demand that nobody records, (T,), outcome units; ``sd`` as a share of the level."""
    return LEVEL * autoregressive(rng, n_weeks, sd, persistence)


def with_noise(
    rng: np.random.Generator, market: TrueMarket, r2: float, *, persistence: float = 0.0, heavy: float | None = None
) -> TrueMarket:
    """Add noise such that ``r2`` of the outcome's variance is not noise.

    Parameters
    ----------
    persistence : float
        Of a first-order autoregression.
    heavy : float, optional
        Degrees of freedom of Student's t (above 2) instead of normal noise; scaled to the same variance.
    """
    sd = float(market.outcome.std()) * np.sqrt((1.0 - r2) / r2)
    if heavy is None:
        noise = autoregressive(rng, market.n_weeks, sd, persistence)
    else:
        noise = sd * rng.standard_t(heavy, market.n_weeks) * np.sqrt((heavy - 2.0) / heavy)
    return TrueMarket(market.channels, market.base + noise, market.controls, sd, market.together)


def roas_of(rng: np.random.Generator, *, median: float = 1.5, sigma: float = 0.6) -> float:
    """Draw a true ROAS, log-normal, between 0.2 and 6."""
    return float(np.clip(rng.lognormal(np.log(median), sigma), 0.2, 6.0))


def channel(name: str, spend: FloatArray, lags: FloatArray, curve: Curve) -> TrueChannel:
    return TrueChannel(name, spend, lags, curve)
