r"""Sweeps: changes whose values are drawn over ranges, all at once.

The points are a scrambled Sobol' sequence (Sobol' 1967; scrambling after Owen 1998) in two matrices A and B of N
points, and for each input i the matrix A with B's column i: what :mod:`simulations.tornado` needs to say what each one
does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import Field, TypeAdapter, ValidationError, field_validator, model_validator

from mmm.arrays import FloatArray
from mmm.config import StrictModel
from mmm.exceptions import SpecError
from mmm.response.calendar import SpendCalendar
from mmm.response.draws import ResponseDraws
from simulations.future import Future
from simulations.patch_values import as_share
from simulations.patches import Patch, WrittenPatch
from simulations.templates import Template, label, open_key

if TYPE_CHECKING:
    from simulations.scenario import ScenarioSet

#: Runs that one sweep may take.
MOST = 20_000

_PATCH: TypeAdapter[Any] = TypeAdapter(WrittenPatch)


class SweepInput(StrictModel):
    """A change of which one value is a range: ``{channel: tv, change: {from: -30%, to: 30%}}``.

    Attributes
    ----------
    patch : dict
        The change as written.
    key : str
        The key whose value is a range.
    low, high : float
        Its ends.
    percent : bool
        Whether they were written in percent.
    """

    patch: dict[str, Any]
    key: str
    low: float
    high: float
    percent: bool

    @model_validator(mode="before")
    @classmethod
    def _written(cls, written: object) -> object:
        key = open_key(written, ("from", "to"))
        if key is None or not isinstance(written, dict):
            raise ValueError("an input is one change with a range: {channel: tv, change: {from: -30%, to: 30%}}")
        span = written[key]
        if set(span) != {"from", "to"}:
            raise ValueError(f"write {key}: {{from: ..., to: ...}}")
        ends = [as_share(span[end]) for end in ("from", "to")]
        if not all(isinstance(end, (int, float)) and not isinstance(end, bool) for end in ends):
            raise ValueError(f"the ends of the range of {key} are numbers or percentages")
        percent = [isinstance(span[end], str) for end in ("from", "to")]
        return {"patch": written, "key": key, "low": ends[0], "high": ends[1], "percent": all(percent)}

    @model_validator(mode="after")
    def _both_ends(self) -> SweepInput:
        if not self.low < self.high:
            raise ValueError(f"the range of {self.key} ends before it begins")
        for value in (self.low, self.high):
            try:
                self.at(value)
            except ValidationError as error:
                raise ValueError(str(error.errors()[0]["msg"]).removeprefix("Value error, ")) from error
        try:
            # A share of the way that no whole number of steps makes.
            self.at(self.low + (self.high - self.low) / np.pi)
        except ValidationError as error:
            raise ValueError(f"{self.key} takes whole numbers: give them as values of a grid") from error
        return self

    def written(self, value: float) -> object:
        """Return a value as a person would write it."""
        return f"{100.0 * value:.12g}%" if self.percent else value

    def at(self, value: float) -> Patch:
        """Return the change with that value."""
        patch: Patch = _PATCH.validate_python(Template(self.patch, self.key).at(self.written(value)))
        return patch

    def label(self, value: float) -> str:
        """Say a value: ``+20%``."""
        return label(self.key, self.written(value))


class Sweep(StrictModel):
    """Ranges of changes that are drawn together.

    Attributes
    ----------
    inputs : mapping
        Name → a change with a range; independent of one another and even over their ranges.
    points : int
        Base points N, a power of two; a sweep of D inputs takes N (D + 2) runs.
    """

    inputs: Annotated[dict[Annotated[str, Field(min_length=1, max_length=80)], SweepInput], Field(min_length=1)]
    points: Annotated[int, Field(ge=16, le=4096)] = 128

    @field_validator("points")
    @classmethod
    def _power_of_two(cls, points: int) -> int:
        if points & (points - 1):
            raise ValueError("the points of a Sobol' sequence are a power of two: 64, 128, 256")
        return points


@dataclass(frozen=True, eq=False)
class SweepPoints:
    """The runs of a sweep.

    Attributes
    ----------
    values : (N · (D + 2), D)
        A, then B, then A with the columns of B, one after another.
    futures : tuple of Future
        Those points, then each input at its low and its high end with the others left out, input by input.
    """

    values: FloatArray
    futures: tuple[Future, ...]


def sweep_points(scenarios: ScenarioSet, response: ResponseDraws, calendar: SpendCalendar, *, seed: int) -> SweepPoints:
    """Draw a set's sweep; nothing without one.

    Raises
    ------
    SpecError
        It takes too many runs, or a patch cannot be applied.
    """
    from scipy.stats import qmc  # noqa: PLC0415  (slow to load; only sweeps need it)

    sweep = scenarios.sweep
    if sweep is None:
        return SweepPoints(np.zeros((0, 0)), ())
    inputs, size, base = list(sweep.inputs.items()), len(sweep.inputs), sweep.points
    if base * (size + 2) > MOST:
        raise SpecError(
            f"the sweep takes {base * (size + 2):,} runs, points × (inputs + 2), and {MOST:,} are the most",
            where=scenarios.where("sweep"),
            do="Take fewer points, or fewer inputs.",
        )
    both = qmc.Sobol(2 * size, scramble=True, rng=np.random.default_rng([seed, 11])).random(base)
    low, high = np.array([[one.low, one.high] for _, one in inputs]).T
    a, b = low + (high - low) * both[:, :size], low + (high - low) * both[:, size:]
    crossed = np.repeat(a[None], size, axis=0)
    for i in range(size):
        crossed[i, :, i] = b[:, i]
    values = np.concatenate([a, b, crossed.reshape(-1, size)])

    def future(chosen: Iterable[tuple[int, float]]) -> Future:
        steps = [(("sweep", "inputs", inputs[i][0]), inputs[i][1].at(value)) for i, value in chosen]
        return scenarios.course(steps, response, calendar)

    futures = [future(enumerate(row)) for row in values.tolist()]
    futures += [future([(i, end)]) for i, (_, one) in enumerate(inputs) for end in (one.low, one.high)]
    return SweepPoints(values, tuple(futures))
