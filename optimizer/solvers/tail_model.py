r"""The model of a step under a risk measure: every draw moves with its rows, more or less than the weighted mean does.

At a plan y with draw weights p the weighted sum of the draws has slope g (C, K) and bend H (C, K, K). Draw s is
modelled as

.. math:: u_s + \sum_c a_{sc} r_c , \qquad r_c \le g_c \cdot d_c + \tfrac12 d_c^T H_c d_c , \quad d = n - y , \qquad
   \sum_s p_s a_{sc} = 1 ,

where :math:`a_{sc}` says how much more or less than the weighted mean the draw gains from row c; were draws to differ
in the sizes of effects alone, this would be the curves to second order. The measure of these draws is maximised over
the set by one conic programme with a variable for each draw; its multipliers are the draws' next weights. Whatever the
model leaves out, the weights stay in the measure's set, so the tangent that they give is a bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import clarabel
import numpy as np
import scipy.sparse as sp

from mmm.arrays import FloatArray, IntArray
from optimizer.risk_base import Part
from optimizer.solvers.conic import ConicSet, settings
from optimizer.solvers.cuts import Cut

#: Draws up to this multiple of the tail are modelled one by one (a step can move any draw into it); those below this
#: share of it are in the tail for sure.
BEYOND, SURELY = 10.0, 0.0
#: At least this many draws beyond the tail are modelled.
LEAST_BEYOND = 20
#: Damping of the curves' bend, in shares of the steepest slope: clipped Hessians vanish where every draw is convex.
SLIGHT = 1e-6
#: Added to the scaled curvature's diagonal of ones, far above rounding.
EVEN = 1e-10


def _root(matrix: FloatArray) -> FloatArray:
    """Return L with L Lᵀ = matrix; where its band left it a little indefinite, of the nearest matrix that is not."""
    try:
        return np.asarray(np.linalg.cholesky(matrix))
    except np.linalg.LinAlgError:
        values, vectors = np.linalg.eigh(matrix)
        return np.asarray(vectors * np.sqrt(np.maximum(values, EVEN)))


def _roots(bend: FloatArray) -> FloatArray:
    """Return L with L Lᵀ = bend for each of (C, K, K) bends."""
    # Curves that are steep at nothing bend by many orders of magnitude more there than elsewhere: scaled first, so that
    # rounding in the largest entries is small beside the smallest.
    size = np.sqrt(np.maximum(np.diagonal(bend, axis1=1, axis2=2), SLIGHT))
    even = bend / (size[:, :, None] * size[:, None, :]) + EVEN * np.eye(bend.shape[1])
    return np.asarray(size[:, :, None] * np.array([_root(one) for one in even]))


@dataclass(frozen=True, eq=False)
class Centre:
    """Where the model stands.

    Attributes
    ----------
    y : (C, K)
    uplift : (S,)
    gradient, hessian : (C, K), (C, K, K)
        Of the weighted sum of draws, spend's cost left out.
    extra : (C, K, K)
        What bends the figure besides: damping, and requirements times their prices.
    cost : (C, K)
        What a unit of y takes from every draw.
    shares : (C, S)
        How much of row c's weighted gain each draw has.
    least : (C, K)
        The model's plan does not go below: curves can be infinitely steep at nothing, and no model holds there.
    """

    y: FloatArray
    uplift: FloatArray
    gradient: FloatArray
    hessian: FloatArray
    extra: FloatArray
    cost: FloatArray
    shares: FloatArray
    least: FloatArray


@dataclass(frozen=True, eq=False)
class Need:
    """The tangent of a requirement: ``slack + gradient · (n − y) ≥ 0``, relative."""

    slack: float
    gradient: FloatArray


@dataclass(frozen=True, eq=False)
class ModelStep:
    """The model's best plan.

    Attributes
    ----------
    y : (C, K)
    weights : (S,)
        Of the draws, in the measure's set.
    prices : (I,)
        Of the requirements, value per relative unit.
    short : float
        The largest requirement that the model could not meet, relative.
    usable : bool
    says : str
    """

    y: FloatArray
    weights: FloatArray
    prices: FloatArray
    short: float
    usable: bool
    says: str


@dataclass(frozen=True, eq=False)
class _Tail:
    """A part's draws: those that are in the tail for sure, and those near its border."""

    part: Part
    surely: IntArray
    near: IntArray

    @property
    def weight(self) -> float:
        """Weight of the tail's mean; none where the tail is all draws."""
        return self.part.weight if len(self.near) else 0.0


