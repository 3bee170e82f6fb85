"""The ways in which a person may write one prior: quantiles, a range, studies, or a distribution from the list."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from pydantic import Field, model_validator

from mmm.config import StrictModel
from mmm.model.distributions import PARAMETERS, Distribution, DistributionName
from mmm.model.studies import Z95, Study, pool, range_moments

_BARE = ("median", "q95", "low", "high", "studies", "distribution", *PARAMETERS)


def _quoted(names: tuple[str, ...]) -> str:
    return " and ".join(f"'{name}'" for name in names)


class Stated(StrictModel):
    """One prior, written in one of the ways that a subclass allows.

    Attributes
    ----------
    median, q95 : float
        50 % and 95 % quantile.
    low, high : float
        5 % and 95 % quantile: a 90 % range.
    studies : tuple of Study
        What past studies found (:mod:`mmm.model.studies`).
    distribution : DistributionName
        With its own parameters (:mod:`mmm.model.distributions`).
    alpha, beta, mu, sigma, nu, lam, lower, upper, c : float
        The distribution's; ``mu`` and ``sigma`` alone: mean and sd of the logarithm.
    """

    WAYS: ClassVar[tuple[tuple[str, ...], ...]] = ()

    median: float | None = Field(default=None, gt=0)
    q95: float | None = Field(default=None, gt=0)
    low: float | None = Field(default=None, gt=0)
    high: float | None = Field(default=None, gt=0)
    studies: tuple[Study, ...] | None = None
    distribution: DistributionName | None = None
    alpha: float | None = None
    beta: float | None = None
    mu: float | None = None
    sigma: float | None = Field(default=None, gt=0)
    nu: float | None = None
    lam: float | None = None
    lower: float | None = None
    upper: float | None = None
    c: float | None = None

    @model_validator(mode="before")
    @classmethod
    def _more_than_a_number(cls, value: Any) -> Any:
        if isinstance(value, (int, float, str, list)):
            raise ValueError("a prior is more than one number: write a range, such as {low: 1, high: 4}")  # noqa: TRY004
        return value

    @model_validator(mode="after")
    def _one_statement(self) -> Self:
        given = {name for name in _BARE if getattr(self, name) is not None}
        if self.distribution is not None:
            strange = sorted(given - {"distribution", *PARAMETERS})
            if strange:
                raise ValueError(f"'{strange[0]}' cannot stand beside 'distribution'")
            self.named()
            return self
        if self.studies == ():
            raise ValueError("'studies' is empty: list at least one study, or leave the prior out")
        if given not in [set(way) for way in self.WAYS]:
            ways = ", or ".join(_quoted(way) for way in self.WAYS)
            raise ValueError(f"a prior here is either {ways}, or 'distribution' with its parameters")
        for less, more in (("median", "q95"), ("low", "high")):
            if less in given and getattr(self, more) <= getattr(self, less):
                raise ValueError(f"'{more}' must be larger than '{less}'")
        return self

    def named(self) -> Distribution | None:
        """Return the distribution that was stated by name, or None."""
        if self.distribution is None:
            return None
        values = {name: getattr(self, name) for name in PARAMETERS}
        return Distribution.of(self.distribution, **{k: v for k, v in values.items() if v is not None})


class PositivePrior(Stated):
    """A log-normal prior by median and 95 % quantile, 90 % range, log moments or studies; or a named distribution."""

    WAYS = (("median", "q95"), ("low", "high"), ("mu", "sigma"), ("studies",))

    def log_moments(self) -> tuple[float, float]:
        """Return mean and standard deviation of the logarithm; of a :meth:`custom` prior those that come closest."""
        named = self.named()
        if named is not None:
            values = dict(named.parameters)
            return named.log_moments() if self.custom() else (values["mu"], values["sigma"])
        if self.median is not None and self.q95 is not None:
            return float(np.log(self.median)), float(np.log(self.q95 / self.median) / Z95)
        if self.low is not None and self.high is not None:
            return range_moments(self.low, self.high)
        if self.studies is not None:
            return pool(self.studies)
        if self.mu is None or self.sigma is None:
            raise ValueError("the prior is incomplete")
        return self.mu, self.sigma

    def custom(self) -> Distribution | None:
        """Return the distribution where the prior is not log-normal."""
        named = self.named()
        return None if named is None or named.name is DistributionName.LOG_NORMAL else named


class SharePrior(Stated):
    """A Beta prior of a share by median and 95 % quantile or 90 % range, all between 0 and 1; or a distribution."""

    WAYS = (("median", "q95"), ("low", "high"))

    @model_validator(mode="after")
    def _shares(self) -> Self:
        if (self.q95 or self.high or 0.0) >= 1.0:
            raise ValueError("a share lies between 0 and 1")
        named = self.named()
        if named is not None and not named.below_one:
            raise ValueError(
                f"a {named.name} can be above 1, and a share cannot: use Beta, LogitNormal, or one with an 'upper' of 1"
            )
        return self

    def beta_parameters(self) -> tuple[float, float]:
        """Return the Beta distribution's two parameters; of a :meth:`custom` prior those that come closest."""
        named = self.named()
        if named is not None and self.custom() is None:
            values = dict(named.parameters)
            return values["alpha"], values["beta"]
        if named is not None:
            median, q95 = named.quantile(np.array([0.5, 0.95]))
            return beta_with_quantiles(float(median), float(q95))
        if self.low is not None and self.high is not None:
            return beta_with_quantiles(self.low, self.high, levels=(0.05, 0.95))
        if self.median is None or self.q95 is None:
            raise ValueError("the prior is incomplete")
        return beta_with_quantiles(self.median, self.q95)

    def custom(self) -> Distribution | None:
        """Return the distribution where the prior is not a Beta."""
        named = self.named()
        return None if named is None or named.name is DistributionName.BETA else named


def beta_with_quantiles(lower: float, upper: float, levels: tuple[float, float] = (0.5, 0.95)) -> tuple[float, float]:
    """Return (a, b) of the Beta distribution with two given quantiles; by default the median and 95 %."""
    from scipy import optimize, stats  # noqa: PLC0415  (a second to import; `check` reads the spec too)

    wanted = np.array([lower, upper])

    def miss(logs: np.ndarray) -> np.ndarray:
        found = np.clip(stats.beta.ppf(levels, *np.exp(logs)), 1e-12, 1.0 - 1e-12)
        return np.asarray(np.log(found / (1.0 - found)) - np.log(wanted / (1.0 - wanted)))

    # Start from the Beta whose mean and sd a normal variable with these quantiles would have.
    z = np.asarray(stats.norm.ppf(levels))
    sd = (upper - lower) / (z[1] - z[0])
    mean = lower - z[0] * sd
    count = max(mean * (1.0 - mean) / sd**2 - 1.0, 0.1)
    start = np.log(np.clip([mean * count, (1.0 - mean) * count], 2e-2, 5e7))
    found = optimize.least_squares(miss, start, bounds=(np.log(1e-2), np.log(1e8)))
    a, b = np.exp(found.x)
    return float(a), float(b)


def beta_quantiles(a: float, b: float) -> tuple[float, float, float]:
    """Return the 5 %, 50 % and 95 % quantiles of a Beta distribution."""
    from scipy import stats  # noqa: PLC0415

    low, middle, high = (float(stats.beta.ppf(level, a, b)) for level in (0.05, 0.5, 0.95))
    return low, middle, high
