"""The least change of one constraint that makes a problem with whole numbers feasible.

Amounts are bisected, counts of weeks and channels moved one at a time; every trial is a whole-number programme.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from mmm.exceptions import SolverError, SpecError
from optimizer.constraints import ActiveChannels, ActiveWeeks, Bursts, Constraint
from optimizer.discrete import Discrete
from optimizer.problem import AllocationProblem
from optimizer.solvers.nearest import some_plan
from optimizer.solvers.relaxation_words import joined, whole_units, wording
from optimizer.solvers.relaxations import sides, with_other_side

#: Seconds in all; a member whose turn comes later is left out.
TIME_LIMIT = 20.0
#: Doublings and halvings of an amount, and steps of a count.
DOUBLINGS, HALVINGS, STEPS = 10, 12, 26
#: The first amount tried, in shares of the limit's size.
FIRST = 0.01


def whole_remedy(problem: AllocationProblem, names: Sequence[str]) -> str:
    """Return what to do about a conflict in whole numbers, as a sentence."""
    deadline = time.perf_counter() + TIME_LIMIT
    alone = []
    for name in names:
        if time.perf_counter() > deadline:
            break
        says = _alone(problem, name)
        if says is not None:
            alone.append(says)
    if not alone:
        return "Loosen or remove one of them."
    if len(alone) == 1:
        return f"A change that makes a plan possible: {alone[0]}."
    return f"Any one of these makes a plan possible: {joined(alone, 'or')}."


def _alone(problem: AllocationProblem, name: str) -> str | None:
    constraint, everyone = problem.named[name], list(problem.named)

    def possible(changed: Constraint) -> bool:
        try:
            return some_plan(problem.replacing(name, replace(changed, name=name)), everyone)
        except (SolverError, SpecError):
            # Neither found nor ruled out in time: not a remedy to offer.
            return False

    if isinstance(constraint, (ActiveWeeks, ActiveChannels, Bursts)):
        for changed in _counts(constraint):
            if possible(changed):
                sentence = changed.sentence(problem.frame_of(name)).removesuffix(".")
                return f"change '{name}' to: {sentence}"
        return None
    for part in sides(constraint):
        for sign in (1.0,) if isinstance(constraint, Discrete) else (1.0, -1.0):
            units = _amount(part, part.size(problem.frame_of(name)), lambda one: possible(_kept(constraint, one)), sign)
            after = None if units is None else part.loosened(units)
            if units is not None and after is not None:
                return wording(problem, name, part, units, after)
    return None


def _kept(constraint: Constraint, part: Constraint) -> Constraint:
    """Return a changed side with the other one; alone where the two would cross."""
    try:
        return with_other_side(constraint, part)
    except SpecError:
        return part


def _counts(constraint: ActiveWeeks | ActiveChannels | Bursts) -> Iterator[Constraint]:
    """Yield the constraint with its counts moved apart, one more at a time."""
    for step in range(1, STEPS + 1):
        least = None if constraint.least is None else max(constraint.least - step, 0)
        most = None if constraint.most is None else constraint.most + step
        try:
            yield replace(constraint, least=least, most=most)
        except SpecError:
            return


def _amount(constraint: Constraint, size: float, possible: Callable[[Constraint], bool], sign: float) -> float | None:
    """Return the least loosening that is enough, to about a hundredth; None where none is found."""

    def works(units: float) -> bool:
        changed = constraint.loosened(sign * units)
        return changed is not None and possible(changed)

    high = FIRST * size
    for _ in range(DOUBLINGS):
        if works(high):
            break
        if constraint.loosened(sign * high) is None:
            return None
        high *= 2.0
    else:
        return None
    low = 0.0 if high <= FIRST * size else 0.5 * high
    for _ in range(HALVINGS):
        if high - low <= 1e-3 * high:
            break
        middle = 0.5 * (low + high)
        low, high = (low, middle) if works(middle) else (middle, high)
    return whole_units(constraint, sign * high)
