r"""Prices on what couples channels, and the bound they give.

With prices λ on the coupling rows :math:`A v \le b` (λ ≥ 0; free on equalities) every plan is worth at most

.. math:: D(\lambda) = \lambda \cdot b + \sum_b \max_{v_b} \{ R_b(y_b) - (A^T \lambda)_b \cdot v_b \}

where each block keeps its own rows and whole numbers. Each maximum is bounded from above by its outer approximation,
so D is a bound whatever the prices; good prices make it a tight one. They come from the best plan's own duals, then
from the cutting-plane model of D in a box around the best prices so far.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.optimize import lsq_linear

from mmm.arrays import BoolArray, FloatArray
from optimizer.solvers import highs
from optimizer.solvers.outer import Outer, Proposal
from optimizer.solvers.program import Program
from optimizer.solvers.solution import Goal
from optimizer.solvers.tangents import Planes, Tangents

#: Shares of the box at which single weeks' slopes are known.
LEVELS = (0.0, 0.04, 0.08, 0.13, 0.19, 0.27, 0.38, 0.55, 0.75)
#: Weeks beyond which single weeks are not looked at.
MOST_WEEKS = 30
#: Blocks that are solved at the same time.
WORKERS = 2
#: Of the time left, what one sweep may take.
SHARE = 0.8
#: Seconds for one block.
BLOCK_LIMIT = 10.0
#: Rows with less slack than this are taken to bind.
BINDS = 1e-5


def remaining(goal: Goal, most: float) -> float:
    """Return the seconds that a solve may take: at most ``most``, next to none where the time is up."""
    return 0.01 if goal.late() else float(min(max(goal.deadline - time.perf_counter(), 0.01), most))


@dataclass(frozen=True, eq=False)
class Sweep:
    """All blocks solved at one vector of prices.

    Attributes
    ----------
    prices : (J,)
    bound : float
        D.
    v : (N,)
        The blocks' proposals together: they may break coupling rows.
    complete : bool
        Whether every block had a proposal.
    """

    prices: FloatArray
    bound: float
    v: FloatArray
    complete: bool


class PriceSearch:
    """Sweeps over the blocks of a program.

    Parameters
    ----------
    program : Program
    tangents : Tangents
    planes : list of Planes
        To begin with.
    unit : float
        Slopes that are scaled to one.
    """

    def __init__(self, program: Program, tangents: Tangents, planes: list[Planes], unit: float) -> None:
        self.program, self.tangents, self.unit = program, tangents, unit
        coupling = np.flatnonzero(program.own < 0)
        matrix = program.matrix[coupling]
        # Rows with helpers have no price: leaving them out keeps the bound a bound.
        helpers = np.asarray(abs(matrix[:, np.flatnonzero(program.block < 0)]).sum(axis=1)).ravel() > 0
        matrix, coupling = matrix[~helpers], coupling[~helpers]
        low, high = program.low[coupling], program.high[coupling]
        equal, upper, lower = low == high, np.isfinite(high), np.isfinite(low) & (low != high)
        self.matrix = sp.csr_matrix(sp.vstack([matrix[upper], -matrix[lower]]))
        self.right = np.concatenate([high[upper], -low[lower]])
        self.free: BoolArray = np.concatenate([equal[upper], np.zeros(int(lower.sum()), dtype=np.bool_)])
        self.blocks = program.blocks()
        self.outers = [
            Outer(program, columns, np.flatnonzero(program.own == b), tangents.groups, unit)
            for b, columns in enumerate(self.blocks)
        ]
        for one in planes:
            self.cut(one)
        self._slopes = self._single_weeks()
        #: Proposals so far: block, value, use of each coupling row.
        self._known: list[tuple[int, float, FloatArray]] = []
        self._centre: Sweep | None = None
        self._radius = 0.25

    def cut(self, planes: Planes) -> None:
        """Give planes to every block."""
        for outer in self.outers:
            outer.cut(planes)

    def _single_weeks(self) -> FloatArray | None:
        """Return the slope in each cell where it is the only one on, at each of :data:`LEVELS`, (levels, U, K).

        Responses of the adstock are submodular: other weeks' spend only lowers the slope, so that where it falls below
        the price no best plan goes further. That needs rows that allow less: none of the block's own but the pattern's.
        """
        program = self.program
        units, periods = program.shape
        if periods > MOST_WEEKS or periods < 2:
            return None
        upper = program.upper[program.amounts]
        found = np.empty((len(LEVELS), units, periods))
        for n, level in enumerate(LEVELS):
            for k in range(periods):
                alone = np.zeros((units, periods))
                alone[:, k] = level * upper[:, k]
                found[n, :, k] = self.tangents.slope(alone)[:, k]
        return found

    def _caps(self, price: FloatArray, floors: FloatArray, shrinkable: BoolArray) -> FloatArray | None:
        """Return what no best amount exceeds at prices of the columns, (U, K)."""
        if self._slopes is None:
            return None
        upper = self.program.upper[self.program.amounts]
        enough = self._slopes <= price[self.program.amounts]
        first = np.where(enough.any(axis=0), enough.argmax(axis=0), len(LEVELS))
        cap = np.append(np.asarray(LEVELS), 1.0)[first] * upper
        return np.where(shrinkable[:, None], np.minimum(np.maximum(cap, floors), upper), upper)

    def sweep(self, prices: FloatArray, gap: float, goal: Goal, floors: FloatArray, shrinkable: BoolArray) -> Sweep:
        """Solve every block at prices (J,).

        Parameters
        ----------
        gap : float
            Absolute, over all blocks together.
        floors : (U, K)
            The least that a cell has where it is on.
        shrinkable : (U,)
            Rows whose amounts may always be lowered to the floor.
        """
        price = np.asarray(self.matrix.T @ prices).ravel()
        price[self.program.amounts] += self.tangents.cost
        caps = self._caps(price, floors, shrinkable)
        bound, v, complete = float(prices @ self.right), np.zeros(len(price)), True
        # Every block gets its share of the time: one without is as good as no bound at all.
        share = SHARE * remaining(goal, np.inf) * WORKERS / len(self.outers)
        limit, part = min(share, BLOCK_LIMIT), gap / len(self.outers)

        def solve(outer: Outer) -> Proposal:
            return outer.solve(price, part, min(limit, remaining(goal, BLOCK_LIMIT)), cap=caps, stop=goal.late)

        # HiGHS runs outside Python's lock: blocks can share two cores.
        with ThreadPoolExecutor(WORKERS) as pool:
            proposals = list(pool.map(solve, self.outers))
        for found in proposals:
            bound += found.bound
            complete = complete and found.v is not None
            if found.v is not None:
                v += found.v
        result = Sweep(prices, bound, v, complete)
        if complete:
            self._learn(v)
        if self._centre is None or bound < self._centre.bound:
            self._centre = result
        else:
            self._radius *= 0.5
        return result

    def _learn(self, v: FloatArray) -> None:
        """Take a proposal's true values: planes where the model was too high, and a column of the model of D."""
        planes = self.tangents.at(v[self.program.amounts])
        for outer in self.outers:
            outer.cut(planes, outer.model(planes.y))
        self.know(v, planes)

    def know(self, v: FloatArray, planes: Planes) -> None:
        """Remember a point of every block for the model of D."""
        worth = planes.values.sum(axis=1) - (self.tangents.cost * planes.y).sum(axis=1)
        for b, columns in enumerate(self.blocks):
            use = np.asarray(self.matrix[:, columns] @ v[columns]).ravel()
            self._known.append((b, float(worth[self.outers[b].units].sum()), use))

    def from_plan(self, y: FloatArray, gradient: FloatArray, floors: FloatArray) -> FloatArray:
        """Return the prices, (J,), that explain a plan's slopes best: duals of the coupling rows that bind."""
        program = self.program
        upper = program.upper[program.amounts]
        inside = ((y > floors * (1 + 1e-6)) & (y > 1e-6 * upper) & (y < upper * (1 - 1e-6))).ravel()
        v = np.zeros(len(program.lower))
        v[program.amounts] = y
        columns = program.amounts.ravel()[inside]
        slack = self.right - np.asarray(self.matrix @ v).ravel()
        active = np.flatnonzero((slack <= BINDS) | self.free)
        own = self._own_active(v)
        prices = np.zeros(len(self.right))
        if not len(active) or not len(columns):
            return prices
        rows = sp.vstack([self.matrix[active], own])[:, columns].T.toarray()
        low = np.where(np.append(self.free[active], np.zeros(own.shape[0], dtype=np.bool_)), -np.inf, 0.0)
        found = lsq_linear(rows, gradient.ravel()[inside] / self.unit, bounds=(low, np.inf), tol=1e-10)
        prices[active] = self.unit * found.x[: len(active)]
        return prices

    def _own_active(self, v: FloatArray) -> sp.csr_matrix:
        """Return the blocks' own rows on amounts alone that bind, as rows ``≤``."""
        program = self.program
        made = np.asarray(program.matrix @ v).ravel()
        amounts = np.zeros(len(program.lower), dtype=np.bool_)
        amounts[program.amounts.ravel()] = True
        plain = np.asarray(abs(program.matrix[:, np.flatnonzero(~amounts)]).sum(axis=1)).ravel() == 0
        own = plain & (program.own >= 0)
        top = np.flatnonzero(own & (program.high - made <= BINDS))
        bottom = np.flatnonzero(own & (made - program.low <= BINDS))
        return sp.csr_matrix(sp.vstack([program.matrix[top], -program.matrix[bottom]]))

    def next_prices(self) -> FloatArray | None:
        """Return where the cutting-plane model of D is least, in a box around the best prices; None without a model."""
        if self._centre is None or not self._known:
            return None
        count, blocks = len(self.right), len(self.blocks)
        block, worth = np.array([one[0] for one in self._known]), np.array([one[1] for one in self._known])
        use = np.array([one[2] for one in self._known])
        pick = sp.csr_matrix((np.ones(len(block)), (np.arange(len(block)), block)), shape=(len(block), blocks))
        matrix = sp.hstack([sp.csr_matrix(use), pick])
        centre = self._centre.prices / self.unit
        reach = self._radius * np.maximum(np.abs(centre), 0.2 * max(float(np.abs(centre).max(initial=0.0)), 1e-3))
        low = np.where(self.free, centre - reach, np.maximum(centre - reach, 0.0))
        endless = np.full(blocks, highs.INFINITY)
        solver = highs.model(
            matrix,
            worth / self.unit,
            np.full(len(worth), highs.INFINITY),
            np.concatenate([low, -endless]),
            np.concatenate([centre + reach, endless]),
            cost=np.concatenate([self.right, np.ones(blocks)]),
        )
        solver.run()
        values = np.array(solver.getSolution().col_value)
        if len(values) != count + blocks or not np.isfinite(values).all():
            return None
        prices = self.unit * values[:count]
        return np.asarray(np.where(self.free, prices, np.maximum(prices, 0.0)))
