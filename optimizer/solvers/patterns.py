"""Patterns: which cells are on, and in what multiples. A fixed pattern leaves a problem without whole numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import cvxpy as cp
import numpy as np

from mmm.arrays import FloatArray
from optimizer.constraints import Constraint, Frame, Limit, MinWhenOn, Multiples
from optimizer.discrete import NOTHING, Discrete, lit
from optimizer.limits import at_least, constant
from optimizer.problem import AllocationProblem
from optimizer.solvers.program import Program, discrete, members

Cell = tuple[int, int, float]


@dataclass(frozen=True, eq=False)
class Held(Constraint):
    """A constraint with whole numbers, held at a pattern: linear rows in its place, under its name.

    Attributes
    ----------
    inner : Discrete
    weekly : bool
        Whether weeks are decided; else totals.
    exact : tuple of (channel, period, money)
        Cells that are fixed: 0 where they are off.
    least : tuple of (channel, period, money)
        Cells that are on, with the least that they spend.
    """

    inner: Discrete
    weekly: bool
    exact: tuple[Cell, ...]
    least: tuple[Cell, ...]

    @property
    def default_name(self) -> str:
        return self.inner.default_name

    def limits(self, spend: cp.Expression, frame: Frame) -> tuple[Limit, ...]:
        found: list[Limit] = []
        for cells, fixed in ((self.exact, True), (self.least, False)):
            if not cells:
                continue
            channels, periods = [c for c, _, _ in cells], [k for _, k, _ in cells]
            money = np.array([amount for _, _, amount in cells])
            scale = frame.typical[channels] * (1 if self.weekly else len(frame.weeks))
            amounts = spend[channels, periods] if self.weekly else cp.sum(spend, axis=1)[channels]
            if fixed:
                rows = cp.multiply(1.0 / scale, amounts) == money / scale
                found.append(Limit(rows, constant(np.zeros(len(cells)))))
            else:
                per_unit = 1.0 if isinstance(self.inner, MinWhenOn) else 0.0
                names = tuple(frame.channels[c] for c in channels)
                found.append(at_least(amounts, money, scale, per_unit, names))
        return tuple(found)

    def sentence(self, frame: Frame) -> str:
        return self.inner.sentence(frame)

    def loosening(self, frame: Frame) -> str:
        return self.inner.loosening(frame)

    def loosened(self, units: float) -> Self | None:
        if not isinstance(self.inner, MinWhenOn) or not self.least:
            return None
        moved = tuple((c, k, money - units) for c, k, money in self.least)
        return replace(self, least=moved) if min(money for _, _, money in moved) > 0 else None

    def size(self, frame: Frame) -> float:
        return self.inner.size(frame)


def held(problem: AllocationProblem, program: Program, v: FloatArray) -> AllocationProblem:
    """Return the problem with every pattern held as in a point of the program, (N,); without whole numbers."""
    weekly, done = problem.granularity.by_week, _fixed(problem)
    found: dict[str, Constraint] = {}
    for name, constraint in discrete(problem).items():
        frame, rows = problem.frame_of(name), members(problem, constraint)
        floor = constraint.floor(frame, program.shape[1])
        exact: list[Cell] = []
        least: list[Cell] = []
        for c in constraint.picked(frame):
            on = v[program.switches[rows[c]]] > 0.5
            for k, spends in enumerate(on):
                cell = (rows[c], k)
                if spends and isinstance(constraint, Multiples) and cell not in done:
                    exact.append((c, k, _multiple(problem, program, v, rows[c], k, constraint.amount)))
                    done.add(cell)
                elif spends and floor[c] > 0 and cell not in done:
                    least.append((c, k, float(floor[c])))
                elif not spends and cell not in done:
                    exact.append((c, k, 0.0))
                    done.add(cell)
        found[name] = Held(constraint, weekly, tuple(exact), tuple(least), name=constraint.name, geos=constraint.geos)
    names = list(problem.named)[:-1]
    kept = tuple(found.get(name, one) for name, one in zip(names, problem.constraints, strict=True))
    return replace(problem, constraints=kept)


def _fixed(problem: AllocationProblem) -> set[tuple[tuple[int, ...], int]]:
    """Return the cells that other constraints fix already: no row may say so twice."""
    return {((row,), t) for row, t in problem.booked} if problem.granularity.by_week else set()


def _multiple(
    problem: AllocationProblem, program: Program, v: FloatArray, rows: tuple[int, ...], k: int, amount: float
) -> float:
    scale = problem.row_frame.typical[list(rows)] * (1 if problem.granularity.by_week else len(problem.weeks))
    return float(np.round(float(scale @ v[program.amounts[list(rows), k]]) / amount) * amount)


def switches_of(problem: AllocationProblem, program: Program, y: FloatArray) -> FloatArray:
    """Return each column's value at amounts y (U, K) as far as amounts say it: switches, rounded by what is spent."""
    v = np.zeros(len(program.lower))
    v[program.amounts] = y
    per_y = 1.0 if problem.granularity.by_week else len(problem.weeks)
    for rows, columns in program.switches.items():
        v[columns] = (y[list(rows)] > NOTHING * per_y).any(axis=0)
    return v


