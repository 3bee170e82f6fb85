"""Which class a problem is of."""

from __future__ import annotations

from optimizer.problem import AllocationProblem


def plainly_concave(problem: AllocationProblem) -> bool:
    """Whether a problem is concave in every draw, about the mean, and free of whole-number decisions.

    Then the tangent at any plan is a bound, and steps of the quadratic model are enough.
    """
    if not problem.of_mean:
        return False
    discrete = any(getattr(constraint, "discrete", False) for constraint in problem.constraints)
    return bool(problem.horizon.concave.all()) and not discrete
