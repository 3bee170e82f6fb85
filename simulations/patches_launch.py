"""The patch of a channel that the fit does not have."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import numpy as np
from pydantic import Field

from mmm.reporting.numbers import money
from simulations.future import Future, Launch, Setting
from simulations.patch_base import InWeeks
from simulations.patch_values import Name, Positive, percent_of


class LaunchChannel(InWeeks):
    """``{launch: podcast, like: radio, spend: 20_000, ramp_weeks: 4}``: a channel that the fit does not have.

    Its response is another channel's, draw by draw, widened: nobody has seen what it does. Changes written after it may
    name it like any other channel.
    """

    launch: Name = Field(description="Its name.")
    like: Name = Field(description="The paid channel of the fit whose response is borrowed.")
    spend: Positive = Field(description="Money a week, once the ramp is over.")
    ramp_weeks: Annotated[int, Field(ge=0, le=104)] = Field(
        0, description="Weeks in which spend rises evenly to that sum; the last of them has it."
    )
    size: Annotated[float, Field(gt=0, le=100)] = Field(
        1.0, description="Its audience over the other channel's: at 0.5, half the spend brings half as much."
    )
    uncertainty: Annotated[float, Field(ge=0, le=3)] = Field(
        0.5, description="How much its return may differ from the other's, as a standard deviation: 0.5 is about 50 %."
    )

    def apply(self, future: Future, setting: Setting) -> Future:
        fitted = setting.calendar.channels
        if self.launch in (*setting.rows(future), *setting.response.organic.names):
            do = f"Change it: {{channel: {self.launch}, change: +50%}}; or give the new one another name."
            raise setting.refuse("launch", f"'{self.launch}' is there already", do)
        if self.like not in fitted:
            says = f"'{self.like}' is not a paid channel of the fit, and has no response to borrow"
            raise setting.refuse("like", says, f"Known: {', '.join(fitted)}.")
        weeks = setting.weeks(self.weeks)
        week = np.cumsum(weeks)
        level = np.minimum(week / self.ramp_weeks, 1.0) if self.ramp_weeks else np.ones(len(weeks))
        row = np.where(weeks, self.spend * level, 0.0)
        terms = Launch(self.launch, self.like, self.size, self.uncertainty)
        return replace(
            future,
            spend=np.vstack([future.spend, row]),
            cost=np.vstack([future.cost, np.ones(len(row))]),
            launched=(*future.launched, terms),
        ).noting(self._doubt(), self._beyond(setting))

    def _beyond(self, setting: Setting) -> str | None:
        """Say where the borrowed curve itself has not been seen."""
        currency, c = setting.response.currency, setting.calendar.channels.index(self.like)
        most = float(setting.response.observed_max()[c]) * self.size
        if self.spend <= most * (1 + 1e-9):
            return None
        return (
            f"{self.launch}: {money(self.spend, currency)} a week is more than the {money(most, currency)} up to which "
            f"{self.like} has been seen, at that size of audience."
        )

    def _doubt(self) -> str:
        size = "" if self.size == 1 else f" for an audience {self.size:g} times its size"
        wide = f", and widened by {percent_of(self.uncertainty)}" if self.uncertainty else ", and not widened"
        return (
            f"No data of {self.launch} stand behind its figures: its response is borrowed from {self.like}{size}{wide}."
        )

    def says(self, currency: str) -> str:
        ramp = f" after {self.ramp_weeks} weeks' rise" if self.ramp_weeks > 1 else ""
        return (
            f"{self.launch} is launched{self._when()} with {money(self.spend, currency)} a week{ramp}, taken to work "
            f"like {self.like}"
        )
