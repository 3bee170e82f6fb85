"""What caution costs: the mean of the uplift against its bad tail, the best plan for every mix of the two."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mmm.arrays import FloatArray
from optimizer.frontier import SLOW_LIMIT
from optimizer.problem import AllocationProblem
from optimizer.risk import CVaR, Mean, MeanCVaR
from optimizer.solve import allocate
from optimizer.solvers.oracle import draws_of


@dataclass(frozen=True, eq=False)
class RiskPoint:
    """The best plan for one mix of the mean and the bad tail.

    Attributes
    ----------
    weight : float
        Of the tail, 0 to 1.
    mean, tail : float
        Mean and CVaR of the uplift over the baseline, planning draws, in the objective's unit.
    held_mean, held_tail : float
        The same of the held-back draws.
    value, upper_bound : float
        Of the mix.
    plan : (U, T)
    """

    weight: float
    mean: float
    tail: float
    held_mean: float
    held_tail: float
    value: float
    upper_bound: float
    plan: FloatArray


@dataclass(frozen=True, eq=False)
class RiskFrontier:
    """What caution costs: the mean of the uplift against its bad tail.

    Attributes
    ----------
    level : float
        Share of draws in the tail.
    points : tuple of RiskPoint
        From the mean alone to the tail alone.
    seconds : float
    """

    level: float
    points: tuple[RiskPoint, ...]
    seconds: float


def risk_frontier(
    problem: AllocationProblem,
    level: float,
    weights: Sequence[float],
    *,
    gap: float = 1e-3,
    time_limit: float | None = SLOW_LIMIT,
) -> RiskFrontier:
    """Solve a problem for several mixes of the mean and the bad tail of the uplift.

    Parameters
    ----------
    problem : AllocationProblem
        Its own measure of risk is left aside.
    level : float
        Share of draws in the tail.
    weights : sequence of float
        Of the tail, 0 to 1.
    gap : float
        Relative, at every point.
    time_limit : float, optional
        Seconds a point.

    Raises
    ------
    InfeasibleError
        No plan satisfies every constraint.
    """
    started, points = time.perf_counter(), []
    plain = replace(problem, round_to=None, smooth=None)
    bases = [
        draws_of(response, problem.objective, problem.row_baseline) for response in (problem.horizon, problem.held_back)
    ]
    for weight in sorted({float(weight) for weight in weights}):
        mixed = replace(plain, risk=Mean() if weight == 0 else MeanCVaR(level, weight))
        found = allocate(mixed, gap=gap, time_limit=time_limit)
        near, held = (
            _mean_and_tail(draws_of(response, problem.objective, found.row_spend) - base, level)
            for response, base in zip((problem.horizon, problem.held_back), bases, strict=True)
        )
        points.append(RiskPoint(weight, *near, *held, found.value, found.upper_bound, found.row_spend))
    return RiskFrontier(level, tuple(points), time.perf_counter() - started)


def _mean_and_tail(uplift: FloatArray, level: float) -> tuple[float, float]:
    return float(uplift.mean()), CVaR(level).value(uplift, np.zeros(len(uplift), dtype=np.int64))
