"""Round a plan to what can be booked, keeping every constraint.

Whole multiples are chosen next to the plan by a mixed-integer linear programme in the canonical rows (HiGHS), with the
second-order loss of each cell as its cost. Booked cells stay as they are; where the budget is not itself a multiple,
one cell takes the odd amount.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from mmm.arrays import FloatArray
from optimizer.constraints import Budget
from optimizer.problem import AllocationProblem
from optimizer.solvers import highs
from optimizer.solvers.conic import FEASIBLE, ConicSet
from optimizer.solvers.oracle import Local
from optimizer.solvers.patterns import fixed_cells

#: Seconds for the integer programme.
TIME_LIMIT = 5.0


@dataclass(frozen=True, eq=False)
class Rounded:
    """A rounded plan in decision variables, or None with the reason."""

    y: FloatArray | None
    says: str


@dataclass(frozen=True, eq=False)
class _Lattice:
    """Each cell is ``offset + multiple · whole number``, money, where it is free."""

    multiple: float
    offset: FloatArray
    free: FloatArray
    odd: float
    where: tuple[int, int] | None


def _money_per_y(feasible: ConicSet) -> FloatArray:
    factor = feasible.decision.factor
    return factor if feasible.decision.shares is None else factor.sum(axis=1, keepdims=True)


def _lattice(problem: AllocationProblem, feasible: ConicSet, y: FloatArray, multiple: float) -> _Lattice:
    money = y * _money_per_y(feasible)
    free = np.ones(y.shape)
    offset = np.zeros(y.shape)
    if feasible.decision.shares is None:
        for (c, t), booked in problem.booked.items():
            free[c, t], offset[c, t] = 0.0, booked
    for (c, k), money_there in fixed_cells(problem).items():
        free[c, k], offset[c, k] = 0.0, money_there
    equal = [c.total for c in problem.constraints if isinstance(c, Budget) and not c.up_to]
    if not equal or not free.any():
        return _Lattice(multiple, offset, free, 0.0, None)
    odd = float((equal[0] - offset.sum()) % multiple)
    if min(odd, multiple - odd) <= 1e-9 * max(equal[0], 1.0):
        return _Lattice(multiple, offset, free, 0.0, None)
    # The largest cell takes the odd amount: there it matters least.
    at = np.unravel_index(int(np.argmax(np.where(free > 0, money, -1.0))), y.shape)
    offset[at] = odd
    return _Lattice(multiple, offset, free, odd, (int(at[0]), int(at[1])))


def round_plan(problem: AllocationProblem, feasible: ConicSet, y: FloatArray, here: Local) -> Rounded:
    """Round a feasible plan to multiples of ``problem.round_to`` at the least loss.

    Parameters
    ----------
    y : (C, K)
    here : Local
        Derivatives at y, or at the plan that y was smoothed from: they price each cell's rounding.
    """
    multiple = problem.round_to
    if multiple is None:
        return Rounded(y, "Not rounded.")
    per_y = _money_per_y(feasible)
    lattice = _lattice(problem, feasible, y, multiple)
    if not feasible.polyhedral:
        return Rounded(None, "Not rounded: a constraint added in Python is not linear in spend.")
    target = (y * per_y - lattice.offset) / multiple
    whole = _whole_numbers(feasible, lattice, target, per_y / multiple, here)
    if whole is None:
        step = f"{problem.currency} {multiple:,g}"
        return Rounded(None, f"Not rounded: no plan in multiples of {step} was found that satisfies every constraint.")
    rounded = np.where(lattice.free > 0, lattice.offset + multiple * whole, lattice.offset) / per_y
    if feasible.violation(rounded) > FEASIBLE:
        return Rounded(None, "Not rounded: the rounded plan would break a constraint.")
    what = "every week" if feasible.decision.shares is None else "every channel's total"
    says = f"Rounded: {what} is a multiple of {problem.currency} {multiple:,g}"
    if lattice.where is not None:
        says += f", but for {problem.rows[lattice.where[0]]}, which takes the budget's odd "
        says += problem.frame.money(lattice.odd)
        says += f" in the week of {problem.weeks[lattice.where[1]]}" if feasible.decision.shares is None else ""
    return Rounded(rounded, says + ".")


def _whole_numbers(
    feasible: ConicSet, lattice: _Lattice, target: FloatArray, per_multiple: FloatArray, here: Local
) -> FloatArray | None:
    """Choose whole numbers beside ``target`` (in multiples), or None where none satisfy the rows."""
    fixed = (lattice.free == 0).ravel()
    for reach in (0.0, 1.0):
        low = np.maximum(np.floor(target + 1e-9).ravel() - reach, 0.0)
        high = np.maximum(np.ceil(target - 1e-9).ravel() + reach, low)
        low[fixed] = high[fixed] = 0.0
        found = _solve(feasible, lattice, target, 1.0 / per_multiple, here, low, high)
        if found is not None:
            return found
    return None


def _solve(
    feasible: ConicSet,
    lattice: _Lattice,
    target: FloatArray,
    step: FloatArray,
    here: Local,
    low: FloatArray,
    high: FloatArray,
) -> FloatArray | None:
    """Minimise the loss of rounding over whole numbers n and distances d ≥ abs(n − target).

    ``step`` (C, K) is the change of y for one whole number.
    """
    size, scale = target.size, float(np.abs(here.gradient).max(initial=0.0)) or 1.0
    bend = -np.diagonal(here.hessian, axis1=1, axis2=2) * step**2
    distance = 0.5 * np.maximum(bend, 1e-9 * scale * step)
    cost = np.concatenate([-(here.gradient * step).ravel(), distance.ravel()]) / scale
    columns = feasible.matrix[:, feasible.columns.ravel()]
    rows = sp.csr_matrix(columns @ sp.diags(step.ravel()))
    # What does not move: booked cells, and the odd amount of one cell.
    still = lattice.offset * step / lattice.multiple
    right = feasible.rhs - columns @ still.ravel()
    eye, none = sp.identity(size, format="csr"), sp.csr_matrix(rows.shape)
    # Variables that cvxpy added, such as absolute differences, are neither whole nor bounded.
    helpers = feasible.matrix[:, np.setdiff1d(np.arange(feasible.size), feasible.columns.ravel())]
    free, blank = helpers.shape[1], sp.csr_matrix((size, helpers.shape[1]))
    matrix = sp.vstack(
        [sp.hstack([rows, none, helpers]), sp.hstack([eye, -eye, blank]), sp.hstack([-eye, -eye, blank])]
    )
    upper = np.concatenate([right + 1e-9, target.ravel(), -target.ravel()])
    lower = np.full(len(upper), -highs.INFINITY)
    lower[: feasible.zero] = right[: feasible.zero] - 1e-9
    integer = np.concatenate([np.ones(size, dtype=bool), np.zeros(size + free, dtype=bool)])
    spread = np.full(size + free, highs.INFINITY)
    ceiling = np.floor((feasible.upper.ravel() * (1 + 1e-12) - still.ravel()) / step.ravel() + 1e-9)
    high = np.where(low == high, high, np.minimum(high, ceiling))
    if (high < low).any():
        return None
    solver = highs.model(
        matrix,
        lower,
        upper,
        np.concatenate([low, np.zeros(size), np.full(free, -highs.INFINITY)]),
        np.concatenate([high, spread]),
        cost=np.concatenate([cost, np.zeros(free)]),
        integer=integer,
        time_limit=TIME_LIMIT,
    )
    solver.run()
    values = np.array(solver.getSolution().col_value)
    if len(values) != 2 * size + free or solver.getInfo().primal_solution_status != highs.FEASIBLE_POINT:
        return None
    return np.asarray(np.round(values[:size]).reshape(target.shape))
