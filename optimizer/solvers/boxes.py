"""The feasible set within a box of decision variables: quadratic steps, and bounds on linear functions."""

from __future__ import annotations

import numpy as np

from mmm.arrays import FloatArray, IntArray
from optimizer.solvers import highs
from optimizer.solvers.bounds import HELPER_BOX
from optimizer.solvers.conic import ConicSet

#: A box is called empty where a row is missed by more than this, relative to the row's scale.
MISSED = 1e-5


class BoxedSet(ConicSet):
    """A polyhedral set whose box moves; rows stay.

    Parameters
    ----------
    feasible : ConicSet
        Left as it is.

    Attributes
    ----------
    lower : (C, K)
        Box below.
    """

    def __init__(self, feasible: ConicSet) -> None:
        # A new set with the same canonical rows: made by copying, as cvxpy has done its part.
        self.__dict__.update(feasible.__dict__)
        self._right = feasible._right.copy()  # noqa: SLF001  (its own base)
        self._quadratic = self._projector = self._linear = None
        self.lower: FloatArray = np.zeros_like(feasible.upper)

    def move(self, lower: FloatArray, upper: FloatArray) -> None:
        """Move the box."""
        self.lower, self.upper = lower, upper
        size = upper.size
        self._right[-2 * size : -size], self._right[-size:] = upper.ravel(), -lower.ravel()
        for solver in (self._quadratic, self._projector):
            if solver is not None:
                solver.update(b=self._right)

    @property
    def empty(self) -> bool:
        """Whether some single row proves that no plan lies in the box."""
        if not self.plain:
            return False
        columns = self.matrix[:, self.columns.ravel()]
        over, under = columns.maximum(0), columns.minimum(0)
        low, high = self.lower.ravel(), self.upper.ravel()
        least, most = over @ low + under @ high, over @ high + under @ low
        missed = float((least - self.rhs).max(initial=0.0))
        short = float((self.rhs - most)[: self.zero].max(initial=0.0))
        return max(missed, short) > MISSED


class BoxSupport:
    """Upper bounds on linear functions over a boxed set: HiGHS gives the duals, which are clipped."""

    def __init__(self, boxed: BoxedSet) -> None:
        self.boxed = boxed
        self.method = "HiGHS LP over the feasible set within boxes, rebuilt from clipped duals"
        self._index: IntArray = np.arange(boxed.size, dtype=np.int32)
        below = np.full(len(boxed.rhs), -highs.INFINITY)
        below[: boxed.zero] = boxed.rhs[: boxed.zero]
        self._model = highs.model(boxed.matrix, below, boxed.rhs, *self._bounds())

    def _bounds(self) -> tuple[FloatArray, FloatArray]:
        boxed = self.boxed
        lower, upper = np.full(boxed.size, -highs.INFINITY), np.full(boxed.size, highs.INFINITY)
        columns = boxed.columns.ravel()
        lower[columns], upper[columns] = boxed.lower.ravel(), boxed.upper.ravel()
        return lower, upper

    def move(self) -> None:
        """Take over the set's present box."""
        self._model.changeColsBounds(self.boxed.size, self._index, *self._bounds())

    def most(self, gradient: FloatArray) -> float:
        """Return an upper bound of ``max gradient · n``."""
        boxed = self.boxed
        scale = float(np.abs(gradient).max(initial=0.0)) or 1.0
        cost = np.zeros(boxed.size)
        cost[boxed.columns.ravel()] = gradient.ravel() / scale
        self._model.changeColsCost(boxed.size, self._index, -cost)
        self._model.run()
        solution = self._model.getSolution()
        duals = -np.array(solution.row_dual)
        if len(duals) != len(boxed.rhs) or not np.isfinite(duals).all():
            duals = np.zeros(len(boxed.rhs))
        duals[boxed.zero :] = np.maximum(duals[boxed.zero :], 0.0)
        lower, upper = self._bounds()
        if not boxed.plain:
            reach = HELPER_BOX * (1.0 + np.abs(np.array(solution.col_value)))
            lower, upper = np.maximum(lower, -reach), np.minimum(upper, reach)
            lower[boxed.columns.ravel()], upper[boxed.columns.ravel()] = boxed.lower.ravel(), boxed.upper.ravel()
        reduced = cost - boxed.matrix.T @ duals
        return scale * float(boxed.rhs @ duals + np.maximum(reduced * lower, reduced * upper).sum())