def _tail(part: Part, uplift: FloatArray) -> _Tail:
    if part.weight == 0 or part.level == 1:
        return _Tail(part, part.draws[:0], part.draws[:0])
    order = part.draws[np.argsort(uplift[part.draws], kind="stable")]
    count = part.level * len(order)
    last = int(np.ceil(max(BEYOND * count, count + LEAST_BEYOND)))
    first = int(SURELY * count)
    return _Tail(part, order[:first], order[first:last])


def model_step(
    feasible: ConicSet,
    centre: Centre,
    parts: Sequence[Part],
    cuts: Sequence[Cut],
    needs: Sequence[Need],
    penalty: float,
) -> ModelStep:
    """Maximise the model over the set.

    Parameters
    ----------
    cuts : sequence of Cut
        True tangents from other plans, which the model also respects.
    penalty : float
        Value that a relative unit of a requirement's shortfall costs.
    """
    return _Model(feasible, centre, parts, cuts, needs, penalty).solve()


class _Model:
    """Columns: the set's own, then r (C), t, η (one a part), z (one a near draw), shortfalls (one a requirement)."""

    def __init__(
        self,
        feasible: ConicSet,
        centre: Centre,
        parts: Sequence[Part],
        cuts: Sequence[Cut],
        needs: Sequence[Need],
        penalty: float,
    ) -> None:
        self.feasible, self.centre, self.cuts, self.needs = feasible, centre, cuts, needs
        self.scale = float(np.abs(centre.gradient).max(initial=0.0)) or 1.0
        self.penalty = penalty / self.scale
        self.tails = [_tail(part, centre.uplift) for part in parts]
        #: Whether draws move differently in the model.
        self.by_draw = len(parts) > 1 or bool(self.tails[0].weight)
        self.offset = min(part.value(centre.uplift) for part in parts)
        self.level = (centre.uplift - self.offset) / self.scale
        rows = len(centre.y)
        self.r0 = feasible.size
        self.t0 = self.r0 + rows
        self.eta0 = self.t0 + 1
        self.z0 = self.eta0 + len(parts)
        self.s0 = self.z0 + sum(len(tail.near) for tail in self.tails)
        self.size = self.s0 + len(needs)

    def solve(self) -> ModelStep:
        # The curves' own bend first: it sets the band that the set keeps.
        self.lower = self._factor() if self.by_draw else None
        # Where draws count alike, their bend is that of the objective itself.
        bend = self.centre.extra if self.by_draw else self.centre.extra + self.centre.hessian
        kept = self.feasible.curvature(bend, self.scale)
        p = sp.block_diag([self.feasible.bend, sp.csc_matrix((self.size - self.r0,) * 2)], format="csc")
        q = np.zeros(self.size)
        turned = np.einsum("ckl,cl->ck", kept, self.centre.y) / self.scale
        q[self.feasible.columns.ravel()] = (turned + self.centre.cost / self.scale).ravel()
        q[self.t0] = -1.0
        q[self.s0 :] = self.penalty
        matrix, right, kinds = self._rows()
        raw = clarabel.DefaultSolver(p, q, matrix, right, kinds, settings()).solve()
        return self._read(raw)

    def _rows(self) -> tuple[sp.csc_matrix, FloatArray, list[object]]:
        feasible, cells = self.feasible, self.feasible.columns.size
        own = sp.hstack([feasible.matrix, sp.csr_matrix((len(feasible.rhs), self.size - self.r0))])
        box = sp.csr_matrix((np.ones(cells), (np.arange(cells), feasible.columns.ravel())), shape=(cells, self.size))
        gains, gain_right, gain_kinds = self._gains() if self.lower is None else self._curved_gains(self.lower)
        free = [self._tail_rows(), self._part_rows(), self._cut_rows(), self._need_rows()]
        positive = sp.csr_matrix(
            (-np.ones(self.size - self.z0), (np.arange(self.size - self.z0), np.arange(self.z0, self.size))),
            shape=(self.size - self.z0, self.size),
        )
        matrix = sp.csc_matrix(sp.vstack([own, box, -box, gains, positive, *(rows for rows, _ in free)]))
        right = np.concatenate(
            [
                feasible.rhs,
                feasible.upper.ravel(),
                -self.centre.least.ravel(),
                gain_right,
                np.zeros(self.size - self.z0),
                *(limits for _, limits in free),
            ]
        )
        self.counts = [len(limits) for _, limits in free]
        kinds: list[object] = [*feasible.cones, clarabel.NonnegativeConeT(2 * cells)]
        kinds += [*gain_kinds, clarabel.NonnegativeConeT(self.size - self.z0 + sum(self.counts))]
        return matrix, right, kinds

    def _slopes(self) -> tuple[sp.csr_matrix, FloatArray]:
        """Row c: gradient · n − r, and gradient · y."""
        gradient, y = self.centre.gradient / self.scale, self.centre.y
        rows, periods = y.shape
        index = np.repeat(np.arange(rows), periods)
        slopes = sp.csr_matrix((gradient.ravel(), (index, self.feasible.columns.ravel())), shape=(rows, self.size))
        minus = sp.csr_matrix((np.ones(rows), (np.arange(rows), self.r0 + np.arange(rows))), shape=(rows, self.size))
        return sp.csr_matrix(slopes - minus), (gradient * y).sum(axis=1)

    def _gains(self) -> tuple[sp.csr_matrix, FloatArray, list[object]]:
        """Row c: r = gradient · (n − y)."""
        rows, right = self._slopes()
        return rows, right, [clarabel.ZeroConeT(len(right))]

    def _factor(self) -> FloatArray:
        """Return L, (C, K, K), with −H = L Lᵀ."""
        kept = self.feasible.curvature(self.centre.hessian, self.scale) / self.scale
        return _roots(SLIGHT * np.eye(kept.shape[1]) - kept)

    def _curved_gains(self, lower: FloatArray) -> tuple[sp.csr_matrix, FloatArray, list[object]]:
        """Row c: ‖Lᵀ(n − y)‖² ≤ 2 τ with τ = gradient · (n − y) − r and −H = L Lᵀ, as a second-order cone.

        The cone holds (τ + ½, τ − ½, Lᵀ(n − y)).
        """
        y = self.centre.y
        channels, periods = y.shape
        slopes, at = self._slopes()
        c, i, j = np.nonzero(lower)
        size = periods + 2
        # Lᵀ has L[i, j] in row j, column i.
        where, columns = c * size + 2 + j, self.feasible.columns[c, i]
        turned = sp.csr_matrix((-lower[c, i, j], (where, columns)), shape=(channels * size, self.size))
        pick = np.arange(channels) * size
        twice = sp.csr_matrix(
            (np.ones(2 * channels), (np.concatenate([pick, pick + 1]), np.tile(np.arange(channels), 2))),
            shape=(channels * size, channels),
        )
        right = np.zeros((channels, size))
        right[:, 0], right[:, 1] = 0.5 - at, -0.5 - at
        right[:, 2:] = -np.einsum("cij,ci->cj", lower, y)
        return sp.csr_matrix(turned - twice @ slopes), right.ravel(), [clarabel.SecondOrderConeT(size)] * channels

    def _blank(self, count: int) -> FloatArray:
        """Return rows over the columns after the set's own."""
        return np.zeros((count, self.size - self.r0))

    def _wide(self, rows: FloatArray) -> sp.csr_matrix:
        return sp.csr_matrix(sp.hstack([sp.csr_matrix((len(rows), self.r0)), sp.csr_matrix(rows)]))

    def _tail_rows(self) -> tuple[sp.csr_matrix, FloatArray]:
        """Each near draw: η − a · r − z ≤ u."""
        near = np.concatenate([tail.near for tail in self.tails]) if self.tails else np.zeros(0, dtype=np.int64)
        count, rows = len(near), len(self.centre.y)
        owner = np.repeat(np.arange(len(self.tails)), [len(tail.near) for tail in self.tails])
        index = np.arange(count)
        eta = sp.csr_matrix((np.ones(count), (index, self.eta0 - self.r0 + owner)), shape=(count, self.size - self.r0))
        z = sp.csr_matrix((np.ones(count), (index, self.z0 - self.r0 + index)), shape=(count, self.size - self.r0))
        shares = sp.csr_matrix(self.centre.shares[:, near].T)
        wide = sp.hstack([shares, sp.csr_matrix((count, self.size - self.r0 - rows))])
        tail = sp.csr_matrix(eta - z - wide)
        return sp.csr_matrix(sp.hstack([sp.csr_matrix((count, self.r0)), tail])), self.level[near]

    def _part_rows(self) -> tuple[sp.csr_matrix, FloatArray]:
        """Each part: t ≤ its mix of mean and tail."""
        rows, right = self._blank(len(self.tails)), np.zeros(len(self.tails))
        at, width = self.z0 - self.r0, len(self.centre.y)
        for j, tail in enumerate(self.tails):
            mean, cap = 1.0 - tail.weight, tail.weight * tail.part.cap
            rows[j, self.t0 - self.r0] = 1.0
            rows[j, :width] = -mean * self.centre.shares[:, tail.part.draws].mean(axis=1)
            right[j] = mean * float(self.level[tail.part.draws].mean())
            # In the tail for sure: η − z is the draw itself.
            rows[j, :width] -= cap * self.centre.shares[:, tail.surely].sum(axis=1)
            right[j] += cap * float(self.level[tail.surely].sum())
            rows[j, self.eta0 - self.r0 + j] = -(tail.weight - cap * len(tail.surely))
            rows[j, at : at + len(tail.near)] = cap
            at += len(tail.near)
        return self._wide(rows), right

    def _cut_rows(self) -> tuple[sp.csr_matrix, FloatArray]:
        """Each tangent from elsewhere: t ≤ its value; the cost of spend is not part of t."""
        count = len(self.cuts)
        matrix, right = np.zeros((count, self.size)), np.zeros(count)
        cost = self.centre.cost
        for k, cut in enumerate(self.cuts):
            matrix[k, self.feasible.columns.ravel()] = -((cut.gradient + cost) / self.scale).ravel()
            matrix[k, self.t0] = 1.0
            right[k] = (cut.constant - self.offset - float((cost * self.centre.y).sum())) / self.scale
        return sp.csr_matrix(matrix), right

    def _need_rows(self) -> tuple[sp.csr_matrix, FloatArray]:
        """Each requirement: −gradient · n − shortfall ≤ slack − gradient · y."""
        count = len(self.needs)
        matrix, right = np.zeros((count, self.size)), np.zeros(count)
        for i, need in enumerate(self.needs):
            matrix[i, self.feasible.columns.ravel()] = -need.gradient.ravel()
            matrix[i, self.s0 + i] = -1.0
            right[i] = need.slack - float((need.gradient * self.centre.y).sum())
        return sp.csr_matrix(matrix), right

    def _read(self, raw: object) -> ModelStep:
        status = str(raw.status)  # type: ignore[attr-defined]
        x, z = np.array(raw.x), np.array(raw.z)  # type: ignore[attr-defined]
        usable = status in ("Solved", "AlmostSolved", "InsufficientProgress", "MaxIterations")
        usable = usable and bool(np.isfinite(x).all() and np.isfinite(z).all())
        if not usable:
            x, z = np.zeros_like(x), np.zeros_like(z)
        duals = np.split(z[-sum(self.counts) :], np.cumsum(self.counts)[:-1])
        y = np.clip(x[self.feasible.columns], 0.0, self.feasible.upper)
        weights = self._weights(np.maximum(duals[0], 0.0), np.maximum(duals[1], 0.0), np.maximum(duals[2], 0.0))
        prices = np.maximum(duals[3], 0.0) * self.scale
        short = float(x[self.s0 :].max(initial=0.0))
        return ModelStep(y, weights, prices, short, usable, f"Clarabel: {status}")

    def _weights(self, near: FloatArray, parts: FloatArray, cuts: FloatArray) -> FloatArray:
        """Mix the parts' and cuts' weights by their multipliers, each put back into the measure's set."""
        total = float(parts.sum() + cuts.sum())
        found = np.zeros(len(self.centre.uplift))
        at = 0
        for tail, share in zip(self.tails, parts, strict=True):
            mine = near[at : at + len(tail.near)]
            at += len(tail.near)
            if share > 0 or total == 0:
                found += (share / total if total else 1.0 / len(self.tails)) * self._restored(tail, mine, float(share))
        for cut, share in zip(self.cuts, cuts, strict=True):
            if share > 0 and cut.weights is not None:
                found += share / total * cut.weights
        return np.asarray(found / found.sum())

    def _restored(self, tail: _Tail, duals: FloatArray, share: float) -> FloatArray:
        """Return a part's weights, (S,), from the multipliers of its near draws."""
        found, cap = np.zeros(len(self.centre.uplift)), tail.part.cap
        found[tail.part.draws] = (1.0 - tail.weight) / len(tail.part.draws)
        if tail.weight:
            raw = np.clip(duals / (share * tail.weight), 0.0, cap) if share > 0 else np.zeros(len(duals))
            found[tail.surely] += tail.weight * cap
            found[tail.near] += tail.weight * _summing_to(raw, 1.0 - cap * len(tail.surely), cap)
        return found


def _summing_to(raw: FloatArray, total: float, cap: float) -> FloatArray:
    """Shift numbers between 0 and cap so that they sum to ``total`` and stay there."""
    low, high = -cap, cap
    for _ in range(60):
        middle = 0.5 * (low + high)
        if np.clip(raw + middle, 0.0, cap).sum() > total:
            high = middle
        else:
            low = middle
    return np.clip(raw + 0.5 * (low + high), 0.0, cap)
