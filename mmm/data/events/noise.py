"""Noise by OpenDP: how much of it, what it costs, and the noisy figures; it is never seeded.

The unit that is protected is everything one person did in one week (one period). A person counts in at most C cells of
a period, so that a tally whose cell holds at most b of a person has the L1 sensitivity C·b and the L2 sensitivity
√C·b; Laplace noise of scale C·b/ε costs ε, discrete Gaussian noise of scale σ costs ρ = C·b²/(2σ²) of zero-concentrated
differential privacy (Dwork and Roth, *The Algorithmic Foundations of Differential Privacy*, 2014; Bun and Steinke 2016;
Canonne, Kamath and Steinke 2020, whose samplers OpenDP uses). What exists at all is released as a map of cells to noisy
people above a threshold (Rogers 2023). Scales and costs are OpenDP's own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mmm.data.events.spec import Keys, Mechanism, PrivacySpec
from mmm.exceptions import SpecError

_UNIT = 1.0


@dataclass(frozen=True)
class Budget:
    """What a release costs a person, in one period and in several.

    Attributes
    ----------
    epsilon, delta : float
        Of pure or approximate differential privacy, of one period.
    rho : float
        Of zero-concentrated differential privacy, of one period; nil without Gaussian noise.
    gaussian_delta : float
        The chance at which ``rho`` is told as an epsilon.
    """

    epsilon: float
    delta: float
    rho: float
    gaussian_delta: float

    def over(self, periods: int) -> tuple[float, float]:
        """Return (epsilon, delta) of a person who is in so many periods.

        Epsilon and delta of the Laplace part add up; rho adds up before it is told as an epsilon, which is less.
        """
        if periods == 0:
            return 0.0, 0.0
        epsilon, delta = self.epsilon * periods, self.delta * periods
        if self.rho > 0:
            epsilon += epsilon_of_rho(self.rho * periods, self.gaussian_delta)
            delta += self.gaussian_delta
        return epsilon, delta


def opendp() -> Any:
    """Return OpenDP's prelude.

    Raises
    ------
    SpecError
        The extra is not installed.
    """
    try:
        import opendp.prelude as dp  # noqa: PLC0415
    except ImportError:
        missing = True
    else:
        missing = False
    if missing:
        raise SpecError(
            "differential privacy needs OpenDP, which is not installed",
            where="events.privacy",
            do="Install it with: pip install 'mixwise[privacy]'.",
        )
    dp.enable_features("contrib")
    return dp


def _gaussian(dp: Any, scale: float) -> Any:
    return dp.m.make_gaussian(dp.vector_domain(dp.atom_domain(T="i64")), dp.l2_distance(T="f64"), scale=scale)


def epsilon_of_rho(rho: float, delta: float) -> float:
    """Return the epsilon that a zero-concentrated budget is worth at a delta, by OpenDP's conversion."""
    dp = opendp()
    measured = dp.c.make_zCDP_to_approxDP(_gaussian(dp, 1.0 / math.sqrt(2.0 * rho)))
    return float(measured.map(_UNIT).epsilon(delta))


def _rho_of_epsilon(epsilon: float, delta: float) -> float:
    """Return the largest rho whose epsilon at a delta is within a budget."""
    low, high = 0.0, epsilon * epsilon + epsilon
    for _ in range(40):
        middle = (low + high) / 2
        if epsilon_of_rho(middle, delta) <= epsilon:
            low = middle
        else:
            high = middle
    return low


