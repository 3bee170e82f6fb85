"""The distributions that a prior may be stated by: a closed list, by PyMC's names and parameters.

Nothing is looked up by a name that is not in the list, so no file can name code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

import numpy as np

from mmm.arrays import FloatArray
from mmm.reporting.numbers import significant


class Parameter(StrEnum):
    """What a distribution may be stated of."""

    ROAS = "roas"
    MROAS = "mroas"
    SHARE = "share"
    CARRYOVER = "carryover"
    HALF_SATURATION = "half_saturation"
    SLOPE = "slope"


class DistributionName(StrEnum):
    """A distribution that may be stated, under PyMC's name."""

    LOG_NORMAL = "LogNormal"
    GAMMA = "Gamma"
    INVERSE_GAMMA = "InverseGamma"
    EXPONENTIAL = "Exponential"
    HALF_NORMAL = "HalfNormal"
    HALF_STUDENT_T = "HalfStudentT"
    TRUNCATED_NORMAL = "TruncatedNormal"
    UNIFORM = "Uniform"
    TRIANGULAR = "Triangular"
    WEIBULL = "Weibull"
    BETA = "Beta"
    LOGIT_NORMAL = "LogitNormal"


#: Names of all parameters of all distributions in the list.
PARAMETERS = ("alpha", "beta", "mu", "sigma", "nu", "lam", "lower", "upper", "c")
#: Parameters that may be any number; all others are above zero.
_FREE = frozenset({"mu", "lower", "upper", "c"})
_Values = Mapping[str, float]


class _Frozen(Protocol):
    def ppf(self, level: Any) -> Any: ...
    def logpdf(self, x: Any) -> Any: ...


@dataclass(frozen=True)
class _Folded:
    """The absolute value of a distribution that is symmetric around zero."""

    base: _Frozen

    def ppf(self, level: Any) -> Any:
        return self.base.ppf(0.5 + 0.5 * np.asarray(level))

    def logpdf(self, x: Any) -> Any:
        return np.where(np.asarray(x) < 0, -np.inf, np.log(2.0) + self.base.logpdf(x))


@dataclass(frozen=True)
class _Logistic:
    """The logistic function of a normal variable."""

    base: _Frozen

    def ppf(self, level: Any) -> Any:
        return 1.0 / (1.0 + np.exp(-self.base.ppf(level)))

    def logpdf(self, x: Any) -> Any:
        inside = (np.asarray(x) > 0) & (np.asarray(x) < 1)
        safe = np.where(inside, x, 0.5)
        density = self.base.logpdf(np.log(safe / (1.0 - safe))) - np.log(safe) - np.log1p(-safe)
        return np.where(inside, density, -np.inf)


def _gamma(s: Any, v: _Values) -> Any:
    if "mu" in v:
        return s.gamma((v["mu"] / v["sigma"]) ** 2, scale=v["sigma"] ** 2 / v["mu"])
    return s.gamma(v["alpha"], scale=1.0 / v["beta"])


def _truncated(s: Any, v: _Values) -> Any:
    low, high = ((v[end] - v["mu"]) / v["sigma"] if end in v else np.inf for end in ("lower", "upper"))
    return s.truncnorm(low, high, loc=v["mu"], scale=v["sigma"])


def _triangular(s: Any, v: _Values) -> Any:
    width = v["upper"] - v["lower"]
    return s.triang((v["c"] - v["lower"]) / width, loc=v["lower"], scale=width)


@dataclass(frozen=True)
class _Family:
    """Which parameters a distribution takes (one set or another), and its scipy form."""

    parameters: tuple[tuple[str, ...], ...]
    frozen: Callable[[Any, _Values], _Frozen]
    optional: Mapping[str, float | None] = field(default_factory=dict)
    below_one: bool = False


_SHAPE_RATE = (("alpha", "beta"),)
_FAMILIES: Mapping[DistributionName, _Family] = {
    DistributionName.LOG_NORMAL: _Family((("mu", "sigma"),), lambda s, v: s.lognorm(v["sigma"], scale=np.exp(v["mu"]))),
    DistributionName.GAMMA: _Family((*_SHAPE_RATE, ("mu", "sigma")), _gamma),
    DistributionName.INVERSE_GAMMA: _Family(_SHAPE_RATE, lambda s, v: s.invgamma(v["alpha"], scale=v["beta"])),
    DistributionName.EXPONENTIAL: _Family((("lam",),), lambda s, v: s.expon(scale=1.0 / v["lam"])),
    DistributionName.HALF_NORMAL: _Family((("sigma",),), lambda s, v: s.halfnorm(scale=v["sigma"])),
    DistributionName.HALF_STUDENT_T: _Family((("nu", "sigma"),), lambda s, v: _Folded(s.t(v["nu"], scale=v["sigma"]))),
    DistributionName.TRUNCATED_NORMAL: _Family((("mu", "sigma"),), _truncated, optional={"lower": 0.0, "upper": None}),
    DistributionName.UNIFORM: _Family(
        (("lower", "upper"),), lambda s, v: s.uniform(v["lower"], v["upper"] - v["lower"])
    ),
    DistributionName.TRIANGULAR: _Family((("lower", "c", "upper"),), _triangular),
    DistributionName.WEIBULL: _Family(_SHAPE_RATE, lambda s, v: s.weibull_min(v["alpha"], scale=v["beta"])),
    DistributionName.BETA: _Family(_SHAPE_RATE, lambda s, v: s.beta(v["alpha"], v["beta"]), below_one=True),
    DistributionName.LOGIT_NORMAL: _Family(
        (("mu", "sigma"),), lambda s, v: _Logistic(s.norm(v["mu"], v["sigma"])), below_one=True
    ),
}


