"""Sequential quadratic programming: exact Hessian (or one clipped to be concave), monotone line search, tangent bound.

On concave objectives the tangent at every iterate bounds the optimum, so the loop ends with a certificate; on others
it ends at a local optimum and the bound must come from elsewhere.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mmm.arrays import FloatArray
from optimizer.problem import Progress
from optimizer.solvers.bounds import Support
from optimizer.solvers.conic import FEASIBLE, ConicSet
from optimizer.solvers.oracle import Local, Oracle
from optimizer.solvers.solution import Goal, Solution, Status

#: Share of the model's promise that a step must keep.
ARMIJO = 1e-4
#: Shortest step tried.
SHORTEST = 1e-6
#: A step that promises less than this share of the value is the end.
PROMISE = 1e-11
#: Damping of clipped Hessians, which vanish where every draw is convex.
SLIGHT = 1e-4
#: Bounds are widened by this share for the rounding error of the sums in them.
ROUNDING = 1e-13
#: Coarse levels stop at this gap.
COARSE_GAP = 3e-3


def line_search(oracle: Oracle, y: FloatArray, here: Local, direction: FloatArray) -> tuple[FloatArray, Local] | None:
    """Return the first of the steps 1, 1/2, 1/4 … that keeps enough of its promise; None where none does."""
    promise, length = float((here.gradient * direction).sum()), 1.0
    while length >= SHORTEST:
        trial = y + length * direction
        there = oracle.at(trial)
        if there.value >= here.value + ARMIJO * length * promise:
            return trial, there
        # Where the model bends the wrong way a secant guess is better than halving.
        short = 0.5 * promise * length / max(promise * length - (there.value - here.value), 1e-300)
        length *= min(max(short, 0.1), 0.5)
    return None


def ascend(
    oracle: Oracle, feasible: ConicSet, start: FloatArray, goal: Goal, *, support: Support | None, phase: str
) -> Solution:
    """Climb from a feasible start until the gap is met, time is up or no step helps.

    Parameters
    ----------
    support : Support or None
        None: no bound, stop at a local optimum.
    """
    y, here, bound = start, oracle.at(start), np.inf
    method = "none" if support is None else support.method
    history: list[Progress] = []
    status, says, fallbacks = Status.STALLED, f"Stopped after {goal.max_steps} steps.", 0
    for _ in range(goal.max_steps):
        if support is not None:
            tangent = here.value + support.most(here.gradient) - float((here.gradient * y).sum())
            bound = min(bound, tangent + ROUNDING * (abs(here.value) + float(np.abs(here.gradient * y).sum())))
        history.append(goal.tell(phase, here.value, bound))
        if goal.relative(bound, here.value) <= goal.gap:
            status, says = Status.CERTIFIED, f"The gap is at most {goal.gap:.1e}."
            break
        if goal.late():
            status, says = Status.TIME_LIMIT, "The time limit came first: the best plan so far, with its gap."
            break
        bend = here.hessian if support is not None else _damped(here, SLIGHT)
        step = feasible.step(y, here.gradient, bend)
        if not step.usable or feasible.violation(step.y) > FEASIBLE:
            # First-order fallback: a strongly damped model is better conditioned than the Hessian.
            step, fallbacks = feasible.step(y, here.gradient, _damped(here, 1.0)), fallbacks + 1
        direction = step.y - y
        promise = float((here.gradient * direction).sum())
        if not step.usable or promise <= PROMISE * max(abs(here.value), goal.floor):
            says = f"No step improves the plan any further ({step.says})."
            status = Status.STALLED if support is not None else Status.LOCAL
            break
        found = line_search(oracle, y, here, direction)
        if found is None:
            says = "No step along the model's direction improves the plan."
            break
        before, (y, here) = here.value, found
        if support is None and here.value - before <= 1e-8 * max(abs(here.value), goal.floor):
            status, says = Status.LOCAL, "A local optimum."
            break
    return Solution(y, here.value, bound, method, status, says, oracle.evaluations, tuple(history), fallbacks=fallbacks)


def _damped(here: Local, share: float) -> FloatArray:
    """Return the Hessian less a multiple of the identity, in shares of the steepest slope."""
    size = here.hessian.shape[-1]
    strength = share * (float(np.abs(here.gradient).max(initial=0.0)) or 1.0)
    return np.asarray(here.hessian - strength * np.eye(size))


def maximise(
    oracle: Oracle, coarse: Oracle | None, feasible: ConicSet, start: FloatArray, goal: Goal, support: Support
) -> Solution:
    """Maximise a concave objective: on few draws first, then on all, from where the few ended."""
    if coarse is not None:
        rough = replace(goal, gap=max(COARSE_GAP, goal.gap), max_steps=15)
        start = ascend(coarse, feasible, start, rough, support=support, phase="first draws").y
    return ascend(oracle, feasible, start, goal, support=support, phase="all draws")
