"""Patches of when money is spent: the same totals in another shape, and spend moved by weeks."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Self

import numpy as np
from pydantic import Discriminator, Field, Tag, model_validator

from mmm.arrays import FloatArray
from mmm.reporting.numbers import money
from mmm.reporting.text import join_names
from simulations.flighting import Flighting, Rhythm, flight, moved, spread
from simulations.future import Future, Setting
from simulations.patch_base import OnChannels

#: Which shapes take which part of a rhythm.
TURNS = (Flighting.PULSING, Flighting.BURST)
RATIOS = (Flighting.PULSING, Flighting.FRONT_LOADED, Flighting.BACK_LOADED)


Weights = Annotated[tuple[Annotated[float, Field(ge=0)], ...], Field(min_length=1)]


def _written_as(value: object) -> str:
    """Tell a shape's name from a list of weights."""
    return "weights" if isinstance(value, (list, tuple)) else "name"


class Reflight(OnChannels):
    """``{channels: all, flighting: front_loaded}``: the same totals, laid over the weeks in another shape."""

    flighting: Annotated[
        Annotated[Flighting, Tag("name")] | Annotated[Weights, Tag("weights")], Discriminator(_written_as)
    ] = Field(
        description="`even` (or `continuity`), `front_loaded`, `back_loaded`, `pulsing`, `burst`, `as_history`, or a "
        "list of weights, repeated: `[2, 1, 0]`."
    )
    on: Annotated[int, Field(ge=1, le=52)] | None = Field(None, description="Pulsing, burst: weeks on.")
    off: Annotated[int, Field(ge=1, le=52)] | None = Field(
        None, description="Pulsing: weeks at the low level. Burst: weeks dark."
    )
    ratio: Annotated[float, Field(gt=1, le=100)] | None = Field(
        None, description="Pulsing: high over low. Front- and back-loaded: the heaviest week over the lightest."
    )

    @model_validator(mode="after")
    def _fits_the_shape(self) -> Self:
        shape = self.flighting
        if isinstance(shape, tuple) and not sum(shape) > 0:
            raise ValueError("the weights are all 0")
        if (self.on is not None or self.off is not None) and shape not in TURNS:
            raise ValueError("on and off belong to pulsing and burst")
        if self.ratio is not None and shape not in RATIOS:
            raise ValueError("ratio belongs to pulsing, front_loaded and back_loaded")
        return self

    @property
    def _rhythm(self) -> Rhythm:
        return Rhythm(self.on, self.off, self.ratio)

    def apply(self, future: Future, setting: Setting) -> Future:
        mask, weeks = self._mask(setting, future), setting.weeks(self.weeks)
        spend, part = future.spend.copy(), future.spend[:, weeks]
        if isinstance(self.flighting, tuple):
            spend[np.ix_(mask, weeks)] = spread(part, np.resize(self.flighting, part.shape[1]))[mask]
            return replace(future, spend=spend)
        history = self._last_year(setting, future)[:, weeks] if self.flighting is Flighting.AS_HISTORY else None
        spend[np.ix_(mask, weeks)] = flight(part, self.flighting, history, self._rhythm)[mask]
        result = replace(future, spend=spend)
        if history is None:
            return result
        silent = np.array(setting.rows(future))[mask & (history.sum(axis=1) <= 0)].tolist()
        said = f"{join_names(silent)}: nothing was spent in these weeks a year earlier; timing kept."
        return result.noting(said if silent else None)

    @staticmethod
    def _last_year(setting: Setting, future: Future) -> FloatArray:
        """Return what the rows spent a year earlier; what is launched, nothing."""
        known = setting.last_year()
        return np.concatenate([known, np.zeros((len(future.spend) - len(known), known.shape[1]))])

    def says(self, currency: str) -> str:  # noqa: ARG002  (one signature for all patches)
        if isinstance(self.flighting, tuple):
            shape = f"in the proportions {', '.join(f'{weight:g}' for weight in self.flighting)}, repeated"
        else:
            shape = self._rhythm.says(self.flighting)
        return f"{self._who()}: the same total{self._when()}, {shape}"


class ShiftWeeks(OnChannels):
    """``{channel: tv, shift_weeks: 2}``: what is spent comes two weeks later; negative: earlier.

    With ``weeks``, the money of those weeks moves and is added to what is spent where it arrives. Without, the whole
    course moves, and what leaves the horizon at one end comes in at the other, so that totals stay.
    """

    shift_weeks: Annotated[int, Field(ge=-52, le=52)] = Field(description="Weeks later; negative: earlier.")

    def apply(self, future: Future, setting: Setting) -> Future:
        mask, weeks, by = self._mask(setting, future), setting.weeks(self.weeks), self.shift_weeks
        spend, count = future.spend.copy(), future.spend.shape[1]
        if self.weeks is None:
            spend[mask] = moved(spend[mask], by)
            round_the_end = spend[mask, :by] if by > 0 else spend[mask, by:] if by < 0 else spend[:0]
            return replace(future, spend=spend).noting(self._wrapped(float(round_the_end.sum()), setting))
        arrive = np.flatnonzero(weeks) + by
        if arrive[0] < 0 or arrive[-1] >= count:
            raise setting.refuse(
                "shift_weeks",
                f"{abs(by)} weeks {'later' if by > 0 else 'earlier'} is outside the horizon of {count} weeks",
                "Move by fewer weeks, or lengthen the horizon.",
            )
        leaving = np.where(np.outer(mask, weeks), spend, 0.0)
        return replace(future, spend=spend - leaving + moved(leaving, by))

    def _wrapped(self, amount: float, setting: Setting) -> str | None:
        if amount <= 0:
            return None
        ends = ("last", "first") if self.shift_weeks > 0 else ("first", "last")
        said = money(amount, setting.response.currency)
        return f"{self._who()}: {said} of the horizon's {ends[0]} weeks is spent in its {ends[1]} weeks; totals stay."

    def says(self, currency: str) -> str:  # noqa: ARG002  (one signature for all patches)
        by = abs(self.shift_weeks)
        much = f"{'1 week' if by == 1 else f'{by} weeks'} {'later' if self.shift_weeks >= 0 else 'earlier'}"
        return f"{self._who()}: what is spent{self._when()} comes {much}"
