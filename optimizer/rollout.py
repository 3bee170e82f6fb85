r"""From today's plan to the best one in steps, each within a change limit.

Step k spends the horizon's weeks anew; every channel's total stays within a share of what it was in step k − 1, and
within that the plan is the best one:

.. math:: |X_c^{(k)} - X_c^{(k-1)}| \le \delta \max(X_c^{(k-1)}, \tfrac{1}{10} \bar X), \quad
          X_c = \sum_t x_{ct}, \; \bar X = \text{the mean channel's total today}

so that a channel that is dark today can begin. Step 0 is business as usual. Where the budget differs from today's
total, each step's total moves towards it as far as the limit lets all channels together.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from mmm.arrays import FloatArray
from mmm.exceptions import SpecError
from mmm.reporting.numbers import percent
from optimizer.allocation import Allocation
from optimizer.constraints_steps import WithinOf
from optimizer.inverse_words import figure
from optimizer.problem import AllocationProblem
from optimizer.solve import allocate
from optimizer.solvers.oracle import plan_value
from optimizer.solvers.sweep import the_budget, with_budget

#: A channel moves as if it spent at least this share of the mean channel's total.
DARK = 0.1
#: The steps beyond those asked for that are counted, not planned.
MOST_STEPS = 200


@dataclass(frozen=True, eq=False)
class RolloutStep:
    """One step.

    Attributes
    ----------
    number : int
        0: today.
    plan : (U, T)
        Money per week, in the problem's rows.
    totals : dict of str to float
        Money of each channel over the horizon.
    value, upper_bound : float
        Of the planning draws; the bound is on any plan within this step's limits.
    gained : float
        Value beyond the step before.
    share : float or None
        Of the way from today's value to the best one; None where there is no way to go.
    """

    number: int
    plan: FloatArray
    totals: dict[str, float]
    value: float
    upper_bound: float
    gained: float
    share: float | None


@dataclass(frozen=True, eq=False)
class Rollout:
    """Steps from today's plan towards the best one.

    Attributes
    ----------
    change : float
        The most that a channel's total may change in a step, relative.
    steps : tuple of RolloutStep
        Today first.
    reached : int or None
        The first step whose value is the best plan's, within the gap; None where none of these is.
    least_steps : int or None
        Steps in which the best plan's totals can be reached at that limit; None where a channel is to stop altogether,
        which shares of the last step never reach.
    says : str
    seconds : float
    """

    change: float
    steps: tuple[RolloutStep, ...]
    reached: int | None
    least_steps: int | None
    says: str
    seconds: float


def roll_out(
    problem: AllocationProblem,
    best: Allocation,
    *,
    steps: int,
    change: float,
    gap: float = 1e-3,
    time_limit: float | None = None,
) -> Rollout:
    """Plan the steps from business as usual towards the best plan.

    Parameters
    ----------
    problem : AllocationProblem
    best : Allocation
        Where the steps lead.
    steps : int
        How many to plan.
    change : float
        The most that a channel's total may change in a step, relative, above 0.
    gap, time_limit
        Of each step's solve.

    Raises
    ------
    SpecError
        ``steps`` or ``change`` is not above 0.
    InfeasibleError
        Today's plan is so far from the constraints that no plan within the first limits satisfies them.
    """
    if steps < 1 or not (np.isfinite(change) and change > 0):
        raise SpecError("a roll-out needs at least one step and a change above 0", where="rollout", do="Correct it.")
    started = time.perf_counter()
    plain = replace(problem, round_to=None, smooth=None)
    plan = problem.row_baseline
    value = plan_value(problem, plan)
    first, way = value, best.value - value
    floor = DARK * float(problem.baseline.sum()) / len(problem.channels)
    done = [RolloutStep(0, plan, _totals(problem, plan), value, value, 0.0, 0.0 if way > 0 else None)]
    for number in range(1, steps + 1):
        found = allocate(_limited(plain, plan, change, floor), gap=gap, time_limit=time_limit)
        plan, before, value = found.row_spend, value, found.value
        share = (value - first) / way if way > 0 else None
        done.append(RolloutStep(number, plan, _totals(problem, plan), value, found.upper_bound, value - before, share))
    near = [step.number for step in done if step.value >= best.value - gap * abs(best.value)]
    least = least_steps(problem.baseline.sum(axis=1), best.spend.sum(axis=1), change, floor)
    reached = near[0] if near else None
    says = _says(problem, done, reached, least, change)
    return Rollout(change, tuple(done), reached, least, says, time.perf_counter() - started)


def _totals(problem: AllocationProblem, plan: FloatArray) -> dict[str, float]:
    return dict(zip(problem.channels, problem.by_channel(plan).sum(axis=1).tolist(), strict=True))


def step_limits(before: FloatArray, change: float, floor: float) -> tuple[FloatArray, FloatArray]:
    """Return the least and the most that each channel's total may be after a step, (C,) each, money."""
    room = change * np.maximum(before, floor)
    return np.maximum(before - room, 0.0), before + room


def _limited(problem: AllocationProblem, plan: FloatArray, change: float, floor: float) -> AllocationProblem:
    """Return the problem of one step from a plan."""
    low, high = step_limits(problem.by_channel(plan).sum(axis=1), change, floor)
    _, budget = the_budget(problem)
    total = float(np.clip(budget.total, low.sum(), high.sum()))
    names = set(problem.named)
    name = next(f"step{mark}" for mark in ("", *(f" {n}" for n in range(len(names) + 1))) if f"step{mark}" not in names)
    within = WithinOf(tuple(low.tolist()), tuple(high.tolist()), name=name)
    moved = with_budget(problem, total, up_to=budget.up_to)
    return replace(moved, constraints=(*moved.constraints, within))


def least_steps(today: FloatArray, best: FloatArray, change: float, floor: float) -> int | None:
    """Return how many steps the totals need, each channel at its fastest; None where they never arrive.

    Parameters
    ----------
    today, best : (C,)
        Money.
    change : float
    floor : float
        See :data:`DARK`.
    """
    now, count = today.copy(), 0
    tolerance = 1e-6 * max(float(best.sum()), 1e-300)
    while bool((np.abs(now - best) > tolerance).any()):
        if count == MOST_STEPS:
            return None
        low, high = step_limits(now, change, floor)
        now, count = np.clip(best, low, high), count + 1
    return count


def _says(
    problem: AllocationProblem,
    steps: list[RolloutStep],
    reached: int | None,
    least: int | None,
    change: float,
) -> str:
    last = steps[-1]
    text = f"In {last.number} steps of at most {percent(change)} of a channel's total, value goes from "
    text += f"{figure(problem, steps[0].value)} to {figure(problem, last.value)} (planning draws)"
    text += f", {last.share:.0%} of the way to the best plan." if last.share is not None else "."
    if reached is not None:
        return f"{text} Step {reached} is as good as the best plan."
    if least is None:
        return f"{text} At that limit the best plan's totals are not reached."
    return f"{text} Its totals can be reached in {least} steps at the soonest."
