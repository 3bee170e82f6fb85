"""Ranges of decision variables are shaved: what is cut off holds no plan that is better by more than the gap.

Known as probing or optimality-based bound tightening (Belotti et al. 2009). Envelopes are closer in smaller boxes, so
that one shaved range makes room to shave another.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mmm.arrays import FloatArray
from optimizer.problem import Progress
from optimizer.solvers.relaxation import Best, Relaxation
from optimizer.solvers.solution import Goal

#: Share of a range that is left between the best plan and the cut: at first, the least, and where no cut is tried.
FIRST, LEAST, MOST = 0.5, 0.2, 0.95
#: After a cut that held, and after one that did not (of what lies beyond it).
NEARER, FARTHER = 0.8, 0.5
#: A range is not cut further where it is less than this share of the whole one.
NARROW = 0.02
#: A side of a row rests after so many rounds without a cut that held.
PATIENCE = 2
#: Steps of a probe.
STEPS = 15


@dataclass(eq=False)
class Shaved:
    """The box that is left, (C, K) and (C, K), and the largest bound over what was cut off."""

    low: FloatArray
    high: FloatArray
    closed: float


class _Watch:
    """Ends a probe once it is known whether its bound closes."""

    def __init__(self, goal: Goal, best: float) -> None:
        self._goal, self._best, self._known = goal, best, goal.late()

    def progress(self, state: Progress) -> None:
        most, found = (self._goal.relative(figure, self._best) for figure in (state.upper_bound, state.value))
        self._known = self._known or most <= self._goal.gap or found > self._goal.gap

    def stop(self) -> bool:
        return self._known or self._goal.stopped()


class Shaver:
    """Cuts ranges off a box round by round.

    Parameters
    ----------
    low, high : (C, K)

    Attributes
    ----------
    shaved : Shaved
    """

    def __init__(self, low: FloatArray, high: FloatArray) -> None:
        self.shaved = Shaved(low.copy(), high.copy(), -np.inf)
        self._whole = np.maximum(high - low, 1e-300)
        self._keep = np.full((2, *low.shape), FIRST)
        self._lost = np.zeros((2, len(low)), dtype=np.int64)

    def round(self, relaxation: Relaxation, best: Best, goal: Goal) -> int:
        """Try to cut every range on both sides of the best plan; return the boxes that were bounded."""
        tried = 0
        for side in (0, 1):
            for row in range(len(self._whole)):
                if self._lost[side, row] >= PATIENCE:
                    continue
                held = False
                for week in range(self._whole.shape[1]):
                    if goal.late():
                        return tried
                    outcome = self._try(relaxation, best, goal, side, (row, week))
                    tried += outcome is not None
                    held = held or bool(outcome)
                self._lost[side, row] = 0 if held else self._lost[side, row] + 1
        return tried

    def _try(self, relaxation: Relaxation, best: Best, goal: Goal, side: int, cell: tuple[int, int]) -> bool | None:
        """Cut one range; return whether that held, None where it was not tried."""
        low, high, at = self.shaved.low, self.shaved.high, best.y[cell]
        end, keep = (high if side == 0 else low)[cell], self._keep[side][cell]
        if abs(end - at) <= NARROW * self._whole[cell] or keep > MOST:
            return None
        cut = at + keep * (end - at)
        beyond = (low.copy(), high.copy())
        beyond[side][cell] = cut
        watch = _Watch(goal, best.value)
        probe = replace(goal, gap=1e-5, max_steps=STEPS, progress=watch.progress, stop=watch.stop)
        solved = relaxation.solve(*beyond, best.y, probe)
        if solved is not None and goal.relative(solved[0], best.value) > goal.gap:
            self._keep[side][cell] = 1.0 - FARTHER * (1.0 - keep)
            return False
        if solved is not None:
            self.shaved.closed = max(self.shaved.closed, solved[0])
        (high if side == 0 else low)[cell] = cut
        self._keep[side][cell] = max(NEARER * keep, LEAST)
        return True
