"""The whole problem as linear rows over amounts and whole numbers, cut into blocks that prices could solve apart.

A block is a row of the plan, or several that share a switch. Rows that touch one block are its own; all others couple
blocks and get a price. Rows of cones stay out: what is left is a relaxation, which bounds may use and plans may not.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from mmm.arrays import BoolArray, FloatArray, IntArray
from optimizer.discrete import Discrete
from optimizer.integer_rows import Cells, IntegerRows
from optimizer.problem import AllocationProblem
from optimizer.solvers.conic import ConicSet


@dataclass(frozen=True, eq=False)
class Program:
    """Columns v (N,): amounts y (U, K), switches, other whole numbers, helpers; rows ``low ≤ matrix @ v ≤ high``.

    Attributes
    ----------
    shape : (U, K)
    matrix : (M, N) sparse
    low, high : (M,)
    lower, upper : (N,)
    whole : (N,)
    block : (N,)
        The block of each column; -1 for helpers and what is about several blocks.
    own : (M,)
        The block of each row; -1 for rows that couple blocks.
    switches : dict
        Columns (K,) by the rows of the plan that they are about.
    complete : bool
        Whether every constraint is in it.
    """

    shape: tuple[int, int]
    matrix: sp.csr_matrix
    low: FloatArray
    high: FloatArray
    lower: FloatArray
    upper: FloatArray
    whole: BoolArray
    block: IntArray
    own: IntArray
    switches: dict[tuple[int, ...], IntArray]
    complete: bool

    @property
    def amounts(self) -> IntArray:
        """Columns of the amounts, (U, K)."""
        return np.arange(self.shape[0] * self.shape[1]).reshape(self.shape)

    def blocks(self) -> list[IntArray]:
        """Return the columns of each block."""
        return [np.flatnonzero(self.block == b) for b in range(int(self.block.max()) + 1)]

    def violation(self, v: FloatArray) -> float:
        """Return the largest violation of a row or box."""
        made = self.matrix @ v
        row = np.maximum(self.low - made, made - self.high)
        box = np.maximum(self.lower - v, v - self.upper)
        return max(float(row.max(initial=0.0)), float(box.max(initial=0.0)))


def money_per_y(feasible: ConicSet) -> FloatArray:
    """Return the money of one unit of each decided amount, (U, K)."""
    factor = feasible.decision.factor
    return factor if feasible.decision.shares is None else factor.sum(axis=1, keepdims=True)


def members(problem: AllocationProblem, constraint: Discrete) -> tuple[tuple[int, ...], ...]:
    """Return the plan's rows that each channel of the constraint's frame is made of."""
    adds = problem.view(constraint).adds
    return tuple(tuple(int(u) for u in np.flatnonzero(row)) for row in adds)


def discrete(problem: AllocationProblem) -> dict[str, Discrete]:
    """Return the constraints with whole numbers in them, by name."""
    return {name: one for name, one in problem.named.items() if isinstance(one, Discrete)}


def program(
    problem: AllocationProblem,
    feasible: ConicSet,
    *,
    names: Collection[str] | None = None,
    upper: FloatArray | None = None,
) -> Program:
    """Write a problem as a program.

    Parameters
    ----------
    feasible : ConicSet
        The convex constraints' set.
    names : collection of str, optional
        The constraints with whole numbers that are written down; default all.
    upper : (U, K), optional
        A tighter box above the amounts.

    Raises
    ------
    SpecError
        A constraint is about weeks, and totals are decided.
    """
    model = IntegerRows(money_per_y(feasible), feasible.upper if upper is None else upper)
    for name, constraint in discrete(problem).items():
        if names is None or name in names:
            cells = Cells(model, members(problem, constraint), problem.granularity.by_week)
            constraint.rows(cells, problem.frame_of(name))
    found = model.finished()
    block = _blocks(found.owner, len(feasible.columns))
    size, linear = len(found.lower), feasible.zero + feasible.nonneg
    helpers = np.setdiff1d(np.arange(feasible.size), feasible.columns.ravel())
    order = np.concatenate([feasible.columns.ravel(), helpers])
    rows = feasible.matrix[:linear].tocsc()[:, order]
    amounts = feasible.columns.size
    middle = sp.csr_matrix((linear, size - amounts))
    wide = sp.hstack([rows[:, :amounts], middle, rows[:, amounts:]])
    integer = sp.hstack([found.matrix, sp.csr_matrix((found.matrix.shape[0], len(helpers)))])
    matrix = sp.csr_matrix(sp.vstack([wide, integer]))
    below = np.full(linear, -np.inf)
    below[: feasible.zero] = feasible.rhs[: feasible.zero]
    free = np.full(len(helpers), np.inf)
    block = np.concatenate([block, np.full(len(helpers), -1)])
    return Program(
        shape=feasible.upper.shape,
        matrix=matrix,
        low=np.concatenate([below, found.low]),
        high=np.concatenate([feasible.rhs[:linear], found.high]),
        lower=np.concatenate([found.lower, -free]),
        upper=np.concatenate([found.upper, free]),
        whole=np.concatenate([found.whole, np.zeros(len(helpers), dtype=np.bool_)]),
        block=block,
        own=_owners(matrix, block),
        switches=model.switches,
        complete=linear == feasible.matrix.shape[0],
    )


def _blocks(owner: tuple[tuple[int, ...], ...], units: int) -> IntArray:
    """Join rows of the plan that share a column, and number the groups."""
    group = list(range(units))
    for rows in owner:
        joined = {group[u] for u in rows}
        group = [min(joined) if one in joined else one for one in group]
    number = {one: n for n, one in enumerate(dict.fromkeys(group))}
    return np.array([number[group[rows[0]]] if rows else -1 for rows in owner], dtype=np.int64)


def _owners(matrix: sp.csr_matrix, block: IntArray) -> IntArray:
    """Return the block that each row is about alone; -1 where it is about several."""
    own = np.full(matrix.shape[0], -1, dtype=np.int64)
    for row in range(matrix.shape[0]):
        part = slice(matrix.indptr[row], matrix.indptr[row + 1])
        touched = np.unique(block[matrix.indices[part][matrix.data[part] != 0]])
        if len(touched) == 1:
            own[row] = touched[0]
    return own
