r"""Outer approximation: some blocks of a program with tangent planes in place of the response.

.. math:: \max_{v} \; \sum_{ug} e_{ug} - p \cdot v \quad \text{s.t.} \quad
    e_{ug} \le a_{ugi} + s_{ugi} \cdot y_u \;\; \forall i, \quad \text{the blocks' rows, whole numbers whole}

Every plane lies above the response, so an upper bound on this is one on the true maximum. What is reported is HiGHS's
*dual* bound, widened by its tolerances; its incumbent is only a proposal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from mmm.arrays import FloatArray, IntArray
from optimizer.solvers import highs
from optimizer.solvers.program import Program
from optimizer.solvers.tangents import Planes

#: HiGHS's tolerances: the most that a bound can be wrong by, in shares of each column's range at unit slope.
TOLERANCE = 1e-7
#: A plane is added where the model is above the response by this share of the unit, or more.
SLACK = 1e-6
#: Planes kept by part; beyond, those that have not touched a proposal for longest go.
MOST_PLANES = 40
#: Helpers have no box of their own: HiGHS gets this multiple of the unit.
HELPERS = 1e3


@dataclass(frozen=True, eq=False)
class Proposal:
    """A solved outer approximation.

    Attributes
    ----------
    bound : float
        Upper bound on the true maximum, in the objective's unit.
    v : (N,) or None
        The best point found, in all of the program's columns (0 in other blocks); None where none was.
    value : float
        The model's value at ``v``, less prices.
    """

    bound: float
    v: FloatArray | None
    value: float


class Outer:
    """The outer approximation of some blocks.

    Parameters
    ----------
    program : Program
    columns : (n,)
        The columns of the blocks.
    rows : (m,)
        The rows that are kept.
    groups : int
        Parts G of the response.
    unit : float
        Value that is scaled to one.
    """

    def __init__(self, program: Program, columns: IntArray, rows: IntArray, groups: int, unit: float) -> None:
        self.program, self.columns, self.unit = program, columns, unit
        periods = program.shape[1]
        amounts = columns[columns < program.shape[0] * periods]
        self.units: IntArray = np.unique(amounts // periods)
        self._rows = rows
        self._matrix = sp.csr_matrix(program.matrix[rows][:, columns])
        self._position = np.searchsorted(columns, self.units[:, None] * periods + np.arange(periods))
        self._parts = len(self.units) * groups
        #: Planes: part, constant, slopes, and the solve at which each last touched.
        self._part = np.zeros(0, dtype=np.int64)
        self._constant = np.zeros(0)
        self._slope = np.zeros((0, periods))
        self._age = np.zeros(0)
        self._solves = 0
        box = np.maximum(np.abs(program.lower[columns]), np.abs(program.upper[columns]))
        self._range = float(np.where(np.isfinite(box), box, HELPERS).sum())

    def cut(self, planes: Planes, model: FloatArray | None = None) -> None:
        """Add planes; of those at a proposal, given its model values (units, G), only the ones that cut it off."""
        groups = planes.values.shape[1]
        values = planes.values[self.units].ravel() / self.unit
        need = np.ones(len(values), dtype=np.bool_) if model is None else model.ravel() / self.unit > values + SLACK
        part = np.flatnonzero(need)
        if not len(part):
            return
        slopes = planes.slopes[self.units].reshape(len(self.units) * groups, -1)[part] / self.unit
        constants = planes.constants()[self.units].ravel()[part] / self.unit
        self._part = np.concatenate([self._part, part])
        self._constant = np.concatenate([self._constant, constants + 1e-12 * np.abs(values[part])])
        self._slope = np.vstack([self._slope, slopes])
        self._age = np.concatenate([self._age, np.full(len(part), self._solves)])
        self._forget()

    def _forget(self) -> None:
        count = np.bincount(self._part, minlength=self._parts)
        if count.max(initial=0) <= MOST_PLANES:
            return
        keep = np.ones(len(self._part), dtype=np.bool_)
        for part in np.flatnonzero(count > MOST_PLANES):
            mine = np.flatnonzero(self._part == part)
            keep[mine[np.argsort(self._age[mine], kind="stable")[: count[part] - MOST_PLANES]]] = False
        self._part, self._constant = self._part[keep], self._constant[keep]
        self._slope, self._age = self._slope[keep], self._age[keep]

    def model(self, y: FloatArray) -> FloatArray:
        """Return the planes' least height at y (U, K) by part, (units, G), in the objective's unit."""
        own = y[self.units[self._part // (self._parts // len(self.units))]]
        height = self._constant + (self._slope * own).sum(axis=1)
        least = np.full(self._parts, np.inf)
        np.minimum.at(least, self._part, height)
        self._age[height <= least[self._part] + SLACK] = self._solves
        return np.asarray(self.unit * least.reshape(len(self.units), -1))

    def solve(
        self,
        price: FloatArray,
        gap: float,
        time_limit: float,
        *,
        cap: FloatArray | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> Proposal:
        """Maximise.

        Parameters
        ----------
        price : (N,)
            What one unit of each of the program's columns costs, in the objective's unit.
        gap : float
            Absolute gap at which to stop, in the objective's unit.
        time_limit : float
            Seconds.
        cap : (U, K), optional
            What no best amount exceeds at these prices.
        stop : callable, optional
            Asked while HiGHS runs; where it says True the bound so far comes back.
        """
        self._solves += 1
        program, columns, parts = self.program, self.columns, self._parts
        low, high = program.lower[columns], program.upper[columns].copy()
        rows, row_low, row_high = self._matrix, program.low[self._rows], program.high[self._rows]
        if cap is not None:
            high[self._position] = np.minimum(high[self._position], cap[self.units])
            extra = self._switched(high)
            rows = sp.vstack([rows, extra])
            row_low = np.append(row_low, np.full(extra.shape[0], -highs.INFINITY))
            row_high = np.append(row_high, np.zeros(extra.shape[0]))
        top = self._top(low, high)
        low, high = np.append(low, -1.0 - np.abs(top)), np.append(high, top)
        cost = np.concatenate([price[columns] / self.unit, -np.ones(parts)])
        integer = np.append(program.whole[columns], np.zeros(parts, dtype=np.bool_))
        solver = highs.model(
            sp.vstack([sp.hstack([rows, sp.csr_matrix((rows.shape[0], parts))]), self._planes()]),
            np.append(row_low, np.full(len(self._part), -highs.INFINITY)),
            np.append(row_high, self._constant),
            low,
            high,
            cost=cost,
            integer=integer if integer.any() else None,
            time_limit=max(time_limit, 0.01),
        )
        if integer.any():
            solver.setOptionValue("mip_rel_gap", 0.0)
            solver.setOptionValue("mip_abs_gap", max(gap / self.unit, TOLERANCE))
            if stop is not None:
                solver.cbMipInterrupt.subscribe(lambda event: event.interrupt() if stop() else None)
        solver.run()
        return self._read(solver, cost, low, high, whole=bool(integer.any()))

    def _planes(self) -> sp.csr_matrix:
        """Return the planes as rows ``e − slope · y ≤ constant``."""
        index = np.arange(len(self._part))
        at = self._position[self._part // (self._parts // len(self.units))]
        left = sp.csr_matrix(
            (-self._slope.ravel(), (np.repeat(index, at.shape[1]), at.ravel())), shape=(len(index), len(self.columns))
        )
        right = sp.csr_matrix((np.ones(len(index)), (index, self._part)), shape=(len(index), self._parts))
        return sp.csr_matrix(sp.hstack([left, right]))

    def _switched(self, high: FloatArray) -> sp.csr_matrix:
        """Return rows ``y − high · switch ≤ 0`` for rows of the plan with a switch of their own."""
        entries: list[tuple[int, int, float]] = []
        count = 0
        for n, u in enumerate(self.units):
            for at, on in zip(self._position[n], self.program.switches.get((int(u),), ()), strict=False):
                entries += [(count, at, 1.0), (count, int(np.searchsorted(self.columns, on)), -float(high[at]))]
                count += 1
        rows, columns, values = (np.array([one[i] for one in entries]) for i in range(3))
        return sp.csr_matrix((values, (rows.astype(int), columns.astype(int))), shape=(count, len(self.columns)))

    def _top(self, low: FloatArray, high: FloatArray) -> FloatArray:
        """Return the most that each part's planes allow over the box."""
        slope = self._slope
        at = self._position[self._part // (self._parts // len(self.units))]
        most = self._constant + np.maximum(slope * low[at], slope * high[at]).sum(axis=1)
        top = np.full(self._parts, np.inf)
        np.minimum.at(top, self._part, most)
        return top

    def _read(self, solver: Any, cost: FloatArray, low: FloatArray, high: FloatArray, *, whole: bool) -> Proposal:
        info, values = solver.getInfo(), np.array(solver.getSolution().col_value)
        found = info.primal_solution_status == highs.FEASIBLE_POINT and len(values) == len(cost)
        # Over the box alone: the bound that needs no solver.
        plain = -float(np.minimum(cost * low, cost * high).sum()) if np.isfinite([low, high]).all() else np.inf
        dual = -float(info.mip_dual_bound if whole else info.objective_function_value)
        # A linear programme that was stopped has the value of a point, which bounds nothing.
        solved = whole or solver.getModelStatus() == highs.OPTIMAL
        usable = np.isfinite(dual) and abs(dual) < highs.INFINITY and solved
        bound = dual + TOLERANCE * self._range if usable else plain
        if not found:
            return Proposal(self.unit * min(bound, plain), None, -np.inf)
        v = np.zeros(len(self.program.lower))
        v[self.columns] = values[: len(self.columns)]
        v[self.program.whole] = np.round(v[self.program.whole])
        return Proposal(self.unit * min(bound, plain), v, -self.unit * float(cost @ values))
