"""What is different in the planned weeks: what media cost, and what an outcome is worth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

import numpy as np
from pydantic import AfterValidator, BeforeValidator, Field

from mmm.arrays import FloatArray, WeekArray
from mmm.config import StrictModel
from mmm.exceptions import SpecError
from mmm.reporting.numbers import money
from mmm.response.draws import ResponseDraws
from mmm.response.prices import PriceCurve
from mmm.response.units import EVERYWHERE, Units

#: Factors on the cost of an exposure outside this range are taken for changes, or for percentages.
FACTORS = (0.3, 5.0)
#: Days in a year, for inflation by the week.
YEAR = 365.25
AS_WRITTEN = "write a factor such as 1.15, or {factor: 1.05, inflation: 0.06}"


def _factor(value: float) -> float:
    if not FACTORS[0] <= value <= FACTORS[1]:
        raise ValueError(f"a factor from {FACTORS[0]:g} to {FACTORS[1]:g}: write 1.15 for 15 % dearer")
    return value


def _as_factor(value: object) -> object:
    """Read a bare number as the factor."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return {"factor": value}
    if not isinstance(value, dict | CostKey):
        raise ValueError(AS_WRITTEN)  # noqa: TRY004  (pydantic turns it into an error with a place)
    return value


class CostKey(StrictModel):
    """What an exposure will cost, against today's cost."""

    factor: Annotated[float, AfterValidator(_factor)] = Field(
        1.0, description="A change once and for all: 1.15 for 15 % dearer than today; 0.3 to 5."
    )
    inflation: Annotated[float, Field(ge=-0.5, le=2)] = Field(
        0.0, description="A year, on top: 0.06 for 6 %, counted from the last week of data to each planned week."
    )

    def path(self, weeks: WeekArray, today: np.datetime64) -> FloatArray:
        """Return the cost over today's in each week, (T,)."""
        years = (weeks - today).astype("timedelta64[D]").astype(np.float64) / YEAR
        return np.asarray(self.factor * (1.0 + self.inflation) ** years)


class PriceCurveKey(StrictModel):
    """A price that rises with volume."""

    start: Annotated[float, Field(gt=0)] = Field(
        alias="from", description="Money a week from which each further unit is dearer."
    )
    elasticity: Annotated[float, Field(ge=0, le=5)] = Field(
        description="A further unit at volume v costs (v/v0) to this power: 0.2 makes it 15 % dearer at twice the "
        "volume that `from` buys."
    )


class FutureKey(StrictModel):
    """What is different in the planned weeks."""

    cost_per_exposure: Mapping[
        str, Annotated[CostKey, BeforeValidator(_as_factor, json_schema_input_type=float | CostKey)]
    ] = Field(default_factory=dict, description="By channel: a factor on today's cost of an exposure, and inflation.")
    price_curve: Mapping[str, PriceCurveKey] = Field(
        default_factory=dict, description="By channel: media that get dearer at volume."
    )
    value_per_outcome: Annotated[float, Field(gt=0)] | None = Field(
        None, description="Money per unit of the outcome, where the outcome is not money."
    )
    controls: Literal["last_year"] = Field(
        "last_year", description="What controls do in the planned weeks: as in the same weeks of last year."
    )

    def check(self, channels: tuple[str, ...]) -> None:
        """Refuse channels that the fit does not have.

        Raises
        ------
        SpecError
        """
        for key, given in (("cost_per_exposure", self.cost_per_exposure), ("price_curve", self.price_curve)):
            for name in given:
                if name not in channels:
                    raise SpecError(
                        f"the channel '{name}' is not in the fit",
                        where=f"future.{key}.{name}",
                        do=f"Known: {', '.join(channels)}.",
                    )

    def costs(self, response: ResponseDraws, weeks: WeekArray) -> FloatArray | None:
        """Return the planned cost of an exposure over today's, (C, T); None where nothing is said."""
        if not self.cost_per_exposure:
            return None
        still = CostKey()
        given = (self.cost_per_exposure.get(name, still) for name in response.channels)
        return np.array([cost.path(weeks, response.weeks[-1]) for cost in given])

    def curve(self, response: ResponseDraws, units: Units) -> PriceCurve | None:
        """Return the price curve of a plan's rows; None where no price rises with volume."""
        if not self.price_curve:
            return None
        given = [self.price_curve.get(name) for name in response.channels]
        start = np.array([np.inf if one is None else one.start for one in given])
        curve = PriceCurve(start, np.array([0.0 if one is None else one.elasticity for one in given]))
        local = response.geo_shares()[units.channel, np.maximum(units.geo, 0)]
        return curve.split(units.channel, np.where(units.geo == EVERYWHERE, 1.0, local))

    def notes(self, response: ResponseDraws, weeks: WeekArray, *, by_geo: bool) -> Iterable[str]:
        """Say what media will cost."""
        for name, cost in self.cost_per_exposure.items():
            if not cost.inflation:
                yield f"A unit of {name} costs {cost.factor - 1:+.0%} against today."
                continue
            first, last = cost.path(weeks, response.weeks[-1])[[0, -1]] - 1
            yield (
                f"A unit of {name} costs {first:+.1%} against today in the first planned week and {last:+.1%} in the "
                f"last: {cost.inflation:+.1%} a year from the week of {response.weeks[-1]} on."
            )
        for name, curve in self.price_curve.items():
            yield (
                f"Beyond {money(curve.start, response.currency)} a week each further unit of {name} is dearer: "
                f"{2**curve.elasticity - 1:+.0%} at twice the volume."
                + (" In each geo the price rises at the geo's share of that sum." if by_geo else "")
            )