def _check(name: DistributionName, values: _Values) -> dict[str, float]:
    """Return the parameters with defaults; raise ValueError with a sentence for what is missing or impossible."""
    family = _FAMILIES[name]
    optional = dict(family.optional)
    sets = " or ".join(" and ".join(f"'{key}'" for key in names) for names in family.parameters)
    if not any(set(names) == set(values) - set(optional) for names in family.parameters):
        also = f" (and, if wanted, {' and '.join(repr(key) for key in optional)})" if optional else ""
        raise ValueError(f"the distribution {name} takes {sets}{also}")
    complete = {key: value for key, value in optional.items() if value is not None} | {
        key: float(value) for key, value in values.items()
    }
    for key, value in complete.items():
        if not np.isfinite(value) or (
            value <= 0 and (key not in _FREE or (name, key) == (DistributionName.GAMMA, "mu"))
        ):
            raise ValueError(f"'{key}' of the distribution {name} must be above 0")
    low, high = complete.get("lower", 0.0), complete.get("upper", np.inf)
    if low < 0 or high <= low:
        raise ValueError(f"the distribution {name} needs 'lower' of 0 or more, and 'upper' above 'lower'")
    if not low <= complete.get("c", low) <= high:
        raise ValueError(f"the peak 'c' of the distribution {name} lies between 'lower' and 'upper'")
    return complete


@dataclass(frozen=True)
class Distribution:
    """A distribution from the list with its parameters; make it with :meth:`of`.

    Attributes
    ----------
    name : DistributionName
    parameters : tuple of (str, float)
        In PyMC's names, sorted, defaults filled in.
    """

    name: DistributionName
    parameters: tuple[tuple[str, float], ...]

    @classmethod
    def of(cls, name: DistributionName | str, **parameters: float) -> Distribution:
        """Make a distribution.

        Raises
        ------
        ValueError
            The name is not in the list, a parameter is missing or unknown, or a value is impossible.
        """
        known = DistributionName(name)
        return cls(known, tuple(sorted(_check(known, parameters).items())))

    @property
    def support(self) -> tuple[float, float]:
        """The least and the greatest value."""
        values = dict(self.parameters)
        return values.get("lower", 0.0), values.get("upper", 1.0 if _FAMILIES[self.name].below_one else np.inf)

    @property
    def below_one(self) -> bool:
        """Whether every value is a share, between 0 and 1."""
        return self.support[1] <= 1.0

    @property
    def only_shares(self) -> bool:
        """Whether it is one of those that are made for shares."""
        return _FAMILIES[self.name].below_one

    def _scipy(self) -> _Frozen:
        from scipy import stats  # noqa: PLC0415  (a second to import; `check` reads the spec too)

        return _FAMILIES[self.name].frozen(stats, dict(self.parameters))

    def quantile(self, level: float | FloatArray) -> FloatArray:
        """Return the value that a share ``level`` of the probability lies below; arrays elementwise."""
        return np.asarray(self._scipy().ppf(level), dtype=np.float64)

    def logpdf(self, x: float | FloatArray) -> FloatArray:
        """Return the log-density, minus infinity outside the support; arrays elementwise."""
        return np.asarray(self._scipy().logpdf(x), dtype=np.float64)

    def draw(self, rng: np.random.Generator, size: int) -> FloatArray:
        """Return independent draws, (size,)."""
        return self.quantile(rng.uniform(size=size))

    def log_moments(self) -> tuple[float, float]:
        """Return mean and sd of the log-normal with the same median and 95 % quantile: for words, not for fits."""
        median, high = self.quantile(np.array([0.5, 0.95]))
        return float(np.log(median)), float(np.log(high / median) / 1.6448536269514722)

    def to_pymc(self, name: str, dims: str | tuple[str, ...] | None = None) -> Any:
        """Make the variable inside a PyMC model's context."""
        import pymc as pm  # noqa: PLC0415

        makers = {
            DistributionName.LOG_NORMAL: pm.LogNormal,
            DistributionName.GAMMA: pm.Gamma,
            DistributionName.INVERSE_GAMMA: pm.InverseGamma,
            DistributionName.EXPONENTIAL: pm.Exponential,
            DistributionName.HALF_NORMAL: pm.HalfNormal,
            DistributionName.HALF_STUDENT_T: pm.HalfStudentT,
            DistributionName.TRUNCATED_NORMAL: pm.TruncatedNormal,
            DistributionName.UNIFORM: pm.Uniform,
            DistributionName.TRIANGULAR: pm.Triangular,
            DistributionName.WEIBULL: pm.Weibull,
            DistributionName.BETA: pm.Beta,
            DistributionName.LOGIT_NORMAL: pm.LogitNormal,
        }
        # As arrays: a bare 0.5 would be taken as a single-precision constant.
        parameters = {key: np.asarray(value, dtype=np.float64) for key, value in self.parameters}
        return makers[self.name](name, dims=dims, **parameters)

    def __str__(self) -> str:
        return f"{self.name}({', '.join(f'{key} = {significant(value)}' for key, value in self.parameters)})"
