r"""The least change of one constraint that makes a problem feasible, in that constraint's own units.

For a member m of a conflict, with rows :math:`a(x) \le b`, the loosening :math:`r` per unit and every other constraint
as it stands,

.. math:: \min_{x, u} |u| \quad \text{s.t.} \quad a_m(x) \le b_m + u\, r_m, \; \text{all others.}

A convex problem in one more variable. Where r depends on the plan (shares of it), u is bisected instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cvxpy as cp
import numpy as np

from mmm.arrays import FloatArray
from optimizer.constraints import Bounds, Constraint, GroupBounds, GroupShare
from optimizer.limits import Limit
from optimizer.problem import AllocationProblem
from optimizer.solvers.elastic import CONTRADICTION, least_violation, solved
from optimizer.solvers.oracle import Decision
from optimizer.solvers.relaxation_words import joined, whole_units, wording

#: Doublings and halvings of a bisection.
DOUBLINGS, HALVINGS = 30, 40
#: A bisected loosening is known to this, relative: it is rounded up to a person's figure.
PRECISE = 1e-4
#: Loosenings below this share of a constraint's size are the solver's noise.
NOISE = 1e-7


@dataclass(frozen=True)
class Relaxation:
    """One change that makes a plan possible.

    Attributes
    ----------
    name : str
        The constraint's.
    units : float
        In its own units of loosening, rounded up to what a person writes; of an equality, negative where it is lowered.
    constraint : Constraint
        As it would read.
    says : str
        An imperative without its full stop: ``raise the budget by EUR 12,000``.
    """

    name: str
    units: float
    constraint: Constraint
    says: str


def relaxations(problem: AllocationProblem, decision: Decision, names: Sequence[str]) -> tuple[Relaxation, ...]:
    """Return, for each of some constraints, the least change of it alone that makes the problem feasible.

    Those for which no such change exists are left out.
    """
    return tuple(found for name in names if (found := _alone(problem, decision, name)) is not None)


def remedy(problem: AllocationProblem, decision: Decision, names: Sequence[str]) -> str:
    """Return what to do about a conflict, as a sentence."""
    found = relaxations(problem, decision, names)
    if not found:
        together = _together(problem, decision)
        if not together:
            return "Loosen or remove one of them."
        return f"No single change is enough; together these are: {joined([r.says for r in together], 'and')}."
    alone = [one.says for one in found]
    if len(alone) == 1:
        return f"The least change that makes a plan possible: {alone[0]}."
    return f"Any one of these is the least change of its kind that makes a plan possible: {joined(alone, 'or')}."


def sides(constraint: Constraint) -> list[Constraint]:
    """Return a constraint by its sides: a minimum and a maximum are moved one at a time."""
    if isinstance(constraint, (Bounds, GroupBounds)) and None not in (constraint.least, constraint.most):
        return [replace(constraint, most=None), replace(constraint, least=None)]
    if isinstance(constraint, GroupShare) and None not in (constraint.min_share, constraint.max_share):
        return [replace(constraint, max_share=None), replace(constraint, min_share=None)]
    return [constraint]


def with_other_side(constraint: Constraint, part: Constraint) -> Constraint:
    """Return a changed side together with the side that stays."""
    if isinstance(constraint, (Bounds, GroupBounds)) and isinstance(part, (Bounds, GroupBounds)):
        least = constraint.least if part.least is None else part.least
        return replace(part, least=least, most=constraint.most if part.most is None else part.most)
    if isinstance(constraint, GroupShare) and isinstance(part, GroupShare):
        low = constraint.min_share if part.min_share is None else part.min_share
        return replace(
            part, min_share=low, max_share=constraint.max_share if part.max_share is None else part.max_share
        )
    return part


def _alone(problem: AllocationProblem, decision: Decision, name: str) -> Relaxation | None:
    constraint = problem.named[name]
    best: Relaxation | None = None
    for part in sides(constraint):
        units = _least_units(problem, decision, name, part)
        rounded = None if units is None else whole_units(part, units)
        loosened = None if rounded is None else part.loosened(rounded)
        if rounded is None or loosened is None:
            continue
        if best is None or abs(rounded) < abs(best.units):
            says = wording(problem, name, part, rounded, loosened)
            best = Relaxation(name, rounded, replace(with_other_side(constraint, loosened), name=name), says)
    return best


def _least_units(problem: AllocationProblem, decision: Decision, name: str, part: Constraint) -> float | None:
    """Return the least loosening of one side of a constraint, None where none is enough."""
    single = problem if part is problem.named[name] else problem.replacing(name, replace(part, name=name))
    y = cp.Variable(decision.shape, nonneg=True)
    spend = decision.expression(y)
    own = single.limits(name, spend)
    plan = problem.row_baseline + 1.0
    if not own or not all(_linear(limit) for limit in own):
        return None
    if not _steady(own, plan):
        return _bisected(problem, decision, name, part)
    # In shares of the constraint's own size: beside money the solver is not sharp.
    size = max(part.size(problem.frame_of(name)), 1e-12)
    share = cp.Variable()
    units = size * share
    others = [other for other in problem.named if other != name]
    rows = [limit.constraint for other in others for limit in problem.limits(other, spend)]
    # The side that is not moved stays.
    if single is not problem:
        kept = [one for one in sides(problem.named[name]) if one != part]
        rows += [limit.constraint for one in kept for limit in problem.view(one).limits(one, spend)]
    rows += [_loose(limit, units, np.asarray(limit.relax(plan))) for limit in own]
    if not any(limit.equality for limit in own):
        rows.append(share >= 0)
    program = cp.Problem(cp.Minimize(cp.abs(share)), rows)
    if not solved(program) or share.value is None:
        return None
    value = size * float(share.value)
    return value if abs(value) > NOISE * size else None


def _linear(limit: Limit) -> bool:
    return limit.equality or isinstance(limit.constraint, cp.constraints.Inequality)


def _steady(limits: Sequence[Limit], plan: FloatArray) -> bool:
    """Whether a unit of loosening is the same at every plan."""
    return all(np.allclose(limit.relax(plan), limit.relax(0.5 * plan)) for limit in limits)


def _loose(limit: Limit, units: cp.Expression, relax: FloatArray) -> cp.Constraint:
    moved = limit.constraint.expr - cp.multiply(relax, units)
    return moved == 0 if limit.equality else moved <= 0


def _bisected(problem: AllocationProblem, decision: Decision, name: str, part: Constraint) -> float | None:
    """Return the least loosening found by bisection, where a unit depends on the plan."""
    names = list(problem.named)

    def possible(units: float) -> bool:
        loosened = part.loosened(units)
        if loosened is None:
            return False
        moved = problem.replacing(name, replace(with_other_side(problem.named[name], loosened), name=name))
        return least_violation(moved, decision, names)[0] <= CONTRADICTION

    high = 0.01 * part.size(problem.frame_of(name))
    for _ in range(DOUBLINGS):
        loosened = part.loosened(high)
        if loosened is None:
            return None
        if possible(high):
            break
        if loosened == part.loosened(2.0 * high):
            return None
        high *= 2.0
    else:
        return None
    low = 0.0
    for _ in range(HALVINGS):
        if high - low <= PRECISE * high:
            break
        middle = 0.5 * (low + high)
        low, high = (low, middle) if possible(middle) else (middle, high)
    whole = float(np.round(high))
    return whole if abs(whole - high) <= 2 * PRECISE * high and possible(whole) else high


def _together(problem: AllocationProblem, decision: Decision) -> tuple[Relaxation, ...]:
    """Return the least changes of several constraints, in shares of their sizes, that are enough together."""
    y = cp.Variable(decision.shape, nonneg=True)
    spend = decision.expression(y)
    plan = problem.row_baseline + 1.0
    rows: list[cp.Constraint] = []
    units: dict[str, cp.Variable] = {}
    for name, constraint in problem.named.items():
        limits = problem.limits(name, spend)
        movable = bool(limits) and all(map(_linear, limits)) and _steady(limits, plan)
        if not movable or constraint.loosened(1.0) is None:
            rows += [limit.constraint for limit in limits]
            continue
        units[name] = cp.Variable()
        rows += [_loose(limit, units[name], np.asarray(limit.relax(plan))) for limit in limits]
        if not any(limit.equality for limit in limits):
            rows.append(units[name] >= 0)
    if not units:
        return ()
    sizes = {name: max(problem.named[name].size(problem.frame_of(name)), 1e-12) for name in units}
    program = cp.Problem(cp.Minimize(sum(cp.abs(units[name]) / sizes[name] for name in units)), rows)
    if not solved(program):
        return ()
    found = []
    for name, one in units.items():
        if one.value is None or abs(float(one.value)) <= 1e-6 * sizes[name]:
            continue
        rounded = whole_units(problem.named[name], float(one.value))
        loosened = problem.named[name].loosened(rounded)
        if loosened is not None:
            says = wording(problem, name, problem.named[name], rounded, loosened)
            found.append(Relaxation(name, rounded, loosened, says))
    return tuple(found)
