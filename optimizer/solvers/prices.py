"""Shadow prices: what one unit of loosening a constraint adds to the best value."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mmm.arrays import FloatArray
from mmm.exceptions import InfeasibleError, SolverError
from mmm.response.horizon import Curvature
from optimizer.problem import AllocationProblem
from optimizer.solvers.conflicts import feasible_point
from optimizer.solvers.conic import ConicSet
from optimizer.solvers.oracle import Local, Oracle
from optimizer.solvers.solution import Goal
from optimizer.solvers.sqp import ascend

#: Re-solves move a limit by this share of its size.
MOVE = 0.01
#: Rows with less relative slack than this bind.
BINDS = 1e-5


@dataclass(frozen=True, eq=False)
class Price:
    """Price per unit of loosening, its kind, and its parts by channel where it is about several."""

    value: float
    kind: str
    by_channel: dict[str, float]


def dual_prices(
    problem: AllocationProblem, feasible: ConicSet, y: FloatArray, here: Local, kind: str = "dual"
) -> dict[str, Price]:
    """Return every constraint's price from the duals of the quadratic model at y.

    Exact for concave objectives at their optimum; a local figure elsewhere.
    """
    step = feasible.step(y, here.gradient, here.hessian)
    if not step.usable:
        return {}
    scale = float(np.abs(here.gradient).max(initial=0.0)) or 1.0
    duals, box = feasible.row_duals(step)
    plan = feasible.decision.spend(y)
    prices: dict[str, Price] = {}
    for name, limits in feasible.limits.items():
        total, parts = 0.0, dict[str, float]()
        for limit, dual in zip(limits, duals[name], strict=True):
            worth = scale * dual * limit.relax(plan)
            total += float(worth.sum())
            by_row = np.atleast_1d(worth) if limit.labels else ()
            for label, part in zip(limit.labels, by_row, strict=True):
                parts[label] = parts.get(label, 0.0) + float(np.sum(part))
        prices[name] = Price(total, kind, parts)
    name = list(problem.named)[-1]
    parts = _cap_parts(problem, feasible, scale * box)
    prices[name] = Price(sum(parts.values()), kind, parts)
    return prices


def _cap_parts(problem: AllocationProblem, feasible: ConicSet, box: FloatArray) -> dict[str, float]:
    """Price one percentage point of the largest observed week, by channel, from the duals of the box above."""
    cap = problem.cap
    is_cap = np.isfinite(cap)
    factor = feasible.decision.factor
    per_y = factor if feasible.decision.shares is None else factor.max(axis=1, keepdims=True)
    relax = np.where(is_cap[:, None], 0.01 * problem.row_max[:, None] / per_y, 0.0)
    return dict(zip(problem.rows, (box * relax).sum(axis=1).tolist(), strict=True))


def binding(problem: AllocationProblem, feasible: ConicSet, y: FloatArray) -> tuple[str, ...]:
    """Return the constraints that hold with equality at y and whose loosening changes something."""
    plan, names = feasible.decision.spend(y), []
    for name, limits in feasible.limits.items():
        if any(feasible.binds(y, limit, limit.relax(plan) != 0, BINDS) for limit in limits):
            names.append(name)
    cap = problem.cap[:, None]
    if (plan[np.isfinite(cap[:, 0])] >= cap[np.isfinite(cap[:, 0])] * (1 - BINDS)).any():
        names.append(list(problem.named)[-1])
    return tuple(names)


def resolved_prices(
    problem: AllocationProblem, oracle: Oracle, y: FloatArray, names: tuple[str, ...], goal: Goal
) -> dict[str, Price]:
    """Return prices from local re-solves with each limit moved by ±1 %, from the present plan.

    One-sided where a side is infeasible; constraints that time does not allow are left out.
    """
    prices: dict[str, Price] = {}
    clipped = replace(oracle, curvature=Curvature.CLIPPED)
    for name in names:
        if goal.late():
            break
        constraint = problem.named[name]
        move = MOVE * constraint.size(problem.frame_of(name))
        ends: dict[float, float] = {}
        for side in (-1.0, 1.0):
            moved = constraint.loosened(side * move)
            if moved is None:
                continue
            value = _value_of(problem.replacing(name, replace(moved, name=name)), clipped, y, goal)
            if value is not None:
                ends[side * move] = value
        if len(ends) == 1:
            ends[0.0] = oracle.value(y)
        if len(ends) >= 2:
            (low, at_low), (high, at_high) = sorted(ends.items())
            prices[name] = Price((at_high - at_low) / (high - low), "re-solved locally at ±1 %", {})
    return prices


def _value_of(problem: AllocationProblem, oracle: Oracle, y: FloatArray, goal: Goal) -> float | None:
    feasible = ConicSet(problem, oracle.decision)
    try:
        start = feasible_point(problem, feasible, y)
    except (InfeasibleError, SolverError):
        return None
    quiet = replace(goal, max_steps=20, progress=None)
    return ascend(oracle, feasible, start, quiet, support=None, phase="prices").value