def discrete_violation(problem: AllocationProblem, spend: FloatArray) -> float:
    """Return by how much a plan in money, (U, T), breaks the constraints with whole numbers; 0 where it keeps all.

    Computed from the constraints' own meaning, without a solver. Relative, or in weeks or channels.
    """
    worst = 0.0
    for name, constraint in discrete(problem).items():
        seen = problem.view(constraint).plan(spend)
        amounts = seen if problem.granularity.by_week else seen.sum(axis=1, keepdims=True)
        worst = max(worst, constraint.violation(amounts, problem.frame_of(name)))
    return worst


def whole_binding(problem: AllocationProblem, spend: FloatArray) -> tuple[str, ...]:
    """Return the constraints on numbers of weeks and channels that a plan in money, (U, T), uses up."""
    found = []
    for name, constraint in discrete(problem).items():
        seen, frame = problem.view(constraint).plan(spend), problem.frame_of(name)
        amounts = seen if problem.granularity.by_week else seen.sum(axis=1, keepdims=True)
        if constraint.tight(lit(amounts, frame), frame):
            found.append(name)
    return tuple(found)


def unpriced(problem: AllocationProblem) -> frozenset[str]:
    """Return the names without a price: held patterns, as a week more or less has no slope, and what is past change."""
    named = problem.named.items()
    held = {name for name, one in named if isinstance(one, Held) and not isinstance(one.inner, MinWhenOn)}
    return frozenset(held | {name for name, one in named if not one.priced})


def fixed_cells(problem: AllocationProblem) -> dict[tuple[int, int], float]:
    """Return the cells that held patterns fix: (row, period) → money."""
    found: dict[tuple[int, int], float] = {}
    for one in problem.constraints:
        if isinstance(one, Held):
            adds = problem.view(one).adds
            single = [np.flatnonzero(row) for row in adds]
            found |= {(int(single[c][0]), k): money for c, k, money in one.exact if len(single[c]) == 1}
    return found


def cleaned(problem: AllocationProblem, spend: FloatArray) -> FloatArray:
    """Clear a solver's last traces from a plan in money, (U, T): nothing is nothing, multiples are whole."""
    spend = spend.copy()
    for constraint in discrete(problem).values():
        adds = problem.view(constraint).adds
        rows = adds[constraint.picked(problem.view(constraint).frame)].any(axis=0)
        trace = spend <= NOTHING * problem.row_frame.typical[:, None]
        spend[rows[:, None] & trace] = 0.0
        if isinstance(constraint, Multiples) and problem.granularity.by_week:
            whole = np.round(spend / constraint.amount) * constraint.amount
            close = np.abs(whole - spend) <= 1e-6 * constraint.amount
            single = rows & (adds.sum(axis=1) == 1)[adds.argmax(axis=0)]
            spend = np.where(single[:, None] & close, whole, spend)
    return spend