@dataclass(frozen=True)
class Noise:
    """How the figures of a log are made noisy.

    Attributes
    ----------
    privacy : PrivacySpec
    bounds : tuple of int
        Of each measure: the most that a cell holds of a person (sums in hundredths).
    people_scale : float
        Scale of the Laplace noise on people, by which cells are chosen.
    threshold : int
        Noisy people from which on a cell is told.
    scales : tuple of float
        Of each measure.
    budget : Budget
        Of one period.
    """

    privacy: PrivacySpec
    bounds: tuple[int, ...]
    people_scale: float
    threshold: int
    scales: tuple[float, ...]
    budget: Budget

    @classmethod
    def calibrate(cls, privacy: PrivacySpec, bounds: Sequence[int], minimum: int) -> Noise:
        """Divide the budget of a period: equal parts for the choice of cells and for every measure.

        The threshold is so far above ``minimum`` that a cell of fewer people is told with a chance of less than delta.
        """
        dp = opendp()
        share = privacy.epsilon / (len(bounds) + 1)
        gaussian = privacy.mechanism is Mechanism.GAUSSIAN
        delta = privacy.delta / 2 if gaussian and privacy.keys is Keys.THRESHOLD else privacy.delta
        vector = dp.vector_domain(dp.atom_domain(T="i64"))

        def laplace(scale: float) -> Any:
            return dp.m.make_laplace(vector, dp.l1_distance(T="i64"), scale=scale)

        def scale_for(make: Callable[[float], Any], reach: float, cost: float) -> float:
            return float(dp.binary_search_param(make, d_in=reach, d_out=cost, T=float))

        people_scale = scale_for(laplace, privacy.cells, share)
        # OpenDP's threshold hides cells of a single person; that of the minimum lies as much higher.
        threshold = _threshold(dp, privacy.cells, people_scale, delta)
        spent, delta_spent = threshold_of(dp, people_scale, threshold).map((privacy.cells, privacy.cells, 1))
        if privacy.keys is Keys.DECLARED:
            delta_spent = 0.0
        rho = 0.0
        if gaussian and bounds:
            rho = _rho_of_epsilon(share * len(bounds), delta)
            reaches = [math.sqrt(privacy.cells) * bound for bound in bounds]
            scales = [scale_for(lambda s: _gaussian(dp, s), reach, rho / len(bounds)) for reach in reaches]
            costs = [float(_gaussian(dp, s).map(reach)) for s, reach in zip(scales, reaches, strict=True)]
            budget = Budget(float(spent), float(delta_spent), sum(costs), delta)
        else:
            totals = [privacy.cells * bound for bound in bounds]
            scales = [scale_for(laplace, total, share) for total in totals]
            costs = [float(laplace(s).map(total)) for s, total in zip(scales, totals, strict=True)]
            budget = Budget(float(spent) + sum(costs), float(delta_spent), 0.0, 0.0)
        return cls(privacy, tuple(bounds), people_scale, threshold + minimum - 1, tuple(scales), budget)

    def people(self, counts: Mapping[str, int]) -> dict[str, int]:
        """Return the cells that are told, with noisy people; without a threshold the cells are those given."""
        dp = opendp()
        if not counts:
            return {}
        if self.privacy.keys is Keys.THRESHOLD:
            noisy = threshold_of(dp, self.people_scale, self.threshold)(dict(counts))
            return {str(key): int(value) for key, value in noisy.items()}
        names = sorted(counts)
        noisy = self._vector(dp, self.people_scale, [counts[name] for name in names], gaussian=False)
        return {name: n for name, n in zip(names, noisy, strict=True) if n >= self.threshold}

    def figures(self, measure: int, values: Sequence[int]) -> list[int]:
        """Return the noisy figures of one measure in the cells that are told."""
        gaussian = self.privacy.mechanism is Mechanism.GAUSSIAN
        return self._vector(opendp(), self.scales[measure], values, gaussian=gaussian)

    @staticmethod
    def _vector(dp: Any, scale: float, values: Sequence[int], *, gaussian: bool) -> list[int]:
        if not values:
            return []
        vector = dp.vector_domain(dp.atom_domain(T="i64"))
        made = _gaussian(dp, scale) if gaussian else dp.m.make_laplace(vector, dp.l1_distance(T="i64"), scale=scale)
        return [int(value) for value in made(list(values))]


def threshold_of(dp: Any, scale: float, threshold: int) -> Any:
    """Return OpenDP's release of a map of counts above a threshold."""
    domain = dp.map_domain(dp.atom_domain(T="String"), dp.atom_domain(T="i64"))
    metric = dp.l01inf_distance(dp.absolute_distance(T="i64"))
    return dp.m.make_laplace_threshold(domain, metric, scale=scale, threshold=threshold)


def _threshold(dp: Any, cells: int, scale: float, delta: float) -> int:
    """Return the smallest threshold at which a cell of one person is told with a chance of at most delta."""
    low, high = 1, 2 + math.ceil(1 + scale * (math.log(cells / delta) + 2))
    while low < high:
        middle = (low + high) // 2
        if threshold_of(dp, scale, middle).map((cells, cells, 1))[1] <= delta:
            high = middle
        else:
            low = middle + 1
    return low
