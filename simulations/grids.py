"""Grids: every combination of several changes, each with options, evaluated in one pass."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from mmm.arrays import FloatArray
from mmm.exceptions import SpecError
from mmm.response.calendar import SpendCalendar
from mmm.response.draws import ResponseDraws
from simulations.digest import Digest, digest
from simulations.future import Future
from simulations.results import ScenarioDraws, ScenarioResults
from simulations.templates import Template, label, open_key

if TYPE_CHECKING:
    from simulations.scenario import ScenarioSet

#: Combinations that one grid may have.
MOST = 2_000


def options(written: object) -> object:
    """Turn ``{channel: tv, change: {values: [-20%, 0, 20%]}}`` into named options; leave named ones as they are."""
    key = open_key(written, ("values",))
    if key is None or not isinstance(written, dict):
        return written
    values, extra = written[key]["values"], set(written[key]) - {"values"}
    if extra or not isinstance(values, list) or not values:
        raise ValueError(f"write {key}: {{values: [...]}}, with at least one value")
    template = Template(written, key)
    named: dict[str, Any] = {label(key, value): [template.at(value)] for value in values}
    if len(named) < len(values):
        raise ValueError(f"two of the values of {key} are the same")
    return named


@dataclass(frozen=True)
class Axis:
    """One change and its options, by name."""

    name: str
    options: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class GridPoint:
    """One combination: the option of each axis, and the future that it makes."""

    name: str
    says: str
    at: tuple[int, ...]
    future: Future


def grid_points(scenarios: ScenarioSet, response: ResponseDraws, calendar: SpendCalendar) -> list[GridPoint]:
    """Return every combination of a set's grid, the last axis fastest; none without a grid.

    Raises
    ------
    SpecError
        There are too many, or a patch cannot be applied.
    """
    grid = scenarios.grid
    if grid is None:
        return []
    count = prod(len(named) for named in grid.values())
    if count > MOST:
        raise SpecError(
            f"the grid has {count:,} combinations, and {MOST:,} are the most",
            where=scenarios.where("grid"),
            do="Leave out options, or sweep over ranges instead.",
        )
    points = []
    for chosen in product(*(enumerate(named) for named in grid.values())):
        steps = [
            (("grid", axis, option, index), patch)
            for axis, (_, option) in zip(grid, chosen, strict=True)
            for index, patch in enumerate(grid[axis][option])
        ]
        says = " ".join(f"{patch.says(response.currency)}." for _, patch in steps) or "Nothing changes."
        name = " · ".join(f"{axis} {option}" for axis, (_, option) in zip(grid, chosen, strict=True))
        future = scenarios.course(steps, response, calendar)
        points.append(GridPoint(name, says, tuple(index for index, _ in chosen), future))
    return points


@dataclass(frozen=True, eq=False)
class GridResults:
    """What every combination brings.

    Attributes
    ----------
    axes : tuple of Axis
    at : tuple of tuple of int
        The option of each axis, N combinations.
    points : tuple of Digest
        N.
    p_best : (N,)
        Probability that a combination leaves the most of all: profit where it is known, outcome otherwise. Equal
        combinations share it.
    notes : tuple of str
        What a reader should know about how combinations came to be, each said once.
    """

    axes: tuple[Axis, ...]
    at: tuple[tuple[int, ...], ...]
    points: tuple[Digest, ...]
    p_best: FloatArray
    notes: tuple[str, ...] = ()

    @property
    def ranked(self) -> tuple[int, ...]:
        """Positions of the combinations, the most profit (or outcome) first."""
        return tuple(
            sorted(range(len(self.points)), key=lambda n: -(self.points[n].profit_delta or self.points[n].delta).mean)
        )

    @staticmethod
    def of(
        results: ScenarioResults, scenarios: ScenarioSet, points: Sequence[GridPoint], drawn: Iterable[ScenarioDraws]
    ) -> GridResults | None:
        """Sum up each combination as it is run; None without a grid."""
        if scenarios.grid is None:
            return None
        digests: list[Digest] = []
        gains = np.empty((len(points), results.n_draws))
        for n, one in enumerate(drawn):
            digests.append(digest(results, one))
            gain = results.profit_delta(one)
            gains[n] = results.delta(one) if gain is None else gain
        axes = tuple(Axis(name, tuple(named)) for name, named in scenarios.grid.items())
        noted = dict.fromkeys(note for point in points for note in point.future.notes)
        at = tuple(point.at for point in points)
        return GridResults(axes, at, tuple(digests), _p_best(gains), tuple(noted))


def _p_best(gains: FloatArray) -> FloatArray:
    """Return the share of draws in which each of N is the best, (N,), of (N, S); ties are shared."""
    best = gains >= gains.max(axis=0) - 1e-9 * np.abs(gains).max(initial=0.0)
    return np.asarray((best / best.sum(axis=0)).mean(axis=1), dtype=np.float64)
