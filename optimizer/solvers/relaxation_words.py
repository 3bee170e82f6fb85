"""How a change of a constraint is said, in figures that a person writes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from optimizer.constraints import Bounds, Budget, Constraint, GroupBounds, MinWhenOn, ObservedRange, Ramp
from optimizer.limits import each
from optimizer.problem import AllocationProblem

#: Money is rounded up to this many significant digits.
DIGITS = 4
#: What rounding up forgives: the solver's own error, relative.
FORGIVEN = 1e-6


def whole_units(constraint: Constraint, units: float) -> float:
    """Round a loosening up, away from 0: money to four digits, points to whole ones where they are 1 or more."""
    size = abs(units) * (1.0 - FORGIVEN)
    in_money = (
        isinstance(constraint, (Bounds, Budget, GroupBounds, MinWhenOn))
        or getattr(constraint, "amount", None) is not None
    )
    if not in_money and size > 0.5:
        return float(np.copysign(np.ceil(size), units))
    step = 10.0 ** (np.floor(np.log10(size)) - (DIGITS - 1))
    return float(np.copysign(np.ceil(size / step) * step, units))


def wording(problem: AllocationProblem, name: str, before: Constraint, units: float, after: Constraint) -> str:
    """Say a change as an imperative.

    Parameters
    ----------
    problem : AllocationProblem
    name : str
    before, after : Constraint
        As it is, or that side of it that is moved; and as it would read.
    units : float
    """
    frame = problem.frame_of(name)
    by = frame.money(abs(units))
    if isinstance(before, Budget) and isinstance(after, Budget):
        return f"{'raise' if units > 0 else 'lower'} the budget by {by}, to {frame.money(after.total)}"
    if isinstance(before, Bounds):
        return f"{_side(before)} of {each(before.channels)} by {by}{before.per.in_each}"
    if isinstance(before, GroupBounds):
        return f"{_side(before)} of {before.group} by {by}{before.per.in_each}"
    if isinstance(before, Ramp) and before.amount is not None:
        return f"raise the weekly change that {each(before.channels)} may make by {by}"
    if isinstance(before, ObservedRange):
        what = f"up to {getattr(after, 'limit', 0.0):.3g} times the largest observed week"
        return f"allow spend beyond the observed range, {what}"
    says = after.in_words(frame)
    if says == before.in_words(frame):
        return f"loosen '{name}'"
    return f"change '{name}' to: {says.removesuffix('.')}"


def _side(before: Bounds | GroupBounds) -> str:
    if before.least is None:
        return "raise the maximum"
    return "lower the minimum" if before.most is None else "widen the range"


def joined(parts: Sequence[str], word: str) -> str:
    """Join imperatives: semicolons, because they hold commas."""
    return parts[0] if len(parts) == 1 else f"{'; '.join(parts[:-1])}; {word} {parts[-1]}"
