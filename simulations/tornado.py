r"""What a sweep found: each input by itself (the tornado), and its share of the result's variance over all of them.

With the matrices A, B and :math:`A_B^{(i)}` of :mod:`simulations.sweeps`, the first-order index
:math:`S_i = \mathrm{V}[\mathrm{E}(y \mid x_i)] / \mathrm{V}(y)` is estimated as in Saltelli et al. (2010), "Variance
based sensitivity analysis of model output", Computer Physics Communications 181, and the total index as in Jansen
(1999), "Analysis of variance designs for model output", Computer Physics Communications 117.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mmm.arrays import FloatArray
from mmm.response.probability import p_positive
from simulations.results import Estimate, ScenarioDraws, ScenarioResults
from simulations.sweeps import Sweep, SweepPoints

if TYPE_CHECKING:
    from simulations.scenario import ScenarioSet

#: Draws of a point that are kept to say how far the result may lie, model and inputs together.
KEPT = 100
#: Resamples behind an index's interval.
RESAMPLES = 200


@dataclass(frozen=True)
class Index:
    """A sensitivity index with its 90 % interval over the points of the sweep."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Swing:
    """One input by itself, the others left out: a bar of the tornado.

    Attributes
    ----------
    name : str
    at_low, at_high : str
        The ends of its range, as people read them.
    says_low, says_high : str
    low, high : Estimate
        The result there, over business as usual's.
    first, total : Index
        The share of the result's variance over the sweep that this input makes by itself, and with others.
    """

    name: str
    at_low: str
    at_high: str
    says_low: str
    says_high: str
    low: Estimate
    high: Estimate
    first: Index
    total: Index

    @property
    def width(self) -> float:
        """How far the mean moves between the ends."""
        return abs(self.high.mean - self.low.mean)


@dataclass(frozen=True, eq=False)
class SweepResults:
    """What a sweep found. The result is profit over business as usual's where that is known, else the outcome.

    Attributes
    ----------
    is_profit : bool
    swings : tuple of Swing
        The widest first.
    inputs : tuple of str
        D names, in the order of the columns of ``points``.
    points : (2N, D)
        The points of A and B, drawn evenly over the ranges.
    means, lows, highs : (2N,)
        The result at each of them: mean over draws, 5 % and 95 %.
    overall : Estimate
        The result over points and draws together.
    p_gain : float
        Probability of more than business as usual, over points and draws together.
    from_inputs : float
        Share of the overall variance that the inputs make; the rest is what the data leave open.
    runs : int
    notes : tuple of str
        What a reader should know about the inputs at both ends of their ranges, each said once.
    """

    is_profit: bool
    swings: tuple[Swing, ...]
    inputs: tuple[str, ...]
    points: FloatArray
    means: FloatArray
    lows: FloatArray
    highs: FloatArray
    overall: Estimate
    p_gain: float
    from_inputs: float
    runs: int
    notes: tuple[str, ...] = ()


def swept(
    results: ScenarioResults, scenarios: ScenarioSet, points: SweepPoints, drawn: Iterable[ScenarioDraws]
) -> SweepResults | None:
    """Sum up each run of a sweep as it is made; None without one."""
    sweep = scenarios.sweep
    if sweep is None:
        return None
    size, base, count = len(sweep.inputs), sweep.points, len(points.futures)
    keep = np.unique(np.linspace(0, results.n_draws - 1, min(KEPT, results.n_draws)).round().astype(np.int64))
    means, variances, gains = np.empty(count), np.empty(count), np.empty(count)
    spread, kept = np.empty((count, 2)), np.empty((count, len(keep)))
    for n, one in enumerate(drawn):
        gain = results.profit_delta(one)
        draws = results.delta(one) if gain is None else gain
        means[n], variances[n], gains[n] = draws.mean(), draws.var(), p_positive(draws)
        spread[n], kept[n] = np.quantile(draws, (0.05, 0.95)), draws[keep]
    even, ends = slice(0, 2 * base), base * (size + 2)
    between, within = float(means[even].var()), float(variances[even].mean())
    estimates = [Estimate(float(mean), *pair.tolist()) for mean, pair in zip(means[ends:], spread[ends:], strict=True)]
    return SweepResults(
        is_profit=results.margin is not None and results.value is not None,
        swings=_swings(sweep, results.currency, estimates, _indices(means[:ends], base, size)),
        inputs=tuple(sweep.inputs),
        points=points.values[even],
        means=means[even],
        lows=spread[even, 0],
        highs=spread[even, 1],
        overall=Estimate.of(kept[even].ravel()),
        p_gain=float(gains[even].mean()),
        from_inputs=between / (between + within) if between + within > 0 else 0.0,
        runs=count,
        notes=tuple(dict.fromkeys(note for future in points.futures[ends:] for note in future.notes)),
    )


def _swings(
    sweep: Sweep, currency: str, ends: list[Estimate], indices: tuple[list[Index], list[Index]]
) -> tuple[Swing, ...]:
    """Return the tornado's bars, the widest first; ``ends`` are low and high, input by input."""
    swings = []
    for i, (name, one) in enumerate(sweep.inputs.items()):
        at_low, at_high = (one.label(value) for value in (one.low, one.high))
        says_low, says_high = (f"{one.at(value).says(currency)}." for value in (one.low, one.high))
        low, high = ends[2 * i : 2 * i + 2]
        swings.append(Swing(name, at_low, at_high, says_low, says_high, low, high, indices[0][i], indices[1][i]))
    return tuple(sorted(swings, key=lambda swing: -swing.width))


def _indices(means: FloatArray, base: int, size: int) -> tuple[list[Index], list[Index]]:
    """Return first-order and total indices of D inputs with percentile intervals over resampled points."""
    centre = float(means[: 2 * base].mean())
    if means[: 2 * base].std() <= 1e-12 * max(abs(centre), 1e-300):
        nothing = [Index(0.0, 0.0, 0.0)] * size
        return nothing, nothing
    # The estimators lose digits where the mean is far from 0.
    points = (means - centre).reshape(size + 2, base)
    rng = np.random.default_rng(0)
    whole = sobol_indices(points[0], points[1], points[2:])
    resampled = (points[:, rng.integers(0, base, base)] for _ in range(RESAMPLES))
    again = [sobol_indices(some[0], some[1], some[2:]) for some in resampled]
    low, high = np.quantile(again, (0.05, 0.95), axis=0)
    first, total = ([Index(*(float(part[k, i]) for part in (whole, low, high))) for i in range(size)] for k in (0, 1))
    return first, total


def sobol_indices(a: FloatArray, b: FloatArray, crossed: FloatArray) -> FloatArray:
    r"""Return first-order and total indices, (2, D).

    Parameters
    ----------
    a, b : (N,)
        The result at the points of A and B.
    crossed : (D, N)
        The result at A with each column of B.

    Notes
    -----
    :math:`S_i = \overline{y_B (y_{A_B^{(i)}} - y_A)} / V` and
    :math:`T_i = \tfrac12 \overline{(y_A - y_{A_B^{(i)}})^2} / V`, with V the variance of A's and B's results together.
    """
    variance = np.concatenate([a, b]).var()
    first, total = (b * (crossed - a)).mean(axis=1), 0.5 * ((a - crossed) ** 2).mean(axis=1)
    return np.asarray(np.array([first, total]) / variance if variance > 0 else np.zeros((2, len(crossed))))
