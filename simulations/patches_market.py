"""Patches of what the world does: costs of media, demand, competitors, a moved season, supply that runs out."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from simulations.future import Future, Setting
from simulations.patch_base import InWeeks, OnChannels, WrittenBase
from simulations.patch_controls import ControlMove
from simulations.patch_values import Change, CostChange, Name, Part, Positive, percent_of, signed
from simulations.shocks import base_shock, cost_shock, demand_shock


class ChangeCost(OnChannels):
    """``{channel: social, cost_per_exposure: +15%}``: the same money buys fewer or more exposures."""

    cost_per_exposure: CostChange = Field(description="A share of today's cost: `+15%` is dearer.")

    def apply(self, future: Future, setting: Setting) -> Future:
        mask, weeks = self._mask(setting, future), setting.weeks(self.weeks)
        cost = cost_shock(future.cost, mask, weeks, self.cost_per_exposure)
        return replace(future, cost=cost).noting(self._doubt())

    def _doubt(self) -> str | None:
        """Ask whether a rise above 100 % is not a factor written as a change."""
        if self.cost_per_exposure <= 1.0:
            return None
        times = 1.0 + self.cost_per_exposure
        return (
            f"{self._who()}: a change of {self.cost_per_exposure:+.0%} is {times:.4g} times today's cost of an "
            f"exposure; for {self.cost_per_exposure:.4g} times write {self.cost_per_exposure - 1.0:+.0%}."
        )

    def says(self, currency: str) -> str:  # noqa: ARG002  (one signature for all patches)
        return f"{self._who()}: an exposure costs {self._price()}{self._when()}, the spend stays as it is"

    def _price(self) -> str:
        return f"{abs(self.cost_per_exposure) * 100:.4g}% {'more' if self.cost_per_exposure >= 0 else 'less'}"


class DemandShock(InWeeks):
    """``{demand: -10%}``: the market asks for less, so base sales and what media add both fall."""

    demand: Change = Field(description="A share of what is sold: `-10%`.")

    def apply(self, future: Future, setting: Setting) -> Future:
        return replace(future, demand=demand_shock(future.demand, setting.weeks(self.weeks), self.demand))

    def says(self, currency: str) -> str:  # noqa: ARG002  (one signature for all patches)
        return f"Demand {signed(self.demand)}{self._when()}: base sales and media effects alike"


class Competitor(InWeeks):
    """``{competitor: Acme, loss: 5%, weeks: [4, 7]}``: a competitor's burst takes base sales.

    How much is stated by ``loss``, or follows from one of the model's controls that follows the competitor.
    """

    competitor: Name = Field(description="The competitor's name.")
    loss: Part | None = Field(None, description="Share of base sales that it takes in these weeks: `5%`.")
    control: Name | None = Field(None, description="Instead: the model's control that follows the competitor.")
    change: Change | None = Field(None, description="Of the control, as in `{control: …}`; or `add`, or `value`.")
    add: float | None = Field(None, description="Added to the control.")
    value: float | None = Field(None, description="What the control is.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.loss is None) == (self.control is None):
            raise ValueError("give either loss: 5%, or a control of the model that follows the competitor")
        if self.loss is not None and (self.change, self.add, self.value) != (None, None, None):
            raise ValueError("change, add and value are of a control; loss needs none of them")
        if self.control is not None:
            self._move()
        return self

    def _move(self) -> ControlMove:
        return ControlMove.of(str(self.control), self.change, self.add, self.value)

    def apply(self, future: Future, setting: Setting) -> Future:
        weeks = setting.weeks(self.weeks)
        if self.loss is not None:
            return replace(future, base=base_shock(future.base, weeks, -self.loss)).noting(
                "What the competitor takes is stated, not learned from the data; media effects are left as they are."
            )
        without = "state what it takes: {competitor: Acme, loss: 5%}"
        return self._move().apply(future, setting, weeks, without)

    def says(self, currency: str) -> str:  # noqa: ARG002  (one signature for all patches)
        if self.loss is not None:
            return f"{self.competitor} takes {percent_of(self.loss)} of base sales{self._when()}"
        return f"{self.competitor} is active{self._when()}: {self._move().says()}"


class SeasonShift(WrittenBase):
    """``{season_shift: 2}``: the season comes two weeks later; negative: earlier."""

    season_shift: Annotated[int, Field(ge=-26, le=26)] = Field(description="Weeks later; negative: earlier.")

    def apply(self, future: Future, setting: Setting) -> Future:
        if not setting.response.baseline.basis.fourier_order and setting.response.demand is None:
            raise setting.refuse(
                "season_shift",
                "the model has no yearly season that could move",
                "Fit with seasonality, or state what changes: {demand: +5%, weeks: [3, 6]}.",
            )
        return replace(future, season=future.season + self.season_shift).noting(
            "Only the yearly season moves: trend, holidays, controls and organic media stay on their dates. What the "
            "season moves beyond the horizon's ends is neither gained nor lost here."
        )

    def says(self, currency: str) -> str:  # noqa: ARG002  (one signature for all patches)
        by = abs(self.season_shift)
        much = "1 week" if by == 1 else f"{by} weeks"
        return f"The season comes {much} {'later' if self.season_shift >= 0 else 'earlier'}"


class SupplyCap(InWeeks):
    """``{supply_cap: 1_200_000, backlog: 50%}``: no week sells more; a part of what is not sold waits for the next."""

    whole_market = True

    supply_cap: Positive = Field(description="The most that a week can sell, in the outcome's unit.")
    backlog: Part | None = Field(
        None, description="Share of what could not be sold that waits for the next week; the rest is lost (default)."
    )

    def apply(self, future: Future, setting: Setting) -> Future:
        cap = np.where(setting.weeks(self.weeks), np.minimum(future.supply_cap, self.supply_cap), future.supply_cap)
        backlog = future.backlog if self.backlog is None else self.backlog
        return replace(future, supply_cap=cap, backlog=backlog).noting(
            "Differences lay the cap on each draw's expected sales: weeks that chance alone lifts above it do not "
            "count as lost. Fitted returns of media come from weeks without this cap."
        )

    def says(self, currency: str) -> str:  # noqa: ARG002  (one signature for all patches)
        waits = f", and {percent_of(self.backlog)} of the rest waits for the next week" if self.backlog else ""
        return f"At most {self.supply_cap:,.0f} can be sold a week{self._when()}{waits}"
